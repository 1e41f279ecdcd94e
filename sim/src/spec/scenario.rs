//! What happens in a lab: attackers, events, expectations.

use super::{Item, Position, ProgramSpec, RuleSpec};
use crate::time::Duration;
use crate::wire::Ip;
use crate::wire::tls::TlsVersion;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The resolved happenings of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaySpec {
    /// Simulated length of the run.
    pub duration: Duration,
    /// Attackers.
    pub attackers: Vec<AttackerSpec>,
    /// Happenings without malice.
    pub events: Vec<EventSpec>,
}

/// An attacker: where it stands, what it knows beforehand, what it tries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackerSpec {
    /// Name.
    pub name: String,
    /// Position.
    pub at: PlaceSpec,
    /// Inside knowledge, declared and shown in the report.
    pub knows: Vec<KnowledgeSpec>,
    /// What counts as success: identifier of a goal, judged by ground truth.
    pub goal: String,
    /// Parameters of the goal, such as the pump whose alarm is to be silenced.
    #[serde(default)]
    pub goal_with: BTreeMap<String, ParamValue>,
    /// Scripted steps in order.
    pub steps: Vec<StepSpec>,
    /// Programs that it has made to run on other hosts.
    #[serde(default)]
    pub programs: Vec<ProgramSpec>,
}

/// Where an attacker stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PlaceSpec {
    /// Own computer on a cable in a zone.
    Zone(String),
    /// Own radio at a position on the floor.
    Radio(Position),
    /// Holds a host of the lab.
    Host(String),
    /// Own computer on the internet.
    Internet,
    /// Stands next to this pump, with nothing but its hands and what it brought along.
    Bedside(String),
}

/// A piece of inside knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KnowledgeSpec {
    /// Passphrase of a wireless network.
    Passphrase {
        /// Network.
        ssid: String,
        /// Passphrase.
        passphrase: String,
    },
    /// An account.
    Account {
        /// User.
        user: String,
        /// Password.
        password: String,
    },
    /// The token of a maker's engineer, in hand: it answers challenges of a broker.
    Token {
        /// User whose token it is.
        user: String,
    },
    /// A drug library that the hospital has issued.
    Library {
        /// Its version.
        version: u32,
    },
    /// Address of a host.
    Address {
        /// Host.
        host: String,
        /// Address.
        ip: Ip,
    },
}

/// One scripted step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// Earliest time since the run began; a step also waits for the one before it to end.
    pub after: Duration,
    /// Identifier of the technique.
    pub technique: String,
    /// Its parameters.
    pub with: BTreeMap<String, ParamValue>,
}

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ParamValue {
    /// Yes or no.
    Bool(bool),
    /// Whole number.
    Integer(i64),
    /// Number.
    Float(f64),
    /// Text, also durations and factors.
    Text(String),
    /// Nested parameters.
    Table(BTreeMap<String, ParamValue>),
}

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSpec {
    /// When.
    pub at: Duration,
    /// What.
    pub what: HappeningSpec,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum HappeningSpec {
    /// A node loses power, or its service is stopped.
    PowerOff {
        /// Host, access point, router or segment.
        node: String,
    },
    /// It comes back.
    PowerOn {
        /// Host, access point, router or segment.
        node: String,
    },
    /// A wireless host is moved in a straight line.
    Move {
        /// Host.
        host: String,
        /// Where to, in metres.
        to: Position,
        /// How long it takes.
        over: Duration,
    },
    /// A nurse programmes a pump by hand and starts it if the pump lets her.
    Programme {
        /// Pump.
        pump: String,
        /// Care area.
        care_area: String,
        /// Drug.
        drug: String,
        /// Rate in mL/h, as dialled in.
        rate_ml_per_h: f64,
        /// Rate that she means, in mL/h, where it is not the one dialled in: a slip.
        #[serde(default)]
        intended_ml_per_h: Option<f64>,
        /// Volume to be infused in mL.
        vtbi_ml: f64,
        /// Whether it is an intermittent dose: the volume is all there is to give. Otherwise it goes on until somebody ends it.
        #[serde(default)]
        dose: bool,
        /// Whether she overrides a soft limit alert.
        override_soft: bool,
    },
    /// The health record sends an order for a pump; a nurse confirms it at the pump.
    Order {
        /// Pump.
        pump: String,
        /// Care area.
        care_area: String,
        /// Drug.
        drug: String,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
        /// Volume to be infused in mL.
        vtbi_ml: f64,
        /// Whether it is an intermittent dose: the volume is all there is to give. Otherwise it goes on until somebody ends it.
        #[serde(default)]
        dose: bool,
    },
    /// Staff rebuild a host from a clean image; what the backup server has of its files comes back afterwards.
    Restore {
        /// Host.
        host: String,
        /// How long rebuilding takes.
        takes: Duration,
    },
    /// A maker's support engineer looks after its pump server.
    VendorVisit {
        /// The engineer's computer.
        host: String,
    },
    /// The house approves visits of a maker at the broker for a time.
    ApproveVendor {
        /// Broker.
        broker: String,
        /// The maker's user.
        user: String,
        /// How long the approval is in force.
        lasts: Duration,
    },
    /// The house ends every session that the broker carries.
    KillSessions {
        /// Broker.
        broker: String,
    },
    /// A biomedical engineer connects a service computer to a pump by cable for some time.
    ServiceVisit {
        /// Service computer.
        laptop: String,
        /// Pump.
        pump: String,
        /// How long the cable is plugged in.
        lasts: Duration,
    },
    /// The certificate authority revokes the certificate of a host.
    RevokeCertificate {
        /// Host.
        host: String,
    },
    /// Biomedical engineering gives a host a new certificate for the one that it has.
    RenewCertificate {
        /// Host.
        host: String,
    },
    /// A host's clock comes to differ from the calendar.
    ClockSkew {
        /// Host.
        host: String,
        /// By how much, in seconds; below 0 is slow.
        seconds: i64,
    },
    /// The pharmacy releases a library on a pump server.
    PublishLibrary {
        /// Server.
        server: String,
        /// Version among the lab's libraries.
        version: u32,
    },
    /// Staff of the house set the lowest version of TLS that a pump server takes.
    SetTlsMinimum {
        /// Server.
        server: String,
        /// Lowest version.
        version: TlsVersion,
    },
    /// Staff set for how long the authentication server keeps sessions that stations resume; those that it keeps are thrown away.
    SetSessionCache {
        /// Authentication server.
        server: String,
        /// For how long; none keeps none.
        lifetime: Option<Duration>,
    },
    /// Staff change a firewall: a rule comes among those that it has.
    AddRule {
        /// Router.
        router: String,
        /// The rule, an item of its own.
        rule: Item<RuleSpec>,
        /// Whether it stands before all others, rather than after them.
        first: bool,
    },
    /// A line is kinked: nothing flows, and the pump notices when the pressure has risen.
    Occlude {
        /// Pump.
        pump: String,
    },
    /// Mains fail: pumps go on by battery, everything else is off.
    PowerCut {
        /// Hosts, access points, routers and segments.
        nodes: Vec<String>,
    },
    /// Mains come back.
    PowerReturn {
        /// Hosts, access points, routers and segments.
        nodes: Vec<String>,
    },
    /// A nurse takes a pump out of service and programmes another for its patient.
    ReplacePump {
        /// Pump.
        pump: String,
        /// The other.
        by: String,
    },
    /// A nurse hands over to another and goes.
    ShiftChange {
        /// Who goes.
        nurse: String,
        /// Who takes over.
        to: String,
        /// How long it takes; calls wait meanwhile.
        pause: Duration,
    },
    /// A nurse has more to do than she can: slips become more frequent.
    Strain {
        /// Nurse.
        nurse: String,
        /// How many times more frequent.
        slips_times: f64,
    },
}

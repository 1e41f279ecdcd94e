//! Scenario events: what happens in a lab without malice. A variant of [`HappeningSpec`] is all that is said about an event: its parameters with
//! their ranges, units, defaults and kinds of name, what it means, and the sentence of it in a report. What a file may say, the schema and the
//! pages of the documentation come from here; what the event does is with those to whom it happens.

use super::{Item, ItemId, ParamValue, PortRange, Position, Protocol, RuleSpec, Verdict};
use crate::catalog::{Parameter, ParameterKind, Vocabulary};
use crate::parameters::{ParameterType, Parameters, Problem, Says, Tagged};
use crate::time::Duration;
use crate::wire::Cidr;
use crate::wire::tls::TlsVersion;
use serde::{Deserialize, Serialize};

/// What happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Tagged, Says)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum HappeningSpec {
    /// A node loses power, or its service is stopped.
    #[says("{node} is switched off")]
    PowerOff {
        /// Host, access point, router or segment.
        #[param(name = Node)]
        node: String,
    },
    /// It comes back.
    #[says("{node} is switched on")]
    PowerOn {
        /// Host, access point, router or segment.
        #[param(name = Node)]
        node: String,
    },
    /// A wireless host is moved in a straight line.
    #[says("{host} is moved to {}, {} over {over}", to.x, to.y)]
    Move {
        /// Who is moved.
        #[param(name = Host)]
        host: String,
        /// Where to.
        to: Position,
        /// How long it takes.
        #[param(kind = Interval)]
        over: Duration,
    },
    /// A nurse programmes a pump by hand and starts it if the pump accepts it.
    #[says("a nurse programmes {pump}: {drug} in {care_area} at {rate_ml_per_h} mL/h")]
    Programme {
        /// Pump.
        #[param(name = Pump)]
        pump: String,
        /// Care area selected at the pump.
        #[param(name = CareArea)]
        care_area: String,
        /// Drug selected at the pump.
        #[param(name = Drug)]
        drug: String,
        /// Rate as dialled in: a slip is a wrong rate here.
        #[param(range = 0.01..=10_000, unit = "mL/h")]
        rate_ml_per_h: f64,
        /// Rate that was meant, where it is another: what ran is judged against it.
        #[serde(default)]
        #[param(range = 0.01..=10_000, unit = "mL/h")]
        intended_ml_per_h: Option<f64>,
        /// Volume to be infused.
        #[param(range = 0.01..=100_000, unit = "mL")]
        vtbi_ml: f64,
        /// Whether it is an intermittent dose, of which the volume is all there is to give; otherwise it goes on until somebody ends it.
        #[serde(default)]
        #[param(default = false)]
        dose: bool,
        /// Whether the nurse overrides a soft limit alert.
        #[param(default = false)]
        override_soft: bool,
    },
    /// The health record sends an order for a pump; a nurse confirms it at the pump.
    #[says("an order for {pump}: {drug} in {care_area} at {rate_ml_per_h} mL/h")]
    Order {
        /// Pump.
        #[param(name = Pump)]
        pump: String,
        /// Care area of the order.
        #[param(name = CareArea)]
        care_area: String,
        /// Drug ordered.
        #[param(name = Drug)]
        drug: String,
        /// Rate.
        #[param(range = 0.01..=10_000, unit = "mL/h")]
        rate_ml_per_h: f64,
        /// Volume to be infused.
        #[param(range = 0.01..=100_000, unit = "mL")]
        vtbi_ml: f64,
        /// Whether it is an intermittent dose, of which the volume is all there is to give; otherwise it goes on until somebody ends it.
        #[serde(default)]
        #[param(default = false)]
        dose: bool,
    },
    /// Staff rebuild a host whose files are encrypted or gone; what a backup server has of its files comes back afterwards.
    #[says("staff rebuild {host} within {takes}")]
    Restore {
        /// Host.
        #[param(name = Host)]
        host: String,
        /// How long rebuilding takes.
        #[param(kind = Interval)]
        takes: Duration,
    },
    /// A manufacturer's support engineer looks after its pump server.
    #[says("the support engineer at {host} visits its server")]
    VendorVisit {
        /// The engineer's computer.
        #[param(name = Server)]
        host: String,
    },
    /// The hospital approves visits of a manufacturer at the broker for a time.
    #[says("visits of {user} at {broker} are approved for {lasts}")]
    ApproveVendor {
        /// Broker.
        #[param(name = Server)]
        broker: String,
        /// The manufacturer's user there.
        user: String,
        /// How long the approval is in force.
        #[param(kind = Interval)]
        lasts: Duration,
    },
    /// The hospital ends every session that the broker carries.
    #[says("every session at {broker} is ended")]
    KillSessions {
        /// Broker.
        #[param(name = Server)]
        broker: String,
    },
    /// A biomedical engineer connects a service computer to a pump by cable for some time.
    #[says("{laptop} is connected to {pump} by cable for {lasts}")]
    ServiceVisit {
        /// Service computer.
        #[param(name = Host)]
        laptop: String,
        /// Pump.
        #[param(name = Pump)]
        pump: String,
        /// How long the cable is plugged in.
        #[param(kind = Interval)]
        lasts: Duration,
    },
    /// The certificate authority revokes the certificate of a host, if it has one.
    #[says("the authority revokes the certificate of {host}")]
    RevokeCertificate {
        /// Whose certificate it is.
        #[param(name = Host)]
        host: String,
    },
    /// Biomedical engineering gives a host a new certificate, valid for two years, if it has one.
    #[says("{host} gets a new certificate")]
    RenewCertificate {
        /// Whose certificate it is.
        #[param(name = Host)]
        host: String,
    },
    /// A host's clock comes to differ from the calendar: it judges certificates by it.
    #[says("the clock of {host} is {} days {}", Days::of(seconds.abs()).0, if *seconds < 0 { "slow" } else { "fast" })]
    ClockSkew {
        /// Host.
        #[param(name = Host)]
        host: String,
        /// By how much; below 0 is slow.
        #[param(key = "days", via = Days, range = -100_000..=100_000, unit = "days")]
        seconds: i64,
    },
    /// Staff change a firewall: a rule comes among those that it has. Flows that are open stay as they are.
    #[says("staff add a rule to {router}, {} all others: {}", if *first { "before" } else { "after" }, StaffRule::from(rule))]
    AddRule {
        /// Firewall, also one that a control puts there, such as `fw-meddev`.
        #[param(name = Node)]
        router: String,
        /// The rule, an item of its own.
        #[param(flatten = StaffRule)]
        rule: Item<RuleSpec>,
        /// Whether the rule stands before all others, and so decides before them, rather than after them.
        #[param(default = true)]
        first: bool,
    },
    /// The pharmacy releases a library on a pump server: at its workstation if the lab has one, by the procedure of the server's portal.
    #[says("the pharmacy releases drug library {version} on {server}")]
    PublishLibrary {
        /// Pump server.
        #[param(name = PumpServer)]
        server: String,
        /// Version among the lab's libraries.
        #[param(range = 1..=1_000_000)]
        version: u32,
    },
    /// A line is kinked: nothing flows, and the pump notices when the pressure has risen.
    #[says("the line of {pump} is kinked")]
    Occlude {
        /// Pump.
        #[param(name = Pump)]
        pump: String,
    },
    /// Mains fail: pumps go on by battery, everything else that is named is off.
    #[says("mains fail at {}", nodes.join(", "))]
    PowerCut {
        /// Hosts, access points, routers and segments.
        #[param(name = Node)]
        nodes: Vec<String>,
    },
    /// Mains come back.
    #[says("mains return at {}", nodes.join(", "))]
    PowerReturn {
        /// Hosts, access points, routers and segments.
        #[param(name = Node)]
        nodes: Vec<String>,
    },
    /// A nurse takes a pump out of service and programmes another for its patient.
    #[says("{pump} leaves service and {by} does its work")]
    ReplacePump {
        /// Pump.
        #[param(name = Pump)]
        pump: String,
        /// The other.
        #[param(name = Pump)]
        by: String,
    },
    /// Staff set for how long the authentication server keeps sessions, which stations resume without their certificates being looked at. Those
    /// that it keeps are thrown away.
    #[says("staff set {server} to {}", kept(lifetime.as_ref()))]
    SetSessionCache {
        /// Authentication server.
        #[param(name = AuthenticationServer)]
        server: String,
        /// For how long, counted from the full authentication; none are kept where it is not given.
        #[param(kind = Interval)]
        lifetime: Option<Duration>,
    },
    /// Staff set the lowest version of TLS that a pump server takes.
    #[says("staff set {server} to take no TLS below {}", version.word())]
    SetTlsMinimum {
        /// Pump server.
        #[param(name = PumpServer)]
        server: String,
        /// Lowest version.
        version: TlsVersion,
    },
    /// A nurse hands over to another and goes.
    #[says("{nurse} hands over to {to} within {pause}")]
    ShiftChange {
        /// Who goes.
        #[param(name = Nurse)]
        nurse: String,
        /// Who takes over.
        #[param(name = Nurse)]
        to: String,
        /// How long it takes; calls wait meanwhile.
        #[param(kind = Interval)]
        pause: Duration,
    },
    /// A nurse has more to do than they can: slips become more frequent.
    #[says("{nurse} has too much to do: slips {slips_times} times as often")]
    Strain {
        /// Nurse.
        #[param(name = Nurse)]
        nurse: String,
        /// How many times more frequent.
        #[param(range = 1..=1000)]
        slips_times: f64,
    },
}

impl HappeningSpec {
    /// The names of parts of the lab that it gives, in the order of its parameters.
    #[must_use]
    pub fn names(&self) -> Vec<(Vocabulary, String)> {
        use Vocabulary::{AuthenticationServer, Host, Node, Nurse, Pump, PumpServer, Server};
        let given = self.write();
        let of_lab = |p: &&Parameter| match p.kind {
            ParameterKind::Name(
                v @ (Host | Node | Nurse | Pump | PumpServer | Server | AuthenticationServer),
            ) => Some((v, p.name)),
            _ => None,
        };
        let rows = Self::table(self.id()).map_or(&[][..], |t| t.parameters);
        let named = rows.iter().filter_map(|p| of_lab(&p));
        named
            .filter_map(|(v, key)| match given.get(key) {
                Some(ParamValue::Text(name)) => Some((v, name.clone())),
                _ => None,
            })
            .collect()
    }
}

/// How long sessions are kept, in words.
fn kept(lifetime: Option<&Duration>) -> String {
    match lifetime {
        Some(lifetime) => format!("keep sessions for {lifetime}, and begin anew"),
        None => "keep no sessions".to_owned(),
    }
}

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// A time in days, as files give it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Days(f64);

impl Days {
    fn of(seconds: i64) -> Self {
        Self(seconds as f64 / DAY)
    }
}

impl ParameterType for Days {
    const KIND: ParameterKind = f64::KIND;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        f64::read(value, kind).map(Self)
    }

    fn write(&self) -> Option<ParamValue> {
        self.0.write()
    }
}

impl From<Days> for i64 {
    fn from(days: Days) -> Self {
        (days.0 * DAY) as Self
    }
}

impl From<i64> for Days {
    fn from(seconds: i64) -> Self {
        Self::of(seconds)
    }
}

/// A firewall rule as staff write it: one source, one destination, one port.
#[derive(Clone, Debug, PartialEq, Parameters)]
struct StaffRule {
    /// Sources, such as `10.0.60.0/24`.
    #[param(kind = Subnet)]
    from: Cidr,
    /// Destinations.
    #[param(kind = Subnet)]
    to: Cidr,
    /// Transport.
    #[param(default = "any")]
    protocol: Protocol,
    /// Destination port; all of them if not given.
    port: Option<u16>,
    /// What happens to what the rule speaks of.
    action: Verdict,
}

impl From<StaffRule> for Item<RuleSpec> {
    fn from(rule: StaffRule) -> Self {
        let port = |port| PortRange {
            first: port,
            last: port,
        };
        let rule = RuleSpec {
            name: "by staff".to_owned(),
            from: vec![rule.from],
            to: vec![rule.to],
            protocol: rule.protocol,
            ports: rule.port.map(port).into_iter().collect(),
            verdict: rule.action,
        };
        Self::new(ItemId::default(), rule)
    }
}

impl From<&Item<RuleSpec>> for StaffRule {
    fn from(rule: &Item<RuleSpec>) -> Self {
        let anywhere = Cidr {
            ip: crate::wire::Ip(0),
            len: 0,
        };
        let only = |of: &[Cidr]| of.first().copied().unwrap_or(anywhere);
        Self {
            from: only(&rule.from),
            to: only(&rule.to),
            protocol: rule.protocol,
            port: rule.ports.first().map(|p| p.first),
            action: rule.verdict,
        }
    }
}

impl std::fmt::Display for StaffRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let action = match self.action {
            Verdict::Permit => "permit",
            Verdict::Deny => "deny",
        };
        write!(f, "{action} {} -> {}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Raw;

    fn parse(id: &str, pairs: &[(&str, ParamValue)]) -> Result<HappeningSpec, String> {
        let raw: Raw = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), v.clone()))
            .collect();
        HappeningSpec::parse(id, &raw).map_err(|e| e.to_string())
    }

    fn text(of: &str) -> ParamValue {
        ParamValue::Text(of.to_owned())
    }

    #[test]
    fn a_rule_of_staff_is_what_the_file_says() {
        let given = [
            ("router", text("core")),
            ("from", text("10.0.60.0/24")),
            ("to", text("10.0.20.0/24")),
            ("port", ParamValue::Integer(5000)),
            ("action", text("deny")),
        ];
        let event = parse("add-rule", &given).expect("it is right");
        assert_eq!(
            event.to_string(),
            "staff add a rule to core, before all others: deny 10.0.60.0/24 -> 10.0.20.0/24"
        );
        let mut written = event.write();
        assert_eq!(written.remove("protocol"), Some(text("any")));
        assert_eq!(written.remove("first"), Some(ParamValue::Bool(true)));
        let given = given.into_iter().map(|(k, v)| (k.to_owned(), v));
        assert_eq!(written, given.collect());
    }

    #[test]
    fn a_clock_is_set_in_days() {
        let given = |days| [("host", text("h")), ("days", ParamValue::Float(days))];
        let event = parse("clock-skew", &given(-1.5)).expect("it is right");
        let HappeningSpec::ClockSkew { seconds, .. } = event else {
            panic!("{event}");
        };
        assert_eq!(seconds, -129_600);
        assert_eq!(event.to_string(), "the clock of h is 1.5 days slow");
        assert_eq!(event.write().get("days"), Some(&ParamValue::Float(-1.5)));
        assert!(parse("clock-skew", &given(1e6)).is_err());
    }

    #[test]
    fn what_is_wrong_in_an_event_is_refused() {
        let off = |key: &str, value| parse("power-off", &[(key, value)]);
        assert!(off("node", text("core")).is_ok());
        for (key, value) in [
            ("node", text(" ")),
            ("node", ParamValue::Integer(1)),
            ("nodes", text("core")),
        ] {
            off(key, value).expect_err("it is wrong");
        }
        parse("power-of", &[("node", text("core"))]).expect_err("there is no such event");
        let nodes = ParamValue::List(vec![text("a"), ParamValue::Bool(true)]);
        parse("power-cut", &[("nodes", nodes)]).expect_err("a node is text");
    }
}

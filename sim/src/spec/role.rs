//! What a host does, and what the rest of the program asks of it: one row per role and one arm per question, so that a new role answers them all.

use super::Item;
use super::host::{AuthoritySpec, ControllerSpec, CrowdSpec, PumpServerSpec, PumpSpec, RadiusSpec};
use super::server::{BrokerSpec, DatabaseSpec, DirectorySpec, PharmacySpec, VendorSpec};
use super::software::BackupSpec;
use super::watch::{LogCollectorSpec, TrafficSensorSpec};
use crate::parameters::Keyed;
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// What a host does. A variant is a key of a host in lab files; what it holds is what stands under the key, with what controls add later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Keyed)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(
    clippy::large_enum_variant,
    reason = "a lab has few roles, and they are not moved about"
)]
pub enum RoleSpec {
    /// It is an infusion pump.
    #[param(skip)]
    Pump(Box<PumpSpec>),
    /// It is a pump server.
    PumpServer(PumpServerSpec),
    /// It is the wireless controller.
    Controller(ControllerSpec),
    /// It is the authentication server.
    Radius(RadiusSpec),
    /// It is the certificate authority: it publishes its revocation list on the web.
    #[param(key = "authority")]
    CertificateAuthority(AuthoritySpec),
    /// It is a mail server, with a mailbox for everybody who reads mail there.
    Mail,
    /// It is a backup server; it runs once the control for it is on.
    Backup(BackupSpec),
    /// It leases addresses.
    Dhcp,
    /// It resolves names.
    Dns,
    /// It is the port or access point by which devices that people carry come in.
    Crowd(CrowdSpec),
    /// It is the health record: it sends orders and takes documentation.
    #[param(name = "a health record")]
    Ehr {
        /// Pump servers that it sends orders to, one per manufacturer.
        #[param(name = PumpServer)]
        servers: Vec<String>,
    },
    /// It passes alarms on to the nurses' station.
    #[param(name = "an alarm manager")]
    AlarmManager {
        /// Host of the nurses' station.
        #[param(name = Server)]
        station: String,
    },
    /// It shows alarms to nurses.
    NursesStation,
    /// It talks to servers now and then: ordinary load.
    #[param(many, name = "an office load")]
    Office {
        /// Server.
        #[param(name = Server)]
        server: String,
        /// Its port.
        #[param(port_of = "server")]
        port: u16,
        /// Mean time between messages.
        #[param(kind = Interval)]
        every: Duration,
        /// Where the server is a mail server: share of the attachments that the person opens. Without it nobody reads mail.
        #[serde(default)]
        #[param(range = 0..=1, item = "opens attachments")]
        opens_attachments: Option<Item<f64>>,
    },
    /// It is a database of pump servers.
    Database(DatabaseSpec),
    /// It is the directory of staff.
    Directory(DirectorySpec),
    /// It is the pharmacy's workstation.
    Pharmacy(PharmacySpec),
    /// It is the broker through which manufacturers' support comes in.
    Broker(BrokerSpec),
    /// A manufacturer's support engineer works at it.
    Vendor(VendorSpec),
    /// It collects logs, once a control sends some.
    #[param(marker)]
    LogCollector(LogCollectorSpec),
    /// It looks at mirrored traffic, once a control sends some.
    #[param(marker)]
    TrafficSensor(TrafficSensorSpec),
    /// Ports on which it takes connections and answers: a server without a model of its own.
    #[param(each, key = "answers")]
    Answering {
        /// Port.
        port: u16,
    },
}

/// What a role is to those who do not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleFacts {
    /// What people call it.
    pub title: &'static str,
    /// Whether patient records are its business.
    pub holds_records: bool,
    /// Whether it takes part in a live run, on real sockets.
    pub is_live: bool,
    /// Whether it has log lines for a collector.
    pub logs: bool,
    /// Whether devices with addresses of their own come in by its host.
    pub brings_devices: bool,
}

impl RoleFacts {
    const fn new(title: &'static str) -> Self {
        Self {
            title,
            holds_records: false,
            is_live: false,
            logs: false,
            brings_devices: false,
        }
    }

    const fn holding_records(mut self) -> Self {
        self.holds_records = true;
        self
    }

    const fn live(mut self) -> Self {
        self.is_live = true;
        self
    }

    const fn logging(mut self) -> Self {
        self.logs = true;
        self
    }
}

/// Something in the network that a role needs: firewalls that know what is needed let it through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need<'a> {
    /// Name of the host whose service it uses.
    pub host: &'a str,
    /// Port of the service, for streams.
    pub port: u16,
    /// Whether it is ordinary work of staff, which reaches neither devices nor databases.
    pub is_ordinary: bool,
}

/// Port of file shares.
const SHARE_PORT: u16 = 445;

impl RoleSpec {
    /// What the role is to those who do not know it.
    #[must_use]
    pub const fn facts(&self) -> RoleFacts {
        let of = RoleFacts::new;
        match self {
            Self::Pump(_) => of("pump").holding_records().live().logging(),
            Self::PumpServer(_) => of("pump server").holding_records().live().logging(),
            Self::Controller(_) => of("wireless controller"),
            Self::Radius(_) => of("authentication server").logging(),
            Self::CertificateAuthority(_) => of("certificate authority").live(),
            Self::Dhcp => of("DHCP").logging(),
            Self::Dns => of("DNS"),
            Self::Crowd(_) => RoleFacts {
                brings_devices: true,
                ..of("carried devices")
            },
            Self::Ehr { .. } => of("health record").holding_records().live().logging(),
            Self::AlarmManager { .. } => of("alarm manager").holding_records().live().logging(),
            Self::NursesStation => of("nurses' station").holding_records().live(),
            Self::Office { .. } => of("office"),
            Self::Mail => of("mail server"),
            Self::Backup(_) => of("backup server").holding_records(),
            Self::Database(_) => of("database").holding_records(),
            Self::Directory(_) => of("directory of staff").live(),
            Self::Pharmacy(_) => of("pharmacy workstation").live(),
            Self::Broker(_) => of("broker for makers' support"),
            Self::Vendor(_) => of("maker's support engineer"),
            Self::LogCollector(_) => of("log collector"),
            Self::TrafficSensor(_) => of("traffic sensor"),
            Self::Answering { .. } => of("server"),
        }
    }

    /// What the role needs of other hosts beyond the flows of the reference architecture (F1 to F16 of `allow_list`).
    #[must_use]
    pub fn needs(&self) -> Vec<Need<'_>> {
        match self {
            Self::Office { server, port, .. } => vec![Need {
                host: server,
                port: *port,
                is_ordinary: true,
            }],
            Self::Backup(backup) if backup.on.value => {
                let share = |host| Need {
                    host,
                    port: SHARE_PORT,
                    is_ordinary: false,
                };
                backup
                    .of
                    .iter()
                    .map(|client| share(client.as_str()))
                    .collect()
            }
            Self::Backup(_)
            | Self::Pump(_)
            | Self::PumpServer(_)
            | Self::Controller(_)
            | Self::Radius(_)
            | Self::CertificateAuthority(_)
            | Self::Dhcp
            | Self::Dns
            | Self::Crowd(_)
            | Self::Ehr { .. }
            | Self::AlarmManager { .. }
            | Self::NursesStation
            | Self::Mail
            | Self::Database(_)
            | Self::Directory(_)
            | Self::Pharmacy(_)
            | Self::Broker(_)
            | Self::Vendor(_)
            | Self::LogCollector(_)
            | Self::TrafficSensor(_)
            | Self::Answering { .. } => Vec::new(),
        }
    }
}

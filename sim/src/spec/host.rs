//! Hosts: pumps, servers, services, workstations; and the people at the bedside.

use super::role::RoleSpec;
use super::server::{ChangePolicySpec, PortalSpec, StaffRole, StoreSpec};
use super::{DeviceSpec, Item, Position, SoftwareSpec, WeaknessSpec};
use crate::parameters::{Parameters, Words};
use crate::time::Duration;
use crate::wire::Ip;
use crate::wire::dot11::Akm;
use crate::wire::tls::TlsVersion;
use crate::wire::tls_cost::KeyType;
use serde::{Deserialize, Serialize};

/// A host: whatever has an address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostSpec {
    /// Name; also its DNS name.
    pub name: String,
    /// Zone it belongs to.
    pub zone: String,
    /// Number of the host in its zone's address space.
    pub number: u32,
    /// How it is attached.
    pub link: LinkSpec,
    /// How it gets its address.
    pub address: AddressSpec,
    /// Services it offers to the network besides its roles.
    pub services: Vec<Item<ServiceSpec>>,
    /// Accounts that its services accept.
    pub accounts: Vec<Item<AccountSpec>>,
    /// Files on it.
    pub files: Vec<Item<FileSpec>>,
    /// Flaws in its software.
    #[serde(default)]
    pub weaknesses: Vec<Item<WeaknessSpec>>,
    /// Free storage in bytes.
    pub storage_bytes: u64,
    /// Free memory in bytes; a host whose memory is exhausted stops communicating.
    pub memory_bytes: u64,
    /// Certificate and private key that it holds.
    pub certificate: Option<Item<CertificateSpec>>,
    /// Names of the root keys that it trusts.
    pub trusts: Vec<Item<String>>,
    /// Protection of its links to other systems: orders from the health record, a pump server's session with its database; none: in clear.
    #[serde(default)]
    pub links: Option<Item<SessionSpec>>,
    /// What it does.
    pub roles: Vec<RoleSpec>,
    /// What it has against programs that do not belong on it.
    #[serde(default)]
    pub software: SoftwareSpec,
}

/// Attachment of a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LinkSpec {
    /// By cable.
    Wired {
        /// Segment.
        segment: String,
    },
    /// By radio.
    Radio {
        /// Where it stands at first, in metres.
        position: Position,
        /// Its supplicant.
        supplicant: SupplicantSpec,
    },
    /// On real sockets, which whoever drives the run brings: only a live run has such hosts.
    Outside,
    /// Not attached: reached by hand only, as a pump bought second-hand.
    None,
}

/// What a wireless host can do and knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplicantSpec {
    /// Networks it knows, preferred first.
    pub networks: Vec<Item<NetworkSpec>>,
    /// Whether it can do EAP-TLS.
    pub eap_capable: bool,
    /// Whether it can protect management frames.
    pub pmf_capable: bool,
    /// Whether a repeated message 3 of the four-way handshake makes it install its key again (ICSMA-18-114-01).
    #[serde(default)]
    pub reinstalls_keys: bool,
}

/// A network that a supplicant knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// Network name.
    pub ssid: String,
    /// Authentication it accepts.
    pub akm: Akm,
    /// Passphrase for a pre-shared key.
    pub passphrase: Option<String>,
    /// Whether it checks the authentication server's certificate, and for which name.
    pub server_name: Option<String>,
}

/// How a host gets its address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AddressSpec {
    /// Configured by hand.
    Static {
        /// Address.
        ip: Ip,
        /// Length of the on-link prefix.
        prefix: u8,
        /// Gateway.
        gateway: Option<Ip>,
        /// Name server.
        dns: Option<Ip>,
    },
    /// Leased; the server has a reservation for it.
    Dhcp {
        /// Reserved address.
        ip: Ip,
    },
    /// None.
    None,
}

impl AddressSpec {
    /// The address that the host has or will be given.
    #[must_use]
    pub fn ip(&self) -> Option<Ip> {
        match self {
            Self::Static { ip, .. } | Self::Dhcp { ip } => Some(*ip),
            Self::None => None,
        }
    }
}

/// A service that a host offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a service")]
pub struct ServiceSpec {
    /// Port.
    pub port: u16,
    /// Kind.
    pub kind: ServiceKind,
    /// Whether it asks for an account.
    #[param(default = false)]
    pub login: bool,
    /// Whether it serves maintenance and is not needed for care.
    #[param(default = false)]
    pub maintenance: bool,
}

/// Kinds of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Words)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// Remote shell.
    Telnet,
    /// File transfer.
    Ftp,
    /// Web, serving the host's files below `/www`.
    Web,
    /// File share: the host's files to read and to write.
    Share,
    /// Takes drug libraries and orders from whoever connects.
    PumpPush,
    /// Remote shell for support by makers.
    Ssh,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "an account")]
pub struct AccountSpec {
    /// User name.
    pub user: String,
    /// Password.
    pub password: String,
    /// Whether it is built in and cannot be changed.
    #[param(default = false)]
    pub fixed: bool,
    /// What its holder is at a portal; not a portal's account if not given.
    #[serde(default)]
    pub role: Option<StaffRole>,
    /// Whether its holder has left the hospital.
    #[serde(default)]
    #[param(default = false)]
    pub dormant: bool,
    /// At a broker: the server that the account is for.
    #[serde(default)]
    #[param(name = PumpServer)]
    pub server: Option<String>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Path.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Content.
    pub content: FileContentSpec,
    /// Whether it is encrypted at rest under the host's own key.
    pub encrypted: bool,
    /// Whether what the host does for others needs it: it stops serving when it cannot read the file.
    #[serde(default)]
    pub needed: bool,
}

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FileContentSpec {
    /// Records of these patients.
    Records {
        /// Patient numbers.
        patients: Vec<u32>,
    },
    /// A stored network key.
    NetworkKey {
        /// Network.
        ssid: String,
        /// Passphrase.
        passphrase: String,
    },
    /// An account, as configuration files hold them.
    Account {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// Ordinary data.
    Data,
}

/// A certificate and its private key, by the names of the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateSpec {
    /// Subject.
    pub subject: String,
    /// Name of the subject's private key.
    pub key: String,
    /// Name of the issuer's private key.
    pub issuer: String,
    /// Serial number.
    pub serial: u32,
    /// First second of validity, Unix time.
    pub not_before: u64,
    /// Last second of validity, Unix time.
    pub not_after: u64,
    /// Kind of the subject's key.
    #[serde(default)]
    pub key_type: KeyType,
}

/// Devices that people carry with them, such as telephones: they ask for leases and do no more here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "visitors' devices")]
pub struct CrowdSpec {
    /// Devices in a group of people, such as a shift.
    #[param(range = 1..=10_000)]
    pub devices: u32,
    /// When the first group comes.
    pub first: Duration,
    /// Time within which a group has come.
    pub over: Duration,
    /// How long each stays; it goes without telling the address server.
    #[param(kind = Interval)]
    pub stays: Duration,
    /// Time from one group to the next; only one comes if not given.
    #[param(kind = Interval)]
    pub every: Option<Duration>,
}

/// An infusion pump: communication module and delivery controller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PumpSpec {
    /// Name of the profile it was made from.
    pub profile: String,
    /// DNS name of its server.
    pub server: String,
    /// Port of its server.
    pub server_port: u16,
    /// Protection of the session with the server.
    pub session: Item<SessionSpec>,
    /// Whether the pump can do TLS at all.
    pub tls_capable: bool,
    /// Highest version of TLS that it can do.
    #[serde(default)]
    pub tls_max: TlsVersion,
    /// How many times longer its communication processor takes to compute than the machine that was measured; above 0.
    #[serde(default = "processor_factor")]
    pub processor_factor: f64,
    /// How it checks a library before storing it.
    pub library_check: Item<LibraryCheckSpec>,
    /// Whether it can check library signatures at all.
    pub signature_capable: bool,
    /// Version of the library that is active at first.
    pub library_version: u32,
    /// Interval of status messages while infusing.
    pub status_infusing: Duration,
    /// Interval of status messages while idle.
    pub status_idle: Duration,
    /// Delivery flow error as a fraction, constant for the pump (IEC 60601-2-24 bounds, LVP within 0.05).
    pub flow_error: f64,
    /// Battery life in hours when off mains; none is on mains for the run.
    pub battery_hours: Option<f64>,
    /// What it infuses.
    pub infusion: Option<InfusionSpec>,
    /// Whether its log is buffered while offline and uploaded later (otherwise entries are lost while offline).
    pub log_buffer: Item<bool>,
    /// The room it stands in.
    pub room: u32,
    /// The pump as a thing.
    pub device: DeviceSpec,
}

/// How many times longer a pump's communication processor takes than the machine whose costs are shipped, where nothing is said. See
/// `docs/models/costs.md` for the processors whose published times stand behind it.
pub const PROCESSOR_FACTOR: f64 = 600.0;

fn processor_factor() -> f64 {
    PROCESSOR_FACTOR
}

/// Protection of a session with a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SessionSpec {
    /// In clear.
    Clear,
    /// TLS.
    Tls {
        /// Whether the other end's certificate is checked (server: asked for).
        check_peer: bool,
    },
}

/// How a pump checks a library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LibraryCheckSpec {
    /// Not at all.
    None,
    /// Signature of this key's owner over the content.
    Signature {
        /// Name of the authority's key.
        authority: String,
    },
}

/// An infusion that a nurse starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "an infusion")]
pub struct InfusionSpec {
    /// Patient.
    pub patient: u32,
    /// Care area.
    #[param(name = CareArea)]
    pub care_area: String,
    /// Drug.
    #[param(name = Drug)]
    pub drug: String,
    /// Rate.
    #[param(range = 0.01..=10_000, unit = "mL/h")]
    pub rate_ml_per_h: f64,
    /// Volume to be infused.
    #[param(range = 0.01..=100_000, unit = "mL")]
    pub vtbi_ml: f64,
    /// Whether it is an intermittent dose, of which the volume is all there is to give; otherwise it goes on until somebody ends it.
    #[serde(default)]
    #[param(default = false)]
    pub dose: bool,
    /// Volume in the bag.
    #[param(range = 0.01..=100_000, unit = "mL")]
    pub bag_ml: f64,
    /// When the nurse starts it.
    pub start: Duration,
}

/// A pump server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a pump server")]
pub struct PumpServerSpec {
    /// Port on which pumps connect.
    pub port: u16,
    /// Protection of sessions with pumps.
    #[param(skip = Item::bare(SessionSpec::Clear), item = "session with pumps")]
    pub session: Item<SessionSpec>,
    /// Second port, in clear, for pumps that cannot do TLS, while `port` asks for it.
    #[param(skip)]
    pub clear_port: Option<Item<u16>>,
    /// Version of the library that it publishes at first.
    #[param(range = 1..=1_000_000)]
    pub library_version: u32,
    /// Name of the key with which it signs libraries.
    #[param(skip)]
    pub signs_with: Option<Item<String>>,
    /// Host of the alarm manager.
    #[param(name = Server)]
    pub alarm_manager: String,
    /// Host of the health record.
    #[param(name = Server)]
    pub ehr: String,
    /// Health record that it documents infusions to (PCD-01); it documents none if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(name = Server)]
    pub observations: Option<String>,
    /// Silence after which a pump that was infusing is reported to the nurses' station.
    #[param(skip)]
    pub last_seen_alert: Option<Item<Duration>>,
    /// Lowest version of TLS that it takes at first.
    #[param(skip = Item::bare(TlsVersion::V10), item = "lowest TLS version")]
    pub tls_min: Item<TlsVersion>,
    /// Whether it asks if the certificates that are shown to it are revoked: the list is fetched from the authority's host.
    #[serde(default)]
    #[param(skip)]
    pub revocation: Option<Item<RevocationSpec>>,
    /// How its settings are changed; none: for everybody at once.
    #[serde(default)]
    #[param(skip)]
    pub change_policy: Option<Item<ChangePolicySpec>>,
    /// Its web application for staff; the host's accounts with a role can log in.
    #[serde(default)]
    #[param(item = "portal")]
    pub portal: Option<PortalSpec>,
    /// Its database.
    #[serde(default)]
    #[param(item = "store")]
    pub store: Option<StoreSpec>,
}

/// A wireless controller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a controller")]
pub struct ControllerSpec {
    /// Host of the authentication server.
    #[serde(default)]
    #[param(key = "radius", name = Server)]
    pub server: String,
    /// Address of the authentication server.
    #[param(skip = Ip(0))]
    pub radius: Ip,
    /// Secret shared with it.
    #[param(skip)]
    pub radius_secret: String,
    /// How long a pairwise master key is cached.
    #[param(kind = Interval)]
    pub pmk_cache: Duration,
}

/// An authentication server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "an authentication server")]
pub struct RadiusSpec {
    /// Secret shared with the controller.
    pub secret: String,
    /// Authentications per second, whatever the processor; as many as the measured handshakes allow if not given.
    #[serde(default)]
    #[param(range = 0.001..=1e6)]
    pub capacity_per_second: Option<f64>,
    /// Revocation checking: the list is fetched from the authority's host.
    #[param(skip)]
    pub revocation: Option<Item<RevocationSpec>>,
    /// Session-Timeout that it gives.
    #[param(kind = Interval)]
    pub session_timeout: Duration,
    /// How long sessions are kept that stations resume without their certificates being looked at; none are kept if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(kind = Interval)]
    pub session_cache: Option<Duration>,
    /// How the house wants revocation to be handled once it is checked.
    #[serde(default)]
    #[param(flatten)]
    pub preferences: RevocationPreferences,
    /// Segments by certificate: prefix of the subject, segment.
    #[param(skip)]
    pub placement: Vec<Item<PlacementSpec>>,
}

/// What a house prefers where revocation is checked; no checking by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "an authentication server")]
pub struct RevocationPreferences {
    /// How often a revocation list is fetched, where revocation is checked; 1h if not given.
    #[param(key = "list_refresh", kind = Interval)]
    pub refresh: Option<Duration>,
    /// How long a revocation list is good after it was fetched; 168h if not given.
    #[serde(default)]
    #[param(key = "list_valid", kind = Interval)]
    pub valid: Option<Duration>,
    /// Whether stations are refused while there is no revocation list that is good.
    #[param(default = false)]
    pub hard_fail: bool,
    /// Whether a station that is on is thrown off when its certificate turns out to be revoked.
    #[param(key = "disconnect_revoked", default = false)]
    pub disconnect: bool,
}

/// Time for which a revocation list is good, where nothing is said: a common `nextUpdate` \[A\].
#[must_use]
pub fn list_valid() -> Duration {
    Duration::from_hours(7 * 24)
}

/// Revocation checking by list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationSpec {
    /// DNS name of the host that publishes the list.
    pub host: String,
    /// How often it is fetched.
    pub refresh: Duration,
    /// How long a list is good after it was fetched: its `nextUpdate`.
    #[serde(default = "list_valid")]
    pub valid: Duration,
    /// Whether stations are refused while there is no list that is good. Otherwise an old list is used on, and none is nobody's fault.
    pub hard_fail: bool,
    /// Whether a station that is on is thrown off when its certificate turns out to be revoked.
    #[serde(default)]
    pub disconnect: bool,
}

/// Places a station by the subject of its certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementSpec {
    /// Prefix of the certificate's subject.
    pub subject_prefix: String,
    /// Segment that it is bridged to.
    pub segment: String,
}

/// A certificate authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a certificate authority")]
pub struct AuthoritySpec {
    /// Name of its key.
    pub key: String,
    /// Hosts whose certificates run out early: they were issued before the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[param(name = Host, optional)]
    pub expiring: Vec<String>,
    /// Kind of the keys in the certificates that it issues.
    #[serde(default)]
    #[param(default = "p256")]
    pub key_type: KeyType,
    /// When those run out, since the run began; with the others if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(kind = Interval)]
    pub expiring_after: Option<Duration>,
}

/// Slips of the finger.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a nurse")]
pub struct SlipSpec {
    /// Probability of a wrong rate per programming.
    #[param(key = "slips", default = 0.0, range = 0..=1)]
    pub probability: f64,
    /// The rate is then wrong by this factor, up or down with equal probability.
    #[param(key = "slip_factor", default = 10.0, range = 1.01..=1000)]
    pub factor: f64,
}

impl From<SlipSpec> for Item<SlipSpec> {
    fn from(slips: SlipSpec) -> Self {
        Self::bare(slips)
    }
}

impl From<&Item<SlipSpec>> for SlipSpec {
    fn from(slips: &Item<SlipSpec>) -> Self {
        slips.value
    }
}

/// A nurse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a nurse")]
pub struct NurseSpec {
    /// Name.
    pub name: String,
    /// The nurses' station that the nurse watches.
    #[param(name = Server)]
    pub station: String,
    /// Pumps in the nurse's care.
    #[param(name = Pump)]
    pub pumps: Vec<String>,
    /// Time between rounds of the rooms.
    #[param(kind = Interval)]
    pub rounds_every: Duration,
    /// Median of the log-normal time in which the nurse answers an alarm that they know of.
    #[param(kind = Interval)]
    pub response_median: Duration,
    /// Sigma of that distribution (1.6 gives 60 % within 68 s at a median of 44 s).
    #[param(range = 0..=5)]
    pub response_sigma: f64,
    /// Slips when a rate is dialled in.
    #[param(flatten = SlipSpec, item = "slips")]
    pub slips: Item<SlipSpec>,
    /// Probability that the nurse overrides a soft limit alert that their own slip brought (0.65 published: AJHP 2021 zxab287).
    #[param(default = 0.65, range = 0..=1, item = "overrides")]
    pub overrides: Item<f64>,
    /// Whether she compares pump and chart before a start and on her rounds.
    #[param(skip = Item::bare(false), item = "second look")]
    pub double_check: Item<bool>,
    /// How often she looks after a pump that is reported silent, until it is heard from; once if none.
    #[param(skip = Item::bare(None), item = "silent pumps")]
    pub watches_silent: Item<Option<Duration>>,
    /// The nurse hears the alarms of their pumps from this many rooms away; not at all if not given.
    #[param(range = 0..=1000)]
    pub earshot_rooms: Option<u32>,
}

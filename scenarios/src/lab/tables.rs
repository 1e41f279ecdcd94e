//! The tables of lab files that are not specified elsewhere: what a file says before it is known what else is there.

use pumplab_sim::parameters::Parameters;
use pumplab_sim::spec::{
    AccountSpec, InfusionSpec, LeasesSpec, Position, ServiceSpec, WeaknessTable,
};
use pumplab_sim::time::Duration;
use pumplab_sim::wire::Cidr;
use pumplab_sim::wire::dot11::Akm;

/// A host, besides its roles.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a host")]
pub(crate) struct HostTable {
    /// Name; also its DNS name.
    pub(super) name: String,
    /// Zone.
    #[param(name = Zone)]
    pub(super) zone: String,
    /// Number of its address in the zone.
    #[param(range = 1..=65_534)]
    pub(super) number: u32,
    /// What it is for, a paragraph.
    summary: Option<String>,
    /// Profile of a server that it is made from.
    #[param(name = Profile)]
    pub(super) profile: Option<String>,
    /// Position: the host is wireless.
    pub(super) at: Option<Position>,
    /// Whether a wireless host can do EAP-TLS.
    #[param(default = true)]
    pub(super) eap_capable: bool,
    /// Whether a wireless host can protect management frames.
    #[param(default = true)]
    pub(super) pmf_capable: bool,
    /// The host is on no network: it is reached by hand only.
    #[param(kind = Marker)]
    pub(super) unattached: Option<bool>,
    /// Whether a wired host gets its address by DHCP.
    #[param(default = false)]
    pub(super) lease: bool,
    /// Free storage.
    #[param(default = 65_536, range = 1..=1_048_576, unit = "MiB")]
    pub(super) storage_mib: u64,
    /// Free memory.
    #[param(default = 8192, range = 1..=1_048_576, unit = "MiB")]
    pub(super) memory_mib: u64,
    /// Services besides its roles.
    #[param(optional)]
    services: Vec<ServiceSpec>,
    /// Accounts that its services accept.
    #[param(optional)]
    accounts: Vec<AccountSpec>,
    /// Files.
    #[param(optional)]
    files: Vec<FileTable>,
    /// Vulnerabilities of its software.
    #[param(optional)]
    weaknesses: Vec<WeaknessTable>,
}

/// A file.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a file")]
pub(crate) struct FileTable {
    /// Path.
    pub(super) path: String,
    /// Size.
    #[param(range = 0..=1_099_511_627_776)]
    pub(super) bytes: u64,
    /// Whether it is encrypted under the host's own key.
    #[param(default = false)]
    pub(super) encrypted: bool,
    /// It holds records of these patients.
    pub(super) patients: Option<Vec<u32>>,
    /// It holds the password of this account of the same host.
    pub(super) account: Option<String>,
    /// It holds the stored key of this network.
    #[param(name = Network)]
    pub(super) network_key: Option<String>,
    /// Whether what the host does for others needs it: it stops serving when it cannot read the file.
    #[param(default = false)]
    pub(super) needed: bool,
}

/// A pump.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a pump")]
pub(crate) struct PumpTable {
    /// Name; also its DNS name.
    pub(super) name: String,
    /// Zone.
    #[param(name = Zone)]
    pub(super) zone: String,
    /// Number of its address in the zone.
    #[param(range = 1..=65_534)]
    pub(super) number: u32,
    /// Profile that it is made from.
    #[param(name = Profile)]
    pub(super) profile: String,
    /// Its server.
    #[param(name = PumpServer)]
    pub(super) server: String,
    /// Room it stands in.
    #[param(range = 0..=1_000_000)]
    pub(super) room: u32,
    /// Position on the floor.
    pub(super) at: Position,
    /// Flow error as a fraction; volumetric pumps stay within 0.05 (IEC 60601-2-24).
    #[param(range = -0.05..=0.05)]
    pub(super) flow_error: f64,
    /// Version of the library that is active at first; the first if not given.
    #[param(range = 1..=1_000_000)]
    library_version: Option<u32>,
    /// Battery life when off mains; on mains if not given.
    #[param(range = 0.01..=1000, unit = "hours")]
    pub(super) battery_hours: Option<f64>,
    /// What it infuses.
    pub(super) infusion: Option<InfusionSpec>,
}

/// The network as it is before any control.
#[derive(Clone, Debug, Parameters)]
#[param(name = "the flat network")]
pub(crate) struct FlatTable {
    /// Name of the one broadcast domain.
    pub(super) segment: String,
    /// On-link prefix of all hosts.
    #[param(kind = Subnet)]
    pub(super) prefix: Cidr,
    /// Name of the router to the zones with a segment of their own.
    pub(super) router: String,
    /// One-way delay of a frame through a switch.
    pub(super) switch_delay: Duration,
    /// Delay of a packet through the router.
    pub(super) router_delay: Duration,
    /// Flows that the router can remember.
    #[param(range = 1..=100_000_000)]
    pub(super) connection_table: u32,
    /// Zone whose leases are those of the flat network; if not given, numbers 150 to 199 near the address server, for a day.
    #[param(name = Zone)]
    pub(super) pool: Option<String>,
}

/// A zone: hosts of one kind and trust, with their addresses.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a zone")]
pub(crate) struct ZoneTable {
    /// Identifier.
    pub(super) id: String,
    /// What it is, one line.
    pub(super) title: String,
    /// Addresses of its hosts.
    #[param(kind = Subnet)]
    pub(super) subnet: Cidr,
    /// Whether it is a segment of its own even before any control.
    #[param(default = false)]
    pub(super) own_segment: bool,
    /// How addresses are leased here.
    pub(super) leases: Option<LeasesSpec>,
}

/// A wireless network.
#[derive(Clone, Debug, Parameters)]
#[param(name = "a wireless network")]
pub(crate) struct WlanTable {
    /// Network name.
    pub(super) ssid: String,
    /// Authentication.
    pub(super) akm: Akm,
    /// The phrase that the hospital knows; needed where authentication is by pre-shared key.
    pub(super) passphrase: Option<String>,
    /// How many words a search through common lists tries before the passphrase, likeliest first; without it the passphrase is in no list.
    #[param(range = 1..=1e30)]
    pub(super) guess_rank: Option<f64>,
}

/// An access point.
#[derive(Clone, Debug, Parameters)]
#[param(name = "an access point")]
pub(crate) struct AccessPointTable {
    /// Name.
    pub(super) name: String,
    /// Zone of its management address.
    #[param(name = Zone)]
    pub(super) zone: String,
    /// Number of its management address in the zone.
    #[param(range = 1..=65_534)]
    number: u32,
    /// Position on the floor.
    pub(super) at: Position,
    /// Channel in the 2.4 GHz band: others are not simulated.
    #[param(range = 1..=14)]
    pub(super) channel: u8,
}

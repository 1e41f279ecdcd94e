//! Zones, segments, routers and firewalls, wireless networks.

use super::{Item, Position};
use crate::parameters::{Parameters, Words};
use crate::time::Duration;
use crate::wire::dot11::Akm;
use crate::wire::{Cidr, Ip};
use serde::{Deserialize, Serialize};

/// A zone: hosts of one kind and trust, with their share of the address space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneSpec {
    /// Identifier, for example `meddev`.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Addresses of its hosts, whether or not it is a segment of its own.
    pub subnet: Cidr,
    /// How addresses are leased to its hosts; [`LeasesSpec::default`] where the lab says nothing.
    #[serde(default)]
    pub leases: Option<Item<LeasesSpec>>,
}

/// How addresses of a zone are leased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a zone's leases")]
pub struct LeasesSpec {
    /// First number of the pool in the zone's subnet.
    #[param(default = 150, range = 2..=254)]
    pub first: u32,
    /// Last number of the pool.
    #[param(default = 199, range = 2..=254)]
    pub last: u32,
    /// Length of a lease.
    #[param(kind = Interval, default = "24h")]
    pub time: Duration,
    /// Whether the zone's own hosts have reservations. Without them they share the pool with everybody else: the server gives a host the
    /// address that it had before, as long as nobody else has been given it.
    #[param(default = true)]
    pub reserved: bool,
}

impl Default for LeasesSpec {
    /// Numbers 150 to 199, a day, reservations for the lab's own hosts \[A\].
    fn default() -> Self {
        Self {
            first: 150,
            last: 199,
            time: Duration::from_hours(24),
            reserved: true,
        }
    }
}

/// Addresses that are leased on a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSpec {
    /// First address.
    pub first: Ip,
    /// Last address.
    pub last: Ip,
    /// Length of a lease; above zero.
    pub time: Duration,
}

impl PoolSpec {
    /// The pool of a zone's leases on a segment with this prefix.
    #[must_use]
    pub fn of(leases: &LeasesSpec, prefix: Cidr) -> Self {
        Self {
            first: prefix.nth(leases.first),
            last: prefix.nth(leases.last),
            time: leases.time,
        }
    }
}

/// What a switch asks of those who ask for leases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseGuardSpec {
    /// Different clients that may ask on one port; uplinks to routers and access points have many behind them and are not counted.
    pub clients: u32,
}

/// A broadcast domain: one switch or VLAN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpec {
    /// Name.
    pub name: String,
    /// On-link prefix that its hosts use.
    pub prefix: Cidr,
    /// The router that its hosts use as gateway.
    pub gateway: Option<Ip>,
    /// One-way delay of a frame through the switch.
    pub delay: Duration,
    /// DHCP snooping: only these hosts (and the uplink router) may answer DHCP.
    pub dhcp_snooping: Option<Item<Vec<String>>>,
    /// Requests for leases must come from the hardware address that they ask for, and from few clients per port.
    #[serde(default)]
    pub lease_guard: Option<Item<LeaseGuardSpec>>,
    /// A hardware address stays with the port where it spoke first; from another port it is dropped and told.
    #[serde(default)]
    pub port_binding: Option<Item<()>>,
    /// Addresses that are leased here; numbers 150 to 199 of the /24 in which the relay or the server stands, for a day, where the lab says nothing.
    #[serde(default)]
    pub pool: Option<Item<PoolSpec>>,
    /// Dynamic ARP inspection: an ARP answer must match the address plan.
    pub arp_inspection: Option<Item<()>>,
    /// Ports admit known hardware addresses only; uplinks to routers and access points are not asked.
    #[serde(default)]
    pub port_access: Option<Item<PortAccessSpec>>,
}

impl SegmentSpec {
    /// A segment without anything that a control sets.
    #[must_use]
    pub fn bare(name: String, prefix: Cidr, delay: Duration) -> Self {
        Self {
            name,
            prefix,
            gateway: Some(prefix.nth(1)),
            delay,
            dhcp_snooping: None,
            lease_guard: None,
            port_binding: None,
            pool: None,
            arp_inspection: None,
            port_access: None,
        }
    }
}

/// What a firewall does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Words)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Lets it pass.
    Permit,
    /// Drops and logs it.
    Deny,
}

/// Transport that a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Words)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Any transport.
    Any,
    /// Streams.
    Tcp,
    /// Datagrams.
    Udp,
}

/// An inclusive range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRange {
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
}

/// One rule. It speaks of the packet that opens a flow; answers to a permitted flow pass by state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Short identifier, for example `F1`.
    pub name: String,
    /// Source prefixes; one must contain the source.
    pub from: Vec<Cidr>,
    /// Destination prefixes; one must contain the destination.
    pub to: Vec<Cidr>,
    /// Transport.
    pub protocol: Protocol,
    /// Destination ports; empty means any.
    pub ports: Vec<PortRange>,
    /// What happens.
    pub verdict: Verdict,
}

/// Limits new flows toward a prefix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimitSpec {
    /// Destinations that are protected.
    pub to: Cidr,
    /// New flows per second from one source, sustained.
    pub flows_per_second: f64,
    /// New flows at once.
    pub burst: u32,
    /// Largest message let through in bytes; 0 is no limit.
    pub largest_message: u32,
}

/// A leg of a router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InterfaceSpec {
    /// Segment it stands on.
    pub segment: String,
    /// Its address there.
    pub ip: Ip,
    /// Length of the on-link prefix.
    pub prefix: u8,
}

/// A route beyond the router's own legs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteSpec {
    /// Destinations.
    pub to: Cidr,
    /// Next hop.
    pub via: Ip,
}

/// A router, with a stateful firewall in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouterSpec {
    /// Name, for example `fw-meddev`.
    pub name: String,
    /// Legs.
    pub interfaces: Vec<InterfaceSpec>,
    /// Routes; the longest prefix wins.
    pub routes: Vec<RouteSpec>,
    /// Rules, first match wins.
    pub rules: Vec<Item<RuleSpec>>,
    /// What happens to a new flow that no rule matches.
    pub default: Item<Verdict>,
    /// Rate limits.
    pub rate_limits: Vec<Item<RateLimitSpec>>,
    /// Flows that it can remember.
    pub connection_table: u32,
    /// Segment toward which sources are translated to the router's address there.
    pub translate_toward: Option<Item<String>>,
    /// Delay of a packet through it.
    pub delay: Duration,
    /// Hosts that it answers DHCP requests for by relaying them to this server.
    pub dhcp_relay: Option<Ip>,
}

/// A wireless network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WlanSpec {
    /// Network name.
    pub ssid: String,
    /// Authentication.
    pub akm: Item<Akm>,
    /// Passphrase where the authentication is by pre-shared key.
    pub passphrase: Option<Item<String>>,
    /// Segment to which its stations are bridged.
    pub segment: Item<String>,
    /// Whether management frames are protected (802.11w required).
    pub pmf: Item<bool>,
    /// Whether stations are kept from each other.
    pub client_isolation: Item<bool>,
}

/// A word that stands in the lists with which passphrases are guessed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordSpec {
    /// The word: somebody's passphrase.
    pub word: String,
    /// How many words a search tries before it, likeliest first; at least 1.
    pub rank: f64,
}

/// What makes an access point's radio a sensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorSpec {
    /// Deauthentication frames within 10 s that it takes for a burst.
    pub deauthentications: u32,
}

/// Who may speak on a segment's ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortAccessSpec {
    /// Hosts of the inventory; a frame from another hardware address goes no further.
    pub hosts: Vec<String>,
}

/// An access point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPointSpec {
    /// Name; its management host has the same.
    pub name: String,
    /// Position on the floor in metres.
    pub position: Position,
    /// Channel.
    pub channel: u8,
    /// Networks that it offers.
    pub ssids: Vec<String>,
    /// Management address.
    pub ip: Ip,
    /// Segment of the management address.
    pub management: Item<String>,
    /// Whether the control channel to the controller is under DTLS.
    pub dtls: Item<bool>,
    /// The controller's address.
    pub controller: Ip,
    /// What its radio looks for beside its own work.
    #[serde(default)]
    pub sensor: Option<Item<SensorSpec>>,
}

/// Propagation and channel access. Access is simple: a channel carries one frame at a time, in order of asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "the radio table")]
pub struct RadioSpec {
    /// Transmit power.
    #[param(range = -30..=40, unit = "dBm")]
    pub transmit_dbm: f64,
    /// Path loss at one metre.
    #[param(range = 0..=120, unit = "dB")]
    pub loss_at_1m_db: f64,
    /// Path-loss exponent.
    #[param(range = 1..=8)]
    pub exponent: f64,
    /// Weakest signal that is decoded.
    #[param(range = -120..=0, unit = "dBm")]
    pub sensitivity_dbm: f64,
    /// Signal below which a station looks for a better access point.
    #[param(range = -120..=0, unit = "dBm")]
    pub roam_below_dbm: f64,
    /// Data rate.
    #[param(range = 0.1..=10_000, unit = "Mb/s")]
    pub rate_mbps: f64,
    /// Fixed time per frame: contention, preamble, SIFS, acknowledgement.
    pub overhead: Duration,
}

impl RadioSpec {
    /// Received signal in dBm at a distance in metres (log-distance path loss).
    #[must_use]
    pub fn rssi(&self, distance_m: f64) -> f64 {
        self.transmit_dbm
            - self.loss_at_1m_db
            - 10.0 * self.exponent * libm::log10(distance_m.max(1.0))
    }
}

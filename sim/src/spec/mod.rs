//! The resolved lab as plain data.
//!
//! A [`LabSpec`] is everything that a simulation is built from. It knows no control: a control has changed
//! rules, keys, flags and services by the time a `LabSpec` exists. Which control put what there is kept beside
//! it, in a [`Provenance`], which the simulation never sees. Erasing the provenance therefore cannot change a run.

mod costs;
mod events;
mod host;
mod network;
mod position;
mod provenance;
mod pump_device;
mod role;
mod scenario;
mod server;
mod software;
mod watch;
mod weakness;

pub use crate::catalog::ParamValue;

use crate::clinical::drug_library::DrugLibrary;
use crate::wire::Ip;
use crate::wire::dot11::Akm;
pub use costs::*;
pub use events::*;
pub use host::*;
pub use network::*;
pub use position::*;
pub use provenance::*;
pub use pump_device::*;
pub use role::*;
pub use scenario::*;
use serde::{Deserialize, Serialize};
pub use server::*;
pub use software::*;
pub use watch::*;
pub use weakness::*;

/// A resolved lab.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabSpec {
    /// Name of the lab.
    pub name: String,
    /// Calendar second (Unix time) at simulated time zero; certificates are judged against it.
    pub calendar: u64,
    /// Zones of the hospital network.
    pub zones: Vec<ZoneSpec>,
    /// Broadcast domains.
    pub segments: Vec<SegmentSpec>,
    /// Routers and firewalls.
    pub routers: Vec<RouterSpec>,
    /// Wireless networks.
    pub wlans: Vec<WlanSpec>,
    /// Access points.
    pub access_points: Vec<AccessPointSpec>,
    /// Propagation on the floor.
    pub radio: RadioSpec,
    /// Everything with an address: pumps, servers, workstations, services.
    pub hosts: Vec<HostSpec>,
    /// Nurses.
    pub nurses: Vec<NurseSpec>,
    /// Drug libraries that the pharmacy has issued, oldest first: the authority against which integrity is judged.
    pub libraries: Vec<DrugLibrary>,
    /// Where logs and mirrored frames go.
    #[serde(default)]
    pub watch: WatchSpec,
    /// Serials that the certificate authority has revoked before the run.
    pub revoked: Vec<Item<RevokedSpec>>,
    /// Families of programs that scanners have signatures of.
    #[serde(default)]
    pub known_malware: Vec<String>,
    /// Words of the common lists that are passphrases here, with the place at which a search gets to each.
    #[serde(default)]
    pub word_list: Vec<WordSpec>,
    /// What handshakes cost.
    #[serde(default)]
    pub costs: Costs,
}

/// One revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokedSpec {
    /// Name of the issuing key.
    pub issuer: String,
    /// Serial number.
    pub serial: u32,
}

impl LabSpec {
    /// The host of this name.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&HostSpec> {
        self.hosts.iter().find(|h| h.name == name)
    }

    /// The host of this name, to change.
    pub fn host_mut(&mut self, name: &str) -> Option<&mut HostSpec> {
        self.hosts.iter_mut().find(|h| h.name == name)
    }

    /// The segment of this name.
    #[must_use]
    pub fn segment(&self, name: &str) -> Option<&SegmentSpec> {
        self.segments.iter().find(|s| s.name == name)
    }

    /// The segment of this name, to change.
    pub fn segment_mut(&mut self, name: &str) -> Option<&mut SegmentSpec> {
        self.segments.iter_mut().find(|s| s.name == name)
    }

    /// The wireless network of this name.
    #[must_use]
    pub fn wlan(&self, ssid: &str) -> Option<&WlanSpec> {
        self.wlans.iter().find(|w| w.ssid == ssid)
    }

    /// The wireless network of this name, to change.
    pub fn wlan_mut(&mut self, ssid: &str) -> Option<&mut WlanSpec> {
        self.wlans.iter_mut().find(|w| w.ssid == ssid)
    }

    /// The zone of this name.
    #[must_use]
    pub fn zone(&self, id: &str) -> Option<&ZoneSpec> {
        self.zones.iter().find(|z| z.id == id)
    }

    /// Name of the first host with a role.
    #[must_use]
    pub fn host_with(&self, is: impl Fn(&RoleSpec) -> bool) -> Option<&HostSpec> {
        self.hosts.iter().find(|h| h.roles.iter().any(&is))
    }

    /// The router of this name, to change.
    pub fn router_mut(&mut self, name: &str) -> Option<&mut RouterSpec> {
        self.routers.iter_mut().find(|r| r.name == name)
    }

    /// The segment that a host sits on: its own if wired; if wireless, where the authentication server places the
    /// subject of its certificate, or else that of its preferred network.
    #[must_use]
    pub fn segment_of(&self, host: &HostSpec) -> Option<&SegmentSpec> {
        match &host.link {
            LinkSpec::Wired { segment } => self.segment(segment),
            LinkSpec::Radio { supplicant, .. } => {
                let mut known = supplicant.networks.iter();
                let wlan = known.find_map(|n| self.wlan(&n.value.ssid))?;
                let placed = (wlan.akm.value == Akm::EapTls)
                    .then(|| self.placement_of(host))
                    .flatten();
                self.segment(placed.unwrap_or(&wlan.segment.value))
            }
            LinkSpec::Outside | LinkSpec::None => None,
        }
    }

    /// The segment that an authentication server gives the holder of the host's certificate.
    fn placement_of(&self, host: &HostSpec) -> Option<&str> {
        let subject = &host.certificate.as_ref()?.value.subject;
        let servers = self
            .hosts
            .iter()
            .flat_map(|h| &h.roles)
            .filter_map(|r| match r {
                RoleSpec::Radius(radius) => Some(radius),
                _ => None,
            });
        let mut policies = servers.flat_map(|r| &r.placement);
        let policy = policies.find(|p| subject.starts_with(&p.value.subject_prefix))?;
        Some(&policy.value.segment)
    }

    /// All pumps.
    pub fn pumps(&self) -> impl Iterator<Item = (&HostSpec, &PumpSpec)> {
        self.hosts.iter().filter_map(|h| {
            h.roles.iter().find_map(|r| {
                if let RoleSpec::Pump(p) = r {
                    Some((h, &**p))
                } else {
                    None
                }
            })
        })
    }

    /// All pump servers.
    pub fn pump_servers(&self) -> impl Iterator<Item = (&HostSpec, &PumpServerSpec)> {
        self.hosts.iter().filter_map(|h| {
            h.roles.iter().find_map(|r| {
                if let RoleSpec::PumpServer(s) = r {
                    Some((h, s))
                } else {
                    None
                }
            })
        })
    }

    /// The address of the name server, where there is one.
    #[must_use]
    pub fn name_server(&self) -> Option<Ip> {
        self.host_with(|r| *r == RoleSpec::Dns)?.address.ip()
    }

    /// All pumps, to change.
    pub fn pumps_mut(&mut self) -> impl Iterator<Item = &mut HostSpec> {
        self.hosts
            .iter_mut()
            .filter(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_))))
    }
}

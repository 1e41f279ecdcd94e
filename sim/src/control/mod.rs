//! Controls, and the mechanisms that realise them.
//!
//! A control is a row of `controls.csv`. What this version can realise of it is one or more [`Mechanism`]s: each
//! changes the configuration of a lab (a rule, a key, a certificate, a service) and stamps what it sets with the
//! control in whose name it acts. Nothing here or elsewhere asks afterwards whether a control is on.
//!
//! A mechanism says itself which control it realises, where in the order it is applied and which controls it builds on. [`ORDER`] and the table of
//! controls are derived from that. Controls are applied in that order however they are listed; `docs/design/032-order-of-controls.md` says why.

mod access_broker;
mod address;
mod allow_list;
mod anti_malware;
mod arp_inspection;
mod backups;
mod boundary_firewall;
mod canary_group;
mod capwap_dtls;
mod case_lock;
mod client_isolation;
mod close_local_ports;
mod close_services;
mod database_secret;
mod decommission;
mod dedicated_ssid;
mod default_deny;
mod deidentify;
mod device_pki;
mod dhcp_snooping;
mod directory_accounts;
mod double_check;
mod eap_tls;
mod encrypt_at_rest;
mod fallback_watch;
mod flow_baseline;
mod guest_isolation;
mod key_rotation;
mod known_infrastructure;
mod last_seen;
mod log_buffer;
mod log_collection;
mod operator_login;
mod patch_windows;
mod pmf;
mod port_access;
mod port_binding;
mod power_monitor;
mod program_list;
mod provision;
mod radius_placement;
mod rank;
mod rate_limit;
mod release_workflow;
mod replace_credentials;
mod revocation;
mod server_hardening;
mod server_patches;
mod server_tls;
mod session_approval;
mod signed_images;
mod signed_library;
mod staff_credentials;
mod store_monitor;
mod table;
mod traffic_sensor;
mod training;
mod wireless_sensors;
mod wpa2_psk;
mod zone_segmentation;

#[cfg(test)]
mod tests;

pub use rank::{Rank, Realises, Stage};
pub use table::{Control, ControlRow, Layer, Realisation, control, table};

use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};
use std::fmt;
use std::sync::LazyLock;

/// A pure transform of a lab that realises a control or a part of one.
pub trait Mechanism: Sync {
    /// What it is.
    fn entry(&self) -> &'static Entry;
    /// The control that it realises, alone or with others, and its place in the order.
    fn realises(&self) -> Realises;
    /// Changes the lab. What it sets or takes away it stamps through `ink`.
    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect;
}

impl fmt::Debug for dyn Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().id)
    }
}

/// What came of applying a control or a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changed the lab.
    Applied,
    /// It left the lab as it was, for this reason.
    None(&'static str),
}

impl Effect {
    fn if_any(changed: bool, otherwise: &'static str) -> Self {
        if changed {
            Self::Applied
        } else {
            Self::None(otherwise)
        }
    }
}

/// A control that was asked for, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Identifier of the control.
    pub id: String,
    /// What came of it.
    pub effect: Effect,
}

/// Every mechanism, by identifier.
pub static MECHANISMS: &[&dyn Mechanism] = &[
    &access_broker::AccessBroker,
    &anti_malware::AntiMalware,
    &arp_inspection::ArpInspection,
    &backups::Backups,
    &boundary_firewall::BoundaryFirewall,
    &canary_group::CanaryGroup,
    &capwap_dtls::CapwapDtls,
    &case_lock::CaseLock,
    &client_isolation::ClientIsolation,
    &close_local_ports::CloseLocalPorts,
    &close_services::CloseServices,
    &database_secret::DatabaseSecret,
    &decommission::Decommission,
    &dedicated_ssid::DedicatedSsid,
    &default_deny::DefaultDeny,
    &deidentify::Deidentify,
    &device_pki::DevicePki,
    &dhcp_snooping::DhcpSnooping,
    &directory_accounts::DirectoryAccounts,
    &double_check::DoubleCheck,
    &eap_tls::EapTls,
    &encrypt_at_rest::EncryptAtRest,
    &fallback_watch::FallbackWatch,
    &flow_baseline::FlowBaseline,
    &guest_isolation::GuestIsolation,
    &key_rotation::KeyRotation,
    &known_infrastructure::KnownInfrastructure,
    &last_seen::LastSeen,
    &log_buffer::LogBuffer,
    &log_collection::LogCollection,
    &operator_login::OperatorLogin,
    &patch_windows::PatchWindows,
    &pmf::Pmf,
    &port_access::PortAccess,
    &port_binding::PortBinding,
    &power_monitor::PowerMonitor,
    &program_list::ProgramList,
    &radius_placement::RadiusPlacement,
    &rate_limit::RateLimit,
    &release_workflow::ReleaseWorkflow,
    &replace_credentials::ReplaceCredentials,
    &revocation::Revocation,
    &server_hardening::ServerHardening,
    &server_patches::ServerPatches,
    &server_tls::ServerTls,
    &session_approval::SessionApproval,
    &signed_images::SignedImages,
    &signed_library::SignedLibrary,
    &staff_credentials::StaffCredentials,
    &store_monitor::StoreMonitor,
    &traffic_sensor::TrafficSensor,
    &training::Training,
    &wireless_sensors::WirelessSensors,
    &wpa2_psk::Wpa2Psk,
    &zone_segmentation::ZoneSegmentation,
];

/// The controls that are realised, in the order in which they are applied: that of the ranks of their mechanisms.
pub static ORDER: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut order: Vec<&str> = in_order().iter().map(|m| m.realises().control).collect();
    order.dedup();
    order
});

/// Every mechanism, in the order of application.
fn in_order() -> Vec<&'static dyn Mechanism> {
    let mut all = MECHANISMS.to_vec();
    all.sort_by_key(|m| m.realises().rank);
    all
}

/// Applies controls to a lab in the order of [`ORDER`], each once however often and in whatever order it is listed.
///
/// The answer has one entry per control asked for, in the order of application; controls that no mechanism realises
/// and identifiers that are not in the table come last, in order of their names, as without effect.
pub fn apply(lab: &mut LabSpec, provenance: &mut Provenance, controls: &[&str]) -> Vec<Applied> {
    let mut wanted: Vec<&str> = controls.to_vec();
    wanted.sort_unstable_by_key(|id| (rank(id), *id));
    wanted.dedup();
    let before = provenance.applying.take();
    let applied = wanted
        .into_iter()
        .map(|id| {
            provenance.applying = Some(id.to_owned());
            let effect = apply_one(lab, provenance, id);
            Applied {
                id: id.to_owned(),
                effect,
            }
        })
        .collect();
    provenance.applying = before;
    applied
}

fn rank(id: &str) -> usize {
    ORDER.iter().position(|o| *o == id).unwrap_or(ORDER.len())
}

fn apply_one(lab: &mut LabSpec, ink: &mut Provenance, id: &str) -> Effect {
    let Some(control) = control(id) else {
        return Effect::None("no control has this identifier");
    };
    match control.realisation {
        Realisation::NotSimulated(reason) => Effect::None(reason),
        Realisation::Mechanisms(mechanisms) => {
            let mut reason = "no mechanism realises it";
            let mut changed = false;
            for mechanism in mechanisms {
                match mechanism.apply(lab, ink) {
                    Effect::Applied => changed = true,
                    Effect::None(why) => reason = why,
                }
            }
            Effect::if_any(changed, reason)
        }
    }
}

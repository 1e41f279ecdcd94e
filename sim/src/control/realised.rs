//! Which mechanisms realise which control, and why the others have none.

use super::Realisation::{self, Mechanisms, NotSimulated, Pending};
use super::*;

/// What this version does about a control.
pub(super) fn realisation(id: &str) -> Realisation {
    match id {
        "DEV-01" => Mechanisms(&[&close_services::CloseServices]),
        "DEV-02" => Mechanisms(&[&replace_credentials::ReplaceCredentials]),
        "DEV-03" => Mechanisms(&[&case_lock::CaseLock]),
        "DEV-04" => Mechanisms(&[&close_local_ports::CloseLocalPorts]),
        "DEV-05" => Mechanisms(&[&encrypt_at_rest::EncryptAtRest]),
        "DEV-06" => Mechanisms(&[&signed_images::SignedImages]),
        "DEV-07" => Mechanisms(&[&signed_library::SignedLibrary]),
        "DEV-08" => Mechanisms(&[&power_monitor::PowerMonitor]),
        "DEV-09" => Mechanisms(&[&log_buffer::LogBuffer]),
        "DEV-11" => Mechanisms(&[&operator_login::OperatorLogin]),
        "WL-01" => Mechanisms(&[&dedicated_ssid::DedicatedSsid]),
        "WL-02" => Mechanisms(&[&wpa2_psk::Wpa2Psk]),
        "WL-03" => Mechanisms(&[&eap_tls::EapTls]),
        "WL-04" => Mechanisms(&[&capwap_dtls::CapwapDtls]),
        "WL-05" => Mechanisms(&[&wireless_sensors::WirelessSensors]),
        "WL-06" => Mechanisms(&[&key_rotation::KeyRotation]),
        "WL-07" => Mechanisms(&[&client_isolation::ClientIsolation]),
        "WL-08" => Mechanisms(&[&pmf::Pmf]),
        "NET-01" => Mechanisms(&[&zone_segmentation::ZoneSegmentation]),
        "NET-02" => Mechanisms(&[&default_deny::DefaultDeny]),
        "NET-03" => Mechanisms(&[&guest_isolation::GuestIsolation]),
        "NET-04" => Mechanisms(&[&boundary_firewall::BoundaryFirewall]),
        "NET-05" => Mechanisms(&[&port_access::PortAccess]),
        "NET-06" => Mechanisms(&[&traffic_sensor::TrafficSensor]),
        "NET-07" => Mechanisms(&[&flow_baseline::FlowBaseline]),
        "NET-08" => Mechanisms(&[&rate_limit::RateLimit]),
        "NET-09" => Mechanisms(&[&known_infrastructure::KnownInfrastructure]),
        "NET-10" => Mechanisms(&[
            &dhcp_snooping::DhcpSnooping,
            &arp_inspection::ArpInspection,
            &port_binding::PortBinding,
        ]),
        "SRV-01" => Mechanisms(&[
            &server_hardening::ServerHardening,
            &program_list::ProgramList,
        ]),
        "SRV-02" => Mechanisms(&[&anti_malware::AntiMalware]),
        "SRV-06" => Mechanisms(&[&server_patches::ServerPatches]),
        "SRV-07" => Mechanisms(&[&backups::Backups]),
        "OPS-05" => Mechanisms(&[&patch_windows::PatchWindows]),
        "SRV-04" => Mechanisms(&[&server_tls::ServerTls]),
        "ID-01" => Mechanisms(&[&device_pki::DevicePki]),
        "ID-02" => Mechanisms(&[&revocation::Revocation]),
        "ID-03" => Mechanisms(&[&radius_placement::RadiusPlacement]),
        "SRV-03" => Mechanisms(&[&store_monitor::StoreMonitor]),
        "SRV-05" => Mechanisms(&[&release_workflow::ReleaseWorkflow]),
        "SRV-08" => Mechanisms(&[&database_secret::DatabaseSecret]),
        "SRV-09" => Mechanisms(&[&deidentify::Deidentify]),
        "ID-04" => Mechanisms(&[&directory_accounts::DirectoryAccounts]),
        "ID-05" => Mechanisms(&[&staff_credentials::StaffCredentials]),
        "ID-06" => Mechanisms(&[&access_broker::AccessBroker]),
        "ID-07" => Mechanisms(&[&session_approval::SessionApproval]),
        "OPS-03" => Mechanisms(&[&log_collection::LogCollection]),
        "OPS-06" => Mechanisms(&[&decommission::Decommission]),
        // The alert is what sends somebody to a pump that fell silent: the clinical fallback, begun in time. An inventory
        // (OPS-01) would only show the silence, and a log review (OPS-03) would find it afterwards.
        "OPS-07" => Mechanisms(&[&last_seen::LastSeen, &fallback_watch::FallbackWatch]),
        "OPS-08" => Mechanisms(&[&training::Training]),
        "OPS-12" => Mechanisms(&[&canary_group::CanaryGroup]),
        "OPS-11" => Mechanisms(&[&double_check::DoubleCheck]),
        _ => without(id),
    }
}

/// Why a control has no mechanism.
fn without(id: &str) -> Realisation {
    match id {
        "DEV-10" => NotSimulated(
            "every pump delivers and is operated at the bedside without the network; there is nothing to switch on",
        ),
        "OPS-01" => {
            NotSimulated("an inventory changes what people know, and no part of the lab asks them")
        }
        "OPS-02" => NotSimulated(
            "a risk assessment runs the lab from outside; what it decides shows as the list of controls",
        ),
        "OPS-04" => NotSimulated(
            "contract terms act before a device is bought; the profile of a device shows their result",
        ),
        "OPS-09" => NotSimulated(
            "a governance body decides about controls and has no effect of its own in a ward",
        ),
        "OPS-10" => NotSimulated("running the simulator is this control"),
        _ => Pending("this version knows the control from the table only"),
    }
}

//! Attack techniques: what an attacker tries, one file each.
//!
//! A technique acts through [`Hands`](crate::net::port::Hands) and knows what came back through them. Its success is what the target does; no die stands for it.

mod alter_in_transit;
mod answer_names;
mod attacker;
mod await_files;
mod borrow_address;
mod copy_file;
mod craft;
mod deauthenticate;
mod deliver_attachment;
mod destroy_files;
mod dwell;
mod encrypt_files;
mod evil_twin;
mod exhaust_leases;
mod expand_archive;
mod exploit_weakness;
mod fetch_web;
mod find_host;
mod flood;
mod guess_passphrase;
mod jam;
mod join_wlan;
mod knowledge;
mod listen_radio;
mod net_notes;
mod offer_library;
mod open_shell;
mod pivot_shell;
mod plug_media;
pub mod program;
mod publish_file;
mod push_configuration;
mod push_drug_library;
mod push_firmware;
mod query_database;
mod radio_notes;
mod read_file;
mod read_flash;
mod read_share;
mod reinstall_key;
mod replay_messages;
mod reset_access_point;
mod rogue_dhcp;
mod run_program;
mod scan_ports;
mod send_out;
mod spoof_server;
mod spread;
mod technique;
mod touch_pump;
mod upload_archive;
mod use_credential;
mod use_portal;
mod vendor_session;
mod write_flash;

use crate::catalog::{ParameterKind, Vocabulary};
use crate::spec::{ParamValue, StepSpec};
pub use attacker::{Attacker, PlanError, StepProblem};
pub use knowledge::{Knowledge, Known};
pub use technique::{AnyTechnique, Attempt};
use technique::{Progress, Step, Technique};

/// All techniques, by identifier.
pub static TECHNIQUES: &[&dyn AnyTechnique] = &[
    &alter_in_transit::AlterInTransit,
    &answer_names::AnswerNames,
    &await_files::AwaitFiles,
    &borrow_address::BorrowAddress,
    &copy_file::CopyFile,
    &deauthenticate::Deauthenticate,
    &deliver_attachment::DeliverAttachment,
    &destroy_files::DestroyFiles,
    &dwell::Dwell,
    &encrypt_files::EncryptFiles,
    &evil_twin::EvilTwin,
    &exhaust_leases::ExhaustLeases,
    &expand_archive::ExpandArchive,
    &exploit_weakness::ExploitWeakness,
    &fetch_web::FetchWeb,
    &find_host::FindHost,
    &flood::Flood,
    &guess_passphrase::GuessPassphrase,
    &jam::Jam,
    &join_wlan::JoinWlan,
    &listen_radio::ListenRadio,
    &offer_library::OfferLibrary,
    &open_shell::OpenShell,
    &pivot_shell::PivotShell,
    &plug_media::PlugMedia,
    &publish_file::PublishFile,
    &push_configuration::PushConfiguration,
    &push_drug_library::PushDrugLibrary,
    &push_firmware::PushFirmware,
    &query_database::QueryDatabase,
    &read_file::ReadFile,
    &read_flash::ReadFlash,
    &read_share::ReadShare,
    &reinstall_key::ReinstallKey,
    &replay_messages::ReplayMessages,
    &reset_access_point::ResetAccessPoint,
    &rogue_dhcp::RogueDhcp,
    &run_program::RunProgram,
    &scan_ports::ScanPorts,
    &send_out::SendOut,
    &spoof_server::SpoofServer,
    &spread::Spread,
    &touch_pump::TouchPump,
    &upload_archive::UploadArchive,
    &use_credential::UseCredential,
    &use_portal::UsePortal,
    &vendor_session::VendorSession,
    &write_flash::WriteFlash,
];

/// The technique of this identifier.
#[must_use]
pub fn technique_named(id: &str) -> Option<&'static dyn AnyTechnique> {
    TECHNIQUES.iter().copied().find(|t| t.entry().id == id)
}

/// Whether a step names this host or pump in a parameter that takes one.
#[must_use]
pub fn names(step: &StepSpec, host: &str) -> bool {
    let rows = technique_named(&step.technique).map_or(&[][..], |t| t.entry().parameters);
    rows.iter().any(|row| {
        let takes_one = matches!(
            row.kind,
            ParameterKind::Name(Vocabulary::Host | Vocabulary::Pump)
        );
        takes_one && matches!(step.with.get(row.name), Some(ParamValue::Text(t)) if t == host)
    })
}

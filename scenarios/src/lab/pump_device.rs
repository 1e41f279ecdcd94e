//! A pump as a thing, from its profile.

use crate::shape::{Field, Kind, may};
use crate::table::Table;
use pumplab_sim::spec::{DeviceSpec, ImageCheckSpec, Provenance, TamperSpec};
use pumplab_sim::time::Duration;

static CHECK: Kind = Kind::Word(&["none", "checksum", "signature"]);

/// Keys of a profile that say what a pump is as a thing.
pub(crate) static DEVICE: Field = may(
    "device",
    Kind::Table(&crate::shape::Shape {
        name: "a pump as a thing",
        fields: &[
            may(
                "firmware_version",
                Kind::Integer(1, 1_000_000),
                "Version of its firmware; 1 by default.",
            ),
            may(
                "firmware_check",
                CHECK,
                "How it checks firmware before it installs it; by checksum by default.",
            ),
            may(
                "calibration_check",
                CHECK,
                "How it checks calibration data before it uses them; not at all by default.",
            ),
            may(
                "image_signature_capable",
                Kind::Bool,
                "Whether it can check the maker's signature on firmware and calibration; no by default.",
            ),
            may(
                "local_port",
                Kind::Bool,
                "Whether it has a local port for sticks and cables; yes by default.",
            ),
            may(
                "local_port_lockable",
                Kind::Bool,
                "Whether that port can be closed; no by default.",
            ),
            may(
                "tamper_capable",
                Kind::Bool,
                "Whether it has a tamper switch; no by default.",
            ),
            may(
                "operator_capable",
                Kind::Bool,
                "Whether it can ask for an operator's code; no by default.",
            ),
        ],
        one_of: &[],
    }),
    "The pump as a thing: firmware, local port, case, operator's code.",
);

fn check(table: Option<&Table>, key: &str, default: ImageCheckSpec) -> ImageCheckSpec {
    match table.and_then(|t| t.text(key)) {
        Some("none") => ImageCheckSpec::None,
        Some("checksum") => ImageCheckSpec::Checksum,
        Some("signature") => ImageCheckSpec::Signature,
        _ => default,
    }
}

/// What a pump of this profile is as a thing.
pub(super) fn device(ink: &mut Provenance, name: &str, profile: &str, table: &Table) -> DeviceSpec {
    let table = table.table("device");
    let is = |key: &str, default| table.and_then(|t| t.bool(key)).unwrap_or(default);
    let firmware = check(table, "firmware_check", ImageCheckSpec::Checksum);
    let calibration = check(table, "calibration_check", ImageCheckSpec::None);
    DeviceSpec {
        maker: format!("maker of {profile}"),
        firmware_version: table
            .and_then(|t| t.integer("firmware_version"))
            .unwrap_or(1),
        firmware_check: ink.item(format!("{name} firmware check"), firmware),
        calibration_check: ink.item(format!("{name} calibration check"), calibration),
        image_signature_capable: is("image_signature_capable", false),
        local_port: ink.item(format!("{name} local port"), is("local_port", true)),
        local_port_lockable: is("local_port_lockable", false),
        lock: ink.item(format!("{name} case lock"), Duration::ZERO),
        tamper: ink.item(format!("{name} tamper switch"), TamperSpec::None),
        tamper_capable: is("tamper_capable", false),
        operator: None,
        operator_capable: is("operator_capable", false),
        power_sensor: None,
    }
}

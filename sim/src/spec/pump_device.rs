//! A pump as a thing: what it runs, what its ports take, how it is locked, and who may operate it.

use super::Item;
use crate::parameters::{Parameters, Raw, Words};
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// A pump as a thing that can be touched, opened, plugged into and loaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Parameters)]
#[serde(deny_unknown_fields)]
#[param(name = "a pump as a thing")]
pub struct DeviceSpec {
    /// Name of the key with which its maker signs firmware and calibration.
    #[param(skip)]
    pub maker: String,
    /// Version of its firmware.
    #[param(default = 1, range = 1..=1_000_000)]
    pub firmware_version: u32,
    /// How it checks firmware before it installs it.
    #[param(default = "checksum", item = "firmware check")]
    pub firmware_check: Item<ImageCheckSpec>,
    /// How it checks calibration data before it uses them.
    #[param(default = "none", item = "calibration check")]
    pub calibration_check: Item<ImageCheckSpec>,
    /// Whether it can check the manufacturer's signature on firmware and calibration.
    #[param(default = false)]
    pub image_signature_capable: bool,
    /// Whether it has a local port for sticks and cables.
    #[param(default = true, item = "local port")]
    pub local_port: Item<bool>,
    /// Whether that port can be closed.
    #[param(default = false)]
    pub local_port_lockable: bool,
    /// How long a lock on its case holds somebody up.
    #[param(skip = Item::bare(Duration::ZERO), item = "case lock")]
    pub lock: Item<Duration>,
    /// What happens when the case is opened.
    #[param(skip = Item::bare(TamperSpec::None), item = "tamper switch")]
    pub tamper: Item<TamperSpec>,
    /// Whether it has a tamper switch.
    #[param(default = false)]
    pub tamper_capable: bool,
    /// The operator's code that it asks for before it is programmed; none: whoever stands there may.
    #[param(skip)]
    pub operator: Option<Item<OperatorSpec>>,
    /// Whether it can ask for an operator's code.
    #[param(default = false)]
    pub operator_capable: bool,
    /// A sensor at its power lead.
    #[param(skip)]
    pub power_sensor: Option<Item<PowerSensorSpec>>,
}

impl Default for DeviceSpec {
    /// A pump of which nothing is said.
    fn default() -> Self {
        Self::parse(&Raw::new()).expect("every key has a default")
    }
}

/// How an image is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Words)]
#[serde(rename_all = "kebab-case")]
pub enum ImageCheckSpec {
    /// Not at all.
    None,
    /// Its checksum only: whatever is well formed is taken.
    Checksum,
    /// The maker's signature.
    Signature,
}

/// What a tamper switch does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TamperSpec {
    /// There is none, or nothing listens to it.
    None,
    /// It raises an alarm.
    Alarm,
}

/// An operator's code and how long a login lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorSpec {
    /// The code that the staff knows.
    pub code: String,
    /// Time without a touch after which the pump logs the operator off.
    pub logoff: Duration,
}

/// A sensor that compares the power draw of the running firmware with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerSensorSpec {
    /// How often it compares.
    pub every: Duration,
    /// Share of comparisons in which an altered image is noticed, 0 to 1.
    pub true_positive: f64,
    /// Share of comparisons in which a genuine image is taken for an altered one, 0 to 1.
    pub false_positive: f64,
}

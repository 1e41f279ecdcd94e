//! Parameters of a delivery controller. Defaults and their sources: `docs/models/delivery.md`.

use serde::{Deserialize, Serialize};

use crate::time::Duration;

/// Parameters of one delivery controller and its line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeliveryConfig {
    /// Volume in the bag at the start, mL, 0 or more. Default 250 (assumed).
    pub bag_ml: f64,
    /// Battery; without one the pump dies when it is unplugged.
    pub battery: Option<BatteryConfig>,
    /// Whether a programme by hand may run outside the library. Default true: one hospital ran a
    /// quarter of its infusions so (published: AJHP 2021 zxab287).
    pub basic_infusion_allowed: bool,
    /// Constant error of this pump's flow as a fraction, in [-0.05, 0.05]: true flow is
    /// `rate * (1 + flow_error)`. Default 0. The bound is published for a volumetric pump
    /// (IEC 60601-2-24 test); syringe pumps keep to 0.02.
    pub flow_error: f64,
    /// How long the pump may stand paused before it alarms. Default 2 min (from memory \[M\]).
    pub hold_max: Duration,
    /// KVO rate for drugs outside the library, mL/h. Default 5 (assumed; published range 0.1 to 20).
    pub kvo_ml_per_h: f64,
    /// The bag counts as nearly empty at this volume or less, mL. Default 10 (assumed).
    pub near_end_ml: f64,
    /// Pressure behaviour of the line.
    pub occlusion: OcclusionConfig,
    /// Highest rate the mechanism can do, mL/h. Default 1200 (published example of a volumetric pump).
    pub rate_max_ml_per_h: f64,
    /// Lowest rate the mechanism can do, mL/h. Default 0.1 (same source).
    pub rate_min_ml_per_h: f64,
    /// Largest volume to be infused, mL. Default 9999 (from memory \[M\]).
    pub vtbi_max_ml: f64,
}

/// Battery of a pump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatteryConfig {
    /// The battery counts as low when it lasts this much longer or less. Default 30 min (assumed).
    pub low_warning: Duration,
    /// Time to charge from empty to full. Default 10 h (from memory \[M\]: 6 to 16 h).
    pub recharge: Duration,
    /// Time a full battery lasts. Default 6 h (from memory \[M\]: 4 to 8 h).
    pub run_time: Duration,
}

/// Pressure behaviour of the line downstream of the pump.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OcclusionConfig {
    /// Pressure without occlusion, kPa. Default 15 (published worked case).
    pub baseline_kpa: f64,
    /// Most that is left in the line after an occlusion alarm, mL: what gathered beyond it is drawn
    /// back. Default 0.5 (published: ECRI bound on the post-occlusion bolus).
    pub bolus_max_ml: f64,
    /// Volume the line takes up per pressure, mL/kPa. Default 0.01 (published worked case).
    pub compliance_ml_per_kpa: f64,
    /// Pressure at which the alarm comes, kPa. Default 85 (published worked case).
    pub limit_kpa: f64,
}

/// Why a configuration does not make sense.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A number is not finite or outside its range.
    #[error("{field} is {value}, but must lie between {min} and {max}")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// Its value.
        value: f64,
        /// Least value allowed.
        min: f64,
        /// Greatest value allowed.
        max: f64,
    },
    /// A duration is zero.
    #[error("{field} must be longer than zero")]
    ZeroDuration {
        /// Which field.
        field: &'static str,
    },
}

impl Default for DeliveryConfig {
    fn default() -> Self {
        Self {
            bag_ml: 250.0,
            battery: Some(BatteryConfig::default()),
            basic_infusion_allowed: true,
            flow_error: 0.0,
            hold_max: Duration::from_mins(2),
            kvo_ml_per_h: 5.0,
            near_end_ml: 10.0,
            occlusion: OcclusionConfig::default(),
            rate_max_ml_per_h: 1200.0,
            rate_min_ml_per_h: 0.1,
            vtbi_max_ml: 9999.0,
        }
    }
}

impl Default for BatteryConfig {
    fn default() -> Self {
        Self {
            low_warning: Duration::from_mins(30),
            recharge: Duration::from_hours(10),
            run_time: Duration::from_hours(6),
        }
    }
}

impl Default for OcclusionConfig {
    fn default() -> Self {
        Self {
            baseline_kpa: 15.0,
            bolus_max_ml: 0.5,
            compliance_ml_per_kpa: 0.01,
            limit_kpa: 85.0,
        }
    }
}

impl OcclusionConfig {
    /// Volume that gathers upstream of an occlusion before the alarm comes, mL.
    pub fn limit_ml(&self) -> f64 {
        self.compliance_ml_per_kpa * (self.limit_kpa - self.baseline_kpa)
    }
}

impl DeliveryConfig {
    /// Volume above which a bag, kPa above which a pressure is a mistake in a file.
    const ABSURD: f64 = 1e6;

    /// Whether the configuration makes sense; the first thing wrong otherwise.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let max = self.rate_max_ml_per_h;
        let occlusion = &self.occlusion;
        for (field, value, least, greatest) in [
            ("bag_ml", self.bag_ml, 0.0, Self::ABSURD),
            ("flow_error", self.flow_error, -0.05, 0.05),
            ("rate_max_ml_per_h", max, 0.001, Self::ABSURD),
            ("rate_min_ml_per_h", self.rate_min_ml_per_h, 0.001, max),
            (
                "kvo_ml_per_h",
                self.kvo_ml_per_h,
                self.rate_min_ml_per_h,
                max,
            ),
            ("near_end_ml", self.near_end_ml, 0.0, Self::ABSURD),
            ("vtbi_max_ml", self.vtbi_max_ml, 0.001, Self::ABSURD),
            (
                "occlusion.baseline_kpa",
                occlusion.baseline_kpa,
                0.0,
                Self::ABSURD,
            ),
            (
                "occlusion.limit_kpa",
                occlusion.limit_kpa,
                occlusion.baseline_kpa,
                Self::ABSURD,
            ),
            (
                "occlusion.bolus_max_ml",
                occlusion.bolus_max_ml,
                0.0,
                Self::ABSURD,
            ),
            (
                "occlusion.compliance_ml_per_kpa",
                occlusion.compliance_ml_per_kpa,
                0.0,
                Self::ABSURD,
            ),
        ] {
            if !(least..=greatest).contains(&value) {
                return Err(ConfigError::OutOfRange {
                    field,
                    value,
                    min: least,
                    max: greatest,
                });
            }
        }
        let battery = self.battery.unwrap_or_default();
        for (field, span) in [
            ("hold_max", self.hold_max),
            ("battery.recharge", battery.recharge),
            ("battery.run_time", battery.run_time),
        ] {
            if span.is_zero() {
                return Err(ConfigError::ZeroDuration { field });
            }
        }
        Ok(())
    }
}

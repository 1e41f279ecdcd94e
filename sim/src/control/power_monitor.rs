//! Sensors at the power leads of pumps that notice firmware which is not the maker's.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, PowerSensorSpec, Provenance, RoleSpec};
use crate::time::Duration;

/// Comparison every quarter of an hour; 95 % of altered images noticed each time, one comparison in a thousand wrong \[A\].
const SENSOR: PowerSensorSpec = PowerSensorSpec {
    every: Duration::from_mins(15),
    true_positive: 0.95,
    false_positive: 0.001,
};

/// Power sensors.
pub(super) struct PowerMonitor;

static ENTRY: Entry = Entry {
    id: "power-monitor",
    title: "Power sensors on pumps",
    summary: "A sensor at the power lead of every pump compares the draw of the running firmware with what is known of the maker's, and alerts where they differ. It stops \
              nothing. Its rates of true and false alerts are those of a sensor's noise and are assumed.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SI-7, SI-4", "SP 1800-8 [M-med]"],
};

impl Mechanism for PowerMonitor {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-08",
            rank: Rank(Stage::Hosts, 80),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                if let RoleSpec::Pump(pump) = role
                    && pump.device.power_sensor.is_none()
                {
                    let what = format!("{} power sensor", host.name);
                    pump.device.power_sensor = Some(ink.item(what, SENSOR));
                    changed = true;
                }
            }
        }
        Effect::if_any(changed, "every pump has a power sensor already")
    }
}

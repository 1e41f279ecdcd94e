//! Sensors: what in a lab notices things. A sensor sees what passes where it stands, and nothing else; what it makes of that is an alert
//! ([`MonitoringRecord::Alert`](crate::record::MonitoringRecord::Alert)) with the item that put the sensor there.
//!
//! Sensors that are part of a device live in the device's own file (a radio in an access point, a log on a host); their entry
//! stands there, and is listed here. Whether an alert was due to an attack is judged by [`detection`](crate::why::detection), from outside.

pub mod log_collector;
pub mod traffic_sensor;

use crate::catalog::Entry;
use crate::device::part::parts;
use crate::device::{case, controller, power_sensor, program, pump_server};
use crate::net::segment;

parts! { Monitoring:
    /// Log collector.
    LOG_COLLECTOR = "LogCollector" in log_collector::PART;
    /// Sensor behind a mirror port.
    TRAFFIC_SENSOR = "TrafficSensor" in traffic_sensor::PART;
}

/// All sensors, by identifier: an alert names one of them. What is said of a sensor stands where it raises its alerts.
pub static SENSORS: &[&Entry] = &[
    &program::ALLOW_LIST,
    &program::ANTI_MALWARE,
    &traffic_sensor::BASELINE,
    &log_collector::SENSOR,
    &segment::PORT_BINDING,
    &power_sensor::SENSOR,
    &pump_server::STORE_MONITOR,
    &case::SENSOR,
    &traffic_sensor::PATTERN,
    &controller::SENSOR,
];

/// The sensor of this identifier.
#[must_use]
pub fn known(id: &str) -> Option<&'static Entry> {
    SENSORS.iter().copied().find(|s| s.id == id)
}

#[cfg(test)]
mod tests {
    use super::SENSORS;

    #[test]
    fn sensors_are_listed_once_in_order_and_explained() {
        assert!(SENSORS.windows(2).all(|pair| pair[0].id < pair[1].id));
        for sensor in SENSORS {
            assert!(
                sensor.title.len() > 10 && sensor.summary.ends_with('.'),
                "{}",
                sensor.id
            );
        }
    }
}

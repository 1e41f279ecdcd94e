//! Sensors in the radios of access points.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, SensorSpec};

/// Deauthentication frames within 10 s that are a burst: the common threshold of open-source sensors (domain notes 4).
const BURST: u32 = 10;

/// Rogue access points and forged frames are noticed.
pub(super) struct WirelessSensors;

static ENTRY: Entry = Entry {
    id: "wireless-sensors",
    title: "Sensors in the radios of access points",
    summary: "Every access point hears all frames on its own channel beside its work. It reports bursts of ten deauthentication frames within ten \
              seconds that are in its name or sent to it, and an unknown access point that offers one of its networks. The controller \
              raises the alert. Other channels and noise go unnoticed, and so does who only listens.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SI-4(14)", "domain notes 4"],
};

impl Mechanism for WirelessSensors {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-05",
            rank: Rank(Stage::Joining, 90),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for ap in lab.access_points.iter_mut().filter(|a| a.sensor.is_none()) {
            let value = SensorSpec {
                deauthentications: BURST,
            };
            ap.sensor = Some(ink.item(format!("{} radio sensor", ap.name), value));
            changed = true;
        }
        Effect::if_any(changed, "every access point is a sensor already")
    }
}

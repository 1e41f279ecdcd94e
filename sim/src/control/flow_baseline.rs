//! A baseline of flows on a mirror port of the pumps' segments.

use super::traffic_sensor::{mirror, of_host};
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{BaselineSpec, LabSpec, Provenance};
use crate::time::Duration;

/// How long the sensor learns \[A\]: the ward is up and has spoken to everybody it speaks to.
const LEARNS: Duration = Duration::from_mins(8);
/// Different tries of one source within a minute that are too many \[A\].
const FAN_OUT: u32 = 15;
/// Packets of one source to one destination within ten seconds that are too many \[A\].
const BURST: u32 = 500;

/// Flow baseline and anomaly detection.
pub(super) struct FlowBaseline;

static ENTRY: Entry = Entry {
    id: "flow-baseline",
    title: "A learned baseline of flows on the pumps' segments",
    summary: "Every frame that enters a segment of pumps is copied to the sensor, which learns for some minutes who speaks with whom, and \
              afterwards raises an alert about a new pair that involves a pump, a source that tries many addresses and ports, and floods. What \
              happens while it learns is normal to it.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SI-4, CM-2"],
};

impl Mechanism for FlowBaseline {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-07",
            rank: Rank(Stage::Rules, 70),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let Some((sensor, mut changed)) = mirror(lab, ink) else {
            return Effect::None("the lab has no sensor for mirrored traffic");
        };
        for spec in of_host(lab, &sensor).filter(|s| s.baseline.is_none()) {
            changed = true;
            let baseline = BaselineSpec {
                learns: LEARNS,
                fan_out: FAN_OUT,
                burst: BURST,
            };
            spec.baseline = Some(ink.item(format!("{sensor} flow baseline"), baseline));
        }
        Effect::if_any(changed, "the sensor has a baseline already")
    }
}

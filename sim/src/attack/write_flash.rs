//! Opens a pump and writes its flash memory.

use super::craft::payload::{Alarms, Firmware};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, Shown};
use crate::parameters::{Factor, Parameters, Port, Pump};
use crate::time::Duration;

/// Technique `write-flash`.
#[derive(Debug)]
pub(super) struct WriteFlash;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump that it is at.
    device: Pump,
    /// Delivered rate per displayed rate.
    #[param(default = "x1")]
    factor: Factor,
    /// What the firmware does with alarms; nothing unusual if not given.
    alarms: Option<Alarms>,
    /// Port on which the firmware opens a shell; none if not given.
    backdoor: Option<Port>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, WriteFlash>;

static ENTRY: Entry = Entry {
    id: "write-flash",
    title: "Write the flash memory of an opened pump",
    summary: "Somebody at a pump opens its case, connects to its flash memory and writes firmware of their own into it. No check of updates is asked: they \
              write past it. It takes a quarter of an hour, longer with a lock; a tamper switch calls a nurse, and whoever comes sends them away. The firmware runs once the pump is idle. \
              Its power draw differs from that of the maker's image.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1542.001", "T0839", "T1200"],
};

impl Technique for WriteFlash {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["walk up", "at the case", "written"];

    // Locks take time.
    fn patience(_: &Params) -> Duration {
        Duration::from_hours(2)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let params = step.params;
                let firmware = Firmware {
                    factor: params.factor,
                    alarms: params.alarms,
                    backdoor: params.backdoor,
                };
                if step.hands.write_flash(&params.device, firmware.image()) {
                    Progress::Reached(1)
                } else {
                    Progress::Failed("is not at the device")
                }
            }
            Input::Shown(Shown::Written) => Progress::Done("written"),
            Input::Shown(Shown::SentAway) => Progress::Failed("was sent away"),
            _ => Progress::Wait,
        }
    }
}

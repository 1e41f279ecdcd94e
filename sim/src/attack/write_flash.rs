//! Opens a pump and writes its flash memory.

use super::altered_load::{ALARMS, BACKDOOR, FACTOR, image};
use super::touch_pump::DEVICE;
use super::{Params, Progress, Step, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, Shown};
use crate::time::Duration;
use crate::wire::image::ImageKind;

/// Technique `write-flash`.
#[derive(Debug)]
pub(super) struct WriteFlash;

static ENTRY: Entry = Entry {
    id: "write-flash",
    title: "Write the flash memory of an opened pump",
    summary: "Somebody at a pump opens its case, connects to its flash memory and writes firmware of their own into it. No check of updates is asked: they \
              write past it. It takes a quarter of an hour, longer with a lock; a tamper switch calls a nurse, and whoever comes sends them away. The firmware runs once the pump is idle. \
              Its power draw differs from that of the maker's image.",
    parameters: &[DEVICE, FACTOR, ALARMS, BACKDOOR],
    references: &["T1542.001", "T0839", "T1200"],
};

impl Technique for WriteFlash {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["walk up", "at the case", "written"]
    }

    // Locks take time.
    fn patience(&self, _: &Params) -> Duration {
        Duration::from_hours(2)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let image = image(step, ImageKind::Firmware);
                if step.hands.write_flash(step.params.text("device"), image) {
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

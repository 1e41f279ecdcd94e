//! Brings something to the local port of a pump, on a stick or over a service cable.

use super::altered_load::{ALARMS, BACKDOOR, DRUG, FACTOR, WHAT, load};
use super::touch_pump::DEVICE;
use super::{Params, Progress, Step, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, Shown};
use crate::time::Duration;

/// Technique `plug-media`.
#[derive(Debug)]
pub(super) struct PlugMedia;

static ENTRY: Entry = Entry {
    id: "plug-media",
    title: "Load something through a pump's local port",
    summary: "Somebody who stands next to a pump plugs in a stick, or a held service computer uses the cable that staff has plugged in; without a cable it waits for one. What it brings is \
              firmware, calibration or a drug library that the attacker made, without a valid signature. A closed port takes nothing; an open one hands it to the same checks as the \
              network does. Nothing crosses the network; a sensor sees nothing but the pump's own log.",
    parameters: &[DEVICE, WHAT, FACTOR, ALARMS, BACKDOOR, DRUG],
    references: &["T1091", "T0847", "T1200", "T0839"],
};

fn plug(step: &mut Step<'_, '_, '_>) -> Progress {
    let Some(load) = load(step) else {
        return Progress::Failed("has nothing to load");
    };
    if step.hands.plug(step.params.text("device"), load) {
        Progress::Reached(1)
    } else {
        // Somebody may yet connect the computer to the pump.
        Progress::Wait
    }
}

impl Technique for PlugMedia {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["at the port", "plugged in", "taken"]
    }

    // It waits for a cable as long as it takes.
    fn patience(&self, _: &Params) -> Duration {
        Duration::from_hours(12)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => plug(step),
            Input::Cabled if step.state.stage == 0 => plug(step),
            Input::Shown(Shown::Took) => Progress::Done("the pump took it"),
            Input::Shown(Shown::TookNothing) => Progress::Failed("the pump took nothing"),
            _ => Progress::Wait,
        }
    }
}

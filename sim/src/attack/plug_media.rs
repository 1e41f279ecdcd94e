//! Brings something to the local port of a pump, on a stick or over a service cable.

use super::craft::payload::{Alarms, Firmware, calibration};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, Shown};
use crate::parameters::{Drug, Factor, Parameters, Port, Pump, Words};
use crate::time::Duration;
use crate::wire::image::Load;

/// Technique `plug-media`.
#[derive(Debug)]
pub(super) struct PlugMedia;

/// What is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum What {
    /// Firmware.
    Firmware,
    /// Calibration data.
    Configuration,
    /// A drug library.
    Library,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump that it is at.
    device: Pump,
    /// What is loaded.
    what: What,
    /// Delivered rate per displayed rate, or factor on the upper limits of a library.
    #[param(default = "x1", needed_with(what = "configuration", "library"))]
    factor: Factor,
    /// What the firmware does with alarms; nothing unusual if not given.
    #[param(only_with(what = "firmware"))]
    alarms: Option<Alarms>,
    /// Port on which the firmware opens a shell; none if not given.
    #[param(only_with(what = "firmware"))]
    backdoor: Option<Port>,
    /// Drug whose upper limits are scaled.
    #[param(only_with(what = "library"), needed_with(what = "library"))]
    drug: Option<Drug>,
    /// Version that the library claims.
    #[param(default = 100, range = 1..=1000000, only_with(what = "library"))]
    version: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, PlugMedia>;

static ENTRY: Entry = Entry {
    id: "plug-media",
    title: "Load something through a pump's local port",
    summary: "Somebody who stands next to a pump plugs in a stick, or a held service computer uses the cable that staff has plugged in; without a cable it waits for one. What it brings is \
              firmware, calibration or a drug library that the attacker made, without a valid signature. A closed port takes nothing; an open one hands it to the same checks as the \
              network does. Nothing crosses the network; a sensor sees nothing but the pump's own log.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1091", "T0847", "T1200", "T0839"],
};

/// What the step brings along; none where it knows nothing to alter.
fn load(step: &Step<'_, '_, '_>) -> Option<Load> {
    let p = step.params;
    Some(match p.what {
        What::Firmware => Load::Image(
            Firmware {
                factor: p.factor,
                alarms: p.alarms,
                backdoor: p.backdoor,
            }
            .image(),
        ),
        What::Configuration => Load::Image(calibration(p.factor)),
        What::Library => {
            let drug = p.drug.as_deref().unwrap_or_default();
            Load::Library(step.altered(drug, p.factor, p.version)?)
        }
    })
}

fn plug(step: &mut Step<'_, '_, '_>) -> Progress {
    let Some(load) = load(step) else {
        return Progress::Failed("has nothing to load");
    };
    if step.hands.plug(&step.params.device, load) {
        Progress::Reached(1)
    } else {
        // Somebody may yet connect the computer to the pump.
        Progress::Wait
    }
}

impl Technique for PlugMedia {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["at the port", "plugged in", "taken"];

    // It waits for a cable as long as it takes.
    fn patience(_: &Params) -> Duration {
        Duration::from_hours(12)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => plug(step),
            Input::Cabled if step.stage == 0 => plug(step),
            Input::Shown(Shown::Took) => Progress::Done("the pump took it"),
            Input::Shown(Shown::TookNothing) => Progress::Failed("the pump took nothing"),
            _ => Progress::Wait,
        }
    }
}

//! Reads the storage of a device that it has in hand.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, Shown};

/// Technique `read-flash`.
#[derive(Debug)]
pub(super) struct ReadFlash;

static ENTRY: Entry = Entry {
    id: "read-flash",
    title: "Read the storage of a device in hand",
    summary: "Opens a device that was bought, found or stolen, reads its storage and keeps the network keys that are readable.",
    parameters: &[Parameter {
        name: "device",
        kind: ParameterKind::Host,
        required: true,
        doc: "device in hand",
    }],
    references: &["T1552.001", "T1200"],
};

impl Technique for ReadFlash {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["open", "key found"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin if step.hands.open_case(step.params.text("device")) => Progress::Wait,
            Input::Begin => Progress::Failed("the device is not in hand"),
            Input::Shown(Shown::SentAway) => Progress::Failed("was sent away"),
            Input::Contents(files) => {
                let mut found = false;
                for file in files {
                    found |= step.study(file);
                }
                if found {
                    Progress::Done("network key")
                } else {
                    Progress::Failed("nothing readable of use")
                }
            }
            _ => Progress::Wait,
        }
    }
}

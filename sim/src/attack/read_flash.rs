//! Reads the storage of a device that it has in hand.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, Shown};
use crate::time::Duration;
use crate::wire::file::Content;

/// Technique `read-flash`.
#[derive(Debug)]
pub(super) struct ReadFlash;

static ENTRY: Entry = Entry {
    id: "read-flash",
    title: "Read the storage of a device in hand",
    summary: "Opens a device that was bought, found or stolen, or one next to which they stand, reads its storage and keeps what is readable: network keys, accounts, patient records.",
    parameters: &[
        Parameter {
            name: "device",
            kind: ParameterKind::Host,
            required: true,
            doc: "device in hand",
        },
        Parameter {
            name: "want",
            kind: ParameterKind::Text,
            required: false,
            doc: "`certificate` if a certificate with its key is enough for it",
        },
    ],
    references: &["T1552.001", "T1200"],
};

impl Technique for ReadFlash {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["open", "key found"]
    }

    // Locks take time.
    fn patience(&self, _: &Params) -> Duration {
        Duration::from_hours(2)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin if step.hands.open_case(step.params.text("device")) => Progress::Wait,
            Input::Begin => Progress::Failed("the device is not in hand"),
            Input::Shown(Shown::SentAway) => Progress::Failed("was sent away"),
            Input::Contents(files) => {
                let certificate = step.params.text("want") == "certificate";
                let mut found = false;
                for file in files {
                    found |= step.study(file);
                    found |= certificate && matches!(file.content, Content::Identity { .. });
                }
                if found {
                    Progress::Done("something readable of use")
                } else {
                    Progress::Failed("nothing readable of use")
                }
            }
            _ => Progress::Wait,
        }
    }
}

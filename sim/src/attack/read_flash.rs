//! Reads the storage of a device that it has in hand.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, Shown};
use crate::parameters::{Host, Parameters, Words};
use crate::time::Duration;
use crate::wire::file::Content;

/// Technique `read-flash`.
#[derive(Debug)]
pub(super) struct ReadFlash;

/// What is enough for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Want {
    /// A certificate with its key.
    Certificate,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Device in hand.
    device: Host,
    /// What is enough for it besides keys, accounts and records.
    want: Option<Want>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ReadFlash>;

static ENTRY: Entry = Entry {
    id: "read-flash",
    title: "Read the storage of a device in hand",
    summary: "Opens a device that was bought, found or stolen, or one next to which they stand, reads its storage and keeps what is readable: network keys, accounts, patient records.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1552.001", "T1200"],
};

impl Technique for ReadFlash {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["open", "key found"];

    // Locks take time.
    fn patience(_: &Params) -> Duration {
        Duration::from_hours(2)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin if step.hands.open_case(&step.params.device) => Progress::Wait,
            Input::Begin => Progress::Failed("the device is not in hand"),
            Input::Shown(Shown::SentAway) => Progress::Failed("was sent away"),
            Input::Contents(files) => {
                let certificate = step.params.want == Some(Want::Certificate);
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

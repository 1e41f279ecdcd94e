//! Destroys files of the host it runs on.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::Parameters;

/// Technique `destroy-files`.
#[derive(Debug)]
pub(super) struct DestroyFiles;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Beginning of the paths; all files if not given.
    below: Option<String>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, DestroyFiles>;

static ENTRY: Entry = Entry {
    id: "destroy-files",
    title: "Destroy files",
    summary: "Overwrites files of the host it runs on so that nothing is left of them: all, or those whose path begins as given. What needs one of \
              them stops. Nothing of it is seen on the network.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1485", "T0828"],
};

impl Technique for DestroyFiles {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["destroy", "destroyed"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let Input::Begin = input else {
            return Progress::Wait;
        };
        let below = step.params.below.as_deref().unwrap_or_default();
        let files = step.hands.files().into_iter().map(|f| f.path);
        let paths: Vec<String> = files.filter(|p| p.starts_with(below)).collect();
        let gone = paths.iter().filter(|p| step.hands.destroy_file(p)).count();
        if gone == 0 {
            Progress::Failed("no such files")
        } else {
            Progress::Done("files gone")
        }
    }
}

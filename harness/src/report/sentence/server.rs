//! Sentences about pump servers, their databases, portals and brokers.

use super::Words;
use pumplab_sim::record::LabRecord;

pub(super) fn sentence(words: &Words, what: &LabRecord) -> Option<String> {
    Some(match what {
        LabRecord::PortalDenied { what, item } => {
            format!("the portal refused {what} ({})", words.item(*item))
        }
        LabRecord::LibraryLoaded { version, .. } => {
            format!(
                "took library version {version} from the database, which differs from the one it had"
            )
        }
        LabRecord::LibraryOffered { pump, version } => {
            format!("offered library version {version} to {}", words.node(*pump))
        }
        LabRecord::StoreWritten { version, from, .. } => {
            format!("stored library version {version} for {}", words.ip(*from))
        }
        LabRecord::StoreRead { version } => {
            format!("gave out the stored library version {version}")
        }
        LabRecord::SessionCarried { from, to } => format!(
            "carries a session of {} on to {} and records it",
            words.ip(*from),
            words.ip(*to)
        ),
        LabRecord::SessionDenied { to, item } => format!(
            "carries no session on to {} ({})",
            words.ip(*to),
            words.item(*item)
        ),
        LabRecord::SessionCommand { what } => format!("recorded in the session: {what}"),
        LabRecord::SessionKilled { from, item } => format!(
            "ended the session of {} ({})",
            words.ip(*from),
            words.item(*item)
        ),
        LabRecord::CodeAsked { peer, port, item } => format!(
            "asked {} on port {port} for the code of a token ({})",
            words.ip(*peer),
            words.item(*item)
        ),
        LabRecord::TaskEnded { task, success } => {
            let end = if *success { "done" } else { "given up" };
            format!("{task}: {end}")
        }
        _ => return None,
    })
}

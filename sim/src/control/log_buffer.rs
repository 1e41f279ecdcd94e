//! Logs kept by pumps while they are offline.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};

/// Buffered logs on pumps.
pub(super) struct LogBuffer;

static ENTRY: Entry = Entry {
    id: "log-buffer",
    title: "Buffered logs on pumps",
    summary: "A pump keeps its log while it is offline and uploads it later, instead of losing it.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 AU-2, AU-4"],
};

impl Mechanism for LogBuffer {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-09",
            rank: Rank(Stage::Hosts, 90),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for role in lab.hosts.iter_mut().flat_map(|h| &mut h.roles) {
            if let RoleSpec::Pump(pump) = role
                && !pump.log_buffer.value
            {
                ink.set(&mut pump.log_buffer, true);
                changed = true;
            }
        }
        Effect::if_any(changed, "every pump buffers its log already")
    }
}

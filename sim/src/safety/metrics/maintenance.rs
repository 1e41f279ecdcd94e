//! Changes of settings, and visits of vendors' engineers.

use super::count::Count;
use super::metric::{Better, Definition, Family, Gather};
use super::unit::Unit;
use crate::engine::Entry;
use crate::record::{AccessRecord, LabRecord, SessionRecord, Task};
use crate::safety::{Needs, Truth};

/// What was maintained.
#[derive(Clone, Debug, Default)]
pub(super) struct Maintenance {
    changes_made: Count,
    changes_taken_back: Count,
    sessions_recorded: Count,
    visits: Count,
}

impl Family for Maintenance {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "changes-made",
            title: "Changes in force",
            doc: "Changes of the lowest version of TLS that came into force for all pumps of a server.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Count(|maintenance| &maintenance.changes_made),
        },
        Definition {
            id: "changes-taken-back",
            title: "Changes taken back",
            doc: "Changes that a server tried on a canary group and took back.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Count(|maintenance| &maintenance.changes_taken_back),
        },
        Definition {
            id: "vendor-sessions-recorded",
            title: "Vendor sessions recorded",
            doc: "Sessions of makers' support that a broker carried on and recorded.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Count(|maintenance| &maintenance.sessions_recorded),
        },
        Definition {
            id: "vendor-visits",
            title: "Support visits",
            doc: "Visits that makers' engineers brought to their end.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::VendorVisit,
            gather: Gather::Count(|maintenance| &maintenance.visits),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, _: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Session(SessionRecord::TlsMinimumSet { canary: 0, .. }) => {
                self.changes_made.one(e);
            }
            LabRecord::Session(SessionRecord::ChangeTakenBack { .. }) => {
                self.changes_taken_back.one(e);
            }
            LabRecord::Access(AccessRecord::SessionCarried { .. }) => self.sessions_recorded.one(e),
            LabRecord::Access(AccessRecord::TaskEnded {
                task: Task::SupportVisit,
                success: true,
            }) => self.visits.one(e),
            _ => {}
        }
    }
}

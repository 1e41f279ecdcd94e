//! Alarms of a pump reach its server in time.

use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::Entry;
use crate::record::{AlarmRecord, LabRecord, Missing};

/// Property `alarm-delivery`.
#[derive(Debug)]
pub(super) struct AlarmDelivery;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "alarm-delivery",
    title: "Alarms reach the pump server within 10 s",
    summary: "Every alarm of a pump is confirmed by a pump server within 10 s of its beginning, unless a nurse has answered it at the pump before.",
    parameters: &[],
    relations: &[],
    references: &["IHE PCD ACM"],
};

impl Property for AlarmDelivery {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Infusion
    }

    fn judge(&self, _: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        match entry.what {
            LabRecord::Alarm(AlarmRecord::DeadlinePassed {
                missing: Missing::AlarmTaken { number },
                after,
            }) => {
                let after = after.for_people();
                Some(format!("alarm {number} reached no server within {after}"))
            }
            _ => None,
        }
    }
}

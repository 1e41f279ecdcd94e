//! Infusions that are to run do run.

use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::Entry;
use crate::record::{AlarmRecord, LabRecord, Missing};

/// Property `therapy-continuity`.
#[derive(Debug)]
pub(super) struct TherapyContinuity;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "therapy-continuity",
    title: "No infusion stands still for more than 5 minutes",
    summary: "A programmed infusion that stops without anybody wanting it goes on within 5 minutes.",
    parameters: &[],
    relations: &[],
    references: &["GPCA hazard: under-infusion"],
};

impl Property for TherapyContinuity {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Infusion
    }

    fn judge(&self, _: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        match entry.what {
            LabRecord::Alarm(AlarmRecord::DeadlinePassed {
                missing: Missing::Therapy,
                after,
            }) => {
                let after = after.for_people();
                Some(format!("infusion has stood still for {after}"))
            }
            _ => None,
        }
    }
}

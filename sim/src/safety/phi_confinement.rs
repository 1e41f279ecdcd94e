//! Patient records stay where they belong.

use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::Entry;
use crate::record::{LabRecord, StorageRecord};

/// Property `phi-confinement`.
#[derive(Debug)]
pub(super) struct PhiConfinement;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "phi-confinement",
    title: "Patient records stay with the systems whose business they are",
    summary: "No readable patient record comes into the hands of a host other than pumps, pump servers and their databases, the health \
              record, the alarm manager and the nurses' station.",
    parameters: &[],
    relations: &[],
    references: &["45 CFR 164.312(a)(1)"],
};

impl Property for PhiConfinement {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Nothing
    }

    fn judge(&self, truth: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        match entry.what {
            LabRecord::Storage(StorageRecord::RecordsHeld { records, by })
                if !truth.may_hold_records.contains(&entry.node) =>
            {
                Some(format!(
                    "{records} patient records came to {} by {by}",
                    truth.shared.names[entry.node.index()]
                ))
            }
            _ => None,
        }
    }
}

//! Pumps run libraries that the pharmacy issued.

use super::{Needs, Property, Truth};
use crate::catalog::Entry as CatalogEntry;
use crate::engine::Entry;
use crate::record::{LabRecord, LibraryRecord};

/// Property `library-integrity`.
#[derive(Debug)]
pub(super) struct LibraryIntegrity;

static ENTRY: CatalogEntry = CatalogEntry {
    id: "library-integrity",
    title: "Pumps run libraries that the pharmacy issued",
    summary: "Every library that becomes active in a pump has the content of one that the pharmacy issued.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8 R2 [M]"],
};

impl Property for LibraryIntegrity {
    fn entry(&self) -> &'static CatalogEntry {
        &ENTRY
    }

    fn needs(&self) -> Needs {
        Needs::Pump
    }

    fn judge(&self, truth: &Truth, entry: &Entry<LabRecord>) -> Option<String> {
        let LabRecord::Library(LibraryRecord::LibraryActivated { version, digest }) = entry.what
        else {
            return None;
        };
        let issued = truth.shared.libraries.iter().any(|l| l.digest() == digest);
        (!issued).then(|| {
            format!("library version {version} became active, which the pharmacy never issued")
        })
    }
}

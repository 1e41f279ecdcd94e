//! Drug libraries of a lab's pharmacy.

use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::lab::shapes;
use crate::library::{Kind, Library};
use crate::table::Table;
use pumplab_sim::clinical::drug_library::{
    AmountUnit, Concentration, DrugLibrary, LibraryEntry, Limits,
};
use std::sync::Arc;

/// Reads the drug library of this name; none where there is no such file (told by whoever names it).
pub(crate) fn load(library: &Library, name: &str) -> Result<Option<DrugLibrary>, Diagnostics> {
    let Some(source) = library.source(Kind::DrugLibrary, name)? else {
        return Ok(None);
    };
    parse(library, &source).map(Some)
}

pub(crate) fn parse(library: &Library, source: &Arc<Source>) -> Result<DrugLibrary, Diagnostics> {
    let names = library.file_names();
    let (table, mut found) =
        check::read(source, &names, library.catalogue(), &shapes::DRUG_LIBRARY);
    let read: Vec<_> = table.tables("entry").map(|t| (t, entry(t))).collect();
    let places: Vec<&Table> = read
        .iter()
        .filter(|(_, e)| e.is_some())
        .map(|(t, _)| *t)
        .collect();
    let drugs = table.integer("version").map(|version| DrugLibrary {
        version,
        entries: read.iter().filter_map(|(_, e)| e.clone()).collect(),
    });
    if let Some(Err(wrong)) = drugs.as_ref().map(DrugLibrary::validate) {
        let span = places.last().map_or(0..0, |t| t.span.clone());
        found.push(Diagnostic::at(
            Code::DrugLibrary,
            source,
            span,
            format!("the drug library makes no sense: {wrong}"),
        ));
    }
    found.finish(drugs, source)
}

fn entry(table: &Table) -> Option<LibraryEntry> {
    Some(LibraryEntry {
        care_area: table.string("care_area")?,
        drug: table.string("drug")?,
        concentration: Concentration {
            text: table.string("label")?,
            per_ml: table.number("per_ml")?,
            unit: match table.text("unit")? {
                "mg" => AmountUnit::Mg,
                "units" => AmountUnit::Units,
                _ => return None,
            },
        },
        limits: Limits {
            hard_min: table.number("hard_min"),
            soft_min: table.number("soft_min"),
            soft_max: table.number("soft_max"),
            hard_max: table.number("hard_max"),
        },
        kvo_ml_per_h: table.number("kvo_ml_per_h")?,
        high_alert: table.bool("high_alert").unwrap_or(false),
    })
}

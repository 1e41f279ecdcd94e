//! Drug libraries of a lab's pharmacy.

use crate::check;
use crate::common::{SUMMARY, TITLE};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::kind;
use crate::library::Library;
use crate::shape::{Kind, Shape, Vocabulary, may, need};
use crate::table::Table;
use pumplab_sim::clinical::drug_library::{
    AmountUnit, Concentration, DrugLibrary, LibraryEntry, LibraryError, Limits,
};
use std::sync::Arc;

/// A drug library.
pub(crate) static DRUG_LIBRARY: Shape = Shape {
    name: "a drug library",
    fields: &[
        TITLE,
        SUMMARY,
        need("version", Kind::Integer(1, 1_000_000), "Version."),
        need(
            "entry",
            Kind::List(&Kind::Table(&ENTRY)),
            "One drug in one concentration in one care area.",
        ),
    ],
    one_of: &[],
};

const RATE: Kind = Kind::Number(0.0, 10_000.0);

static ENTRY: Shape = Shape {
    name: "a library entry",
    fields: &[
        need("care_area", Kind::Text, "Care area."),
        need("drug", Kind::Text, "Drug."),
        need("label", Kind::Text, "Label of the concentration."),
        need("per_ml", Kind::Number(1e-9, 1e9), "Amount per mL."),
        need("unit", Kind::Word(&["mg", "units"]), "Unit of the amount."),
        may(
            "hard_min",
            RATE,
            "Below this no programme is accepted, mL/h.",
        ),
        may(
            "soft_min",
            RATE,
            "Below this the pump asks for an override, mL/h.",
        ),
        may(
            "soft_max",
            RATE,
            "Above this the pump asks for an override, mL/h.",
        ),
        may(
            "hard_max",
            RATE,
            "Above this no programme is accepted, mL/h.",
        ),
        need(
            "kvo_ml_per_h",
            Kind::Number(0.001, 1000.0),
            "Rate that keeps the vein open, mL/h.",
        ),
        may(
            "high_alert",
            Kind::Bool,
            "Whether an error bears a heightened risk of harm; no by default.",
        ),
    ],
    one_of: &[],
};

impl Library {
    /// Reads a drug library.
    ///
    /// # Errors
    /// Where there is no such library, or its file is wrong.
    pub fn drug_library(&self, name: &str) -> Result<DrugLibrary, Diagnostics> {
        let source = self.named(kind::Kind::DrugLibrary, Vocabulary::LibraryFile, name)?;
        parse(self, &source)
    }
}

/// Reads the drug library of this name; none where there is no such file (told by whoever names it).
pub(crate) fn load(library: &Library, name: &str) -> Result<Option<DrugLibrary>, Diagnostics> {
    let Some(source) = library.source(kind::Kind::DrugLibrary, name) else {
        return Ok(None);
    };
    parse(library, &source).map(Some)
}

pub(crate) fn parse(library: &Library, source: &Arc<Source>) -> Result<DrugLibrary, Diagnostics> {
    let names = library.file_names();
    let (table, mut found) = check::read(source, &names, library.catalogue(), &DRUG_LIBRARY);
    let read: Vec<_> = table.tables("entry").map(|t| (t, entry(t))).collect();
    let places: Vec<&Table> = read
        .iter()
        .filter_map(|(t, e)| e.is_some().then_some(*t))
        .collect();
    let drugs = table.integer("version").map(|version| DrugLibrary {
        version,
        entries: read.iter().filter_map(|(_, e)| e.clone()).collect(),
    });
    for wrong in drugs.iter().flat_map(DrugLibrary::errors) {
        let place = places
            .get(entry_of(&wrong))
            .map_or(0..0, |t| t.span.clone());
        let message = format!("the drug library contradicts itself: {wrong}");
        found
            .push(Diagnostic::at(Code::DrugLibrary, source, place, message).label("in this entry"));
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

fn entry_of(error: &LibraryError) -> usize {
    match error {
        LibraryError::EmptyName { entry, .. }
        | LibraryError::NotPositive { entry, .. }
        | LibraryError::LimitOrder { entry, .. }
        | LibraryError::KvoAboveHardMax { entry, .. }
        | LibraryError::Duplicate { entry, .. } => *entry,
    }
}

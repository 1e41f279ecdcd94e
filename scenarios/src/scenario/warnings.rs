//! What a scenario says that is right and does nothing: controls that it lists and that leave its lab as it is.

use super::{AppliedControl, ControlEffect, DefenceChoice, Resolved, Scenario};
use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::library::Library;
use crate::warn;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

impl Scenario {
    /// What the scenario says that is right and can never work, or changes nothing: controls that the file lists and that have no effect, what
    /// is wrong with its lab as the controls make it, and what is to happen there and cannot. Of the defences of the library, which are made
    /// for many labs, it is not told which of their controls have no effect.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn warnings(&self, library: &Library) -> Result<Diagnostics, Diagnostics> {
        let run = self.resolve(library, None, &[])?;
        let contrast = self.resolve_contrast(library)?;
        Ok(self.warnings_of(library, &run, contrast.as_ref()))
    }

    /// The same, where its runs have been resolved already.
    #[must_use]
    pub fn warnings_of(
        &self,
        library: &Library,
        run: &Resolved,
        contrast: Option<&Resolved>,
    ) -> Diagnostics {
        let (raw, _) = check::parse(&self.source);
        let raw = raw.get_ref();
        let mut told = Diagnostics::default();
        if matches!(self.defence, DefenceChoice::Controls(_)) {
            self.idle(&run.controls, raw, &mut told);
        }
        let mut runs = vec![(run, format!("`{}`", self.defence))];
        if let (Some(says), Some(resolved)) = (&self.contrast, contrast) {
            let table = raw.get("contrast").and_then(|t| t.get_ref().as_table());
            if let (DefenceChoice::Controls(_), Some(table)) = (&says.defence, table) {
                self.idle(&resolved.controls, table, &mut told);
            }
            let left_out = says.without.iter().map(|c| format!(" -{c}"));
            let under = format!("`{}{}`", says.defence, left_out.collect::<String>());
            runs.push((resolved, under));
        }
        told.extend(warn::of_scenario(library, self, &runs));
        told.sorted()
    }

    fn idle(&self, controls: &[AppliedControl], table: &DeTable<'_>, told: &mut Diagnostics) {
        for control in controls {
            let (what, why) = match &control.effect {
                ControlEffect::Applied => continue,
                ControlEffect::WithoutEffect(why) => ("changes nothing in this lab", why),
                ControlEffect::NotSimulated(why) => ("is not simulated", why),
            };
            let Some(span) = listed(table, &control.id) else {
                continue;
            };
            let message = format!("`{}` {what}: {why}", control.id);
            told.push(
                Diagnostic::at(Code::NoEffect, &self.source, span, message).label("without effect"),
            );
        }
    }
}

/// Where a control stands in the list of a table's defence.
fn listed(table: &DeTable<'_>, id: &str) -> Option<Range<usize>> {
    let DeValue::Array(items) = table.get("defence")?.get_ref() else {
        return None;
    };
    let item = items.iter().find(|i| i.get_ref().as_str() == Some(id))?;
    Some(item.span())
}

//! What a scenario says that is right and does nothing: controls that it lists and that leave its lab as it is.

use super::{AppliedControl, ControlEffect, DefenceChoice, Scenario};
use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::library::Library;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

impl Scenario {
    /// Controls that the file lists for its defence or its contrast and that have no effect in its lab, each with the reason.
    /// Defences of the library are made for many labs, and nothing is told about them.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn warnings(&self, library: &Library) -> Result<Diagnostics, Diagnostics> {
        let (raw, _) = check::parse(&self.source);
        let raw = raw.get_ref();
        let mut told = Diagnostics::default();
        if matches!(self.defence, DefenceChoice::Controls(_)) {
            let controls = self.resolve(library, None, &[])?.controls;
            self.idle(&controls, raw, &mut told);
        }
        let contrast = self.contrast.as_ref().map(|c| &c.defence);
        let table = raw.get("contrast").and_then(|t| t.get_ref().as_table());
        if let (Some(DefenceChoice::Controls(_)), Some(table)) = (contrast, table)
            && let Some(resolved) = self.resolve_contrast(library)?
        {
            self.idle(&resolved.controls, table, &mut told);
        }
        Ok(told.sorted())
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

//! What a scenario shows of single controls: with the control all of some expectations hold, without it one of them does not.

use super::read::Reader;
use super::shapes::EXPECT;
use super::{DefenceChoice, Resolved, Scenario};
use crate::controls;
use crate::diagnostic::{Code, Diagnostics};
use crate::library::Library;
use crate::suggest;
use crate::table::{Table, Value};
use std::collections::BTreeMap;
use std::fmt;

/// A control of which the scenario shows that it makes a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shows {
    /// Identifier of the control.
    pub control: String,
    /// What is on while it is shown, the control itself included; none for the scenario's own defence.
    pub among: Option<DefenceChoice>,
    /// Which of the scenario's expectations show it, by their place in [`Scenario::expects`], in order.
    pub by: Vec<usize>,
    /// The same by what they are about, as the file says; empty for all.
    pub by_names: Vec<String>,
}

impl fmt::Display for Shows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.control)?;
        if let Some(among) = &self.among {
            write!(f, " among {among}")?;
        }
        if !self.by_names.is_empty() {
            write!(f, " by {}", self.by_names.join(", "))?;
        }
        Ok(())
    }
}

impl Scenario {
    /// The controls of which it shows that they make a difference.
    #[must_use]
    pub fn shows(&self) -> &[Shows] {
        &self.shows
    }

    /// The controls that are on while one is shown, that one included.
    ///
    /// # Errors
    /// Where a file is wrong.
    pub fn among(&self, library: &Library, shows: &Shows) -> Result<Vec<String>, Diagnostics> {
        library.controls(shows.among.as_ref().unwrap_or(&self.defence))
    }

    /// The run of this scenario under these controls and no others.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve_under(
        &self,
        library: &Library,
        controls: &[String],
    ) -> Result<Resolved, Diagnostics> {
        self.resolve_controls(library, controls, &[])
    }

    /// The two runs of what is shown: with the control, where the expectations hold, and without it, where one of them does not.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve_shown(
        &self,
        library: &Library,
        shows: &Shows,
    ) -> Result<(Resolved, Resolved), Diagnostics> {
        let with = self.among(library, shows)?;
        let without: Vec<String> = with
            .iter()
            .filter(|c| **c != shows.control)
            .cloned()
            .collect();
        Ok((
            self.resolve_under(library, &with)?,
            self.resolve_under(library, &without)?,
        ))
    }
}

impl Reader<'_> {
    /// What the file says it shows. `expects` are the tables of its expectations.
    pub(super) fn shows(&mut self, library: &Library, table: &Table) -> Option<Vec<Shows>> {
        let subjects: Vec<Option<String>> = table
            .tables("expect")
            .map(|t| EXPECT.one_of.iter().find_map(|key| t.string(key)))
            .collect();
        let mut first: BTreeMap<String, std::ops::Range<usize>> = BTreeMap::new();
        let mut all = Vec::new();
        for entry in table.tables("shows") {
            if let Some(control) = entry.string("control") {
                let span = entry.span_of("control");
                match first.get(&control).cloned() {
                    Some(before) => {
                        let message = format!("`{control}` is shown twice");
                        let d = self.tell(Code::Repeated, span, message, "again");
                        *d = d.clone().related(before, "first here");
                    }
                    None => {
                        first.insert(control, span);
                    }
                }
            }
            all.push(self.one(library, table, entry, &subjects));
        }
        all.into_iter().collect()
    }

    fn one(
        &mut self,
        library: &Library,
        table: &Table,
        entry: &Table,
        subjects: &[Option<String>],
    ) -> Option<Shows> {
        let by = self.by(entry, subjects);
        crate::defence::repeated(entry, "among", self.source, &mut self.found);
        let among = match entry.get("among").map(|n| &n.value) {
            Some(Value::Text(name)) => Some(DefenceChoice::Named(name.clone())),
            Some(Value::List(_)) => Some(DefenceChoice::Controls(entry.texts("among"))),
            _ => None,
        };
        let control = entry.string("control")?;
        let choice = match &among {
            Some(among) => among.clone(),
            None => self.defence(table)?,
        };
        // A control or a defence that is not there is told elsewhere.
        let exists = controls::ids().contains(&control.as_str());
        if exists && !controls::simulated(&control) {
            let message = format!("`{control}` is not simulated, so nothing can show it");
            self.tell(
                Code::NotShown,
                entry.span_of("control"),
                message,
                "changes nothing in a lab",
            );
        }
        if let Ok(on) = library.controls(&choice)
            && exists
            && !on.contains(&control)
        {
            let message = format!("`{control}` is not among the controls under which it is shown");
            let d = self.tell(
                Code::NotShown,
                entry.span_of("control"),
                message,
                "not on here",
            );
            d.hints.push(format!(
                "add `{control}` to `among`, or name a defence that has it"
            ));
        }
        Some(Shows {
            control,
            among,
            by: by?,
            by_names: entry.texts("by"),
        })
    }

    /// The expectations that an entry names, by what they are about; all where it names none.
    fn by(&mut self, entry: &Table, subjects: &[Option<String>]) -> Option<Vec<usize>> {
        if !entry.has("by") {
            return Some((0..subjects.len()).collect());
        }
        let known: Vec<&str> = subjects.iter().flatten().map(String::as_str).collect();
        let mut chosen = Vec::new();
        let mut right = true;
        for node in entry.list("by") {
            let Value::Text(name) = &node.value else {
                continue;
            };
            let named = |(i, s): (usize, &Option<String>)| (s.as_ref() == Some(name)).then_some(i);
            let found: Vec<usize> = subjects.iter().enumerate().filter_map(named).collect();
            if found.is_empty() {
                let mut words: Vec<&str> = known.clone();
                words.sort_unstable();
                words.dedup();
                let hint = suggest::hint(name, &words);
                let message = format!("no expectation of the scenario is about `{name}`");
                let d = self.tell(
                    Code::UnknownExpectation,
                    node.span.clone(),
                    message,
                    "not expected",
                );
                d.hints.extend(hint);
                right = false;
            }
            chosen.extend(found);
        }
        if entry.list("by").is_empty() {
            self.tell(
                Code::UnknownExpectation,
                entry.span_of("by"),
                "no expectation shows it".to_owned(),
                "empty: leave `by` out for all expectations",
            );
            right = false;
        }
        chosen.sort_unstable();
        chosen.dedup();
        right.then_some(chosen)
    }
}

//! The table of controls: the rows of `controls.csv`, each joined with what realises it.

use super::Mechanism;
use super::realised::realisation;
use std::sync::LazyLock;

/// A row of `controls.csv`: a control and the items of published frameworks that it is mapped to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRow {
    /// Identifier, for example `NET-02`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Layer: device, wireless, network, server, identity or operations.
    pub layer: String,
    /// Subcategories of the Cybersecurity Framework 1.1.
    pub csf_1_1: Vec<String>,
    /// Subcategories of the Cybersecurity Framework 2.0.
    pub csf_2_0: Vec<String>,
    /// Paragraphs of the HIPAA Security Rule.
    pub hipaa: Vec<String>,
    /// Capabilities of IEC TR 80001-2-2.
    pub iec_80001_2_2: Vec<String>,
    /// Controls of SP 800-53.
    pub sp800_53: Vec<String>,
    /// What realises it in the reference build, as far as it is recalled.
    pub realised_by: String,
    /// Notes; they end with the grade of the claim that the guide has this control.
    pub notes: String,
}

impl ControlRow {
    /// The grade of the claim, for example `M-high`: how well we recall that the guide has it. `K` is an extension of ours.
    #[must_use]
    pub fn grade(&self) -> &str {
        let open = self.notes.rfind('[').map_or(self.notes.len(), |i| i + 1);
        self.notes[open..].trim_end_matches(']')
    }

    fn read(fields: Vec<String>) -> Option<Self> {
        let list = |text: &str| {
            text.split(';')
                .map(|s| s.trim().to_owned())
                .filter(|s| !s.is_empty())
                .collect()
        };
        let [
            id,
            name,
            layer,
            csf_1_1,
            csf_2_0,
            hipaa,
            iec,
            sp800_53,
            realised_by,
            notes,
        ]: [String; 10] = fields.try_into().ok()?;
        Some(Self {
            id,
            name,
            layer,
            csf_1_1: list(&csf_1_1),
            csf_2_0: list(&csf_2_0),
            hipaa: list(&hipaa),
            iec_80001_2_2: list(&iec),
            sp800_53: list(&sp800_53),
            realised_by,
            notes: notes.trim().to_owned(),
        })
    }
}

/// What this version does about a control.
#[derive(Clone, Copy, Debug)]
pub enum Realisation {
    /// These mechanisms realise it, in this order.
    Mechanisms(&'static [&'static dyn Mechanism]),
    /// A lab of this kind cannot have it, for this reason.
    NotSimulated(&'static str),
    /// This version does not have it yet, for this reason.
    Pending(&'static str),
}

/// A control and what realises it.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its row.
    pub row: ControlRow,
    /// What realises it.
    pub realisation: Realisation,
}

static TABLE: LazyLock<Vec<Control>> = LazyLock::new(|| {
    include_str!("controls.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let row =
                ControlRow::read(fields(line)).expect("a row of the embedded table has ten fields");
            let realisation = realisation(&row.id);
            Control { row, realisation }
        })
        .collect()
});

/// Every control, in the order of `controls.csv`.
#[must_use]
pub fn table() -> &'static [Control] {
    &TABLE
}

/// The control of this identifier.
#[must_use]
pub fn control(id: &str) -> Option<&'static Control> {
    TABLE.iter().find(|c| c.row.id == id)
}

/// The fields of one line: commas separate, double quotes enclose, a doubled quote stands for one.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut().expect("there is always a field");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::super::{MECHANISMS, ORDER};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_line_splits_at_commas_outside_quotes() {
        assert_eq!(fields("a,\"b, \"\"c\"\"\",,d"), ["a", "b, \"c\"", "", "d"]);
        assert_eq!(fields(""), [""]);
    }

    #[test]
    fn every_row_is_there_once_and_complete() {
        assert_eq!(table().len(), 57);
        let ids: BTreeSet<&str> = table().iter().map(|c| c.row.id.as_str()).collect();
        assert_eq!(ids.len(), 57);
        for Control { row, .. } in table() {
            assert!(
                !row.name.is_empty() && !row.csf_1_1.is_empty() && !row.csf_2_0.is_empty(),
                "{}",
                row.id
            );
            assert!(!row.grade().is_empty(), "{} has no grade", row.id);
        }
        assert_eq!(control("WL-03").unwrap().row.grade(), "M-high");
        assert_eq!(
            control("DEV-05").unwrap().row.name,
            "Encrypt stored credentials, drug library and PHI on pump"
        );
    }

    #[test]
    fn realised_controls_have_a_rank_and_their_mechanisms_are_registered() {
        let mut used = BTreeSet::new();
        let mut realised = BTreeSet::new();
        for control in table() {
            match control.realisation {
                Realisation::Mechanisms(mechanisms) => {
                    assert!(!mechanisms.is_empty(), "{}", control.row.id);
                    realised.insert(control.row.id.as_str());
                    used.extend(mechanisms.iter().map(|m| m.entry().id));
                }
                Realisation::NotSimulated(reason) | Realisation::Pending(reason) => {
                    assert!(reason.len() > 20, "{} has no reason", control.row.id);
                }
            }
        }
        let ranked: BTreeSet<&str> = ORDER.iter().copied().collect();
        assert_eq!(ranked.len(), ORDER.len(), "a control has two ranks");
        assert_eq!(realised, ranked);
        let registered: BTreeSet<&str> = MECHANISMS.iter().map(|m| m.entry().id).collect();
        assert_eq!(
            registered.len(),
            MECHANISMS.len(),
            "two mechanisms have one identifier"
        );
        assert_eq!(used, registered);
        assert!(MECHANISMS.is_sorted_by_key(|m| m.entry().id));
    }

    #[test]
    fn only_operations_and_named_exceptions_are_not_simulated() {
        let exceptions = ["DEV-10"];
        for control in table() {
            if matches!(control.realisation, Realisation::NotSimulated(_)) {
                let id = control.row.id.as_str();
                assert!(id.starts_with("OPS-") || exceptions.contains(&id), "{id}");
            }
        }
    }
}

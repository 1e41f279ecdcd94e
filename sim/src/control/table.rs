//! The table of controls: the rows of `controls.csv`, each joined with what realises it.

use super::Mechanism;
use super::realised::realisation;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::sync::LazyLock;

/// Where a control acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The pump itself.
    Device,
    /// The wireless network.
    Wireless,
    /// The wired network.
    Network,
    /// The pump server and its neighbours.
    Server,
    /// Identities and their credentials.
    Identity,
    /// What people do.
    Operations,
}

impl Layer {
    /// All layers, from the pump outward.
    pub const ALL: [Self; 6] = [
        Self::Device,
        Self::Wireless,
        Self::Network,
        Self::Server,
        Self::Identity,
        Self::Operations,
    ];

    /// The layer as it stands in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Wireless => "wireless",
            Self::Network => "network",
            Self::Server => "server",
            Self::Identity => "identity",
            Self::Operations => "operations",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A row of `controls.csv`: a control and the items of published frameworks that it is mapped to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRow {
    /// Identifier, for example `NET-02`.
    #[serde(rename = "control_id")]
    pub id: String,
    /// Name.
    pub name: String,
    /// Layer.
    pub layer: Layer,
    /// Subcategories of the Cybersecurity Framework 1.1.
    #[serde(deserialize_with = "list")]
    pub csf_1_1: Vec<String>,
    /// Subcategories of the Cybersecurity Framework 2.0.
    #[serde(deserialize_with = "list")]
    pub csf_2_0: Vec<String>,
    /// Paragraphs of the HIPAA Security Rule.
    #[serde(deserialize_with = "list")]
    pub hipaa: Vec<String>,
    /// Capabilities of IEC TR 80001-2-2.
    #[serde(deserialize_with = "list")]
    pub iec_80001_2_2: Vec<String>,
    /// Controls of SP 800-53.
    #[serde(deserialize_with = "list")]
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
}

/// The items of one field, which semicolons separate.
fn list<'de, D: Deserializer<'de>>(field: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(field)?;
    let items = text
        .split(';')
        .map(str::trim)
        .filter(|item| !item.is_empty());
    Ok(items.map(str::to_owned).collect())
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
    let mut rows = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(include_bytes!("controls.csv").as_slice());
    rows.deserialize()
        .map(|row| {
            let row: ControlRow = row.expect("the embedded table is read by a test");
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

#[cfg(test)]
mod tests {
    use super::super::{MECHANISMS, ORDER};
    use super::*;
    use std::collections::BTreeSet;

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

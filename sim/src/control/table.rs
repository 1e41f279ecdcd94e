//! The table of controls: the rows of `controls.csv`, each joined with what realises it.

use super::{Mechanism, in_order};
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
}

/// Controls that a lab cannot have, and why.
const NOT_SIMULATED: &[(&str, &str)] = &[
    (
        "DEV-10",
        "every pump delivers and is operated at the bedside without the network; there is nothing to switch on",
    ),
    (
        "OPS-01",
        "an inventory changes what people know, and no part of the lab asks them",
    ),
    (
        "OPS-02",
        "a risk assessment runs the lab from outside; what it decides shows as the list of controls",
    ),
    (
        "OPS-04",
        "contract terms act before a device is bought; the profile of a device shows their result",
    ),
    (
        "OPS-09",
        "a governance body decides about controls and has no effect of its own in a ward",
    ),
    ("OPS-10", "running the simulator is this control"),
];

/// What realises a control: the mechanisms that name it, in the order of their ranks.
fn realisation(id: &str) -> Realisation {
    let mechanisms: Vec<_> = in_order()
        .into_iter()
        .filter(|m| m.realises().control == id)
        .collect();
    let not_simulated = NOT_SIMULATED.iter().find(|(control, _)| *control == id);
    match not_simulated {
        _ if !mechanisms.is_empty() => Realisation::Mechanisms(mechanisms.leak()),
        Some((_, why)) => Realisation::NotSimulated(why),
        None => Realisation::NotSimulated("no mechanism of this version realises it"),
    }
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
    use super::super::{Effect, MECHANISMS, Rank, Realises, Stage};
    use super::*;
    use crate::spec::{LabSpec, Provenance};
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

    /// What is wrong with how these mechanisms realise the rows of the table.
    fn faults(mechanisms: &[&dyn Mechanism], not_simulated: &[&str]) -> Vec<String> {
        let mut faults = Vec::new();
        let rows: Vec<&str> = table().iter().map(|c| c.row.id.as_str()).collect();
        let of = |id: &str| {
            let all = mechanisms.iter().map(|m| m.realises());
            all.filter(|r| r.control == id).collect::<Vec<_>>()
        };
        for id in rows.iter().chain(not_simulated) {
            match (of(id).is_empty(), not_simulated.contains(id)) {
                (true, false) => faults.push(format!("{id} is neither realised nor named")),
                (false, true) => faults.push(format!("{id} is realised and named as not")),
                _ => {}
            }
        }
        for m in mechanisms {
            let (id, own) = (m.entry().id, m.realises());
            let mut all = mechanisms.iter().map(|o| (o.entry().id, o.realises()));
            if !rows.contains(&own.control) {
                faults.push(format!("{id}: {} is not in the table", own.control));
            }
            if all.any(|(o, r)| o < id && r.rank == own.rank) {
                faults.push(format!("{id} shares its rank with another"));
            }
            let ranks: Vec<Rank> = of(own.control).iter().map(|r| r.rank).collect();
            let between = |r: &Realises| {
                r.control != own.control
                    && ranks.iter().any(|x| *x < r.rank)
                    && ranks.iter().any(|x| *x > r.rank)
            };
            if mechanisms.iter().any(|o| between(&o.realises())) {
                faults.push(format!(
                    "{id}: a mechanism of another control is between those of {}",
                    own.control
                ));
            }
            for needs in own.needs {
                let needed = of(needs);
                if needed.is_empty() || needed.iter().any(|r| r.rank >= own.rank) {
                    faults.push(format!(
                        "{id} needs {needs}, which is not applied before it"
                    ));
                }
            }
        }
        faults
    }

    #[test]
    fn every_row_is_realised_once_or_named_as_not_simulated() {
        let not_simulated: Vec<&str> = NOT_SIMULATED.iter().map(|(id, _)| *id).collect();
        assert_eq!(faults(MECHANISMS, &not_simulated), Vec::<String>::new());
        let registered: BTreeSet<&str> = MECHANISMS.iter().map(|m| m.entry().id).collect();
        assert_eq!(registered.len(), MECHANISMS.len());
        assert!(MECHANISMS.is_sorted_by_key(|m| m.entry().id));
        for (id, reason) in NOT_SIMULATED {
            assert!(reason.len() > 20, "{id} has no reason");
        }
    }

    /// A mechanism that does nothing.
    struct Planted(Realises);

    impl Mechanism for Planted {
        fn entry(&self) -> &'static crate::catalog::Entry {
            static ENTRY: crate::catalog::Entry = crate::catalog::Entry {
                id: "zz-planted",
                title: "Planted",
                summary: "Planted.",
                parameters: &[],
                relations: &[],
                references: &[],
            };
            &ENTRY
        }
        fn realises(&self) -> Realises {
            self.0
        }
        fn apply(&self, _: &mut LabSpec, _: &mut Provenance) -> Effect {
            Effect::Applied
        }
    }

    #[test]
    fn a_mechanism_in_the_wrong_place_is_found() {
        let named: Vec<&str> = NOT_SIMULATED.iter().map(|(id, _)| *id).collect();
        for (control, rank, needs, fault) in [
            (
                "XX-01",
                Rank(Stage::Hosts, 9_999),
                &[][..],
                "XX-01 is not in the table",
            ),
            (
                "OPS-10",
                Rank(Stage::Hosts, 9_999),
                &[],
                "OPS-10 is realised and named as not",
            ),
            (
                "NET-06",
                Rank(Stage::Rules, 10),
                &[],
                "zz-planted shares its rank",
            ),
            (
                "NET-01",
                Rank(Stage::Rules, 9_999),
                &[],
                "between those of NET-01",
            ),
            (
                "NET-01",
                Rank(Stage::Placement, 11),
                &["NET-02"],
                "needs NET-02",
            ),
            (
                "NET-01",
                Rank(Stage::Placement, 11),
                &["OPS-10"],
                "needs OPS-10",
            ),
        ] {
            let planted = Planted(Realises {
                control,
                rank,
                needs,
            });
            let with: Vec<&dyn Mechanism> =
                MECHANISMS.iter().copied().chain([&planted as _]).collect();
            let found = faults(&with, &named);
            assert!(
                found.iter().any(|f| f.contains(fault)),
                "{fault}: {found:?}"
            );
        }
        let fewer: Vec<&dyn Mechanism> = MECHANISMS[1..].to_vec();
        let missing = MECHANISMS[0].realises().control;
        let fault = format!("{missing} is neither realised nor named");
        assert!(faults(&fewer, &named).contains(&fault));
    }

    #[test]
    fn only_operations_and_named_exceptions_are_not_simulated() {
        let exceptions = ["DEV-10"];
        for (id, _) in NOT_SIMULATED {
            assert!(id.starts_with("OPS-") || exceptions.contains(id), "{id}");
        }
    }
}

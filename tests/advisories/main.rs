//! Published advisories written with data alone: lab, profiles and scenarios of `library/`, and no code for any of them.
//!
//! For each row of the table below: without its first breaking controls, with no more than what these need, the attack reaches its goal, and
//! what it did, read from the records of this run and of the same run without the attacker, is of the tabled class; under the tabled controls
//! the goal is not reached, and no pump differs from the run without the attacker.

mod effect;
mod published;

use effect::Effect;
use pumplab::cell::Cell;
use pumplab::library::{Overrides, Shelf};
use pumplab_tests::{Told, in_parallel};
use std::collections::BTreeSet;
use std::path::Path;

/// A row of the table of published advisories, with the scenario that plays it.
struct Row {
    /// Number in the table.
    row: u32,
    /// Scenario in `library/scenarios`.
    scenario: &'static str,
    /// What the table says it can do to delivery.
    class: &'static str,
    /// First breaking controls of the table.
    first: &'static [&'static str],
    /// What these need in this lab in order to have an effect, and what the attack succeeds under all the same.
    needs: &'static [&'static str],
}

const SEGMENTS: &[&str] = &["NET-01", "NET-02"];
const SIGNATURES: &[&str] = &["DEV-06", "DEV-07"];
/// Certificates need pumps that have some, and a network that they have for themselves.
const FOR_CERTIFICATES: &[&str] = &["ID-01", "WL-01", "WL-02"];

const ROWS: &[Row] = &[
    row(8, "commands-from-anybody", "yes-claimed", SEGMENTS, &[]),
    row(12, "fixed-database-password", "latent", SEGMENTS, &[]),
    row(15, "module-crash", "no", SEGMENTS, &[]),
    row(25, "key-from-flash", "no", &["WL-03"], FOR_CERTIFICATES),
    row(
        26,
        "library-on-a-card",
        "latent",
        &["DEV-03", "DEV-04"],
        &[],
    ),
    row(59, "false-server", "no", &["WL-03"], FOR_CERTIFICATES),
    row(60, "format-string", "chain", SEGMENTS, &[]),
    row(61, "unsigned-critical-data", "yes", SIGNATURES, &[]),
    row(69, "unverified-firmware", "no", SIGNATURES, &[]),
    row(79, "settings-without-session", "config-only", SEGMENTS, &[]),
    row(87, "worm", "no", SEGMENTS, &[]),
    // Protected frames need a network whose stations are known to be able to.
    row(
        91,
        "deauthentication",
        "no",
        &["WL-08"],
        &["ID-01", "WL-01", "WL-02", "WL-03"],
    ),
];

/// Rows that the lab plays and that come out otherwise than tabled. They stay here, so that it is noticed when that changes.
struct Otherwise {
    row: Row,
    /// Class here.
    class: &'static str,
    /// Whether the tabled controls break it here.
    breaks: bool,
    why: &'static str,
}

const OTHERWISE: &[Otherwise] = &[
    Otherwise {
        row: row(4, "flood", "interrupt", SEGMENTS, &[]),
        class: "no",
        breaks: true,
        why: "nothing that happens to a communication module stops an infusion of this lab; the pump of the advisory had to be started again",
    },
    Otherwise {
        row: row(16, "joins-by-itself", "no", &["DEV-02", "ID-04"], &[]),
        class: "no",
        breaks: false,
        why: "what the pump joins by itself is no account: replaced accounts leave it, a key on the network does not (WL-02)",
    },
];

const fn row(
    row: u32,
    scenario: &'static str,
    class: &'static str,
    first: &'static [&'static str],
    needs: &'static [&'static str],
) -> Row {
    Row {
        row,
        scenario,
        class,
        first,
        needs,
    }
}

impl Row {
    fn name(&self) -> String {
        format!("row-{:02}-{}", self.row, self.scenario)
    }

    /// The run where its attack succeeds, and the one under the tabled controls.
    fn cells(&self, shelf: &Shelf) -> (Cell, Cell) {
        let own = shelf.cells(&self.name(), &Overrides::default());
        let weak = own.expect("it resolves").remove(1);
        let tabled: Vec<&str> = self.first.iter().chain(self.needs).copied().collect();
        let overrides = Overrides {
            defence: Some(tabled.join("+")),
            ..Overrides::default()
        };
        let strong = shelf.cells(&self.name(), &overrides);
        (weak, strong.expect("it resolves").remove(0))
    }
}

/// What an attack came to: whether the goal was reached, and what it did.
struct Played {
    reached: bool,
    effect: Effect,
}

impl Played {
    fn of(cell: &Cell) -> Self {
        let mut alone = cell.clone();
        alone.play.attackers.clear();
        let attacked = Told::of(cell.clone());
        Self {
            reached: !attacked.outcome.goals.is_empty(),
            effect: Effect::between(attacked.trace(), Told::of(alone).trace()),
        }
    }
}

fn shelf() -> Shelf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("advisories/library");
    Shelf::open(Some(&dir), false).expect("the folder is read")
}

fn all() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(OTHERWISE.iter().map(|o| &o.row))
}

fn played(rows: Vec<&'static Row>) -> Vec<(&'static Row, Played, Played)> {
    let shelf = shelf();
    let cells = rows.into_iter().map(|r| (r, r.cells(&shelf))).collect();
    in_parallel(cells, |(row, (weak, strong))| {
        (row, Played::of(&weak), Played::of(&strong))
    })
}

#[test]
fn each_row_reaches_its_class_and_its_first_breaking_control_holds() {
    assert!(ROWS.len() >= 10);
    let shelf = shelf();
    let mut wrong = Vec::new();
    for row in ROWS {
        let controls = row.cells(&shelf).0.controls;
        if controls.iter().any(|c| !row.needs.contains(&c.as_str())) {
            let name = row.name();
            wrong.push(format!(
                "{name}: its contrast has more than it needs: {controls:?}"
            ));
        }
    }
    for (row, weak, strong) in played(ROWS.iter().collect()) {
        let name = row.name();
        if !weak.reached {
            wrong.push(format!(
                "{name}: the goal is not reached without its controls"
            ));
        }
        if !weak.effect.is(row.class) {
            wrong.push(format!("{name}: not `{}` but {:?}", row.class, weak.effect));
        }
        if strong.reached {
            wrong.push(format!("{name}: {:?} do not break it", row.first));
        }
        if strong.effect != Effect::default() {
            let effect = strong.effect;
            wrong.push(format!("{name}: under {:?} still {effect:?}", row.first));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_that_come_out_otherwise_still_do() {
    for (row, weak, strong) in played(OTHERWISE.iter().map(|o| &o.row).collect()) {
        let other = OTHERWISE.iter().find(|o| o.row.row == row.row);
        let other = other.expect("it comes from there");
        let name = row.name();
        assert!(weak.reached, "{name}");
        assert!(weak.effect.is(other.class), "{name}: {:?}", weak.effect);
        assert_eq!(!strong.reached, other.breaks, "{name}: {}", other.why);
    }
}

#[test]
fn every_scenario_of_the_folder_is_in_the_table_and_holds() {
    let shelf = shelf();
    let embedded = pumplab_tests::scenarios().into_iter().collect();
    let here: BTreeSet<String> = shelf.names().into_iter().collect();
    let here: BTreeSet<String> = here.difference(&embedded).cloned().collect();
    assert_eq!(here, all().map(Row::name).collect::<BTreeSet<_>>());
    let cells = here.iter().flat_map(|name| {
        let cells = shelf.cells(name, &Overrides::default());
        cells.expect("it resolves")
    });
    in_parallel(cells.collect(), |cell: Cell| {
        let run = cell.execute(pumplab::cell::Options::default());
        let verdict = run.expect("it runs").report.verdict;
        let broken: Vec<_> = verdict.expectations.iter().filter(|e| !e.held).collect();
        assert!(broken.is_empty(), "{}: {broken:#?}", cell.name());
    });
}

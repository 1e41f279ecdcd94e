//! The page about controls says what the table says.

use crate::control::{Control, Realisation, table};

/// The row of the page for a control.
fn row(control: &Control) -> String {
    let (status, what) = match control.realisation {
        Realisation::Mechanisms(all) => {
            let each = all
                .iter()
                .map(|m| format!("`{}`: {}", m.entry().id, m.entry().title));
            ("realised", each.collect::<Vec<_>>().join("; "))
        }
        Realisation::Pending(reason) => ("pending", reason.to_owned()),
        Realisation::NotSimulated(reason) => ("not simulated", reason.to_owned()),
    };
    let (id, name, grade) = (&control.row.id, &control.row.name, control.row.grade());
    format!("| {id} | {name} | {status} | {what} | {grade} |")
}

#[test]
fn the_page_lists_every_control_as_it_is() {
    let page = include_str!("../../../../docs/models/controls.md");
    let missing: Vec<String> = table()
        .iter()
        .map(row)
        .filter(|r| !page.lines().any(|l| l == r))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/models/controls.md lacks these rows:\n{}",
        missing.join("\n")
    );
}

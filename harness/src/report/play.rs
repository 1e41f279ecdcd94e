//! What happens in a scenario, readable.

use crate::cell::Cell;
use crate::console::{Console, Style};
use crate::report::words::knowledge;
use pumplab_sim::spec::{AttackerSpec, ParamValue, PlaceSpec};
use std::io;

/// Writes what happens in a run and what is asked of it.
///
/// # Errors
/// When the output is closed or full.
pub fn write(cell: &Cell, console: &mut Console<'_>) -> io::Result<()> {
    console.line("")?;
    console.paragraph(
        &format!(
            "{} under {}, {} long, seed {}",
            cell.lab.name,
            super::human::listed(&cell.defence),
            cell.play.duration,
            cell.seed
        ),
        2,
    )?;
    for attacker in &cell.play.attackers {
        self::attacker(attacker, console)?;
    }
    if !cell.play.events.is_empty() {
        console.line("")?;
        let head = console.paint(Style::Bold, "events");
        console.line(&head)?;
        for event in &cell.play.events {
            console.paragraph(
                &format!("  {:>10}  {}", event.at.to_string(), event.what),
                4,
            )?;
        }
    }
    console.line("")?;
    let head = console.paint(Style::Bold, "expected");
    console.line(&head)?;
    for question in &cell.questions {
        console.paragraph(&format!("  {question}"), 4)?;
    }
    for note in &cell.notes {
        console.paragraph(&format!("  note: {note}"), 4)?;
    }
    Ok(())
}

fn attacker(attacker: &AttackerSpec, console: &mut Console<'_>) -> io::Result<()> {
    console.line("")?;
    let head = console.paint(Style::Bold, &format!("attacker {}", attacker.name));
    let place = match &attacker.at {
        PlaceSpec::Zone(zone) => format!("a computer of its own in zone {zone}"),
        PlaceSpec::Radio(at) => format!("a radio of its own at {}, {}", at.x, at.y),
        PlaceSpec::Host(host) => format!("holds {host}"),
        PlaceSpec::Internet => "a computer on the internet".to_owned(),
        PlaceSpec::Bedside(pump) => format!("stands next to {pump}"),
    };
    console.paragraph(&format!("{head}: {place}; after {}", attacker.goal), 2)?;
    for known in &attacker.knows {
        console.paragraph(&format!("  {}", knowledge(&attacker.name, known)), 4)?;
    }
    for (number, step) in attacker.steps.iter().enumerate() {
        let with: Vec<String> = step
            .with
            .iter()
            .map(|(key, value)| format!("{key} = {}", parameter(value)))
            .collect();
        console.paragraph(
            &format!(
                "  step {}, from {}: {} {}",
                number + 1,
                step.after,
                step.technique,
                with.join(", ")
            ),
            4,
        )?;
    }
    Ok(())
}

fn parameter(value: &ParamValue) -> String {
    match value {
        ParamValue::Bool(value) => value.to_string(),
        ParamValue::Integer(value) => value.to_string(),
        ParamValue::Float(value) => value.to_string(),
        ParamValue::Text(value) => value.clone(),
        ParamValue::Table(table) => {
            let inner: Vec<String> = table
                .iter()
                .map(|(key, value)| format!("{key} = {}", parameter(value)))
                .collect();
            format!("{{ {} }}", inner.join(", "))
        }
        ParamValue::List(items) => {
            let items: Vec<String> = items.iter().map(parameter).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

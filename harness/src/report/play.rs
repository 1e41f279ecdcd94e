//! What happens in a scenario, readable.

use crate::cell::Cell;
use crate::console::{Console, Style};
use crate::report::words::knowledge;
use pumplab_sim::spec::{AttackerSpec, EventSpec, ParamValue, PlaceSpec, RuleSpec};
use pumplab_sim::wire::Cidr;
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
                &format!("  {:>10}  {}", event.at.to_string(), happening(event)),
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
    }
}

// long: an arm per happening.
fn happening(event: &EventSpec) -> String {
    use pumplab_sim::spec::HappeningSpec as H;
    match &event.what {
        H::PowerOff { node } => format!("{node} is switched off"),
        H::PowerOn { node } => format!("{node} is switched on"),
        H::Move { host, to, over } => {
            format!("{host} is moved to {}, {} over {over}", to.x, to.y)
        }
        H::Programme {
            pump,
            care_area,
            drug,
            rate_ml_per_h,
            ..
        } => format!("a nurse programmes {pump}: {drug} in {care_area} at {rate_ml_per_h} mL/h"),
        H::Order {
            pump,
            care_area,
            drug,
            rate_ml_per_h,
            ..
        } => format!("an order for {pump}: {drug} in {care_area} at {rate_ml_per_h} mL/h"),
        H::Occlude { pump } => format!("the line of {pump} is kinked"),
        H::PowerCut { nodes } => format!("mains fail at {}", nodes.join(", ")),
        H::PowerReturn { nodes } => format!("mains return at {}", nodes.join(", ")),
        H::ReplacePump { pump, by } => format!("{pump} leaves service and {by} does its work"),
        H::ShiftChange { nurse, to, pause } => {
            format!("{nurse} hands over to {to} within {pause}")
        }
        H::Strain { nurse, slips_times } => {
            format!("{nurse} has too much to do: slips {slips_times} times as often")
        }
        H::Restore { host, takes } => format!("staff rebuild {host} within {takes}"),
        H::VendorVisit { host } => format!("the support engineer at {host} visits its server"),
        H::ApproveVendor {
            broker,
            user,
            lasts,
        } => format!("visits of {user} at {broker} are approved for {lasts}"),
        H::KillSessions { broker } => format!("every session at {broker} is ended"),
        H::ServiceVisit {
            laptop,
            pump,
            lasts,
        } => format!("{laptop} is connected to {pump} by cable for {lasts}"),
        H::RenewCertificate { host } => format!("{host} gets a new certificate"),
        H::RevokeCertificate { host } => format!("the authority revokes the certificate of {host}"),
        H::AddRule {
            router,
            rule,
            first,
        } => new_rule(router, rule, *first),
        H::ClockSkew { host, seconds } => {
            let way = if *seconds < 0 { "slow" } else { "fast" };
            let days = seconds.unsigned_abs() as f64 / 86_400.0;
            format!("the clock of {host} is {days} days {way}")
        }
        H::SetSessionCache { server, lifetime } => match lifetime {
            Some(lifetime) => {
                format!("staff set {server} to keep sessions for {lifetime}, and begin anew")
            }
            None => format!("staff set {server} to keep no sessions"),
        },
        H::SetTlsMinimum { server, version } => {
            format!("staff set {server} to take no TLS below {}", version.word())
        }
        H::PublishLibrary { server, version } => {
            format!("the pharmacy releases drug library {version} on {server}")
        }
    }
}

fn new_rule(router: &str, rule: &RuleSpec, first: bool) -> String {
    let place = if first { "before" } else { "after" };
    let verdict = format!("{:?}", rule.verdict).to_lowercase();
    let list = |of: &[Cidr]| {
        let all: Vec<String> = of.iter().map(ToString::to_string).collect();
        all.join(", ")
    };
    let (from, to) = (list(&rule.from), list(&rule.to));
    format!("staff add a rule to {router}, {place} all others: {verdict} {from} -> {to}")
}

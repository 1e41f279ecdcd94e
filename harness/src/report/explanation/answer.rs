//! The answer in three lines (what happened, what decided it, what to type next), then the chains behind it, short.

use super::fold::{Folded, Keep, fold};
use super::questions::{About, Question, questions};
use super::root::{Root, roots};
use super::{clean, record as in_full};
use crate::console::{Console, Style};
use crate::counterfactual::{Beyond, Then};
use crate::record::Recorded;
use crate::report::human::{self, counted, explain_command, library_option};
use crate::shell::quoted;
use crate::verdict::{Judged, Manifest, Variant};
use pumplab_sim::time::Time;
use std::collections::BTreeSet;
use std::io;

/// Lines of the first chain, of those after it, and how many questions get one.
const FIRST: usize = 14;
const LATER: usize = 5;
const CHAINS: usize = 3;
/// Questions beyond those: a line each, and how many.
const MENTIONED: usize = 5;
/// Records named of a metric.
const PARTS: usize = 4;

/// Explains everything in a run that calls for it: each goal, each violation, each expectation that was not met, each step that failed or still ran
/// when no goal was reached. `beyond` tells of the attack what no record does; `full` asks for every record of every chain.
///
/// # Errors
/// When the output is closed or full.
pub fn run(
    recorded: &Recorded,
    beyond: Option<&Beyond>,
    full: bool,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let verdict = &recorded.report.verdict;
    let questions = questions(verdict);
    answer(recorded, &questions, beyond, console)?;
    let inside = &recorded.report.manifest.inside_knowledge;
    if !inside.is_empty() {
        let mut once: Vec<&str> = Vec::new();
        for knowledge in inside {
            if !once.contains(&knowledge.as_str()) {
                once.push(knowledge);
            }
        }
        labelled("given", &clean(&once.join(", ")), console)?;
    }
    let mut shown = BTreeSet::new();
    for (i, question) in questions.iter().enumerate() {
        if i == CHAINS && !full {
            console.line("")?;
        }
        if full {
            console.line("")?;
            whole(recorded, question, beyond, console)?;
        } else if i < CHAINS {
            console.line("")?;
            let lines = if i == 0 { FIRST } else { LATER };
            short(recorded, question, lines, &mut shown, console)?;
        } else if i < CHAINS + MENTIONED {
            mention(recorded, question, console)?;
        }
    }
    if let (false, Some(more)) = (full, questions.len().checked_sub(CHAINS + MENTIONED + 1)) {
        let all = explain_command(&recorded.report, None);
        console.line(&format!("and {} more: {all} --full", more + 1))?;
    }
    Ok(())
}

/// Explains one record.
///
/// # Errors
/// When the output is closed or full.
pub fn one(recorded: &Recorded, id: u64, full: bool, console: &mut Console<'_>) -> io::Result<()> {
    let Some(record) = recorded.story.record(id) else {
        return Ok(());
    };
    let at = Time::from_nanos(record.at_ns).for_people();
    let head = clean(&format!(
        "record {id}, {} on {} at {at}: {}",
        record.kind, record.node, record.text
    ));
    let head = console.paint(Style::Bold, &head);
    console.paragraph(&head, 2)?;
    if full {
        return in_full(&recorded.story, id, console);
    }
    let hops = recorded.story.explain(id);
    let roots = roots(&recorded.story, &recorded.report.verdict, &hops, id);
    if !roots.is_empty() && roots.iter().all(|r| r.record != id) {
        labelled("root cause", &said(&roots), console)?;
    }
    chain(recorded, id, FIRST + LATER, &mut BTreeSet::new(), console)
}

fn labelled(label: &str, text: &str, console: &mut Console<'_>) -> io::Result<()> {
    let label = console.paint(Style::Bold, &format!("{label:<14}"));
    let text = format!("{label}  {text}");
    // A command is copied: the terminal may break it, we may not.
    if text.contains("pumplab ") {
        console.line(&text)
    } else {
        console.paragraph(&text, 16)
    }
}

/// What happened, what decided it, what to type next.
fn answer(
    recorded: &Recorded,
    questions: &[Question<'_>],
    beyond: Option<&Beyond>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let manifest = &recorded.report.manifest;
    let verdict = &recorded.report.verdict;
    let contrast = match manifest.variant {
        Variant::Contrast => ", contrast",
        Variant::Run => "",
    };
    let unmet = verdict
        .expectations
        .iter()
        .find(|j| !j.held && !j.parts.is_empty());
    let unmet = unmet.filter(|_| verdict.goals.is_empty() && verdict.violations.is_empty());
    let unmet = unmet.map_or_else(String::new, |j| format!("; {}", j.seen));
    let happened = format!(
        "{}: {}{unmet} ({} under {}, seed {}{contrast})",
        manifest.title,
        verdict.happened,
        manifest.called,
        human::listed(&manifest.defence),
        manifest.seed
    );
    labelled("what happened", &clean(&happened), console)?;
    let (decided, next) = match questions.iter().find(|q| decides(q)).or(questions.first()) {
        Some(question) => decision(recorded, question, beyond),
        None => (
            "nothing calls for an explanation: no violation, no goal reached, no step failed"
                .to_owned(),
            format!("{}  (all that happened)", trace_command(recorded, "")),
        ),
    };
    labelled("decided by", &clean(&decided), console)?;
    labelled("next", &clean(&next), console)
}

/// Whether a question is the one that the outcome turns on: a goal or a step where there is an attack, a violation else.
fn decides(question: &Question<'_>) -> bool {
    match question.about {
        About::Record => question
            .titles
            .iter()
            .any(|t| t.contains("reached its goal")),
        About::Step(..) | About::Undone => true,
        About::Metric(_) => false,
    }
}

fn decision(
    recorded: &Recorded,
    question: &Question<'_>,
    beyond: Option<&Beyond>,
) -> (String, String) {
    let (story, report) = (&recorded.story, &recorded.report);
    let full = |record| explain_command(report, record) + " --full  (every record)";
    match question.about {
        About::Step(i, step) => stopped(
            recorded,
            question.record,
            step.control.as_deref(),
            beyond.filter(|b| b.at == Some(i) || b.then == Then::Changed),
        ),
        About::Undone => {
            let control = report
                .verdict
                .undone
                .as_ref()
                .and_then(|u| u.control.as_deref());
            stopped(recorded, question.record, control, beyond)
        }
        About::Record | About::Metric(_) => {
            let Some(id) = question.record else {
                let text = "no record shows why: what was expected did not come about";
                return (text.to_owned(), full(None));
            };
            let hops = story.explain(id);
            let roots = roots(story, &report.verdict, &hops, id);
            match roots.first() {
                Some(root) => {
                    let record = format!(" {} --follow effect", root.record);
                    let next = trace_command(recorded, &record);
                    (said(&roots), format!("{next}  (all that came of it)"))
                }
                None => {
                    let text = "no attacker, event or fault: the chain below is all there is";
                    (text.to_owned(), full(Some(id)))
                }
            }
        }
    }
}

fn said(roots: &[Root]) -> String {
    const MOST: usize = 3;
    let mut said: Vec<String> = roots.iter().take(MOST).map(Root::say).collect();
    if let Some(more) = roots.len().checked_sub(MOST).filter(|n| *n > 0) {
        said.push(format!("and {more} more"));
    }
    clean(&said.join("; "))
}

/// What stopped an attack, and the command that asks what would have been without that.
fn stopped(
    recorded: &Recorded,
    by: Option<u64>,
    control: Option<&str>,
    beyond: Option<&Beyond>,
) -> (String, String) {
    let (report, story) = (&recorded.report, &recorded.story);
    let manifest = &report.manifest;
    let record = by.and_then(|id| story.record(id));
    let reason = record.and_then(|r| r.reason.clone());
    let decided = match (reason, record) {
        (Some(reason), _) => reason,
        (None, Some(record)) => format!("{}: {}", record.node, record.text),
        (None, None) => "nothing in the lab refused anything: nothing came of it".to_owned(),
    };
    if let Some(control) = control {
        let command = without(manifest, &[control.to_owned()]);
        return (decided, format!("{command}  (what if {control} were off)"));
    }
    let all = explain_command(report, by) + " --full  (every record)";
    match beyond.map(|b| &b.then) {
        Some(Then::Further { without: few, to }) => (
            format!(
                "{decided}; run again without {}, it gets to {to}",
                listed(few)
            ),
            without(manifest, few),
        ),
        Some(Then::NoFurther) => (
            format!(
                "{decided}; run again without any control, it gets no further: no control has a part in it"
            ),
            all,
        ),
        Some(Then::Changed) => (
            format!(
                "{decided}; the files are not those of this run any more, so what it would do without controls is not known"
            ),
            all,
        ),
        None => (decided, all),
    }
}

/// A question with its chain in short.
fn short(
    recorded: &Recorded,
    question: &Question<'_>,
    lines: usize,
    shown: &mut BTreeSet<u64>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    titles(question, console)?;
    match (question.about, question.record) {
        (About::Metric(judged), _) => metric(recorded, judged, lines, shown, console),
        (_, Some(id)) => chain(recorded, id, lines, shown, console),
        (About::Step(..) | About::Undone, None) => {
            console.line("  nothing in the lab refused anything: nothing came of it")
        }
        (About::Record, None) => Ok(()),
    }
}

fn titles(question: &Question<'_>, console: &mut Console<'_>) -> io::Result<()> {
    for title in &question.titles {
        let title = console.paint(Style::Bold, &clean(title));
        console.paragraph(&title, 2)?;
    }
    Ok(())
}

/// The records that make a metric, the greatest part first, and why the first of them is as it is.
fn metric(
    recorded: &Recorded,
    judged: &Judged,
    lines: usize,
    shown: &mut BTreeSet<u64>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    for part in judged.parts.iter().take(PARTS) {
        let text = recorded
            .story
            .record(part.record)
            .map_or("", |r| r.text.as_str());
        let number = console.paint(Style::Dim, &format!("{:>7}", part.record));
        let text = clean(&format!("{}: {}  {text}", part.node, part.value));
        console.paragraph(&format!("  {number}  {text}"), 11)?;
    }
    if let Some(more) = judged.parts.len().checked_sub(PARTS).filter(|n| *n > 0) {
        console.line(&format!("           and {more} more like these"))?;
    }
    match judged.record {
        Some(id) => chain(recorded, id, lines, shown, console),
        None => Ok(()),
    }
}

/// The chain behind a record, in short.
fn chain(
    recorded: &Recorded,
    id: u64,
    lines: usize,
    shown: &mut BTreeSet<u64>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let story = &recorded.story;
    let hops = story.explain(id);
    let roots = roots(story, &recorded.report.verdict, &hops, id);
    let roots: BTreeSet<u64> = roots.into_iter().map(|r| r.record).collect();
    let keep = Keep {
        asked: id,
        roots: &roots,
        lines,
    };
    let folded = fold(story, &hops, &keep, shown);
    write(recorded, id, &folded, console)
}

fn write(
    recorded: &Recorded,
    id: u64,
    folded: &Folded,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let widest = |of: fn(&super::fold::Line) -> usize| folded.lines.iter().map(of).max();
    let width = widest(|l| l.node.chars().count()).unwrap_or(0);
    let clock = |l: &super::fold::Line| Time::from_nanos(l.at_ns).for_people();
    let times = folded.lines.iter().map(|l| clock(l).chars().count()).max();
    let times = times.unwrap_or(0);
    if let Some((first, last, count)) = folded.above {
        let text = format!("{} as above ({first}..{last})", counted(count, "record"));
        let text = console.paint(Style::Dim, &text);
        console.paragraph(&format!("           {text}"), 13)?;
    }
    if folded.left_out > 0 {
        let text = format!(
            "{} of joining, sessions and the way left out: {} --full",
            counted(folded.left_out, "record"),
            explain_command(&recorded.report, Some(id))
        );
        let text = console.paint(Style::Dim, &text);
        console.line(&format!("           {text}"))?;
    }
    for line in &folded.lines {
        let number = console.paint(Style::Dim, &format!("{:>7}", line.first));
        let style = if line.first == id {
            Style::Bold
        } else {
            Style::Plain
        };
        let range = match line.count {
            1 => String::new(),
            _ => format!(" (records {}..{})", line.first, line.last),
        };
        let text = console.paint(style, &clean(&format!("{}{range}", line.text)));
        let node = clean(&line.node);
        let text = format!(
            "  {number}  {:>times$}  {node:<width$}  {text}",
            clock(line)
        );
        console.paragraph(&text, 2 + 7 + 2 + times + 2 + width + 2)?;
    }
    if let Some(reason) = recorded.story.record(id).and_then(|r| r.reason.as_deref()) {
        let indent = " ".repeat(2 + 7 + 2 + times + 2 + width + 2);
        let text = clean(&format!("{indent}because of {reason}"));
        console.paragraph(&text, indent.len())?;
    }
    Ok(())
}

/// A question in a line, with the command that explains it.
fn mention(
    recorded: &Recorded,
    question: &Question<'_>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let title = question.titles.first().map_or("", String::as_str);
    let control = match question.about {
        About::Step(_, step) => step.control.as_deref(),
        _ => None,
    };
    let by = control.map_or_else(String::new, |c| format!(" (by {c})"));
    let title = clean(&format!("{title}{by}"));
    let why = explain_command(&recorded.report, question.record);
    let why = console.paint(Style::Dim, &why);
    console.line(&format!("{title}: {why}"))
}

/// A question with its chain in full.
fn whole(
    recorded: &Recorded,
    question: &Question<'_>,
    beyond: Option<&Beyond>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    titles(question, console)?;
    let attempt = matches!(question.about, About::Step(..) | About::Undone);
    if let About::Metric(judged) = question.about {
        return metric_in_full(recorded, judged, console);
    }
    match question.record {
        Some(id) => in_full(&recorded.story, id, console)?,
        None if attempt => {
            console.line("  nothing in the lab refused anything: nothing came of it")?;
        }
        None => {}
    }
    if attempt {
        let (_, next) = decision(recorded, question, beyond);
        let next = console.paint(Style::Dim, &clean(&next));
        console.line(&format!("  next: {next}"))?;
    }
    Ok(())
}

fn metric_in_full(
    recorded: &Recorded,
    judged: &Judged,
    console: &mut Console<'_>,
) -> io::Result<()> {
    for part in &judged.parts {
        let head = clean(&format!("{}: {}, from {}", part.node, part.value, part.at));
        console.paragraph(&head, 2)?;
        in_full(&recorded.story, part.record, console)?;
    }
    Ok(())
}

/// `A`, `A and B`, `A, B and C`.
fn listed(few: &[String]) -> String {
    match few.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => few.concat(),
    }
}

/// The command that repeats a run with some controls fewer.
fn without(manifest: &Manifest, controls: &[String]) -> String {
    let mut left_out = manifest.without.clone();
    left_out.extend_from_slice(controls);
    format!(
        "pumplab run {} --defence {} --without {} --seed {}{}",
        quoted(&manifest.called),
        manifest.defence,
        left_out.join(","),
        manifest.seed,
        library_option(manifest)
    )
}

/// The command that shows records of the same run.
fn trace_command(recorded: &Recorded, rest: &str) -> String {
    let explain = explain_command(&recorded.report, None);
    let called = format!(
        "pumplab explain {}",
        quoted(&recorded.report.manifest.called)
    );
    let options = explain.strip_prefix(&called).unwrap_or_default();
    let called = quoted(&recorded.report.manifest.called);
    format!("pumplab trace {called}{rest}{options}")
}

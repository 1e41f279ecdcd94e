//! Names that must not be used where a promise would break, and words that say that work is not finished.

use super::Finding;
use super::paths::paths;
use super::source::{Kind, Source, Token};

/// What gives an attacker the world, and how it would be named.
const WORLD: &[&str] = &[
    "bevy_ecs",
    "engine",
    "Component",
    "Context",
    "Cx",
    "Entity",
    "NodeMut",
    "Simulation",
    "World",
];

/// Paths of the standard library that would make a run depend on its machine.
const OUTSIDE: &[(&str, &str)] = &[
    ("env", "sim knows no environment: take it as an argument"),
    ("fs", "sim touches no file: take its content as an argument"),
    ("net", "sim touches no socket: act through crate::net"),
    ("process", "sim starts and ends no process: return an error"),
    ("thread", "one run is one thread"),
    (
        "time::Instant",
        "a run is a function of scenario, seed and version: use crate::time::Time",
    ),
    (
        "time::SystemTime",
        "a run is a function of scenario, seed and version: use crate::time::Time",
    ),
];

/// Addresses are plain data.
const ADDRESSES: &[&str] = &["net::Ipv4Addr", "net::Ipv6Addr", "net::IpAddr"];

const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln"];
const UNFINISHED: &[&str] = &["todo", "unimplemented", "dbg"];

/// Functions whose last bit is the machine's or the compiler's choice. A root is exact everywhere.
const TRANSCENDENTAL: &[&str] = &[
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp",
    "exp2", "exp_m1", "hypot", "ln", "ln_1p", "log10", "log2", "powf", "powi", "sin", "sin_cos",
    "sinh", "tan", "tanh",
];

const LAYERS_OF_CONTROLS: &[&str] = &["DEV", "WL", "NET", "SRV", "ID", "OPS"];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    if source.path.ends_with(".rs") && !source.path.starts_with("tests/tidy/") {
        unfinished(source, &mut found);
        silenced(source, &mut found);
        fingerprints(source, &mut found);
    }
    let Some(below) = source.in_sim() else {
        return found;
    };
    outside(source, &mut found);
    if !below.starts_with("control") {
        identifiers(source, &mut found);
    }
    if below.starts_with("attack/") {
        world(source, &mut found);
    }
    found
}

fn is_macro(source: &Source, at: usize) -> bool {
    source.tokens.get(at + 1).is_some_and(|t| t.is_sign("!"))
}

fn unfinished(source: &Source, found: &mut Vec<Finding>) {
    for (n, line) in source.text.lines().enumerate() {
        for word in ["TODO", "FIXME"] {
            if line.contains(word) {
                found.push(Finding::new(
                    source,
                    n + 1,
                    "unfinished",
                    format!("{word}: finish it, or file an issue"),
                ));
            }
        }
    }
    for (at, token) in source.tokens.iter().enumerate() {
        if token.kind == Kind::Name
            && UNFINISHED.contains(&token.text.as_str())
            && is_macro(source, at)
        {
            found.push(Finding::new(
                source,
                token.line,
                "unfinished",
                format!("{}!: finish it, or return an error", token.text),
            ));
        }
    }
}

/// A lint that is switched off has a reason.
fn silenced(source: &Source, found: &mut Vec<Finding>) {
    let tokens = &source.tokens;
    for (at, token) in tokens.iter().enumerate() {
        let attribute = at >= 1 && tokens[at - 1].is_sign("[");
        if !(attribute && (token.is_name("allow") || token.is_name("expect"))) {
            continue;
        }
        let mut inside = tokens[at..].iter().take_while(|t| !t.is_sign("]"));
        if !inside.any(|t| t.is_name("reason")) {
            let advice = format!(
                "{} without a reason: #[expect(lint, reason = \"…\")]",
                token.text
            );
            found.push(Finding::new(source, token.line, "silenced lint", advice));
        }
    }
}

/// Where a fingerprint may be written by hand: the types of the standard library, the derive itself, and the id of a part, which stands for
/// the part's name and has no other field that counts.
const LEAVES: &[&str] = &[
    "sim/src/fingerprint/",
    "sim/derive/",
    "sim/src/event/part.rs",
];

/// A fingerprint that is written by hand forgets fields.
fn fingerprints(source: &Source, found: &mut Vec<Finding>) {
    if LEAVES.iter().any(|leaf| source.path.starts_with(leaf)) {
        return;
    }
    for pair in source.tokens.windows(2) {
        if pair[0].is_name("Fingerprint") && pair[1].is_name("for") {
            let advice = "impl Fingerprint for: derive it, so that no field is left out".to_owned();
            found.push(Finding::new(source, pair[0].line, "fingerprint", advice));
        }
    }
}

fn outside(source: &Source, found: &mut Vec<Finding>) {
    for root in ["std", "core"] {
        for named in paths(source, root) {
            if ADDRESSES.iter().any(|a| named.is_below(a)) {
                continue;
            }
            if let Some((path, advice)) = OUTSIDE.iter().find(|(p, _)| named.is_below(p)) {
                found.push(Finding::new(
                    source,
                    named.line,
                    "outside",
                    format!("{root}::{path}: {advice}"),
                ));
            }
        }
    }
    for (at, token) in source.shipped().filter(|(_, t)| t.kind == Kind::Name) {
        let word = token.text.as_str();
        let advice = match word {
            "HashMap" => "its order is random: use BTreeMap or a sorted Vec".to_owned(),
            "HashSet" => "its order is random: use BTreeSet or a sorted Vec".to_owned(),
            _ if PRINTING.contains(&word) && is_macro(source, at) => {
                "sim does not print: return a value or emit a record".to_owned()
            }
            _ if TRANSCENDENTAL.contains(&word) && is_method(&source.tokens, at) => {
                format!(
                    "its last bit differs between machines: use libm::{}",
                    libm(word)
                )
            }
            _ => continue,
        };
        found.push(Finding::new(
            source,
            token.line,
            "outside",
            format!("{word}: {advice}"),
        ));
    }
}

/// Whether the name at `at` is called on a number: `x.ln()` or `f64::ln`.
fn is_method(tokens: &[Token], at: usize) -> bool {
    let after = |n: usize| at.checked_sub(n).map(|i| &tokens[i]);
    let called = tokens.get(at + 1).is_some_and(|t| t.is_sign("("));
    let dotted = after(1).is_some_and(|t| t.is_sign("."));
    let typed = after(1).is_some_and(|t| t.is_sign("::"))
        && after(2).is_some_and(|t| t.is_name("f64") || t.is_name("f32"));
    (called && dotted) || typed
}

fn libm(method: &str) -> &str {
    match method {
        "exp_m1" => "expm1",
        "ln" => "log",
        "ln_1p" => "log1p",
        "powf" | "powi" => "pow",
        "sin_cos" => "sincos",
        same => same,
    }
}

/// Controls and advisories are known to the table of controls and to files; code that knew one could decree an outcome.
fn identifiers(source: &Source, found: &mut Vec<Finding>) {
    for (n, line) in source.text.lines().enumerate() {
        for (at, _) in line.match_indices('-') {
            let before = line[..at]
                .rsplit(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap_or("");
            let digits = line[at + 1..]
                .chars()
                .take_while(char::is_ascii_digit)
                .count();
            let advice = if LAYERS_OF_CONTROLS.contains(&before) && digits == 2 {
                "a control: let a mechanism in control/ change the spec instead"
            } else if before == "CVE" && digits == 4 {
                "an advisory: give a profile the weakness instead, and name the advisory there"
            } else {
                continue;
            };
            let name = format!("{before}-{}", &line[at + 1..at + 1 + digits]);
            found.push(Finding::new(
                source,
                n + 1,
                "identifier",
                format!("{name} is {advice}"),
            ));
        }
    }
}

/// An attacker has hands, not eyes of god.
fn world(source: &Source, found: &mut Vec<Finding>) {
    for (at, token) in source.shipped().filter(|(_, t)| t.kind == Kind::Name) {
        let tokens = &source.tokens;
        let in_path = tokens.get(at + 1).is_some_and(|t| t.is_sign("::"))
            || (at > 0 && tokens[at - 1].is_sign("::"));
        if WORLD.contains(&token.text.as_str()) || (token.text == "event" && in_path) {
            let advice = format!(
                "{}: act through net::port::Hands, know what came back through it",
                token.text
            );
            found.push(Finding::new(source, token.line, "attacker's reach", advice));
        }
    }
}

//! Tests of the rules: each is broken once in a planted file, and must be found there.

use super::layers::{EVERYTHING, LAYERS};
use super::registration::{Slice, slice};
use super::source::Source;
use super::{Finding, check, cycles, size};
use pumplab_sim::catalog::Entry;

const TECHNIQUE: &str = "sim/src/attack/open_shell.rs";
const DEVICE: &str = "sim/src/device/pump.rs";

/// Rules that `text` breaks as the file at `path`, with lines.
fn broken(path: &str, text: &str) -> Vec<(usize, &'static str)> {
    let found = check(&Source::new(path, text));
    found.iter().map(|f| (f.line, f.rule)).collect()
}

#[track_caller]
fn finds(path: &str, text: &str, rule: &str) {
    let found = broken(path, text);
    assert!(
        found.iter().any(|(_, r)| *r == rule),
        "{text:?} in {path} does not break `{rule}`, but {found:?}"
    );
}

#[track_caller]
fn passes(path: &str, text: &str) {
    assert_eq!(broken(path, text), [], "{text:?} in {path}");
}

#[test]
fn an_attacker_that_reaches_for_the_world_is_found() {
    for line in [
        "use crate::engine::Simulation;",
        "use crate::engine;",
        "use crate::{time::Time, engine::{NodeMut, Context}};",
        "use super::super::engine::NodeMut;",
        "fn act(s: &mut crate::engine::Simulation<Lab>) {}",
        "use crate::event::LabEvent;",
        "use crate::device::pump::Pump;",
        "use crate::net::stack::Stack;",
        "use crate::net::{port::Hands, host::Host};",
        "use crate::net;",
        "use crate::net::*;",
        "use crate::*;",
        "use crate as lab;",
        "use crate::control::MECHANISMS;",
        "use crate::safety::Truth;",
        "use crate::assemble::build;",
        "use bevy_ecs::world::World;",
    ] {
        finds(TECHNIQUE, line, "layer");
    }
    for line in [
        "use bevy_ecs::component::Component;",
        "use ::bevy_ecs as b;",
        "use crate::engine::Context;",
        "fn f(world: &World) {}",
        "fn f(e: Entity) {}",
        "use crate::net::port::event::Cx;",
    ] {
        finds(TECHNIQUE, line, "attacker's reach");
    }
    passes(
        TECHNIQUE,
        "use crate::net::port::{Hands, Input};\nuse super::{Progress, Step};\nuse crate::wire::Message;\nfn f(event: &Input) {}\n",
    );
}

#[test]
fn a_layer_that_sees_too_much_is_found() {
    for (path, line) in [
        (
            "sim/src/device/host.rs",
            "fn f() { crate::assemble::deliver(); }",
        ),
        ("sim/src/device/host.rs", "use crate::attack::Attacker;"),
        ("sim/src/net/air.rs", "use crate::device::pump::Pump;"),
        ("sim/src/net/air.rs", "use super::super::device::pump;"),
        ("sim/src/engine/run.rs", "use crate::event::Lab;"),
        ("sim/src/proto/tls/client.rs", "use crate::engine::Context;"),
        ("sim/src/wire/eap.rs", "use crate::engine::NodeId;"),
        ("sim/src/clinical/order.rs", "use crate::wire::Ip;"),
        (
            "sim/src/clinical/order.rs",
            "use bevy_ecs::component::Component;",
        ),
        ("sim/src/control/pmf.rs", "use crate::device::pump::Pump;"),
        (
            "sim/src/control/pmf.rs",
            "mod a { mod b { use super::super::super::super::event::Lab; } }",
        ),
        ("sim/src/time.rs", "use crate::rng::Stream;"),
        ("sim/src/telepathy.rs", "//! A module that nobody placed."),
    ] {
        finds(path, line, "layer");
    }
    for (path, line) in [
        (
            "sim/src/wire/eap.rs",
            "use crate::{crypto::Key, fingerprint::Fingerprint};",
        ),
        (
            "sim/src/control/pmf.rs",
            "#[cfg(test)]\nmod tests { use crate::device::pump::Pump; }",
        ),
        (
            "sim/src/control/tests/network.rs",
            "use crate::assemble::build;",
        ),
        (
            "sim/src/time.rs",
            "// use crate::engine;\n/* crate::event */\nconst A: &str = \"crate::event::Lab\";",
        ),
        (
            "sim/src/time.rs",
            "pub(crate) fn f() {}\npub(super) fn g() {}",
        ),
        (
            "sim/src/control/pmf.rs",
            "mod a { use super::super::Mechanism; }",
        ),
    ] {
        passes(path, line);
    }
}

#[test]
fn a_fingerprint_written_by_hand_is_found() {
    for (path, line) in [
        (
            "sim/src/event.rs",
            "impl Fingerprint for Touch { fn fingerprint(&self, _: &mut FingerprintHasher) {} }",
        ),
        (
            "sim/src/wire/frame.rs",
            "impl<T> crate::fingerprint::Fingerprint for Sealed<T> {}",
        ),
        (
            "tests/property/engine_toy.rs",
            "impl Fingerprint for Hop {}",
        ),
    ] {
        finds(path, line, "fingerprint");
    }
    passes(
        "sim/src/fingerprint/leaf.rs",
        "impl Fingerprint for bool {}",
    );
    passes(
        "sim/src/event.rs",
        "use crate::fingerprint::Fingerprint;\n#[derive(Fingerprint)]\nstruct A;\n",
    );
}

#[test]
fn an_attacker_that_reaches_for_a_fingerprint_is_found() {
    finds(
        TECHNIQUE,
        "use crate::fingerprint::{Fingerprint, FingerprintHasher};",
        "layer",
    );
}

#[test]
fn layers_stand_above_what_they_see() {
    let below = |module: &str| LAYERS.iter().position(|l| l.module == module);
    for (at, layer) in LAYERS.iter().enumerate() {
        if layer.sees == EVERYTHING {
            continue;
        }
        for seen in layer.sees {
            let module = seen.split("::").next().unwrap_or(seen);
            let place = below(module).unwrap_or_else(|| panic!("{module} has no row"));
            assert!(
                place < at,
                "{} sees {module}, which stands above it",
                layer.module
            );
        }
    }
}

#[test]
fn what_depends_on_a_machine_is_found() {
    for line in [
        "use std::time::Instant;",
        "use std::{time::{Duration, SystemTime}};",
        "fn f() { let t = std::time::Instant::now(); }",
        "use std::fs;",
        "use std::net::{Ipv4Addr, TcpStream};",
        "fn f() { std::thread::spawn(|| ()); }",
        "use std::env;",
        "use std::collections::HashMap;",
        "fn f(x: std::collections::HashSet<u8>) {}",
        "fn f() { println!(\"{}\", 1); }",
        "fn f() { eprint!(\"\"); }",
        "fn f(x: f64) -> f64 { x.ln() }",
        "fn f(x: f64) -> f64 { (-x / 2.0).exp() }",
        "fn f(x: f64) -> f64 { x.powi(2) }",
        "fn f(x: f64) -> f64 { f64::powf(x, 0.5) }",
        "fn f(x: f64) -> f64 { Some(x).map_or(0.0, f64::sin) }",
    ] {
        finds(DEVICE, line, "outside");
    }
    for line in [
        "use std::net::Ipv4Addr;",
        "use std::collections::BTreeMap;",
        "fn f(x: f64) -> f64 { x.sqrt() * libm::exp(x) }",
        "// println!, HashMap, Instant\nconst A: &str = r#\"std::fs \"HashMap\"\"#;",
        "fn f<'a>(c: char, s: &'a str) -> bool { c == '\"' || c == '\\'' }\nconst A: &[u8] = b\"println!\";",
    ] {
        passes(DEVICE, line);
    }
    passes("harness/src/cli/run.rs", "use std::time::Instant;");
}

#[test]
fn unfinished_and_silenced_code_is_found() {
    for line in [
        "// TODO: later",
        "/* FIXME */",
        "fn f() { todo!() }",
        "fn f() { unimplemented!(\"x\") }",
        "fn f() { dbg!(1); }",
    ] {
        finds("harness/src/main.rs", line, "unfinished");
    }
    for line in [
        "#[allow(dead_code)]\nfn f() {}",
        "#![allow(missing_docs)]",
        "#[expect(dead_code)]\nfn f() {}",
    ] {
        finds(DEVICE, line, "silenced lint");
    }
    passes(
        DEVICE,
        "#[expect(dead_code, reason = \"used by the next\")]\nfn f() {}",
    );
}

#[test]
fn identifiers_in_code_are_found() {
    for line in [
        "const A: &str = \"NET-02\";",
        "// when DEV-01 is on",
        "// as in CVE-2015-3954",
    ] {
        finds(DEVICE, line, "identifier");
    }
    passes(
        "sim/src/control/pmf.rs",
        "// realises WL-08, see CVE-2015-3954",
    );
    passes(DEVICE, "// SP 1800-8, ISO-27001, ID-1, AES-128, PANID-12");
}

#[test]
fn long_functions_and_files_are_found() {
    let function = |above: &str, lines: usize| {
        format!("{above}fn f() {{\n{}}}\n", "    g();\n".repeat(lines - 2))
    };
    finds(DEVICE, &function("", 70), "long function");
    finds(
        "harness/src/record/tests.rs",
        &function("", 70),
        "long function",
    );
    finds(DEVICE, &function("// long: \n", 70), "long function");
    passes(DEVICE, &function("", 69));
    passes(
        DEVICE,
        &function("// long: a table in code\n#[must_use]\n", 200),
    );
    passes(
        DEVICE,
        &format!(
            "trait T {{ fn f();\n{}}}\n",
            "const A: u8 = 1;\n".repeat(80)
        ),
    );

    let lines = "const A: u8 = 1;\n";
    finds(DEVICE, &lines.repeat(1001), "long file");
    passes(DEVICE, &lines.repeat(1000));
    passes(
        DEVICE,
        &format!("//! Long because it is one table.\n{}", lines.repeat(1001)),
    );
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", lines.repeat(500));
    passes(DEVICE, &(lines.repeat(900) + &tests));
}

#[test]
fn a_tree_of_long_files_is_found() {
    let file = |lines: usize| Source::new(DEVICE, "const A: u8 = 1;\n".repeat(lines));
    assert_eq!(
        size::shape(&[file(100), file(219), file(499), file(900)]),
        []
    );
    assert_eq!(size::shape(&[file(100), file(220), file(230)]).len(), 1);
    assert_eq!(
        size::shape(&[file(100), file(100), file(500), file(600)]).len(),
        1
    );
}

#[test]
fn traces_of_one_machine_are_found() {
    for (line, rule) in [
        ("See /home/me/notes.md.", "machine path"),
        ("cd /work/pumplab", "machine path"),
        ("`/root/.cargo`", "machine path"),
        ("CARGO_TARGET_DIR=/tmp/wt-a", "machine path"),
        ("-----BEGIN PRIVATE KEY-----", "secret"),
        ("token = \"ghp_0123\"", "secret"),
        ("replace-with = \"mirror\"", "package source"),
    ] {
        finds("docs/README.md", line, rule);
    }
    let source = "source = \"registry+https://packages.example/index\"";
    finds("Cargo.lock", source, "package source");
    passes(
        "docs/README.md",
        "/tmp/records.db, docs/home, a/root/b, /workflow, /homework",
    );
}

fn entry(id: &'static str) -> &'static Entry {
    Box::leak(Box::new(Entry {
        id,
        title: "Title",
        summary: "Summary.",
        parameters: &[],
        relations: &[],
        references: &["T0001"],
    }))
}

fn registered(files: &[&str], ids: &[&'static str]) -> Vec<Finding> {
    let sources: Vec<Source> = files
        .iter()
        .map(|f| Source::new(format!("sim/src/safety/{f}.rs"), "impl Property for P {}"))
        .collect();
    let entries = ids.iter().map(|id| entry(id)).collect();
    let properties = Slice {
        folder: "sim/src/safety/",
        of: "Property",
        name: "PROPERTIES",
        entries,
    };
    slice(&properties, &sources)
}

#[test]
fn files_that_nobody_lists_are_found() {
    assert_eq!(
        registered(&["dose_limits", "goal"], &["dose-limits", "goal"]),
        []
    );
    assert_eq!(registered(&["dose_limits", "goal"], &["goal"]).len(), 1);
    assert_eq!(registered(&["goal"], &["dose-limits", "goal"]).len(), 1);
    assert_eq!(registered(&["dose_limits"], &["dose"]).len(), 2);
    assert_eq!(registered(&["goal"], &["goal", "goal"]).len(), 1);
    assert_eq!(registered(&["a", "b"], &["b", "a"]).len(), 1);
}

#[test]
fn files_that_know_each_other_in_a_circle_are_found() {
    let circles = |files: &[(&str, &str)]| {
        let sources = files.iter().map(|(path, text)| Source::new(*path, *text));
        let sources: Vec<Source> = sources.collect();
        let found = cycles::check_but(&sources, &[]);
        found.into_iter().map(|f| f.file).collect::<Vec<_>>()
    };
    let uses = |path: &str| format!("use crate::{path};");
    // Files of different folders.
    let (a, b) = (uses("b::one::B"), uses("a::one::A"));
    let apart = [("sim/src/a/one.rs", &*a), ("sim/src/b/one.rs", &*b)];
    assert_eq!(circles(&apart), ["sim/src/a/one.rs"]);
    assert!(circles(&apart[..1]).is_empty());
    // Two files of one folder may, three may not.
    let (a, b, c) = (uses("m::b::B"), uses("m::c::C"), uses("m::a::A"));
    let back = uses("m::a::A");
    let two = [("sim/src/m/a.rs", &*a), ("sim/src/m/b.rs", &*back)];
    assert!(circles(&two).is_empty());
    let three = [
        ("sim/src/m/a.rs", &*a),
        ("sim/src/m/b.rs", &*b),
        ("sim/src/m/c.rs", &*c),
    ];
    assert_eq!(circles(&three), ["sim/src/m/a.rs"]);
    // A list of what lies below is no dependency; what it passes on is a name of the file below.
    let list = (
        "sim/src/m/mod.rs",
        "mod a;\nmod b;\npub use a::A;\npub use self::b::B as C;",
    );
    let (up, passed) = ("use super::C;", "use super::A;");
    let listed = [
        list,
        ("sim/src/m/a.rs", up),
        ("sim/src/n.rs", "use crate::m::A;"),
    ];
    assert!(circles(&listed).is_empty());
    let far = [
        list,
        ("sim/src/m/a.rs", "use crate::n::N;"),
        ("sim/src/n.rs", "use crate::m::A;"),
    ];
    assert_eq!(circles(&far), ["sim/src/m/a.rs"]);
    let near = [list, ("sim/src/m/a.rs", up), ("sim/src/m/b.rs", passed)];
    assert!(circles(&near).is_empty());
    // A circle that is known and gone.
    let sources = [Source::new("sim/src/time.rs", "")];
    let found = cycles::check_but(&sources, &[("sim", &["a.rs", "b.rs"])]);
    assert_eq!(found.len(), 1);
}

#[test]
fn a_file_that_cannot_be_parsed_is_found() {
    finds("sim/src/time.rs", "fn f( {", "no Rust");
}

#[test]
fn a_finding_says_where_and_what_instead() {
    let found = check(&Source::new(
        TECHNIQUE,
        "//! Cheats.\n\nuse crate::device::pump::Pump;\n",
    ));
    let lines: Vec<String> = found.iter().map(Finding::to_string).collect();
    assert_eq!(
        lines,
        [
            "sim/src/attack/open_shell.rs:3: layer: attack must not use crate::device::pump::Pump: \
             act through net::port::Hands, know what came back through it"
        ]
    );
}

//! Broken files: what they are told. One snapshot per file of `invalid/`, named by kind and mistake.

use pumplab_scenarios::{Code, Diagnostics, Kind, Library};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn invalid() -> Vec<PathBuf> {
    files_of("invalid")
}

fn files_of(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

/// A file's kind, name and text.
fn read(path: &Path) -> (Kind, String, String) {
    let file = path
        .file_name()
        .expect("a file")
        .to_string_lossy()
        .into_owned();
    let kind = file.split('-').next().and_then(Kind::named);
    let kind = kind.unwrap_or_else(|| panic!("{file} must begin with a kind of file"));
    let text = std::fs::read_to_string(path).expect("it can be read");
    (kind, file, text)
}

/// What a file of `warnings/` is warned of.
fn warned(path: &Path) -> Diagnostics {
    let (kind, file, text) = read(path);
    let library = Library::embedded();
    let place = format!("warnings/{file}");
    let found = match kind {
        Kind::Lab => library.check_lab(&place, &text),
        _ => library
            .parse_scenario(&place, &text)
            .and_then(|s| s.warnings(&library)),
    };
    found.unwrap_or_else(|wrong| panic!("{file} is to be valid:\n{wrong}"))
}

fn told(path: &Path) -> Diagnostics {
    let (kind, file, text) = read(path);
    match Library::embedded().check(kind, &format!("invalid/{file}"), &text) {
        Err(wrong) => wrong,
        Ok(()) => panic!("{file} is not invalid"),
    }
}

#[test]
fn broken_files_are_told_what_is_wrong() {
    let files = invalid();
    assert!(files.len() >= 125);
    for path in files {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = told(&path).render(false);
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn what_can_never_work_is_a_warning() {
    for path in files_of("warnings") {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let found = warned(&path);
        assert!(!found.is_empty(), "{name} warns of nothing");
        for d in &found.items {
            assert!(d.code.is_warning(), "{name}: {}", d.message);
            let source = d.source.as_ref().expect("a file");
            let span = source.text.get(d.span.clone()).unwrap_or_default();
            assert!(!span.is_empty(), "{name}: no place for {}", d.message);
            assert!(
                !d.hints.is_empty() || d.code == Code::NoEffect,
                "{name}: {}",
                d.message
            );
        }
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("warning-{name}"), found.render(false));
        });
    }
}

#[test]
fn the_shipped_library_is_free_of_warnings() {
    let all = std::iter::once(Library::embedded())
        .chain(Library::collections().map(|c| Library::collection(c).expect("it is built in")));
    for library in all {
        for name in library.lab_names() {
            let text = library.text(Kind::Lab, &name).expect("it is listed");
            let found = library.check_lab(&format!("labs/{name}.toml"), text);
            let found = found.unwrap_or_else(|e| panic!("{e}"));
            assert!(found.is_empty(), "{found}");
        }
        for name in library.scenario_names() {
            let found = library
                .load_scenario(&name)
                .and_then(|s| s.warnings(&library));
            let found = found.unwrap_or_else(|e| panic!("{e}"));
            assert!(found.is_empty(), "{found}");
        }
    }
}

#[test]
fn what_is_meant_is_not_told() {
    let file = files_of("warnings")
        .into_iter()
        .find(|p| p.ends_with("lab-out-of-range.toml"));
    let (_, _, text) = read(&file.expect("the file is there"));
    let meant = format!("accept_warnings = [\"PL0804\"]\n{text}");
    let found = Library::embedded()
        .check_lab("far.toml", &meant)
        .expect("it is valid");
    assert!(found.is_empty(), "{found}");
    let misspelt = format!("accept_warnings = [\"PL0904\"]\n{text}");
    let wrong = Library::embedded()
        .check_lab("far.toml", &misspelt)
        .expect_err("no such warning");
    assert_eq!(wrong.items.len(), 1, "{wrong}");
}

/// One mistake in a valid file is one message for each place where it stands.
#[test]
fn one_mistake_is_one_message() {
    let library = Library::embedded();
    let ward = library.text(Kind::Lab, "ward").expect("it is built in");
    let count = |text: &str, slip: &str| text.matches(slip).count();
    for (from, to) in [
        (
            "libraries = [\"ward-v1\", \"ward-v2\"]",
            "libraries = [\"ward-v7\", \"ward-v2\"]",
        ),
        ("drug = \"norepinephrine\"", "drug = \"norepinefrine\""),
        ("care_area = \"ICU\"", "care_area = \"ICUU\""),
        ("profile = \"modern-lvp\"", "profile = \"modern-lpv\""),
        (
            "controller = { radius = \"radius\", pmk_cache = \"12h\" }",
            "log_collector = true",
        ),
        ("akm = \"open\"", "akm = \"wpa2\""),
        ("passphrase = \"ward-7-everybody-knows\"", "passphrase = 7"),
        ("[flat]\n", "[flatt]\n"),
        (
            "station = \"nurses-station\"",
            "station = \"nurse-station\"",
        ),
    ] {
        assert!(ward.contains(from), "{from}");
        let wrong = library.check(Kind::Lab, "ward.toml", &ward.replace(from, to));
        let wrong = wrong.expect_err(to);
        let places = match from.starts_with("controller") {
            true => 1,
            false => count(ward, from),
        };
        assert_eq!(wrong.items.len(), places, "{to}:\n{wrong}");
    }
    let attack = Kind::Scenario.template("mine").expect("there is one");
    for (from, to) in [
        ("lab = \"ward\"", "lab = \"wart\""),
        ("defence = \"sp1800-8\"", "defence = \"sp1800-9\""),
        ("goal = \"alter-limits\"", "goal = \"alter-limit\""),
        (
            "reaches = \"alter-limits\"\n",
            "reaches = \"alter-limit\"\n",
        ),
        ("use = \"push-drug-library\"", "use = \"push-drug-libary\""),
        ("drug = \"heparin\"", "drug = \"heparine\""),
        ("at_most = 0", "at_most = \"0 mL\""),
        ("after = \"10m\"", "after = \"600\""),
    ] {
        assert!(attack.contains(from), "{from}");
        let wrong = library.check(Kind::Scenario, "mine.toml", &attack.replace(from, to));
        let wrong = wrong.expect_err(to);
        let places = if from.starts_with("reaches") { 2 } else { 1 };
        assert_eq!(wrong.items.len(), places, "{to}:\n{wrong}");
    }
}

#[test]
fn what_a_lab_has_nobody_for_is_told_with_its_place() {
    let small = include_str!("small.toml").replace("pumps = [\"pump\"]", "pumps = []");
    let library = Library::embedded().with_file(Kind::Lab, "small", &small);
    let with = "{ pump = \"pump\", care_area = \"ICU\", drug = \"heparin\", rate_ml_per_h = 10.0, vtbi_ml = 50.0 }";
    let text = format!(
        "title = \"T\"\nlab = \"small\"\ndefence = \"bare\"\nduration = \"1h\"\n\
         [[attacker]]\nname = \"m\"\nat = {{ internet = true }}\ngoal = \"alter-limits\"\n\
         [[attacker.step]]\nuse = \"find-host\"\nwith = {{ target = \"pump\" }}\n\
         [[event]]\nat = \"5m\"\nwhat = \"order\"\nwith = {with}\n\
         [[event]]\nat = \"6m\"\nwhat = \"revoke-certificate\"\nwith = {{ host = \"pump\" }}\n\
         [[event]]\nat = \"7m\"\nwhat = \"replace-pump\"\nwith = {{ pump = \"pump\", by = \"pump\" }}\n\
         [[expect]]\nholds = \"dose-limits\"\n\
         [contrast]\ndefence = \"legacy\"\nreaches = \"alter-limits\"\n"
    );
    let wrong = library
        .check(Kind::Scenario, "t.toml", &text)
        .expect_err("it cannot happen");
    let codes: Vec<Code> = wrong.items.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::Impossible; 4], "{wrong}");
    let places: Vec<&str> = wrong.items.iter().map(|d| &text[d.span.clone()]).collect();
    assert_eq!(
        places,
        [
            "{ internet = true }",
            "\"order\"",
            "\"revoke-certificate\"",
            "\"replace-pump\""
        ]
    );
}

/// Whatever a file holds, nothing that a terminal would act upon comes out.
#[test]
fn nothing_in_a_file_reaches_a_terminal_as_a_command() {
    let evil = "\\u001b[31m\\u0007\\u0000\\u009b31m\\u202e\\r";
    let raw = "\u{9b}31m\u{202e}\u{200f}\u{2028}";
    let text = format!(
        "title = \"T\"\nlab = \"w{evil}\"\ndefence = \"sp1800-8{raw}\"\nduration = \"1h\"\n\"k{evil}\" = 1\n\n[[expect]]\nholds = \"dose{evil}\"\n"
    );
    let wrong = Library::embedded().check(Kind::Scenario, "a\u{1b}[2Jb.toml", &text);
    let shown = wrong.expect_err("nothing has such a name").render(false);
    let acts = |c: char| (c.is_control() && c != '\n') || ('\u{200e}'..='\u{202e}').contains(&c);
    let found = shown.chars().find(|c| acts(*c));
    assert_eq!(found, None, "{shown:?}");
    assert!(shown.contains("\\u001B[31m"), "{shown}");
}

#[test]
fn nothing_is_a_fault_of_ours_and_every_place_is_in_the_file() {
    for path in invalid() {
        for d in told(&path).items {
            assert_ne!(d.code, Code::Assertion, "{}: {}", path.display(), d.message);
            let source = d.source.expect("a file is at fault");
            assert!(source.text.get(d.span).is_some(), "{}", d.message);
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for path in invalid() {
        let wrong = told(&path);
        let coloured = wrong.render(true);
        assert!(coloured.contains('\u{1b}'));
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((text, after)) = rest.split_once('\u{1b}') {
            plain.push_str(text);
            rest = after.split_once('m').map_or("", |(_, r)| r);
        }
        plain.push_str(rest);
        assert_eq!(plain, wrong.render(false));
    }
}

/// Codes that no file can bring about: they are about folders, command lines, or our own faults.
const OUTSIDE: &[Code] = &[
    Code::File,
    Code::UnknownScenario,
    Code::UnknownCollection,
    Code::NoNetwork,
    Code::DrugLibrary,
    // The labs of the library have everything: a test below has its own.
    Code::Impossible,
    Code::Assertion,
];

#[test]
fn every_code_has_a_broken_file() {
    let told: BTreeSet<Code> = invalid()
        .iter()
        .flat_map(|p| told(p).items)
        .map(|d| d.code)
        .chain(
            files_of("warnings")
                .iter()
                .flat_map(|p| warned(p).items)
                .map(|d| d.code),
        )
        .chain(OUTSIDE.iter().copied())
        .collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|c| !told.contains(c)).collect();
    assert!(
        missing.is_empty(),
        "no file of invalid/ or warnings/ shows {missing:?}"
    );
}

#[test]
fn codes_are_distinct_and_in_order() {
    let ids: Vec<&str> = Code::ALL.iter().map(|c| c.id()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
}

/// Writes `docs/diagnostics.md` if asked to with `PUMPLAB_UPDATE_DOCS=1`, and compares otherwise.
#[test]
fn the_page_of_codes_is_up_to_date() {
    let mut page = String::from(
        "# Diagnostics\n\nWhat `pumplab check` may say about a file. Codes are stable: a code never comes to mean something else.\nThis page is written from the code by a test (`PUMPLAB_UPDATE_DOCS=1 cargo test -p pumplab-scenarios`).\n\nCodes from PL0801 on are warnings: the file is right, and something in it can never work or changes nothing. Labs are looked at as their files say and under\neach defence of the library, scenarios under their own. What is meant is listed in the file, such as `accept_warnings = [\"PL0806\"]`, and not told any more.\n\n| code | what is wrong | what it means |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        writeln!(
            page,
            "| {} | {} | {} |",
            code.id(),
            code.title(),
            code.doc()
        )
        .expect("text");
    }
    let mut all: Vec<_> = invalid().iter().flat_map(|p| told(p).items).collect();
    all.extend(files_of("warnings").iter().flat_map(|p| warned(p).items));
    for code in Code::ALL {
        let remedy = code.remedy();
        assert!(!remedy.is_empty(), "{code} has no remedy");
        let (id, title, doc) = (code.id(), code.title(), code.doc());
        writeln!(page, "\n## {id}: {title}\n\n{doc} {remedy}").expect("text");
        if let Some(example) = all.iter().find(|d| d.code == *code) {
            let text = Diagnostics::from(example.clone()).render(false);
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            writeln!(page, "\n```text\n{}\n```", lines.join("\n")).expect("text");
        } else {
            assert!(OUTSIDE.contains(code), "{code} has no example");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics.md");
    if std::env::var_os("PUMPLAB_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("it can be written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/diagnostics.md is out of date: run with PUMPLAB_UPDATE_DOCS=1"
    );
}

/// What only a Rust programmer would understand.
#[test]
fn messages_name_nothing_of_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/src/spec");
    let mut types = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).unwrap_or_default();
        for declared in ["pub struct ", "pub enum "] {
            let after = text
                .match_indices(declared)
                .map(|(i, d)| &text[i + d.len()..]);
            types.extend(
                after
                    .filter_map(|t| t.split(|c: char| !c.is_alphanumeric()).next())
                    .map(str::to_owned),
            );
        }
    }
    // One word, such as `Provenance`, may be said of anything.
    types.retain(|t| t.chars().filter(|c| c.is_uppercase()).count() > 1);
    assert!(types.contains("HostSpec") && types.len() > 20);
    let said = |text: &str| {
        for foreign in [
            "::", "Some(", "None", "Err(", "Ok(", "unwrap", "panicked", "DeValue",
        ] {
            assert!(!text.contains(foreign), "{foreign} in {text}");
        }
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        let named = words.find(|w| types.contains(*w));
        assert_eq!(named, None, "{text}");
    };
    for d in invalid().iter().flat_map(|p| told(p).items) {
        said(&d.message);
        said(&d.label);
        d.hints.iter().for_each(|h| said(h));
    }
    for code in Code::ALL {
        said(code.title());
        said(code.doc());
    }
}

/// A file with very many mistakes is reported mistake by mistake, each with its own line: what a report costs grows with the mistakes alone.
/// (20,000 mistakes took minutes when every one of them had the whole file rendered.)
#[test]
fn very_many_mistakes_are_each_told_at_their_line() {
    const HEAD: &str = "title = \"T\"\nlab = \"ward\"\ndefence = \"sp1800-8\"\nduration = \"1h\"\n";
    const MISTAKES: usize = 20_000;
    let keys: Vec<String> = (0..MISTAKES).map(|n| format!("bogus_{n} = 1\n")).collect();
    let text = format!("{HEAD}{}", keys.concat());
    let wrong = Library::embedded().check(Kind::Scenario, "many.toml", &text);
    let shown = wrong.expect_err("no key is known").render(false);
    let lines: Vec<&str> = shown.lines().filter(|l| l.contains("many.toml:")).collect();
    for n in [0, 1, MISTAKES / 2, MISTAKES - 1] {
        let place = format!(" --> many.toml:{}:1", n + 5);
        let found = lines
            .iter()
            .filter(|l| l.trim_start() == place.trim_start());
        assert_eq!(found.count(), 1, "{place}");
        assert_eq!(shown.matches(&format!("| bogus_{n} = 1\n")).count(), 1);
    }
}

/// Of a line far longer than a screen the part around the mistake is shown, and the column is that of the file.
#[test]
fn a_mistake_in_a_very_long_line_is_told_at_its_column() {
    const HEAD: &str = "title = \"T\"\nlab = \"ward\"\ndefence = \"sp1800-8\"\nduration = \"1h\"\n";
    let nodes: Vec<String> = (0..20_000).map(|n| format!("\"node-{n}\"")).collect();
    let event = "[[event]]\nat = \"1m\"\nwhat = \"power-cut\"\nwith = { nodes = [";
    let text = format!("{HEAD}{event}{}] }}\n", nodes.join(", "));
    let wrong = Library::embedded().check(Kind::Scenario, "long.toml", &text);
    let shown = wrong.expect_err("no node is known").render(false);
    let line = text.lines().position(|l| l.starts_with("with")).unwrap() + 1;
    let written = text.lines().nth(line - 1).unwrap();
    for n in [0, 777, 19_999] {
        let name = format!("\"node-{n}\"");
        let place = format!("long.toml:{line}:{}", written.find(&name).unwrap() + 1);
        assert_eq!(shown.matches(&format!("{place}\n")).count(), 1, "{place}");
    }
    let widest = shown.lines().map(str::len).max().unwrap();
    assert!(widest < 1000, "{widest}");
    let each = shown.len() / nodes.len();
    assert!(each < 1500, "{each} bytes a mistake");
}

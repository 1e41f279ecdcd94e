//! The library that comes with pumplab.

use pumplab_scenarios::{ControlEffect, Diagnostics, Kind, Library, ResolvedLab, Scenario, Threat};
use pumplab_sim::spec::{AddressSpec, ItemOrigin, LabSpec, LinkSpec, RoleSpec};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn right<T>(result: Result<T, Diagnostics>) -> T {
    match result {
        Ok(value) => value,
        Err(wrong) => panic!("{wrong}"),
    }
}

#[test]
fn every_file_is_embedded() {
    let library = Library::embedded();
    for kind in Kind::ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind.folder());
        let mut there: Vec<String> = std::fs::read_dir(&folder)
            .expect("the folder is there")
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
            .map(|p| {
                p.file_stem()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        there.sort();
        assert_eq!(
            library.names(kind),
            there,
            "the build script embeds every file of {}",
            kind.folder()
        );
    }
}

#[test]
fn every_file_of_a_collection_is_embedded_and_right() {
    assert!(Library::collections().count() > 0);
    for collection in Library::collections() {
        let library = right(Library::collection(collection));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(collection);
        let mut there: Vec<_> = std::fs::read_dir(&folder)
            .expect("the folder is there")
            .map(|e| e.expect("an entry").path())
            .filter_map(|p| Some(p.file_stem()?.to_str()?.to_owned()))
            .collect();
        there.sort();
        assert_eq!(library.scenario_names(), there, "{collection}");
        for name in there {
            let scenario = right(library.load_scenario(&name));
            assert!(!scenario.cases.is_empty(), "{name} answers to no case");
            right(scenario.resolve(&library, None, &[]));
        }
        assert_eq!(library.lab_names(), Library::embedded().lab_names());
    }
    let wrong = Library::collection("conformence").expect_err("misspelt");
    assert!(
        wrong.to_string().contains("did you mean `conformance`?"),
        "{wrong}"
    );
}

#[test]
fn every_file_is_right() {
    let library = Library::embedded();
    for kind in Kind::ALL {
        for name in library.names(kind) {
            let text = library.text(kind, &name).expect("it is listed");
            right(library.check(kind, &name, text));
            let told = |path: String| Kind::of_file(Path::new(&path), text);
            assert_eq!(told(format!("{}/{name}.toml", kind.folder())), kind);
            assert_eq!(told(format!("{name}.toml")), kind);
        }
    }
}

#[test]
fn every_scenario_resolves_under_every_defence() {
    let library = Library::embedded();
    for name in library.scenario_names() {
        let scenario = right(library.load_scenario(&name));
        right(scenario.resolve(&library, None, &[]));
        for defence in library.defence_names() {
            let resolved = right(scenario.resolve(&library, Some(&defence), &[]));
            assert_eq!(
                resolved.controls.len(),
                right(library.defence(&defence)).controls.len()
            );
            consistent(&resolved.lab);
        }
        let contrast = right(scenario.resolve_contrast(&library));
        assert_eq!(contrast.is_some(), !scenario.attackers.is_empty(), "{name}");
    }
}

/// What a simulation is built from must hold together.
fn consistent(lab: &LabSpec) {
    for host in &lab.hosts {
        assert!(lab.zone(&host.zone).is_some(), "{} is in a zone", host.name);
        match &host.link {
            LinkSpec::None => assert_eq!(host.address, AddressSpec::None),
            _ => {
                let segment = lab
                    .segment_of(host)
                    .expect("an attached host has a segment");
                let ip = host.address.ip().expect("an attached host has an address");
                assert!(
                    segment.prefix.contains(ip),
                    "{} at {ip} sits on {}",
                    host.name,
                    segment.prefix
                );
            }
        }
    }
}

#[test]
fn the_ward_is_the_one_that_was_asked_for() {
    let lab = right(Library::embedded().lab("ward")).spec;
    let profile = |name: &str| lab.pumps().filter(|(_, p)| p.profile == name).count();
    assert_eq!(profile("modern-lvp"), 6);
    assert_eq!(profile("legacy-psk"), 3);
    assert_eq!(profile("open-maintenance"), 3);
    assert_eq!(lab.access_points.len(), 3);
    assert_eq!(lab.segments.len(), 2, "flat and external");
    assert!(lab.routers[0].rules.is_empty());
    assert_eq!(lab.nurses.iter().map(|n| n.pumps.len()).sum::<usize>(), 12);
    let servers = lab
        .hosts
        .iter()
        .filter(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::PumpServer(_))));
    assert_eq!(servers.count(), 2);
    consistent(&lab);
}

#[test]
fn a_control_left_out_is_not_there() {
    let library = Library::embedded();
    let controls = right(library.defence("sp1800-8")).controls;
    let with = right(library.resolve_lab("ward", &controls, &[]));
    let left_out = ["NET-02".to_owned(), "NET-10".to_owned()];
    let without = right(library.resolve_lab("ward", &controls, &left_out));
    let set_by = |lab: &ResolvedLab, id: &str| {
        let by = |o: &ItemOrigin| o.control.as_deref() == Some(id);
        lab.provenance.items.iter().any(by)
    };
    assert!(set_by(&with, "NET-02"));
    assert!(!set_by(&without, "NET-02"));
    assert!(set_by(&without, "NET-01"));
    let told = |id: &str| without.controls.iter().find(|c| c.id == id);
    assert_eq!(told("NET-02"), None);
    let foreign = told("NET-10").map(|c| &c.effect);
    assert!(
        matches!(foreign, Some(ControlEffect::WithoutEffect(_))),
        "{foreign:?}"
    );
}

#[test]
fn names_on_the_command_line_are_checked() {
    let library = Library::embedded();
    let scenario = right(library.load_scenario("x1-phi-by-pivot"));
    let wrong = scenario
        .resolve(&library, Some("legcy"), &[])
        .expect_err("no such defence");
    assert!(
        wrong.to_string().contains("did you mean `legacy`?"),
        "{wrong}"
    );
    let wrong = scenario
        .resolve(&library, None, &["WL-O3".to_owned()])
        .expect_err("no such control");
    assert!(
        wrong.to_string().contains("did you mean `WL-03`?"),
        "{wrong}"
    );
    let wrong = library.load_scenario("x1").expect_err("no such scenario");
    assert!(wrong.to_string().contains("PL0210"), "{wrong}");
}

#[test]
fn a_folder_lies_over_the_library() {
    let folder = std::env::temp_dir().join(format!("pumplab-library-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("defences")).expect("it can be made");
    let file = folder.join("defences/mine.toml");
    std::fs::write(&file, "title = \"Mine\"\ncontrols = [\"NET-01\"]\n")
        .expect("it can be written");
    let library = Library::with_dir(&folder);
    std::fs::remove_dir_all(&folder).expect("it can be removed");
    let library = right(library);
    assert_eq!(right(library.defence("mine")).controls, ["NET-01"]);
    assert!(library.defence("legacy").is_ok());
    let wrong = Library::with_dir(&folder).expect_err("it is gone");
    assert!(wrong.to_string().contains("PL0113"), "{wrong}");
}

#[test]
fn what_a_scenario_shows_resolves_to_runs_with_and_without_the_control() {
    let library = Library::embedded();
    let text = Kind::Scenario.template("mine").expect("there is one");
    let text = format!(
        "{}\n[[shows]]\ncontrol = \"DEV-07\"\namong = [\"DEV-07\", \"NET-02\"]\nby = [\"alter-limits\", \"push-drug-library\"]\n[[shows]]\ncontrol = \"NET-02\"\n",
        text.replacen("\nlab =", "\ncases = [\"SIM-11\"]\nlab =", 1)
    );
    let scenario = right(library.parse_scenario("mine.toml", &text));
    assert_eq!(scenario.cases, ["SIM-11"]);
    let [first, second] = scenario.shows() else {
        panic!("two entries")
    };
    assert_eq!(first.by, [0, 1]);
    assert_eq!(
        first.to_string(),
        "DEV-07 among DEV-07+NET-02 by alter-limits, push-drug-library"
    );
    assert_eq!(second.by, [0, 1, 2, 3]);
    assert_eq!(
        right(scenario.among(&library, second)),
        right(library.defence("sp1800-8")).controls
    );
    let (with, without) = right(scenario.resolve_shown(&library, first));
    let on = |lab: &Vec<pumplab_scenarios::AppliedControl>| -> Vec<String> {
        lab.iter().map(|c| c.id.clone()).collect()
    };
    assert_eq!(on(&with.controls), ["DEV-07", "NET-02"]);
    assert_eq!(on(&without.controls), ["NET-02"]);
    assert_eq!(with.play, without.play);
}

#[test]
fn a_listed_control_without_effect_is_a_warning_with_its_place() {
    let library = Library::embedded();
    let text = "title = \"T\"\nlab = \"ward\"\nduration = \"1h\"\ndefence = [\"NET-02\", \"DEV-10\"]\n\n[[expect]]\nholds = \"dose-limits\"\n";
    let scenario = library.parse_scenario("t.toml", text).expect("it is valid");
    let warnings = scenario.warnings(&library).expect("it resolves").items;
    let places: Vec<&str> = warnings.iter().map(|w| &text[w.span.clone()]).collect();
    assert_eq!(places, ["\"NET-02\"", "\"DEV-10\""]);
    assert!(warnings[0].message.contains("it needs NET-01"));
    assert!(warnings.iter().all(|w| w.code.is_warning()));
    let whole = text.replace("\"NET-02\", \"DEV-10\"", "\"NET-01\", \"NET-02\"");
    let scenario = library.parse_scenario("t.toml", &whole).expect("valid");
    assert!(scenario.warnings(&library).expect("resolves").is_empty());
}

/// Every scenario that comes with pumplab: its own and those of the collections.
fn shipped() -> Vec<Scenario> {
    let all = |library: &Library| -> Vec<Scenario> {
        let names = library.scenario_names();
        names
            .iter()
            .map(|n| right(library.load_scenario(n)))
            .collect()
    };
    let collections = Library::collections().map(|c| right(Library::collection(c)));
    let mut shipped = all(&Library::embedded());
    shipped.extend(collections.flat_map(|c| all(&c)));
    shipped
}

#[test]
fn every_scenario_says_its_kind_of_threat() {
    for scenario in shipped() {
        let name = &scenario.name;
        let threat = scenario.threat.unwrap_or_else(|| panic!("{name}: none"));
        let nobody = threat >= Threat::Outage;
        assert!(
            scenario.attackers.is_empty() == nobody,
            "{name}: {threat} and {} attackers",
            scenario.attackers.len()
        );
        assert!(!scenario.tags.is_empty(), "{name} has no tag");
    }
    let library = Library::embedded();
    let mut counts = BTreeMap::new();
    for name in library.scenario_names() {
        let threat = right(library.load_scenario(&name)).threat;
        *counts.entry(threat).or_insert(0) += 1;
    }
    for kind in Threat::ALL {
        let count = counts.get(&Some(*kind)).copied().unwrap_or(0);
        assert!((3..=15).contains(&count), "{kind} has {count} scenarios");
    }
}

#[test]
fn titles_are_short_and_in_the_words_of_the_field() {
    let private = [
        "house", "houses", "maker", "makers", "letter", "letters", "luck", "flaw", "flaws",
        "stranger", "crowd",
    ];
    let mut seen = BTreeSet::new();
    for Scenario {
        name,
        title,
        summary,
        ..
    } in shipped()
    {
        assert!(title.chars().count() <= 72, "{name}: {title}");
        assert!(
            !title.ends_with('.') && title.starts_with(|c: char| c.is_uppercase()),
            "{name}: {title}"
        );
        let text = format!("{title} {summary}").to_lowercase();
        assert!(!text.contains("hardware address"), "{name}: MAC address");
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            assert!(!private.contains(&word), "{name}: `{word}`");
        }
        assert!(seen.insert(title.clone()), "{name}: again `{title}`");
    }
}

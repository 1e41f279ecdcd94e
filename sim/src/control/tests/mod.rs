//! What applying controls must keep, whatever the mechanisms do.

mod fixture;
mod network;
mod reach;
mod secrets;
mod servers;

use super::*;
use crate::spec::{HostSpec, Removed};
use fixture::bare;
use std::collections::BTreeSet;

/// The bare lab with these controls.
fn lab_with(controls: &[&str]) -> (LabSpec, Provenance, Vec<Applied>) {
    let (mut lab, mut ink) = bare();
    let applied = apply(&mut lab, &mut ink, controls);
    (lab, ink, applied)
}

fn effect(applied: &[Applied], id: &str) -> Effect {
    applied
        .iter()
        .find(|a| a.id == id)
        .unwrap_or_else(|| panic!("{id} was not applied"))
        .effect
}

fn host<'a>(lab: &'a LabSpec, name: &str) -> &'a HostSpec {
    lab.host(name).unwrap_or_else(|| panic!("no host {name}"))
}

/// Everything that carries a control's stamp: the control, and what it set or removed.
fn stamps(ink: &Provenance) -> Vec<(String, String)> {
    let items = ink
        .items
        .iter()
        .filter_map(|i| Some((i.control.clone()?, i.what.clone())));
    let removed = |r: &Removed| format!("{r:?}");
    let graves = ink.tombstones.iter().filter_map(|t| {
        Some((
            t.control.clone()?,
            format!("{} {}", t.node, removed(&t.removed)),
        ))
    });
    let mut all: Vec<_> = items.chain(graves).collect();
    all.sort();
    all
}

/// Controls whose result depends on a control, so that their stamps differ without it.
fn dependents(id: &str) -> &'static [&'static str] {
    match id {
        "NET-01" => &[
            "NET-02", "NET-03", "NET-04", "NET-05", "NET-06", "NET-07", "NET-08", "NET-09",
            "NET-10", "WL-01", "WL-03", "ID-03", "OPS-03",
        ],
        "NET-02" => &["NET-09"],
        "OPS-03" => &["NET-02"],
        "NET-06" => &["NET-07"],
        "NET-03" => &["WL-01"],
        "ID-01" => &[
            "NET-05", "NET-06", "WL-03", "ID-02", "ID-03", "SRV-04", "OPS-06", "WL-06", "WL-07",
            "WL-08", "NET-02", "NET-04", "NET-08", "NET-10", "DEV-05",
        ],
        "WL-01" => &[
            "NET-05", "NET-06", "WL-02", "WL-03", "WL-06", "WL-07", "WL-08", "NET-08", "NET-10",
            "NET-02",
        ],
        "WL-03" => &[
            "NET-05", "NET-06", "ID-03", "WL-06", "WL-07", "WL-08", "NET-02", "NET-08", "NET-10",
            "DEV-05",
        ],
        // Ports are guarded on the segment of those that are not let in, too.
        "ID-03" => &["NET-05"],
        // A pump server asks about certificates where it is shown some, and is let through to the authority for it.
        "SRV-04" => &["ID-02", "NET-02", "NET-04"],
        "ID-02" => &["NET-02", "NET-04"],
        "DEV-07" => &["SRV-05"],
        "ID-04" => &["ID-05", "NET-02"],
        "ID-06" => &["ID-07"],
        // What copies files is let through to them.
        "SRV-07" => &["NET-02"],
        _ => &[],
    }
}

#[test]
fn every_realised_control_changes_the_lab_and_stamps_what_it_set() {
    let (_, ink, applied) = lab_with(&ORDER);
    let stamped: BTreeSet<String> = stamps(&ink)
        .into_iter()
        .map(|(control, _)| control)
        .collect();
    for id in ORDER.iter() {
        assert_eq!(effect(&applied, id), Effect::Applied, "{id}");
        assert!(
            stamped.contains(*id),
            "{id} changed the lab and stamped nothing"
        );
    }
    assert_eq!(ink.applying, None);
}

#[test]
fn without_a_control_exactly_its_stamps_are_gone() {
    let (_, full, _) = lab_with(&ORDER);
    let mut wrong = Vec::new();
    for id in ORDER.iter() {
        let rest: Vec<&str> = ORDER.iter().copied().filter(|o| o != id).collect();
        let (_, ink, _) = lab_with(&rest);
        let depends = |control: &str| control == *id || dependents(id).contains(&control);
        let others = |ink: &Provenance| {
            stamps(ink)
                .into_iter()
                .filter(|(c, _)| !depends(c))
                .collect::<Vec<_>>()
        };
        let (with, left) = (others(&full), others(&ink));
        if with != left {
            let odd = |a: &[(String, String)], b: &[(String, String)]| -> Vec<_> {
                a.iter().filter(|s| !b.contains(s)).cloned().collect()
            };
            let (lost, new) = (odd(&with, &left), odd(&left, &with));
            wrong.push(format!("without {id}: lost {lost:?}, new {new:?}"));
        }
        assert!(
            stamps(&ink).iter().all(|(control, _)| control != id),
            "{id} left a stamp"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mechanism_without_effect_changes_and_stamps_nothing() {
    for id in ORDER.iter() {
        let (lab, ink, applied) = lab_with(&[id]);
        if effect(&applied, id) != Effect::Applied {
            assert_eq!(lab, bare().0, "{id}");
            assert_eq!(ink, bare().1, "{id}");
        } else {
            assert_ne!(lab, bare().0, "{id} claims to have changed the lab");
            assert!(
                !stamps(&ink).is_empty(),
                "{id} changed the lab and stamped nothing"
            );
        }
    }
}

#[test]
fn the_order_of_the_list_does_not_matter_nor_does_repetition() {
    let forward = lab_with(&ORDER);
    let mut list: Vec<&str> = ORDER.iter().rev().copied().collect();
    list.extend(ORDER.iter());
    assert_eq!(lab_with(&list), forward);
    let by_name: BTreeSet<&str> = ORDER.iter().copied().collect();
    for a in &by_name {
        for b in &by_name {
            assert_eq!(lab_with(&[a, b]), lab_with(&[b, a]), "{a} and {b}");
        }
    }
}

#[test]
fn applying_again_changes_nothing() {
    for skipped in ["", "NET-01", "NET-09", "ID-01", "WL-01", "WL-03"] {
        let list: Vec<&str> = ORDER.iter().copied().filter(|o| *o != skipped).collect();
        let (once, ink, _) = lab_with(&list);
        let (mut twice, mut again) = (once.clone(), ink.clone());
        let applied = apply(&mut twice, &mut again, &list);
        let changed: Vec<_> = applied
            .iter()
            .filter(|a| a.effect == Effect::Applied)
            .collect();
        assert!(changed.is_empty(), "without {skipped}: {changed:?}");
        assert_eq!((twice, again), (once, ink), "without {skipped}");
    }
}

#[test]
fn prerequisites_are_named() {
    let mut tried = 0;
    for realises in MECHANISMS.iter().map(|m| m.realises()) {
        for needs in realises.needs {
            let list: Vec<&str> = ORDER.iter().copied().filter(|o| o != needs).collect();
            let (_, _, applied) = lab_with(&list);
            let control = realises.control;
            let Effect::None(reason) = effect(&applied, control) else {
                panic!("{control} works without {needs}")
            };
            assert!(reason.contains(needs), "{control}: {reason}");
            tried += 1;
        }
    }
    assert!(tried >= 7, "{tried} prerequisites are declared");
}

/// A reason that names another control names a prerequisite: it is declared.
#[test]
fn prerequisites_are_declared() {
    for id in ORDER.iter() {
        let (_, _, applied) = lab_with(&[id]);
        let Effect::None(reason) = effect(&applied, id) else {
            continue;
        };
        let own = MECHANISMS.iter().map(|m| m.realises());
        let own: Vec<Realises> = own.filter(|r| r.control == *id).collect();
        for named in ORDER.iter().filter(|o| reason.contains(**o) && *o != id) {
            let declared = own.iter().any(|r| r.needs.contains(named));
            assert!(
                declared,
                "{id} says: {reason}; declare that it needs {named}"
            );
        }
    }
}

#[test]
fn unknown_and_unrealised_controls_are_without_effect() {
    let (lab, ink, applied) = lab_with(&["NET-99", "OPS-09", "NET-99"]);
    assert_eq!((lab, ink), bare());
    let ids: Vec<&str> = applied.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(ids, ["NET-99", "OPS-09"]);
    assert!(applied.iter().all(|a| a.effect != Effect::Applied));
}

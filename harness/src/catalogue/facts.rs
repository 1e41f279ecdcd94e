//! What a scenario is made of, as far as it is selected by it.

use pumplab_scenarios::{Library, Scenario};
use std::collections::BTreeSet;

/// Whether a reference is an ATT&CK id: `T1557`, `T1557.002`, `T0830`.
pub(crate) fn is_attack_id(reference: &str) -> bool {
    let digits = |text: &str, n| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = reference.strip_prefix('T') else {
        return false;
    };
    match number.split_once('.') {
        Some((technique, sub)) => digits(technique, 4) && digits(sub, 3),
        None => digits(number, 4),
    }
}

/// ATT&CK ids of all techniques, with those that they are sub-techniques of.
#[must_use]
pub fn all_attack_ids(library: &Library) -> Vec<String> {
    let techniques = library.catalogue().techniques.iter();
    let ids = techniques.flat_map(|t| t.references).copied();
    let mut all = BTreeSet::new();
    for id in ids.filter(|id| is_attack_id(id)) {
        all.insert(id.to_owned());
        if let Some((parent, _)) = id.split_once('.') {
            all.insert(parent.to_owned());
        }
    }
    all.into_iter().collect()
}

/// Techniques of a scenario's steps and programs.
#[must_use]
pub fn techniques(scenario: &Scenario) -> Vec<String> {
    let steps = scenario.attackers.iter().flat_map(|a| {
        let programs = a.programs.iter().flat_map(|p| &p.steps);
        a.steps.iter().chain(programs)
    });
    let used: BTreeSet<String> = steps.map(|s| s.technique.clone()).collect();
    used.into_iter().collect()
}

/// ATT&CK ids of the techniques that a scenario uses.
#[must_use]
pub fn attack_ids(library: &Library, scenario: &Scenario) -> Vec<String> {
    let used = techniques(scenario);
    let entries = library.catalogue().techniques.iter();
    let entries = entries.filter(|e| used.iter().any(|u| u == e.id));
    let ids: BTreeSet<&str> = entries
        .flat_map(|e| e.references.iter().copied())
        .filter(|id| is_attack_id(id))
        .collect();
    ids.into_iter().map(str::to_owned).collect()
}

/// Controls that a scenario shows.
#[must_use]
pub fn shown(scenario: &Scenario) -> Vec<String> {
    let controls: BTreeSet<&String> = scenario.shows.iter().map(|s| &s.control).collect();
    controls.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::is_attack_id;

    #[test]
    fn an_attack_id_is_a_technique_or_a_sub_technique() {
        assert!(is_attack_id("T0830") && !is_attack_id("CVE-2021-33885"));
        assert!(!is_attack_id("T15577") && !is_attack_id("T1557.2"));
    }
}

//! What scenarios are selected by: lab, control, technique, ATT&CK id, kind of threat, tag.

use crate::catalogue::facts::{all_attack_ids, attack_ids, is_attack_id, shown, techniques};
use crate::complete;
use crate::error::HarnessError;
use clap_complete::ArgValueCandidates;
use pumplab_scenarios::{Library, Scenario, Threat};
use std::collections::BTreeSet;

/// Its heading in the help of commands.
const SELECTION: &str = "Selection (several words: any of them; several options: all of them)";

/// Selects scenarios. Several words of an option: any of them. Several options: all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Filter {
    /// Scenarios in this lab
    #[arg(long, value_name = "LAB", value_delimiter = ',', help_heading = SELECTION, add = ArgValueCandidates::new(complete::labs))]
    pub lab: Vec<String>,
    /// Scenarios that show that this control makes a difference
    #[arg(long, value_name = "CONTROL", value_delimiter = ',', help_heading = SELECTION, add = ArgValueCandidates::new(complete::controls))]
    pub control: Vec<String>,
    /// Scenarios with a step that uses this technique
    #[arg(long, value_name = "TECHNIQUE", value_delimiter = ',', help_heading = SELECTION, add = ArgValueCandidates::new(complete::techniques))]
    pub technique: Vec<String>,
    /// Techniques of this ATT&CK id, such as T1557 (sub-techniques included)
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = SELECTION, add = ArgValueCandidates::new(complete::attack_ids))]
    pub attack_id: Vec<String>,
    /// Scenarios of this kind of threat (pumplab list threats)
    #[arg(long, value_name = "KIND", value_delimiter = ',', help_heading = SELECTION, add = ArgValueCandidates::new(complete::threats))]
    pub threat: Vec<String>,
    /// Scenarios with this tag (pumplab list tags)
    #[arg(long, value_name = "TAG", value_delimiter = ',', help_heading = SELECTION, add = ArgValueCandidates::new(complete::tags))]
    pub tag: Vec<String>,
}

/// One option: its name, the words asked for, and those that a scenario has.
type Question<'a> = (
    &'static str,
    &'a [String],
    fn(&Library, &Scenario) -> Vec<String>,
);

impl Filter {
    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.questions().is_empty()
    }

    /// The options that are given.
    fn questions(&self) -> Vec<Question<'_>> {
        let all: [Question<'_>; 6] = [
            ("--lab", &self.lab, |_, s| vec![s.lab.clone()]),
            ("--control", &self.control, |_, s| shown(s)),
            ("--technique", &self.technique, |_, s| techniques(s)),
            ("--attack-id", &self.attack_id, attack_ids),
            ("--threat", &self.threat, |_, s| {
                s.threat.iter().map(|t| t.word().to_owned()).collect()
            }),
            ("--tag", &self.tag, |_, s| s.tags.clone()),
        ];
        let given = all.into_iter().filter(|(_, words, _)| !words.is_empty());
        given.collect()
    }

    /// The options that are given, other than these.
    #[must_use]
    pub fn besides(&self, allowed: &[&str]) -> Option<&'static str> {
        let mut names = self.questions().into_iter().map(|q| q.0);
        names.find(|name| !allowed.contains(name))
    }

    /// Tells words that nothing has. Tags are anybody's, so they are known when the scenarios are read.
    ///
    /// # Errors
    /// When there is no such lab, control, technique, ATT&CK id or kind of threat.
    pub fn known(&self, library: &Library) -> Result<(), HarnessError> {
        let catalogue = library.catalogue();
        let owned = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let techniques: Vec<&str> = catalogue.techniques.iter().map(|t| t.id).collect();
        each("lab", &self.lab, &library.lab_names())?;
        each("control", &self.control, &owned(&catalogue.controls))?;
        each("technique", &self.technique, &owned(&techniques))?;
        each("ATT&CK id", &self.attack_id, &all_attack_ids(library))?;
        each("kind of threat", &self.threat, &owned(Threat::WORDS))
    }

    /// Those scenarios that fit.
    ///
    /// # Errors
    /// When none fits; the error says what there is.
    pub fn select<T>(
        &self,
        library: &Library,
        all: Vec<T>,
        scenario: impl Fn(&T) -> &Scenario,
    ) -> Result<Vec<T>, HarnessError> {
        if self.is_empty() {
            return Ok(all);
        }
        let tags: BTreeSet<String> = all
            .iter()
            .flat_map(|item| scenario(item).tags.clone())
            .collect();
        let tags: Vec<String> = tags.into_iter().collect();
        each("tag", &self.tag, &tags)?;
        let fits = |question: &Question<'_>, item: &T| {
            let has = question.2(library, scenario(item));
            question
                .1
                .iter()
                .any(|word| has.iter().any(|h| same(word, h)))
        };
        let questions = self.questions();
        let mut counts = Vec::new();
        for question in &questions {
            let count = all.iter().filter(|item| fits(question, item)).count();
            counts.push(format!(
                "{} {} fits {count}",
                question.0,
                question.1.join(",")
            ));
        }
        let total = all.len();
        let kept: Vec<T> = all
            .into_iter()
            .filter(|item| questions.iter().all(|q| fits(q, item)))
            .collect();
        if kept.is_empty() {
            let text = format!("no scenario fits: of {total}, {}", counts.join(", "));
            return Err(HarnessError::Nothing(text));
        }
        Ok(kept)
    }
}

/// Tells the first word that is not known.
fn each(kind: &'static str, asked: &[String], known: &[String]) -> Result<(), HarnessError> {
    for word in asked {
        if !known.iter().any(|k| same(word, k)) {
            return Err(HarnessError::unknown(kind, word, known));
        }
    }
    Ok(())
}

/// Whether a word that was typed means this one; an ATT&CK technique includes its sub-techniques.
pub(crate) fn same(typed: &str, word: &str) -> bool {
    let beginning = word.get(..typed.len());
    beginning.is_some_and(|b| b.eq_ignore_ascii_case(typed))
        && (word.len() == typed.len()
            || (is_attack_id(word) && word.as_bytes().get(typed.len()) == Some(&b'.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_includes_its_sub_techniques_and_nothing_else() {
        assert!(same("t1557", "T1557.002") && same("T1557.002", "T1557.002"));
        assert!(!same("T1557.002", "T1557") && !same("T155", "T1557"));
        assert!(!same("phishing", "phishing.old") && same("NET-02", "net-02"));
        assert!(!same("é", "T1557") && !same("", "ward"));
    }
}

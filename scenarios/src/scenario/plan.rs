//! What the steps of an attacker speak of: programs, vulnerabilities, ports. And whether a run would take its parameters.

use super::read::Reader;
use crate::check;
use crate::diagnostic::Code;
use crate::kind::Kind;
use crate::library::Library;
use crate::suggest::{self, listening};
use crate::table::Table;
use pumplab_sim::attack::technique_named;
use pumplab_sim::catalog::{Parameter, ParameterKind, Vocabulary};
use pumplab_sim::device::part::ports;
use pumplab_sim::safety::GOALS;
use pumplab_sim::spec::LabSpec;
use std::collections::BTreeSet;
use toml::de::{DeTable, DeValue};

impl Reader<'_> {
    /// Looks at the steps of the attackers and of their programs.
    pub(super) fn plans(&mut self, library: &Library, table: &Table) {
        for attacker in table.tables("attacker") {
            let programs: Vec<String> = attacker
                .tables("program")
                .filter_map(|p| p.string("name"))
                .collect();
            let all = || attacker.tables("program").chain([attacker]);
            let backdoors: Vec<u16> = all()
                .flat_map(|plan| plan.tables("step"))
                .filter_map(|s| s.table("with")?.integer("backdoor"))
                .collect();
            for step in attacker.tables("step") {
                self.named(library, step, &programs, &backdoors);
            }
            for step in attacker.tables("program").flat_map(|p| p.tables("step")) {
                // A program carries no other program.
                self.named(library, step, &[], &backdoors);
            }
        }
        // What has been told already may be why parameters are missing here.
        if self.found.is_empty() {
            self.taken(table);
        }
    }

    /// The names and ports in the parameters of a step.
    fn named(&mut self, library: &Library, step: &Table, programs: &[String], open: &[u16]) {
        let (Some(id), Some(with)) = (step.text("use"), step.table("with")) else {
            return;
        };
        let Some(entry) = self.catalogue.techniques.iter().find(|e| e.id == id) else {
            return;
        };
        for p in entry.parameters {
            match p.kind {
                ParameterKind::Name(Vocabulary::Program) => self.program(with, p.name, programs),
                ParameterKind::Name(Vocabulary::Vulnerability) => {
                    self.vulnerability(library, with, p.name)
                }
                ParameterKind::Port => self.port(with, p, open),
                _ => {}
            }
        }
    }

    fn program(&mut self, with: &Table, key: &str, programs: &[String]) {
        let Some(name) = with.text(key).filter(|n| !programs.iter().any(|p| p == n)) else {
            return;
        };
        let hint = suggest::hint(name, programs);
        let message = format!("the attacker has no program `{name}`");
        let at = with.span_of(key);
        let d = self.tell(Code::UnknownProgram, at, message, "unknown program");
        d.hints.extend(hint);
    }

    fn vulnerability(&mut self, library: &Library, with: &Table, key: &str) {
        let Some(name) = with.text(key) else { return };
        if self
            .labs()
            .any(|lab| vulnerabilities_of(lab).any(|v| v == name))
        {
            return;
        }
        if self.lab.is_none() {
            return;
        }
        if self.vulnerabilities.is_none() {
            let mut known = all_vulnerabilities(library);
            known.extend(self.labs().flat_map(vulnerabilities_of).map(str::to_owned));
            self.vulnerabilities = Some(known.into_iter().collect());
        }
        let known = self.vulnerabilities.as_deref().unwrap_or_default();
        if known.iter().any(|k| k == name) {
            return;
        }
        let hint = suggest::hint(name, known);
        let message = format!("nothing has a vulnerability `{name}`");
        let at = with.span_of(key);
        let d = self.tell(
            Code::UnknownVulnerability,
            at,
            message,
            "unknown vulnerability",
        );
        d.hints.extend(hint);
    }

    /// A port on which the named host does not listen in any of the labs that the scenario has.
    fn port(&mut self, with: &Table, parameter: &Parameter, open: &[u16]) {
        let (Some(port), Some(of)) = (with.integer::<u16>(parameter.name), parameter.port_of)
        else {
            return;
        };
        let Some(name) = with.text(of) else { return };
        let mut listens: BTreeSet<u16> = BTreeSet::new();
        let mut there = false;
        for lab in self.labs() {
            let Some(host) = lab.host(name) else { continue };
            there = true;
            listens.extend(ports(lab, host));
        }
        if !there || listens.contains(&port) || open.contains(&port) {
            return;
        }
        let listens: Vec<u16> = listens.into_iter().collect();
        let hint = listening(&format!("`{name}`"), &listens);
        let message = format!("nothing on `{name}` listens on port {port}");
        let at = with.span_of(parameter.name);
        let d = self.tell(Code::NoService, at, message, "nothing there");
        d.hints.push(hint);
    }

    /// Whatever a run would not take is told here, in its words.
    fn taken(&mut self, table: &Table) {
        for attacker in table.tables("attacker") {
            let plans = attacker.tables("program").chain([attacker]);
            for step in plans.flat_map(|p| p.tables("step")) {
                let technique = step.text("use").and_then(technique_named);
                let with = step.table("with").map(Table::parameters);
                let wrong = technique.and_then(|t| t.attempt(&with.unwrap_or_default()).err());
                if let Some(wrong) = wrong {
                    let at = step.table("with").map(|w| w.span_of(&wrong.parameter));
                    let at = at.unwrap_or_else(|| step.span_of("use"));
                    self.tell(Code::Together, at, wrong.to_string(), "not taken");
                }
            }
            let goal = GOALS
                .iter()
                .find(|g| Some(g.entry.id) == attacker.text("goal"));
            let with = attacker.table("goal_with").map(Table::parameters);
            let wrong = goal.and_then(|g| (g.aim)(&with.unwrap_or_default()).err());
            if let Some(wrong) = wrong {
                let at = attacker.span_of("goal_with");
                self.tell(Code::Together, at, wrong.to_string(), "not taken");
            }
        }
    }

    /// The bare lab, and the labs that the defences of the scenario make of it.
    fn labs(&self) -> impl Iterator<Item = &LabSpec> {
        self.lab.iter().chain(&self.defended)
    }
}

fn vulnerabilities_of(lab: &LabSpec) -> impl Iterator<Item = &str> {
    let of = lab.hosts.iter().flat_map(|h| &h.weaknesses);
    of.map(|w| w.flaw.as_str())
}

/// The vulnerabilities of all labs and profiles of a library.
fn all_vulnerabilities(library: &Library) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for kind in [Kind::Lab, Kind::Profile] {
        for source in library
            .names(kind)
            .iter()
            .filter_map(|n| library.source(kind, n))
        {
            let (raw, _) = check::parse(&source);
            let raw = raw.get_ref();
            let below = ["host", "pump"].iter().filter_map(|k| raw.get(*k));
            let tables = below.filter_map(|v| v.get_ref().as_array()).flatten();
            let tables = tables.filter_map(|t| t.get_ref().as_table());
            for table in tables.chain([raw]) {
                add_vulnerabilities(table, &mut all);
            }
        }
    }
    all
}

fn add_vulnerabilities(table: &DeTable<'_>, all: &mut BTreeSet<String>) {
    let list = table.get("weaknesses").map(toml::Spanned::get_ref);
    let list = list.and_then(DeValue::as_array).into_iter().flatten();
    let flaws = list.filter_map(|w| w.get_ref().as_table()?.get("flaw")?.get_ref().as_str());
    all.extend(flaws.map(str::to_owned));
}

//! Reads scenario files.

use super::resolve::bare_with;
use super::shapes::SCENARIO;
use super::{Attacker, DefenceChoice, Expiring, Knows, Scenario};
use crate::catalogue::Catalogue;
use crate::check;
use crate::defence::repeated;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::kind::Kind;
use crate::library::{Library, stem};
use crate::names::Names;
use crate::suggest;
use crate::table::{Node, Table, Value};
use crate::threat::Threat;
use pumplab_sim::clinical::drug_library::LibraryEntry;
use pumplab_sim::parameters::Tagged as _;
use pumplab_sim::spec::{EventSpec, HappeningSpec, LabSpec, PlaceSpec, ProgramSpec, StepSpec};
use pumplab_sim::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

impl Library {
    /// Reads a scenario of the library.
    ///
    /// # Errors
    /// Where there is no such scenario, or its file is wrong.
    pub fn load_scenario(&self, name: &str) -> Result<Scenario, Diagnostics> {
        let (code, noun) = (Code::UnknownScenario, "scenario");
        let Some(source) = self.source(Kind::Scenario, name) else {
            let hint = suggest::hint(name, &self.scenario_names());
            let message = format!("there is no {noun} `{name}`");
            return Err(Diagnostic::bare(code, message).maybe_hint(hint).into());
        };
        parse(self, name, &source)
    }

    /// Reads a scenario from a text; `file_name` is what messages call it, and gives the scenario its name.
    ///
    /// # Errors
    /// Where the text is wrong.
    pub fn parse_scenario(&self, file_name: &str, text: &str) -> Result<Scenario, Diagnostics> {
        let source = Source::new(file_name, text);
        parse(self, stem(file_name), &source)
    }
}

/// Reads a scenario.
pub(crate) fn parse(
    library: &Library,
    name: &str,
    source: &Arc<Source>,
) -> Result<Scenario, Diagnostics> {
    let mut names = library.file_names();
    let mut found = Diagnostics::default();
    let mut defended = Vec::new();
    let lab = {
        let (raw, _) = check::parse(source);
        let found = (&mut names, &mut defended, &mut found);
        lab_names(library, raw.get_ref(), found)
    };
    let (table, wrong) = check::read(source, &names, library.catalogue(), &SCENARIO);
    found.extend(wrong);
    let mut reader = Reader {
        source,
        catalogue: library.catalogue(),
        lab,
        defended,
        vulnerabilities: None,
        found,
        duration: table.duration("duration"),
    };
    let scenario = reader.scenario(library, name, &table);
    reader.found.finish(scenario, source)
}

/// Adds what the named lab has, bare and with the defences that the file names.
fn lab_names(
    library: &Library,
    raw: &DeTable<'_>,
    (names, defended, found): (&mut Names, &mut Vec<LabSpec>, &mut Diagnostics),
) -> Option<LabSpec> {
    let text = |t: &DeTable<'_>, key: &str| t.get(key)?.get_ref().as_str().map(str::to_owned);
    let name = text(raw, "lab")?;
    if !library.lab_names().contains(&name) {
        return None;
    }
    let lab = match library.lab(&name) {
        Ok(lab) => lab,
        Err(wrong) => {
            found.extend(wrong);
            return None;
        }
    };
    names.add_lab(&lab.spec);
    let contrast = raw.get("contrast").map(toml::Spanned::get_ref);
    let contrast = contrast.and_then(DeValue::as_table);
    for table in [Some(raw), contrast].into_iter().flatten() {
        let Some(value) = table.get("defence").map(toml::Spanned::get_ref) else {
            continue;
        };
        let controls = match value {
            DeValue::String(name) => match library.defence(name) {
                Ok(defence) => defence.controls,
                Err(wrong) => {
                    // That there is no such defence is told with its place.
                    found.extend(Diagnostics {
                        items: wrong
                            .items
                            .into_iter()
                            .filter(|d| d.source.is_some())
                            .collect(),
                    });
                    continue;
                }
            },
            DeValue::Array(items) => {
                let texts = items.iter().filter_map(|i| i.get_ref().as_str());
                texts.map(str::to_owned).collect()
            }
            _ => continue,
        };
        let made = bare_with(&lab, &controls).lab;
        names.add_lab(&made);
        defended.push(made);
    }
    Some(lab.spec)
}

pub(super) struct Reader<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) catalogue: &'a Catalogue,
    pub(super) lab: Option<LabSpec>,
    /// The lab as the defences that the file names make it.
    pub(super) defended: Vec<LabSpec>,
    /// The vulnerabilities of the whole library, once somebody asks for them.
    pub(super) vulnerabilities: Option<Vec<String>>,
    pub(super) found: Diagnostics,
    pub(super) duration: Option<Duration>,
}

impl Reader<'_> {
    pub(super) fn tell(
        &mut self,
        code: Code,
        span: std::ops::Range<usize>,
        message: String,
        label: &str,
    ) -> &mut Diagnostic {
        let d = Diagnostic::at(code, self.source, span, message).label(label);
        self.found.push(d);
        let last = self.found.items.len() - 1;
        &mut self.found.items[last]
    }

    fn scenario(&mut self, library: &Library, name: &str, table: &Table) -> Option<Scenario> {
        let attackers: Vec<_> = table.tables("attacker").map(|t| self.attacker(t)).collect();
        let events: Vec<_> = table.tables("event").map(|t| self.event(t)).collect();
        let techniques = techniques(table);
        let goals: Vec<&str> = table
            .tables("attacker")
            .filter_map(|t| t.text("goal"))
            .collect();
        let expects: Vec<_> = table
            .tables("expect")
            .map(|t| self.expect(t, &goals, &techniques))
            .collect();
        let contrast = self.contrast(library, table, &goals);
        let shows = self.shows(library, table);
        self.cases(table);
        self.tags(table);
        self.possible(table);
        self.distinct_names(table);
        self.plans(library, table);
        if table.has("expect") && table.list("expect").is_empty() {
            self.tell(
                Code::NoExpectation,
                table.span_of("expect"),
                "the scenario expects nothing".to_owned(),
                "empty",
            );
        }
        Some(Scenario {
            name: name.to_owned(),
            title: table.string("title")?,
            summary: table.string("summary").unwrap_or_default(),
            threat: table.text("threat").and_then(Threat::named),
            tags: table.texts("tags"),
            source: Arc::clone(self.source),
            lab: table.string("lab")?,
            defence: self.defence(table)?,
            seed: table.integer("seed").unwrap_or(1),
            duration: table.duration("duration")?,
            expiring: table.table("expiring").and_then(|t| {
                let hosts = t.texts("hosts");
                t.duration("after").map(|after| Expiring { hosts, after })
            }),
            attackers: attackers.into_iter().collect::<Option<_>>()?,
            events: events.into_iter().collect::<Option<_>>()?,
            expects: expects.into_iter().collect::<Option<_>>()?,
            contrast: contrast?,
            shows: shows?,
            cases: table.texts("cases"),
        })
    }

    /// Names of test cases: capitals, a dash, a number.
    fn cases(&mut self, table: &Table) {
        repeated(table, "cases", self.source, &mut self.found);
        for node in table.list("cases") {
            let Value::Text(name) = &node.value else {
                continue;
            };
            let fits = name.split_once('-').is_some_and(|(set, number)| {
                !set.is_empty()
                    && set.chars().all(|c| c.is_ascii_uppercase())
                    && !number.is_empty()
                    && number.chars().all(|c| c.is_ascii_digit())
            });
            if !fits {
                let message = format!("`{name}` does not name a test case");
                let d = self.tell(Code::Word, node.span.clone(), message, "not a case");
                d.hints.push("write it like `SIM-14`".to_owned());
            }
        }
    }

    /// Tags are typed on command lines: small letters and digits, with dashes between.
    fn tags(&mut self, table: &Table) {
        repeated(table, "tags", self.source, &mut self.found);
        for node in table.list("tags") {
            let Value::Text(tag) = &node.value else {
                continue;
            };
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            let fits = |part: &str| !part.is_empty() && part.chars().all(plain);
            if !tag.split('-').all(fits) {
                let message = format!("`{tag}` is not a tag");
                let d = self.tell(Code::Word, node.span.clone(), message, "not a tag");
                d.hints
                    .push("write it like `drug-library`: small letters, digits, dashes".to_owned());
            }
        }
    }

    fn distinct_names(&mut self, table: &Table) {
        let mut seen = BTreeMap::new();
        for attacker in table.tables("attacker") {
            let Some(name) = attacker.string("name") else {
                continue;
            };
            let span = attacker.span_of("name");
            if let Some(first) = seen.get(&name).cloned() {
                let message = format!("two attackers are called `{name}`");
                let d = self.tell(Code::Duplicate, span, message, "again");
                *d = d.clone().related(first, "first here");
            } else if self.lab.as_ref().is_some_and(|l| l.host(&name).is_some()) {
                let message = format!("a host of the lab is called `{name}`");
                self.tell(Code::Duplicate, span, message, "choose another name");
            } else {
                seen.insert(name, span);
            }
        }
    }

    pub(super) fn defence(&mut self, table: &Table) -> Option<DefenceChoice> {
        repeated(table, "defence", self.source, &mut self.found);
        match &table.get("defence")?.value {
            Value::Text(name) => Some(DefenceChoice::Named(name.clone())),
            Value::List(_) => Some(DefenceChoice::Controls(table.texts("defence"))),
            _ => None,
        }
    }

    /// Steps of an attacker or, where they are `programs`', of a program: those count from when it begins to run.
    fn steps(&mut self, table: &Table, programs: bool) -> Option<Vec<StepSpec>> {
        let mut steps = Vec::new();
        let mut before = Duration::ZERO;
        for step in table.tables("step") {
            let after = step.duration("after").unwrap_or(before);
            if after < before {
                let message =
                    format!("the step comes after {after}, the one before it after {before}");
                self.tell(
                    Code::OutOfOrder,
                    step.span_of("after"),
                    message,
                    "earlier than the step before",
                );
            }
            before = after;
            if !programs {
                self.in_time(after, step, "after");
            }
            steps.push(StepSpec {
                after,
                technique: step.string("use")?,
                with: step
                    .table("with")
                    .map(Table::parameters)
                    .unwrap_or_default(),
            });
        }
        Some(steps)
    }

    /// Programs of an attacker; their names must differ.
    fn programs(&mut self, table: &Table) -> Option<Vec<ProgramSpec>> {
        let mut programs: Vec<ProgramSpec> = Vec::new();
        for program in table.tables("program") {
            let name = program.string("name")?;
            if programs.iter().any(|p| p.name == name) {
                let message = format!("two programs are called `{name}`");
                self.tell(Code::Duplicate, program.span_of("name"), message, "again");
            }
            programs.push(ProgramSpec {
                name,
                family: program.string("family")?,
                steps: self.steps(program, true)?,
            });
        }
        Some(programs)
    }

    fn attacker(&mut self, table: &Table) -> Option<Attacker> {
        let steps = self.steps(table, false)?;
        let programs = self.programs(table)?;
        if table.has("step") && table.list("step").is_empty() {
            self.tell(
                Code::MissingKey,
                table.span_of("step"),
                "an attacker without steps does nothing".to_owned(),
                "empty",
            );
        }
        Some(Attacker {
            name: table.string("name")?,
            at: place(table.table("at")?)?,
            knows: table
                .list("knows")
                .iter()
                .map(knows)
                .collect::<Option<_>>()?,
            goal: table.string("goal")?,
            goal_with: table
                .table("goal_with")
                .map(Table::parameters)
                .unwrap_or_default(),
            steps,
            programs,
        })
    }

    fn in_time(&mut self, at: Duration, table: &Table, key: &str) {
        if let Some(end) = self.duration.filter(|end| at >= *end) {
            let message = format!("this would happen at {at}; the run ends at {end}");
            self.tell(Code::AfterEnd, table.span_of(key), message, "after the end");
        }
    }

    fn event(&mut self, table: &Table) -> Option<EventSpec> {
        let at = table.duration("at")?;
        self.in_time(at, table, "at");
        let with = table.table("with")?;
        let what = table.text("what")?;
        match HappeningSpec::parse(what, &with.parameters()) {
            Ok(what) => {
                self.prepared(&what, with);
                self.version(&what, with);
                Some(EventSpec { at, what })
            }
            Err(wrong) => {
                // What has been told already may be why something is missing here.
                if self.found.is_empty() {
                    let at = with.span_of(&wrong.parameter);
                    self.tell(Code::Together, at, wrong.to_string(), "not taken");
                }
                None
            }
        }
    }

    /// Some library of the lab has the drug in the care area.
    fn prepared(&mut self, what: &HappeningSpec, with: &Table) {
        let (
            Some(lab),
            HappeningSpec::Order {
                care_area: area,
                drug,
                ..
            }
            | HappeningSpec::Programme {
                care_area: area,
                drug,
                ..
            },
        ) = (&self.lab, what)
        else {
            return;
        };
        let has = |known: fn(&LibraryEntry) -> &String, wanted: &str| {
            let mut entries = lab.libraries.iter().flat_map(|l| &l.entries);
            entries.any(|e| known(e) == wanted)
        };
        let together = lab
            .libraries
            .iter()
            .any(|l| l.entries_for(area, drug).next().is_some());
        // That there is no such drug or care area at all has been told.
        if !together && has(|e| &e.drug, drug) && has(|e| &e.care_area, area) {
            let message = format!("no library of the lab has `{drug}` in `{area}`");
            self.tell(
                Code::NotInLibrary,
                with.span_of("drug"),
                message,
                "not in this care area",
            );
        }
    }

    /// A library that is released has been issued.
    fn version(&mut self, what: &HappeningSpec, with: &Table) {
        let (HappeningSpec::PublishLibrary { version, .. }, Some(lab)) = (what, &self.lab) else {
            return;
        };
        let issued: Vec<u32> = lab.libraries.iter().map(|l| l.version).collect();
        if issued.contains(version) {
            return;
        }
        let message = format!("no library of the lab has version {version}");
        let at = with.span_of("version");
        let d = self.tell(Code::UnknownLibrary, at, message, "never issued");
        let issued: Vec<String> = issued.iter().map(u32::to_string).collect();
        d.hints.push(format!("issued: {}", issued.join(", ")));
    }
}

fn techniques(table: &Table) -> Vec<String> {
    let attackers = || table.tables("attacker");
    let programs = attackers().flat_map(|a| a.tables("program"));
    let steps = attackers().chain(programs).flat_map(|a| a.tables("step"));
    steps.filter_map(|s| s.string("use")).collect()
}

fn place(table: &Table) -> Option<PlaceSpec> {
    let zone = table.string("zone").map(PlaceSpec::Zone);
    let radio = || table.position("radio").map(PlaceSpec::Radio);
    let host = || table.string("host").map(PlaceSpec::Host);
    let internet = || table.has("internet").then_some(PlaceSpec::Internet);
    let bedside = || table.string("bedside").map(PlaceSpec::Bedside);
    zone.or_else(radio)
        .or_else(host)
        .or_else(internet)
        .or_else(bedside)
}

fn knows(node: &Node) -> Option<Knows> {
    match &node.value {
        Value::Text(t) if t == "drug-library" => Some(Knows::DrugLibrary),
        Value::Text(_) => Some(Knows::Passphrases),
        Value::Table(t) => {
            let passphrase = t.string("passphrase").map(Knows::Passphrase);
            let address = || t.string("address").map(Knows::Address);
            let accounts = || {
                t.string("accounts")
                    .map(|host| Knows::Accounts(host, t.string("user")))
            };
            let token = || t.string("token").map(Knows::Token);
            passphrase.or_else(address).or_else(accounts).or_else(token)
        }
        _ => None,
    }
}

//! Scenario files: the one place that knows how `pumplab-scenarios` reads them.

use crate::catalogue::{Kind, Row};
use crate::cell::{Cell, Source, sort_out};
use crate::error::HarnessError;
use crate::verdict::Variant;
use pumplab_scenarios::{DefenceChoice, Diagnostics, Expect, Library, Scenario, Shows, When};
use pumplab_sim::spec::{LabSpec, Provenance};
use std::path::Path;
use std::sync::Arc;

/// What the command line overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Defence in place of the scenario's own.
    pub defence: Option<String>,
    /// Controls to leave out.
    pub without: Vec<String>,
    /// Seed in place of the scenario's own.
    pub seed: Option<u64>,
}

/// The scenarios, labs and defences that can be named.
#[derive(Debug)]
pub struct Shelf {
    pub(crate) library: Arc<Library>,
    pub(crate) dir: Option<String>,
    /// The cost file in place of the library's own.
    costs: Option<String>,
    pub(crate) color: bool,
}

/// A lab with a defence applied.
#[derive(Clone, Debug)]
pub struct ResolvedLab {
    /// The lab.
    pub lab: LabSpec,
    /// Who put what there.
    pub provenance: Provenance,
    /// Controls applied, in order.
    pub controls: Vec<String>,
    /// Controls that left the lab as it was, with the reason.
    pub without_effect: Vec<(String, String)>,
}

impl Shelf {
    /// Opens the built-in library, with the files of a directory laid over it, or with the scenarios of a built-in collection
    /// in place of its own. A bare word that names a collection means the collection; `./conformance` is a directory.
    /// `color` is for the problems that files may have.
    ///
    /// # Errors
    /// When there is no such collection and the directory cannot be read.
    pub fn open(dir: Option<&Path>, color: bool) -> Result<Self, HarnessError> {
        let library = match dir {
            None => Ok(Library::embedded()),
            Some(dir) => {
                let name = dir.to_str().filter(|n| !n.contains(['/', '\\', '.']));
                match name {
                    Some(name) if !dir.is_dir() || Library::collections().any(|c| c == name) => {
                        Library::collection(name)
                    }
                    _ => Library::with_dir(dir),
                }
            }
        }
        .map_err(|d| HarnessError::invalid(&d, color))?;
        Ok(Self {
            library: Arc::new(library),
            dir: dir.map(|d| d.display().to_string()),
            costs: None,
            color,
        })
    }

    /// The scenarios of a directory alone; its labs, defences and profiles lie over the built-in ones.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn open_only(dir: &Path, color: bool) -> Result<Self, HarnessError> {
        Ok(Self {
            library: Arc::new(Library::only(dir).map_err(|d| HarnessError::invalid(&d, color))?),
            dir: Some(dir.display().to_string()),
            costs: None,
            color,
        })
    }

    /// The same shelf with the files of a directory laid over it.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn over(&self, dir: &Path) -> Result<Self, HarnessError> {
        let library = Library::clone(&self.library).over(dir);
        Ok(Self {
            library: Arc::new(library.map_err(|d| HarnessError::invalid(&d, self.color))?),
            dir: Some(dir.display().to_string()),
            costs: self.costs.clone(),
            color: self.color,
        })
    }

    /// The same shelf, where handshakes cost what a file says.
    ///
    /// # Errors
    /// When the file cannot be read or has problems.
    pub fn with_costs(mut self, file: Option<&Path>) -> Result<Self, HarnessError> {
        if let Some(path) = file {
            let color = self.color;
            let library = Arc::unwrap_or_clone(self.library).with_costs(path);
            self.library = Arc::new(library.map_err(|d| HarnessError::invalid(&d, color))?);
            self.costs = Some(path.display().to_string());
        }
        Ok(self)
    }

    /// Names of the library's scenarios, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.library.scenario_names()
    }

    /// A scenario by name, or by the path of its file.
    ///
    /// # Errors
    /// When there is no such scenario or its file has problems.
    pub fn scenario(&self, name: &str) -> Result<Scenario, HarnessError> {
        let path = Path::new(name);
        let scenario = if is_path(name) {
            Library::read(path).and_then(|text| self.library.parse_scenario(name, &text))
        } else {
            self.library.load_scenario(name)
        };
        scenario.map_err(|d| HarnessError::invalid(&d, self.color))
    }

    /// The runs of a scenario: under its defence, and where its attack succeeds unless something is overridden.
    ///
    /// # Errors
    /// When there is no such scenario or its files have problems.
    pub fn cells(&self, name: &str, overrides: &Overrides) -> Result<Vec<Cell>, HarnessError> {
        self.cells_of(&self.scenario(name)?, name, overrides)
    }

    /// The same of a scenario that is read already; `called` is what the command line calls it.
    ///
    /// # Errors
    /// When what it names has problems.
    pub fn cells_of(
        &self,
        scenario: &Scenario,
        called: &str,
        overrides: &Overrides,
    ) -> Result<Vec<Cell>, HarnessError> {
        let invalid = |d: Diagnostics| HarnessError::invalid(&d, self.color);
        let defence = overrides.defence.as_deref();
        let resolved = scenario
            .resolve(&self.library, defence, &overrides.without)
            .map_err(invalid)?;
        let (without, seed) = (&overrides.without, overrides.seed);
        let mut run = Cell::new(scenario, Variant::Run, resolved, without, seed);
        run.defence = defence.map_or_else(|| scenario.defence.to_string(), str::to_owned);
        run.questions.clone_from(&scenario.expects);
        run.source = Some(Source {
            library: self.library.clone(),
            scenario: Arc::new(scenario.clone()),
            defence: overrides.defence.clone(),
        });
        let mut cells = vec![run];
        let overridden = defence.is_some() || !overrides.without.is_empty();
        if let (Some(contrast), false) = (&scenario.contrast, overridden)
            && let Some(resolved) = scenario.resolve_contrast(&self.library).map_err(invalid)?
        {
            let mut run = Cell::new(scenario, Variant::Contrast, resolved, &[], seed);
            run.defence = contrast.defence.to_string();
            run.without.clone_from(&contrast.without);
            run.questions = vec![Expect::Reaches {
                goal: contrast.reaches.clone(),
                when: When::default(),
            }];
            cells.push(run);
        }
        for cell in &mut cells {
            called.clone_into(&mut cell.called);
            cell.library.clone_from(&self.dir);
            cell.costs.clone_from(&self.costs);
        }
        Ok(cells)
    }

    /// Tells a defence or control of the command line that is not there, once and not for every scenario.
    ///
    /// # Errors
    /// When there is no such defence or control.
    pub fn known(&self, overrides: &Overrides) -> Result<(), HarnessError> {
        let controls = self.library.catalogue().controls.iter();
        let controls: Vec<String> = controls.map(|id| (*id).to_owned()).collect();
        let control = |id: &str| {
            let there = controls.iter().any(|known| known == id);
            let wrong = || HarnessError::unknown("control", id, &controls);
            if there { Ok(()) } else { Err(wrong()) }
        };
        if let Some(name) = &overrides.defence
            && let DefenceChoice::Named(_) = self.library.choice(name)
        {
            let known = self.library.defence_names();
            if name.contains('+') && !known.contains(name) {
                name.split('+').try_for_each(control)?;
            }
            if !known.contains(name) {
                return Err(HarnessError::unknown("defence", name, &known));
            }
        }
        overrides.without.iter().try_for_each(|id| control(id))
    }

    /// Warnings about a scenario, ready to print; empty where there is none.
    ///
    /// # Errors
    /// When its files have problems.
    pub fn warnings(&self, scenario: &Scenario) -> Result<String, HarnessError> {
        let warnings = scenario.warnings(&self.library);
        let warnings = warnings.map_err(|d| HarnessError::invalid(&d, self.color))?;
        Ok(warnings.render(self.color))
    }

    /// What a scenario shows of single controls: the run with the control and the run without it, both asked what shows it.
    ///
    /// # Errors
    /// When there is no such scenario or its files have problems.
    pub fn shown(&self, name: &str) -> Result<Vec<(Shows, Cell, Cell)>, HarnessError> {
        let scenario = self.scenario(name)?;
        let pair = |shows: &Shows| {
            let (with, without) = scenario
                .resolve_shown(&self.library, shows)
                .map_err(|d| HarnessError::invalid(&d, self.color))?;
            let among = shows.among.as_ref().unwrap_or(&scenario.defence);
            let asked = |resolved, left_out: Vec<String>| {
                let mut cell = Cell::new(&scenario, Variant::Run, resolved, &[], None);
                cell.defence = among.to_string();
                cell.without = left_out;
                cell.questions = shows
                    .by
                    .iter()
                    .map(|&i| scenario.expects[i].clone())
                    .collect();
                cell
            };
            let without = asked(without, vec![shows.control.clone()]);
            Ok((shows.clone(), asked(with, Vec::new()), without))
        };
        scenario.shows.iter().map(pair).collect()
    }

    /// A lab under a defence, or bare.
    ///
    /// # Errors
    /// When one of them is not there or has problems.
    pub fn lab(
        &self,
        name: &str,
        defence: Option<&str>,
        without: &[String],
    ) -> Result<ResolvedLab, HarnessError> {
        let invalid = |d: Diagnostics| HarnessError::invalid(&d, self.color);
        let on = match defence {
            Some(defence) => self
                .library
                .controls(&self.library.choice(defence))
                .map_err(invalid)?,
            None => Vec::new(),
        };
        let resolved = self
            .library
            .resolve_lab(name, &on, without)
            .map_err(invalid)?;
        let (controls, without_effect) = sort_out(&resolved.controls);
        Ok(ResolvedLab {
            lab: resolved.lab,
            provenance: resolved.provenance,
            controls,
            without_effect,
        })
    }

    /// What there is of a kind.
    ///
    /// # Errors
    /// When the library's files have problems.
    pub fn rows(&self, kind: Kind) -> Result<Vec<Row>, HarnessError> {
        crate::catalogue::rows(&self.library, kind)
            .map_err(|d| HarnessError::invalid(&d, self.color))
    }
}

/// Whether a name is taken for the path of a file.
pub(crate) fn is_path(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "toml") || name.contains('/')
}

/// Kinds of file that a library holds.
pub const KINDS: [&str; 6] = ["lab", "defence", "profile", "library", "scenario", "costs"];

/// The kind of file of this name.
///
/// # Errors
/// When there is no such kind.
pub fn kind(name: &str) -> Result<pumplab_scenarios::Kind, HarnessError> {
    let known = KINDS.map(str::to_owned);
    pumplab_scenarios::Kind::named(name)
        .ok_or_else(|| HarnessError::unknown("kind of file", name, &known))
}

//! Arguments that several subcommands share: where scenarios come from, and what of them is overridden.

use crate::cell::{Cell, Options};
use crate::complete;
use crate::console::Console;
use crate::error::HarnessError;
use crate::library::{Overrides, Shelf};
use crate::record::{self, Recorded};
use crate::select::{self, Chosen};
use crate::verdict::Variant;
use clap_complete::{ArgValueCandidates, ArgValueCompleter};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Where files come from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct LibraryArgs {
    /// Directory whose files come before those of the built-in library, or a built-in collection of scenarios: conformance
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(super) library: Option<PathBuf>,
    /// Directory whose scenarios alone count; its labs, defences and profiles come before the built-in ones
    #[arg(long, value_name = "DIR", conflicts_with = "library", value_hint = clap::ValueHint::DirPath)]
    pub(super) only_library: Option<PathBuf>,
    /// File of `pumplab calibrate`: what handshakes cost, in place of what is shipped
    #[arg(long, value_name = "FILE")]
    pub(super) costs: Option<PathBuf>,
}

/// What of a scenario is overridden.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct OverrideArgs {
    /// Defence in place of the scenario's own, or controls as in NET-01+NET-02; skips the contrast
    #[arg(long, alias = "defense", value_name = "NAME", add = ArgValueCandidates::new(complete::defences))]
    pub(super) defence: Option<String>,
    /// Controls to leave out
    #[arg(long, value_name = "CONTROL", value_delimiter = ',', add = ArgValueCandidates::new(complete::controls))]
    pub(super) without: Vec<String>,
    /// Seed in place of the scenario's own
    #[arg(long, value_name = "N", env = "PUMPLAB_SEED")]
    pub(super) seed: Option<u64>,
}

/// A run: a directory, or a scenario that is run again.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RunArg {
    /// Run directory, or name, file or pattern of one scenario, which is then run again
    #[arg(value_name = "RUN", add = ArgValueCompleter::new(complete::scenarios))]
    pub(super) run: String,
    /// The run where the attack succeeds, in place of the one under the defence
    #[arg(long, conflicts_with_all = ["defence", "without"])]
    pub(super) contrast: bool,
    #[command(flatten)]
    pub(super) overrides: OverrideArgs,
    #[command(flatten)]
    pub(super) library: LibraryArgs,
}

impl LibraryArgs {
    pub(super) fn open(&self, console: &Console<'_>) -> Result<Shelf, HarnessError> {
        let color = console.err_color;
        let shelf = match &self.only_library {
            Some(dir) => Shelf::open_only(dir, color)?,
            None => Shelf::open(self.library.as_deref(), color)?,
        };
        shelf.with_costs(self.costs.as_deref())
    }
}

impl OverrideArgs {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            defence: self.defence.clone(),
            without: self.without.clone(),
            seed: self.seed,
        }
    }

    fn any(&self) -> bool {
        self.defence.is_some() || !self.without.is_empty()
    }
}

impl RunArg {
    /// Reads the run directory, or runs the scenario with its story.
    pub(super) fn obtain(&self, console: &Console<'_>) -> Result<Recorded, HarnessError> {
        let variant = if self.contrast {
            Variant::Contrast
        } else {
            Variant::Run
        };
        let path = Path::new(&self.run);
        let shelf = || self.library.open(console).map(Rc::new);
        let runs = path.is_dir() && record::holds_runs(path);
        if runs || path.is_dir() && select::single(&shelf()?, &self.run).is_err() {
            if self.overrides.any() {
                return Err(HarnessError::Arguments(
                    "a run directory is read as it is: --defence and --without are for scenarios",
                ));
            }
            return record::read(path, variant);
        }
        let shelf = shelf()?;
        let overrides = self.overrides.overrides();
        shelf.known(&overrides)?;
        let Chosen {
            shelf,
            called,
            scenario,
        } = select::single(&shelf, &self.run)?;
        let cells = shelf.cells_of(&scenario, &called, &overrides)?;
        let cell: Cell = cells
            .into_iter()
            .find(|cell| cell.variant == variant)
            .ok_or(HarnessError::Arguments("the scenario has no contrast"))?;
        cell.execute(Options {
            story: true,
            ..Options::default()
        })
    }
}

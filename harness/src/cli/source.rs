//! Arguments that several subcommands share: where scenarios come from, and what of them is overridden.

use crate::console::Console;
use crate::error::HarnessError;
use crate::execute::{Cell, Options};
use crate::library::{Overrides, Shelf};
use crate::record::{self, Recorded};
use crate::verdict::Variant;
use std::path::{Path, PathBuf};

/// Where files come from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct LibraryArgs {
    /// Directory whose files come before those of the built-in library, or a built-in collection of scenarios: conformance
    #[arg(long, value_name = "DIR")]
    pub(super) library: Option<PathBuf>,
    /// File of `pumplab calibrate`: what handshakes cost, in place of what is shipped
    #[arg(long, value_name = "FILE")]
    pub(super) costs: Option<PathBuf>,
}

/// What of a scenario is overridden.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct OverrideArgs {
    /// Defence in place of the scenario's own, or controls as in NET-01+NET-02; skips the contrast
    #[arg(long, alias = "defense", value_name = "NAME")]
    pub(super) defence: Option<String>,
    /// Controls to leave out
    #[arg(long, value_name = "CONTROL", value_delimiter = ',')]
    pub(super) without: Vec<String>,
    /// Seed in place of the scenario's own
    #[arg(long, value_name = "N", env = "PUMPLAB_SEED")]
    pub(super) seed: Option<u64>,
}

/// A run: a directory, or a scenario that is run again.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct RunArg {
    /// Run directory, or name or file of a scenario, which is then run again
    #[arg(value_name = "RUN")]
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
        let shelf = Shelf::open(self.library.as_deref(), console.err_color)?;
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
        if path.is_dir() {
            if self.overrides.any() {
                return Err(HarnessError::Arguments(
                    "a run directory is read as it is: --defence and --without are for scenarios",
                ));
            }
            return record::read(path, variant);
        }
        let shelf = self.library.open(console)?;
        let cells = shelf.cells(&self.run, &self.overrides.overrides())?;
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

//! The pumplab harness: the command line and everything that touches the outside.
//!
//! Start at [`cli`]: one file per subcommand. A subcommand asks [`library`] for scenarios, has [`execute`] run them and [`judge`] judge
//! them, and tells what came out through [`report`] (table, JSON, JUnit, explanations) or [`record`] (run directories).

pub mod catalogue;
pub mod cell;
pub mod check;
pub mod cli;
pub mod complete;
pub mod console;
pub mod counterfactual;
mod error;
pub mod execute;
mod exit_code;
pub mod filter;
pub mod interrupt;
pub mod judge;
pub mod library;
pub mod never;
pub mod pool;
mod progress;
pub mod record;
pub mod report;
pub mod select;
pub mod shell;
pub mod verdict;

pub use error::HarnessError;
pub use exit_code::ExitCode;

/// Version of pumplab.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The oldest version that gives the same results for the same scenario and seed.
pub const SEED_COMPATIBLE_SINCE: &str = "0.1.0";

//! Figures of both sides beside each other.

use super::relay::Passed;
use pumplab_sim::record::Login;
use std::io::Write as _;

/// A table on the error output: libtest keeps what passing tests print.
#[derive(Debug)]
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn new(title: &str) -> Self {
        let (real, simulated) = ("FreeRADIUS", "simulation");
        let three = format!("{:>8} {:>6} {:>6}", "trips", "up", "down");
        let mut table = Self(format!("{title:<34}{real:<30}{simulated}\n"));
        table.0 += &format!("{:<26}{three}       {three}\n", "");
        table
    }

    /// A login of each side; the simulation counts no bytes of refusals.
    pub(crate) fn row(&mut self, what: &str, real: Passed, simulated: Option<Login>) {
        let figures = |rounds: u32, up: u32, down: u32| format!("{rounds:>8} {up:>6} {down:>6}");
        let refused = format!("{:>22}", "refused");
        let real = figures(real.rounds, real.up, real.down);
        let simulated = simulated.map_or(refused, |l| figures(l.rounds, l.up, l.down));
        self.0 += &format!("{what:<26}{real}       {simulated}\n");
    }

    pub(crate) fn print(&self) {
        let _ = writeln!(std::io::stderr(), "\n{}", self.0);
    }
}

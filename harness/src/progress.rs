//! Progress of long work: a bar on a terminal, plain lines when asked for.

use crate::console::Console;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;

/// Shows how much is done. Used by the thread that holds the console, and by no other.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    total: usize,
}

impl Progress {
    /// Progress toward a total of `what`: drawn where somebody watches, line by line where `lines` are wanted, silent otherwise.
    #[must_use]
    pub(crate) fn new(total: usize, what: &str, watched: bool, lines: bool) -> Self {
        let bar = (watched && !lines).then(|| {
            let bar = ProgressBar::with_draw_target(
                Some(total as u64),
                ProgressDrawTarget::stderr_with_hz(10),
            );
            if let Ok(style) = ProgressStyle::with_template(&format!(
                "{{bar:30}} {{pos}}/{{len}} {what} {{elapsed}}"
            )) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, lines, total }
    }

    /// So many are done, the last being `name`.
    pub(crate) fn done(&self, count: usize, name: &str, console: &mut Console<'_>) {
        if let Some(bar) = &self.bar {
            bar.set_position(count as u64);
        }
        if self.lines {
            // A closed standard error is no reason to stop the work.
            let _ = writeln!(console.err, "{count}/{} {name}", self.total);
        }
    }

    /// Writes results that are to stand above the bar.
    pub(crate) fn above(&self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Nothing more will come.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

//! Progress of long work: a bar on a terminal, plain lines when asked for.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how much is done.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    lines: bool,
    total: usize,
}

impl Progress {
    /// Progress toward a total of `what`: drawn where somebody watches, told line by line where `lines` are wanted, silent otherwise.
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
    pub(crate) fn done(&self, count: usize, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(count as u64);
        }
        if self.lines {
            // A closed standard error is no reason to stop the work.
            let _ = std::io::Write::write_fmt(
                &mut std::io::stderr(),
                format_args!("{count}/{} {name}\n", self.total),
            );
        }
    }

    /// Nothing more will come.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

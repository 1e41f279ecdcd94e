//! Ctrl-C: the first one asks long work to stop where it can keep what it has, a second one ends the process at once.

use crate::exit_code::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody wants the work to stop.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// One that only [`Interrupt::raise`] sets.
    #[must_use]
    pub fn never() -> Self {
        Self(Arc::new(AtomicBool::new(false)))
    }

    /// Listens for Ctrl-C from now until the process ends. Where signals cannot be had, Ctrl-C does what the system does.
    #[must_use]
    pub fn watch() -> Self {
        let this = Self::never();
        let seen = this.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        if let Ok(runtime) = runtime {
            std::thread::spawn(move || {
                runtime.block_on(async {
                    while tokio::signal::ctrl_c().await.is_ok() {
                        if seen.came() {
                            std::process::exit(i32::from(ExitCode::Interrupted.number()));
                        }
                        seen.raise();
                    }
                });
            });
        }
        this
    }

    /// Whether it came.
    #[must_use]
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Asks for the stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

//! What can go wrong outside a run, each with its exit code.

use crate::exit_code::ExitCode;
use pumplab_live::LiveError;
use pumplab_scenarios::Diagnostics;
use std::io;
use std::path::{Path, PathBuf};

/// An expected error: somebody asked for what is not there, a file is wrong, a disk is full.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// A name that nothing has.
    #[error("{kind} `{name}` does not exist{hint}")]
    Unknown {
        /// What kind of thing it should be.
        kind: &'static str,
        /// The name.
        name: String,
        /// What may have been meant, ready to print.
        hint: String,
    },
    /// Files that do not say what they should; rendered with spans.
    #[error("{0}")]
    Invalid(String),
    /// A file or directory cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A directory that holds something else than runs.
    #[error("{} is not empty and holds no runs of pumplab: give another directory, or empty this one", .0.display())]
    ForeignDirectory(PathBuf),
    /// Not a run directory, or not a complete one.
    #[error("{} is not a complete run: {problem}", path.display())]
    NotARun {
        /// Where.
        path: PathBuf,
        /// What is missing or wrong.
        problem: String,
    },
    /// A run directory of a later version.
    #[error("{} has format {found}, this version reads up to {known}", path.display())]
    NewerFormat {
        /// Where.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// A file that is there already and is not to be lost.
    #[error("{} exists already: choose another name, or remove it first", .0.display())]
    Exists(PathBuf),
    /// A name that no file may have.
    #[error(
        "`{0}` cannot be the name of a file of the library: use small letters, digits and dashes, such as `lost-laptop`"
    )]
    FileName(String),
    /// Arguments that do not go together.
    #[error("{0}")]
    Arguments(&'static str),
    /// Arguments that ask for nothing that is there; the text says what there is.
    #[error("{0}")]
    Nothing(String),
    /// A record that the run does not have.
    #[error("the run has no record {number}: its records are 1 to {last}")]
    NoRecord {
        /// The number.
        number: u64,
        /// The last there is.
        last: u64,
    },
    /// A lab that was checked could not be built.
    #[error("fault of pumplab: a checked lab could not be built: {0}")]
    Assemble(#[from] pumplab_sim::run::AssembleError),
    /// Two runs of the same differ.
    #[error("fault of pumplab: two runs of {cell} with seed {seed} differ: {first} and {second}")]
    Nondeterminism {
        /// Which run.
        cell: String,
        /// Its seed.
        seed: u64,
        /// Fingerprint of the first.
        first: String,
        /// Fingerprint of the second.
        second: String,
    },
    /// A run ended in a panic.
    #[error("fault of pumplab: {cell} with seed {seed} panicked: {message}")]
    Panic {
        /// Which run.
        cell: String,
        /// Its seed.
        seed: u64,
        /// What the panic said.
        message: String,
    },
    /// A report could not be made.
    #[error("fault of pumplab: the {0} report could not be made: {1}")]
    Report(&'static str, String),
    /// A live run could not be started or went wrong.
    #[error(transparent)]
    Live(#[from] pumplab_live::LiveError),
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl HarnessError {
    /// Problems of files, ready to print.
    #[must_use]
    pub fn invalid(diagnostics: &Diagnostics, color: bool) -> Self {
        Self::Invalid(diagnostics.render(color))
    }

    /// An unknown name, with the known name nearest to it.
    #[must_use]
    pub fn unknown(kind: &'static str, name: &str, known: &[String]) -> Self {
        let hint = pumplab_scenarios::nearest(name, known)
            .map_or_else(String::new, |k| format!(": did you mean `{k}`?"));
        Self::Unknown {
            kind,
            name: name.to_owned(),
            hint,
        }
    }

    /// The exit code of this error.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unknown { .. }
            | Self::Invalid(_)
            | Self::File { .. }
            | Self::ForeignDirectory(_)
            | Self::NotARun { .. }
            | Self::NewerFormat { .. }
            | Self::Exists(_)
            | Self::FileName(_)
            | Self::Arguments(_)
            | Self::Nothing(_)
            | Self::NoRecord { .. }
            | Self::Output(_)
            | Self::Live(
                LiveError::Lab(_)
                | LiveError::Tls(_)
                | LiveError::Listen { .. }
                | LiveError::PortNumbers { .. }
                | LiveError::Certificates { .. }
                | LiveError::Address { .. }
                | LiveError::Authority { .. }
                | LiveError::Io(_),
            ) => ExitCode::Usage,
            Self::Assemble(_)
            | Self::Live(LiveError::Assemble(_))
            | Self::Nondeterminism { .. }
            | Self::Panic { .. }
            | Self::Report(..) => ExitCode::Fault,
        }
    }

    /// A failure to do something with a file.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_nearest_name() {
        let known = ["push-drug-library", "ward"].map(str::to_owned);
        let text = |name| HarnessError::unknown("scenario", name, &known).to_string();
        assert_eq!(
            text("push-drug-libary"),
            "scenario `push-drug-libary` does not exist: did you mean `push-drug-library`?"
        );
        assert_eq!(text("xyz"), "scenario `xyz` does not exist");
    }
}

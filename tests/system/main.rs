//! The whole library, run: verdicts, and the promises that hold for every run.

mod day;
mod decreed;
mod fingerprints;
mod forks;
mod verdicts;

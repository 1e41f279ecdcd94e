//! The whole library, run: verdicts, and the promises that hold for every run.

mod bedside;
mod blocked;
mod causes;
mod day;
mod decreed;
mod fingerprints;
mod forks;
mod leases;
mod luck;
mod programs;
mod shows;
mod verdicts;

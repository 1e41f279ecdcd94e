//! The whole library, run: verdicts, and the promises that hold for every run.

mod bedside;
mod blocked;
mod causes;
mod clinical;
mod costs;
mod day;
mod decreed;
mod fingerprints;
mod forks;
mod identity;
mod leases;
mod links;
mod luck;
mod network_attacks;
mod oracle;
mod programs;
mod servers;
mod shows;
mod silent_server;
mod verdicts;

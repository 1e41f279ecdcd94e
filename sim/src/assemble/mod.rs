//! Builds a simulation from a spec: nodes, the address plan, segments, routers, the radio medium, hosts with their parts, and what is to
//! happen. What a part of a host is, is found by the registry of parts.

mod attackers;
mod build;
mod config;
mod timeline;

pub use build::build;
pub use config::{AssembleError, RunConfig};

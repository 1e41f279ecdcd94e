//! Properties that hold for any input.

mod engine;
mod network_faults;

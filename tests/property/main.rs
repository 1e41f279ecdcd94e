//! Properties that hold for any input.

mod engine;
mod firewalls;
mod firewalls_lab;
mod firewalls_oracle;
mod network_faults;

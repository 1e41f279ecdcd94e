//! DNS: names to addresses.

pub mod server;

//! The `pumplab` command.
fn main() {}

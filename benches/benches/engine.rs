//! The event queue alone and the engine under PHOLD.
fn main() {}

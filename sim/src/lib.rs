//! Deterministic discrete-event simulator of a wireless infusion-pump lab.

pub mod clinical;
pub mod engine;
pub mod rng;
pub mod time;

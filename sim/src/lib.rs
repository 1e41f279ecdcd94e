//! Deterministic discrete-event simulator of a wireless infusion-pump lab.

// Derived code names this crate as its users do.
extern crate self as pumplab_sim;

pub mod agent;
pub mod assemble;
pub mod attack;
pub mod catalog;
pub mod clinical;
pub mod control;
pub mod crypto;
pub mod defend;
pub mod device;
pub mod engine;
pub mod event;
pub mod fingerprint;
pub mod lab;
pub mod label;
pub mod net;
pub mod parameters;
pub mod people;
pub mod proto;
pub mod record;
pub mod rng;
pub mod run;
pub mod safety;
pub mod spec;
pub mod time;
pub mod why;
pub mod wire;

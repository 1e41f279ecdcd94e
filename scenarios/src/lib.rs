//! Scenario files: parse, check, resolve.
//!
//! A [`Library`] holds files: labs, defences, pump profiles, drug libraries and scenarios, embedded in the program and
//! with a folder of one's own laid over them. A [`Scenario`] names a lab and a defence; [`Scenario::resolve`]
//! applies the defence's controls to the bare lab and gives what a run is made of. Whatever is wrong with a file is told at
//! once, as [`Diagnostics`] with place, code and hint.

mod catalogue;
mod check;
mod checking;
mod common;
mod controls;
mod costs;
mod defence;
mod diagnostic;
mod drug_library;
mod embedded;
mod escape;
mod kind;
mod lab;
mod library;
mod names;
mod profile;
mod remedy;
mod render;
mod scenario;
mod schema;
mod server_profile;
mod shape;
mod starter;
mod suggest;
mod table;
mod threat;
mod unit;
mod value;
mod warn;

pub use catalogue::{
    Catalogue, FileTable, Key, Weaknesses, Word, events, knowledge, positions, weaknesses,
};
pub use defence::Defence;
pub use diagnostic::{Code, Diagnostic, Diagnostics, Related, Source};
pub use escape::escape;
pub use kind::Kind;
pub use lab::Lab;
pub use library::Library;
pub use profile::Profile;
pub use scenario::{
    AppliedControl, Attacker, Contrast, ControlEffect, DefenceChoice, Expect, Knows, Resolved,
    ResolvedLab, Scenario, Shows, When,
};
pub use schema::{schema, tables};
pub use server_profile::ServerProfile;
pub use suggest::nearest;
pub use threat::Threat;
pub use warn::not_judged;

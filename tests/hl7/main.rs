//! HL7 v2 and MLLP against messages that others wrote, and against what nobody would write.

mod corpus;
#[path = "../libfuzzer/src/entry.rs"]
pub mod entry;
mod property;

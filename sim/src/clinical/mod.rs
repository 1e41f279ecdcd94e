//! The clinical domain: what a dose is, which doses a hospital allows, and how a pump delivers one.
//!
//! Everything here is a value or a state machine in simulated time. It knows no network, no engine
//! and no attacker: whoever wants to change what a patient receives must go through the same
//! commands as everybody else. Values are illustrative and never clinical advice.
//!
//! | module | holds |
//! |---|---|
//! | [`drug_library`] | the drug library of dose error reduction: entries, soft and hard limits, content digest |
//! | [`order`] | what was ordered ([`order::InfusionOrder`]) and what is dialled in ([`order::Programme`]) |
//! | [`delivery`] | the delivery controller of one pump channel: states, alarms, volumes, deadlines |
//!
//! A physician's order becomes a programme by hand or by auto-programming; the delivery controller
//! holds the programme against the library it is given and, once started, infuses it in closed form:
//! volumes and deadlines are computed at changes, nothing ticks.

pub mod delivery;
pub mod drug_library;
pub mod order;

//! Why something happened, or did not: causes, detection and attribution.
//!
//! While a run goes on, alerts ([`detection`]) and refusals ([`attribution`]) are judged by what events carry, and [`reach`] follows how far each pump
//! got. Afterwards [`reason`] says what a refusal rests on, and a [`trace`] that was kept is walked from a record to its first causes ([`stops`] for what did not come).

pub mod attribution;
pub mod detection;
pub mod reach;
pub mod reason;
pub mod stops;
pub mod trace;

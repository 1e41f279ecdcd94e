//! Protocol machines without I/O.
//!
//! A machine is told what arrived and what time it is, and answers with what to send and what happened; it owns no socket, no timer and no clock.
//! The engine drives the machines in virtual time.

pub mod dhcp;
pub mod dns;
pub mod eap_tls;
pub mod mllp;
pub mod pcd_link;
pub mod pump_desk;
pub mod pump_link;
pub mod resumption;
pub mod session;
pub mod station;
pub mod tls;
pub mod wlan;

//! Typed messages: what travels between nodes.
//!
//! One file per protocol. A message here is meaning, not bytes; every type knows its length on the wire, because
//! airtime and queues depend on it. All derive `Fingerprint`.

pub mod addr;
pub mod capwap;
pub mod crafted;
pub mod dhcp;
pub mod dns;
pub mod dot11;
pub mod eap;
pub mod file;
pub mod frame;
pub mod hl7;
pub mod http;
pub mod image;
pub mod json;
pub mod mail;
pub mod portal;
pub mod program;
pub mod pump;
pub mod query;
pub mod radius;
pub mod share;
pub mod shed;
pub mod shell;
pub mod syslog;
pub mod tls;
pub mod tls_cost;

pub use addr::{Cidr, Ip, Mac};
pub use frame::{Arp, Body, Frame, Message, Packet, Segment, Transport};

//! The only surfaces on which nodes meet: the air, segments, routers with firewalls, sockets, and an attacker's [`port::Hands`].

pub mod air;
pub mod arp;
pub mod host;
mod noise;
pub mod outside;
pub(crate) mod part;
pub mod port;
pub mod router;
pub mod segment;
pub mod stack;
pub mod stream;

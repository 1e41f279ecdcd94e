//! The live lab: real sockets, real TLS, on loopback.

mod clinical;
mod down;
mod hardening;
mod parity;
mod portal;
mod refusals;
mod restarts;
mod services;
mod ward;

//! The model of EAP-TLS held against FreeRADIUS and eapol_test, on loopback, with certificates of the lab's own authority.
//!
//! The target needs the Debian packages `freeradius` and `eapoltest`: `cargo test --workspace --features pumplab-tests/freeradius --test freeradius`.

mod client;
mod lab;
mod matrix;
mod programs;
mod relay;
mod resumed;
mod server;
mod table;

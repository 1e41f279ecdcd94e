//! The live lab: real sockets, real TLS, on loopback.

mod refusals;
mod restarts;
mod ward;

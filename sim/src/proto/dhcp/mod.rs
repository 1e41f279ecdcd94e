//! DHCP (RFC 2131): address leases.

pub mod server;

//! DHCP (RFC 2131): the [`client`] asks for an address, the [`server`] leases it.

pub mod client;
pub mod server;

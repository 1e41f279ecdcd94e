//! DNS: the [`resolver`] asks for the address of a name, the [`server`] gives it.

pub mod resolver;
pub mod server;

#[cfg(test)]
mod tests;

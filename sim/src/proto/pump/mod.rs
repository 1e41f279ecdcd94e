//! A pump's session with its server, above whatever carries and protects it: the [`link`] is the pump's end, the [`desk`] the server's.

pub mod desk;
pub mod link;

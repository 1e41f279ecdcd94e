//! IEEE 802.11: joining a network, from the scan to the keys. The [`supplicant`] is the station's end, the
//! [`authenticator`] the access point's.

pub mod authenticator;
mod join;
mod keys;
pub mod supplicant;

pub use self::join::{JoinFault, JoinStage};
pub use self::keys::{PairwiseKeys, pairwise_key};

#[cfg(test)]
mod tests;

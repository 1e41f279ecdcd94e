//! What messages are made of where they travel as JSON, on sockets and in files of fuzzers.
//!
//! The types of messages derive their JSON themselves. They are generic over what is symbolic in the simulation, such as a signature or a password; in
//! JSON the types of this file stand there. Who has the keys of a run turns one form into the other (`try_map`).

use crate::clinical::drug_library::DrugLibrary;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Longest name of a host, in bytes: that of a DNS name.
const LONGEST_NAME: usize = 253;
/// Longest user name, password or token, in bytes.
const LONGEST_WORD: usize = 256;

/// A drug library with whatever signature it carries.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedText {
    /// The library.
    pub library: DrugLibrary,
    /// ECDSA P-256 with SHA-256 over the library's entries, DER, in hexadecimal digits.
    pub signature: Option<String>,
}

/// A password or a token as people type it and programs send it. It is never printed.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        word(from).map(Self)
    }
}

/// A user name, as long as such names may be; it may be empty, as people's may be.
pub(super) fn word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let word = String::deserialize(from)?;
    if word.len() > LONGEST_WORD {
        return Err(D::Error::custom(format_args!(
            "a name, a password or a token is longer than {LONGEST_WORD} bytes"
        )));
    }
    Ok(word)
}

/// A name of a host, as long as such names may be.
pub(super) fn host_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(D::Error::custom(format_args!(
            "a name of a host is empty or longer than {LONGEST_NAME} bytes"
        )));
    }
    Ok(name)
}

/// A rate or a volume.
pub(super) fn quantity<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(from)?;
    check_quantity(value).map(|()| value)
}

/// Refuses what is no rate or volume.
pub(super) fn check_quantity<E: serde::de::Error>(value: f64) -> Result<(), E> {
    if !value.is_finite() || value < 0.0 {
        return Err(E::custom(format_args!(
            "a rate or a volume is {value}; a finite number from 0 on is taken"
        )));
    }
    Ok(())
}

/// A variant without fields: a key beside its kind is refused, which serde does for variants with fields only.
pub(super) mod empty {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Empty {}

    pub(in crate::wire) fn serialize<S: Serializer>(to: S) -> Result<S::Ok, S::Error> {
        Empty {}.serialize(to)
    }

    pub(in crate::wire) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(), D::Error> {
        Empty::deserialize(from).map(|Empty {}| ())
    }
}

//! Real signatures for the signatures of a lab.

use crate::LiveError;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::crypto::{PrivateKey, Signature};
use pumplab_sim::spec::{LabSpec, LibraryCheckSpec, ReleaseSpec, RoleSpec};
use pumplab_sim::wire::json::SignedText;
use pumplab_sim::wire::pump::SignedLibrary;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use std::fmt;
use std::sync::Arc;

/// Real signatures for the signatures of a lab.
///
/// Who signed is decided by a real key on the sending side and a real verification on the receiving side; the device then sees the lab's
/// signature of that signer, or of nobody.
pub struct Signatures {
    signers: Vec<(PrivateKey, EcdsaKeyPair)>,
    /// Signs in place of signers that the lab does not name.
    unknown: EcdsaKeyPair,
    random: SystemRandom,
}

impl fmt::Debug for Signatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signatures")
            .field("signers", &self.signers.len())
            .finish_non_exhaustive()
    }
}

impl Signatures {
    /// A key pair for every name under which somebody signs or checks libraries in this lab.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn of(lab: &LabSpec) -> Result<Self, LiveError> {
        let mut names: Vec<&str> = Vec::new();
        for role in lab.hosts.iter().flat_map(|h| &h.roles) {
            match role {
                RoleSpec::Pump(pump) => {
                    if let LibraryCheckSpec::Signature { authority } = &pump.library_check.value {
                        names.push(authority);
                    }
                }
                RoleSpec::PumpServer(server) => {
                    names.extend(server.signs_with.as_ref().map(|s| s.value.as_str()));
                    let release = server.portal.as_ref().map(|p| &p.release.value);
                    if let Some(ReleaseSpec::Approved {
                        signed_by: Some(key),
                    }) = release
                    {
                        names.push(key);
                    }
                }
                _ => {}
            }
        }
        names.sort_unstable();
        names.dedup();
        let random = SystemRandom::new();
        let signers = names
            .into_iter()
            .map(|name| Ok((PrivateKey::of(name), key_pair(&random)?)))
            .collect::<Result<_, LiveError>>()?;
        Ok(Self {
            signers,
            unknown: key_pair(&random)?,
            random,
        })
    }

    /// Whether somebody whom the lab names signed this library.
    #[must_use]
    pub fn covers(&self, signature: &Signature, library: &DrugLibrary) -> bool {
        let digest = library.digest();
        let mut known = self.signers.iter();
        known.any(|(key, _)| signature.verifies(key.public(), digest))
    }

    /// A library with its signature as they travel.
    #[must_use]
    pub fn to_text(&self, signed: &SignedLibrary) -> SignedText {
        let signature = signed.signature.as_ref();
        SignedText {
            signature: signature.map(|s| self.to_bytes(s, &signed.library)),
            library: (*signed.library).clone(),
        }
    }

    /// The lab's library for one that came, with the lab's signature for its own.
    #[must_use]
    pub fn from_text(&self, SignedText { library, signature }: SignedText) -> SignedLibrary {
        SignedLibrary {
            signature: signature.map(|s| self.from_bytes(&s, &library)),
            library: Arc::new(library),
        }
    }

    /// A signature as it travels: hexadecimal digits.
    #[must_use]
    pub fn to_bytes(&self, signature: &Signature, library: &DrugLibrary) -> String {
        let digest = library.digest();
        let known = self.signers.iter();
        let signer = known
            .filter(|(key, _)| signature.verifies(key.public(), digest))
            .map(|(_, pair)| pair)
            .next()
            .unwrap_or(&self.unknown);
        let signed = signer.sign(&self.random, &signed_bytes(library));
        signed.map_or_else(|_| String::new(), |s| hex(s.as_ref()))
    }

    /// The lab's signature for one that came: that of whoever's key it verifies under, or of nobody.
    #[must_use]
    pub fn from_bytes(&self, signature: &str, library: &DrugLibrary) -> Signature {
        let nobody = || PrivateKey::of("nobody").sign(library.digest());
        let Some(signature) = unhex(signature) else {
            return nobody();
        };
        let bytes = signed_bytes(library);
        let mut known = self.signers.iter();
        let signer = known.find(|(_, pair)| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, pair.public_key())
                .verify(&bytes, &signature)
                .is_ok()
        });
        signer.map_or_else(nobody, |(key, _)| key.sign(library.digest()))
    }
}

fn key_pair(random: &SystemRandom) -> Result<EcdsaKeyPair, LiveError> {
    let made = || {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, random).ok()?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), random).ok()
    };
    made().ok_or_else(|| LiveError::Tls("the system gives no random bytes for a key".to_owned()))
}

/// What is signed of a library: its entries as JSON, one a line, in the order of those lines. As in the simulation the version is a claim and not
/// signed.
#[must_use]
pub fn signed_bytes(library: &DrugLibrary) -> Vec<u8> {
    let line = |entry| serde_json::to_string(entry).unwrap_or_default();
    let mut lines: Vec<String> = library.entries.iter().map(line).collect();
    lines.sort_unstable();
    let mut bytes = b"pumplab drug library 1\n".to_vec();
    bytes.extend_from_slice(lines.join("\n").as_bytes());
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    // An ECDSA P-256 signature has at most 72 bytes.
    if !digits.len().is_multiple_of(2) || digits.len() > 144 {
        return None;
    }
    let digit = |d: u8| (d as char).to_digit(16);
    digits
        .chunks(2)
        .map(|p| Some((digit(p[0])? << 4 | digit(p[1])?) as u8))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_there_and_back() {
        assert_eq!(hex(&[0, 0x7f, 0xff]), "007fff");
        assert_eq!(unhex("007fff"), Some(vec![0, 0x7f, 0xff]));
        for wrong in ["0", "0g", &"0".repeat(146)] {
            assert_eq!(unhex(wrong), None);
        }
    }
}

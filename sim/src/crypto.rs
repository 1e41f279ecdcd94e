//! Symbolic cryptography that is honest about keys.
//!
//! Inside the simulation a sealed body opens only for a holder of its key, a signature verifies only
//! against the signer's public key, and a certificate is judged by its path. No arithmetic is done on
//! bodies; what a handshake costs in bytes and time comes from measured tables.
//!
//! Two rules keep it honest. A [`Key`], a [`Passphrase`] or a [`PrivateKey`] has no accessor for its
//! value, and no `Debug`, `PartialEq`, `Hash` or `Serialize` of it: code that does not hold the key cannot look
//! at it, and code that holds two keys cannot compare them except by using them. A [`Sealed`] body
//! shows its length and nothing else, so an observer learns from it what a radio would.
//!
//! Secrets feed the run's fingerprint like everything else. Attack code has no way to that trait (`tests/tidy`).

use crate::fingerprint::Fingerprint;
use crate::rng::Stream;
use std::fmt;

/// Mixes 64-bit words into one; the common base of derivation and of public identifiers.
fn mix(words: &[u64]) -> u64 {
    let mut h = 0x9E37_79B9_7F4A_7C15u64;
    for &w in words {
        let m = u128::from(h ^ w.wrapping_mul(0xA076_1D64_78BD_642F))
            * u128::from(w ^ 0xE703_7ED1_A0B4_28DB);
        h = (m as u64) ^ ((m >> 64) as u64) ^ h.rotate_left(23);
    }
    h ^ (h >> 31)
}

fn mix_text(tag: u64, text: &str) -> u64 {
    let mut h = mix(&[tag, text.len() as u64]);
    for chunk in text.as_bytes().chunks(8) {
        let mut w = [0u8; 8];
        w[..chunk.len()].copy_from_slice(chunk);
        h = mix(&[h, u64::from_le_bytes(w)]);
    }
    h
}

/// A shared secret key. Made by generation, by derivation or by key agreement; used to seal and open.
#[derive(Clone, Copy, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Key(u64);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A fresh random key.
    pub fn generate(luck: &mut Stream) -> Self {
        Self(mix(&[1, luck.next_u64(), luck.next_u64()]))
    }

    /// The key that a label and public values derive from this one.
    #[must_use]
    pub fn derive(&self, label: &str, parts: &[u64]) -> Self {
        let mut h = mix_text(self.0 ^ 2, label);
        for &p in parts {
            h = mix(&[h, p]);
        }
        Self(h)
    }

    /// The key of one packet under this pairwise key: the same key and number give the same keystream, which is why a number
    /// must never be used twice.
    #[must_use]
    pub fn packet(&self, number: u64) -> Self {
        Self(mix(&[self.0 ^ 13, number]))
    }

    /// A public identifier of the key that does not give it away, as a PMKID is.
    #[must_use]
    pub fn identifier(&self, label: &str) -> u64 {
        mix_text(mix(&[11, self.0]), label)
    }
}

/// Something known to people or printed in manuals: a Wi-Fi passphrase, a password, a code.
///
/// It can be typed in where it is asked for; it is compared only by [`Passphrase::matches`].
#[derive(Clone, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Passphrase(u64);

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

impl Passphrase {
    /// The secret that this text stands for.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(mix_text(3, text))
    }

    /// Whether what was typed in is this secret.
    #[must_use]
    pub fn matches(&self, typed: &Self) -> bool {
        self.0 == typed.0
    }

    /// The pairwise master key that WPA2 derives from a passphrase and a network name.
    #[must_use]
    pub fn wlan_key(&self, ssid: &str) -> Key {
        Key(mix_text(mix(&[4, self.0]), ssid))
    }

    /// The key that seals data at rest or a RADIUS attribute under a shared secret.
    #[must_use]
    pub fn key(&self, label: &str) -> Key {
        Key(mix_text(mix(&[5, self.0]), label))
    }
}

/// A set of keys to try.
#[derive(Clone, Default)]
pub struct Keyring(Vec<Key>);

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} keys)", self.0.len())
    }
}

impl Keyring {
    /// Adds a key; the newest is tried first.
    pub fn add(&mut self, key: Key) {
        self.0.push(key);
    }

    /// The number of keys held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no key is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Opens a sealed body with whichever held key fits.
    #[must_use]
    pub fn open<'s, T>(&self, sealed: &'s Sealed<T>) -> Option<&'s T> {
        self.0.iter().rev().find_map(|k| sealed.open(k))
    }
}

/// A body that only a holder of the key can read or have made.
#[derive(Clone, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Sealed<T> {
    body: T,
    key: u64,
    len: u32,
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.len)
    }
}

impl<T> Sealed<T> {
    /// Seals `body` under `key`; `len` is its length on the wire in bytes.
    pub fn seal(key: &Key, body: T, len: u32) -> Self {
        Self {
            body,
            key: key.0,
            len,
        }
    }

    /// The body, if `key` is the one it was sealed under.
    #[must_use]
    pub fn open(&self, key: &Key) -> Option<&T> {
        (self.key == key.0).then_some(&self.body)
    }

    /// The body by value, if `key` is the one it was sealed under.
    ///
    /// # Errors
    /// Gives the sealed body back where the key does not fit.
    pub fn into_opened(self, key: &Key) -> Result<T, Self> {
        if self.key == key.0 {
            Ok(self.body)
        } else {
            Err(self)
        }
    }

    /// The body, for whoever holds another body that was sealed under the very same one-time key: two texts under one
    /// keystream give each other away. A packet key is one-time only as long as no packet number is used twice.
    /// Bodies under keys that are meant for many messages are safe from this, so ask it of packets only.
    #[must_use]
    pub fn betrayed_by(&self, other: &Self) -> Option<&T> {
        (self.key == other.key).then_some(&self.body)
    }

    /// Length on the wire in bytes: all that an observer without the key can see.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        self.len
    }
}

/// A public key: names its owner's key pair and checks signatures.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct PublicKey(pub u64);

/// A private key: signs, and proves possession.
#[derive(Clone, Copy, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct PrivateKey(u64);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

impl PrivateKey {
    /// The key pair that a lab file names by a text; labs are data, so their keys are named in them.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(mix_text(6, text))
    }

    /// A fresh random key pair.
    pub fn generate(luck: &mut Stream) -> Self {
        Self(mix(&[7, luck.next_u64()]))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(mix(&[8, self.0]))
    }

    /// Signs a digest.
    #[must_use]
    pub fn sign(&self, digest: u64) -> Signature {
        Signature {
            signer: mix(&[8, self.0]),
            digest,
        }
    }
}

/// A signature over a digest. Only [`PrivateKey::sign`] makes one.
#[derive(Clone, Copy, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Signature {
    signer: u64,
    digest: u64,
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

impl Signature {
    /// Whether `key`'s owner signed exactly `digest`.
    #[must_use]
    pub fn verifies(&self, key: PublicKey, digest: u64) -> bool {
        self.signer == key.0 && self.digest == digest
    }
}

/// Digest of public words, for transcripts and content.
#[must_use]
pub fn digest(words: &[u64]) -> u64 {
    mix(words)
}

/// Digest of a public text.
#[must_use]
pub fn digest_text(text: &str) -> u64 {
    mix_text(9, text)
}

// Key agreement is a Diffie-Hellman exchange in the multiplicative group modulo the Mersenne prime
// 2^61 - 1. The group is far too small to be secure, which does not matter: no code in the lab takes
// discrete logarithms, and the exchange has the property that counts, namely that both ends and nobody else
// arrive at one key.
const GROUP: u64 = (1 << 61) - 1;
const GENERATOR: u64 = 37;

fn group_power(base: u64, mut exponent: u64) -> u64 {
    let modulus = u128::from(GROUP);
    let mut base = u128::from(base % GROUP);
    let mut result = 1u128;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    result as u64
}

/// The secret half of one key agreement.
#[derive(Clone, Copy)]
pub struct AgreementSecret(u64);

impl fmt::Debug for AgreementSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgreementSecret(..)")
    }
}

impl AgreementSecret {
    /// A fresh ephemeral secret.
    pub fn generate(luck: &mut Stream) -> Self {
        Self(luck.next_u64() >> 4 | 1)
    }

    /// The share to send to the other end.
    #[must_use]
    pub fn share(&self) -> u64 {
        group_power(GENERATOR, self.0)
    }

    /// The key agreed with the owner of `share`.
    #[must_use]
    pub fn agree(&self, share: u64) -> Key {
        Key(mix(&[10, group_power(share, self.0)]))
    }
}

/// A certificate binds a subject to a public key for a time, on the word of an issuer.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Certificate {
    /// Whom it names, for example `pump-03` or `pumpserver-a.clinical`.
    pub subject: String,
    /// The subject's public key.
    pub key: PublicKey,
    /// The issuer's public key.
    pub issuer: PublicKey,
    /// Serial number, unique per issuer.
    pub serial: u32,
    /// First second of validity, Unix time.
    pub not_before: u64,
    /// Last second of validity, Unix time.
    pub not_after: u64,
    /// Whether the subject may issue certificates itself.
    pub authority: bool,
    /// The issuer's signature over all of the above.
    pub signature: Signature,
}

impl Certificate {
    /// Issues a certificate: `issuer` signs the binding.
    #[must_use]
    pub fn issue(
        issuer: &PrivateKey,
        subject: &str,
        key: PublicKey,
        serial: u32,
        valid: (u64, u64),
        authority: bool,
    ) -> Self {
        let mut cert = Self {
            subject: subject.to_owned(),
            key,
            issuer: issuer.public(),
            serial,
            not_before: valid.0,
            not_after: valid.1,
            authority,
            signature: Signature {
                signer: 0,
                digest: 0,
            },
        };
        cert.signature = issuer.sign(cert.content_digest());
        cert
    }

    /// Digest of everything that the issuer signs.
    #[must_use]
    pub fn content_digest(&self) -> u64 {
        mix(&[
            digest_text(&self.subject),
            self.key.0,
            self.issuer.0,
            u64::from(self.serial),
            self.not_before,
            self.not_after,
            u64::from(self.authority),
        ])
    }
}

/// Why a certificate chain, or the handshake before it, was not accepted.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum CertificateFault {
    /// The other end sent none.
    Missing,
    /// No path leads to a trust anchor.
    UnknownIssuer,
    /// A signature on the path does not verify.
    BadSignature,
    /// Used before its validity.
    NotYetValid,
    /// Used after its validity.
    Expired,
    /// On the revocation list.
    Revoked,
    /// Names somebody else.
    WrongName,
    /// The other end did not prove that it holds the private key.
    NoPossession,
    /// Revocation status could not be learned and the policy is to refuse then.
    StatusUnknown,
    /// No certificate was looked at: the client offers no version of TLS that the server takes.
    VersionTooLow,
}

impl CertificateFault {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "no certificate was shown",
            Self::UnknownIssuer => "the certificate's issuer is not trusted",
            Self::BadSignature => "a signature on the certificate's path does not verify",
            Self::NotYetValid => "the certificate is not valid yet",
            Self::Expired => "the certificate has expired",
            Self::Revoked => "the certificate is revoked",
            Self::WrongName => "the certificate names somebody else",
            Self::NoPossession => "possession of the private key was not proven",
            Self::StatusUnknown => "the certificate's revocation status could not be had",
            Self::VersionTooLow => "no version of TLS that the client can do is accepted",
        }
    }
}

/// What a relying party trusts and checks.
#[derive(Clone, Debug, Default)]
pub struct TrustStore {
    /// Public keys of the accepted roots.
    pub anchors: Vec<PublicKey>,
}

impl TrustStore {
    /// Checks a chain (leaf first) at a calendar second: path, signatures, validity, name if one is expected, and revocation.
    ///
    /// # Errors
    /// The first fault found, in the order in which common verifiers report them.
    pub fn check(
        &self,
        chain: &[Certificate],
        at: u64,
        name: Option<&str>,
        revoked: &[(PublicKey, u32)],
    ) -> Result<(), CertificateFault> {
        let leaf = chain.first().ok_or(CertificateFault::Missing)?;
        for (i, cert) in chain.iter().enumerate() {
            if !cert.signature.verifies(cert.issuer, cert.content_digest()) {
                return Err(CertificateFault::BadSignature);
            }
            let anchored = self.anchors.contains(&cert.issuer);
            let chained = chain
                .get(i + 1)
                .is_some_and(|up| up.key == cert.issuer && up.authority);
            if !anchored && !chained {
                return Err(CertificateFault::UnknownIssuer);
            }
            if at < cert.not_before {
                return Err(CertificateFault::NotYetValid);
            }
            if at > cert.not_after {
                return Err(CertificateFault::Expired);
            }
            if revoked.contains(&(cert.issuer, cert.serial)) {
                return Err(CertificateFault::Revoked);
            }
            if anchored {
                break;
            }
        }
        match name {
            Some(name) if leaf.subject != name => Err(CertificateFault::WrongName),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Passphrase::of(text).key("test")
    }

    #[test]
    fn sealed_opens_only_with_its_key() {
        let sealed = Sealed::seal(&key("a"), 7u32, 4);
        assert_eq!(sealed.open(&key("a")), Some(&7));
        assert_eq!(sealed.open(&key("b")), None);
        let mut ring = Keyring::default();
        ring.add(key("b"));
        assert!(ring.open(&sealed).is_none());
        ring.add(key("a"));
        assert_eq!(ring.open(&sealed), Some(&7));
    }

    #[test]
    fn two_bodies_under_one_packet_key_give_each_other_away() {
        let (a, b) = (key("a"), key("b"));
        let seal = |k: &Key, n, body: u32| Sealed::seal(&k.packet(n), body, 4);
        assert_eq!(seal(&a, 1, 7).betrayed_by(&seal(&a, 1, 8)), Some(&7));
        assert_eq!(seal(&a, 1, 7).betrayed_by(&seal(&a, 2, 8)), None);
        assert_eq!(seal(&a, 1, 7).betrayed_by(&seal(&b, 1, 8)), None);
        assert!(seal(&a, 1, 7).open(&a).is_none());
    }

    #[test]
    fn agreement_gives_both_ends_one_key_and_a_third_party_another() {
        let (a, b, c) = (
            AgreementSecret(0x1234_5678_9ABC),
            AgreementSecret(0xFEDC_BA98),
            AgreementSecret(77),
        );
        let sealed = Sealed::seal(&a.agree(b.share()), (), 0);
        assert!(sealed.open(&b.agree(a.share())).is_some());
        assert!(sealed.open(&c.agree(a.share())).is_none());
        assert!(sealed.open(&c.agree(b.share())).is_none());
    }

    #[test]
    fn chains_are_judged_by_path_validity_name_and_revocation() {
        let root = PrivateKey::of("root");
        let inter = PrivateKey::of("intermediate");
        let leaf = PrivateKey::of("leaf");
        let up = Certificate::issue(&root, "issuing ca", inter.public(), 1, (0, 1000), true);
        let cert = Certificate::issue(&inter, "pump-01", leaf.public(), 2, (100, 500), false);
        let store = TrustStore {
            anchors: vec![root.public()],
        };
        let chain = [cert.clone(), up.clone()];
        assert_eq!(store.check(&chain, 200, Some("pump-01"), &[]), Ok(()));
        assert_eq!(
            store.check(&chain, 50, None, &[]),
            Err(CertificateFault::NotYetValid)
        );
        assert_eq!(
            store.check(&chain, 501, None, &[]),
            Err(CertificateFault::Expired)
        );
        assert_eq!(
            store.check(&chain, 200, Some("pump-02"), &[]),
            Err(CertificateFault::WrongName)
        );
        assert_eq!(
            store.check(&chain, 200, None, &[(inter.public(), 2)]),
            Err(CertificateFault::Revoked)
        );
        assert_eq!(
            store.check(&chain[..1], 200, None, &[]),
            Err(CertificateFault::UnknownIssuer)
        );
        assert_eq!(
            store.check(&[], 200, None, &[]),
            Err(CertificateFault::Missing)
        );
        let mut forged = cert.clone();
        forged.subject = "pump-02".into();
        assert_eq!(
            store.check(&[forged, up.clone()], 200, None, &[]),
            Err(CertificateFault::BadSignature)
        );
        let mut no_ca = up;
        no_ca.authority = false;
        no_ca.signature = root.sign(no_ca.content_digest());
        assert_eq!(
            store.check(&[cert, no_ca], 200, None, &[]),
            Err(CertificateFault::UnknownIssuer)
        );
    }
}

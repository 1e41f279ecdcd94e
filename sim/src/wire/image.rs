//! What can be loaded into a pump besides a drug library: firmware and calibration.

use super::pump::SignedLibrary;
use crate::crypto::{PublicKey, Signature, digest};
use crate::fingerprint::Fingerprint;
use serde::Serialize;

/// What an image makes a pump do. The honest image of a maker is [`Behaviour::NOMINAL`].
#[derive(Clone, Copy, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Behaviour {
    /// Delivered rate per displayed rate; 1 for an honest image, from 0 up to 10.
    pub delivery_scale: f64,
    /// Whether alarms neither sound nor are sent.
    pub mute: bool,
    /// Port on which it opens a shell without a login.
    pub backdoor: Option<u16>,
}

impl Behaviour {
    /// What a maker's image does.
    pub const NOMINAL: Self = Self {
        delivery_scale: 1.0,
        mute: false,
        backdoor: None,
    };
}

/// Kinds of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "kebab-case")]
#[derive(schemars::JsonSchema)]
pub enum ImageKind {
    /// Firmware: everything that the pump does.
    Firmware,
    /// Calibration: how far the mechanism moves per displayed volume.
    Calibration,
}

impl ImageKind {
    /// Its word.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Firmware => "firmware",
            Self::Calibration => "calibration",
        }
    }
}

/// An image with whatever signature it carries.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Image {
    /// Kind.
    pub kind: ImageKind,
    /// Version claimed.
    pub version: u32,
    /// What it makes the pump do; of calibration only the scale counts.
    pub behaviour: Behaviour,
    /// Checksum that it carries.
    pub checksum: u64,
    /// Signature over its content, if any.
    pub signature: Option<Signature>,
}

impl Image {
    /// A well-formed image without a signature.
    #[must_use]
    pub fn unsigned(kind: ImageKind, version: u32, behaviour: Behaviour) -> Self {
        let mut image = Self {
            kind,
            version,
            behaviour,
            checksum: 0,
            signature: None,
        };
        image.checksum = image.digest();
        image
    }

    /// Digest of the content.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let Behaviour {
            delivery_scale,
            mute,
            backdoor,
        } = self.behaviour;
        digest(&[
            self.kind as u64,
            u64::from(self.version),
            delivery_scale.to_bits(),
            u64::from(mute),
            backdoor.map_or(0, |p| u64::from(p) + 1),
        ])
    }

    /// Whether it arrived whole.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.checksum == self.digest()
    }

    /// Whether the owner of `key` signed exactly this image.
    #[must_use]
    pub fn verifies(&self, key: PublicKey) -> bool {
        self.signature
            .is_some_and(|s| s.verifies(key, self.digest()))
    }

    /// Length in bytes: some MiB of firmware, a page of calibration \[A\].
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self.kind {
            ImageKind::Firmware => 1 << 20,
            ImageKind::Calibration => 2048,
        }
    }
}

/// Something to be loaded into a pump.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum Load {
    /// A drug library.
    Library(SignedLibrary),
    /// Firmware or calibration.
    Image(Image),
}

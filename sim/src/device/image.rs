//! Firmware and calibration of a pump: how they are checked when they come, and what the ones that run do.

use super::host::Io;
use crate::crypto::PublicKey;
use crate::engine::RecordId;
use crate::record::{ImageFault, ImageRecord, LabRecord};
use crate::spec::{ImageCheckSpec, ItemId};
use crate::wire::Ip;
use crate::wire::image::{Behaviour, Image, ImageKind};

/// Largest error of a volumetric pump's flow, as a fraction (IEC 60601-2-24).
pub const FLOW_BOUND: f64 = 0.05;

/// How a pump checks what it is offered.
#[derive(Clone, Debug)]
pub struct ImageChecks {
    /// The maker's key.
    pub maker: PublicKey,
    /// Check of firmware, with its item.
    pub firmware: (ItemId, ImageCheckSpec),
    /// Check of calibration, with its item.
    pub calibration: (ItemId, ImageCheckSpec),
}

impl ImageChecks {
    /// What is wrong with an image by the check for its kind.
    fn fault(&self, image: &Image) -> (ItemId, Option<ImageFault>) {
        let (item, check) = match image.kind {
            ImageKind::Firmware => self.firmware,
            ImageKind::Calibration => self.calibration,
        };
        let fault = match check {
            ImageCheckSpec::None => None,
            _ if !image.whole() => Some(ImageFault::Damaged),
            ImageCheckSpec::Checksum => None,
            ImageCheckSpec::Signature if image.signature.is_none() => Some(ImageFault::Unsigned),
            ImageCheckSpec::Signature => {
                (!image.verifies(self.maker)).then_some(ImageFault::BadSignature)
            }
        };
        (item, fault)
    }

    /// An image is offered from this address, or through the local port. The record of its being stored, if it is.
    pub fn offered(
        &self,
        io: &mut Io<'_, '_>,
        image: &Image,
        from: Ip,
        because: &[RecordId],
    ) -> Option<RecordId> {
        let (kind, version) = (image.kind, image.version);
        let (item, fault) = self.fault(image);
        if let Some(why) = fault {
            let refused = ImageRecord::ImageRefused {
                kind,
                version,
                from,
                why,
                item,
            };
            io.cx.emit_because(refused, because);
            return None;
        }
        let stored = ImageRecord::ImageStored {
            kind,
            version,
            from,
        };
        Some(io.cx.emit_because(stored, because))
    }
}

/// What runs in a delivery controller, and what waits for it to be idle.
#[derive(Clone, Debug)]
pub struct Running {
    /// The maker's key: tells what is genuine, for records only.
    maker: PublicKey,
    firmware: Behaviour,
    calibration: f64,
    /// Records of the last installations.
    because: Vec<(ImageKind, RecordId)>,
    genuine: bool,
    waiting: Vec<(Image, RecordId)>,
}

impl Running {
    /// A maker's honest image, well calibrated.
    #[must_use]
    pub fn nominal(maker: PublicKey) -> Self {
        Self {
            maker,
            firmware: Behaviour::NOMINAL,
            calibration: 1.0,
            because: Vec::new(),
            genuine: true,
            waiting: Vec::new(),
        }
    }

    /// An image waits to be installed; the record says why it is there.
    pub fn wait(&mut self, image: Image, record: RecordId) {
        self.waiting.push((image, record));
    }

    /// Images that wait, which from now on do not.
    pub fn take_waiting(&mut self) -> Vec<(Image, RecordId)> {
        std::mem::take(&mut self.waiting)
    }

    /// Runs an image. What the run's records say of it.
    pub fn install(&mut self, image: &Image) -> LabRecord {
        let (kind, version) = (image.kind, image.version);
        let genuine = image.verifies(self.maker);
        match kind {
            ImageKind::Firmware => {
                self.firmware = image.behaviour;
                self.genuine = genuine;
            }
            ImageKind::Calibration => self.calibration = image.behaviour.delivery_scale,
        }
        LabRecord::Image(ImageRecord::ImageInstalled {
            kind,
            version,
            genuine,
        })
    }

    /// Notes the record of an installation.
    pub fn installed(&mut self, kind: ImageKind, record: RecordId) {
        self.because.retain(|(k, _)| *k != kind);
        self.because.push((kind, record));
    }

    /// Delivered rate per displayed rate.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.firmware.delivery_scale * self.calibration
    }

    /// Whether alarms are kept secret.
    #[must_use]
    pub fn mute(&self) -> bool {
        self.firmware.mute
    }

    /// Whether the firmware that runs is its maker's: its power draw tells.
    #[must_use]
    pub fn genuine(&self) -> bool {
        self.genuine
    }

    /// Why it runs what it runs.
    #[must_use]
    pub fn because(&self) -> Vec<RecordId> {
        self.because.iter().map(|(_, r)| *r).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::PrivateKey;

    fn checks(check: ImageCheckSpec) -> ImageChecks {
        ImageChecks {
            maker: PrivateKey::of("maker").public(),
            firmware: (ItemId(1), check),
            calibration: (ItemId(2), check),
        }
    }

    fn altered() -> Image {
        let behaviour = Behaviour {
            delivery_scale: 2.0,
            ..Behaviour::NOMINAL
        };
        Image::unsigned(ImageKind::Firmware, 9, behaviour)
    }

    #[test]
    fn a_checksum_holds_against_damage_and_a_signature_against_others() {
        let mut damaged = altered();
        damaged.checksum ^= 1;
        let fault = |check, image: &Image| checks(check).fault(image).1;
        assert_eq!(fault(ImageCheckSpec::None, &damaged), None);
        assert_eq!(
            fault(ImageCheckSpec::Checksum, &damaged),
            Some(ImageFault::Damaged)
        );
        assert_eq!(fault(ImageCheckSpec::Checksum, &altered()), None);
        assert_eq!(
            fault(ImageCheckSpec::Signature, &altered()),
            Some(ImageFault::Unsigned)
        );
        let signed_by = |key: &str| {
            let mut image = altered();
            image.signature = Some(PrivateKey::of(key).sign(image.digest()));
            image
        };
        assert_eq!(
            fault(ImageCheckSpec::Signature, &signed_by("other")),
            Some(ImageFault::BadSignature)
        );
        assert_eq!(fault(ImageCheckSpec::Signature, &signed_by("maker")), None);
    }

    #[test]
    fn what_runs_multiplies_firmware_and_calibration() {
        let mut running = Running::nominal(PrivateKey::of("maker").public());
        running.install(&altered());
        assert!(!running.genuine());
        let behaviour = Behaviour {
            delivery_scale: 0.25,
            ..Behaviour::NOMINAL
        };
        running.install(&Image::unsigned(ImageKind::Calibration, 2, behaviour));
        assert_eq!(running.scale(), 0.5);
    }
}

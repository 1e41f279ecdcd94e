//! Firmware and calibration that pumps take under their maker's signature only.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{ImageCheckSpec, LabSpec, Provenance};

/// Signed firmware and calibration.
pub(super) struct SignedImages;

static ENTRY: Entry = Entry {
    id: "signed-images",
    title: "Signed firmware and calibration",
    summary: "A pump that can check its maker's signature takes firmware and calibration with it only, wherever they come from. Calibration stands here and not with \
              drug libraries (DEV-07): it is the maker's or the service's, and decides what the pump does, not what it allows. Who writes the flash memory of an opened pump \
              writes past this check.",
    parameters: &[],
    relations: &[],
    references: &["CVE-2020-25166", "CVE-2021-33885", "SP 800-53 SI-7, CM-5"],
};

impl Mechanism for SignedImages {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-06",
            rank: Rank(Stage::Hosts, 60),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        let able = super::address::devices_mut(lab).filter(|d| d.image_signature_capable);
        for device in able {
            for check in [&mut device.firmware_check, &mut device.calibration_check] {
                if check.value != ImageCheckSpec::Signature {
                    ink.set(check, ImageCheckSpec::Signature);
                    changed = true;
                }
            }
        }
        Effect::if_any(
            changed,
            "no pump that can check signatures of its maker does not",
        )
    }
}

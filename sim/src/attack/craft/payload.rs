//! What an attacker makes to be loaded into a pump, from the parameters of a step.

use crate::attack::{Step, Technique};
use crate::parameters::{Factor, Port, Words};
use crate::wire::image::{Behaviour, Image, ImageKind};
use crate::wire::pump::SignedLibrary;
use std::sync::Arc;

/// Version that an attacker claims for an image that it made.
const CLAIMED: u32 = 999;

/// What firmware does with alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
pub(in crate::attack) enum Alarms {
    /// The firmware keeps alarms to itself.
    Silent,
}

/// What altered firmware does.
#[derive(Clone, Copy, Debug)]
pub(in crate::attack) struct Firmware {
    /// Delivered rate per displayed rate.
    pub(in crate::attack) factor: Factor,
    /// What it does with alarms.
    pub(in crate::attack) alarms: Option<Alarms>,
    /// Port on which it opens a shell.
    pub(in crate::attack) backdoor: Option<Port>,
}

impl Firmware {
    /// The image. It is well formed and carries no signature: the attacker has no manufacturer's key.
    pub(in crate::attack) fn image(self) -> Image {
        let behaviour = Behaviour {
            delivery_scale: self.factor.0,
            mute: self.alarms == Some(Alarms::Silent),
            backdoor: self.backdoor.map(|p| p.0),
        };
        Image::unsigned(ImageKind::Firmware, CLAIMED, behaviour)
    }
}

/// Calibration data with which a pump delivers another rate than it displays.
pub(in crate::attack) fn calibration(factor: Factor) -> Image {
    let behaviour = Behaviour {
        delivery_scale: factor.0,
        ..Behaviour::NOMINAL
    };
    Image::unsigned(ImageKind::Calibration, CLAIMED, behaviour)
}

impl<T: Technique> Step<'_, '_, '_, T> {
    /// A library that the attacker knows, with scaled limits and another version.
    pub(in crate::attack) fn altered(
        &self,
        drug: &str,
        factor: Factor,
        version: u32,
    ) -> Option<SignedLibrary> {
        let known = self.knowledge.library.as_ref()?;
        let library = known
            .library
            .with_limit_scaled(drug, factor.0)
            .with_version(version);
        // Whatever signature the known library carried is over its own content.
        Some(SignedLibrary {
            library: Arc::new(library),
            signature: known.signature,
        })
    }
}

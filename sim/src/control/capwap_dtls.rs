//! The control channel between access points and their controller under DTLS.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// CAPWAP control under DTLS.
pub(super) struct CapwapDtls;

static ENTRY: Entry = Entry {
    id: "capwap-dtls",
    title: "CAPWAP control channel under DTLS",
    summary: "Every access point speaks to its controller under DTLS, so that nobody on the way can read or forge what \
              the controller tells it.",
    parameters: &[],
    relations: &[],
    references: &["RFC 5415 [K]"],
};

impl Mechanism for CapwapDtls {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "WL-04",
            rank: Rank(Stage::Joining, 60),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for ap in lab.access_points.iter_mut().filter(|a| !a.dtls.value) {
            ink.set(&mut ap.dtls, true);
            changed = true;
        }
        Effect::if_any(changed, "every access point uses DTLS already")
    }
}

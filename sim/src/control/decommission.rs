//! Devices that leave the hospital leave its secrets behind.

use super::{Effect, Mechanism, Rank, Realises, Stage, provision};
use crate::catalog::Entry;
use crate::spec::{FileContentSpec, LabSpec, Provenance, RevokedSpec};

/// Wiping and revocation on disposal.
pub(super) struct Decommission;

static ENTRY: Entry = Entry {
    id: "decommission",
    title: "Wiping and revocation on disposal",
    summary: "A device that has left the hospital was wiped of wireless keys and patient records before, and the \
              certificate that it was given is revoked.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-88", "SP 1800-8B section 6.3 [M-high]"],
};

impl Mechanism for Decommission {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-06",
            rank: Rank(Stage::Operations, 20),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let secret = |c: &FileContentSpec| {
            matches!(
                c,
                FileContentSpec::NetworkKey { .. } | FileContentSpec::Records { .. }
            )
        };
        let mut changed = false;
        for host in lab.hosts.iter_mut().filter(|h| provision::has_left(h)) {
            changed |= provision::remove_files(host, ink, secret);
            let Some(certificate) = &host.certificate else {
                continue;
            };
            let value = RevokedSpec {
                issuer: certificate.value.issuer.clone(),
                serial: certificate.value.serial,
            };
            if !lab.revoked.iter().any(|r| r.value == value) {
                lab.revoked
                    .push(ink.item(format!("revocation of {}", host.name), value));
                changed = true;
            }
        }
        Effect::if_any(changed, "no device has left the hospital with a secret")
    }
}

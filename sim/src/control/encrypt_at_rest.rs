//! Files of pumps encrypted at rest.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{FileSpec, LabSpec, Provenance, RoleSpec};

/// Encryption of the files of pumps.
pub(super) struct EncryptAtRest;

static ENTRY: Entry = Entry {
    id: "encrypt-at-rest",
    title: "Files of pumps encrypted at rest",
    summary: "Encrypts the files of a pump under its own key, on pumps whose firmware has cryptography at all; the \
              ability to do TLS is taken as the sign of that.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SC-28"],
};

impl Mechanism for EncryptAtRest {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-05",
            rank: Rank(Stage::Hosts, 50),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let able = |r: &RoleSpec| matches!(r, RoleSpec::Pump(p) if p.tls_capable);
        let mut changed = false;
        for pump in lab.hosts.iter_mut().filter(|h| h.roles.iter().any(able)) {
            for file in pump.files.iter_mut().filter(|f| !f.value.encrypted) {
                let value = FileSpec {
                    encrypted: true,
                    ..file.value.clone()
                };
                ink.set(file, value);
                changed = true;
            }
        }
        Effect::if_any(changed, "no pump that can encrypt has a file in clear")
    }
}

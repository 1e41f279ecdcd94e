//! Drug libraries signed by the pharmacy and checked by pumps.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, LibraryCheckSpec, Provenance, PumpServerSpec, ReleaseSpec, RoleSpec};

/// Name of the key with which the pharmacy signs.
const PHARMACY: &str = "pharmacy library key";

/// Signed drug libraries.
pub(super) struct SignedLibrary;

static ENTRY: Entry = Entry {
    id: "signed-library",
    title: "Signed drug libraries",
    summary: "Pump servers publish libraries under the pharmacy's signature, and pumps that can check it store no \
              library without. The server holds the key and signs whatever it publishes, unless SRV-05 takes the key from it. \
              Pumps that cannot check go on taking whatever they are given.",
    parameters: &[],
    relations: &[],
    references: &["CVE-2015-3956", "SP 800-53 SI-7, SI-10"],
};

impl Mechanism for SignedLibrary {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-07",
            rank: Rank(Stage::Hosts, 70),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        if lab.pump_servers().next().is_none() {
            return Effect::None("nobody publishes libraries");
        }
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                match role {
                    RoleSpec::Pump(p)
                        if p.signature_capable
                            && p.library_check.value == LibraryCheckSpec::None =>
                    {
                        let check = LibraryCheckSpec::Signature {
                            authority: PHARMACY.to_owned(),
                        };
                        ink.set(&mut p.library_check, check);
                        changed = true;
                    }
                    RoleSpec::PumpServer(s) if s.signs_with.is_none() && !is_signed_by_card(s) => {
                        s.signs_with = Some(ink.item(
                            format!("{} library signature", host.name),
                            PHARMACY.to_owned(),
                        ));
                        changed = true;
                    }
                    _ => {}
                }
            }
        }
        Effect::if_any(changed, "libraries are signed and checked already")
    }
}

/// Whether the key is on an approver's card already.
fn is_signed_by_card(server: &PumpServerSpec) -> bool {
    let release = server.portal.as_ref().map(|p| &p.release.value);
    matches!(release, Some(ReleaseSpec::Approved { signed_by: Some(_) }))
}

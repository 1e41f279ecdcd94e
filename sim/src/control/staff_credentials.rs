//! Strong passwords for the accounts of servers and workstations.

use super::{Effect, Mechanism, Rank, Realises, Stage, address, provision, replace_credentials};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance};

/// Replaced credentials on servers and workstations.
pub(super) struct StaffCredentials;

static ENTRY: Entry = Entry {
    id: "staff-credentials",
    title: "Strong credentials on servers and workstations",
    summary: "Gives every changeable account of a host that is not a pump a password of its own: those of portals, of the \
              directory and of the broker among them. Second factors belong to makers' sessions (ID-07) only.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 IA-2, IA-5"],
};

impl Mechanism for StaffCredentials {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-05",
            rank: Rank(Stage::Hosts, 120),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let outside = [address::EXTERNAL, address::GUEST];
        let mut changed = false;
        for host in &mut lab.hosts {
            let ours = !outside.contains(&host.zone.as_str()) && !provision::has_left(host);
            if ours && !address::is_pump(host) {
                changed |= replace_credentials::replace(host, ink);
            }
        }
        Effect::if_any(
            changed,
            "no server or workstation has an account whose password could be replaced",
        )
    }
}

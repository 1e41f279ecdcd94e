//! Logs and histories without the identity of patients.

use super::{Effect, Mechanism, Rank, Realises, Stage, address, provision};
use crate::catalog::Entry;
use crate::spec::{FileContentSpec, FileSpec, HostSpec, LabSpec, Provenance, RoleSpec};

/// De-identification of logs and histories.
pub(super) struct Deidentify;

static ENTRY: Entry = Entry {
    id: "deidentify",
    title: "Logs and histories without the identity of patients",
    summary: "Files of pumps and pump servers that hold records, and the infusion history that servers keep in databases, \
              carry numbers of infusions in place of patients. Who has the hospital's own list can tell whose they are; \
              that list is not in the lab. Devices that have left the house stay as they are.",
    parameters: &[],
    relations: &[],
    references: &["45 CFR 164.514(b)", "SP 1800-8B appendix B [M-high]"],
};

impl Mechanism for Deidentify {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-09",
            rank: Rank(Stage::Hosts, 240),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for host in lab.hosts.iter_mut().filter(|h| !provision::has_left(h)) {
            let serves = host
                .roles
                .iter()
                .any(|r| matches!(r, RoleSpec::PumpServer(_)));
            if serves || address::is_pump(host) {
                changed |= files(host, ink);
            }
            for role in &mut host.roles {
                let RoleSpec::PumpServer(server) = role else {
                    continue;
                };
                if let Some(store) = server.store.as_mut().filter(|s| s.identified.value) {
                    ink.set(&mut store.identified, false);
                    changed = true;
                }
            }
        }
        Effect::if_any(changed, "no pump or pump server keeps records of patients")
    }
}

fn files(host: &mut HostSpec, ink: &mut Provenance) -> bool {
    let mut changed = false;
    for file in &mut host.files {
        if matches!(file.value.content, FileContentSpec::Records { .. }) {
            let value = FileSpec {
                content: FileContentSpec::Data,
                ..file.value.clone()
            };
            ink.set(file, value);
            changed = true;
        }
    }
    changed
}

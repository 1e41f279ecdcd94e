//! The stored drug library is compared with what was released.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};
use crate::time::Duration;

/// Interval of the comparison \[A\].
const EVERY: Duration = Duration::from_mins(5);

/// Integrity monitoring of the library store.
pub(super) struct StoreMonitor;

static ENTRY: Entry = Entry {
    id: "store-monitor",
    title: "Integrity monitoring of the library store",
    summary: "Every five minutes the pump server reads its stored library back and compares the digest with those of the \
              libraries that its portal released. An edit that did not come through the portal is told, once. It is not \
              undone, and what somebody releases at the portal is right by definition.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SI-7, CM-5"],
};

impl Mechanism for StoreMonitor {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "SRV-03",
            rank: Rank(Stage::Hosts, 230),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                let RoleSpec::PumpServer(server) = role else {
                    continue;
                };
                let Some(store) = server.store.as_mut().filter(|s| s.monitor.is_none()) else {
                    continue;
                };
                let what = format!("{} monitor of the library store", host.name);
                store.monitor = Some(ink.item(what, EVERY));
                changed = true;
            }
        }
        Effect::if_any(changed, "no pump server keeps its library in a store")
    }
}

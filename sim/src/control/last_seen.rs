//! Pump servers that notice when a pump falls silent.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RoleSpec};
use crate::time::Duration;
use std::collections::BTreeMap;

/// Status messages that may be missing before the alert.
const MISSED: u64 = 3;

/// Last-seen alerts.
pub(super) struct LastSeen;

static ENTRY: Entry = Entry {
    id: "last-seen",
    title: "Last-seen alerts to the nurses' station",
    summary: "A pump server tells the nurses' station when a pump that was infusing has been silent for three of its \
              status intervals, so that somebody goes and looks.",
    parameters: &[],
    relations: &[],
    references: &["SP 1800-8B section 5.2 [M-med for last seen; the alert is K]"],
};

impl Mechanism for LastSeen {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-07",
            rank: Rank(Stage::Operations, 30),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut slowest: BTreeMap<String, Duration> = BTreeMap::new();
        for (_, pump) in lab.pumps() {
            let interval = slowest.entry(pump.server.clone()).or_default();
            *interval = (*interval).max(pump.status_infusing);
        }
        let mut changed = false;
        for host in &mut lab.hosts {
            let Some(interval) = slowest.get(&host.name) else {
                continue;
            };
            for role in &mut host.roles {
                let RoleSpec::PumpServer(server) = role else {
                    continue;
                };
                if server.last_seen_alert.is_none() {
                    let silence = Duration::from_nanos(interval.as_nanos().saturating_mul(MISSED));
                    server.last_seen_alert =
                        Some(ink.item(format!("{} last-seen alert", host.name), silence));
                    changed = true;
                }
            }
        }
        Effect::if_any(changed, "no pump server with pumps lacks it")
    }
}

//! How far the programs of attackers got: hosts, zones, files, and the time that servers stood still.

use super::Truth;
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, ProgramRecord, StorageRecord};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Gathers it from records.
#[derive(Clone, Debug, Default)]
pub(super) struct Damage {
    held: BTreeMap<NodeId, String>,
    encrypted: BTreeSet<NodeId>,
    files: u32,
    blocked: u32,
    stopped: BTreeMap<NodeId, Time>,
    lost_s: f64,
}

impl Damage {
    pub(super) fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Program(ProgramRecord::ProgramStarted { .. }) => {
                let name = &truth.shared.names[e.node.index()];
                let host = truth.shared.lab.host(name);
                let zone = host.map_or_else(String::new, |h| h.zone.clone());
                self.held.insert(e.node, zone);
            }
            LabRecord::Program(ProgramRecord::ProgramBlocked { .. }) => self.blocked += 1,
            LabRecord::Storage(StorageRecord::FileEncrypted { .. }) => {
                self.files += 1;
                self.encrypted.insert(e.node);
            }
            LabRecord::Storage(StorageRecord::ServiceStopped { .. }) => {
                self.stopped.entry(e.node).or_insert(e.time);
            }
            LabRecord::Storage(StorageRecord::ServiceRestored) => self.back(e.node, e.time),
            _ => {}
        }
    }

    fn back(&mut self, node: NodeId, now: Time) {
        if let Some(since) = self.stopped.remove(&node) {
            self.lost_s += (now - since).as_secs_f64();
        }
    }

    /// Values by identifier, at the end of a run.
    pub(super) fn finish(&mut self, now: Time) -> BTreeMap<&'static str, f64> {
        for node in self.stopped.keys().copied().collect::<Vec<_>>() {
            self.back(node, now);
        }
        let of = |zone: &str| self.held.values().filter(|z| *z == zone).count() as f64;
        let zones: BTreeSet<&String> = self.held.values().collect();
        BTreeMap::from([
            ("files-encrypted", f64::from(self.files)),
            ("hosts-encrypted", self.encrypted.len() as f64),
            ("hosts-held", self.held.len() as f64),
            ("hosts-held-business", of("business")),
            ("hosts-held-clinical", of("clinical")),
            ("hosts-held-meddev", of("meddev")),
            ("programs-blocked", f64::from(self.blocked)),
            ("server-minutes-lost", self.lost_s / 60.0),
            ("zones-held", zones.len() as f64),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn time_is_lost_until_a_server_serves_again_or_the_run_ends() {
        let mut damage = Damage::default();
        let at = |m| Time::ZERO + Duration::from_mins(m);
        damage.stopped.insert(NodeId(1), at(10));
        damage.back(NodeId(1), at(25));
        damage.stopped.insert(NodeId(2), at(50));
        let metrics = damage.finish(at(60));
        assert_eq!(metrics["server-minutes-lost"], 25.0);
    }
}

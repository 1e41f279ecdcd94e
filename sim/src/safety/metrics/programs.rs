//! How far the programs of attackers got: hosts, zones, files, and the time that servers stood still.

use super::metric::{Better, Definition, Family, Gather};
use super::series::Series;
use super::unit::Unit;
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, ProgramRecord, StorageRecord};
use crate::safety::{Needs, Truth};
use crate::time::Time;
use std::collections::BTreeSet;

/// What programs did.
#[derive(Clone, Debug, Default)]
pub(super) struct Programs {
    held: Members<NodeId>,
    business: Members<NodeId>,
    clinical: Members<NodeId>,
    meddev: Members<NodeId>,
    zones: Members<String>,
    encrypted: Members<NodeId>,
    files: Series,
    blocked: Series,
    /// Servers that cannot serve.
    stopped: Members<NodeId>,
}

/// A set, and its size over time.
#[derive(Clone, Debug)]
struct Members<T> {
    set: BTreeSet<T>,
    size: Series,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self {
            set: BTreeSet::new(),
            size: Series::default(),
        }
    }
}

impl<T: Ord> Members<T> {
    fn insert(&mut self, one: T, now: Time) {
        self.set.insert(one);
        self.size.set(now, self.set.len() as f64);
    }

    fn remove(&mut self, one: &T, now: Time) {
        self.set.remove(one);
        self.size.set(now, self.set.len() as f64);
    }
}

impl Family for Programs {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "files-encrypted",
            title: "Files encrypted",
            doc: "Files that were encrypted with a key that their host does not have.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.files),
        },
        Definition {
            id: "hosts-encrypted",
            title: "Hosts with encrypted files",
            doc: "Hosts of which at least one file was encrypted with a key that they do not have.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.encrypted.size),
        },
        Definition {
            id: "hosts-held",
            title: "Hosts held by programs",
            doc: "Hosts on which a program of an attacker began to run.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.held.size),
        },
        Definition {
            id: "hosts-held-business",
            title: "Hosts held in business",
            doc: "Hosts of the zone `business` on which a program of an attacker began to run.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.business.size),
        },
        Definition {
            id: "hosts-held-clinical",
            title: "Hosts held in clinical services",
            doc: "Hosts of the zone `clinical` on which a program of an attacker began to run.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.clinical.size),
        },
        Definition {
            id: "hosts-held-meddev",
            title: "Devices held",
            doc: "Hosts of the zone `meddev` on which a program of an attacker began to run.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.meddev.size),
        },
        Definition {
            id: "programs-blocked",
            title: "Programs blocked",
            doc: "Times that a program was kept from running.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.blocked),
        },
        Definition {
            id: "server-minutes-lost",
            title: "Server time lost",
            doc: "Minutes that servers could not serve for want of a file, summed over servers, outages open at the end included.",
            unit: Unit::Minutes,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Integral(|programs| &programs.stopped.size, None),
        },
        Definition {
            id: "zones-held",
            title: "Zones held",
            doc: "Zones with at least one host on which a program of an attacker began to run.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Growing(|programs| &programs.zones.size),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        let (node, now) = (e.node, e.time);
        match &e.what {
            LabRecord::Program(ProgramRecord::ProgramStarted { .. }) => {
                self.started(truth, node, now);
            }
            LabRecord::Program(ProgramRecord::ProgramBlocked { .. }) => self.blocked.add(now, 1.0),
            LabRecord::Storage(StorageRecord::FileEncrypted { .. }) => {
                self.files.add(now, 1.0);
                self.encrypted.insert(node, now);
            }
            LabRecord::Storage(StorageRecord::ServiceStopped { .. }) => {
                self.stopped.insert(node, now);
            }
            LabRecord::Storage(StorageRecord::ServiceRestored) => self.stopped.remove(&node, now),
            _ => {}
        }
    }
}

impl Programs {
    fn started(&mut self, truth: &Truth, node: NodeId, now: Time) {
        let host = truth.shared.lab.host(&truth.shared.names[node.index()]);
        let zone = host.map_or_else(String::new, |h| h.zone.clone());
        self.held.insert(node, now);
        match zone.as_str() {
            "business" => self.business.insert(node, now),
            "clinical" => self.clinical.insert(node, now),
            "meddev" => self.meddev.insert(node, now),
            _ => {}
        }
        self.zones.insert(zone, now);
    }
}

#[cfg(test)]
mod tests {
    use super::super::measured::Measured;
    use super::super::metric::RunEnd;
    use super::*;
    use crate::time::Duration;

    #[test]
    fn time_is_lost_until_a_server_serves_again_or_the_run_ends() {
        let mut programs = Programs::default();
        let at = |m| Time::ZERO + Duration::from_mins(m);
        programs.stopped.insert(NodeId(1), at(10));
        programs.stopped.insert(NodeId(1), at(12));
        programs.stopped.remove(&NodeId(1), at(25));
        programs.stopped.insert(NodeId(2), at(50));
        let end = RunEnd {
            now: at(60),
            ..RunEnd::default()
        };
        let mut measured = Measured::default();
        for definition in Programs::METRICS {
            definition.read(&programs, &end, &mut measured);
        }
        assert_eq!(measured.values["server-minutes-lost"], 25.0);
        let at_30 = measured.over_time.at("server-minutes-lost", at(30));
        assert_eq!(at_30, Some(15.0));
    }
}

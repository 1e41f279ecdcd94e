//! What servers keep: status messages, pumps' logs, and patient records where they do not belong.

use super::count::Count;
use super::metric::{Better, Definition, Family, Gather};
use super::unit::Unit;
use crate::engine::{Entry, NodeId};
use crate::record::{LabRecord, MonitoringRecord, StorageRecord};
use crate::safety::{Needs, Truth};
use std::collections::BTreeMap;

/// What was stored.
#[derive(Clone, Debug, Default)]
pub(super) struct Server {
    /// Per pump, the number of the log entry that is due.
    log_next: BTreeMap<NodeId, u32>,
    log_duplicates: Count,
    log_entries_lost: Count,
    records_exposed: Count,
    status_messages: u64,
}

impl Family for Server {
    const METRICS: &'static [Definition<Self>] = &[
        Definition {
            id: "log-duplicates",
            title: "Duplicate log entries",
            doc: "Log entries that a server stored more than once.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Count(|server| &server.log_duplicates),
        },
        Definition {
            id: "log-entries-lost",
            title: "Lost log entries",
            doc: "Gaps in the numbers of the log entries that servers stored.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Count(|server| &server.log_entries_lost),
        },
        Definition {
            id: "records-exposed",
            title: "Patient records exposed",
            doc: "Readable patient records that came to hosts whose business they are not.",
            unit: Unit::Count,
            better: Better::Lower,
            needs: Needs::Nothing,
            gather: Gather::Count(|server| &server.records_exposed),
        },
        Definition {
            id: "status-messages",
            title: "Status messages stored",
            doc: "Status messages that servers stored.",
            unit: Unit::Count,
            better: Better::Neither,
            needs: Needs::Nothing,
            gather: Gather::Total(|server, _| server.status_messages as f64),
        },
    ];

    fn new(_: &Truth) -> Self {
        Self::default()
    }

    fn observe(&mut self, truth: &Truth, e: &Entry<LabRecord>) {
        match &e.what {
            LabRecord::Monitoring(MonitoringRecord::StatusStored { .. }) => {
                self.status_messages += 1;
            }
            LabRecord::Monitoring(MonitoringRecord::LogStored { pump, number }) => {
                self.logged(*pump, *number, e);
            }
            LabRecord::Storage(StorageRecord::RecordsHeld { records, .. })
                if !truth.may_hold_records.contains(&e.node) =>
            {
                self.records_exposed.add(e, f64::from(*records));
            }
            _ => {}
        }
    }
}

impl Server {
    fn logged(&mut self, pump: NodeId, number: u32, e: &Entry<LabRecord>) {
        let next = self.log_next.entry(pump).or_insert(1);
        if number < *next {
            self.log_duplicates.one(e);
        } else {
            self.log_entries_lost.add(e, f64::from(number - *next));
            *next = number + 1;
        }
    }
}

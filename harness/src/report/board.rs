//! What somebody who watches a live run sees: a row for each pump, kept up to date from the run's records.

use crate::report::words::Words;
use pumplab_sim::engine::{Entry, NodeId};
use pumplab_sim::record::{
    AlarmRecord, DeliveryChange, HostRecord, LabRecord, LibraryRecord, MonitoringRecord,
    SessionRecord, TherapyRecord,
};
use pumplab_sim::spec::{LabSpec, RoleSpec};
use pumplab_sim::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A pump's row.
#[derive(Clone, Debug)]
struct Row {
    name: String,
    session: &'static str,
    library: u32,
    infusion: String,
    rate_ml_per_h: f64,
    alarms: BTreeSet<u32>,
    seen: Option<Time>,
}

/// All pumps.
#[derive(Clone, Debug)]
pub struct Board {
    rows: BTreeMap<NodeId, Row>,
    /// Whoever was cut off or refused, by why.
    refused: BTreeMap<String, u64>,
    /// Ports that cannot be listened on.
    closed: BTreeSet<(NodeId, u16)>,
}

impl Board {
    /// The pumps of a lab, whose nodes `node` finds by name.
    pub fn new(lab: &LabSpec, node: impl Fn(&str) -> Option<NodeId>) -> Self {
        let mut rows = BTreeMap::new();
        for host in &lab.hosts {
            let pump = host.roles.iter().find_map(|r| match r {
                RoleSpec::Pump(pump) => Some(pump),
                _ => None,
            });
            if let (Some(pump), Some(id)) = (pump, node(&host.name)) {
                let row = Row {
                    name: host.name.clone(),
                    session: "-",
                    library: pump.library_version,
                    infusion: String::new(),
                    rate_ml_per_h: 0.0,
                    alarms: BTreeSet::new(),
                    seen: None,
                };
                rows.insert(id, row);
            }
        }
        Self {
            rows,
            refused: BTreeMap::new(),
            closed: BTreeSet::new(),
        }
    }

    /// Takes a record in.
    pub fn heed(&mut self, entry: &Entry<LabRecord>) {
        match &entry.what {
            LabRecord::Monitoring(MonitoringRecord::StatusStored { pump }) => {
                if let Some(row) = self.rows.get_mut(pump) {
                    row.seen = Some(entry.time);
                }
                return;
            }
            LabRecord::Session(SessionRecord::SessionRefused { fault, .. }) => {
                self.count(fault.words());
                return;
            }
            LabRecord::Session(SessionRecord::Shed { why, .. }) => {
                self.count(why.words());
                return;
            }
            LabRecord::Session(SessionRecord::ListenFailed { port, .. }) => {
                self.closed.insert((entry.node, *port));
                return;
            }
            LabRecord::Session(SessionRecord::ListenResumed { port }) => {
                self.closed.remove(&(entry.node, *port));
                return;
            }
            // A host that is down listens nowhere.
            LabRecord::Host(HostRecord::PoweredOff)
            | LabRecord::Host(HostRecord::CommunicationFailed { .. }) => {
                self.closed.retain(|(node, _)| *node != entry.node);
            }
            _ => {}
        }
        let Some(row) = self.rows.get_mut(&entry.node) else {
            return;
        };
        match &entry.what {
            LabRecord::Session(SessionRecord::ServerSession { protected, .. }) => {
                row.session = if *protected { "TLS" } else { "clear" };
            }
            LabRecord::Session(SessionRecord::ServerSessionLost)
            | LabRecord::Host(HostRecord::PoweredOff)
            | LabRecord::Host(HostRecord::CommunicationFailed { .. }) => row.session = "-",
            LabRecord::Library(LibraryRecord::LibraryActivated { version, .. }) => {
                row.library = *version
            }
            LabRecord::Therapy(TherapyRecord::Delivery { change, drug, .. }) => {
                row.delivers(*change, drug)
            }
            LabRecord::Alarm(AlarmRecord::AlarmRaised { number, .. }) => {
                row.alarms.insert(*number);
            }
            LabRecord::Alarm(AlarmRecord::AlarmAnswered { number, .. }) => {
                row.alarms.remove(number);
            }
            _ => {}
        }
    }

    fn count(&mut self, why: &str) {
        *self.refused.entry(why.to_owned()).or_default() += 1;
    }

    /// The table, with simulated times before `now`.
    #[must_use]
    pub fn render(&self, now: Time, rows: usize) -> String {
        let mut text = format!(
            "{:<16} {:<8} {:>7}  {:<32} {:>6}  {:>9}\n",
            "pump", "session", "library", "infusion", "alarms", "last seen"
        );
        for row in self.rows.values().take(rows) {
            let infusion = if row.infusion.is_empty() {
                "-".to_owned()
            } else {
                format!("{} {:.1} mL/h", row.infusion, row.rate_ml_per_h)
            };
            let seen = row.seen.map_or_else(
                || "never".to_owned(),
                |at| format!("{:.0} s", (now - at).as_secs_f64()),
            );
            // Text takes all.
            let _ = writeln!(
                text,
                "{:<16} {:<8} {:>7}  {infusion:<32} {:>6}  {seen:>9}",
                row.name,
                row.session,
                row.library,
                row.alarms.len(),
            );
        }
        if self.rows.len() > rows {
            let _ = writeln!(text, "and {} more", self.rows.len() - rows);
        }
        let with = |f: fn(&&Row) -> bool| self.rows.values().filter(f).count();
        let _ = writeln!(
            text,
            "{} of {} online, {} infusing, {} with an alarm",
            with(|r| r.session != "-"),
            self.rows.len(),
            with(|r| r.rate_ml_per_h > 0.0),
            with(|r| !r.alarms.is_empty()),
        );
        for (why, count) in &self.refused {
            let _ = writeln!(text, "refused {count}: {why}");
        }
        match self.closed.len() {
            0 => {}
            1 => text.push_str("1 port cannot be listened on and is tried again\n"),
            n => {
                let _ = writeln!(text, "{n} ports cannot be listened on and are tried again");
            }
        }
        text
    }
}

impl Row {
    fn delivers(&mut self, change: DeliveryChange, drug: &str) {
        match change {
            DeliveryChange::Started { rate_ml_per_h } => {
                drug.clone_into(&mut self.infusion);
                self.rate_ml_per_h = rate_ml_per_h;
            }
            DeliveryChange::RateChanged { to, .. } => self.rate_ml_per_h = to,
            DeliveryChange::Interrupted | DeliveryChange::Stopped => self.rate_ml_per_h = 0.0,
            DeliveryChange::Resumed | DeliveryChange::Kvo | DeliveryChange::NewBag => {}
        }
    }
}

/// A record as one line of JSON: `at_ns` (simulated), `node`, `record` with its fields, and `text`.
#[must_use]
pub fn line(entry: &Entry<LabRecord>, words: &Words) -> String {
    let mut value = serde_json::to_value(&entry.what).unwrap_or_default();
    let text = entry.what.says(words, entry.node);
    if let serde_json::Value::Object(fields) = &mut value {
        fields.insert("at_ns".to_owned(), entry.time.as_nanos().into());
        fields.insert("node".to_owned(), words.node(entry.node).into());
        fields.insert("text".to_owned(), text.into());
    }
    value.to_string()
}

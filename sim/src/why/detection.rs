//! Which alerts were due to which attack: judged from outside, by the causes of the alerts.
//!
//! An alert detects a technique if its causes, the lineage of events and what records were emitted because of, lead back to a step that
//! uses it. That is carried along with events ([`Behind::nearest`]), and ends at the nearest step of an attacker: that an earlier step of the same plan had to succeed before is the
//! attacker's reason, and nothing that a sensor could notice. An alert whose causes lead to no step is a false one.

use crate::engine::{Behind, Entry, RecordId};
use crate::record::{AttackRecord, LabRecord, MonitoringRecord};
use crate::time::{Duration, Time};
use std::collections::BTreeMap;

/// The first time that a technique was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// Identifier of the technique.
    pub technique: &'static str,
    /// When the first step that uses it began.
    pub started: Time,
    /// When the first alert was raised that leads back to such a step.
    pub at: Time,
    /// Sensor that raised it.
    pub sensor: &'static str,
    /// The alert.
    pub alert: RecordId,
}

impl Detection {
    /// Time to detection.
    #[must_use]
    pub fn after(&self) -> Duration {
        self.at - self.started
    }
}

/// What became of the alerts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    /// First detection of each technique that was noticed, in order of time.
    pub detections: Vec<Detection>,
    /// Alerts whose causes lead to no attacker.
    pub false_alerts: Vec<RecordId>,
}

impl Noticed {
    /// The first detection of a technique.
    #[must_use]
    pub fn of(&self, technique: &str) -> Option<&Detection> {
        self.detections.iter().find(|d| d.technique == technique)
    }
}

/// Judges alerts while a run goes on.
#[derive(Clone, Debug, Default)]
pub struct Detector {
    /// Technique of each step, by the number of the record that says it began.
    techniques: BTreeMap<u64, &'static str>,
    /// When each technique was first used.
    first: BTreeMap<&'static str, Time>,
    noticed: Noticed,
}

impl Detector {
    /// Takes a record in, with what is behind it.
    pub fn observe(&mut self, e: &Entry<LabRecord>, behind: &Behind) {
        match &e.what {
            LabRecord::Attack(AttackRecord::StepStarted { technique, .. }) => {
                self.techniques.insert(e.id.number(), technique);
                self.first.entry(technique).or_insert(e.time);
            }
            LabRecord::Monitoring(MonitoringRecord::Alert { sensor, .. }) => {
                self.alert(e, sensor, behind)
            }
            _ => {}
        }
    }

    fn alert(&mut self, e: &Entry<LabRecord>, sensor: &'static str, behind: &Behind) {
        let steps = behind.nearest.iter().filter_map(|s| self.techniques.get(s));
        let mut due = false;
        for technique in steps {
            due = true;
            if self.noticed.of(technique).is_none() {
                self.noticed.detections.push(Detection {
                    technique,
                    started: self.first.get(technique).copied().unwrap_or(e.time),
                    at: e.time,
                    sensor,
                    alert: e.id,
                });
            }
        }
        if !due {
            self.noticed.false_alerts.push(e.id);
        }
    }

    /// What became of the alerts up to now.
    #[must_use]
    pub fn into_noticed(self) -> Noticed {
        self.noticed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EventId, NodeId};
    use crate::spec::ItemId;
    use smallvec::SmallVec;

    /// Has records judged, given as (second, nearest steps behind it, content).
    fn judged(records: Vec<(u64, &[u64], LabRecord)>) -> Noticed {
        let mut detector = Detector::default();
        for (i, (second, nearest, what)) in records.into_iter().enumerate() {
            let entry = Entry {
                id: RecordId::from_number(i as u64 + 1),
                time: Time::ZERO + Duration::from_secs(second),
                node: NodeId(0),
                event: EventId::GENESIS,
                because: SmallVec::new(),
                what,
            };
            let nearest = nearest.to_vec();
            let behind = Behind {
                nearest,
                ..Behind::NOTHING
            };
            detector.observe(&entry, &behind);
        }
        detector.into_noticed()
    }

    fn step(step: u32, technique: &'static str) -> LabRecord {
        LabRecord::Attack(AttackRecord::StepStarted { step, technique })
    }

    fn alert() -> LabRecord {
        LabRecord::Monitoring(MonitoringRecord::Alert {
            sensor: "log-review",
            item: ItemId(1),
            about: "something".to_owned(),
        })
    }

    #[test]
    fn an_alert_detects_the_steps_that_are_behind_it() {
        let noticed = judged(vec![
            (10, &[1], step(0, "scan-ports")),
            (12, &[2], step(1, "open-shell")),
            (14, &[1], alert()),
            (15, &[1, 2], alert()),
        ]);
        let found = noticed.detections.iter().map(|d| (d.technique, d.alert));
        let (third, fourth) = (RecordId::from_number(3), RecordId::from_number(4));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [("scan-ports", third), ("open-shell", fourth)]
        );
        assert_eq!(noticed.detections[0].after(), Duration::from_secs(4));
        assert!(noticed.false_alerts.is_empty());
    }

    #[test]
    fn an_alert_with_no_step_behind_it_is_a_false_one() {
        let noticed = judged(vec![(10, &[1], step(0, "scan-ports")), (14, &[], alert())]);
        assert!(noticed.detections.is_empty());
        assert_eq!(noticed.false_alerts, [RecordId::from_number(2)]);
    }
}

//! The log collector: stores what devices report, counts it by rule, and has an analyst look at what is too many.

use crate::catalog::Entry;
use crate::device::part::{Part, Sockets, role};
use crate::engine::{NodeMut, RecordId};
use crate::net::host::Io;
use crate::net::stack::SocketEvent;
use crate::record::MonitoringRecord;
use crate::spec::{ItemId, LogCollectorSpec, LogRuleSpec, RoleSpec};
use crate::time::{Duration, Time};
use crate::wire::syslog::{LogKind, PORT, Syslog};
use crate::wire::{Ip, Message};
use bevy_ecs::component::Component;

/// What is said of the sensor.
pub static SENSOR: Entry = Entry::plain(
    "log-review",
    "Review of collected logs",
    "Counts what devices report to the log collector, by kind and by whom it is about, and tells an analyst when a threshold is met \
         within a time; the alert comes after the analyst has looked. Sees only what devices report and what reaches the collector.",
);

/// Log collector, and who looks at what it shows.
pub(super) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::LogCollector(_) => Sockets::default().bind(PORT)),
    build: |site| {
        if let Some(spec) = role!(site.host, RoleSpec::LogCollector(spec) => spec) {
            site.insert(LogCollector::new(spec));
        }
        Ok(())
    },
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_timer,
    ..Part::new(super::id::LOG_COLLECTOR)
};

/// Time for which the same thing is not raised again \[A\].
const QUIET: Duration = Duration::from_mins(10);

/// A line that was kept, with the record of its arrival.
#[derive(Clone, Copy, Debug)]
struct Line {
    at: Time,
    kind: LogKind,
    about: Option<Ip>,
    record: RecordId,
}

/// What waits for an analyst.
#[derive(Clone, Debug)]
struct Finding {
    item: ItemId,
    about: String,
    because: Vec<RecordId>,
}

/// The collector.
#[derive(Component, Clone, Debug)]
pub struct LogCollector {
    rules: Vec<(ItemId, LogRuleSpec)>,
    review: Duration,
    lines: Vec<Line>,
    findings: Vec<Finding>,
    raised: Vec<(ItemId, Option<Ip>, Time)>,
}

impl LogCollector {
    /// A collector that has nothing yet.
    #[must_use]
    pub fn new(spec: &LogCollectorSpec) -> Self {
        Self {
            rules: spec.rules.iter().map(|r| (r.id, r.value.clone())).collect(),
            review: spec.review,
            lines: Vec::new(),
            findings: Vec::new(),
            raised: Vec::new(),
        }
    }

    /// Keeps a line. The findings that it completes are put aside for the analyst; their numbers.
    fn keep(&mut self, now: Time, line: Line) -> Vec<u64> {
        let longest = self.rules.iter().map(|(_, r)| r.within).max();
        let longest = longest.unwrap_or(Duration::ZERO);
        self.lines.retain(|l| now - l.at <= longest);
        self.raised.retain(|(_, _, at)| now - *at < QUIET);
        self.lines.push(line);
        let mut found = Vec::new();
        for (item, rule) in self.rules.iter().filter(|(_, r)| r.kind == line.kind) {
            let same = |l: &&Line| {
                l.kind == line.kind && l.about == line.about && now - l.at <= rule.within
            };
            let matching: Vec<RecordId> =
                self.lines.iter().filter(same).map(|l| l.record).collect();
            let known = self
                .raised
                .iter()
                .any(|(i, about, _)| i == item && *about == line.about);
            if matching.len() >= rule.count as usize && !known {
                self.raised.push((*item, line.about, now));
                let who = line
                    .about
                    .map_or_else(String::new, |ip| format!(" about {ip}"));
                self.findings.push(Finding {
                    item: *item,
                    about: format!(
                        "{} log lines on {}{who} within {}",
                        matching.len(),
                        rule.kind.words(),
                        rule.within
                    ),
                    because: matching,
                });
                found.push(self.findings.len() as u64 - 1);
            }
        }
        found
    }
}

/// A socket of the collector has something to tell.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let SocketEvent::Datagram { from, message, .. } = event else {
        return;
    };
    let (Message::Syslog(line), Some(collector)) = (&**message, node.get_mut::<LogCollector>())
    else {
        return;
    };
    let Syslog { kind, about, port } = *line;
    let record = io.cx.emit(MonitoringRecord::LogCollected {
        from: from.0,
        kind,
        about,
        port,
    });
    let now = io.cx.now();
    let line = Line {
        at: now,
        kind,
        about,
        record,
    };
    for finding in collector.keep(now, line) {
        io.timer(super::id::LOG_COLLECTOR, collector.review, finding);
    }
}

/// An analyst has looked at a finding.
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(collector) = node.get_mut::<LogCollector>() else {
        return;
    };
    if let Some(finding) = collector.findings.get(token as usize) {
        let alert = MonitoringRecord::Alert {
            sensor: SENSOR.id,
            item: finding.item,
            about: finding.about.clone(),
        };
        io.cx.emit_because(alert, &finding.because);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Item;

    fn collector() -> LogCollector {
        let rule = LogRuleSpec {
            kind: LogKind::LoginRefused,
            count: 3,
            within: Duration::from_secs(60),
        };
        LogCollector::new(&LogCollectorSpec {
            rules: vec![Item::new(ItemId(7), rule)],
            review: Duration::from_mins(2),
        })
    }

    fn keep(c: &mut LogCollector, second: u64, kind: LogKind, last: u8) -> usize {
        let at = Time::ZERO + Duration::from_secs(second);
        let line = Line {
            at,
            kind,
            about: Some(Ip::new(10, 0, 60, last)),
            record: RecordId::from_number(second),
        };
        c.keep(at, line).len()
    }

    #[test]
    fn a_rule_needs_its_count_of_one_kind_about_one_address_in_time() {
        let mut c = collector();
        assert_eq!(keep(&mut c, 1, LogKind::LoginRefused, 66), 0);
        assert_eq!(keep(&mut c, 2, LogKind::LoginRefused, 67), 0);
        assert_eq!(keep(&mut c, 3, LogKind::Denied, 66), 0);
        assert_eq!(keep(&mut c, 50, LogKind::LoginRefused, 66), 0);
        assert_eq!(
            keep(&mut c, 63, LogKind::LoginRefused, 66),
            0,
            "the first is too old"
        );
        assert_eq!(keep(&mut c, 64, LogKind::LoginRefused, 66), 1);
        assert_eq!(c.findings[0].because.len(), 3);
        assert_eq!(
            keep(&mut c, 65, LogKind::LoginRefused, 66),
            0,
            "raised once"
        );
    }
}

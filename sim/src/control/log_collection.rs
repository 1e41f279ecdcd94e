//! Logs of devices in one place, and somebody who looks at them.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, LogRuleSpec, LogToSpec, Provenance, RoleSpec};
use crate::time::Duration;
use crate::wire::syslog::LogKind;

/// Time from a match until an analyst has looked \[A\].
const REVIEW: Duration = Duration::from_mins(5);
/// Kind of line, lines that are too many about one address, and the time in which \[A\].
const RULES: &[(LogKind, u32, Duration)] = &[
    (LogKind::LoginRefused, 3, Duration::from_mins(5)),
    (LogKind::SessionRefused, 1, Duration::from_mins(10)),
    (LogKind::LibraryRefused, 1, Duration::from_mins(10)),
    (LogKind::StationRefused, 5, Duration::from_mins(5)),
    (LogKind::Denied, 20, Duration::from_mins(5)),
    (LogKind::Limited, 5, Duration::from_mins(1)),
    (LogKind::Tampered, 1, Duration::from_mins(10)),
    (LogKind::PoolEmpty, 1, Duration::from_mins(10)),
];

/// Central logging and review.
pub(super) struct LogCollection;

static ENTRY: Entry = Entry {
    id: "log-collection",
    title: "Logs collected in one place and reviewed",
    summary: "Every firewall, server, authentication server, address server and pump that is on a network sends its log lines to the lab's log collector; rules \
              there count lines of a kind about one address, and an analyst raises an alert some minutes after a rule has matched. Lines are \
              datagrams: what the network loses, or a firewall does not permit, nobody reads.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 AU-2, AU-6, AU-12", "RFC 3164"],
};

impl Mechanism for LogCollection {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "OPS-03",
            rank: Rank(Stage::Operations, 70),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let collects = |r: &RoleSpec| matches!(r, RoleSpec::LogCollector(_));
        let Some(collector) = lab.host_with(collects).map(|h| h.name.clone()) else {
            return Effect::None("the lab has no log collector");
        };
        let logs = |r: &RoleSpec| r.facts().logs;
        let hosts = lab.hosts.iter();
        let hosts = hosts.filter(|h| h.roles.iter().any(logs) && lab.segment_of(h).is_some());
        let mut devices: Vec<String> = hosts.map(|h| h.name.clone()).collect();
        devices.extend(lab.routers.iter().map(|r| r.name.clone()));
        devices.retain(|d| !lab.watch.logs.iter().any(|l| l.from == *d));
        let mut changed = !devices.is_empty();
        for from in devices {
            let what = format!("{from} log");
            let to = collector.clone();
            lab.watch.logs.push(ink.item(what, LogToSpec { from, to }));
        }
        for role in lab
            .host_mut(&collector)
            .into_iter()
            .flat_map(|h| &mut h.roles)
        {
            let RoleSpec::LogCollector(spec) = role else {
                continue;
            };
            if spec.rules.is_empty() {
                changed = true;
                spec.review = REVIEW;
                spec.rules = RULES
                    .iter()
                    .map(|&(kind, count, within)| {
                        let rule = LogRuleSpec {
                            kind,
                            count,
                            within,
                        };
                        ink.item(format!("{collector} rule on {}", kind.words()), rule)
                    })
                    .collect();
            }
        }
        Effect::if_any(changed, "every device logs already")
    }
}

//! The table of metrics: what each is called, what it means, its unit, and which way is better.

use crate::catalog::Entry;
use crate::time::Duration;
use Better::{Higher, Lower, Neither};
use Unit::{Count, Millilitres, Minutes, Seconds, Share};

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Name and meaning.
    pub entry: Entry,
    /// What its values are counted in.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
}

/// What values are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds of simulated time.
    Seconds,
    /// Minutes of simulated time.
    Minutes,
    /// Millilitres.
    Millilitres,
    /// A share of something, from 0 to 1.
    Share,
}

/// Which values are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Lower ones.
    Lower,
    /// Higher ones.
    Higher,
    /// Neither: it tells how much there was of something.
    Neither,
}

impl Better {
    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Neither => "-",
        }
    }
}

impl Unit {
    /// What a column of values is headed with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share, 0 to 1",
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Millilitres => "mL",
        }
    }

    /// A value for people: `1 h 54 min`, `24.9 %`, `12`, `3.5 mL`.
    #[must_use]
    pub fn for_people(self, value: f64) -> String {
        match self {
            Self::Seconds => seconds(value),
            Self::Minutes => seconds(value * 60.0),
            Self::Share => format!("{} %", three_digits(value * 100.0)),
            Self::Millilitres => format!("{} mL", three_digits(value)),
            Self::Count => three_digits(value),
        }
    }

    /// The same in full, for values that differ by less than people are told, and for limits that somebody has chosen.
    #[must_use]
    pub fn in_full(self, value: f64) -> String {
        let exact = |scale: f64| {
            let said = self.for_people(value);
            let number = said.split(' ').next().and_then(|n| n.parse::<f64>().ok());
            (number == Some(value * scale)).then_some(said)
        };
        let said = match self {
            Self::Seconds => Some(Duration::from_secs_f64(value).in_full_for_people()),
            Self::Minutes => Some(Duration::from_secs_f64(value * 60.0).in_full_for_people()),
            Self::Share => exact(100.0),
            Self::Count | Self::Millilitres => exact(1.0),
        };
        said.unwrap_or_else(|| match self {
            Self::Millilitres => format!("{value} mL"),
            _ => value.to_string(),
        })
    }
}

fn seconds(value: f64) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!(
        "{sign}{}",
        Duration::from_secs_f64(value.abs()).for_people()
    )
}

/// A number with three digits that count; whole numbers as they are.
pub(in crate::safety) fn three_digits(value: f64) -> String {
    if !value.is_finite() || libm::trunc(value) == value || value.abs() >= 100.0 {
        return format!("{value:.0}");
    }
    // As many decimals as make three digits: one behind `24`, five behind `0.00`.
    let before = libm::floor(libm::log10(value.abs())) as i32 + 1;
    let decimals = usize::try_from(3 - before).unwrap_or(0).min(6);
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The metric of this identifier.
#[must_use]
pub fn metric(id: &str) -> Option<&'static Metric> {
    TABLE.iter().find(|m| m.entry.id == id)
}

const fn row(
    id: &'static str,
    unit: Unit,
    better: Better,
    title: &'static str,
    summary: &'static str,
) -> Metric {
    Metric {
        entry: Entry {
            id,
            title,
            summary,
            parameters: &[],
            relations: &[],
            references: &[],
        },
        unit,
        better,
    }
}

/// All metrics, by identifier.
pub static METRICS: &[Entry] = &{
    let mut entries = [ROWS[0].entry; ROWS.len()];
    let mut i = 0;
    while i < ROWS.len() {
        entries[i] = ROWS[i].entry;
        i += 1;
    }
    entries
};

/// All metrics with their units.
pub static TABLE: &[Metric] = &ROWS;

const ROWS: [Metric; 46] = [
    row(
        "alarm-delivery-p99",
        Seconds,
        Lower,
        "99th percentile of alarm display",
        "From the beginning of an alarm to its display at the nurses' station, over all alarms. An alarm that was not displayed counts with the time that it has waited: until a nurse answered it at the pump, or to the end of the run.",
    ),
    row(
        "alarm-latency-median",
        Seconds,
        Lower,
        "Median time to a nurse's answer",
        "From the beginning of an alarm to a nurse's hand at the pump, over all alarms. An alarm that still waits at the end counts with the time that it has waited.",
    ),
    row(
        "alarm-latency-p99",
        Seconds,
        Lower,
        "99th percentile of the time to a nurse's answer",
        "From the beginning of an alarm to a nurse's hand at the pump: 99 of 100 alarms are answered sooner. An alarm that still waits at the end counts with the time that it has waited.",
    ),
    row(
        "alarms-unanswered",
        Count,
        Lower,
        "Alarms unanswered",
        "Alarms that wait for a nurse: how many at the end of the run, and at any time in it.",
    ),
    row(
        "alarms-undelivered",
        Count,
        Lower,
        "Alarms not taken by a server in time",
        "Alarms that no server confirmed within 10 s.",
    ),
    row(
        "alarms-raised",
        Count,
        Neither,
        "Alarms raised",
        "Alarms that pumps raised.",
    ),
    row(
        "alerts",
        Count,
        Neither,
        "Alerts",
        "Alerts that sensors and people raised.",
    ),
    row(
        "alerts-false",
        Count,
        Lower,
        "False alerts",
        "Alerts whose causes lead to no attacker. Has a value in runs that keep a trace only.",
    ),
    row(
        "events",
        Count,
        Neither,
        "Events",
        "Events that the simulation dispatched.",
    ),
    row(
        "changes-made",
        Count,
        Neither,
        "Changes in force",
        "Changes of the lowest version of TLS that came into force for all pumps of a server.",
    ),
    row(
        "changes-taken-back",
        Count,
        Neither,
        "Changes taken back",
        "Changes that a server tried on a canary group and took back.",
    ),
    row(
        "files-encrypted",
        Count,
        Lower,
        "Files encrypted",
        "Files that were encrypted with a key that their host does not have.",
    ),
    row(
        "hosts-encrypted",
        Count,
        Lower,
        "Hosts with encrypted files",
        "Hosts of which at least one file was encrypted with a key that they do not have.",
    ),
    row(
        "hosts-held",
        Count,
        Lower,
        "Hosts held by programs",
        "Hosts on which a program of an attacker began to run.",
    ),
    row(
        "hosts-held-business",
        Count,
        Lower,
        "Hosts held in business",
        "Hosts of the zone `business` on which a program of an attacker began to run.",
    ),
    row(
        "hosts-held-clinical",
        Count,
        Lower,
        "Hosts held in clinical services",
        "Hosts of the zone `clinical` on which a program of an attacker began to run.",
    ),
    row(
        "hosts-held-meddev",
        Count,
        Lower,
        "Devices held",
        "Hosts of the zone `meddev` on which a program of an attacker began to run.",
    ),
    row(
        "infusions-standing",
        Count,
        Lower,
        "Infusions standing still",
        "Infusions that are to run and stand still: how many at the end of the run, and at any time in it.",
    ),
    row(
        "joins",
        Count,
        Neither,
        "Joins",
        "Times that a station joined a wireless network.",
    ),
    row(
        "join-failures",
        Count,
        Lower,
        "Failed joins",
        "Attempts to join a wireless network that failed.",
    ),
    row(
        "join-time-median",
        Seconds,
        Lower,
        "Median time to join",
        "As `join-time-p99`.",
    ),
    row(
        "join-time-p99",
        Seconds,
        Lower,
        "99th percentile of the time to join",
        "From the start of an attempt to the installed key, over attempts that succeeded. A station that never joined is not in it: `join-failures` and `pumps-offline` count it.",
    ),
    row(
        "libraries-activated",
        Count,
        Neither,
        "Libraries activated",
        "Libraries that became active in pumps.",
    ),
    row(
        "library-currency",
        Share,
        Higher,
        "Share of pumps with the newest library",
        "Share of pumps, 0 to 1, whose active library is the newest that their server has published: at the end of the run, and at any time in it.",
    ),
    row(
        "library-latency-p99",
        Seconds,
        Lower,
        "99th percentile of the time to a new library",
        "From the publication of a library to its storage in a pump that was behind, waiting for activation. A pump that lacks it at the end counts with the time that it has waited.",
    ),
    row(
        "library-time-80",
        Seconds,
        Lower,
        "Time to a new library in four of five pumps",
        "From the last publication to the moment when the newest library is active in 80 % of the pumps. Without a value if that was not reached.",
    ),
    row(
        "libraries-released",
        Count,
        Neither,
        "Libraries released",
        "Releases of drug libraries that the pharmacy's people brought to their end.",
    ),
    row(
        "log-duplicates",
        Count,
        Lower,
        "Duplicate log entries",
        "Log entries that a server stored more than once.",
    ),
    row(
        "log-entries-lost",
        Count,
        Lower,
        "Lost log entries",
        "Gaps in the numbers of the log entries that servers stored.",
    ),
    row(
        "orders-altered",
        Count,
        Lower,
        "Orders altered",
        "Orders that reached a pump and differ from what the health record sent for it at that number, or that it never sent.",
    ),
    row(
        "overdose-ml",
        Millilitres,
        Lower,
        "Volume beyond prescription",
        "Volume that pumps ran above the prescribed rate, or of a drug that was not prescribed, over all pumps; as the pump counts, without its flow error, until the end of the run.",
    ),
    row(
        "packets-dropped",
        Count,
        Neither,
        "Packets dropped",
        "Frames and packets that went no further.",
    ),
    row(
        "pump-availability",
        Share,
        Higher,
        "Share of pump-time with power",
        "Share of pump-time, 0 to 1, in which a pump was not switched off, over the whole run. The seconds before pumps are first switched on count as powered.",
    ),
    row(
        "pumps-offline",
        Count,
        Lower,
        "Pumps offline",
        "Pumps without a session with their server: how many at the end of the run, and at any time in it. A pump that has not had one yet counts from 2 min after it was switched on.",
    ),
    row(
        "pumps-offline-max",
        Count,
        Lower,
        "Pumps offline, at most",
        "Greatest number of pumps without a session at one time, counted as `pumps-offline` is.",
    ),
    row(
        "records-exposed",
        Count,
        Lower,
        "Patient records exposed",
        "Readable patient records that came to hosts whose business they are not.",
    ),
    row(
        "programs-blocked",
        Count,
        Neither,
        "Programs blocked",
        "Times that a program was kept from running.",
    ),
    row(
        "server-minutes-lost",
        Minutes,
        Lower,
        "Server time lost",
        "Minutes that servers could not serve for want of a file, summed over servers, outages open at the end included.",
    ),
    row(
        "session-availability",
        Share,
        Higher,
        "Share of pump-time with a session",
        "Share of pump-time, 0 to 1, with a session with the pump's own server, over the whole run, the start of the pumps included.",
    ),
    row(
        "sessions",
        Count,
        Neither,
        "Server sessions",
        "Sessions that pumps opened with what they took for their servers.",
    ),
    row(
        "status-messages",
        Count,
        Neither,
        "Status messages stored",
        "Status messages that servers stored.",
    ),
    row(
        "zones-held",
        Count,
        Lower,
        "Zones held",
        "Zones with at least one host on which a program of an attacker began to run.",
    ),
    row(
        "therapy-gap-max",
        Seconds,
        Lower,
        "Longest gap in therapy",
        "Longest time that a programmed infusion stood still, gaps open at the end included.",
    ),
    row(
        "therapy-minutes-lost",
        Minutes,
        Lower,
        "Therapy lost",
        "Minutes that infusions stood still though they were to run, over all pumps; pumps that lost power included; until the end of the run.",
    ),
    row(
        "vendor-sessions-recorded",
        Count,
        Neither,
        "Vendor sessions recorded",
        "Sessions of makers' support that a broker carried on and recorded.",
    ),
    row(
        "vendor-visits",
        Count,
        Neither,
        "Support visits",
        "Visits that makers' engineers brought to their end.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_with_their_unit() {
        for (unit, value, said) in [
            (Unit::Seconds, 6_816.201_316_255, "1 h 54 min"),
            (Unit::Seconds, 0.045_991_666, "46 ms"),
            (Unit::Minutes, 52.0, "52 min"),
            (Unit::Share, 0.248_738_042_222, "24.9 %"),
            (Unit::Share, 1.0, "100 %"),
            (Unit::Share, 0.999_96, "100 %"),
            (Unit::Millilitres, 0.004_217, "0.00422 mL"),
            (Unit::Millilitres, 1_234.7, "1235 mL"),
            (Unit::Count, 12.0, "12"),
            (Unit::Count, 0.0, "0"),
            (Unit::Count, f64::NAN, "NaN"),
        ] {
            assert_eq!(unit.for_people(value), said, "{value}");
        }
        for (unit, value, said) in [
            (Unit::Seconds, 30.0, "30 s"),
            (Unit::Seconds, 30.000_4, "30.000400s"),
            (Unit::Minutes, 90.0, "1 h 30 min"),
            (Unit::Share, 0.9, "90 %"),
            (Unit::Share, 0.999_96, "0.99996"),
            (Unit::Millilitres, 0.0, "0 mL"),
            (Unit::Millilitres, 1.234_5, "1.2345 mL"),
            (Unit::Count, 0.0, "0"),
        ] {
            assert_eq!(unit.in_full(value), said, "{value}");
        }
    }

    #[test]
    fn a_title_has_no_unit_in_it_and_every_identifier_is_one() {
        for m in TABLE {
            let title = m.entry.title;
            assert!(!title.contains('('), "{title}");
            let same = TABLE.iter().filter(|o| o.entry.id == m.entry.id);
            assert_eq!(same.count(), 1, "{}", m.entry.id);
        }
    }
}

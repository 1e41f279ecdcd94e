//! Units in messages: those of the thing that is expected.

use crate::diagnostic::Code;
use crate::value::Fault;
use pumplab_sim::catalog::Entry;
use pumplab_sim::safety::{self, Unit};
use pumplab_sim::time::{Duration, ParseDurationError};

/// The unit of a number, by the ending of its key.
pub(crate) fn of_key(key: &str) -> Option<&'static str> {
    const ENDINGS: &[(&str, &str)] = &[
        ("_ml_per_h", "mL/h"),
        ("_ml", "mL"),
        ("_dbm", "dBm"),
        ("_db", "dB"),
        ("_mbps", "Mb/s"),
        ("_mib", "MiB"),
        ("_us", "microseconds"),
        ("_bytes", "bytes"),
        ("_hours", "hours"),
        ("_per_second", "per second"),
        ("_rooms", "rooms"),
    ];
    const KEYS: &[(&str, &str)] = &[
        ("days", "days"),
        ("bytes", "bytes"),
        ("per_second", "per second"),
        ("at", "m"),
        ("to", "m"),
        ("radio", "m"),
    ];
    let ending = ENDINGS.iter().find(|(end, _)| key.ends_with(end));
    let whole = || KEYS.iter().find(|(whole, _)| key == *whole);
    ending.or_else(whole).map(|(_, unit)| *unit)
}

/// What a metric is measured in.
fn unit_of(metric: &Entry) -> Unit {
    safety::metric(metric.id).map_or(Unit::Count, |m| m.unit)
}

/// The unit of a metric's bound as one writes it behind a number; none for counts, times and shares.
const fn written(unit: Unit) -> &'static str {
    match unit {
        Unit::Minutes => "minutes",
        Unit::Millilitres => "mL",
        Unit::Seconds | Unit::Share | Unit::Count => "",
    }
}

/// What a bound of a metric takes, with an example.
fn takes(unit: Unit) -> String {
    match unit {
        Unit::Seconds => "a time such as \"10s\", or a number of seconds".to_owned(),
        Unit::Share => "a share from 0 to 1, such as 0.95".to_owned(),
        Unit::Minutes | Unit::Millilitres => {
            format!("a number of {} without quotes", written(unit))
        }
        Unit::Count => "a number without quotes: it counts".to_owned(),
    }
}

/// What is wrong with a text as a bound of a metric; none where it is a time and the metric is one, or where it is not known which metric it bounds.
pub(crate) fn bound(text: &str, key: &str, metric: Option<&Entry>) -> Option<Fault> {
    let time: Result<Duration, _> = text.parse();
    let Some(metric) = metric else {
        // That there is no such metric is told at its name.
        return None;
    };
    let unit = unit_of(metric);
    if unit == Unit::Seconds && time.is_ok() {
        return None;
    }
    let number = text.trim_start();
    let end = number
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(number.len());
    let (number, rest) = number.split_at(end);
    let hint = match unit {
        _ if number.is_empty() => None,
        Unit::Seconds if rest.trim().is_empty() => Some(format!("write `{key} = \"{number}s\"`")),
        Unit::Seconds => None,
        Unit::Share if rest.trim() == "%" => number
            .parse::<f64>()
            .ok()
            .map(|percent| format!("write `{key} = {}`", percent / 100.0)),
        Unit::Minutes | Unit::Millilitres if !["", written(unit)].contains(&rest.trim()) => None,
        Unit::Count if !rest.trim().is_empty() => None,
        _ => Some(format!("write `{key} = {number}`")),
    };
    Some(Fault {
        code: Code::BoundUnit,
        message: format!("`{key}` of `{}` takes {}", metric.id, takes(unit)),
        label: "not a value of this metric".to_owned(),
        hint,
    })
}

/// What is wrong with a number as a bound of a metric.
pub(crate) fn bound_number(value: f64, key: &str, metric: Option<&Entry>) -> Option<Fault> {
    let metric = metric.filter(|m| unit_of(m) == Unit::Share)?;
    if (0.0..=1.0).contains(&value) {
        return None;
    }
    let hint =
        (value > 1.0 && value <= 100.0).then(|| format!("write `{key} = {}`", value / 100.0));
    Some(Fault {
        code: Code::BoundUnit,
        message: format!(
            "`{key}` of `{}` takes a share from 0 to 1, such as 0.95",
            metric.id
        ),
        label: "out of range".to_owned(),
        hint,
    })
}

/// What is wrong with a text as a time.
pub(crate) fn time(text: &str, key: &str, wrong: &ParseDurationError) -> Fault {
    let text = text.trim();
    let mut hint = None;
    let message = match wrong {
        ParseDurationError::Empty => {
            format!("`{key}` is empty: a time has a number and a unit, such as \"600s\" or \"10m\"")
        }
        _ if text.starts_with('-') => format!("`{key}` is a time and cannot be below zero"),
        ParseDurationError::Unit { .. } if text.contains(':') => {
            hint = clock(text).map(|t| format!("write `{key} = \"{t}\"`"));
            format!(
                "`{key}` is a time with units, such as \"600s\" or \"10m\", not the time of a clock"
            )
        }
        ParseDurationError::Unit { .. } if text.contains(',') => {
            hint = Some(format!("write `{key} = \"{}\"`", text.replace(',', ".")));
            format!("`{key}` is a time: its decimals come after a point")
        }
        ParseDurationError::Unit { unit } if unit.is_empty() => {
            if text.chars().all(|c| c.is_ascii_digit() || c == '.') {
                hint = Some(format!(
                    "`\"{text}s\"` is {text} seconds, `\"{text}m\"` is {text} minutes"
                ));
            }
            format!("`{key}` is a time and needs a unit, such as \"600s\" or \"10m\"")
        }
        ParseDurationError::Unit { unit } => {
            hint = meant(unit).map(|short| {
                let number = text.split(unit.as_str()).next().unwrap_or_default().trim();
                format!("write `{key} = \"{number}{short}\"`")
            });
            format!(
                "`{key}` is a time, and `{unit}` is not a unit of time: use d, h, m, s, ms, us or ns"
            )
        }
        other => format!("`{key}` is not a time: {other}"),
    };
    Fault {
        code: Code::Duration,
        message,
        label: "not a time".to_owned(),
        hint,
    }
}

/// The unit of time that a word stands for.
fn meant(unit: &str) -> Option<&'static str> {
    let unit = unit.to_lowercase();
    let one = unit
        .strip_suffix('s')
        .filter(|u| u.len() > 1)
        .unwrap_or(&unit);
    Some(match one {
        "d" | "day" | "tag" => "d",
        "h" | "hr" | "hour" => "h",
        "m" | "min" | "minute" => "m",
        "s" | "sec" | "second" => "s",
        "milli" | "msec" | "millisecond" => "ms",
        _ => return None,
    })
}

/// The time of a clock such as `01:30:00` as a duration.
fn clock(text: &str) -> Option<String> {
    let parts: Option<Vec<u64>> = text.split(':').map(|p| p.parse().ok()).collect();
    let parts = parts?;
    let (hours, minutes, seconds) = match parts[..] {
        [h, m] => (h, m, 0),
        [h, m, s] => (h, m, s),
        _ => return None,
    };
    let total = hours
        .checked_mul(3600)?
        .checked_add(minutes.checked_mul(60)?)?;
    let total = total.checked_add(seconds).filter(|t| *t < 1 << 32)?;
    Some(Duration::from_secs(total).to_string().replace(' ', ""))
}

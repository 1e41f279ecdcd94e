//! Single values: which TOML type a kind takes, and what it means.

use crate::diagnostic::Code;
use crate::shape::Kind;
use crate::suggest;
use crate::table::Value;
use crate::unit;
use pumplab_sim::catalog::ParameterKind;
use pumplab_sim::parameters::{
    FLOOR_M, LONGEST, LONGEST_DAYS, SHORTEST_INTERVAL, SUBNET, factor, fits as fits_kind,
};
use pumplab_sim::spec::Position;
use pumplab_sim::time::Duration;
use pumplab_sim::wire::Cidr;
use std::fmt::Display;
use toml::de::{DeFloat, DeInteger, DeValue};

/// Why a value of the right type is still wrong.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
}

/// What a kind takes, for messages.
pub(crate) fn wanted(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Name(_) => "a name in quotes",
        Kind::Word(_) => "a word in quotes",
        Kind::Integer(..) => "a whole number without quotes",
        Kind::Number(..) => "a number without quotes",
        Kind::Bound(_) => "a number, or a time in quotes such as \"10s\" where the metric is one",
        Kind::Bool | Kind::True => "true or false",
        Kind::Duration | Kind::Interval => {
            "a time in quotes with its unit, such as \"600s\" or \"10m\""
        }
        Kind::Factor(..) => "a factor in quotes, such as \"x10\"",
        Kind::Written(kind) => written_as(*kind),
        Kind::Position => "a position in metres, such as [12.0, 4.5]",
        Kind::Cidr => "a prefix in quotes, such as \"10.0.20.0/24\"",
        Kind::Calendar => "a date and time without quotes, such as 2026-03-02T08:00:00Z",
        Kind::List(_) | Kind::Listed(_) => "a list",
        Kind::Table(_) | Kind::With(_) | Kind::Parameters(_) | Kind::Notes(_) => "a table",
        Kind::Either(_) => "one of several kinds of value",
    }
}

/// How text is written that the simulator reads.
const fn written_as(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Account => "an account, such as \"root:password\"",
        ParameterKind::Address => "an address in quotes, such as \"10.0.10.13\"",
        ParameterKind::Addresses => "addresses in quotes, such as \"10.0.40.201 10.0.40.202\"",
        ParameterKind::Prefix => "a subnet of length 16 to 32 in quotes, such as \"10.0.40.0/24\"",
        ParameterKind::Prefixes => {
            "subnets of length 16 to 32 in quotes, such as \"10.0.20.0/24, 10.0.30.0/24\""
        }
        ParameterKind::Ports => "ports from 1 to 65535 in quotes, such as \"21,23,80\"",
        _ => "text",
    }
}

/// What the type of a value is called, for messages.
pub(crate) fn called(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with decimals",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Numbers that bound a metric.
pub(crate) const BOUND: Kind = Kind::Number(-1e12, 1e12);

/// How a value of another type would be written for this key, where that is plain.
pub(crate) fn written(kind: &Kind, value: &DeValue<'_>, key: &str) -> Option<String> {
    let number = |v: &DeValue<'_>| match v {
        DeValue::Integer(i) => Some(i.as_str().to_owned()),
        DeValue::Float(f) => Some(f.as_str().to_owned()),
        _ => None,
    };
    match (kind, value) {
        (Kind::Duration | Kind::Interval, v) => {
            let n = number(v)?;
            Some(format!(
                "`\"{n}s\"` is {n} seconds, `\"{n}m\"` is {n} minutes"
            ))
        }
        (Kind::Factor(..), v) => Some(format!("write `{key} = \"x{}\"`", number(v)?)),
        (Kind::Integer(..) | Kind::Number(..) | Kind::Bool | Kind::True, DeValue::String(text)) => {
            let text = text.trim();
            let of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-');
            let end = text.find(|c| !of_number(c)).unwrap_or(text.len());
            let plain = match kind {
                Kind::Bool | Kind::True => ["true", "false"].contains(&text).then_some(text),
                _ => Some(&text[..end]).filter(|n| n.parse::<f64>().is_ok()),
            };
            // A share given in per cent would be another number.
            let plain = plain.filter(|_| !text.contains('%'))?;
            Some(format!("write `{key} = {plain}`"))
        }
        (
            Kind::List(Kind::Table(_) | Kind::Parameters(_))
            | Kind::Listed(ParameterKind::Table(_)),
            DeValue::Table(_),
        ) => Some(format!("write `[[{key}]]`: there may be several")),
        (Kind::List(_) | Kind::Listed(_), DeValue::String(text)) => {
            Some(format!("write `{key} = [\"{text}\"]`"))
        }
        (Kind::Table(shape), _) if !shape.one_of.is_empty() => {
            let keys: Vec<String> = shape.one_of.iter().map(|k| format!("`{k}`")).collect();
            Some(format!(
                "write `{key} = {{ … }}` with one of {}",
                keys.join(", ")
            ))
        }
        (Kind::Table(shape), _) => {
            let needed = shape.fields.iter().filter(|f| f.required);
            let keys: Vec<String> = needed.map(|f| format!("`{}`", f.key)).collect();
            (!keys.is_empty()).then(|| format!("write `{key} = {{ … }}` with {}", keys.join(", ")))
        }
        (Kind::Parameters(table), _) => {
            let needed = table.parameters.iter().filter(|p| p.required);
            let keys: Vec<String> = needed.map(|p| format!("`{}`", p.name)).collect();
            (!keys.is_empty()).then(|| format!("write `{key} = {{ … }}` with {}", keys.join(", ")))
        }
        _ => None,
    }
}

/// The unit of a key's number, with a space before it; nothing where it has none.
pub(crate) fn in_unit(key: &str) -> String {
    unit::of_key(key).map_or_else(String::new, |unit| format!(" {unit}"))
}

/// Whether a value is of the TOML type that a kind takes.
pub(crate) fn fits(kind: &Kind, value: &DeValue<'_>) -> bool {
    match kind {
        Kind::Text
        | Kind::Name(_)
        | Kind::Word(_)
        | Kind::Duration
        | Kind::Interval
        | Kind::Factor(..)
        | Kind::Written(_)
        | Kind::Cidr => value.is_str(),
        Kind::Integer(..) => value.is_integer(),
        Kind::Number(..) => value.is_integer() || value.is_float(),
        Kind::Bool | Kind::True => value.is_bool(),
        Kind::Position | Kind::List(_) | Kind::Listed(_) => value.is_array(),
        Kind::Calendar => value.is_datetime(),
        Kind::Table(_) | Kind::With(_) | Kind::Parameters(_) | Kind::Notes(_) => value.is_table(),
        Kind::Bound(_) => value.is_str() || value.is_integer() || value.is_float(),
        Kind::Either(kinds) => kinds.iter().any(|k| fits(k, value)),
    }
}

/// What a single value means.
pub(crate) fn read(kind: &Kind, value: &DeValue<'_>, key: &str) -> Result<Value, Fault> {
    match (kind, value) {
        (Kind::Integer(min, max), DeValue::Integer(v)) => integer(v, *min, *max, key),
        (Kind::Number(min, max), v) => number(v, *min, *max, key),
        (Kind::Bool, DeValue::Boolean(v)) => Ok(Value::Bool(*v)),
        (Kind::True, DeValue::Boolean(true)) => Ok(Value::Bool(true)),
        (Kind::True, _) => Err(fault(
            Code::Range,
            format!("`{key}` can only be true"),
            "leave the key out instead",
        )),
        (Kind::Position, DeValue::Array(items)) => position(items, key),
        (Kind::Calendar, DeValue::Datetime(v)) => {
            calendar(v).map(Value::Calendar).ok_or_else(|| {
                fault(
                    Code::Range,
                    format!("`{key}` needs a date from 1970 on, a time and an offset"),
                    "such as 2026-03-02T08:00:00Z",
                )
            })
        }
        (kind, DeValue::String(text)) => from_text(kind, text, key),
        _ => Err(fault(
            Code::WrongType,
            format!("`{key}` takes {}", wanted(kind)),
            "of another type",
        )),
    }
}

fn from_text(kind: &Kind, text: &str, key: &str) -> Result<Value, Fault> {
    match kind {
        Kind::Text | Kind::Name(_) if text.trim().is_empty() => {
            Err(fault(Code::Range, format!("`{key}` is empty"), "no text"))
        }
        Kind::Word(words) if !words.contains(&text) => Err(Fault {
            hint: suggest::hint(text, words),
            ..fault(
                Code::Word,
                format!("`{key}` does not take the word `{text}`"),
                "unknown word",
            )
        }),
        Kind::Text | Kind::Name(_) | Kind::Word(_) => Ok(Value::Text(text.to_owned())),
        Kind::Duration => duration(text, Duration::ZERO, key),
        Kind::Interval => duration(text, SHORTEST_INTERVAL, key),
        Kind::Factor(min, max) => match factor(text) {
            Some(n) if (*min..=*max).contains(&n) => Ok(Value::Text(text.to_owned())),
            Some(_) => Err(fault(
                Code::Range,
                format!("`{key}` must lie between x{min} and x{max}"),
                "out of range",
            )),
            None => Err(fault(
                Code::Factor,
                format!("`{key}` is not a factor: write for example `x10` or `x0.5`"),
                "not a factor",
            )),
        },
        Kind::Written(kind) if !fits_kind(text, *kind) => Err(fault(
            Code::Written,
            format!("`{key}` takes {}", written_as(*kind)),
            "written otherwise",
        )),
        Kind::Written(_) => Ok(Value::Text(text.to_owned())),
        Kind::Cidr => prefix(text, key),
        _ => Err(fault(
            Code::WrongType,
            format!("`{key}` takes {}", wanted(kind)),
            "this is text",
        )),
    }
}

fn fault(code: Code, message: String, label: &str) -> Fault {
    Fault {
        code,
        message,
        label: label.to_owned(),
        hint: None,
    }
}

fn address(key: &str, error: &dyn std::fmt::Display) -> Fault {
    fault(
        Code::Address,
        format!("`{key}` is not an address: {error}"),
        "not an address",
    )
}

fn duration(text: &str, least: Duration, key: &str) -> Result<Value, Fault> {
    let span: Duration = text.parse().map_err(|e| unit::time(text, key, &e))?;
    if (least..=LONGEST).contains(&span) {
        Ok(Value::Duration(span))
    } else {
        Err(fault(
            Code::Range,
            match least {
                Duration::ZERO => format!("`{key}` is a time of at most {LONGEST_DAYS}d"),
                _ => format!("`{key}` is a time from {least} to {LONGEST_DAYS}d"),
            },
            "out of range",
        ))
    }
}

fn prefix(text: &str, key: &str) -> Result<Value, Fault> {
    let prefix: Cidr = text.parse().map_err(|e| address(key, &e))?;
    if SUBNET.contains(&prefix.len) {
        Ok(Value::Cidr(prefix))
    } else {
        Err(fault(
            Code::Range,
            format!(
                "the prefix of `{key}` must have a length from {} to {}",
                SUBNET.start(),
                SUBNET.end()
            ),
            "out of range",
        ))
    }
}

/// A number out of its range, in the unit of its key.
fn outside(key: &str, (min, max): (f64, f64), written: (&dyn Display, &dyn Display)) -> Fault {
    let message = if min < -1e15 && max > 1e15 {
        format!("`{key}` is further from zero than any number that is worked with")
    } else {
        format!(
            "`{key}` must lie between {} and {}{}",
            written.0,
            written.1,
            in_unit(key)
        )
    };
    fault(Code::Range, message, "out of range")
}

fn integer(v: &DeInteger<'_>, min: i64, max: i64, key: &str) -> Result<Value, Fault> {
    match i64::from_str_radix(v.as_str(), v.radix()) {
        Ok(n) if (min..=max).contains(&n) => Ok(Value::Integer(n)),
        _ => Err(outside(key, (min as f64, max as f64), (&min, &max))),
    }
}

fn number(v: &DeValue<'_>, min: f64, max: f64, key: &str) -> Result<Value, Fault> {
    let parsed = match v {
        DeValue::Integer(i) => whole(i),
        DeValue::Float(f) => real(f),
        _ => None,
    };
    match parsed {
        Some(n) if (min..=max).contains(&n) => Ok(Value::Number(n)),
        _ => Err(outside(key, (min, max), (&min, &max))),
    }
}

fn whole(v: &DeInteger<'_>) -> Option<f64> {
    i64::from_str_radix(v.as_str(), v.radix())
        .ok()
        .map(|n| n as f64)
}

fn real(v: &DeFloat<'_>) -> Option<f64> {
    v.as_str().parse().ok().filter(|n: &f64| n.is_finite())
}

fn position(items: &[toml::Spanned<DeValue<'_>>], key: &str) -> Result<Value, Fault> {
    let wrong = || {
        fault(
            Code::WrongType,
            format!("`{key}` takes a position in metres, such as [12.0, 4.5]"),
            "not two numbers",
        )
    };
    let [x, y] = items else {
        return Err(wrong());
    };
    let one = |v: &DeValue<'_>| match v {
        DeValue::Integer(_) | DeValue::Float(_) => number(v, -FLOOR_M, FLOOR_M, key),
        _ => Err(wrong()),
    };
    match (one(x.get_ref())?, one(y.get_ref())?) {
        (Value::Number(x), Value::Number(y)) => Ok(Value::Position(Position { x, y })),
        _ => Err(wrong()),
    }
}

/// Unix time of a date and time with an offset.
fn calendar(v: &toml::value::Datetime) -> Option<u64> {
    let (date, time) = (v.date?, v.time?);
    let offset = match v.offset? {
        toml::value::Offset::Z => 0,
        toml::value::Offset::Custom { minutes } => i64::from(minutes),
    };
    let (year, month, day) = (
        i64::from(date.year),
        i64::from(date.month),
        i64::from(date.day),
    );
    // Days since 1970-01-01 in the proleptic Gregorian calendar, years beginning in March.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = i64::from(time.hour) * 3600
        + i64::from(time.minute) * 60
        + i64::from(time.second.unwrap_or(0));
    u64::try_from(days * 86_400 + seconds - offset * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_unix_time() {
        let at = |text: &str| calendar(&text.parse().expect("a date"));
        assert_eq!(at("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(at("2026-03-02T08:00:00Z"), Some(1_772_438_400));
        assert_eq!(at("2026-03-02T09:00:00+01:00"), Some(1_772_438_400));
        assert_eq!(at("2026-03-02"), None);
    }

    #[test]
    fn factors_are_positive() {
        assert_eq!(factor("x10"), Some(10.0));
        assert_eq!(factor("x0.5"), Some(0.5));
        for wrong in ["10", "x", "x0", "x-1", "xinf", "xnan", "x+3"] {
            assert_eq!(factor(wrong), None, "{wrong}");
        }
    }
}

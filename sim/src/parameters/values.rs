//! The types of value that parameters have.

use super::{LONGEST, ParameterType, Problem, SHORTEST_INTERVAL, text};
use crate::catalog::{ParamValue, ParameterKind, Vocabulary, Words};
use crate::time::Duration;
use crate::wire::dot11::Akm;
use crate::wire::portal::StaffRole;
use crate::wire::tls::TlsVersion;
use crate::wire::tls_cost::KeyType;
use crate::wire::{Cidr, Ip};
use std::ops::{Deref, RangeInclusive};

/// Lengths of the prefixes that the subnets of a lab have.
pub const SUBNET: RangeInclusive<u8> = 8..=30;

/// Metres of the floor plan: a hospital is smaller than this.
pub const FLOOR_M: f64 = 10_000.0;

fn named(value: &ParamValue, kind: &ParameterKind) -> Result<String, Problem> {
    let text = text(value)?;
    if text.trim().is_empty() {
        return Err(Problem::value(kind, ""));
    }
    Ok(text.to_owned())
}

macro_rules! names {
    ($( $(#[$doc:meta])* $name:ident; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl ParameterType for $name {
            const KIND: ParameterKind = ParameterKind::Name(Vocabulary::$name);

            fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
                named(value, kind).map(Self)
            }

            fn write(&self) -> Option<ParamValue> {
                Some(ParamValue::Text(self.0.clone()))
            }
        }
    )* };
}

names! {
    /// Name of a host of the lab.
    Host;
    /// Name of a pump of the lab.
    Pump;
    /// Name of a wireless network.
    Network;
    /// Name of a drug.
    Drug;
    /// Name of a care area.
    CareArea;
    /// Name of one of the attacker's programs.
    Program;
    /// Name of a vulnerability.
    Vulnerability;
}

impl ParameterType for String {
    const KIND: ParameterKind = ParameterKind::Text;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        named(value, kind)
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.clone()))
    }
}

/// An account, written `user:password`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
}

impl ParameterType for Account {
    const KIND: ParameterKind = ParameterKind::Account;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let text = text(value)?;
        match text.split_once(':') {
            Some((user, password)) if !user.is_empty() => Ok(Self {
                user: user.to_owned(),
                password: password.to_owned(),
            }),
            _ => Err(Problem::value(kind, text)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        let text = format!("{}:{}", self.user, self.password);
        Some(ParamValue::Text(text))
    }
}

/// Items of a text with blanks or commas between them; none where one of them is wrong, or there is none.
fn items<T>(text: &str, one: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let parts = text.split([',', ' ']).filter(|p| !p.is_empty());
    let all: Option<Vec<T>> = parts.map(one).collect();
    all.filter(|all| !all.is_empty())
}

/// A port by its text, as it may stand in a list.
fn port_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|p| *p != 0)
}

/// A subnet that is small enough to be gone through.
fn prefix_of(text: &str) -> Option<Cidr> {
    let prefix: Cidr = text.parse().ok()?;
    (16..=32).contains(&prefix.len).then_some(prefix)
}

macro_rules! lists {
    ($( $(#[$doc:meta])* $name:ident: $item:ty = $one:expr; )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub Vec<$item>);

        impl Deref for $name {
            type Target = [$item];
            fn deref(&self) -> &[$item] {
                &self.0
            }
        }

        impl ParameterType for $name {
            const KIND: ParameterKind = ParameterKind::$name;

            fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
                let text = text(value)?;
                let all = items(text, $one);
                all.map(Self).ok_or_else(|| Problem::value(kind, text))
            }

            fn write(&self) -> Option<ParamValue> {
                let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
                Some(ParamValue::Text(all.join(",")))
            }
        }
    )* };
}

lists! {
    /// Addresses.
    Addresses: Ip = |t| t.parse().ok();
    /// Subnets of at most 65,536 addresses.
    Prefixes: Cidr = prefix_of;
    /// Ports.
    Ports: u16 = port_of;
}

impl ParameterType for Ip {
    const KIND: ParameterKind = ParameterKind::Address;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let text = text(value)?;
        text.parse().map_err(|_| Problem::value(kind, text))
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.to_string()))
    }
}

impl ParameterType for Cidr {
    const KIND: ParameterKind = ParameterKind::Prefix;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let text = text(value)?;
        let read = match kind {
            ParameterKind::Subnet => text.parse().ok().filter(|p: &Self| SUBNET.contains(&p.len)),
            _ => prefix_of(text),
        };
        read.ok_or_else(|| Problem::value(kind, text))
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.to_string()))
    }
}

/// A port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port(pub u16);

impl ParameterType for u16 {
    const KIND: ParameterKind = ParameterKind::Port;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        Port::read(value, kind).map(|port| port.0)
    }

    fn write(&self) -> Option<ParamValue> {
        Port(*self).write()
    }
}

impl ParameterType for Port {
    const KIND: ParameterKind = ParameterKind::Port;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match value {
            ParamValue::Integer(n) => match u16::try_from(*n) {
                Ok(port) if port != 0 => Ok(Self(port)),
                _ => Err(Problem::value(kind, n)),
            },
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Integer(i64::from(self.0)))
    }
}

macro_rules! integers {
    ($($int:ty => $from:expr, $to:expr;)*) => { $(
        impl ParameterType for $int {
            const KIND: ParameterKind = ParameterKind::Integer($from, $to);

            fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
                let (ParamValue::Integer(n), ParameterKind::Integer(from, to)) = (value, *kind) else {
                    return Err(Problem::kind(kind));
                };
                match Self::try_from(*n) {
                    Ok(read) if (from..=to).contains(n) => Ok(read),
                    _ => Err(Problem::value(kind, n)),
                }
            }

            fn write(&self) -> Option<ParamValue> {
                i64::try_from(*self).ok().map(ParamValue::Integer)
            }
        }
    )* };
}

integers! {
    u8 => 0, 255;
    u32 => 0, 4_294_967_295;
    u64 => 0, 1 << 40;
}

/// The number of a value, within a range.
///
/// # Errors
/// It is no number, or lies outside.
pub fn number(value: &ParamValue, kind: &ParameterKind, range: (f64, f64)) -> Result<f64, Problem> {
    let number = match value {
        ParamValue::Integer(n) => *n as f64,
        ParamValue::Float(n) => *n,
        _ => return Err(Problem::kind(kind)),
    };
    if (range.0..=range.1).contains(&number) {
        Ok(number)
    } else {
        Err(Problem::value(kind, number))
    }
}

impl ParameterType for f64 {
    const KIND: ParameterKind = ParameterKind::Number(-1e12, 1e12);

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match *kind {
            ParameterKind::Number(from, to) => number(value, kind, (from, to)),
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Float(*self))
    }
}

/// A factor, written `x10`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor(pub f64);

/// The number of a factor as it is written.
#[must_use]
pub fn factor(text: &str) -> Option<f64> {
    let number = text.strip_prefix('x')?;
    let number: f64 = number
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| number.parse().ok())??;
    (number.is_finite() && number > 0.0).then_some(number)
}

impl ParameterType for Factor {
    const KIND: ParameterKind = ParameterKind::Factor(0.001, 1000.0);

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let (text, ParameterKind::Factor(from, to)) = (text(value)?, *kind) else {
            return Err(Problem::kind(kind));
        };
        let factor = factor(text).filter(|n| (from..=to).contains(n));
        factor.map(Self).ok_or_else(|| Problem::value(kind, text))
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(format!("x{}", self.0)))
    }
}

/// A time not shorter than `least`.
fn span(value: &ParamValue, kind: &ParameterKind, least: Duration) -> Result<Duration, Problem> {
    let text = text(value)?;
    let span: Option<Duration> = text.parse().ok();
    let span = span.filter(|s| (least..=LONGEST).contains(s));
    span.ok_or_else(|| Problem::value(kind, text))
}

impl ParameterType for Duration {
    const KIND: ParameterKind = ParameterKind::Duration;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        let least = match kind {
            ParameterKind::Interval => SHORTEST_INTERVAL,
            _ => Self::ZERO,
        };
        span(value, kind, least)
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Text(self.to_string()))
    }
}

/// Time between things that repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval(pub Duration);

impl ParameterType for Interval {
    const KIND: ParameterKind = ParameterKind::Interval;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        span(value, kind, SHORTEST_INTERVAL).map(Self)
    }

    fn write(&self) -> Option<ParamValue> {
        self.0.write()
    }
}

impl ParameterType for bool {
    const KIND: ParameterKind = ParameterKind::Bool;

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match (value, kind) {
            (ParamValue::Bool(false), ParameterKind::Marker) => Err(Problem::value(kind, false)),
            (ParamValue::Bool(b), _) => Ok(*b),
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        Some(ParamValue::Bool(*self))
    }
}

impl<T: ParameterType> ParameterType for Vec<T> {
    const KIND: ParameterKind = ParameterKind::List(&T::KIND);

    fn read(value: &ParamValue, kind: &ParameterKind) -> Result<Self, Problem> {
        match (value, kind) {
            (ParamValue::List(items), ParameterKind::List(of)) => {
                items.iter().map(|item| T::read(item, of)).collect()
            }
            _ => Err(Problem::kind(kind)),
        }
    }

    fn write(&self) -> Option<ParamValue> {
        let items = self.iter().filter_map(T::write);
        Some(ParamValue::List(items.collect()))
    }
}

macro_rules! worded {
    ($($name:ty: $docs:expr;)*) => { $(
        impl ParameterType for $name {
            const KIND: ParameterKind = ParameterKind::Word(&Words {
                words: Self::WORDS,
                docs: &$docs,
            });

            fn read(value: &ParamValue, _: &ParameterKind) -> Result<Self, Problem> {
                let text = text(value)?;
                Self::of(text).ok_or_else(|| Problem::word(text, Self::WORDS))
            }

            fn write(&self) -> Option<ParamValue> {
                Some(ParamValue::Text(self.word().to_owned()))
            }
        }
    )* };
}

worded! {
    TlsVersion: ["TLS 1.0, deprecated by RFC 8996.", "TLS 1.2, RFC 5246.", "TLS 1.3, RFC 8446."];
    Akm: [
        "No authentication, no encryption.",
        "Pre-shared key (WPA2-Personal, CCMP).",
        "802.1X with EAP-TLS (WPA2-Enterprise, CCMP).",
    ];
    StaffRole: [
        "Prepares and publishes drug libraries.",
        "Reviews and approves drug libraries.",
        "Nurse.",
        "Biomedical engineering.",
        "Runs the server.",
    ];
    KeyType: ["ECDSA on P-256.", "RSA with 2,048 bits."];
}

//! Addresses: MAC, IPv4 and IPv4 prefixes.

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A 48-bit hardware address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Mac(pub u64);

impl Mac {
    /// All stations.
    pub const BROADCAST: Self = Self(0xFFFF_FFFF_FFFF);

    /// A locally administered unicast address for the interface of this name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let h = crate::crypto::digest_text(name);
        Self((h & 0xFCFF_FFFF_FFFF) | 0x0200_0000_0000)
    }

    /// Whether every station is addressed.
    #[must_use]
    pub fn is_broadcast(self) -> bool {
        self == Self::BROADCAST
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let b = self.0.to_be_bytes();
        write!(
            f,
            "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
            b[2], b[3], b[4], b[5], b[6], b[7]
        )
    }
}

/// An IPv4 address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct Ip(pub u32);

impl Ip {
    /// The limited broadcast address.
    pub const BROADCAST: Self = Self(u32::MAX);
    /// No address yet.
    pub const UNSPECIFIED: Self = Self(0);

    /// From four octets.
    #[must_use]
    pub const fn new(a: u8, b: u8, c: u8, d: u8) -> Self {
        Self(u32::from_be_bytes([a, b, c, d]))
    }
}

impl fmt::Debug for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0.to_be_bytes();
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

/// Why a text is not an address or a prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not four decimal octets.
    #[error("`{0}` is not an IPv4 address such as 10.0.40.11")]
    Address(String),
    /// Not six hexadecimal octets.
    #[error("`{0}` is not a hardware address such as 02:00:5e:10:00:01")]
    Hardware(String),
    /// Not address/length.
    #[error("`{0}` is not an IPv4 prefix such as 10.0.40.0/24")]
    Prefix(String),
}

impl FromStr for Mac {
    type Err = AddressError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = || AddressError::Hardware(s.to_owned());
        let mut value = 0u64;
        let mut octets = 0;
        for part in s.split(':') {
            let octet = u8::from_str_radix(part, 16).map_err(|_| bad())?;
            value = value << 8 | u64::from(octet);
            octets += 1;
        }
        if octets == 6 {
            Ok(Self(value))
        } else {
            Err(bad())
        }
    }
}

impl FromStr for Ip {
    type Err = AddressError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.parse::<std::net::Ipv4Addr>()
            .map(|a| Self(a.into()))
            .map_err(|_| AddressError::Address(s.to_owned()))
    }
}

/// An IPv4 prefix: an address and the number of leading bits that count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    /// The address; bits beyond the length are kept as written.
    pub ip: Ip,
    /// Number of leading bits, 0 to 32.
    pub len: u8,
}

impl Cidr {
    /// Every address.
    pub const ANY: Self = Self { ip: Ip(0), len: 0 };

    /// One address.
    #[must_use]
    pub const fn host(ip: Ip) -> Self {
        Self { ip, len: 32 }
    }

    fn mask(self) -> u32 {
        if self.len == 0 {
            0
        } else {
            u32::MAX << (32 - u32::from(self.len.min(32)))
        }
    }

    /// Whether `ip` lies in the prefix.
    #[inline]
    #[must_use]
    pub fn contains(self, ip: Ip) -> bool {
        (ip.0 ^ self.ip.0) & self.mask() == 0
    }

    /// The `n`th address of the prefix.
    #[must_use]
    pub fn nth(self, n: u32) -> Ip {
        Ip((self.ip.0 & self.mask()) + n)
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ANY {
            f.write_str("any")
        } else {
            write!(f, "{}/{}", self.ip, self.len)
        }
    }
}

impl FromStr for Cidr {
    type Err = AddressError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s == "any" {
            return Ok(Self::ANY);
        }
        let bad = || AddressError::Prefix(s.to_owned());
        let (ip, len) = s.split_once('/').ok_or_else(bad)?;
        let len: u8 = len.parse().ok().filter(|l| *l <= 32).ok_or_else(bad)?;
        Ok(Self {
            ip: ip.parse().map_err(|_| bad())?,
            len,
        })
    }
}

macro_rules! serde_as_text {
    ($($t:ty),*) => { $(
        impl Serialize for $t {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )* };
}
serde_as_text!(Ip, Cidr, Mac);

macro_rules! schema_of_text {
    ($($t:ident: $meaning:literal),*) => { $(
        impl schemars::JsonSchema for $t {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($t).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $meaning })
            }
        }
    )* };
}
schema_of_text!(Ip: "An IPv4 address.", Mac: "A hardware address.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_contain_what_they_should() {
        let c: Cidr = "10.0.40.0/24".parse().unwrap();
        assert!(c.contains("10.0.40.255".parse().unwrap()));
        assert!(!c.contains("10.0.41.0".parse().unwrap()));
        assert!(Cidr::ANY.contains(Ip(7)));
        assert_eq!(c.nth(11).to_string(), "10.0.40.11");
        assert!("10.0.40.0/33".parse::<Cidr>().is_err());
        assert!("10.0.40".parse::<Ip>().is_err());
    }
}

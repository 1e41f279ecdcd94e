//! Identities of nodes, events and records. All are numbers in order of making, the same in every
//! run of one scenario, seed and version.

use crate::fingerprint::Fingerprint;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::origin;
use serde::{Deserialize, Serialize};

/// A node: dense, in order of adding, from 0. It indexes the table of hot state.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(transparent)]
#[derive(schemars::JsonSchema)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The node's place in tables with one row per node.
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.0)
    }
}

/// A record of the trace: numbered from 1 in order of emission (40 bits).
///
/// An id that emitting returned also carries what is behind the record, so that what is emitted because of it later goes back to the same origins. That
/// takes no part in comparisons, text or serialisation.
#[derive(Clone, Copy, Default)]
pub struct RecordId(u64);

impl RecordId {
    /// The record of this number (below 2^40), for example read from a trace.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number << origin::BITS)
    }

    #[inline]
    pub(super) const fn with_origin(number: u64, origin: origin::Number) -> Self {
        Self(number << origin::BITS | origin as u64)
    }

    /// The number.
    #[inline]
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0 >> origin::BITS
    }

    #[inline]
    pub(super) const fn origin(self) -> origin::Number {
        self.0 as origin::Number & ((1 << origin::BITS) - 1)
    }
}

impl PartialEq for RecordId {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for RecordId {}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl Hash for RecordId {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.number().hash(hasher);
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({})", self.number())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}", self.number())
    }
}

impl Serialize for RecordId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number())
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        if number >> (u64::BITS - origin::BITS) != 0 {
            return Err(serde::de::Error::custom(
                "a record's number has at most 40 bits",
            ));
        }
        Ok(Self::from_number(number))
    }
}

/// A scheduled event: its sequence number, unique per run, from 1 (40 bits).
///
/// An id that scheduling returned also remembers where the queue keeps the event, which makes
/// cancelling it cheap. That hint takes no part in comparisons, text or serialisation.
#[derive(Clone, Copy, Default)]
pub struct EventId(u64);

impl EventId {
    /// The parent of what was scheduled before the run.
    pub const GENESIS: Self = Self(0);

    const HINT_BITS: u32 = 24;
    const NO_HINT: u64 = (1 << Self::HINT_BITS) - 1;

    /// The event with this sequence number (below 2^40), for example read from a trace.
    pub const fn from_number(number: u64) -> Self {
        if number == 0 {
            Self::GENESIS
        } else {
            Self(number << Self::HINT_BITS | Self::NO_HINT)
        }
    }

    /// The sequence number; 0 for [`EventId::GENESIS`].
    #[inline]
    pub const fn number(self) -> u64 {
        self.0 >> Self::HINT_BITS
    }

    /// The id of event `number`, kept in the queue's slot `slot`.
    #[inline]
    pub(super) const fn in_slot(number: u64, slot: u32) -> Self {
        let hint = if (slot as u64) < Self::NO_HINT {
            slot as u64
        } else {
            Self::NO_HINT
        };
        Self(number << Self::HINT_BITS | hint)
    }

    /// The slot where the event was put, when known.
    #[inline]
    pub(super) const fn slot(self) -> Option<u32> {
        let hint = self.0 & Self::NO_HINT;
        if hint == Self::NO_HINT {
            None
        } else {
            Some(hint as u32)
        }
    }
}

impl PartialEq for EventId {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl Eq for EventId {}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EventId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl Hash for EventId {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.number().hash(hasher);
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventId({})", self.number())
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}", self.number())
    }
}

impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.number())
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        if number >> (u64::BITS - Self::HINT_BITS) != 0 {
            return Err(serde::de::Error::custom(
                "an event's number has at most 40 bits",
            ));
        }
        Ok(Self::from_number(number))
    }
}

//! The pump's session with its server, and the drug library as it travels.
//!
//! The one definition of these messages: the simulation, live sockets and fuzzers use it. `docs/reference/pump-protocol.md` describes its JSON.

use super::image::Image;
use super::json;
use crate::clinical::delivery::AlarmKind;
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::InfusionOrder;
use crate::crypto::{PublicKey, Signature};
use crate::fingerprint::Fingerprint;
use pumplab_derive::TryMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A drug library with whatever signature it carries.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct SignedLibrary {
    /// The library.
    pub library: Arc<DrugLibrary>,
    /// Signature over the library's digest, if any.
    pub signature: Option<Signature>,
}

impl SignedLibrary {
    /// Whether the owner of `key` signed exactly this library.
    #[must_use]
    pub fn verifies(&self, key: PublicKey) -> bool {
        self.signature
            .is_some_and(|s| s.verifies(key, self.library.digest()))
    }
}

/// What a pump says about itself in a status message.
#[derive(Clone, Copy, Debug, PartialEq, Fingerprint, Serialize, Deserialize)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct PumpStatus {
    /// Whether it infuses.
    pub infusing: bool,
    /// Rate in mL/h.
    #[serde(deserialize_with = "json::quantity")]
    pub rate_ml_per_h: f64,
    /// Infused volume in mL.
    #[serde(deserialize_with = "json::quantity")]
    pub infused_ml: f64,
    /// Version of the active drug library.
    pub library_version: u32,
}

/// One entry of a pump's event log. Numbers run without gap for the life of the pump.
#[derive(Clone, Debug, PartialEq, Fingerprint, Serialize, Deserialize)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// Sequence number, from 1.
    pub number: u32,
    /// What happened.
    pub event: PumpLogEvent,
}

/// What a pump logs.
#[derive(Clone, Copy, Debug, PartialEq, Fingerprint, Serialize, Deserialize)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum PumpLogEvent {
    /// Infusion started for a patient at a rate in mL/h.
    Started {
        /// Patient.
        patient: u32,
        /// Rate in mL/h.
        #[serde(deserialize_with = "json::quantity")]
        rate_ml_per_h: f64,
    },
    /// Infusion ended or paused.
    #[serde(with = "json::empty")]
    Stopped,
    /// Rate changed to this many mL/h.
    RateChanged {
        /// New rate in mL/h.
        #[serde(deserialize_with = "json::quantity")]
        rate_ml_per_h: f64,
    },
    /// A limit alert was overridden.
    #[serde(with = "json::empty")]
    LimitOverridden,
    /// A programme was refused by a hard limit.
    #[serde(with = "json::empty")]
    LimitHeld,
    /// An alarm began.
    Alarm {
        /// Kind.
        #[serde(rename = "alarm")]
        kind: AlarmKind,
    },
    /// A library became active.
    LibraryActive {
        /// Its version.
        version: u32,
    },
}

/// A message of the pump session.
pub type PumpMessage = Pump<SignedLibrary>;

/// A message of the pump session, generic over a drug library and its signature: [`SignedLibrary`] in the simulation, [`json::SignedText`] in JSON.
#[derive(Clone, Debug, Fingerprint, Serialize, Deserialize, TryMap)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Pump<L> {
    /// Pump opens the session.
    Hello {
        /// The pump's identity.
        #[serde(deserialize_with = "json::host_name")]
        pump: String,
        /// Version of its active drug library.
        library_version: u32,
        /// Number of the first log entry not yet acknowledged.
        log_from: u32,
    },
    /// Server accepts it: the first application message from the server.
    Welcome {
        /// The server's name for itself.
        #[serde(deserialize_with = "json::host_name")]
        server: String,
    },
    /// Pump reports.
    Status(PumpStatus),
    /// Pump raises an alarm.
    Alarm {
        /// Alarm number of the pump.
        number: u32,
        /// Kind.
        kind: AlarmKind,
    },
    /// Server has the alarm.
    AlarmTaken {
        /// Alarm number.
        number: u32,
    },
    /// Pump uploads log entries.
    Log {
        /// Entries in order.
        entries: Vec<LogEntry>,
    },
    /// Server has everything up to this number.
    LogTaken {
        /// Last number stored.
        through: u32,
    },
    /// Server, or whoever claims to be, offers a drug library.
    LibraryOffer(L),
    /// Pump answers an offer.
    LibraryAnswer {
        /// Version offered.
        version: u32,
        /// Whether it was stored for activation.
        accepted: bool,
    },
    /// Pump reports activation.
    LibraryActive {
        /// Version now active.
        version: u32,
    },
    /// Server, or whoever claims to be, offers firmware or calibration. It has no JSON: images are loaded in the simulation only.
    #[serde(skip)]
    ImageOffer(Image),
    /// Pump answers such an offer.
    #[serde(skip)]
    ImageAnswer {
        /// Whether it was stored for installation.
        accepted: bool,
    },
    /// Server passes on an order for confirmation at the pump.
    #[serde(with = "order")]
    Order(InfusionOrder),
    /// Pump answers an order.
    OrderAnswer {
        /// Order number.
        order: u32,
        /// Whether it waits for confirmation at the pump.
        accepted: bool,
    },
}

impl PumpMessage {
    /// Length in bytes: status and alarm of the order given in `domain.md` 2.5 \[A\]; a library by its entries.
    #[must_use]
    pub fn wire_len(&self) -> u32 {
        match self {
            Self::Status(_) => 600,
            Self::Alarm { .. } => 700,
            Self::Log { entries } => 60 + 80 * entries.len() as u32,
            Self::LibraryOffer(l) => 400 + 240 * l.library.entries.len() as u32,
            Self::ImageOffer(i) => 100 + i.wire_len(),
            Self::Order(_) => 1200,
            _ => 60,
        }
    }
}

/// An order, under a key of its own.
mod order {
    use super::json::check_quantity;
    use crate::clinical::order::InfusionOrder;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct Written<'a> {
        order: &'a InfusionOrder,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Read {
        order: InfusionOrder,
    }

    pub(super) fn serialize<S: Serializer>(
        order: &InfusionOrder,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        Written { order }.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<InfusionOrder, D::Error> {
        let Read { order } = Read::deserialize(from)?;
        check_quantity(order.rate_ml_per_h)?;
        check_quantity(order.vtbi_ml)?;
        Ok(order)
    }
}

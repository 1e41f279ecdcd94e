//! The pump's session with its server, and the drug library as it travels.

use super::image::Image;
use crate::clinical::delivery::AlarmKind;
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::InfusionOrder;
use crate::crypto::{PublicKey, Signature};
use crate::fingerprint::Fingerprint;
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
#[derive(Clone, Copy, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct PumpStatus {
    /// Whether it infuses.
    pub infusing: bool,
    /// Rate in mL/h.
    pub rate_ml_per_h: f64,
    /// Infused volume in mL.
    pub infused_ml: f64,
    /// Version of the active drug library.
    pub library_version: u32,
}

/// One entry of a pump's event log. Numbers run without gap for the life of the pump.
#[derive(Clone, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub struct LogEntry {
    /// Sequence number, from 1.
    pub number: u32,
    /// What happened.
    pub event: PumpLogEvent,
}

/// What a pump logs.
#[derive(Clone, Copy, Debug, PartialEq, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum PumpLogEvent {
    /// Infusion started for a patient at a rate in mL/h.
    Started {
        /// Patient.
        patient: u32,
        /// Rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// Infusion ended or paused.
    Stopped,
    /// Rate changed to this many mL/h.
    RateChanged {
        /// New rate in mL/h.
        rate_ml_per_h: f64,
    },
    /// A limit alert was overridden.
    LimitOverridden,
    /// A programme was refused by a hard limit.
    LimitHeld,
    /// An alarm began.
    Alarm {
        /// Kind.
        kind: AlarmKind,
    },
    /// A library became active.
    LibraryActive {
        /// Its version.
        version: u32,
    },
}

/// A message of the pump session.
#[derive(Clone, Debug, Fingerprint)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
pub enum PumpMessage {
    /// Pump opens the session.
    Hello {
        /// The pump's identity.
        pump: String,
        /// Version of its active drug library.
        library_version: u32,
        /// Number of the first log entry not yet acknowledged.
        log_from: u32,
    },
    /// Server accepts it: the first application message from the server.
    Welcome {
        /// The server's name for itself.
        server: String,
    },
    /// Pump reports.
    Status(PumpStatus),
    /// Server has the status.

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
    LibraryOffer(SignedLibrary),
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
    /// Server, or whoever claims to be, offers firmware or calibration.
    ImageOffer(Image),
    /// Pump answers such an offer.
    ImageAnswer {
        /// Whether it was stored for installation.
        accepted: bool,
    },
    /// Server passes on an order for confirmation at the pump.
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

//! What the delivery controller answers: events, alarms and refusals.

use crate::fingerprint::Fingerprint;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::DeliveryState;
use crate::clinical::drug_library::LimitVerdict;

/// The events of one command or one deadline, in the order they happened. All bear the time of the
/// call, unless the caller let deadlines pass by.
pub type Events = SmallVec<[DeliveryEvent; 2]>;

/// Something the delivery controller did or noticed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryEvent {
    /// An alarm was raised.
    Alarm(AlarmKind),
    /// An alarm ended because its condition ended.
    AlarmCleared(AlarmKind),
    /// The volume is infused and the pump goes on at the KVO rate. Comes after `VtbiComplete`.
    EnteredKvo,
    /// Flow ceased because somebody paused it, or because the alarm that had stopped it ended.
    Paused,
    /// Fluid that had gathered upstream of an occlusion reached the patient at once.
    PostOcclusionBolus {
        /// Volume, mL.
        volume_ml: f64,
    },
    /// The pump was switched off or lost its power.
    PoweredOff,
    /// The pump was switched on.
    PoweredOn,
    /// A programme was accepted; it does not run yet.
    Programmed,
    /// The programme is gone: it was stopped, or the pump is off.
    ProgrammeEnded,
    /// A programme or a change of rate was refused.
    ProgrammeRefused {
        /// Why.
        reason: RefusalReason,
    },
    /// The programmed rate changed.
    RateChanged {
        /// Rate before, mL/h.
        from: f64,
        /// Rate after, mL/h.
        to: f64,
    },
    /// Flow went on after a pause.
    Resumed,
    /// The alarms that were active fell silent; they remain active.
    Silenced,
    /// Somebody let a rate pass beyond a soft limit.
    SoftLimitOverridden {
        /// The rate, mL/h.
        rate_ml_per_h: f64,
        /// The limit it crosses, mL/h.
        limit: f64,
    },
    /// A programme began to run.
    Started,
    /// Flow ceased for another reason than a pause: it was stopped, switched off or interrupted by
    /// an alarm.
    Stopped,
    /// The volume to be infused is infused, as the pump counts.
    VtbiComplete,
}

/// Alarms of the delivery controller, mapped to the generic infusion-pump hazards.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Fingerprint,
)]
#[cfg_attr(test, derive(crate::fingerprint::Vary))]
#[serde(rename_all = "snake_case")]
#[derive(schemars::JsonSchema)]
pub enum AlarmKind {
    /// Air was detected in the line. Stops delivery.
    AirInLine,
    /// The bag is empty. Stops delivery.
    BagEmpty,
    /// The battery is empty and there is no mains. Stops delivery.
    BatteryEmpty,
    /// The battery runs low.
    BatteryLow,
    /// The case was opened. Raised by a tamper switch, not by the line.
    CaseOpened,
    /// The door over the line was opened during delivery. Stops delivery.
    DoorOpen,
    /// The pump has been paused too long.
    HoldExpired,
    /// The bag is nearly empty.
    NearEndOfInfusion,
    /// The pressure downstream reached its limit. Stops delivery.
    OcclusionDownstream,
    /// The controller found a fault in itself. Stops delivery; only a power cycle ends it.
    SystemError,
    /// The volume is infused; the pump runs at the KVO rate.
    VtbiComplete,
}

impl AlarmKind {
    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::AirInLine => "air in line",
            Self::BagEmpty => "bag empty",
            Self::BatteryEmpty => "battery empty",
            Self::BatteryLow => "battery low",
            Self::CaseOpened => "case opened",
            Self::DoorOpen => "door open",
            Self::HoldExpired => "hold expired",
            Self::NearEndOfInfusion => "near end of infusion",
            Self::OcclusionDownstream => "occlusion downstream",
            Self::SystemError => "system error",
            Self::VtbiComplete => "vtbi complete",
        }
    }
}

impl AlarmKind {
    /// Every kind, in order.
    pub const ALL: [Self; 11] = [
        Self::AirInLine,
        Self::BagEmpty,
        Self::BatteryEmpty,
        Self::BatteryLow,
        Self::CaseOpened,
        Self::DoorOpen,
        Self::HoldExpired,
        Self::NearEndOfInfusion,
        Self::OcclusionDownstream,
        Self::SystemError,
        Self::VtbiComplete,
    ];

    /// Whether delivery stands still while this alarm is active.
    pub const fn stops_delivery(self) -> bool {
        match self {
            Self::AirInLine
            | Self::BagEmpty
            | Self::BatteryEmpty
            | Self::DoorOpen
            | Self::OcclusionDownstream
            | Self::SystemError => true,
            Self::BatteryLow
            | Self::CaseOpened
            | Self::HoldExpired
            | Self::NearEndOfInfusion
            | Self::VtbiComplete => false,
        }
    }
}

/// A set of alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AlarmSet(u16);

impl AlarmSet {
    /// Whether `kind` is in the set.
    pub const fn contains(self, kind: AlarmKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The alarms in the set, in the order of [`AlarmKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = AlarmKind> {
        AlarmKind::ALL
            .into_iter()
            .filter(move |kind| self.contains(*kind))
    }

    /// Adds `kind`; whether it was absent.
    pub(super) const fn insert(&mut self, kind: AlarmKind) -> bool {
        let absent = !self.contains(kind);
        self.0 |= Self::bit(kind);
        absent
    }

    /// Takes `kind` out; whether it was there.
    pub(super) const fn remove(&mut self, kind: AlarmKind) -> bool {
        let present = self.contains(kind);
        self.0 &= !Self::bit(kind);
        present
    }

    const fn bit(kind: AlarmKind) -> u16 {
        1 << kind as u16
    }
}

/// An accepted programme or change of rate.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgrammeOutcome {
    /// How the rate stands to the library: `Within`, `Soft` where a soft limit was overridden, or
    /// `NotInLibrary` for a basic infusion. Never `Hard`.
    pub verdict: LimitVerdict,
    /// What happened.
    pub events: Events,
}

/// A command that was declined. Nothing changed, except that deadlines which the caller had let
/// pass by were handled first.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// Why the command was declined.
    pub reason: RefusalReason,
    /// What happened: [`DeliveryEvent::ProgrammeRefused`] where a programme or a rate was declined,
    /// and before it the events of overdue deadlines.
    pub events: Events,
}

/// Why a command was declined.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The library has this drug in this care area, but not in this concentration.
    #[error("the drug is not in the library in this concentration")]
    ConcentrationNotInLibrary,
    /// Delivery cannot begin while this condition lasts.
    #[error("delivery is held by {0:?}")]
    ConditionPresent(AlarmKind),
    /// The rate is beyond a hard limit.
    #[error("{rate_ml_per_h} mL/h is beyond the hard limit of {limit} mL/h")]
    HardLimit {
        /// The rate, mL/h.
        rate_ml_per_h: f64,
        /// The limit it crosses, mL/h.
        limit: f64,
    },
    /// There is neither mains nor a charged battery.
    #[error("there is no power")]
    NoPower,
    /// The library does not have this drug in this care area, and this programme may not go without.
    #[error("the drug is not in the library for this care area")]
    NotInLibrary,
    /// The command makes no sense in this state.
    #[error("not possible in state {state:?}")]
    NotNow {
        /// The state of the controller.
        state: DeliveryState,
    },
    /// The rate is not a number or outside what the pump can do.
    #[error("{rate_ml_per_h} mL/h is outside what the pump can deliver")]
    RateOutOfRange {
        /// The rate, mL/h.
        rate_ml_per_h: f64,
    },
    /// The rate is beyond a soft limit and nobody has overridden it.
    #[error(
        "{rate_ml_per_h} mL/h is beyond the soft limit of {limit} mL/h and nobody has overridden it"
    )]
    SoftLimit {
        /// The rate, mL/h.
        rate_ml_per_h: f64,
        /// The limit it crosses, mL/h.
        limit: f64,
    },
    /// The volume is not a number or outside what the pump can do.
    #[error("{volume_ml} mL is outside what the pump can deliver")]
    VolumeOutOfRange {
        /// The volume, mL.
        volume_ml: f64,
    },
}

//! Terms of ISO/IEEE 11073-10101 (MDC) and units of UCUM that the lab's messages use, each with where it is known from.
//!
//! The nomenclature itself was not at hand. A term whose number is not known is written `0^NAME^MDC`, as the published samples do with terms that
//! have none, and is known by its name when read; terms of our own begin with `MDCX_`.

use crate::clinical::delivery::AlarmKind;
use crate::wire::hl7::{SegmentId, Value};

/// Observation: a term and its value.
pub(super) const OBX: SegmentId = SegmentId::known(b"OBX");

/// Where a term is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Name and number stand in a sample message of the IHE PCD technical framework, revision 9.
    Published,
    /// Name and number, or the name only where the number is 0, stand in public programs.
    SecondHand,
    /// Made here.
    Private,
}

/// A term: what is observed, or in what unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Number in the nomenclature; 0 where it is not known.
    pub code: u32,
    /// Reference id in the nomenclature.
    pub name: &'static str,
    /// Where it is known from.
    pub grade: Grade,
}

const fn published(code: u32, name: &'static str) -> Term {
    let grade = Grade::Published;
    Term { code, name, grade }
}

const fn second_hand(code: u32, name: &'static str) -> Term {
    let grade = Grade::SecondHand;
    Term { code, name, grade }
}

const fn private(name: &'static str) -> Term {
    let (code, grade) = (0, Grade::Private);
    Term { code, name, grade }
}

/// An infusion pump as a whole.
pub const PUMP_MDS: Term = published(69_985, "MDC_DEV_PUMP_INFUS_MDS");
/// The part of a pump that infuses: what an order is for.
pub const PUMP_VMD: Term = published(69_986, "MDC_DEV_PUMP_INFUS_VMD");
/// A large volume pump as a whole.
pub const LVP_MDS: Term = published(70_049, "MDC_DEV_PUMP_INFUS_LVP_MDS");
/// The part of a large volume pump that infuses.
pub const LVP_VMD: Term = published(70_050, "MDC_DEV_PUMP_INFUS_LVP_VMD");
/// The channel that delivers.
pub const CHANNEL: Term = second_hand(126_978, "MDC_DEV_PUMP_INFUS_CHAN_DELIVERY");
/// Whether the pump infuses (revision 9).
pub const INFUSING_STATUS: Term = published(184_519, "MDC_PUMP_INFUSING_STATUS");
/// Whether the pump infuses (earlier revisions).
pub const PUMP_STATUS: Term = second_hand(184_508, "MDC_PUMP_STAT");
/// Programmed rate.
pub const FLOW: Term = published(157_784, "MDC_FLOW_FLUID_PUMP");
/// Rate at this moment.
pub const FLOW_CURRENT: Term = published(0, "MDC_FLOW_FLUID_PUMP_CURRENT");
/// Volume delivered since the infusion began.
pub const VOLUME_DELIVERED: Term = published(157_993, "MDC_VOL_FLUID_DELIV_TOTAL");
/// Version of the drug library in the pump.
pub const LIBRARY_VERSION: Term = published(184_517, "MDC_PUMP_DRUG_LIBRARY_VERSION");
/// The patient's weight.
pub const WEIGHT: Term = published(68_063, "MDC_ATTR_PT_WEIGHT");
/// An alarm.
pub const ALARM: Term = published(196_616, "MDC_EVT_ALARM");
/// What raised the alarm.
pub const ALERT_SOURCE: Term = published(68_480, "MDC_ATTR_ALERT_SOURCE");
/// Whether the alarm starts, goes on or ends.
pub const EVENT_PHASE: Term = published(68_481, "MDC_ATTR_EVENT_PHASE");
/// Whether the alarm is active.
pub const ALARM_STATE: Term = published(68_482, "MDC_ATTR_ALARM_STATE");
/// Whether its sound is on.
pub const INACTIVATION_STATE: Term = published(68_483, "MDC_ATTR_ALARM_INACTIVATION_STATE");
/// A pump that infused has not been heard from.
pub const SILENT: Term = private("MDCX_PUMPLAB_PUMP_SILENT");

/// Every term that is no unit and no kind of alarm.
pub const ALL: &[Term] = &[
    PUMP_MDS,
    PUMP_VMD,
    LVP_MDS,
    LVP_VMD,
    CHANNEL,
    INFUSING_STATUS,
    PUMP_STATUS,
    FLOW,
    FLOW_CURRENT,
    VOLUME_DELIVERED,
    LIBRARY_VERSION,
    WEIGHT,
    ALARM,
    ALERT_SOURCE,
    EVENT_PHASE,
    ALARM_STATE,
    INACTIVATION_STATE,
    SILENT,
];

/// The term for a kind of alarm.
#[must_use]
pub const fn of_alarm(kind: AlarmKind) -> Term {
    match kind {
        AlarmKind::AirInLine => second_hand(0, "MDC_EVT_FLUID_LINE_AIR"),
        AlarmKind::BagEmpty => private("MDCX_PUMPLAB_BAG_EMPTY"),
        AlarmKind::BatteryEmpty => second_hand(0, "MDC_EVT_BATT_DEPL"),
        AlarmKind::BatteryLow => second_hand(196_802, "MDC_EVT_BATT_LO"),
        AlarmKind::CaseOpened => private("MDCX_PUMPLAB_CASE_OPENED"),
        AlarmKind::DoorOpen => second_hand(0, "MDC_EVT_DOOR_POSN_ERR"),
        AlarmKind::HoldExpired => private("MDCX_PUMPLAB_HOLD_EXPIRED"),
        AlarmKind::NearEndOfInfusion => second_hand(197_334, "MDC_EVT_VOL_INFUS_NEAR_COMP"),
        AlarmKind::OcclusionDownstream => published(196_940, "MDC_EVT_FLUID_LINE_OCCL"),
        AlarmKind::SystemError => second_hand(0, "MDC_EVT_MALF"),
        AlarmKind::VtbiComplete => second_hand(197_292, "MDC_EVT_PUMP_DELIV_COMP"),
    }
}

impl Term {
    /// Whether a coded value (CWE) means this term: by its name, or by its number where that is known, in its first or in its second code.
    /// Blanks around either are overlooked, as published samples have some.
    #[must_use]
    pub fn is(&self, value: &Value<'_>) -> bool {
        [1, 4].iter().any(|&at| {
            let name = value.component(at + 1).text();
            let code = value.component(at).text();
            name.trim() == self.name || (self.code != 0 && code.trim().parse() == Ok(self.code))
        })
    }

    /// The term as components of a coded value.
    #[must_use]
    pub fn parts(&self) -> [String; 3] {
        [
            self.code.to_string(),
            self.name.to_owned(),
            "MDC".to_owned(),
        ]
    }
}

/// A unit, with its code in UCUM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The term; none where it is not known.
    pub term: Option<Term>,
    /// Code in UCUM.
    pub ucum: &'static str,
}

const fn unit(code: u32, name: &'static str, ucum: &'static str) -> Unit {
    Unit {
        term: Some(published(code, name)),
        ucum,
    }
}

impl Unit {
    /// Millilitres.
    pub const ML: Self = unit(263_762, "MDC_DIM_MILLI_L", "mL");
    /// Millilitres per hour.
    pub const ML_PER_H: Self = unit(265_266, "MDC_DIM_MILLI_L_PER_HR", "mL/h");
    /// Milligrams.
    pub const MG: Self = unit(263_890, "MDC_DIM_MILLI_G", "mg");
    /// International units. The MDC term is not known here.
    pub const INTERNATIONAL: Self = Self {
        term: None,
        ucum: "[iU]",
    };
    /// Micrograms per kilogram and minute.
    pub const UG_PER_KG_MIN: Self = unit(265_619, "MDC_DIM_MICRO_G_PER_KG_PER_MIN", "ug/kg/min");
    /// Kilograms.
    pub const KG: Self = unit(263_875, "MDC_DIM_KILO_G", "kg");

    /// Every unit.
    pub const ALL: &[Self] = &[
        Self::ML,
        Self::ML_PER_H,
        Self::MG,
        Self::INTERNATIONAL,
        Self::UG_PER_KG_MIN,
        Self::KG,
    ];

    /// Whether a coded value means this unit: by its term, or by its code in UCUM where the value says that it is from UCUM.
    #[must_use]
    pub fn is(&self, value: &Value<'_>) -> bool {
        let from_ucum = |at: usize| {
            let part = |n: usize| value.component(at + n).text();
            part(2).trim() == "UCUM" && [part(0), part(1)].iter().any(|p| p.trim() == self.ucum)
        };
        self.term.is_some_and(|t| t.is(value)) || from_ucum(1) || from_ucum(4)
    }

    /// The unit as components of a coded value.
    #[must_use]
    pub fn parts(&self) -> Vec<String> {
        let ucum = [self.ucum, self.ucum, "UCUM"].map(str::to_owned);
        match &self.term {
            Some(term) => term.parts().into_iter().chain(ucum).collect(),
            None => ucum.to_vec(),
        }
    }
}

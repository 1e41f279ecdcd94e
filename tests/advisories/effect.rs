//! What an attack did to pumps, from the records of its run and of the same run without the attacker.

use pumplab_sim::record::{
    DeliveryChange, HostRecord, LabRecord, LibraryRecord, ProgramRecord, TherapyRecord,
};
use pumplab_sim::why::trace::Trace;
use std::collections::BTreeSet;

/// What differs between a run and the same run without its attackers. Nothing here knows a technique or a control.
///
/// Altered firmware or calibration is none of these by itself: it is what it does to delivery.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Infusions stand still that ran without the attacker.
    stands_still: bool,
    /// Some pump delivers something else, or at another time or rate, than without the attacker.
    delivers_otherwise: bool,
    /// Some pump stored or runs a library that no pump has without the attacker.
    other_limits: bool,
    /// Settings of some pump were changed.
    other_settings: bool,
    /// A program runs on some pump.
    program_on_pump: bool,
}

impl Effect {
    /// What the attacked run shows beside the one without an attacker.
    pub(crate) fn between(attacked: &Trace, alone: &Trace) -> Self {
        let stood_still = count(alone, interrupted);
        let pumps = pumps(attacked);
        let on_pump = |what: fn(&LabRecord) -> bool| {
            let at_pump = |node: &str| pumps.contains(node);
            told(attacked).any(|(node, record)| at_pump(node) && what(record))
        };
        Self {
            stands_still: count(attacked, interrupted) > stood_still,
            delivers_otherwise: delivery(attacked) != delivery(alone),
            other_limits: !limits(attacked).is_subset(&limits(alone)),
            other_settings: on_pump(|r| {
                matches!(r, LabRecord::Host(HostRecord::SettingsChanged { .. }))
            }),
            program_on_pump: on_pump(|r| {
                matches!(r, LabRecord::Program(ProgramRecord::ProgramStarted { .. }))
            }),
        }
    }

    /// Whether this is a class of the table: this and nothing that another class says.
    pub(crate) fn is(&self, class: &str) -> bool {
        let mut only = Self::default();
        match class {
            "no" => {}
            "chain" => only.program_on_pump = true,
            "config-only" => only.other_settings = true,
            "latent" => only.other_limits = true,
            "interrupt" => return self.stands_still,
            "yes" | "yes-claimed" => return self.delivers_otherwise && !self.stands_still,
            _ => return false,
        }
        *self == only
    }
}

fn told(trace: &Trace) -> impl Iterator<Item = (&str, &LabRecord)> {
    let entries = trace.entries.iter();
    entries.map(|e| (trace.name(e.node), &e.what))
}

fn count(trace: &Trace, what: impl Fn(&LabRecord) -> bool) -> usize {
    told(trace).filter(|(_, record)| what(record)).count()
}

fn interrupted(record: &LabRecord) -> bool {
    matches!(
        record,
        LabRecord::Therapy(TherapyRecord::InfusionHeld)
            | LabRecord::Therapy(TherapyRecord::Delivery {
                change: DeliveryChange::Interrupted,
                ..
            })
    )
}

/// Pumps are who started a communication module.
fn pumps(trace: &Trace) -> BTreeSet<&str> {
    let started =
        |record: &LabRecord| matches!(record, LabRecord::Host(HostRecord::CommunicationStarted));
    let pumps = told(trace).filter(|(_, record)| started(record));
    pumps.map(|(node, _)| node).collect()
}

/// When and how delivery changed at which pump, and where what reaches the patient is not what the pump displays.
fn delivery(trace: &Trace) -> Vec<String> {
    let delivers = |what: &LabRecord| {
        matches!(
            what,
            LabRecord::Therapy(TherapyRecord::Delivery { .. })
                | LabRecord::Therapy(TherapyRecord::FlowDiffers { .. })
                | LabRecord::Therapy(TherapyRecord::InfusionHeld)
        )
    };
    let told = trace.entries.iter().filter(|e| delivers(&e.what));
    let line = told.map(|e| {
        let node = trace.name(e.node);
        format!("{:?} {node} {:?}", e.time, e.what)
    });
    line.collect()
}

/// Libraries that pumps stored or ran.
fn limits(trace: &Trace) -> BTreeSet<u64> {
    let of = |record: &LabRecord| match record {
        LabRecord::Library(LibraryRecord::LibraryStored { digest, .. })
        | LabRecord::Library(LibraryRecord::LibraryActivated { digest, .. }) => Some(*digest),
        _ => None,
    };
    told(trace).filter_map(|(_, record)| of(record)).collect()
}

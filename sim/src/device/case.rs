//! The case of a device: somebody opens it, works in it, and may be come upon.

use super::id;
use super::part::{Part, Sockets, role};
use super::pump_delivery::PumpDelivery;
use super::storage::Storage;
use crate::catalog::Entry;
use crate::clinical::delivery::AlarmKind;
use crate::engine::{NodeId, NodeMut};
use crate::event::{CaseStage, CaseWork, Cx, LabEvent, NodeKind, Shown};
use crate::record::{BedsideRecord, MonitoringRecord};
use crate::spec::{ItemId, RoleSpec, TamperSpec};
use crate::time::Duration;
use crate::wire::file::{Content, File};
use bevy_ecs::component::Component;

/// What is said of the sensor.
pub static SENSOR: Entry = Entry::plain(
    "tamper-switch",
    "Tamper switch in the case of a pump",
    "Notices that the case of its pump is opened, by whomever and with whatever right, and says so at once. The pump raises an alarm besides, which \
     takes the way of alarms. What is done inside the case goes unnoticed.",
);

/// Every device has a case that can be opened; that of a pump has a lock and may notice it.
pub(super) const PART: Part = Part {
    on: |_, _| Some(Sockets::default()),
    build: |site| {
        if let Some(device) = role!(site.host, RoleSpec::Pump(pump) => &pump.device) {
            let tamper = &device.tamper;
            site.insert(Case::new(
                (device.lock.id, device.lock.value),
                (tamper.value != TamperSpec::None).then_some(tamper.id),
            ));
        }
        Ok(())
    },
    before_network: Some(|cx, node, event| {
        match event {
            LabEvent::Case { by, stage, work } => {
                on_event(cx, node, (by, stage), work);
                return None;
            }
            LabEvent::Touch { by, .. } => somebody_comes(cx, node, by),
            _ => {}
        }
        Some(event)
    }),
    ..Part::new(id::CASE)
};

/// Getting a case open without a lock takes this long \[A\].
const OPENING: Duration = Duration::from_mins(5);
/// Reading the storage takes this long \[A\].
const READING: Duration = Duration::from_mins(1);
/// Writing the flash memory takes this long \[A\].
const WRITING: Duration = Duration::from_mins(10);

/// Lock and tamper switch of a pump's case, and who is at it.
#[derive(Component, Clone, Debug)]
pub struct Case {
    lock: (ItemId, Duration),
    tamper: Option<ItemId>,
    at_work: Option<NodeId>,
    raised: bool,
}

impl Case {
    /// A closed case with this lock, which holds for a time, and a tamper switch if there is one.
    #[must_use]
    pub fn new(lock: (ItemId, Duration), tamper: Option<ItemId>) -> Self {
        Self {
            lock,
            tamper,
            at_work: None,
            raised: false,
        }
    }
}

/// Somebody is at the case.
fn on_event(
    cx: &mut Cx<'_>,
    node: &mut NodeMut<'_>,
    (by, stage): (NodeId, CaseStage),
    work: Box<CaseWork>,
) {
    match stage {
        CaseStage::Begin => begin(cx, node, by, work),
        CaseStage::Open => open(cx, node, by, work),
        CaseStage::Done => done(cx, node, by, *work),
    }
}

fn next(cx: &mut Cx<'_>, after: Duration, by: NodeId, stage: CaseStage, work: Box<CaseWork>) {
    cx.after(after, cx.node(), LabEvent::Case { by, stage, work });
}

fn begin(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, by: NodeId, work: Box<CaseWork>) {
    let mut longer = Duration::ZERO;
    if let Some(case) = node.get_mut::<Case>() {
        let item;
        (item, longer) = case.lock;
        (case.at_work, case.raised) = (Some(by), false);
        if !longer.is_zero() {
            cx.emit(BedsideRecord::LockHolds { by, longer, item });
        }
    }
    next(cx, OPENING + longer, by, CaseStage::Open, work);
}

/// Whether somebody was sent away meanwhile.
fn gone(node: &NodeMut<'_>, by: NodeId) -> bool {
    node.get::<Case>().is_some_and(|c| c.at_work != Some(by))
}

fn open(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, by: NodeId, work: Box<CaseWork>) {
    if gone(node, by) {
        return;
    }
    cx.emit(BedsideRecord::CaseOpened { by });
    let takes = match *work {
        CaseWork::Read => READING,
        CaseWork::Flash(_) => WRITING,
    };
    next(cx, takes, by, CaseStage::Done, work);
    let Some(case) = node.get_mut::<Case>() else {
        return;
    };
    let tamper = case.tamper;
    case.raised = tamper.is_some();
    if tamper.is_some()
        && let Some(pump) = node.get_mut::<PumpDelivery>()
    {
        pump.raise(cx, AlarmKind::CaseOpened);
    }
    if let Some(item) = tamper {
        cx.emit(MonitoringRecord::Alert {
            sensor: SENSOR.id,
            item,
            about: "the case was opened".to_owned(),
        });
    }
}

fn done(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, by: NodeId, work: CaseWork) {
    if gone(node, by) {
        return;
    }
    if let Some(case) = node.get_mut::<Case>() {
        case.at_work = None;
    }
    match work {
        CaseWork::Read => read(cx, node, by),
        CaseWork::Flash(image) => {
            let written = cx.emit(BedsideRecord::FlashWritten { by });
            if let Some(pump) = node.get_mut::<PumpDelivery>() {
                pump.load(cx, image, written);
            }
            cx.after(Duration::ZERO, by, LabEvent::Shown(Shown::Written));
        }
    }
}

/// Reads the storage.
fn read(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, by: NodeId) {
    let Some(storage) = node.get::<Storage>() else {
        return;
    };
    let readable = |f: &File| matches!(f.content, Content::NetworkKey { .. });
    let keys = storage.files.iter().filter(|(_, f)| readable(f)).count() as u32;
    let sealed = storage
        .files
        .iter()
        .find(|(_, f)| matches!(f.content, Content::Sealed(_)))
        .map(|(item, _)| *item);
    cx.emit(BedsideRecord::FlashRead { keys, sealed });
    let files = storage.files.iter().map(|(_, f)| f.clone()).collect();
    cx.after(Duration::ZERO, by, LabEvent::Contents(files));
}

/// A hand is laid on the pump. A nurse who comes sends away whoever is at the case.
fn somebody_comes(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, by: NodeId) {
    if cx.shared().kinds[by.index()] != NodeKind::Nurse {
        return;
    }
    let Some(case) = node.get_mut::<Case>() else {
        return;
    };
    let Some(who) = case.at_work.take() else {
        return;
    };
    let locked = (!case.lock.1.is_zero()).then_some(case.lock.0);
    let item = case.tamper.filter(|_| case.raised).or(locked);
    cx.emit(BedsideRecord::CaseInterrupted { who, by, item });
    cx.after(Duration::ZERO, who, LabEvent::Shown(Shown::SentAway));
}

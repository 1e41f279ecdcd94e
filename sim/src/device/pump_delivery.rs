//! A pump's delivery controller in the lab: hands and the bridge on one side, the clinical state machine on the other.
//!
//! Delivery changes through three doors only: a hand at the pump, a message on the bridge, its own deadlines. Losing the network is
//! none of them.

mod staff;

use super::host::{Host, Network};
use super::image::{FLOW_BOUND, Running};
use super::panel::{LOGIN, Panel};
use super::pump::{Outage, PumpComms};
use crate::clinical::delivery::{
    AlarmKind, Delivery, DeliveryEvent, DeliveryState, Events, RefusalReason,
};
use crate::clinical::drug_library::DrugLibrary;
use crate::clinical::order::{Entry, InfusionOrder, Programme};
use crate::device::id;
use crate::engine::{Cause, EventId, NodeId, NodeMut, RecordId};
use crate::event::{BridgeMessage, Cx, LabEvent, NodeKind, Percept, Shown, Touch};
use crate::record::{
    AlarmRecord, BedsideRecord, Crossing, DeliveryChange, LibraryRecord, Missing, Operation,
    TherapyRecord,
};
use crate::time::{Duration, Time};
use crate::wire::image::Image;
use crate::wire::pump::{PumpLogEvent, SignedLibrary};
use bevy_ecs::component::Component;
use std::sync::Arc;

/// Delay of the bridge \[A\].
const BRIDGE: Duration = Duration::from_millis(5);
/// Time within which a server must have confirmed an alarm (an assumption of this lab; scenario expectations may be stricter).
pub const ALARM_TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// Time within which a nurse must have answered an alarm.
pub const ALARM_ANSWERED_WITHIN: Duration = Duration::from_mins(10);
/// Longest time that an infusion may stand still unwanted.
pub const THERAPY_GAP: Duration = Duration::from_mins(5);
/// Time in which somebody who hears an alarm knows which it is \[A\].
const SOUND: Duration = Duration::from_secs(1);
const TOKEN_DELIVERY: u64 = 0;
const TOKEN_TAKEN: u64 = 1 << 32;
const TOKEN_ANSWERED: u64 = 2 << 32;
const TOKEN_THERAPY: u64 = 3 << 32;

/// Times that differ by less are the same deadline, computed anew.
const SAME: Duration = Duration::from_millis(1);

/// The next deadline of delivery, and the event that set it.
#[derive(Clone, Copy, Debug)]
struct Due {
    event: EventId,
    at: Time,
    cause: Cause,
}

/// An alarm that has not been answered.
#[derive(Clone, Copy, Debug)]
struct OpenAlarm {
    number: u32,
    since: Time,
    taken: Option<EventId>,
    answered: Option<EventId>,
    record: RecordId,
    /// Whether a server confirmed it.
    confirmed: bool,
}

/// The delivery controller and what it is programmed with.
#[derive(Component, Clone, Debug)]
pub struct PumpDelivery {
    delivery: Delivery,
    library: Arc<DrugLibrary>,
    library_record: Option<RecordId>,
    waiting: Option<(SignedLibrary, RecordId)>,
    shown: Option<InfusionOrder>,
    shown_record: Option<RecordId>,
    programme: Option<Programme>,
    /// The record of what was last done to the flow: what comes of it, comes because of that.
    flow_record: Option<RecordId>,
    patient: u32,
    alarms: Vec<OpenAlarm>,
    next_alarm: u32,
    deadline: Option<Due>,
    gap: Option<(EventId, RecordId)>,
    boot: u32,
    running: Running,
    panel: Panel,
    /// Whether somebody stopped it whose business it was not.
    halted: bool,
}

impl PumpDelivery {
    /// A controller at rest with this library.
    #[must_use]
    pub fn new(
        delivery: Delivery,
        library: Arc<DrugLibrary>,
        patient: u32,
        (running, panel): (Running, Panel),
    ) -> Self {
        Self {
            delivery,
            library,
            library_record: None,
            waiting: None,
            shown: None,
            shown_record: None,
            programme: None,
            flow_record: None,
            patient,
            alarms: Vec::new(),
            next_alarm: 1,
            deadline: None,
            gap: None,
            boot: 0,
            running,
            panel,
            halted: false,
        }
    }

    /// The clinical state machine, for inspection.
    #[must_use]
    pub fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// The active library.
    #[must_use]
    pub fn library(&self) -> &DrugLibrary {
        &self.library
    }

    fn timer(&self, cx: &mut Cx<'_>, at: Time, token: u64) -> EventId {
        let boot = self.boot;
        cx.at(
            at,
            cx.node(),
            LabEvent::Timer {
                owner: id::PUMP_DELIVERY,
                boot,
                token,
            },
        )
    }

    fn tell(&self, cx: &mut Cx<'_>, message: BridgeMessage) {
        cx.after(BRIDGE, cx.node(), LabEvent::Bridge(Box::new(message)));
    }

    /// Records what delivery did, tells the communication module, and sets the next deadline.
    fn follow(&mut self, cx: &mut Cx<'_>, events: &Events, failure: Outage) {
        for event in events {
            match *event {
                DeliveryEvent::Started => self.changed(
                    cx,
                    DeliveryChange::Started {
                        rate_ml_per_h: self.delivery.rate_now(),
                    },
                ),
                DeliveryEvent::RateChanged { from, to } => {
                    self.changed(cx, DeliveryChange::RateChanged { from, to })
                }
                DeliveryEvent::Resumed => self.changed(cx, DeliveryChange::Resumed),
                DeliveryEvent::EnteredKvo => self.changed(cx, DeliveryChange::Kvo),
                DeliveryEvent::ProgrammeEnded => self.changed(cx, DeliveryChange::Stopped),
                DeliveryEvent::Stopped if self.delivery.state() != DeliveryState::Standby => {
                    self.changed(cx, DeliveryChange::Interrupted);
                }
                DeliveryEvent::Alarm(kind) => self.alarm(cx, kind, self.flow_record),
                DeliveryEvent::SoftLimitOverridden { rate_ml_per_h, .. } => {
                    let drug = self.drug();
                    cx.emit(TherapyRecord::LimitOverridden {
                        drug,
                        rate_ml_per_h,
                    });
                    self.tell(cx, BridgeMessage::Log(PumpLogEvent::LimitOverridden));
                }
                _ => {}
            }
        }
        self.watch_therapy(cx, failure);
        self.set_deadline(cx);
        self.activate_if_idle(cx);
        self.install_if_idle(cx);
    }

    /// Raises an alarm that does not come from the line.
    pub fn raise(&mut self, cx: &mut Cx<'_>, kind: AlarmKind) {
        self.alarm(cx, kind, None);
    }

    /// Firmware or calibration is there, to run once the pump is idle.
    pub fn load(&mut self, cx: &mut Cx<'_>, image: Image, because: RecordId) {
        self.running.wait(image, because);
        self.install_if_idle(cx);
    }

    /// What runs.
    #[must_use]
    pub fn running(&self) -> &Running {
        &self.running
    }

    fn install_if_idle(&mut self, cx: &mut Cx<'_>) {
        if !self.delivery.is_idle() {
            return;
        }
        for (image, because) in self.running.take_waiting() {
            let record = cx.emit_because(self.running.install(&image), &[because]);
            self.running.installed(image.kind, record);
            self.delivery.set_scale(cx.now(), self.running.scale());
            if let Some(backdoor) = image.behaviour.backdoor {
                self.tell(cx, BridgeMessage::Installed { backdoor });
            }
        }
    }

    fn drug(&self) -> String {
        self.programme
            .as_ref()
            .map_or_else(String::new, |p| p.drug.clone())
    }

    fn changed(&mut self, cx: &mut Cx<'_>, change: DeliveryChange) {
        let now = cx.now();
        let care_area = self
            .programme
            .as_ref()
            .map_or_else(String::new, |p| p.care_area.clone());
        let infused_ml = self.delivery.infused_ml(now);
        let record = TherapyRecord::Delivery {
            change,
            drug: self.drug().into(),
            care_area: care_area.into(),
            infused_ml,
        };
        let mut because = self.library_record.as_slice().to_vec();
        // A programme that is begun does not depend on the one before.
        if !matches!(change, DeliveryChange::Started { .. }) {
            because.extend(self.flow_record);
        }
        let record = cx.emit_because(record, &because);
        if !matches!(change, DeliveryChange::Kvo | DeliveryChange::Stopped) {
            self.flow_record = Some(record);
        }
        self.compare(cx);
        let log = match change {
            DeliveryChange::Started { rate_ml_per_h } => PumpLogEvent::Started {
                patient: self.patient,
                rate_ml_per_h,
            },
            DeliveryChange::RateChanged { to, .. } => {
                PumpLogEvent::RateChanged { rate_ml_per_h: to }
            }
            DeliveryChange::Interrupted | DeliveryChange::Stopped => PumpLogEvent::Stopped,
            DeliveryChange::Resumed => PumpLogEvent::RateChanged {
                rate_ml_per_h: self.delivery.rate_now(),
            },
            DeliveryChange::Kvo | DeliveryChange::NewBag => return,
        };
        self.tell(cx, BridgeMessage::Log(log));
        let (infusing, rate) = (self.is_infusing(), self.delivery.rate_now());
        self.tell(
            cx,
            BridgeMessage::Progress {
                infusing,
                rate_ml_per_h: rate,
                infused_ml: self.delivery.counted_ml(now),
            },
        );
    }

    /// Says so where what reaches the patient is not what the pump displays.
    fn compare(&self, cx: &mut Cx<'_>) {
        let (displayed, delivered) = (self.delivery.rate_now(), self.delivery.flow_now());
        let honest = self.running.scale() == 1.0 || displayed <= 0.0;
        if honest || (delivered / displayed - 1.0).abs() <= FLOW_BOUND {
            return;
        }
        let care_area = self
            .programme
            .as_ref()
            .map_or_else(String::new, |p| p.care_area.clone());
        let differs = TherapyRecord::FlowDiffers {
            drug: self.drug().into(),
            care_area: care_area.into(),
            displayed_ml_per_h: displayed,
            delivered_ml_per_h: delivered,
        };
        cx.emit_because(differs, &self.running.because());
    }

    /// Whether it infuses now.
    #[must_use]
    pub fn is_infusing(&self) -> bool {
        matches!(
            self.delivery.state(),
            DeliveryState::Infusing | DeliveryState::Kvo
        )
    }

    /// `flow` is the record of what was done to the flow, where the alarm is about that.
    fn alarm(&mut self, cx: &mut Cx<'_>, kind: AlarmKind, flow: Option<RecordId>) {
        let number = self.next_alarm;
        self.next_alarm += 1;
        let now = cx.now();
        let record = if self.running.mute() {
            let muted = AlarmRecord::AlarmMuted { number, kind };
            let mut because = self.running.because().to_vec();
            because.extend(flow);
            cx.emit_because(muted, &because)
        } else {
            cx.emit_because(AlarmRecord::AlarmRaised { number, kind }, flow.as_slice())
        };
        let taken = Some(self.timer(
            cx,
            now + ALARM_TAKEN_WITHIN,
            TOKEN_TAKEN | u64::from(number),
        ));
        let answered = Some(self.timer(
            cx,
            now + ALARM_ANSWERED_WITHIN,
            TOKEN_ANSWERED | u64::from(number),
        ));
        self.alarms.push(OpenAlarm {
            number,
            since: now,
            taken,
            answered,
            record,
            confirmed: false,
        });
        let pump = cx.node();
        if self.running.mute() {
            return;
        }
        if let Some(&nurse) = cx.shared().nurse_of.get(&pump) {
            let sound = Percept::Sound { pump, number };
            cx.after(SOUND, nurse, LabEvent::Perceived(sound));
        }
        self.tell(cx, BridgeMessage::Alarm { number, kind });
        self.tell(cx, BridgeMessage::Log(PumpLogEvent::Alarm { kind }));
    }

    /// Sets or clears the deadline after which standing still is a gap in therapy.
    fn watch_therapy(&mut self, cx: &mut Cx<'_>, failure: Outage) {
        let wanted = self.programme.is_some();
        let still = match self.delivery.state() {
            DeliveryState::Alarming | DeliveryState::Paused => true,
            DeliveryState::Standby => self.halted,
            _ => false,
        };
        match (wanted && still, self.gap) {
            (true, None) => {
                let because = self.unheard(cx.now(), failure);
                let interrupted = cx.emit_because(TherapyRecord::InfusionHeld, &because);
                let event = self.timer(cx, cx.now() + THERAPY_GAP, TOKEN_THERAPY);
                self.gap = Some((event, interrupted));
            }
            (false, Some((event, _))) => {
                cx.cancel(event);
                self.gap = None;
            }
            _ => {}
        }
    }

    /// Earlier alarms that nobody has answered, and why no server took one, if so: had somebody come, it had not got to this.
    fn unheard(&self, now: Time, failure: Outage) -> Vec<RecordId> {
        let earlier = self.alarms.iter().filter(|a| a.since < now);
        let mut because: Vec<RecordId> = earlier.clone().map(|a| a.record).collect();
        if earlier.clone().any(|a| !a.confirmed) {
            because.extend(failure.records());
        }
        because
    }

    fn set_deadline(&mut self, cx: &mut Cx<'_>) {
        let before = self.deadline.take();
        if let Some(due) = before {
            cx.cancel(due.event);
        }
        let Some(at) = self.delivery.next_deadline(cx.now()) else {
            return;
        };
        // A look at the pump that changes nothing is no cause of what was to come all the same.
        let same = |d: &Due| d.at.max(at) - d.at.min(at) < SAME;
        let cause = before.filter(same).map_or(cx.as_cause(), |d| d.cause);
        let (owner, boot, token) = (id::PUMP_DELIVERY, self.boot, TOKEN_DELIVERY);
        let timer = LabEvent::Timer { owner, boot, token };
        let event = cx.at_caused(at, cx.node(), timer, cause);
        self.deadline = Some(Due { event, at, cause });
    }

    fn activate_if_idle(&mut self, cx: &mut Cx<'_>) {
        if !self.delivery.is_idle() {
            return;
        }
        let Some((offered, stored)) = self.waiting.take() else {
            return;
        };
        self.library = offered.library;
        let (version, digest) = (self.library.version, self.library.digest());
        self.library_record = Some(cx.emit_because(
            LibraryRecord::LibraryActivated { version, digest },
            &[stored],
        ));
        self.tell(cx, BridgeMessage::LibraryActive { version });
        self.tell(
            cx,
            BridgeMessage::Log(PumpLogEvent::LibraryActive { version }),
        );
    }

    /// Whether the pump took the programme.
    fn dial_in(
        &mut self,
        cx: &mut Cx<'_>,
        programme: Programme,
        override_soft: bool,
        failure: Outage,
    ) -> bool {
        let now = cx.now();
        if matches!(
            self.delivery.state(),
            DeliveryState::Infusing | DeliveryState::Kvo | DeliveryState::Paused
        ) && let Ok(events) = self.delivery.stop(now)
        {
            self.follow(cx, &events, failure);
        }
        let (drug, rate_ml_per_h) = (programme.drug.clone(), programme.rate_ml_per_h);
        match self
            .delivery
            .programme(now, &self.library, programme.clone(), override_soft)
        {
            Ok(outcome) => {
                self.programme = Some(programme);
                self.halted = false;
                let mut events = outcome.events;
                if let Ok(more) = self.delivery.start(now) {
                    events.extend(more);
                }
                self.follow(cx, &events, failure);
                true
            }
            Err(refusal) => {
                let limit = match refusal.reason {
                    RefusalReason::HardLimit { limit, .. }
                    | RefusalReason::SoftLimit { limit, .. } => Some(limit),
                    _ => None,
                };
                let refused = TherapyRecord::ProgrammeRefused {
                    drug,
                    rate_ml_per_h,
                    limit,
                };
                cx.emit_because(refused, self.library_record.as_slice());
                self.tell(cx, BridgeMessage::Log(PumpLogEvent::LimitHeld));
                self.follow(cx, &refusal.events, failure);
                false
            }
        }
    }

    /// A hand at the pump. Whose it is, the pump cannot see: it asks for a code, if it asks for anything.
    fn touch(&mut self, cx: &mut Cx<'_>, by: NodeId, touch: Touch, failure: Outage) {
        let stranger = by != cx.node() && cx.shared().kinds[by.index()] == NodeKind::Host;
        if touch.needs_operator()
            && let Some(item) = self.panel.asks(cx.now())
        {
            if stranger {
                cx.emit(BedsideRecord::OperatorAsked { by, item });
                show(cx, by, Shown::AsksForCode);
                return;
            }
            // The staff knows the code: logs in, which takes a while, and goes on.
            let login = cx.emit(BedsideRecord::OperatorLoggedIn { by });
            self.panel.log_in(cx.now() + LOGIN, login);
            let touch = Box::new(touch);
            cx.after(LOGIN, cx.node(), LabEvent::Touch { by, touch });
            return;
        }
        let what = match touch {
            Touch::Programme { .. } | Touch::Dial { .. } => Some(Operation::Programme),
            Touch::ConfirmOrder => Some(Operation::Confirm),
            Touch::Stop => Some(Operation::Stop),
            _ => None,
        };
        let login = self.panel.login();
        let obeyed = self.obey(cx, by, touch, failure);
        if stranger {
            if let Some(what) = what.filter(|_| obeyed) {
                cx.emit_because(BedsideRecord::Touched { by, what }, login.as_slice());
            }
            let shown = if obeyed { Shown::Obeys } else { Shown::Refuses };
            show(cx, by, shown);
        }
    }

    /// Does what a hand asks for. Whether it could.
    fn obey(&mut self, cx: &mut Cx<'_>, by: NodeId, touch: Touch, failure: Outage) -> bool {
        match touch {
            Touch::Programme {
                programme,
                override_soft,
            } => self.dial_in(cx, programme, override_soft, failure),
            Touch::Dial {
                care_area,
                drug,
                rate_ml_per_h,
                vtbi_ml,
            } => {
                let Some(entry) = self.library.entries_for(&care_area, &drug).next() else {
                    return false;
                };
                let programme = Programme {
                    order: None,
                    patient: None,
                    concentration: entry.concentration.clone(),
                    care_area,
                    drug,
                    rate_ml_per_h,
                    vtbi_ml,
                    entered: Entry::ByHand,
                };
                self.dial_in(cx, programme, true, failure)
            }
            Touch::ConfirmOrder => match self.shown.take() {
                Some(order) => {
                    self.dial_in(cx, order.programme(Entry::AutoProgrammed), false, failure)
                }
                None => false,
            },
            Touch::Code(code) => {
                let known = self.panel.knows(&code);
                if known {
                    let login = cx.emit(BedsideRecord::OperatorLoggedIn { by });
                    self.panel.log_in(cx.now(), login);
                }
                known
            }
            Touch::Stop => match self.delivery.stop(cx.now()) {
                Ok(events) => {
                    self.halted = true;
                    self.follow(cx, &events, failure);
                    true
                }
                Err(_) => false,
            },
            Touch::Silence => match self.delivery.silence(cx.now()) {
                Ok(events) => {
                    self.follow(cx, &events, failure);
                    true
                }
                Err(_) => false,
            },
            other => self.of_staff(cx, by, other, failure),
        }
    }

    fn bridge(&mut self, cx: &mut Cx<'_>, message: BridgeMessage, stored: Option<RecordId>) {
        match message {
            BridgeMessage::ActivateLibrary(library) => {
                let crossed = TherapyRecord::Bridge {
                    what: Crossing::Library,
                    to_delivery: true,
                };
                let record = cx.emit_because(crossed, stored.as_slice());
                self.waiting = Some((library, record));
                self.activate_if_idle(cx);
            }
            BridgeMessage::Install(image) => {
                let crossed = TherapyRecord::Bridge {
                    what: Crossing::Image,
                    to_delivery: true,
                };
                let record = cx.emit_because(crossed, stored.as_slice());
                self.load(cx, image, record);
            }
            BridgeMessage::PresentOrder(order) => {
                let crossed = TherapyRecord::Bridge {
                    what: Crossing::Order,
                    to_delivery: true,
                };
                self.shown_record = Some(cx.emit_because(crossed, stored.as_slice()));
                self.shown = Some(order);
                let nurse = cx.shared().nurse_of.get(&cx.node()).copied();
                if let Some(nurse) = nurse {
                    let pump = cx.node();
                    cx.after(
                        Duration::from_secs(1),
                        nurse,
                        LabEvent::Perceived(Percept::OrderShown { pump }),
                    );
                }
            }
            BridgeMessage::AlarmTaken { number } => {
                if let Some(alarm) = self.alarms.iter_mut().find(|a| a.number == number) {
                    alarm.confirmed = true;
                    if let Some(event) = alarm.taken.take() {
                        cx.cancel(event);
                    }
                }
            }
            _ => {}
        }
    }

    fn deadline_passed(&mut self, cx: &mut Cx<'_>, token: u64, failure: Outage) {
        let number = token as u32;
        let alarm = self.alarms.iter_mut().find(|a| a.number == number);
        let (missing, after, first) = match (token & !0xFFFF_FFFF, alarm) {
            (TOKEN_TAKEN, Some(alarm)) => {
                alarm.taken = None;
                (
                    Missing::AlarmTaken { number },
                    ALARM_TAKEN_WITHIN,
                    alarm.record,
                )
            }
            (TOKEN_ANSWERED, Some(alarm)) => {
                alarm.answered = None;
                (
                    Missing::AlarmAnswered { number },
                    ALARM_ANSWERED_WITHIN,
                    alarm.record,
                )
            }
            (TOKEN_THERAPY, _) => match self.gap {
                Some((_, record)) => (Missing::Therapy, THERAPY_GAP, record),
                None => return,
            },
            _ => return,
        };
        let mut because = vec![first];
        match missing {
            Missing::Therapy => because.extend(self.unheard(cx.now(), failure)),
            _ => because.extend(failure.records()),
        }
        cx.emit_because(AlarmRecord::DeadlinePassed { missing, after }, &because);
    }
}

/// Shows somebody who is not of the staff what became of a touch.
fn show(cx: &mut Cx<'_>, by: NodeId, shown: Shown) {
    cx.after(Duration::ZERO, by, LabEvent::Shown(shown));
}

/// Whether a message on the bridge is for the delivery controller rather than for the communication module.
pub(super) fn is_for_delivery(message: &BridgeMessage) -> bool {
    matches!(
        message,
        BridgeMessage::ActivateLibrary(_)
            | BridgeMessage::Install(_)
            | BridgeMessage::PresentOrder(_)
            | BridgeMessage::AlarmTaken { .. }
    )
}

/// Handles an event at the delivery controller.
pub(super) fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    // What last cut communication off: needed to say why something did not come, never to decide anything.
    let host = node.get::<Host>().and_then(Host::network);
    let address = host.and_then(|n| n.stack.address_sought());
    let network = host.and_then(Network::network_sought);
    let outage = node.get::<PumpComms>().map(PumpComms::outage);
    let failure = outage.map(|o| o.without(address, network));
    let failure = failure.unwrap_or_default();
    let stored = node.get::<PumpComms>().and_then(PumpComms::last_stored);
    let Some(pump) = node.get_mut::<PumpDelivery>() else {
        return;
    };
    match event {
        LabEvent::Touch { by, touch } => pump.touch(cx, by, *touch, failure),
        LabEvent::Bridge(message) => pump.bridge(cx, *message, stored),
        LabEvent::Timer {
            token: TOKEN_DELIVERY,
            ..
        } => {
            pump.deadline = None;
            let events = pump.delivery.on_deadline(cx.now());
            pump.follow(cx, &events, failure);
        }
        LabEvent::Timer { token, .. } => pump.deadline_passed(cx, token, failure),
        _ => {}
    }
}

/// The pump has power: the controller starts with it, or stops without.
pub(super) fn power(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, on: bool, boot: u32) {
    let Some(pump) = node.get_mut::<PumpDelivery>() else {
        return;
    };
    pump.boot = boot;
    let now = cx.now();
    let events = if on {
        pump.delivery.power_on(now)
    } else {
        pump.delivery.power_off(now)
    };
    if let Ok(events) = events {
        pump.follow(cx, &events, Outage::default());
    }
}

//! What staff do at a pump besides programming it: a slip, a second look, taking it out of service; and what befalls its line and its mains.

use super::{Outage, PumpDelivery};
use crate::clinical::delivery::{AlarmKind, DeliveryState, Events};
use crate::clinical::order::{Entry, InfusionOrder, Programme};
use crate::engine::NodeId;
use crate::event::{Cx, LabEvent, NO_ITEM, Percept, Touch};
use crate::record::{AlarmRecord, DeliveryChange, TherapyRecord};
use crate::spec::ItemId;
use crate::time::Duration;

/// Time in which a person puts right what a pump refused \[A\].
const CORRECTION: Duration = Duration::from_secs(20);

impl PumpDelivery {
    /// Does what only staff or bad luck do at a pump. Whether it could.
    pub(super) fn of_staff(
        &mut self,
        cx: &mut Cx<'_>,
        by: NodeId,
        touch: Touch,
        failure: Outage,
    ) -> bool {
        match touch {
            Touch::Slip {
                dialled,
                meant,
                override_soft,
            } => return self.slip(cx, (dialled, meant), override_soft, failure),
            Touch::Compared { chart, then } => {
                return self.compared(cx, by, chart, *then, failure);
            }
            Touch::Attend { bag_ml, goes_on } => {
                self.attend(cx, (by, bag_ml), goes_on, failure);
            }
            Touch::Retire { replaced_by } => {
                self.end(cx, failure);
                cx.emit(TherapyRecord::PumpReplaced { by: replaced_by });
            }
            Touch::Kink => {
                let events = self.delivery.occlude(cx.now());
                self.follow(cx, &events, failure);
            }
            Touch::Mains(on) => {
                let now = cx.now();
                let events = if on {
                    self.delivery.plug_in(now)
                } else {
                    self.delivery.unplug(now)
                };
                self.follow(cx, &events, failure);
            }
            _ => return false,
        }
        true
    }

    /// A nurse comes: silences, frees the line, lets the programme go on. At the end of a volume she does what was ordered: a dose that
    /// is given is ended; an infusion that goes on gets its next volume, from the bag that hangs if that holds it.
    fn attend(
        &mut self,
        cx: &mut Cx<'_>,
        (by, bag_ml): (NodeId, f64),
        goes_on: bool,
        failure: Outage,
    ) {
        let now = cx.now();
        self.answered(cx);
        let alarms = self.delivery.alarms();
        let complete = alarms.contains(AlarmKind::VtbiComplete);
        let empty = alarms.contains(AlarmKind::BagEmpty);
        let mut events = Events::new();
        if self.delivery.is_occluded() {
            events.extend(self.delivery.clear_occlusion(now));
        }
        if let Ok(more) = self.delivery.silence(now) {
            events.extend(more);
        }
        if !goes_on && (complete || empty) {
            self.follow(cx, &events, failure);
            self.end(cx, failure);
            cx.after(
                Duration::ZERO,
                by,
                LabEvent::Perceived(Percept::DoseGiven { pump: cx.node() }),
            );
            return;
        }
        let next = self.programme.clone().filter(|_| complete);
        let holds_it = |ml: f64| self.delivery.bag_ml(now) >= ml;
        let low = empty || alarms.contains(AlarmKind::NearEndOfInfusion);
        let spent = next.as_ref().is_some_and(|p| !holds_it(p.vtbi_ml));
        if goes_on
            && (low || spent)
            && let Ok(more) = self.delivery.new_bag(now, bag_ml)
        {
            events.extend(more);
            self.changed(cx, DeliveryChange::NewBag);
        }
        if self.delivery.state() == DeliveryState::Paused
            && let Ok(more) = self.delivery.resume(now)
        {
            events.extend(more);
        }
        self.follow(cx, &events, failure);
        if let Some(programme) = next {
            self.dial_in(cx, programme, true, failure);
        }
    }

    /// Whoever comes has answered every alarm that is open.
    fn answered(&mut self, cx: &mut Cx<'_>) {
        for alarm in std::mem::take(&mut self.alarms) {
            for event in [alarm.taken, alarm.answered].into_iter().flatten() {
                cx.cancel(event);
            }
            let answered = AlarmRecord::AlarmAnswered {
                number: alarm.number,
                after: cx.now() - alarm.since,
            };
            cx.emit_because(answered, &[alarm.record]);
        }
    }

    /// Compares with the chart before `then`; what differs is questioned, and what the chart says is dialled in instead.
    fn compared(
        &mut self,
        cx: &mut Cx<'_>,
        by: NodeId,
        chart: Option<Box<InfusionOrder>>,
        then: Touch,
        failure: Outage,
    ) -> bool {
        let seen = match &then {
            Touch::ConfirmOrder => self
                .shown
                .as_ref()
                .map(|o| (o.drug.clone(), o.rate_ml_per_h)),
            Touch::Programme { programme: p, .. } | Touch::Slip { dialled: p, .. } => {
                Some((p.drug.clone(), p.rate_ml_per_h))
            }
            // On a round she looks at what runs, after she has done what was to be done.
            _ => {
                self.obey(cx, by, then.clone(), failure);
                let runs = self.programme.as_ref().filter(|_| self.is_infusing());
                runs.map(|p| (p.drug.clone(), self.delivery.rate_now()))
                    .filter(|_| self.delivery.state() == DeliveryState::Infusing)
            }
        };
        let agree = |order: &InfusionOrder| {
            seen.as_ref()
                .is_none_or(|(drug, rate)| *drug == order.drug && *rate == order.rate_ml_per_h)
        };
        let looked = matches!(then, Touch::Attend { .. });
        if seen.is_none() || chart.as_ref().is_some_and(|o| agree(o)) {
            return looked || self.obey(cx, by, then, failure);
        }
        let questioned = TherapyRecord::OrderQuestioned {
            rate_ml_per_h: seen.as_ref().map_or(0.0, |(_, rate)| *rate),
            charted_ml_per_h: chart.as_ref().map(|o| o.rate_ml_per_h),
            item: double_check_of(cx, by),
        };
        let shown = self.shown.take_if(|_| matches!(then, Touch::ConfirmOrder));
        cx.emit_because(questioned, self.shown_record.as_slice());
        match chart {
            Some(order) if shown.is_none() || !self.runs(&order) => {
                self.dial_in(cx, order.programme(Entry::ByHand), true, failure);
            }
            None if looked => self.end(cx, failure),
            _ => {}
        }
        false
    }

    fn runs(&self, order: &InfusionOrder) -> bool {
        self.is_infusing()
            && self
                .programme
                .as_ref()
                .is_some_and(|p| p.drug == order.drug && p.rate_ml_per_h == order.rate_ml_per_h)
    }

    /// Somebody ends the programme for good.
    fn end(&mut self, cx: &mut Cx<'_>, failure: Outage) {
        if let Ok(events) = self.delivery.stop(cx.now()) {
            self.follow(cx, &events, failure);
        }
        self.programme = None;
        self.watch_therapy(cx, failure);
    }

    fn slip(
        &mut self,
        cx: &mut Cx<'_>,
        (dialled, meant): (Programme, Programme),
        override_soft: bool,
        failure: Outage,
    ) -> bool {
        let taken = self.dial_in(cx, dialled, override_soft, failure);
        if !taken {
            let by = cx.shared().nurse_of.get(&cx.node()).copied();
            let touch = Touch::Programme {
                programme: meant,
                override_soft: true,
            };
            let touch = LabEvent::Touch {
                by: by.unwrap_or(cx.node()),
                touch: Box::new(touch),
            };
            cx.after(CORRECTION, cx.node(), touch);
        }
        taken
    }
}

/// The item of the rule by which a nurse compares. It is not part of the event: what happens does not depend on how items are numbered.
fn double_check_of(cx: &Cx<'_>, nurse: NodeId) -> ItemId {
    let shared = cx.shared();
    let name = shared.names.get(nurse.index());
    let mut nurses = shared.lab.nurses.iter();
    let spec = nurses.find(|n| Some(&n.name) == name);
    spec.map_or(NO_ITEM, |n| n.double_check.id)
}

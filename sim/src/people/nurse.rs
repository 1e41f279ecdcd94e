//! A nurse: programmes pumps, answers alarms that she knows of, goes on rounds, confirms orders, hands over.

use super::id;
use crate::clinical::order::{Entry, InfusionOrder, Programme};
use crate::device::part::Part;
use crate::engine::{Cause, EventId, NodeId, NodeMut};
use crate::event::{Cx, HandOver, LabEvent, Percept, Task, Touch};
use crate::rng::{NodeKey, Purpose};
use crate::spec::{HappeningSpec, Item, SlipSpec};
use crate::time::{Duration, Time};
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

/// A nurse has a node of their own and no computer.
pub(super) const PART: Part = Part::new(id::NURSE);

const RESPONSE: Purpose = Purpose::new("nurse response");
const SILENCE: Purpose = Purpose::new("nurse response to silence");
const CONFIRMATION: Purpose = Purpose::new("order confirmation");
const SLIP: Purpose = Purpose::new("slip of the finger");
/// Time that a nurse spends in a room on her round or at a call \[A\].
const PER_ROOM: Duration = Duration::from_mins(2);
/// Time from the end of one pump's service to the start of the one that replaces it \[A\].
const CHANGE_OVER: Duration = Duration::from_mins(1);
const TOKEN_ROUND: u64 = 0;

/// What a nurse is like, and whom she cares for.
#[derive(Clone, Debug)]
pub struct NurseConfig {
    /// Pumps, each with the volume of the bag that she hangs there in mL, and its room.
    pub pumps: Vec<(NodeId, f64, u32)>,
    /// Time between her rounds.
    pub rounds_every: Duration,
    /// Median of her log-normal answer time.
    pub response_median: Duration,
    /// Sigma of that distribution.
    pub response_sigma: f64,
    /// Slips when she dials in a rate.
    pub slips: SlipSpec,
    /// Probability that she overrides a soft limit alert that her own slip brought.
    pub overrides: f64,
    /// Whether she compares pump and chart.
    pub double_check: Item<bool>,
    /// How often she looks after a pump that is reported silent.
    pub watches_silent: Option<Duration>,
    /// She hears the alarms of her pumps from this many rooms away.
    pub earshot_rooms: Option<u32>,
}

/// A nurse.
#[derive(Component, Clone, Debug)]
pub struct Nurse {
    config: NurseConfig,
    /// How often she was called to a pump, and what for, otherwise than by its alarms, which have numbers of their own.
    called: BTreeMap<(Purpose, NodeId), u64>,
    charts: BTreeMap<NodeId, InfusionOrder>,
    /// Rooms that she is in or will be in, and when she comes there.
    visits: Vec<(u32, Time)>,
    /// The last alarm of each pump that she went for.
    heading: BTreeMap<NodeId, u32>,
    watched: BTreeMap<NodeId, EventId>,
    relief: Option<NodeId>,
    busy_until: Time,
    began: Cause,
}

impl Nurse {
    /// A nurse on duty.
    #[must_use]
    pub fn new(config: NurseConfig) -> Self {
        Self {
            config,
            called: BTreeMap::new(),
            charts: BTreeMap::new(),
            visits: Vec::new(),
            heading: BTreeMap::new(),
            watched: BTreeMap::new(),
            relief: None,
            busy_until: Time::ZERO,
            began: Cause::GENESIS,
        }
    }

    /// How long she takes to be at a pump: log-normal, and after a hand-over that is under way.
    fn response(&self, cx: &Cx<'_>, purpose: Purpose, counter: u64) -> Duration {
        let normal: f64 = rand_distr::Distribution::sample(
            &rand_distr::StandardNormal,
            &mut cx.stream(purpose, counter),
        );
        let median_s = self.config.response_median.as_secs_f64();
        let after = median_s * libm::exp(self.config.response_sigma * normal);
        let busy = (self.busy_until.max(cx.now())) - cx.now();
        busy + Duration::from_secs_f64(after)
    }

    fn count(&mut self, purpose: Purpose, pump: NodeId) -> u64 {
        let n = self.called.entry((purpose, pump)).or_default();
        *n += 1;
        *n
    }

    /// How long she takes to answer another call to a pump.
    fn called(&mut self, cx: &Cx<'_>, purpose: Purpose, pump: NodeId) -> Duration {
        let n = self.count(purpose, pump);
        self.response(cx, purpose, at_pump(cx, pump, n))
    }

    fn attend(&self, pump: NodeId) -> Touch {
        let bag = self.config.pumps.iter().find(|(p, _, _)| *p == pump);
        Touch::Attend {
            bag_ml: bag.map_or(250.0, |(_, ml, _)| *ml),
            // What nobody ordered is not begun again either.
            goes_on: self.charts.get(&pump).is_some_and(|order| !order.dose),
        }
    }

    fn room(&self, pump: NodeId) -> Option<u32> {
        let known = self.config.pumps.iter().find(|(p, _, _)| *p == pump);
        known.map(|(_, _, room)| *room)
    }

    /// Goes to a pump. With the rule of the second look she compares it with the chart.
    fn go(&mut self, cx: &mut Cx<'_>, after: Duration, pump: NodeId, touch: Touch) {
        let (by, now) = (cx.node(), cx.now());
        self.visits.retain(|(_, at)| *at + PER_ROOM > now);
        if let Some(room) = self.room(pump) {
            self.visits.push((room, now + after));
        }
        let touch = Box::new(touch);
        if self.config.double_check.value {
            // The chart is read at the pump: it may change while she is on her way.
            let percept = Percept::AtPump { pump, then: touch };
            cx.after(after, by, LabEvent::Perceived(percept));
        } else {
            cx.after(after, pump, LabEvent::Touch { by, touch });
        }
    }

    /// Compares the pump with the chart as it is now, and acts.
    fn looks(&self, cx: &mut Cx<'_>, pump: NodeId, then: Box<Touch>) {
        let touch = Box::new(Touch::Compared {
            chart: self.charts.get(&pump).cloned().map(Box::new),
            then,
        });
        let by = cx.node();
        cx.after(Duration::ZERO, pump, LabEvent::Touch { by, touch });
    }

    /// Goes for an alarm, once however she learns of it.
    fn go_for(&mut self, cx: &mut Cx<'_>, pump: NodeId, number: u32) {
        if self.heading.get(&pump).is_some_and(|last| *last >= number) {
            return;
        }
        self.heading.insert(pump, number);
        let after = self.response(cx, RESPONSE, at_pump(cx, pump, u64::from(number)));
        self.go(cx, after, pump, self.attend(pump));
    }

    /// Whether she is near enough to a pump to hear it.
    fn hears(&self, pump: NodeId, now: Time) -> bool {
        let (Some(reach), Some(room)) = (self.config.earshot_rooms, self.room(pump)) else {
            return false;
        };
        let near = |&(at, since): &(u32, Time)| {
            since <= now && now <= since + PER_ROOM && at.abs_diff(room) <= reach
        };
        self.visits.iter().any(near)
    }

    /// Dials in what she is asked to, or what her finger makes of it.
    fn programme(&mut self, cx: &mut Cx<'_>, task: Task, after: Duration) {
        let Task {
            pump,
            order,
            slip_ml_per_h,
            override_soft,
        } = task;
        let n = self.count(SLIP, pump);
        let mut luck = cx.stream(SLIP, at_pump(cx, pump, n));
        let slips = self.config.slips;
        let (slipped, up) = (luck.unit_f64() < slips.probability, luck.unit_f64() < 0.5);
        let by_luck = || {
            let factor = if up { slips.factor } else { 1.0 / slips.factor };
            slipped.then_some(order.rate_ml_per_h * factor)
        };
        let wrong = slip_ml_per_h.or_else(by_luck);
        // An alert that her own slip brings is one that she did not expect.
        let override_soft = match slip_ml_per_h {
            None if slipped => luck.unit_f64() < self.config.overrides,
            _ => override_soft,
        };
        let meant = by_hand(&order);
        let touch = match wrong {
            Some(rate_ml_per_h) => Touch::Slip {
                dialled: Programme {
                    rate_ml_per_h,
                    ..meant.clone()
                },
                meant,
                override_soft,
            },
            None => Touch::Programme {
                programme: meant,
                override_soft,
            },
        };
        self.charts.insert(pump, order);
        self.go(cx, after, pump, touch);
    }

    /// Takes a pump out of service and lets another do its work.
    fn replace(&mut self, cx: &mut Cx<'_>, pump: NodeId, by: NodeId) {
        let order = self.charts.remove(&pump);
        let bag = self.config.pumps.iter().find(|(p, _, _)| *p == pump);
        let bag_ml = bag.map_or(250.0, |(_, ml, _)| *ml);
        if let Some(other) = self.config.pumps.iter_mut().find(|(p, _, _)| *p == by) {
            other.1 = bag_ml;
        }
        let hand = cx.node();
        let touch = Box::new(Touch::Retire { replaced_by: by });
        cx.after(Duration::ZERO, pump, LabEvent::Touch { by: hand, touch });
        if let Some(order) = order {
            let task = Task {
                pump: by,
                order,
                slip_ml_per_h: None,
                override_soft: true,
            };
            self.programme(cx, task, CHANGE_OVER);
        }
    }

    /// Looks after a pump that fell silent, again and again until it is heard from.
    fn watch(&mut self, cx: &mut Cx<'_>, pump: NodeId) {
        if let Some(every) = self.config.watches_silent {
            let timer = LabEvent::Timer {
                owner: id::NURSE,
                boot: 1,
                token: u64::from(pump.0) + 1,
            };
            let event = cx.after(every, cx.node(), timer);
            if let Some(before) = self.watched.insert(pump, event) {
                cx.cancel(before);
            }
        }
    }

    fn perceives(&mut self, cx: &mut Cx<'_>, percept: Percept) {
        match percept {
            Percept::Display { pump, number } => self.go_for(cx, pump, number),
            Percept::Sound { pump, number } if self.hears(pump, cx.now()) => {
                self.go_for(cx, pump, number);
            }
            Percept::Sound { .. } => {}
            Percept::Silence { pump } => {
                let after = self.called(cx, SILENCE, pump);
                self.go(cx, after, pump, self.attend(pump));
                self.watch(cx, pump);
            }
            Percept::SeenAgain { pump } => {
                if let Some(event) = self.watched.remove(&pump) {
                    cx.cancel(event);
                }
            }
            Percept::OrderShown { pump } => {
                let after = self.called(cx, CONFIRMATION, pump);
                self.go(cx, after, pump, Touch::ConfirmOrder);
            }
            Percept::Charted { pump, order } => {
                self.charts.insert(pump, *order);
            }
            // Signed off: it is not given again, by this pump or by one that replaces it.
            Percept::DoseGiven { pump } => {
                self.charts.remove(&pump);
            }
            Percept::Asked(task) => self.programme(cx, *task, Duration::ZERO),
            Percept::Recall { pump, by } => self.replace(cx, pump, by),
            Percept::AtPump { pump, then } => self.looks(cx, pump, then),
            Percept::TakesOver(over) => {
                self.config.pumps.extend(over.pumps);
                self.charts.extend(over.charts);
                self.busy_until = cx.now() + over.pause;
            }
        }
    }

    /// Something of the play happens to her.
    fn happens(&mut self, cx: &mut Cx<'_>, n: u32) {
        let shared = cx.shared();
        match shared.play.events.get(n as usize).map(|e| &e.what) {
            Some(HappeningSpec::ShiftChange { to, pause, .. }) => {
                let Some(to) = shared.node(to) else {
                    return;
                };
                let over = HandOver {
                    pumps: std::mem::take(&mut self.config.pumps),
                    charts: std::mem::take(&mut self.charts),
                    pause: *pause,
                };
                self.relief = Some(to);
                let percept = Percept::TakesOver(Box::new(over));
                cx.after(Duration::ZERO, to, LabEvent::Perceived(percept));
                for (pump, event) in std::mem::take(&mut self.watched) {
                    cx.cancel(event);
                    let percept = Percept::Silence { pump };
                    cx.after(Duration::ZERO, to, LabEvent::Perceived(percept));
                }
            }
            Some(HappeningSpec::Strain { slips_times, .. }) => {
                let p = self.config.slips.probability * slips_times;
                self.config.slips.probability = p.min(1.0);
            }
            _ => {}
        }
    }

    fn round_later(&self, cx: &mut Cx<'_>) {
        let timer = LabEvent::Timer {
            owner: id::NURSE,
            boot: 1,
            token: TOKEN_ROUND,
        };
        let at = cx.now() + self.config.rounds_every;
        cx.at_caused(at, cx.node(), timer, self.began);
    }
}

/// A programme dialled in by hand.
fn by_hand(order: &InfusionOrder) -> Programme {
    Programme {
        order: None,
        patient: None,
        ..order.programme(Entry::ByHand)
    }
}

/// The counter of her luck at a pump: by the pump's name, since its number depends on who else is there.
fn at_pump(cx: &Cx<'_>, pump: NodeId, n: u64) -> u64 {
    let name = cx.shared().names.get(pump.index());
    name.map_or(0, |name| NodeKey::of(name).as_u64())
        .wrapping_add(n)
}

/// Handles an event at a nurse.
pub fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    let Some(nurse) = node.get_mut::<Nurse>() else {
        return;
    };
    match event {
        // Whoever has gone passes on what still comes to her; the station shows it to the one in charge.
        LabEvent::Perceived(percept) if nurse.relief.is_some() => {
            if let Some(relief) = nurse.relief {
                cx.after(Duration::ZERO, relief, LabEvent::Perceived(percept));
            }
        }
        LabEvent::Perceived(percept) => nurse.perceives(cx, percept),
        LabEvent::Happening(n) => nurse.happens(cx, n),
        LabEvent::Power(true) => {
            nurse.began = cx.as_cause();
            nurse.round_later(cx);
        }
        LabEvent::Timer {
            token: TOKEN_ROUND, ..
        } if nurse.relief.is_none() => {
            let pumps: Vec<NodeId> = nurse.config.pumps.iter().map(|(p, _, _)| *p).collect();
            for (i, pump) in pumps.into_iter().enumerate() {
                nurse.go(cx, PER_ROOM * i as u64, pump, nurse.attend(pump));
            }
            nurse.round_later(cx);
        }
        LabEvent::Timer { token, .. } if token != TOKEN_ROUND => {
            let pump = NodeId(token as u32 - 1);
            nurse.watched.remove(&pump);
            nurse.go(cx, Duration::ZERO, pump, nurse.attend(pump));
            nurse.watch(cx, pump);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clinical::drug_library::{AmountUnit, Concentration};
    use crate::spec::ItemId;

    fn at(mins: u64) -> Time {
        Time::ZERO + Duration::from_mins(mins)
    }

    fn nurse(earshot_rooms: Option<u32>) -> Nurse {
        Nurse::new(NurseConfig {
            pumps: vec![
                (NodeId(1), 100.0, 1),
                (NodeId(2), 250.0, 2),
                (NodeId(9), 50.0, 9),
            ],
            rounds_every: Duration::from_hours(1),
            response_median: Duration::from_secs(44),
            response_sigma: 1.6,
            slips: SlipSpec {
                probability: 0.0,
                factor: 10.0,
            },
            overrides: 0.0,
            double_check: Item {
                id: ItemId(0),
                value: false,
            },
            watches_silent: None,
            earshot_rooms,
        })
    }

    fn order(dose: bool) -> InfusionOrder {
        InfusionOrder {
            id: 1,
            patient: 1,
            care_area: "Med-Surg".to_owned(),
            drug: "vancomycin".to_owned(),
            concentration: Concentration {
                text: String::new(),
                per_ml: 1.0,
                unit: AmountUnit::Mg,
            },
            rate_ml_per_h: 200.0,
            vtbi_ml: 150.0,
            dose,
        }
    }

    #[test]
    fn she_hears_her_own_pumps_near_by_while_she_is_in_the_room() {
        let mut near = nurse(Some(1));
        assert!(!near.hears(NodeId(1), at(10)), "at the station");
        near.visits.push((2, at(10)));
        assert!(near.hears(NodeId(1), at(10)), "next door");
        assert!(near.hears(NodeId(2), at(12)), "still there");
        assert!(!near.hears(NodeId(2), at(13)), "gone");
        assert!(!near.hears(NodeId(2), at(9)), "not yet there");
        assert!(!near.hears(NodeId(9), at(10)), "too far");
        assert!(!near.hears(NodeId(7), at(10)), "not hers");
        let mut deaf = nurse(None);
        deaf.visits.push((1, at(10)));
        assert!(!deaf.hears(NodeId(1), at(10)));
    }

    #[test]
    fn what_she_does_at_the_end_of_a_volume_is_in_the_chart() {
        let mut nurse = nurse(None);
        let plan = |nurse: &Nurse| match nurse.attend(NodeId(1)) {
            Touch::Attend { bag_ml, goes_on } => (bag_ml, goes_on),
            other => panic!("{other:?}"),
        };
        assert_eq!(plan(&nurse), (100.0, false), "nothing is charted");
        nurse.charts.insert(NodeId(1), order(false));
        assert_eq!(plan(&nurse), (100.0, true));
        nurse.charts.insert(NodeId(1), order(true));
        assert_eq!(plan(&nurse), (100.0, false));
    }
}

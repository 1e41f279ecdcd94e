//! A nurse: answers alarms that she knows of, goes on rounds, confirms orders.

use crate::engine::{EventId, NodeId, NodeMut};
use crate::event::{Cx, LabEvent, Owner, Percept, Touch};
use crate::rng::{NodeKey, Purpose};
use crate::time::Duration;
use bevy_ecs::component::Component;
use std::collections::BTreeMap;

const RESPONSE: Purpose = Purpose::new("nurse response");
const SILENCE: Purpose = Purpose::new("nurse response to silence");
const CONFIRMATION: Purpose = Purpose::new("order confirmation");
/// Time that a nurse spends in a room on her round.
const PER_ROOM: Duration = Duration::from_mins(2);

/// A nurse.
#[derive(Component, Clone, Debug)]
pub struct Nurse {
    pumps: Vec<(NodeId, f64)>,
    rounds_every: Duration,
    response_median_s: f64,
    response_sigma: f64,
    /// How often she was called to a pump, and what for, otherwise than by its alarms, which have numbers of their own.
    called: BTreeMap<(Purpose, NodeId), u64>,
    began: EventId,
}

impl Nurse {
    /// A nurse in charge of these pumps, each with the volume of the bag she hangs there in mL; her answers to alarms are log-normal with this median and sigma.
    #[must_use]
    pub fn new(
        pumps: Vec<(NodeId, f64)>,
        rounds_every: Duration,
        response_median: Duration,
        response_sigma: f64,
    ) -> Self {
        Self {
            pumps,
            rounds_every,
            response_median_s: response_median.as_secs_f64(),
            response_sigma,
            called: BTreeMap::new(),
            began: EventId::GENESIS,
        }
    }

    fn response(&self, cx: &Cx<'_>, purpose: Purpose, counter: u64) -> Duration {
        let normal: f64 = rand_distr::Distribution::sample(
            &rand_distr::StandardNormal,
            &mut cx.stream(purpose, counter),
        );
        Duration::from_secs_f64(self.response_median_s * libm::exp(self.response_sigma * normal))
    }

    /// How long she takes to answer another call to a pump.
    fn called(&mut self, cx: &Cx<'_>, purpose: Purpose, pump: NodeId) -> Duration {
        let n = self.called.entry((purpose, pump)).or_default();
        *n += 1;
        let n = *n;
        self.response(cx, purpose, at_pump(cx, pump, n))
    }

    fn attend(&self, pump: NodeId) -> Touch {
        let bag = self.pumps.iter().find(|(p, _)| *p == pump);
        Touch::Attend {
            bag_ml: bag.map_or(250.0, |(_, ml)| *ml),
        }
    }

    fn go(&self, cx: &mut Cx<'_>, after: Duration, pump: NodeId, touch: Touch) {
        let by = cx.node();
        cx.after(
            after,
            pump,
            LabEvent::Touch {
                by,
                touch: Box::new(touch),
            },
        );
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
        LabEvent::Perceived(Percept::Display { pump, number }) => {
            let after = nurse.response(cx, RESPONSE, at_pump(cx, pump, u64::from(number)));
            nurse.go(cx, after, pump, nurse.attend(pump));
        }
        LabEvent::Perceived(Percept::Silence { pump }) => {
            let after = nurse.called(cx, SILENCE, pump);
            nurse.go(cx, after, pump, nurse.attend(pump));
        }
        LabEvent::Perceived(Percept::OrderShown { pump }) => {
            let after = nurse.called(cx, CONFIRMATION, pump);
            nurse.go(cx, after, pump, Touch::ConfirmOrder);
        }
        LabEvent::Power(true) => {
            nurse.began = cx.event();
            round_later(nurse, cx);
        }
        LabEvent::Timer { .. } => {
            for (i, &(pump, _)) in nurse.pumps.iter().enumerate() {
                nurse.go(cx, PER_ROOM * i as u64, pump, nurse.attend(pump));
            }
            round_later(nurse, cx);
        }
        _ => {}
    }
}

fn round_later(nurse: &Nurse, cx: &mut Cx<'_>) {
    let at = cx.now() + nurse.rounds_every;
    let timer = LabEvent::Timer {
        owner: Owner::Nurse,
        boot: 1,
        token: 0,
    };
    cx.at_caused(at, cx.node(), timer, nurse.began);
}

//! The radio medium: who hears a frame, when, and how strongly.
//!
//! Channel access is simple in this version: a channel carries one frame at a time, first come first served, each for its airtime
//! plus a fixed overhead. Signal follows log-distance path loss. A frame reaches the radio it is addressed to, every radio if it is
//! addressed to all, and every monitor radio, as far as they are in range on the channel.

use super::noise::{Noise, Noises};
use crate::engine::{EventId, NodeId, NodeMut};
use crate::event::{AirCommand, Cx, LabEvent};
use crate::record::{DropReason, NetworkRecord, WirelessRecord};
use crate::spec::{Position, RadioSpec};
use crate::time::{Duration, Time};
use crate::wire::Mac;
use crate::wire::dot11::Dot11;
use bevy_ecs::component::Component;
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};

/// Time after which a station notices that the beacons of its access point are missing: ten of 102.4 ms \[M\].
const BEACONS_MISSED: Duration = Duration::from_millis(1024);
/// Channels of the 2.4 GHz band, counted from 1.
const CHANNELS: usize = 15;

/// A radio on the floor.
#[derive(Clone, Debug)]
pub struct Radio {
    /// Its node.
    pub node: NodeId,
    /// Addresses that it answers to.
    pub macs: SmallVec<[Mac; 2]>,
    /// Channel that it is tuned to.
    pub channel: u8,
    /// Whether it hears every frame.
    pub monitor: bool,
    from: Position,
    to: Position,
    started: Time,
    over: Duration,
    watch: Option<Mac>,
    warned: bool,
    pending: Option<EventId>,
    lost_pending: bool,
}

impl Radio {
    /// A radio at rest.
    #[must_use]
    pub fn at(node: NodeId, macs: &[Mac], channel: u8, position: Position) -> Self {
        Self {
            node,
            macs: macs.iter().copied().collect(),
            channel,
            monitor: false,
            from: position,
            to: position,
            started: Time::ZERO,
            over: Duration::ZERO,
            watch: None,
            warned: false,
            pending: None,
            lost_pending: false,
        }
    }

    fn position(&self, now: Time) -> Position {
        let elapsed = now - self.started;
        if elapsed >= self.over {
            return self.to;
        }
        let f = elapsed.as_secs_f64() / self.over.as_secs_f64();
        Position {
            x: self.from.x + (self.to.x - self.from.x) * f,
            y: self.from.y + (self.to.y - self.from.y) * f,
        }
    }
}

/// The medium's state.
#[derive(Component, Clone, Debug)]
pub struct Air {
    spec: RadioSpec,
    radios: Vec<Radio>,
    /// Places of the radios, by node, and by the addresses that they answer to.
    by_node: BTreeMap<NodeId, usize>,
    by_mac: BTreeSet<(Mac, usize)>,
    /// Places of the radios that hear every frame.
    monitors: BTreeSet<usize>,
    free_at: [Time; CHANNELS],
    noises: Noises,
}

impl Air {
    /// A medium with these radios.
    #[must_use]
    pub fn new(spec: RadioSpec, radios: Vec<Radio>) -> Self {
        let placed = || radios.iter().enumerate();
        let macs = placed().flat_map(|(i, r)| r.macs.iter().map(move |m| (*m, i)));
        Self {
            spec,
            by_node: placed().map(|(i, r)| (r.node, i)).rev().collect(),
            by_mac: macs.collect(),
            monitors: placed()
                .filter(|(_, r)| r.monitor)
                .map(|(i, _)| i)
                .collect(),
            radios,
            free_at: [Time::ZERO; CHANNELS],
            noises: Noises::default(),
        }
    }

    /// The radio of a node.
    #[must_use]
    pub fn radio(&self, node: NodeId) -> Option<&Radio> {
        self.by_node.get(&node).map(|i| &self.radios[*i])
    }

    /// The radios that answer to an address.
    fn of(&self, mac: Mac) -> impl Iterator<Item = usize> + '_ {
        let of = self.by_mac.range((mac, 0)..=(mac, usize::MAX));
        of.map(|(_, i)| *i)
    }

    fn airtime(&self, frame: &Dot11) -> Duration {
        let bits = f64::from(frame.wire_len()) * 8.0;
        self.spec.overhead + Duration::from_secs_f64(bits / (self.spec.rate_mbps * 1e6))
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, from: NodeId, frame: Box<Dot11>) {
        let now = cx.now();
        let Some(sender) = self.radio(from) else {
            return;
        };
        let channel = sender.channel;
        if channel == 0 {
            return;
        }
        let origin = sender.position(now);
        let Some(free) = self.free_at.get(usize::from(channel)).copied() else {
            return;
        };
        let start = free.max(now);
        let end = start + self.airtime(&frame);
        self.free_at[usize::from(channel)] = end;
        let everybody = frame.ra.is_broadcast();
        self.noises.forget(now);
        let noises = &self.noises;
        let mut drowned = None;
        let mut hears = |r: &Radio| {
            if r.node == from
                || r.channel != channel
                || !(everybody || r.monitor || r.macs.contains(&frame.ra))
            {
                return None;
            }
            let at = r.position(now);
            let dbm = self.spec.rssi(origin.distance(at));
            if dbm < self.spec.sensitivity_dbm {
                return None;
            }
            let noise = noises.drowns(&self.spec, (channel, start), at, dbm);
            if noise.is_some() && r.macs.contains(&frame.ra) {
                drowned = noise;
            }
            noise
                .is_none()
                .then_some((r.node, libm::floor(dbm).max(-127.0) as i8))
        };
        let heard: SmallVec<[(NodeId, i8); 4]> = if everybody {
            self.radios.iter().filter_map(&mut hears).collect()
        } else {
            let near = self.listening(frame.ra).into_iter();
            let near = near.map(|i| &self.radios[i]);
            near.filter_map(&mut hears).collect()
        };
        if let Some(noise) = drowned {
            let why = DropReason::Noise;
            cx.emit_because(NetworkRecord::Dropped { why, flow: None }, &[noise]);
        }
        self.hand_out(cx, &heard, frame, (channel, start, end));
    }

    /// The radios that may hear a frame to an address: those that answer to it, and those that hear every frame; in order.
    fn listening(&self, mac: Mac) -> SmallVec<[usize; 4]> {
        let mut near: SmallVec<[usize; 4]> = self.of(mac).collect();
        near.extend(self.monitors.iter().copied());
        near.sort_unstable();
        near.dedup();
        near
    }

    /// Hands a frame to all who hear it when it is over.
    fn hand_out(
        &mut self,
        cx: &mut Cx<'_>,
        heard: &[(NodeId, i8)],
        frame: Box<Dot11>,
        (channel, start, end): (u8, Time, Time),
    ) {
        let to = frame.ra;
        let mut frame = Some(frame);
        for (i, &(node, dbm)) in heard.iter().enumerate() {
            let copy = if i + 1 == heard.len() {
                frame.take()
            } else {
                frame.clone()
            };
            if let Some(frame) = copy {
                let event = LabEvent::Heard {
                    frame,
                    dbm,
                    channel,
                };
                let event = cx.at(end, node, event);
                // Only who hears a frame begin can drown the rest of it.
                if !self.monitors.is_empty() {
                    self.noises
                        .in_flight(event, node, to, (channel, dbm), (start, end));
                }
            }
        }
    }

    /// Somebody sends noise: what is in the air and too weak beside it is lost, and who listened for beacons that it
    /// drowns misses them.
    fn noise(&mut self, cx: &mut Cx<'_>, i: usize, channel: Option<u8>, over: Duration) {
        let now = cx.now();
        let record = cx.emit(WirelessRecord::NoiseBegan { channel, over });
        let at = self.radios[i].position(now);
        let noise = Noise {
            at,
            channel,
            until: now + over,
            record,
        };
        for (event, node, to) in self.noises.begin(now, noise.clone(), |node, dbm| {
            let r = self.by_node.get(&node).map(|i| &self.radios[*i]);
            r.is_some_and(|r| noise.drowns(&self.spec, r.position(now), f64::from(dbm)))
        }) {
            let addressed = self.radio(node).is_some_and(|r| r.macs.contains(&to));
            if cx.cancel(event) && addressed {
                let why = DropReason::Noise;
                cx.emit_because(NetworkRecord::Dropped { why, flow: None }, &[record]);
            }
        }
        if over < BEACONS_MISSED {
            return;
        }
        for r in &self.radios {
            let source = r
                .watch
                .and_then(|m| self.of(m).next().map(|i| &self.radios[i]));
            let Some(source) = source.filter(|s| noise.is_on(s.channel)) else {
                continue;
            };
            let place = r.position(now);
            let dbm = self.spec.rssi(source.position(now).distance(place));
            if noise.drowns(&self.spec, place, dbm) {
                let event = LabEvent::Signal {
                    dbm: -127,
                    lost: true,
                };
                cx.after(BEACONS_MISSED, r.node, event);
            }
        }
    }

    fn command(&mut self, cx: &mut Cx<'_>, from: NodeId, command: AirCommand) {
        let now = cx.now();
        let Some(i) = self.by_node.get(&from).copied() else {
            return;
        };
        let radio = &mut self.radios[i];
        match command {
            AirCommand::Tune { channel, watch } => {
                radio.channel = channel;
                if radio.watch != watch {
                    radio.watch = watch;
                    radio.warned = false;
                }
            }
            AirCommand::Monitor(on) => {
                radio.monitor = on;
                if on {
                    self.monitors.insert(i);
                } else {
                    self.monitors.remove(&i);
                }
                return;
            }
            AirCommand::Noise { channel, over } => return self.noise(cx, i, channel, over),
            AirCommand::Off => {
                radio.channel = 0;
                let gone = radio.macs.clone();
                for watcher in self
                    .radios
                    .iter()
                    .filter(|r| r.watch.is_some_and(|m| gone.contains(&m)))
                {
                    cx.after(
                        BEACONS_MISSED,
                        watcher.node,
                        LabEvent::Signal {
                            dbm: -127,
                            lost: true,
                        },
                    );
                }
                return;
            }
            AirCommand::Address(mac) => {
                if !radio.macs.contains(&mac) {
                    radio.macs.push(mac);
                    self.by_mac.insert((mac, i));
                }
            }
            AirCommand::Move { to, over } => {
                radio.from = radio.position(now);
                radio.to = to;
                radio.started = now;
                radio.over = over;
                radio.warned = false;
            }
        }
        self.arm(cx, i);
    }

    /// Works out when the watched signal will have faded, instead of listening for beacons.
    fn arm(&mut self, cx: &mut Cx<'_>, i: usize) {
        let now = cx.now();
        if let Some(event) = self.radios[i].pending.take()
            && cx.cancel(event)
        {
            // A warning that has not come yet is owed again.
            self.radios[i].warned = self.radios[i].lost_pending;
        }
        let radio = &self.radios[i];
        let Some(watched) = radio.watch else { return };
        let Some(source) = self.of(watched).find(|i| self.radios[*i].channel != 0) else {
            return;
        };
        let source = &self.radios[source];
        let centre = source.position(now);
        let threshold = if radio.warned {
            self.spec.sensitivity_dbm
        } else {
            self.spec.roam_below_dbm
        };
        let reach = distance_for(&self.spec, threshold);
        let Some(wait) = leaves_after(radio, centre, reach, now) else {
            return;
        };
        let at = now + wait;
        let dbm =
            libm::floor(self.spec.rssi(centre.distance(radio.position(at)))).max(-127.0) as i8;
        let lost = radio.warned;
        let node = radio.node;
        let event = cx.at(at, node, LabEvent::Signal { dbm, lost });
        self.radios[i].pending = Some(event);
        self.radios[i].lost_pending = lost;
        if !lost {
            // After the warning the next threshold to cross is that of losing the signal; the station asks for it by tuning again.
            self.radios[i].warned = true;
        }
    }
}

/// Distance in metres at which the signal falls to `dbm`.
fn distance_for(spec: &RadioSpec, dbm: f64) -> f64 {
    libm::pow(
        10.0,
        (spec.transmit_dbm - spec.loss_at_1m_db - dbm) / (10.0 * spec.exponent),
    )
}

/// When a radio on its straight leg leaves the circle of this radius, if it does; zero if it is outside.
fn leaves_after(radio: &Radio, centre: Position, radius: f64, now: Time) -> Option<Duration> {
    let p = radio.position(now);
    if p.distance(centre) > radius {
        return Some(Duration::ZERO);
    }
    let end = radio.started + radio.over;
    if end <= now {
        return None;
    }
    let left = (end - now).as_secs_f64();
    let (vx, vy) = ((radio.to.x - p.x) / left, (radio.to.y - p.y) / left);
    let (dx, dy) = (p.x - centre.x, p.y - centre.y);
    let a = vx * vx + vy * vy;
    if a == 0.0 {
        return None;
    }
    let b = dx * vx + dy * vy;
    let c = dx * dx + dy * dy - radius * radius;
    let t = (-b + libm::sqrt(b * b - a * c)) / a;
    // A nanosecond past the crossing, so that the radio is outside when the event is handled.
    (t <= left).then(|| Duration::from_secs_f64(t) + Duration::from_nanos(1))
}

/// Handles an event at the air.
pub fn on_event(cx: &mut Cx<'_>, node: &mut NodeMut<'_>, event: LabEvent) {
    let Some(air) = node.get_mut::<Air>() else {
        return;
    };
    match event {
        LabEvent::Transmit { from, frame } => air.transmit(cx, from, frame),
        LabEvent::Air { from, command } => air.command(cx, from, command),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn radio(spec: (f64, f64), to: (f64, f64), over: u64) -> Radio {
        let mut r = Radio::at(
            NodeId::default(),
            &[],
            1,
            Position {
                x: spec.0,
                y: spec.1,
            },
        );
        r.to = Position { x: to.0, y: to.1 };
        r.over = Duration::from_secs(over);
        r
    }

    #[test]
    fn leaving_a_circle_is_solved_in_closed_form() {
        let r = radio((0.0, 0.0), (20.0, 0.0), 20);
        let centre = Position { x: 0.0, y: 0.0 };
        let t = leaves_after(&r, centre, 10.0, Time::ZERO).unwrap();
        assert!((t.as_secs_f64() - 10.0).abs() < 1e-6);
        assert_eq!(leaves_after(&r, centre, 30.0, Time::ZERO), None);
        let outside = radio((40.0, 0.0), (41.0, 0.0), 1);
        assert_eq!(
            leaves_after(&outside, centre, 30.0, Time::ZERO),
            Some(Duration::ZERO)
        );
        let at_rest = radio((1.0, 0.0), (1.0, 0.0), 0);
        assert_eq!(leaves_after(&at_rest, centre, 30.0, Time::ZERO), None);
    }
}

//! Noise on the air: who sends it, whose frames it drowns.

use crate::engine::{EventId, NodeId, RecordId};
use crate::spec::{Position, RadioSpec};
use crate::time::Time;
use crate::wire::Mac;
use smallvec::SmallVec;

/// A frame is decoded if it is at least this much stronger than noise, in dB \[A: QPSK 1/2 and upward need 6 to 12\].
const MARGIN_DB: f64 = 10.0;

/// Noise from one radio.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    /// Where its sender stands; one that moves while it sends is not followed.
    pub(super) at: Position,
    /// Channel; none is the whole band.
    pub(super) channel: Option<u8>,
    /// When it ends.
    pub(super) until: Time,
    /// The record of its beginning.
    pub(super) record: RecordId,
}

impl Noise {
    /// Whether it is on this channel.
    pub(super) fn is_on(&self, channel: u8) -> bool {
        self.channel.is_none_or(|c| c == channel)
    }

    /// Whether a frame that comes to this place this strongly cannot be decoded beside it.
    pub(super) fn drowns(&self, spec: &RadioSpec, at: Position, dbm: f64) -> bool {
        dbm - spec.rssi(self.at.distance(at)) < MARGIN_DB
    }
}

/// A frame that is in the air toward a radio.
#[derive(Clone, Debug)]
struct InFlight {
    event: EventId,
    node: NodeId,
    to: Mac,
    channel: u8,
    dbm: i8,
    start: Time,
    end: Time,
}

/// All noise, and the frames that new noise could still spoil.
#[derive(Clone, Debug, Default)]
pub(super) struct Noises {
    noises: Vec<Noise>,
    flying: Vec<InFlight>,
}

impl Noises {
    /// Forgets noise and frames that are over.
    pub(super) fn forget(&mut self, now: Time) {
        if !self.noises.is_empty() {
            self.noises.retain(|n| n.until > now);
        }
        if !self.flying.is_empty() {
            self.flying.retain(|f| f.end > now);
        }
    }

    /// The record of noise that drowns a frame which goes out at `start` and comes to this place this strongly.
    pub(super) fn drowns(
        &self,
        spec: &RadioSpec,
        (channel, start): (u8, Time),
        at: Position,
        dbm: f64,
    ) -> Option<RecordId> {
        // A frame that waits for the air until the noise is over is not harmed.
        let on = self
            .noises
            .iter()
            .filter(|n| n.is_on(channel) && n.until > start);
        on.filter(|n| n.drowns(spec, at, dbm))
            .map(|n| n.record)
            .next()
    }

    /// Remembers a frame until it has arrived.
    pub(super) fn in_flight(
        &mut self,
        event: EventId,
        node: NodeId,
        to: Mac,
        (channel, dbm): (u8, i8),
        (start, end): (Time, Time),
    ) {
        self.flying.push(InFlight {
            event,
            node,
            to,
            channel,
            dbm,
            start,
            end,
        });
    }

    /// Noise begins: the frames in the air that it spoils, by the judgement of `spoils`.
    pub(super) fn begin(
        &mut self,
        now: Time,
        noise: Noise,
        spoils: impl Fn(NodeId, i8) -> bool,
    ) -> SmallVec<[(EventId, NodeId, Mac); 4]> {
        let lost = self
            .flying
            .iter()
            .filter(|f| f.end > now && f.start < noise.until)
            .filter(|f| noise.is_on(f.channel) && spoils(f.node, f.dbm))
            .map(|f| (f.event, f.node, f.to))
            .collect();
        self.noises.push(noise);
        lost
    }
}

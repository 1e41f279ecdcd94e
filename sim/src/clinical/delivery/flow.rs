//! Volumes as integrals of a flow that is constant between changes.

use crate::time::{Duration, Time};

const SECS_PER_HOUR: f64 = 3600.0;
const NANOS_PER_SEC: f64 = 1e9;

/// The mechanism, the bag and the line. Volumes stand as of `since`; the flow holds from there on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Flow {
    since: Time,
    /// Rate the pump believes to deliver, mL/h.
    pub(super) motor_ml_per_h: f64,
    /// True flow per believed flow.
    factor: f64,
    pub(super) occluded: bool,
    /// Whether the pump counts what it moves towards the volume to be infused.
    counting: bool,
    bag_ml: f64,
    counted_ml: f64,
    delivered_ml: f64,
    /// Gathered upstream of an occlusion.
    stored_ml: f64,
}

impl Flow {
    pub(super) const fn new(bag_ml: f64, flow_error: f64) -> Self {
        Self {
            since: Time::ZERO,
            motor_ml_per_h: 0.0,
            factor: 1.0 + flow_error,
            occluded: false,
            counting: false,
            bag_ml,
            counted_ml: 0.0,
            delivered_ml: 0.0,
            stored_ml: 0.0,
        }
    }

    /// What leaves the bag, mL/h.
    pub(super) fn drawn_ml_per_h(&self) -> f64 {
        self.motor_ml_per_h * self.factor
    }

    pub(super) fn patient_ml_per_h(&self) -> f64 {
        if self.occluded {
            0.0
        } else {
            self.drawn_ml_per_h()
        }
    }

    pub(super) fn delivered_ml(&self, at: Time) -> f64 {
        self.delivered_ml + self.volume(self.patient_ml_per_h(), at)
    }

    pub(super) fn counted_ml(&self, at: Time) -> f64 {
        let rate = if self.counting {
            self.motor_ml_per_h
        } else {
            0.0
        };
        self.counted_ml + self.volume(rate, at)
    }

    pub(super) fn bag_ml(&self, at: Time) -> f64 {
        (self.bag_ml - self.volume(self.drawn_ml_per_h(), at)).max(0.0)
    }

    pub(super) fn stored_ml(&self, at: Time) -> f64 {
        let rate = if self.occluded {
            self.drawn_ml_per_h()
        } else {
            0.0
        };
        self.stored_ml + self.volume(rate, at)
    }

    fn volume(&self, ml_per_h: f64, at: Time) -> f64 {
        ml_per_h * (at - self.since).as_secs_f64() / SECS_PER_HOUR
    }

    /// The first time at which `volume_ml` more has moved at `ml_per_h`; `None` if that is beyond
    /// the times events can have.
    fn when_moved(&self, volume_ml: f64, ml_per_h: f64) -> Option<Time> {
        if ml_per_h <= 0.0 {
            return None;
        }
        let secs = volume_ml.max(0.0) / ml_per_h * SECS_PER_HOUR;
        // Float to integer casts saturate.
        let span = Duration::from_nanos((secs * NANOS_PER_SEC).ceil() as u64);
        Some(self.since + span).filter(|due| *due < Time::LIMIT)
    }

    pub(super) fn when_counted(&self, volume_ml: f64) -> Option<Time> {
        let rate = if self.counting {
            self.motor_ml_per_h
        } else {
            0.0
        };
        self.when_moved(volume_ml - self.counted_ml, rate)
    }

    pub(super) fn when_bag_at(&self, volume_ml: f64) -> Option<Time> {
        self.when_moved(self.bag_ml - volume_ml, self.drawn_ml_per_h())
    }

    pub(super) fn when_stored(&self, volume_ml: f64) -> Option<Time> {
        let rate = if self.occluded {
            self.drawn_ml_per_h()
        } else {
            0.0
        };
        self.when_moved(volume_ml - self.stored_ml, rate)
    }

    /// Brings the volumes up to `at`. Every change of the flow begins with it.
    fn advance(&mut self, at: Time) {
        self.delivered_ml = self.delivered_ml(at);
        self.counted_ml = self.counted_ml(at);
        self.stored_ml = self.stored_ml(at);
        self.bag_ml = self.bag_ml(at);
        self.since = self.since.max(at);
    }

    /// Runs the mechanism from `at` on; `counting` towards the volume to be infused or not.
    pub(super) fn run(&mut self, at: Time, ml_per_h: f64, counting: bool) {
        self.advance(at);
        self.motor_ml_per_h = ml_per_h;
        self.counting = counting;
    }

    /// True flow per believed flow from `at` on.
    pub(super) fn set_factor(&mut self, at: Time, factor: f64) {
        self.advance(at);
        self.factor = factor;
    }

    pub(super) fn halt(&mut self, at: Time) {
        self.run(at, 0.0, false);
    }

    /// Counts towards a new volume to be infused.
    pub(super) fn count_from_zero(&mut self, at: Time) {
        self.advance(at);
        self.counted_ml = 0.0;
    }

    pub(super) fn hang(&mut self, at: Time, bag_ml: f64) {
        self.advance(at);
        self.bag_ml = bag_ml;
    }

    pub(super) fn occlude(&mut self, at: Time) {
        self.advance(at);
        self.occluded = true;
    }

    /// Opens the line; the volume that had gathered reaches the patient at once.
    pub(super) fn open(&mut self, at: Time) -> f64 {
        self.advance(at);
        self.occluded = false;
        let bolus_ml = std::mem::take(&mut self.stored_ml);
        self.delivered_ml += bolus_ml;
        bolus_ml
    }

    /// Draws back what gathered upstream of an occlusion beyond `most_ml`.
    pub(super) fn draw_back(&mut self, at: Time, most_ml: f64) {
        self.advance(at);
        let excess_ml = (self.stored_ml - most_ml).max(0.0);
        self.stored_ml -= excess_ml;
        self.bag_ml += excess_ml;
    }
}

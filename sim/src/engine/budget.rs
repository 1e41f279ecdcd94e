//! What a run may cost, and how it ends.

use std::fmt;

use crate::time::Time;

/// Limits of a whole run, counted from its start over all calls of `run`. A fork inherits what was
/// already spent. Besides these, pending events are limited to [`Budget::PENDING_EVENTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Events dispatched.
    pub events: u64,
    /// Simulated time: events after it are not dispatched.
    pub until: Time,
    /// Sum of [`Record::bytes`](super::Record::bytes) over the records emitted.
    pub record_bytes: u64,
}

impl Budget {
    /// Events that may be pending at once; a model that schedules without end meets it first.
    pub const PENDING_EVENTS: usize = 1 << 24;
}

impl Default for Budget {
    /// 10^9 events, a simulated year, 4 GiB of records: stops a runaway, not a long campaign.
    fn default() -> Self {
        Self {
            events: 1_000_000_000,
            until: Time::from_nanos(365 * 86_400 * 1_000_000_000),
            record_bytes: 4 << 30,
        }
    }
}

/// Which limit a run met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetKind {
    /// [`Budget::events`].
    Events,
    /// [`Budget::PENDING_EVENTS`].
    PendingEvents,
    /// [`Budget::record_bytes`].
    RecordBytes,
    /// [`Budget::until`].
    SimulatedTime,
}

impl fmt::Display for BudgetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Events => "events",
            Self::PendingEvents => "pending events",
            Self::RecordBytes => "bytes of records",
            Self::SimulatedTime => "simulated time",
        })
    }
}

/// Why a call of `run` returned. The simulation is consistent in each case: it can be looked at,
/// forked and, with more budget or a later horizon, run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a run may have ended early"]
pub enum End {
    /// The horizon was reached: every event up to it is done and the clock stands at it.
    Horizon,
    /// No event is pending; the clock stands at the last one.
    Idle,
    /// `run_events` dispatched as many events as it was asked to.
    Paused,
    /// A limit of the budget was met before that.
    Spent(BudgetKind),
}

//! Limits on new flows toward pumps.

use super::address;
use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RateLimitSpec};

/// New flows per second that one source may open toward the pumps' segment \[A\]: far below the 20 requests per second that the weakest
/// module of the profiles bears, because what is opened in vain is asked for again and again.
const FLOWS_PER_SECOND: f64 = 1.0;
/// New flows that it may open at once \[A\].
const BURST: u32 = 5;
/// Largest message toward pumps in bytes: a drug library of four thousand entries.
const LARGEST_MESSAGE: u32 = 1_000_000;

/// Rate limits on the routers in front of pumps.
pub(super) struct RateLimit;

static ENTRY: Entry = Entry {
    id: "rate-limit",
    title: "Rate and size limits toward pumps",
    summary: "On every router with a leg on a segment of pumps: limits how many flows one source may open toward the \
              segment and how large a message may be. It guards what crosses the router; hosts on the segment itself \
              do not cross it.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 SC-5"],
};

impl Mechanism for RateLimit {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "NET-08",
            rank: Rank(Stage::Rules, 40),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let segments = address::pump_segments(lab);
        let mut changed = false;
        for router in &mut lab.routers {
            for leg in router
                .interfaces
                .iter()
                .filter(|i| segments.contains(&i.segment))
            {
                let Some(to) = lab
                    .segments
                    .iter()
                    .find(|s| s.name == leg.segment)
                    .map(|s| s.prefix)
                else {
                    continue;
                };
                if router.rate_limits.iter().any(|l| l.value.to == to) {
                    continue;
                }
                let limit = RateLimitSpec {
                    to,
                    flows_per_second: FLOWS_PER_SECOND,
                    burst: BURST,
                    largest_message: LARGEST_MESSAGE,
                };
                router
                    .rate_limits
                    .push(ink.item(format!("{} rate limit toward {to}", router.name), limit));
                changed = true;
            }
        }
        Effect::if_any(changed, "no router without limits stands before pumps")
    }
}

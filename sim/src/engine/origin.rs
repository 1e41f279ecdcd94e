//! What began what: a small number that events carry beside their cause and hand on to what they schedule, so that nobody has to keep what happened
//! in order to know what an event goes back to.
//!
//! A record may begin an origin ([`Lead::Begins`]). Everything that its event schedules afterwards descends from it, and so does, as far as it was
//! emitted because of such a record, what comes of another event. What is behind an event or record is a few sets of origins ([`Behind`]). Few
//! different ones occur in a run: each is kept once, and its number is carried.

use std::collections::BTreeMap;

use super::{EventId, NodeId, RecordId};

/// How a record takes part in what is behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// What it was emitted because of is behind its event too.
    Follows,
    /// A private note: what it was emitted because of is far behind its event, and not [`Behind::nearest`].
    Aside,
    /// It begins an origin: what was nearest so far is hidden behind it.
    Begins,
    /// It is an origin that hides nothing: what cut short what somebody else had begun.
    Interrupts,
    /// Its event goes on with what the records began that it was emitted because of, as if it descended from them.
    Resumes,
}

/// Origins behind an event or a record, by the numbers of the records that began them, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behind {
    /// The first that are met on the way back, over causes and what records were emitted because of.
    pub nearest: Vec<u64>,
    /// All from whose events it descends, over causes alone.
    pub line: Vec<u64>,
    /// All, over causes and what records were emitted because of.
    pub all: Vec<u64>,
}

impl Behind {
    /// Nothing.
    pub const NOTHING: Self = Self {
        nearest: Vec::new(),
        line: Vec::new(),
        all: Vec::new(),
    };
}

static NOTHING: Behind = Behind::NOTHING;

/// The number of a [`Behind`] in the run; 0 is [`Behind::NOTHING`].
pub(super) type Number = u32;

/// Numbers take 24 bits of what carries them.
pub(super) const BITS: u32 = 24;

/// Every [`Behind`] of a run, once.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins {
    known: Vec<Behind>,
    numbers: BTreeMap<Behind, Number>,
    /// What was worked out before: the same pairs come again and again.
    joined: BTreeMap<(Step, Number, Number), Number>,
}

/// What is done to what is behind an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Follow,
    Aside,
    Resume,
    Late,
}

impl Origins {
    pub(super) fn behind(&self, number: Number) -> &Behind {
        let place = (number as usize).checked_sub(1);
        place.and_then(|p| self.known.get(p)).unwrap_or(&NOTHING)
    }

    /// What is behind an event once it has emitted a record of number `record`, and what is behind the record. `begun` is whether the event has begun
    /// an origin: then nothing else comes nearer to what it schedules.
    #[cold]
    pub(super) fn emitted(
        &mut self,
        event: Number,
        lead: Lead,
        record: u64,
        because: &[RecordId],
        begun: bool,
    ) -> (Number, Number) {
        let step = match lead {
            Lead::Aside => Step::Aside,
            Lead::Resumes => Step::Resume,
            Lead::Follows | Lead::Begins | Lead::Interrupts => Step::Follow,
        };
        let mut own = event;
        let mut handed = event;
        for id in because {
            own = self.join(step, own, id.origin());
            let step = if begun { Step::Aside } else { step };
            handed = self.join(step, handed, id.origin());
        }
        match lead {
            Lead::Begins => {
                let mut behind = self.behind(handed).clone();
                behind.nearest = vec![record];
                add(&mut behind.line, &[record]);
                add(&mut behind.all, &[record]);
                handed = self.number(behind, handed);
                own = handed;
            }
            Lead::Interrupts => {
                let mut behind = self.behind(handed).clone();
                add(&mut behind.all, &[record]);
                handed = self.number(behind, handed);
                let mut behind = self.behind(own).clone();
                add(&mut behind.all, &[record]);
                own = self.number(behind, own);
            }
            Lead::Follows | Lead::Aside | Lead::Resumes => {}
        }
        (handed, own)
    }

    /// What is behind a record whose event came to descend from something after it had emitted the record.
    pub(super) fn late(&mut self, record: Number, event: Number) -> Number {
        self.join(Step::Late, record, event)
    }

    fn join(&mut self, step: Step, to: Number, from: Number) -> Number {
        if from == 0 || (from == to && step != Step::Resume) {
            return to;
        }
        if let Some(known) = self.joined.get(&(step, to, from)) {
            return *known;
        }
        let mut behind = self.behind(to).clone();
        let other = self.behind(from);
        match step {
            Step::Follow => add(&mut behind.nearest, &other.nearest),
            Step::Aside => {}
            Step::Resume => {
                add(&mut behind.nearest, &other.nearest);
                add(&mut behind.line, &other.nearest);
            }
            Step::Late => add(&mut behind.line, &other.line),
        }
        if step != Step::Late {
            add(&mut behind.all, &other.all);
        }
        let number = self.number(behind, to);
        self.joined.insert((step, to, from), number);
        number
    }

    /// The number of this; `otherwise` when there are more than numbers, which is what was known so far.
    fn number(&mut self, behind: Behind, otherwise: Number) -> Number {
        if let Some(number) = self.numbers.get(&behind) {
            return *number;
        }
        let number = self.known.len() as Number + 1;
        if number >> BITS != 0 {
            return otherwise;
        }
        self.known.push(behind.clone());
        self.numbers.insert(behind, number);
        number
    }
}

fn add(to: &mut Vec<u64>, more: &[u64]) {
    for one in more {
        if let Err(place) = to.binary_search(one) {
            to.insert(place, *one);
        }
    }
}

/// An event as the cause of another, with what is behind it: for what schedules something later, and knows then what it was for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// The event's number, and below it the number of what is behind it.
    packed: u64,
    root: NodeId,
}

impl Cause {
    /// The cause of what was scheduled before the run.
    pub const GENESIS: Self = Self {
        packed: 0,
        root: NodeId(0),
    };

    #[inline]
    pub(super) const fn new(event: EventId, origin: Number, root: NodeId) -> Self {
        Self {
            packed: event.number() << BITS | origin as u64,
            root,
        }
    }

    /// The event.
    #[inline]
    pub const fn event(self) -> EventId {
        EventId::from_number(self.packed >> BITS)
    }

    #[inline]
    pub(super) const fn origin(self) -> Number {
        self.packed as Number & ((1 << BITS) - 1)
    }

    /// The node at which the chain of causes began.
    #[inline]
    pub(super) const fn root(self) -> NodeId {
        self.root
    }

    /// The same for an event at `node`: where nothing caused it, its chain begins there.
    #[inline]
    pub(super) const fn at(self, node: NodeId) -> Self {
        if self.packed >> BITS == 0 {
            Self { root: node, ..self }
        } else {
            self
        }
    }
}

impl From<EventId> for Cause {
    /// An event that is known by its number alone: nothing is known to be behind it.
    fn from(event: EventId) -> Self {
        Self::new(event, 0, NodeId(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64, origin: Number) -> RecordId {
        RecordId::with_origin(number, origin)
    }

    #[test]
    fn what_begins_hides_what_was_nearest_and_stays_in_line() {
        let mut o = Origins::default();
        let (first, _) = o.emitted(0, Lead::Begins, 1, &[], false);
        let (second, _) = o.emitted(first, Lead::Begins, 2, &[], false);
        let behind = o.behind(second);
        assert_eq!((&behind.nearest, &behind.line), (&vec![2], &vec![1, 2]));
        assert_eq!(behind.all, [1, 2]);
    }

    #[test]
    fn what_a_record_was_because_of_comes_near_unless_it_is_an_aside() {
        let mut o = Origins::default();
        let (step, _) = o.emitted(0, Lead::Begins, 1, &[], false);
        let (followed, own) = o.emitted(0, Lead::Follows, 2, &[record(1, step)], false);
        assert_eq!(
            (o.behind(followed).nearest.as_slice(), followed),
            (&[1][..], own)
        );
        assert!(o.behind(followed).line.is_empty());
        let (aside, _) = o.emitted(0, Lead::Aside, 3, &[record(1, step)], false);
        let aside = o.behind(aside);
        assert!(aside.nearest.is_empty() && aside.all == [1]);
    }

    #[test]
    fn an_event_that_began_something_hands_on_nothing_nearer() {
        let mut o = Origins::default();
        let (old, _) = o.emitted(0, Lead::Begins, 1, &[], false);
        let (new, _) = o.emitted(0, Lead::Begins, 2, &[], false);
        let (handed, own) = o.emitted(new, Lead::Follows, 3, &[record(1, old)], true);
        assert_eq!(o.behind(handed).nearest, [2]);
        assert_eq!(o.behind(own).nearest, [1, 2]);
    }

    #[test]
    fn what_resumes_descends_from_what_it_resumes() {
        let mut o = Origins::default();
        let (step, _) = o.emitted(0, Lead::Begins, 1, &[], false);
        let (resumed, _) = o.emitted(0, Lead::Resumes, 2, &[record(1, step)], false);
        assert_eq!(o.behind(resumed).line, [1]);
        let (cut, _) = o.emitted(0, Lead::Interrupts, 3, &[], false);
        assert_eq!(
            (o.behind(cut).all.as_slice(), o.behind(cut).line.len()),
            (&[3][..], 0)
        );
    }
}

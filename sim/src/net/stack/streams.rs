//! The streams of a host, found by number and by their ends. A server has one for each of its clients.

use super::super::stream::{Stream, StreamId};
use crate::event::PartId;
use crate::wire::Ip;
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::ops::{Index, IndexMut};

/// Up to this many are looked through faster than looked up.
const FEW: usize = 8;

type End = (Ip, u16);

/// Streams in the order in which they were opened, but for the last one, which takes the place of one that goes.
#[derive(Clone, Debug, Default)]
pub(in crate::net) struct Streams {
    all: Vec<Stream>,
    by_id: BTreeSet<(StreamId, usize)>,
    by_ends: BTreeSet<(End, End, usize)>,
    /// Those that may owe an acknowledgement.
    owing: SmallVec<[StreamId; 4]>,
}

impl Streams {
    /// Where the stream of this number is.
    pub(in crate::net) fn position(&self, id: StreamId) -> Option<usize> {
        if self.all.len() <= FEW {
            return self.all.iter().position(|s| s.id == id);
        }
        let of = self.by_id.range((id, 0)..=(id, usize::MAX));
        of.map(|(_, place)| *place).next()
    }

    pub(in crate::net) fn get(&self, id: StreamId) -> Option<&Stream> {
        self.position(id).map(|place| &self.all[place])
    }

    pub(in crate::net) fn get_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.position(id).map(|place| &mut self.all[place])
    }

    /// Where the stream between these ends is.
    pub(in crate::net) fn between(&self, local: End, peer: End) -> Option<usize> {
        if self.all.len() <= FEW {
            let between = |s: &Stream| s.local == local && s.peer == peer;
            return self.all.iter().position(between);
        }
        let of = self
            .by_ends
            .range((local, peer, 0)..=(local, peer, usize::MAX));
        of.map(|(.., place)| *place).next()
    }

    /// Where the first stream of a part of the host is.
    pub(in crate::net) fn first_of(&self, app: PartId) -> Option<usize> {
        self.all.iter().position(|s| s.app == app)
    }

    pub(in crate::net) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.all.iter()
    }

    pub(in crate::net) fn push(&mut self, stream: Stream) {
        self.list(self.all.len(), &stream);
        self.all.push(stream);
    }

    /// Takes a stream out; the last one takes its place.
    pub(in crate::net) fn swap_remove(&mut self, place: usize) -> Stream {
        let last = self.all.len() - 1;
        for listed in [place, last] {
            let s = &self.all[listed];
            self.by_id.remove(&(s.id, listed));
            self.by_ends.remove(&(s.local, s.peer, listed));
        }
        let stream = self.all.swap_remove(place);
        if let Some(moved) = self.all.get(place) {
            let (id, local, peer) = (moved.id, moved.local, moved.peer);
            self.by_id.insert((id, place));
            self.by_ends.insert((local, peer, place));
        }
        stream
    }

    /// Takes all of them out.
    pub(in crate::net) fn take(&mut self) -> Vec<Stream> {
        std::mem::take(self).all
    }

    /// Something was received on a stream that is to be acknowledged.
    pub(in crate::net) fn owe(&mut self, place: usize) {
        let s = &mut self.all[place];
        s.owes_ack = true;
        if !self.owing.contains(&s.id) {
            self.owing.push(s.id);
        }
    }

    /// Takes the places of the streams that owe an acknowledgement, in order.
    pub(in crate::net) fn take_owing(&mut self) -> SmallVec<[usize; 4]> {
        let owing = std::mem::take(&mut self.owing);
        let places = owing.into_iter().filter_map(|id| self.position(id));
        let mut places: SmallVec<[usize; 4]> = places.collect();
        places.retain(|place| std::mem::take(&mut self.all[*place].owes_ack));
        places.sort_unstable();
        places
    }

    fn list(&mut self, place: usize, s: &Stream) {
        self.by_id.insert((s.id, place));
        self.by_ends.insert((s.local, s.peer, place));
    }
}

impl Index<usize> for Streams {
    type Output = Stream;

    fn index(&self, place: usize) -> &Stream {
        &self.all[place]
    }
}

impl IndexMut<usize> for Streams {
    fn index_mut(&mut self, place: usize) -> &mut Stream {
        &mut self.all[place]
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::stream::Phase;
    use super::*;
    use crate::net::part;

    /// What is looked up is what a look through all of them finds, however many there are and whichever go.
    #[test]
    fn streams_are_found_where_they_are() {
        let mut streams = Streams::default();
        let mut state = 7u64;
        let mut next = move |n: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % n
        };
        for id in 0..400u32 {
            let peer = (Ip(next(6) as u32), next(4) as u16);
            let (id, local) = (StreamId(id), (Ip(1), 80));
            streams.push(Stream::new(id, part::HOST, local, peer, Phase::Open));
            if next(3) == 0 || streams.all.len() > 40 {
                streams.swap_remove(next(streams.all.len() as u64) as usize);
            }
            for (place, s) in streams.all.iter().enumerate() {
                assert_eq!(streams.position(s.id), Some(place));
            }
            for ip in 0..6 {
                for port in 0..4 {
                    let peer = (Ip(ip), port);
                    let between = |s: &Stream| s.local == local && s.peer == peer;
                    let seen = streams.all.iter().position(between);
                    assert_eq!(streams.between(local, peer), seen);
                }
            }
        }
        assert_eq!(streams.position(StreamId(999)), None);
    }

    #[test]
    fn what_owes_is_told_once_and_in_order() {
        let mut streams = Streams::default();
        for id in 0..20 {
            let ends = ((Ip(1), 80), (Ip(2), id as u16));
            streams.push(Stream::new(
                StreamId(id),
                part::HOST,
                ends.0,
                ends.1,
                Phase::Open,
            ));
        }
        for place in [5, 19, 2, 5] {
            streams.owe(place);
        }
        // The last one takes the place of the first.
        streams.swap_remove(0);
        assert_eq!(streams.take_owing().as_slice(), [0, 2, 5]);
        assert!(streams.take_owing().is_empty());
    }
}

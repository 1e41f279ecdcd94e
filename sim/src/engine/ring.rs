//! The buckets of the calendar queue.

/// Keys in a chunk: with the link it fills four cache lines.
const CHUNK: usize = 15;
const NONE: u32 = u32::MAX;

/// A ring of unsorted buckets of keys. A bucket is a chain of chunks from one pool, so that memory
/// follows the number of keys: vectors would each keep the room of their fullest moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring {
    buckets: Vec<Bucket>,
    /// One bit a bucket: whether it has keys.
    occupied: Vec<u64>,
    chunks: Vec<Chunk>,
    /// First of the chain of unused chunks.
    unused: Option<u32>,
    len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// First chunk, the only one that may be filled in part.
    chunk: u32,
    /// Keys in that chunk.
    filled: u32,
}

#[derive(Clone, Debug)]
struct Chunk {
    keys: [u128; CHUNK],
    next: u32,
}

const EMPTY: Bucket = Bucket {
    chunk: NONE,
    filled: CHUNK as u32,
};

impl Ring {
    /// A ring of `buckets` buckets, a power of two and at least 64.
    pub(super) fn new(buckets: usize) -> Self {
        debug_assert!(buckets.is_power_of_two() && buckets >= 64);
        Self {
            buckets: vec![EMPTY; buckets],
            occupied: vec![0; buckets / 64],
            chunks: Vec::new(),
            unused: None,
            len: 0,
        }
    }

    /// How many buckets after the one under way can take keys; 0 for no ring.
    #[inline]
    pub(super) fn reach(&self) -> u64 {
        (self.buckets.len() as u64).saturating_sub(1)
    }

    /// Number of keys.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn index(&self, bucket: u64) -> usize {
        bucket as usize & (self.buckets.len() - 1)
    }

    /// Adds a key to a bucket (any number, taken round the ring).
    #[inline]
    pub(super) fn push(&mut self, bucket: u64, key: u128) {
        let index = self.index(bucket);
        self.len += 1;
        let bucket = &mut self.buckets[index];
        if bucket.filled as usize == CHUNK {
            return self.push_in_new_chunk(index, key);
        }
        self.chunks[bucket.chunk as usize].keys[bucket.filled as usize] = key;
        bucket.filled += 1;
    }

    fn push_in_new_chunk(&mut self, index: usize, key: u128) {
        let bucket = &mut self.buckets[index];
        let chunk = match self.unused {
            Some(chunk) => {
                let next = self.chunks[chunk as usize].next;
                self.unused = (next != NONE).then_some(next);
                chunk
            }
            None => {
                self.chunks.push(Chunk {
                    keys: [0; CHUNK],
                    next: NONE,
                });
                (self.chunks.len() - 1) as u32
            }
        };
        let place = &mut self.chunks[chunk as usize];
        place.next = bucket.chunk;
        place.keys[0] = key;
        *bucket = Bucket { chunk, filled: 1 };
        self.occupied[index / 64] |= 1 << (index % 64);
    }

    /// Moves a bucket's keys to `keys`.
    #[inline]
    pub(super) fn drain(&mut self, bucket: u64, keys: &mut Vec<u128>) {
        let index = self.index(bucket);
        let Bucket { mut chunk, filled } = std::mem::replace(&mut self.buckets[index], EMPTY);
        self.occupied[index / 64] &= !(1 << (index % 64));
        let before = keys.len();
        let mut filled = filled as usize;
        while chunk != NONE {
            let place = &mut self.chunks[chunk as usize];
            keys.extend_from_slice(&place.keys[..filled]);
            filled = CHUNK;
            let next = place.next;
            place.next = self.unused.unwrap_or(NONE);
            self.unused = Some(chunk);
            chunk = next;
        }
        self.len -= keys.len() - before;
    }

    /// Moves all keys to `keys`, in no order.
    pub(super) fn drain_all(&mut self, keys: &mut Vec<u128>) {
        for bucket in 0..self.buckets.len() as u64 {
            self.drain(bucket, keys);
        }
    }

    /// The first bucket with keys among those after `current`, counted on from it.
    #[inline]
    pub(super) fn next_after(&self, current: u64) -> Option<u64> {
        if self.len == 0 {
            return None;
        }
        let start = self.index(current + 1);
        let words = self.occupied.len();
        let mut word = self.occupied[start / 64] & (u64::MAX << (start % 64));
        // The first word is seen twice: its bits before `start` are the last of the round.
        for step in 0..=words {
            let at = (start / 64 + step) & (words - 1);
            if step > 0 {
                word = self.occupied[at];
            }
            if word != 0 {
                let index = at * 64 + word.trailing_zeros() as usize;
                let ahead = index.wrapping_sub(start) & (self.buckets.len() - 1);
                return Some(current + 1 + ahead as u64);
            }
        }
        None
    }
}

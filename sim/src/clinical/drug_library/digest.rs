//! The content hash of a drug library: FNV-1a over a canonical form of each entry, the entries sorted.

use super::{AmountUnit, Concentration, LibraryEntry, Limits};

/// Hash of the entries as a multiset.
pub(super) fn of_entries(entries: &[LibraryEntry]) -> u64 {
    let mut hashes: Vec<u64> = entries.iter().map(of_entry).collect();
    hashes.sort_unstable();
    let mut hash = Fnv1a::new();
    hash.word(hashes.len() as u64);
    hashes.into_iter().for_each(|entry| hash.word(entry));
    hash.finish()
}

/// Every field is named here, so that a new one cannot be forgotten.
fn of_entry(entry: &LibraryEntry) -> u64 {
    let LibraryEntry {
        care_area,
        drug,
        concentration,
        limits,
        kvo_ml_per_h,
        high_alert,
    } = entry;
    let Limits {
        hard_min,
        soft_min,
        soft_max,
        hard_max,
    } = limits;
    let mut hash = Fnv1a::new();
    hash.text(care_area);
    hash.text(drug);
    let Concentration { text, per_ml, unit } = concentration;
    hash.text(text);
    hash.number(*per_ml);
    hash.word(match unit {
        AmountUnit::Mg => 1,
        AmountUnit::Units => 2,
    });
    for limit in [hard_min, soft_min, soft_max, hard_max] {
        match limit {
            None => hash.word(0),
            Some(limit) => {
                hash.word(1);
                hash.number(*limit);
            }
        }
    }
    hash.number(*kvo_ml_per_h);
    hash.word(u64::from(*high_alert));
    hash.finish()
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo), ended by the finaliser of SplitMix64 so that near inputs do
/// not give near hashes.
struct Fnv1a(u64);

impl Fnv1a {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn word(&mut self, word: u64) {
        self.bytes(&word.to_le_bytes());
    }

    /// Length first: `("ab", "c")` and `("a", "bc")` differ.
    fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// Zero has two signs that compare equal: both hash alike.
    fn number(&mut self, number: f64) {
        self.word(if number == 0.0 { 0 } else { number.to_bits() });
    }

    const fn finish(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

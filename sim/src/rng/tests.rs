use super::*;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Normal};

/// Computed by an independent implementation of the algorithm in the module's documentation.
#[test]
fn vectors() {
    assert_eq!(NodeKey::of("pump-03").as_u64(), 0xebea_ff98_599d_5876);
    let draws = |seed, node, purpose, counter| {
        let mut draws = Luck::new(seed).stream(NodeKey::of(node), Purpose::new(purpose), counter);
        [draws.next_u64(), draws.next_u64(), draws.next_u64()]
    };
    assert_eq!(
        draws(0, "", "", 0),
        [
            0x5f2b_93d8_2f22_8844,
            0x3b07_a8a6_3964_bdb4,
            0x5f28_5b1d_642f_9caa
        ]
    );
    assert_eq!(
        draws(7, "pump-03", "eapol snonce", 0),
        [
            0x360f_03f7_6538_4602,
            0x4316_6d71_c1ec_832f,
            0xd165_eea3_7a64_c83c
        ]
    );
    assert_eq!(
        draws(7, "pump-03", "eapol snonce", 1),
        [
            0x2a71_7704_4a7f_9efe,
            0x4728_767b_1d6b_4e5c,
            0x3a40_bc9f_efc3_aca5
        ]
    );
    assert_eq!(
        draws(u64::MAX, "ap-1", "backoff", u64::MAX),
        [
            0x37cc_5d2b_b7fc_ccf8,
            0xb610_020c_d145_ea7b,
            0x792e_17e1_b8eb_7ecf
        ]
    );
}

#[test]
fn each_input_matters() {
    let first = |seed, node, purpose, counter| {
        Luck::new(seed)
            .stream(NodeKey::of(node), Purpose::new(purpose), counter)
            .next_u64()
    };
    let draws = [
        first(1, "a", "p", 1),
        first(2, "a", "p", 1),
        first(1, "b", "p", 1),
        first(1, "a", "q", 1),
        first(1, "a", "p", 2),
        // Node and purpose are not interchangeable.
        first(1, "p", "a", 1),
    ];
    for (i, a) in draws.iter().enumerate() {
        assert!(draws[i + 1..].iter().all(|b| a != b), "{draws:x?}");
    }
}

/// First draws of neighbouring streams, bit by bit: half of each changes with the counter.
#[test]
fn neighbouring_streams_are_unlike() {
    let luck = Luck::new(3);
    let purpose = Purpose::new("test");
    let first = |counter| luck.stream(NodeKey::of("n"), purpose, counter).next_u64();
    let mut flips = [0_u32; 64];
    for counter in 0..4096 {
        let changed = first(counter) ^ first(counter + 1);
        for (bit, flips) in flips.iter_mut().enumerate() {
            *flips += (changed >> bit) as u32 & 1;
        }
    }
    // 2048 +- 32 (one standard deviation) expected.
    assert!(
        flips.iter().all(|flips| (1850..2250).contains(flips)),
        "{flips:?}"
    );
}

#[test]
fn draws_are_uniform() {
    let luck = Luck::new(11);
    let purpose = Purpose::new("test");
    let (mut sum, mut counts) = (0.0, [0_u32; 10]);
    for counter in 0..20_000 {
        let mut draws = luck.stream(NodeKey::of("n"), purpose, counter);
        let unit = draws.unit_f64();
        assert!((0.0..1.0).contains(&unit));
        sum += unit;
        counts[draws.below(10) as usize] += 1;
    }
    assert!((sum / 20_000.0 - 0.5).abs() < 0.01, "{sum}");
    assert!(
        counts.iter().all(|count| (1800..2200).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn bounds_hold() {
    let mut draws = Luck::new(5).stream(NodeKey::of("n"), Purpose::new("test"), 0);
    for n in [1, 2, 3, 1 << 40, (1 << 63) + 1, u64::MAX] {
        assert!((0..100).all(|_| draws.below(n) < n));
    }
    assert_eq!(draws.below(0), 0);
    assert!((0..100).all(|_| !draws.chance(0.0) && draws.chance(1.0)));
}

#[test]
fn rand_and_its_distributions_accept_a_stream() {
    let stream = || Luck::new(5).stream(NodeKey::of("n"), Purpose::new("test"), 0);
    let word = Stream::next_u64(&mut stream());
    let mut draws = stream();
    assert_eq!(Rng::next_u32(&mut draws), (word >> 32) as u32);
    let mut bytes = [0; 11];
    stream().fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], word.to_le_bytes());
    assert!((3..9).contains(&draws.random_range(3..9)));
    let normal = Normal::new(0.0, 1.0).expect("a positive deviation");
    let mean: f64 = (0..10_000).map(|_| normal.sample(&mut draws)).sum::<f64>() / 10_000.0;
    assert!(mean.abs() < 0.05, "{mean}");
    let mean: f64 = (0..10_000).map(|_| draws.exponential()).sum::<f64>() / 10_000.0;
    assert!((mean - 1.0).abs() < 0.05, "{mean}");
}

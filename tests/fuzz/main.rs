//! The functions of the fuzz targets, on inputs from a seed: a few seconds of what a fuzzer does for hours. One test, so that what the process holds is its own.

#[path = "../libfuzzer/src/edges.rs"]
pub mod edges;
#[path = "../libfuzzer/src/links.rs"]
pub mod links;

use pumplab::library::Shelf;
use pumplab_live::pki::Signatures;
use std::sync::Arc;

/// Inputs per target.
const INPUTS: u64 = 20_000;
/// By how much memory may grow between the first tenth of the inputs and the end: what the allocator keeps is not given back at once.
const GROWTH_KIB: u64 = 16 * 1024;

/// SplitMix64: numbers from a seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// One of these, with some bytes changed, left out, doubled, or taken from another.
    fn mutant(&mut self, seeds: &[&[u8]]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].to_vec();
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 if at < bytes.len() => bytes[at] = self.next() as u8,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.truncate(at),
                3 => {
                    let other = seeds[self.below(seeds.len())];
                    bytes.truncate(at);
                    bytes.extend_from_slice(&other[self.below(other.len())..]);
                }
                _ => {
                    let digit = b'0' + (self.next() % 10) as u8;
                    let many = self.below(40);
                    bytes.splice(at..at, std::iter::repeat_n(digit, many));
                }
            }
        }
        bytes
    }
}

const FRAMES: [&[u8]; 8] = [
    br#"{"type":"hello","pump":"pump-01","library_version":1,"log_from":1}"#,
    br#"{"type":"status","infusing":true,"rate_ml_per_h":12.5,"infused_ml":0.25,"library_version":1}"#,
    br#"{"type":"alarm","number":4,"kind":"air_in_line"}"#,
    br#"{"type":"log","entries":[{"number":1,"event":{"kind":"started","patient":7,"rate_ml_per_h":1.5}},{"number":2,"event":{"kind":"stopped"}}]}"#,
    br#"{"type":"library-answer","version":2,"accepted":true}"#,
    br#"{"type":"order-answer","order":3,"accepted":false}"#,
    br#"{"type":"order","order":{"id":3,"patient":1,"care_area":"ICU","drug":"heparin","concentration":{"text":"x","per_ml":1.0,"unit":"mg"},"rate_ml_per_h":1.1,"vtbi_ml":5.0}}"#,
    b"\0\0\0\x16{\"type\":\"log-taken\",\"through\":9}",
];

const LETTERS: [&[u8]; 4] = [
    b"MSH|^~\\&|E|W|P|W|20261122||RGV^O15^RGV_O15|1|P|2.6|||AL|ER\rPID|||42\rPV1||I|ICU\rORC|RE|7\rRXG|1|||^heparin|50||263762^MDC_DIM_MILLI_L^MDC||||||||3.7|265266^MDC_DIM_MILLI_L_PER_HR^MDC|1|^mg^UCUM|||||1|263762^MDC_DIM_MILLI_L^MDC\rRXR|IV\rOBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC||||||||X|||||||p\r",
    b"MSH|^~\\&|P|W|E|W|20231114||ORU^R01^ORU_R01|2|P|2.6\rPID|||42\rOBR|1\rOBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1|||||||X|||||||p\rOBX|2|CWE|184519^MDC_PUMP_INFUSING_STATUS^MDC||^pump-status-infusing\rOBX|3|NM|157784^MDC_FLOW_FLUID_PUMP^MDC||5.25|^mL/h^UCUM\r",
    b"MSH|^~\\&|P|W|A|W|20231114||ORU^R40^ORU_R40|3|P|2.6\rOBR|1||p_4\rOBX|1|CWE|196616^MDC_EVT_ALARM^MDC||196940^MDC_EVT_FLUID_LINE_OCCL^MDC|||||||||||||p\rOBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC||start\rOBX|3|ST|68482^MDC_ATTR_ALARM_STATE^MDC||active\r",
    b"MSH|^~\\&|P|W|A|W|20231114||RRG^O16^RRG_O16|4|P|2.6\rMSA|AE|1\rERR||RXG^1^15|207^x^HL70357|E||||why\rORC|OK|7\r",
];

/// What this process holds, in KiB; none where the system does not say.
fn held_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn whatever_comes_nothing_panics_and_memory_does_not_grow() {
    let shelf = Shelf::open(None, false).expect("the library is embedded");
    let lab = shelf.lab("ward", Some("sp1800-8"), &[]);
    let lab = lab.expect("the library's labs resolve").lab;
    let signatures = Arc::new(Signatures::of(&lab).expect("keys can be made"));
    let mut numbers = Numbers(1800);
    let mut before = None;
    for n in 0..INPUTS {
        if n == INPUTS / 10 {
            before = held_kib();
        }
        edges::pump(&numbers.mutant(&FRAMES), &signatures);
        edges::clinical(&numbers.mutant(&LETTERS), &signatures);
        let script = numbers.bytes(400);
        links::session(&script);
        links::clinical(&script);
        if n % 8 == 0 {
            let bytes = numbers.bytes(300);
            edges::pump(&bytes, &signatures);
            edges::clinical(&bytes, &signatures);
        }
    }
    if let (Some(before), Some(after)) = (before, held_kib()) {
        assert!(after < before + GROWTH_KIB, "{before} KiB became {after}");
    }
}

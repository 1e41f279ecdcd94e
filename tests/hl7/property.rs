//! Any message that is built reads back as it was meant; any bytes are parsed or refused.

use super::entry;
use proptest::prelude::*;
use pumplab_sim::proto::mllp;
use pumplab_sim::wire::hl7::{Builder, Delimiters, Message, SegmentId, escape};

/// A field: repetitions of components of subcomponents.
type Field = Vec<Vec<Vec<String>>>;
/// A segment: its name and its fields by number, ascending.
type Row = (SegmentId, Vec<(usize, Field)>);

fn delimiters() -> impl Strategy<Value = Delimiters> {
    let punctuation: Vec<u8> = (0x21..0x7F_u8)
        .filter(|b| !b.is_ascii_alphanumeric())
        .collect();
    let odd = (Just(punctuation).prop_shuffle(), any::<bool>()).prop_map(|(c, cut)| {
        let text = String::from_utf8_lossy(&c[..if cut { 6 } else { 5 }]).into_owned();
        Delimiters::new(&text).expect("punctuation, all different")
    });
    prop_oneof![Just(Delimiters::STANDARD), odd]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 ]{1,8}",
        2 => r#"[|^~\\&#"]{1,6}"#,
        1 => r"\\[FSTREXP0-9.br]{0,4}\\?",
        1 => "\\PC{0,6}",
        1 => "[\r\n\t\x0B\x1C\x00a]{1,4}",
        1 => Just(String::new()),
    ]
}

fn field() -> impl Strategy<Value = Field> {
    use prop::collection::vec;
    vec(vec(vec(text(), 1..3), 1..3), 1..3)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let name = "[A-Z][A-Z0-9]{2}".prop_filter_map("a segment of its own", |s| {
        let reserved = ["MSH", "FHS", "BHS", "FTS", "BTS"];
        let bytes = s.as_bytes().try_into().ok()?;
        SegmentId::new(bytes).filter(|_| !reserved.contains(&s.as_str()))
    });
    let fields = prop::collection::btree_map(1_usize..40, field(), 0..6)
        .prop_map(|fields| fields.into_iter().collect());
    prop::collection::vec((name, fields), 0..6)
}

fn build(delimiters: Delimiters, rows: &[Row]) -> Vec<u8> {
    let mut b = Builder::new(delimiters);
    for (name, fields) in rows {
        b.segment(*name);
        for (number, repetitions) in fields {
            for (r, components) in repetitions.iter().enumerate() {
                for (c, parts) in components.iter().enumerate() {
                    for (s, part) in parts.iter().enumerate() {
                        match (r, c, s) {
                            (0, 0, 0) => b.field(*number, part),
                            (_, 0, 0) => b.repetition(part),
                            (_, _, 0) => b.component(part),
                            _ => b.subcomponent(part),
                        };
                    }
                }
            }
        }
    }
    b.finish().expect("five delimiters suffice for anything")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_built_reads_back_part_by_part(delimiters in delimiters(), rows in rows()) {
        let bytes = build(delimiters, &rows);
        let message = Message::parse(&bytes).expect("what is built parses");
        prop_assert!(message.line_ends().standard());
        prop_assert_eq!(message.delimiters(), &delimiters);
        prop_assert_eq!(message.len(), rows.len() + 1);
        for (segment, (name, fields)) in message.segments().skip(1).zip(&rows) {
            prop_assert_eq!(segment.name(), *name);
            for (number, repetitions) in fields {
                let field = segment.field(*number);
                for (r, components) in repetitions.iter().enumerate() {
                    let found = field.repetitions().nth(r);
                    for (c, parts) in components.iter().enumerate() {
                        for (s, part) in parts.iter().enumerate() {
                            let found = found.map(|v| v.component(c + 1).subcomponent(s + 1));
                            let text = found.map(|v| v.text().into_owned()).unwrap_or_default();
                            prop_assert_eq!(&text, part, "{}-{} {} {} {}", name, number, r, c, s);
                        }
                    }
                }
            }
        }
        let mut framed = Vec::new();
        prop_assert!(mllp::encode(&bytes, &mut framed).is_ok(), "values can always be framed");
        entry::message(&bytes).expect("it parsed before");
    }

    #[test]
    fn escaped_bytes_decode_to_themselves(delimiters in delimiters(), value: Vec<u8>) {
        let mut raw = Vec::new();
        escape::encode(&value, &delimiters, &mut raw).expect("there is an escape character");
        prop_assert_eq!(&*escape::decode(&raw, &delimiters), &value[..]);
        for forbidden in [delimiters.field, delimiters.component, b'\r', b'\n', mllp::START, mllp::END] {
            prop_assert!(!raw.contains(&forbidden));
        }
    }

    #[test]
    fn any_bytes_are_parsed_or_refused(bytes: Vec<u8>, header: bool, piece in 1_usize..40) {
        let start: &[u8] = if header { b"MSH|^~\\&|" } else { b"" };
        let bytes = [start, &bytes].concat();
        let _ = entry::message(&bytes);
        entry::file(&bytes);
        entry::stream(&bytes, piece);
    }

    #[test]
    fn mutated_messages_are_parsed_or_refused(
        rows in rows(),
        seed in 0..SEEDS.len() + 1,
        changes in prop::collection::vec((any::<u16>(), change()), 1..12),
        piece in 1_usize..40,
    ) {
        let bytes = match SEEDS.get(seed) {
            Some(seed) => seed.as_bytes().to_vec(),
            None => build(Delimiters::STANDARD, &rows),
        };
        let mut framed = Vec::new();
        mllp::encode(&bytes, &mut framed).expect("values can always be framed");
        for (mut bytes, is_stream) in [(bytes, false), (framed, true)] {
            for (at, change) in &changes {
                let at = usize::from(*at) % (bytes.len() + 1);
                apply(&mut bytes, at, change);
            }
            if is_stream {
                entry::stream(&bytes, piece);
            } else {
                let _ = entry::message(&bytes);
                entry::file(&bytes);
            }
        }
    }
}

/// Where mutation starts: one message of each kind that the lab reads.
const SEEDS: [&str; 4] = [
    "MSH|^~\\&|EHR|W|PUMPS|W|20231114221320+0000||RGV^O15^RGV_O15|M1|P|2.6|||AL|ER\rPID|||42^^^L^PI\rPV1||I|ICU\rORC|RE|7\r\
     RXG|1|||^heparin|50||263762^MDC_DIM_MILLI_L^MDC||||||||3.7|^mL/h^UCUM|4|^mg^UCUM|||||50|^mL^UCUM\rRXR|IV\r\
     OBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC||||||||X|||||||p3\r",
    "MSH|^~\\&|P|W|EHR|W|2023||ORU^R01^ORU_R01|M2|P|2.6\rPID|||42\rOBR|1\rOBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1|||||||X|||||||p3\r\
     OBX|2|CWE|184519^MDC_PUMP_INFUSING_STATUS^MDC||^pump-status-infusing\rOBX|3|NM|157784^MDC_FLOW_FLUID_PUMP^MDC||5|^mL/h^UCUM\r",
    "MSH|^~\\&|P|W|AM|W|2023||ORU^R40^ORU_R40|M3|P|2.6\rOBR|1||p3_4\rOBX|1|CWE|196616^MDC_EVT_ALARM^MDC||196940^MDC_EVT_FLUID_LINE_OCCL^MDC|||||||||||||p3\r\
     OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC||start\rOBX|3|ST|68482^MDC_ATTR_ALARM_STATE^MDC||active\r",
    "MSH|^~\\&|AM|W|P|W|2023||ACK^R40^ACK|M4|P|2.6\rMSA|AE|M3\rERR||RXG^1^4^1^2|101^Required field missing^HL70357|E||||no drug\r",
];

#[derive(Clone, Debug)]
enum Change {
    Set(u8),
    Insert(u8),
    Delete(u8),
    Repeat(u8, u8),
    CutOff,
}

fn change() -> impl Strategy<Value = Change> {
    let byte = || {
        prop_oneof![
            any::<u8>(),
            prop::sample::select(b"|^~\\&\r\n\x0B\x1C\"MSHX0".to_vec())
        ]
    };
    prop_oneof![
        4 => byte().prop_map(Change::Set),
        4 => byte().prop_map(Change::Insert),
        2 => any::<u8>().prop_map(Change::Delete),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(n, k)| Change::Repeat(n, k)),
        1 => Just(Change::CutOff),
    ]
}

fn apply(bytes: &mut Vec<u8>, at: usize, change: &Change) {
    let upto = |n: u8| (at + usize::from(n)).min(bytes.len());
    match *change {
        Change::Set(byte) => {
            if let Some(b) = bytes.get_mut(at) {
                *b = byte;
            }
        }
        Change::Insert(byte) => bytes.insert(at, byte),
        Change::Delete(n) => {
            bytes.drain(at..upto(n));
        }
        Change::Repeat(n, times) => {
            let piece = bytes[at..upto(n)].repeat(usize::from(times % 8));
            bytes.splice(at..at, piece);
        }
        Change::CutOff => bytes.truncate(at),
    }
}

#[test]
fn the_seeds_of_mutation_are_understood() {
    for seed in SEEDS {
        let message = Message::parse(seed.as_bytes()).expect("it parses");
        let read = pumplab_sim::wire::hl7::pcd::read(&message);
        assert!(read.is_ok(), "{read:?}");
    }
}

/// Work and memory grow with the input and not faster: what would be slow if they did not is done here within the time of a test.
#[test]
fn the_worst_messages_take_no_longer_than_their_length() {
    let megabyte = 1 << 20;
    let start = b"MSH|^~\\&|".to_vec();
    for pattern in [
        &b"\\"[..],
        b"\\F",
        b"^",
        b"~",
        b"&",
        b"\r",
        b"\r\n",
        b"A01\r",
        b"\\X41",
        b"x",
    ] {
        let mut bytes = start.clone();
        while bytes.len() + pattern.len() <= megabyte {
            bytes.extend_from_slice(pattern);
        }
        if let Ok(message) = Message::parse(&bytes) {
            for value in message.segments().flat_map(|s| s.fields()) {
                let parts = value.repetitions().flat_map(|r| r.components());
                let decoded: usize = parts.map(|c| c.bytes().len()).sum();
                assert!(decoded <= bytes.len());
            }
        }
    }
}

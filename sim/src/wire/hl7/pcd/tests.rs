//! What is written is read back; what is missing is told where.

use super::*;
use crate::clinical::delivery::AlarmKind;
use crate::clinical::drug_library::{AmountUnit, Concentration};
use crate::clinical::order::InfusionOrder;
use crate::wire::hl7::{SegmentId, Stamp};
use crate::wire::pump::PumpStatus;

fn header() -> Header {
    let party = |application: &str| Party {
        application: application.to_owned(),
        facility: "WARD".to_owned(),
    };
    let time = Stamp::from_unix(1_700_000_000).expect("in range");
    Header::new(party("EHR"), party("PUMPS"), "M1", time)
}

fn order() -> Order {
    Order {
        pump: "pump-3".to_owned(),
        order: InfusionOrder {
            id: 7,
            patient: 42,
            care_area: "ICU".to_owned(),
            drug: "noradrenaline 4 mg | 50 mL".to_owned(),
            concentration: Concentration {
                text: "4 mg & 50 mL".to_owned(),
                per_ml: 0.08,
                unit: AmountUnit::Mg,
            },
            rate_ml_per_h: 3.7,
            vtbi_ml: 50.0,
            dose: false,
        },
    }
}

fn content(bytes: &[u8]) -> Content {
    let message = Message::parse(bytes).expect("what is written parses");
    assert!(message.line_ends().standard());
    let (_, content) = read(&message).expect("what is written is read");
    content
}

/// The message with one field put in place of another.
fn with(bytes: &[u8], segment: &str, field: usize, value: &str) -> Vec<u8> {
    let text = std::str::from_utf8(bytes).expect("our messages are UTF-8");
    let line = |line: &str| {
        let mut fields: Vec<&str> = line.split('|').collect();
        if fields[0] == segment {
            let at = field - usize::from(segment == "MSH");
            fields.resize(fields.len().max(at + 1), "");
            fields[at] = value;
        }
        fields.join("|")
    };
    let lines: Vec<String> = text.split_terminator('\r').map(line).collect();
    (lines.join("\r") + "\r").into_bytes()
}

fn faults(bytes: &[u8]) -> Vec<Fault> {
    let message = Message::parse(bytes).expect("it parses");
    match read(&message) {
        Ok((_, content)) => panic!("it was read: {content:?}"),
        Err(unread) => unread.faults,
    }
}

#[test]
fn an_order_comes_back_to_the_letter() {
    let bytes = order().write(&header()).expect("finite numbers");
    assert_eq!(content(&bytes), Content::Order(Box::new(order())));
    let mut units = order();
    units.order.concentration.unit = AmountUnit::Units;
    let bytes = units.write(&header()).expect("finite numbers");
    assert_eq!(content(&bytes), Content::Order(Box::new(units)));
}

#[test]
fn an_observation_comes_back() {
    let status = PumpStatus {
        infusing: true,
        rate_ml_per_h: 12.5,
        infused_ml: 0.1 + 0.2,
        library_version: 3,
    };
    let at = Stamp::from_unix(1_700_000_060).expect("in range");
    let seen = Observation::of(42, "pump-3", &status, at);
    let bytes = seen.write(&header()).expect("finite numbers");
    let Content::Observation(read) = content(&bytes) else {
        panic!("another kind")
    };
    assert_eq!(*read, seen);
    assert_eq!(read.status(), Some(status));
}

#[test]
fn every_alarm_has_a_term_of_its_own_and_comes_back() {
    for (n, kind) in AlarmKind::ALL.into_iter().enumerate() {
        let alarm = Alarm::started("pump_3", n as u32 + 1, Notice::Alarm(kind));
        let bytes = alarm.write(&header()).expect("no numbers");
        assert_eq!(content(&bytes), Content::Alarm(Box::new(alarm)));
    }
}

#[test]
fn what_the_lab_sends_comes_back_as_what_it_was() {
    let pump = "pump-3".to_owned();
    for message in [
        Hl7::Order {
            pump: pump.clone(),
            order: order().order,
        },
        Hl7::Observation(Box::new(Observation {
            patient: 42,
            pump: Some(pump.clone()),
            time: Stamp::from_unix(1_700_000_000),
            infusing: true,
            rate_ml_per_h: 3.5,
            infused_ml: Some(1.25),
            library_version: None,
        })),
        Hl7::Alarm {
            pump: pump.clone(),
            number: 9,
            kind: AlarmKind::DoorOpen,
        },
        Hl7::Silence { pump: pump.clone() },
        Hl7::SeenAgain { pump },
    ] {
        let letter = Letter::new(header(), message.clone());
        let bytes = write(&letter).expect("finite numbers");
        assert_eq!(content(&bytes).to_hl7(), Some(message));
    }
    for kind in [Kind::Ack, Kind::OrderAnswer] {
        let mut ack = Ack::new(AckCode::Error, "M0");
        ack.order = (kind == Kind::OrderAnswer).then(|| "7".to_owned());
        ack.errors.push(AckError {
            location: ["RXG", "1", "15", "", ""].map(str::to_owned),
            code: "207".to_owned(),
            condition: "Application internal error".to_owned(),
            message: "too much".to_owned(),
        });
        let answer = Hl7::Answer(Box::new(ack));
        let header = Header { kind, ..header() };
        let letter = Letter::new(header, answer.clone());
        let bytes = write(&letter).expect("it holds no number");
        assert_eq!(content(&bytes).to_hl7(), Some(answer));
    }
}

#[test]
fn a_dose_by_weight_becomes_a_rate() {
    let bytes = order().write(&header()).expect("finite numbers");
    let bytes = with(&bytes, "RXG", 15, "10");
    let bytes = with(&bytes, "RXG", 16, "^ug/kg/min^UCUM");
    let weightless = faults(&bytes);
    assert_eq!(weightless[0].kind, FaultKind::NoTerm("MDC_ATTR_PT_WEIGHT"));
    let mut bytes = with(&bytes, "RXG", 17, "1.6");
    bytes.extend(b"OBX|2|NM|68063^MDC_ATTR_PT_WEIGHT^MDC||85.0|kg^kg^UCUM\r");
    let Content::Order(order) = content(&bytes) else {
        panic!("another kind")
    };
    // 10 ug/kg/min x 85 kg = 51 mg/h; at 1.6 mg/mL that is 31.875 mL/h.
    assert!((order.order.rate_ml_per_h - 31.875).abs() < 1e-9);
}

#[test]
fn each_fault_of_an_order_is_told_with_its_place_and_code() {
    let good = order().write(&header()).expect("finite numbers");
    for (segment, field, value, place, code) in [
        ("PID", 3, "", "PID-3", 101),
        ("PID", 3, "HO-2", "PID-3", 204),
        ("PV1", 3, "", "PV1-3", 101),
        ("ORC", 1, "CA", "ORC-1", 103),
        ("ORC", 2, "7e3", "ORC-2", 204),
        ("RXG", 4, "1234", "RXG-4.2", 101),
        ("RXG", 5, "-1", "RXG-5", 102),
        ("RXG", 7, "^L^UCUM", "RXG-7", 103),
        ("RXG", 15, "1e3", "RXG-15", 102),
        ("RXG", 15, "0", "RXG-15", 102),
        ("RXG", 16, "", "RXG-16", 101),
        ("RXG", 17, "", "RXG-17", 101),
        ("RXG", 18, "^g^UCUM", "RXG-18", 103),
        ("RXG", 23, "0", "RXG-23", 102),
        ("OBX", 18, "", "OBX-18", 101),
        ("MSH", 9, "RDE^O11", "MSH-9", 200),
        ("MSH", 10, "", "MSH-10", 101),
        ("MSH", 12, "3", "MSH-12", 203),
        ("MSH", 15, "XX", "MSH-15", 103),
    ] {
        let bytes = with(&good, segment, field, value);
        let found = faults(&bytes);
        let [fault] = &found[..] else {
            panic!("{segment}-{field} `{value}`: {found:?}")
        };
        assert!(
            fault.at.to_string().ends_with(&format!("({place})")),
            "{fault}"
        );
        assert_eq!(fault.condition().0, code, "{fault}");
        let ack = Ack::faulty("M1", &found);
        assert_eq!(
            ack.code == AckCode::Reject,
            matches!(code, 200..204),
            "{fault}"
        );
    }
}

#[test]
fn all_faults_are_told_at_once_and_a_second_infusion_is_one() {
    let bytes = b"MSH|^~\\&|||||||RGV^O15|1||2.6\rPID|||1\r";
    let kinds: Vec<FaultKind> = faults(bytes).into_iter().map(|f| f.kind).collect();
    let missing = |name: &[u8; 3]| FaultKind::NoSegment(SegmentId::known(name));
    let no_pump = FaultKind::NoTerm("MDC_DEV_PUMP_INFUS_VMD");
    let want = [missing(b"PV1"), missing(b"ORC"), no_pump, missing(b"RXG")];
    assert_eq!(kinds, want);
    let places: Vec<String> = faults(bytes)
        .iter()
        .map(|f| f.at.erl()[0].clone())
        .collect();
    assert_eq!(places, ["PV1", "ORC", "OBX", "RXG"]);
    let mut twice = order().write(&header()).expect("finite numbers");
    twice.extend(b"RXG|2|||^heparin|1\r");
    let second = faults(&twice);
    assert_eq!(second[0].kind, FaultKind::Several(SegmentId::known(b"RXG")));
    assert_eq!(second[0].at.occurrence, Some(2));
}

#[test]
fn the_answer_says_in_err_where_the_fault_is() {
    let good = order().write(&header()).expect("finite numbers");
    let bytes = with(&good, "RXG", 4, "1234");
    let message = Message::parse(&bytes).expect("it parses");
    let unread = read(&message).expect_err("RXG-4 has no drug");
    let Unread {
        header: asked,
        faults,
    } = *unread;
    let ack = Ack::faulty(&asked.control_id, &faults);
    let answer = asked.answer("A1", header().time.expect("it has one"));
    let bytes = ack.write(&answer, Kind::Ack).expect("no numbers");
    assert_eq!(content(&bytes), Content::Ack(Box::new(ack.clone())));
    assert_eq!(
        ack.errors[0].location,
        ["RXG", "1", "4", "1", "2"].map(str::to_owned)
    );
    assert_eq!(ack.errors[0].place().component, Some(2));
    let header = read_header(&bytes).expect("it has one");
    assert_eq!(header.event, "O15");
    assert_eq!(header.sender.application, "PUMPS");
}

#[test]
fn bytes_that_are_no_message_are_rejected_with_their_place() {
    let bytes = b"MSH|^~\\&|||||||RGV^O15|77||2.6\rPID|||1\rnote";
    let error = Message::parse(bytes).expect_err("no segment is called `note`");
    let ack = Ack::unreadable(&error);
    assert_eq!(ack.code, AckCode::Reject);
    assert!(
        ack.errors[0].message.contains("byte 39, segment 3"),
        "{ack:?}"
    );
    let header = read_header(bytes).expect("the first line is one");
    assert_eq!(header.control_id, "77");
}

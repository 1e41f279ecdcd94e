//! HL7 programs of others and a live lab: an order, observations and an alarm cross between the Python libraries `hl7` and `hl7apy` and the lab, in
//! clear and under TLS.
//!
//! The lab is the binary, as a tester would run it; the others are the small programs beside this file.

mod lab;

use lab::{Lab, Others, python};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long anything may take: nurses have to walk to a pump, at sixty times the usual speed.
const PATIENCE: Duration = Duration::from_secs(120);
const PUMP: &str = "pump-03";
const RATE: &str = "3.3";

/// An order for PUMP, whose insulin runs at 3 mL/h, as a health record of another maker might write it.
fn order(number: &str, pump: &str, rate: &str) -> String {
    [
        &format!("MSH|^~\\&|ORDERS|WARD|PUMPS|WARD|20261122101500+0000||RGV^O15^RGV_O15|{number}|P|2.6|||||||||IHE_PCD_PIV_001"),
        "PID|||1003^^^WARD^PI||^^^^^^U",
        "PV1||I|Step-Down",
        "ORC|RE|9001",
        &format!("RXG|1|||INS^insulin|90||263762^MDC_DIM_MILLI_L^MDC||||||||{rate}|265266^MDC_DIM_MILLI_L_PER_HR^MDC|1|^[iU]^UCUM|||||1|263762^MDC_DIM_MILLI_L^MDC"),
        "RXR|IV||IVP",
        &format!("OBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC||||||||X|||||||{pump}"),
        "",
    ]
    .join("\r")
}

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}

/// Answers to orders: the first is carried out, however often it comes; what is wrong with the others is told with its place.
fn orders(lab: &Lab, others: &mut Others) {
    let sent = [
        order("N1", PUMP, RATE),
        order("N1", PUMP, RATE),
        order("N2", PUMP, "33"),
        order("N3", "pump-99", RATE),
        order("N4", PUMP, "abc"),
        "hello".to_owned(),
    ];
    let answers = others.order(lab, &sent);
    let wanted = [
        ("RRG^O16^RRG_O16", "AA", "N1", "", ""),
        ("RRG^O16^RRG_O16", "AA", "N1", "", ""),
        (
            "RRG^O16^RRG_O16",
            "AE",
            "N2",
            "RXG^1^15",
            "hard limit of 12 mL/h",
        ),
        (
            "RRG^O16^RRG_O16",
            "AE",
            "N3",
            "OBX^1^18",
            "no pump of this name",
        ),
        ("RRG^O16^RRG_O16", "AE", "N4", "RXG^1^15", "`abc`"),
        (
            "ACK^^ACK",
            "AR",
            "",
            "",
            "a message begins with an MSH segment",
        ),
    ];
    assert_eq!(answers.len(), wanted.len(), "{answers:?}");
    for (answer, (kind, code, number, place, why)) in answers.iter().zip(wanted) {
        assert_eq!(
            (
                text(answer, "kind"),
                text(answer, "code"),
                text(answer, "answers")
            ),
            (kind, code, number),
            "{answer}"
        );
        let first = |key: &str| answer[key][0].as_str().unwrap_or_default().to_owned();
        assert!(first("where").starts_with(place), "{answer}");
        assert!(first("why").contains(why), "{answer}");
        others.keep(text(answer, "text"));
    }
}

/// The first message of a receiver was cut off before it was answered: it came again. Whatever came again, as under load an answer may be late,
/// was what it had been under the number of its sender.
fn came_again(others: &Others, to: &str) {
    let mut came: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    let mut first = None;
    for message in others.heard.iter().filter(|m| m["to"] == to) {
        let key = |k| text(message, k).to_owned();
        let whose = (key("sender"), key("number"));
        first.get_or_insert_with(|| whose.clone());
        came.entry(whose).or_default().push(text(message, "text"));
    }
    let first = first.expect("something came");
    assert!(came[&first].len() > 1, "{to}: {first:?} came once");
    for (whose, texts) in came {
        assert!(texts.iter().all(|t| *t == texts[0]), "{to}: {whose:?}");
    }
}

fn exchange(defence: &str, tls: bool) {
    let mut others = Others::start(defence, tls);
    let mut lab = Lab::start(defence, &others);
    lab.wait(PATIENCE, "the pump has a session", |line| {
        line["record"] == "server-session" && line["node"] == PUMP
    });
    orders(&lab, &mut others);
    let told = others.wait(PATIENCE, "the new rate is documented", |m| {
        text(m, "to") == "observations"
            && text(m, "pump") == PUMP
            && text(&m["values"], "MDC_FLOW_FLUID_PUMP") == RATE
    });
    assert_eq!(text(&told, "kind"), "ORU^R01^ORU_R01");
    assert!(text(&told, "text").contains("\rPID|||1003^"), "{told}");
    others.join_as_pump(&lab, PUMP);
    let alarm = others.wait(PATIENCE, "the alarm comes", |m| {
        text(m, "to") == "alarms"
            && text(m, "pump") == PUMP
            && text(m, "text").contains(&format!("|{PUMP}_4711|"))
    });
    assert_eq!(text(&alarm, "kind"), "ORU^R40^ORU_R40");
    let event = text(&alarm["values"], "MDC_EVT_ALARM");
    assert!(event.contains("MDC_EVT_FLUID_LINE_AIR"), "{alarm}");
    while others.heard.iter().filter(|m| m["to"] == "alarms").count() < 2 {
        others.wait(PATIENCE, "what was cut off comes again", |_| true);
    }
    came_again(&others, "observations");
    came_again(&others, "alarms");
    assert!(others.heard.iter().all(|m| m["tls"] == tls), "TLS or not");
    others.validate();
    lab.stop();
}

#[test]
fn an_order_observations_and_an_alarm_cross_in_clear() {
    exchange("legacy", false);
}

#[test]
fn an_order_observations_and_an_alarm_cross_under_tls() {
    exchange("sp1800-8", true);
}

#[test]
fn the_libraries_are_there() {
    python();
}

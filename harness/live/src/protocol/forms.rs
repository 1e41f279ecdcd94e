//! The JSON of every message of the pump protocol, the portal and the directory, as the reference pages show it to whoever writes a client.

use super::portal::StaffCodec;
use super::pump::{FrameError, decode, encode};
use crate::pki::Signatures;
use crate::secrets::tests::secrets;
use bytes::Bytes;
use pumplab_sim::wire::image::{Behaviour, Image, ImageKind};
use pumplab_sim::wire::pump::PumpMessage;
use serde_json::{Value, json};

const LIBRARY: &str = r#"{"version":7,"entries":[]}"#;
const ORDER: &str = r#"{"id":9,"patient":1,"care_area":"ICU","drug":"heparin","concentration":{"text":"1 mg in 1 mL","per_ml":1.0,"unit":"mg"},"rate_ml_per_h":5.0,"vtbi_ml":50.0,"dose":false}"#;

fn signatures() -> Signatures {
    Signatures::of(&crate::lab::tests::ward("sp1800-8")).expect("the system has random bytes")
}

/// Every message of the pump protocol, and every event of a log.
fn pump_forms() -> Vec<String> {
    let events = [
        r#"{"kind":"started","patient":1,"rate_ml_per_h":5.0}"#,
        r#"{"kind":"stopped"}"#,
        r#"{"kind":"rate-changed","rate_ml_per_h":5.0}"#,
        r#"{"kind":"limit-overridden"}"#,
        r#"{"kind":"limit-held"}"#,
        r#"{"kind":"alarm","alarm":"air_in_line"}"#,
        r#"{"kind":"library-active","version":7}"#,
    ];
    let messages = [
        r#"{"type":"hello","pump":"pump-1","library_version":3,"log_from":1}"#,
        r#"{"type":"welcome","server":"server-1"}"#,
        r#"{"type":"status","infusing":true,"rate_ml_per_h":5.0,"infused_ml":0.25,"library_version":3}"#,
        r#"{"type":"alarm","number":2,"kind":"air_in_line"}"#,
        r#"{"type":"alarm-taken","number":2}"#,
        r#"{"type":"log-taken","through":4}"#,
        r#"{"type":"library-answer","version":7,"accepted":true}"#,
        r#"{"type":"library-active","version":7}"#,
        r#"{"type":"order-answer","order":9,"accepted":false}"#,
    ];
    let log = |e: &&str| format!(r#"{{"type":"log","entries":[{{"number":1,"event":{e}}}]}}"#);
    let mut all: Vec<String> = events.iter().map(log).collect();
    all.extend(messages.map(str::to_owned));
    let offer = r#"{"type":"library-offer","library":LIBRARY,"signature":null}"#;
    all.push(offer.replace("LIBRARY", LIBRARY));
    all.push(r#"{"type":"order","order":ORDER}"#.replace("ORDER", ORDER));
    all
}

/// Every message of a portal that both ends can send, and every action.
fn portal_forms() -> Vec<String> {
    let actions = [
        r#"{"kind":"history"}"#,
        r#"{"kind":"publish-now","library":LIBRARY,"signature":null}"#,
        r#"{"kind":"draft","library":LIBRARY,"signature":null}"#,
        r#"{"kind":"review","version":7}"#,
        r#"{"kind":"approve","version":7,"library":null,"signature":null}"#,
        r#"{"kind":"publish","version":7}"#,
        r#"{"kind":"alarm-manager","name":"alarms"}"#,
    ];
    let messages = [
        r#"{"type":"login","user":"pweber","password":"pharmacy-1"}"#,
        r#"{"type":"claim","user":"pweber"}"#,
        r#"{"type":"login-result","token":null,"approval":true}"#,
        r#"{"type":"history","rows":[{"kind":"records","patients":[1,2]},{"kind":"data"}]}"#,
        r#"{"type":"done"}"#,
        r#"{"type":"denied"}"#,
    ];
    let act = |a: &&str| format!(r#"{{"type":"do","token":"TOKEN","action":{a}}}"#);
    let all = actions.iter().map(act).chain(messages.map(str::to_owned));
    all.map(|m| m.replace("LIBRARY", LIBRARY)).collect()
}

const DIRECTORY_FORMS: [&str; 3] = [
    r#"{"type":"bind","number":1,"user":"pweber","password":"pharmacy-1"}"#,
    r#"{"type":"bound","number":1,"role":"pharmacist"}"#,
    r#"{"type":"bound","number":1,"role":null}"#,
];

/// Where the objects in a value are.
fn objects(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(at.to_owned());
            for (key, inner) in fields {
                objects(inner, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                objects(inner, &format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
}

/// A form is read and written as it was; with a key too many anywhere it is refused, and with a key too few unless null would do as well.
fn keeps(form: &str, again: &dyn Fn(&[u8]) -> Result<Bytes, FrameError>) {
    let written = again(form.as_bytes()).unwrap_or_else(|e| panic!("{form}: {e}"));
    assert_eq!(String::from_utf8_lossy(&written), form);
    let value: Value = serde_json::from_str(form).expect("it is JSON");
    let mut places = Vec::new();
    objects(&value, "", &mut places);
    for place in places {
        let changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut value = value.clone();
            let object = value.pointer_mut(&place).and_then(Value::as_object_mut);
            change(object.expect("it is an object"));
            again(value.to_string().as_bytes())
        };
        let more = changed(&|o| drop(o.insert("unknown".to_owned(), json!(1))));
        assert!(
            more.is_err(),
            "{form}: a key that is not known at {place:?}"
        );
        let object = value.pointer(&place).and_then(Value::as_object);
        for (key, was) in object.expect("it is an object") {
            let less = changed(&|o| drop(o.remove(key)));
            // What may be null may be left out as well; an order without the key `dose` is none.
            let may = was.is_null() || ["dose", "role"].contains(&key.as_str());
            assert!(less.is_err() || may, "{form}: without {key}");
            let other = changed(&|o| drop(o.insert(key.clone(), json!({"else": []}))));
            assert!(other.is_err(), "{form}: {key} of another type");
        }
    }
}

#[test]
fn every_message_of_a_pump_has_one_form_and_no_other_is_read() {
    let signatures = signatures();
    let again = |bytes: &[u8]| encode(&decode(bytes, &signatures)?, &signatures);
    for form in pump_forms() {
        keeps(&form, &again);
        for key in ["rate_ml_per_h", "infused_ml", "vtbi_ml"] {
            let digits = |c: char| c.is_ascii_digit() || c == '.';
            let Some(at) = form.find(&format!("\"{key}\":")) else {
                continue;
            };
            let (before, rest) = form.split_at(at + key.len() + 3);
            let rest = rest.trim_start_matches(digits);
            for wrong in ["-1.0", "1e999", "-1e-9"] {
                let read = decode(format!("{before}{wrong}{rest}").as_bytes(), &signatures);
                assert!(read.is_err(), "{key} {wrong}");
            }
        }
    }
    for name in ["", &"n".repeat(254)] {
        let hello = json!({"type": "hello", "pump": name, "library_version": 1, "log_from": 1});
        assert!(decode(hello.to_string().as_bytes(), &signatures).is_err());
        let welcome = json!({"type": "welcome", "server": name});
        assert!(decode(welcome.to_string().as_bytes(), &signatures).is_err());
    }
    let image = Image::unsigned(ImageKind::Firmware, 2, Behaviour::NOMINAL);
    for message in [
        PumpMessage::ImageOffer(image),
        PumpMessage::ImageAnswer { accepted: true },
    ] {
        assert!(encode(&message, &signatures).is_err(), "{message:?}");
    }
    for kind in ["image-offer", "image-answer", "ImageAnswer"] {
        let read = json!({"type": kind, "accepted": true});
        assert!(decode(read.to_string().as_bytes(), &signatures).is_err());
    }
}

#[test]
fn every_message_of_the_portal_and_the_directory_has_one_form_and_no_other_is_read() {
    let (secrets, signatures) = (secrets(), signatures());
    let codec = StaffCodec {
        secrets: &secrets,
        signatures: &signatures,
    };
    let key = pumplab_sim::crypto::Passphrase::of("a server's").key("portal token");
    let token = pumplab_sim::crypto::Sealed::seal(&key, "pweber".to_owned(), 48);
    let token = secrets.token_text(&token).expect("random bytes");
    for form in portal_forms() {
        let again = |bytes: &[u8]| codec.write_portal(&codec.read_portal(bytes)?);
        keeps(&form.replace("TOKEN", &token), &again);
    }
    for form in DIRECTORY_FORMS {
        let again = |bytes: &[u8]| codec.write_directory(&codec.read_directory(bytes)?);
        keeps(form, &again);
    }
    let long = "n".repeat(257);
    for wrong in [
        json!({"type": "claim", "user": long}),
        json!({"type": "login", "user": "a", "password": long}),
        json!({"type": "do", "token": long, "action": {"kind": "history"}}),
        json!({"type": "do", "token": token, "action": {"kind": "alarm-manager", "name": ""}}),
    ] {
        assert!(codec.read_portal(wrong.to_string().as_bytes()).is_err());
    }
    let bind = json!({"type": "bind", "number": 1, "user": long, "password": ""});
    assert!(codec.read_directory(bind.to_string().as_bytes()).is_err());
}

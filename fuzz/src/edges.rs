//! What a fuzzer, and the tests beside it, do with bytes at the live edge: the pump protocol's frames, and HL7 as sockets take it.

use pumplab::live::clock::Clock;
use pumplab::live::frame::{self, HEAD, LONGEST_TO_SERVER};
use pumplab::live::pki::Signatures;
use pumplab::live::talk::{Heard, Talk};

/// Takes bytes for a frame with its length, and for one without. What is understood is written and understood again as the same.
pub fn pump(bytes: &[u8], signatures: &Signatures) {
    if let Some((head, body)) = bytes.split_first_chunk::<HEAD>()
        && let Ok(length) = frame::length(*head, LONGEST_TO_SERVER)
    {
        assert!((1..=LONGEST_TO_SERVER).contains(&length));
        one(body, signatures);
    }
    one(bytes, signatures);
}

fn one(body: &[u8], signatures: &Signatures) {
    match frame::decode(body, signatures) {
        Err(e) => assert!(e.to_string().len() < 1024, "a long complaint: {e}"),
        Ok(message) => {
            let written = frame::encode(&message, signatures).expect("what came has a form");
            let again = frame::decode(&written[HEAD..], signatures);
            assert_eq!(format!("{:?}", again.ok()), format!("{:?}", Some(message)));
        }
    }
}

/// Takes bytes for a message that came in an MLLP frame. What is understood is written and understood again as the same; the answer to anything
/// else is framed, and short.
pub fn clinical(bytes: &[u8]) {
    let talk = Talk::new("fuzzed", Clock::start(1.0), 1000, 1);
    let unframed = |frame: &[u8]| {
        let mut decoder = Talk::decoder();
        let mut rest = frame;
        let whole = decoder.next_frame(&mut rest).expect("it is framed");
        whole.expect("it is whole").into_owned()
    };
    match talk.decode(bytes) {
        Heard::Said(letter) => {
            let written = talk.encode(&letter).expect("what was read can be written");
            match talk.decode(&unframed(&written)) {
                Heard::Said(again) => assert_eq!(again.content, letter.content),
                other => panic!("not understood again: {other:?}"),
            }
        }
        Heard::Noted(answer) | Heard::Refused(answer) => {
            assert!(answer.len() < 64 * 1024, "{} bytes", answer.len());
            if !answer.is_empty() {
                unframed(&answer);
            }
        }
    }
}

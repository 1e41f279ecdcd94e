//! What a fuzzer, and the tests beside it, do with bytes at the live edge: the pump protocol's frames, and HL7 as sockets take it.

use bytes::{Bytes, BytesMut};
use pumplab_live::clock::Clock;
use pumplab_live::pki::Signatures;
use pumplab_live::protocol::Context;
use pumplab_live::protocol::codec::Prefixed;
use pumplab_live::protocol::hl7::{Hl7Link, Read};
use pumplab_live::protocol::pump::{self, LONGEST_TO_SERVER};
use pumplab_sim::event::outside::Conn;
use std::sync::Arc;
use tokio_util::codec::Decoder;

/// Takes bytes for messages with their lengths, and for one without. What is understood is written and understood again as the same.
pub fn pump(bytes: &[u8], signatures: &Signatures) {
    let (mut codec, mut input) = (Prefixed::new(LONGEST_TO_SERVER), BytesMut::from(bytes));
    while let Ok(Some(body)) = codec.decode(&mut input) {
        assert!((1..=LONGEST_TO_SERVER).contains(&body.len()));
        one(&body, signatures);
    }
    one(bytes, signatures);
}

fn one(body: &[u8], signatures: &Signatures) {
    match pump::decode(body, signatures) {
        Err(e) => assert!(e.to_string().len() < 1024, "a long complaint: {e}"),
        Ok(message) => {
            let written = pump::encode(&message, signatures).expect("what came has a form");
            let again = pump::decode(&written, signatures);
            assert_eq!(format!("{:?}", again.ok()), format!("{:?}", Some(message)));
        }
    }
}

/// Takes bytes for a message that came in an MLLP frame. What is understood is written and understood again as the same; the answers to anything
/// else are short, and can be framed.
pub fn clinical(bytes: &[u8], signatures: &Arc<Signatures>) {
    let mut link = Hl7Link::new(&Context {
        host: "fuzzed".to_owned(),
        conn: Conn(1),
        dialled: false,
        clock: Clock::start(1.0),
        ahead: 1000,
        signatures: signatures.clone(),
    });
    match link.read(bytes) {
        Read::Message(message) => {
            let written = link.write(&message).expect("what was read can be written");
            match link.read(&written) {
                Read::Message(again) => assert_eq!(again.content, message.content),
                other => panic!("not understood again: {other:?}"),
            }
        }
        Read::Ignored(answers) | Read::Faulty(answers) => {
            let length: usize = answers.iter().map(Bytes::len).sum();
            assert!(length < 64 * 1024, "{length} bytes");
            for answer in answers {
                let framed = pumplab_sim::proto::mllp::encode(&answer, &mut Vec::new());
                framed.expect("an answer can be framed");
            }
        }
    }
}

//! Whatever comes at a maintenance service is taken or rejected, and nothing is held without bound.

use super::{Action, Context, Protocol};
use crate::clock::Clock;
use crate::pki::Signatures;
use crate::secrets::SecretStore;
use crate::secrets::tests::secrets;
use bytes::{Bytes, BytesMut};
use pumplab_sim::event::outside::Conn;
use pumplab_sim::wire::Message;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// A generator of bytes that repeats: xorshift.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    })
}

fn protocols(secrets: &Arc<SecretStore>) -> [Protocol; 3] {
    [
        Protocol::Telnet(secrets.clone()),
        Protocol::Ftp(secrets.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST)),
        Protocol::Http(secrets.clone()),
    ]
}

/// Bytes that a connection may hold before the loop stops reading.
const ROOM: usize = 8 * 1024;

const WORDS: [&[u8]; 12] = [
    b"admin\r\n",
    b"GET / HTTP/1.1\r\n",
    b"\r\n\r\n",
    b"USER a\r\n",
    b"PASS b\r\n",
    b"POST /settings HTTP/1.1\r\nContent-Length: 9999999999999999999999\r\n\r\n",
    b"Content-Length: 7\r\n\r\n",
    b"\xff\xfb\x01",
    b"\xff\xfa",
    b"%zz%",
    b"RETR ../../x\r\n",
    b"write /a 99999999999999999999\n",
];

#[test]
fn whatever_comes_is_taken_or_rejected_and_nothing_is_held_without_bound() {
    let secrets = Arc::new(secrets());
    let lab = crate::lab::tests::ward("legacy");
    let context = Context {
        host: "pump-10".to_owned(),
        conn: Conn(1),
        dialled: false,
        clock: Clock::start(1.0),
        ahead: 0,
        signatures: Arc::new(Signatures::of(&lab).expect("random bytes")),
    };
    for seed in 0..400 {
        for protocol in protocols(&secrets) {
            let mut session = protocol.session(context.clone()).expect("it has a form");
            let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
            let mut noise = noise(seed);
            let mut asked = 0;
            'one: for _ in 0..40 {
                let pick = noise.next().unwrap_or(0);
                match pick % 3 {
                    0 => input.extend(noise.by_ref().take(usize::from(pick))),
                    _ => input.extend_from_slice(WORDS[usize::from(pick / 3) % WORDS.len()]),
                }
                loop {
                    let request: Bytes = match session.codec.decode(&mut input) {
                        Err(_) => break 'one,
                        Ok(None) => break,
                        Ok(Some(request)) => request,
                    };
                    match session.handler.request(request) {
                        Err(_) | Ok(Action::Close(_)) => break 'one,
                        Ok(Action::Deliver(_)) => {
                            asked += 1;
                            session.handler.message(&Message::Opaque { bytes: 1 });
                        }
                        Ok(Action::Reply(parts) | Action::Refuse(parts)) => {
                            for part in parts {
                                let written = session.codec.encode(part, &mut output);
                                written.expect("an answer has a form");
                            }
                        }
                        Ok(Action::OpenDataPort) => drop(session.handler.data_port(None)),
                    }
                }
                assert!(input.len() <= ROOM + 1024, "{} bytes are held", input.len());
            }
            assert!(asked < 1000);
        }
    }
}

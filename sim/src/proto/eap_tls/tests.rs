use super::*;
use crate::crypto::CertificateFault;
use crate::crypto::PublicKey;
use crate::crypto::{Certificate, PrivateKey, TrustStore};
use crate::proto::tls::resumption::{Sessions, Ticket};
use crate::proto::tls::{Client, ClientConfig, Credentials};
use crate::rng::{Luck, NodeKey, Purpose};
use crate::time::{Duration, Time};
use crate::wire::eap::Eap;
use crate::wire::tls::{NoData, Tls};
use crate::wire::tls_cost::{Flights, HandshakeCost, TlsCosts};
use std::sync::Arc;

const SERIAL: u32 = 7;
const LIFETIME: u64 = 100;

fn own(name: &str) -> Credentials {
    let (root, key) = (PrivateKey::of("root"), PrivateKey::of(name));
    Credentials {
        chain: vec![
            Certificate::issue(&root, name, key.public(), SERIAL, (0, 9999), false),
            Certificate::issue(&root, "root", root.public(), 0, (0, 9999), true),
        ],
        key: Some(key),
        trust: TrustStore {
            anchors: vec![root.public()],
        },
        ..Credentials::default()
    }
}

/// What came of a login: round trips with the server, whether a session was resumed, both ends' keys, and what the pump keeps.
#[derive(Debug)]
struct Login {
    rounds: u64,
    resumed: bool,
    ticket: Option<Ticket>,
    key: Key,
}

fn peer(ticket: Option<Ticket>) -> Peer {
    Peer::new(PeerConfig {
        identity: "pump".into(),
        credentials: own("pump"),
        server_name: Some("radius".into()),
        ticket,
        processor_factor: 1.0,
    })
}

/// A login in calendar second `at`; the number tells its random streams.
fn login(
    number: u64,
    ticket: Option<Ticket>,
    sessions: &mut Sessions,
    at: u64,
    revoked: &[(PublicKey, u32)],
) -> Result<Login, CertificateFault> {
    let rng = |n| Luck::new(number).stream(NodeKey::of("x"), Purpose::new("eap"), n);
    let mut peer = peer(ticket);
    let mut server = Server::new(own("radius"));
    let mut to_server = Eap::IdentityResponse {
        name: "pump".into(),
    };
    for rounds in 1..10 {
        server.consult(&mut rng(200 + rounds), sessions, &to_server, at);
        server.handle_message(at, &mut rng(rounds), &to_server, revoked);
        match (server.poll_event(), server.poll_transmit()) {
            (None, Some(eap)) => {
                peer.handle_message(Time::ZERO, at, &mut rng(100 + rounds), &eap);
                to_server = peer.poll_transmit().expect("the peer answers");
            }
            (Some(ServerEvent::Accepted(key, subject)), None) => {
                assert_eq!(subject, "pump");
                if let Some((number, kept)) = server.to_keep() {
                    sessions.keep(number, at, kept.clone());
                }
                peer.handle_message(Time::ZERO, at, &mut rng(0), &Eap::Success);
                let Some(PeerEvent::Authenticated(own)) = peer.poll_event() else {
                    panic!("the pump has no key")
                };
                let probe = crate::crypto::Sealed::seal(&key, 1u8, 1);
                assert!(probe.open(&own).is_some(), "the ends have different keys");
                return Ok(Login {
                    rounds,
                    resumed: server.resumed(),
                    ticket: peer.ticket(),
                    key,
                });
            }
            (Some(ServerEvent::Rejected(fault) | ServerEvent::RefusedByPeer(fault)), None) => {
                return Err(fault);
            }
            other => panic!("{other:?} comes of {to_server:?}"),
        }
    }
    panic!("it does not end")
}

#[test]
fn a_full_exchange_takes_the_round_trips_measured_with_real_software() {
    // feasibility.md 1, test target `freeradius`: TLS 1.2, P-256, fragment size 1024: five RADIUS round trips, three where a session is resumed.
    let mut sessions = Sessions::new(LIFETIME);
    let full = login(1, None, &mut sessions, 5, &[]).expect("it is valid");
    assert_eq!((full.rounds, full.resumed), (5, false));
    let again = login(2, full.ticket, &mut sessions, 6, &[]).expect("it is valid");
    assert_eq!((again.rounds, again.resumed), (3, true));
    let probe = crate::crypto::Sealed::seal(&full.key, 1u8, 1);
    assert!(
        probe.open(&again.key).is_none(),
        "each login has a key of its own"
    );
    let third = login(3, again.ticket, &mut sessions, 7, &[]).expect("it is valid");
    assert!(third.resumed, "a session is resumed more than once");
}

#[test]
fn who_resumes_a_session_is_not_asked_about_until_the_session_is_over() {
    let mut sessions = Sessions::new(LIFETIME);
    let full = login(1, None, &mut sessions, 1000, &[]).expect("it is valid");
    let revoked = [(PrivateKey::of("root").public(), SERIAL)];
    let at = |at, sessions: &mut Sessions| login(2, full.ticket, sessions, at, &revoked);
    let last = 1000 + LIFETIME - 1;
    assert!(at(last, &mut sessions).expect("the session lives").resumed);
    // It was not renewed by that.
    let over = at(last + 1, &mut sessions);
    assert_eq!(over.expect_err("revoked"), CertificateFault::Revoked);
    let fresh = login(3, None, &mut sessions, 1001, &revoked);
    assert_eq!(fresh.expect_err("revoked"), CertificateFault::Revoked);
}

#[test]
fn a_session_that_the_server_does_not_keep_becomes_a_full_login() {
    let mut sessions = Sessions::new(LIFETIME);
    let full = login(1, None, &mut sessions, 5, &[]).expect("it is valid");
    let mut others = Sessions::new(LIFETIME);
    let again = login(2, full.ticket, &mut others, 6, &[]).expect("it is valid");
    assert_eq!((again.rounds, again.resumed), (5, false));
    assert_ne!(
        again.ticket.map(|t| t.number),
        full.ticket.map(|t| t.number)
    );
}

#[test]
fn the_number_of_a_session_without_its_key_opens_nothing() {
    let mut sessions = Sessions::new(LIFETIME);
    let full = login(1, None, &mut sessions, 5, &[]).expect("it is valid");
    let number = full.ticket.expect("it is kept").number;
    let master = crate::crypto::Passphrase::of("guess").key("guess");
    // The pump would not answer the server; whoever answers all the same has no code that the server takes.
    let mut server = Server::new(own("radius"));
    let rng = |n| Luck::new(9).stream(NodeKey::of("x"), Purpose::new("eap"), n);
    let client = |n, name, expect, ticket| {
        let config = ClientConfig {
            credentials: own(name),
            expect,
            highest: HIGHEST,
            ticket,
        };
        Client::<NoData>::start(&mut rng(n), config)
    };
    let mut thief = client(1, "thief", None, Some(Ticket { number, master }));
    let eap = |flight| Eap::Tls {
        bytes: 1,
        whole: false,
        flight: Some(Box::new(flight)),
    };
    let hello = eap(thief.poll_transmit().expect("it opens"));
    server.consult(&mut rng(2), &sessions, &hello, 6);
    server.handle_message(6, &mut rng(3), &hello, &[]);
    let challenge = server.poll_transmit();
    assert!(challenge.is_some() && server.resumed());
    let guess = eap(Tls::ClientFinished {
        chain: own("thief").chain,
        proof: None,
        finished: crate::crypto::Sealed::seal(&master, 1, 12),
        bytes: 51,
    });
    server.handle_message(6, &mut rng(4), &guess, &[]);
    let answer = (server.poll_event(), server.poll_transmit());
    assert!(matches!(answer, (None, None)), "{answer:?}");
    // Nor does the pump take what the server said to another opening.
    let mut pump = client(5, "pump", None, full.ticket);
    pump.poll_transmit();
    let Some(Eap::Tls {
        flight: Some(flight),
        ..
    }) = challenge
    else {
        panic!("{challenge:?}")
    };
    pump.handle_message(6, &flight);
    assert!(pump.poll_event().is_none() && pump.poll_transmit().is_none());
    assert!(pump.key().is_none());
}

#[test]
fn a_peer_that_computes_answers_when_it_is_done_and_once() {
    let ms = Duration::from_millis(1);
    let cost = move |_, _, _| HandshakeCost {
        bytes: Flights {
            client_opening: 100,
            server_flight: 100,
            client_flight: 100,
            server_closing: 100,
        },
        work: Flights {
            client_opening: ms,
            server_flight: ms,
            client_flight: ms,
            server_closing: ms,
        },
    };
    let table = Arc::new(TlsCosts::new(cost, |_| 1000));
    let mut peer = Peer::new(PeerConfig {
        identity: "pump".into(),
        credentials: Credentials::with_nothing(&table),
        server_name: None,
        ticket: None,
        processor_factor: 2.0,
    });
    let mut rng = Luck::new(1).stream(NodeKey::of("x"), Purpose::new("eap"), 1);
    peer.handle_message(Time::ZERO, 5, &mut rng, &Eap::TlsStart);
    let done = peer.poll_timeout().expect("an opening takes time");
    assert_eq!(done, Time::ZERO + ms + ms, "its processor is half as fast");
    assert!(peer.poll_transmit().is_none());
    peer.handle_message(Time::ZERO, 5, &mut rng, &Eap::TlsStart);
    peer.handle_timeout(Time::from_nanos(done.as_nanos() - 1));
    assert!(peer.poll_transmit().is_none(), "it is not done yet");
    peer.handle_timeout(done);
    assert!(matches!(peer.poll_transmit(), Some(Eap::Tls { .. })));
    peer.handle_timeout(done);
    assert!(peer.poll_transmit().is_none() && peer.poll_timeout().is_none());
}

use super::*;
use crate::rng::Stream;
use crate::rng::{Luck, NodeKey, Purpose};
use crate::time::Duration;
use crate::wire::tls::{Tls, TlsVersion};
use crate::wire::tls_cost::{Flights, HandshakeCost};
use std::sync::Arc;

fn rng(n: u64) -> Stream {
    Luck::new(1).stream(NodeKey::of("x"), Purpose::new("tls"), n)
}

fn credentials(name: &str, root: &PrivateKey) -> Credentials {
    let key = PrivateKey::of(name);
    Credentials {
        chain: vec![Certificate::issue(
            root,
            name,
            key.public(),
            1,
            (0, 100),
            false,
        )],
        key: Some(key),
        trust: TrustStore {
            anchors: vec![PrivateKey::of("root").public()],
        },
        ..Credentials::default()
    }
}

fn client(credentials: Credentials, expect: Option<&str>, highest: TlsVersion) -> Client {
    let config = ClientConfig {
        credentials,
        expect: expect.map(str::to_owned),
        highest,
        ticket: None,
    };
    Client::start(&mut rng(1), config)
}

fn flight_of(c: &mut Client) -> Tls<Message> {
    c.poll_transmit().expect("a flight of the client")
}

/// Hands a flight to the server; what it answers.
fn answer(
    s: &mut Server,
    n: u64,
    flight: &Tls<Message>,
) -> (Option<TlsEvent>, Option<Tls<Message>>) {
    s.handle_message(50, &mut rng(n), flight, &[]);
    (s.poll_event(), s.poll_transmit())
}

fn handshake(
    own: Credentials,
    server: Credentials,
    expect: Option<&str>,
) -> (Client, Server, Option<CertificateFault>) {
    let mut c = client(own, expect, TlsVersion::default());
    let mut s = Server::new(server, true);
    let (None, Some(flight)) = answer(&mut s, 2, &flight_of(&mut c)) else {
        panic!("no flight")
    };
    c.handle_message(50, &flight);
    if let Some(event) = c.poll_event() {
        let TlsEvent::Refused(fault) = event else {
            panic!("{event:?}")
        };
        assert!(matches!(c.poll_transmit(), Some(Tls::Alert { .. })));
        return (c, s, Some(fault));
    }
    match answer(&mut s, 3, &flight_of(&mut c)) {
        (Some(TlsEvent::Open), Some(last)) => {
            c.handle_message(50, &last);
            assert!(matches!(c.poll_event(), Some(TlsEvent::Open)));
        }
        (Some(TlsEvent::Refused(fault)), Some(Tls::Alert { .. })) => return (c, s, Some(fault)),
        other => panic!("{other:?}"),
    }
    (c, s, None)
}

#[test]
fn both_ends_arrive_at_one_key_and_read_each_other() {
    let root = PrivateKey::of("root");
    let (mut c, s, fault) = handshake(
        credentials("pump", &root),
        credentials("server", &root),
        Some("server"),
    );
    assert_eq!(fault, None);
    assert_eq!(s.subject(), Some("pump"));
    let sent = Channel::Server(Box::new(s)).wrap(Message::Opaque { bytes: 9 });
    let Message::Tls(tls) = sent else {
        panic!("in clear")
    };
    c.handle_message(50, &tls);
    assert!(matches!(
        c.poll_event(),
        Some(TlsEvent::Data(Message::Opaque { bytes: 9 }))
    ));
}

/// Marks each version: 100 bytes and microseconds for TLS 1.2, 200 for 1.3; kinds of handshake add ten each.
fn marked() -> KeyCosts {
    let cost = |v: TlsVersion, _, h: Handshake| {
        let mark = if v == TlsVersion::V13 { 200 } else { 100 } + 10 * h as u32;
        let bytes = Flights {
            client_opening: mark,
            server_flight: mark + 1,
            client_flight: mark + 2,
            server_closing: mark + 3,
        };
        let work = |bytes: u32| Duration::from_micros(bytes.into());
        HandshakeCost {
            bytes,
            work: Flights {
                client_opening: work(bytes.client_opening),
                server_flight: work(bytes.server_flight),
                client_flight: work(bytes.client_flight),
                server_closing: work(bytes.server_closing),
            },
        }
    };
    KeyCosts {
        table: Arc::new(TlsCosts::new(cost, |_| 1000)),
        ..KeyCosts::default()
    }
}

/// Lengths and times of the four flights between a client and a server that can do up to these versions.
fn flights(client: TlsVersion, server: TlsVersion, ask: bool) -> [(u32, Duration); 4] {
    let root = PrivateKey::of("root");
    let own = |name| Credentials {
        costs: marked(),
        ..credentials(name, &root)
    };
    let mut c = self::client(own("pump"), None, client);
    let hello = flight_of(&mut c);
    let opening = (hello.wire_len(), c.work());
    let mut s = Server::new(own("server"), ask).up_to_version(server);
    let (_, Some(flight)) = answer(&mut s, 2, &hello) else {
        panic!("no flight")
    };
    let second = (flight.wire_len(), s.work());
    c.handle_message(50, &flight);
    let flight = flight_of(&mut c);
    let third = (flight.wire_len(), c.work());
    let (Some(TlsEvent::Open), Some(flight)) = answer(&mut s, 3, &flight) else {
        panic!("no end")
    };
    [opening, second, third, (flight.wire_len(), s.work())]
}

#[test]
fn flights_cost_what_the_table_says_of_the_version_that_both_can_do() {
    let told = |marks: [u32; 4]| marks.map(|m| (m, Duration::from_micros(m.into())));
    let (old, new) = (TlsVersion::V12, TlsVersion::V13);
    assert_eq!(flights(new, new, true), told([200, 201, 202, 203]));
    assert_eq!(flights(old, new, true), told([100, 101, 102, 103]));
    assert_eq!(flights(new, old, true), told([200, 101, 102, 103]));
    // Nobody knows yet who will be asked when the client opens.
    assert_eq!(flights(new, new, false), told([200, 211, 212, 213]));
}

#[test]
fn a_server_takes_no_version_below_its_lowest_and_says_so() {
    let root = PrivateKey::of("root");
    for (highest, lowest, taken) in [
        (TlsVersion::V10, TlsVersion::V10, true),
        (TlsVersion::V10, TlsVersion::V12, false),
        (TlsVersion::V12, TlsVersion::V12, true),
        (TlsVersion::V12, TlsVersion::V13, false),
        (TlsVersion::V13, TlsVersion::V12, true),
    ] {
        let own = credentials("pump", &root);
        let mut client = client(own, None, highest);
        let mut server = Server::new(credentials("server", &root), true).from_version(lowest);
        match answer(&mut server, 2, &flight_of(&mut client)) {
            (None, Some(Tls::ServerHello { .. })) => assert!(taken, "{highest:?} at {lowest:?}"),
            (Some(TlsEvent::Refused(CertificateFault::VersionTooLow)), Some(alert)) => {
                assert!(!taken, "{highest:?} at {lowest:?}");
                client.handle_message(50, &alert);
                let refused = client.poll_event();
                assert!(matches!(refused, Some(TlsEvent::RefusedByPeer(_))));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn strangers_are_refused_by_whoever_checks() {
    let (root, other) = (PrivateKey::of("root"), PrivateKey::of("other"));
    let refused = handshake(
        credentials("pump", &root),
        credentials("server", &other),
        Some("server"),
    )
    .2;
    assert_eq!(refused, Some(CertificateFault::UnknownIssuer));
    let wrong = handshake(
        credentials("pump", &root),
        credentials("rogue", &root),
        Some("server"),
    )
    .2;
    assert_eq!(wrong, Some(CertificateFault::WrongName));
    let stolen = Credentials {
        key: Some(PrivateKey::of("thief")),
        ..credentials("server", &root)
    };
    assert_eq!(
        handshake(credentials("pump", &root), stolen, Some("server")).2,
        Some(CertificateFault::NoPossession)
    );
    let client = handshake(
        credentials("pump", &other),
        credentials("server", &root),
        Some("server"),
    )
    .2;
    assert_eq!(client, Some(CertificateFault::UnknownIssuer));
    assert_eq!(
        handshake(
            credentials("pump", &root),
            credentials("rogue", &other),
            None
        )
        .2,
        None,
        "who does not check accepts"
    );
}

#[test]
fn messages_out_of_their_order_do_nothing() {
    let root = PrivateKey::of("root");
    let own = |name| credentials(name, &root);
    let mut c = client(own("pump"), Some("server"), TlsVersion::default());
    let mut s = Server::new(own("server"), true);
    let hello = flight_of(&mut c);
    let (_, Some(flight)) = answer(&mut s, 2, &hello) else {
        panic!("no flight")
    };
    c.handle_message(50, &flight);
    let finished = flight_of(&mut c);
    // A server that was not opened takes no client's flight, one that was takes no second opening; neither says anything before the end.
    let mut fresh = Server::new(own("server"), true);
    let any = crate::crypto::Passphrase::of("any").key("any");
    let Message::Tls(data) = (Message::Opaque { bytes: 1 }).under_tls(&any) else {
        panic!("in clear")
    };
    for early in [&finished, &data] {
        assert!(matches!(answer(&mut fresh, 4, early), (None, None)));
    }
    assert!(matches!(answer(&mut s, 4, &hello), (None, None)));
    assert!(s.subject().is_none() && s.key().is_none());
    let (Some(TlsEvent::Open), Some(last)) = answer(&mut s, 3, &finished) else {
        panic!("it is not open")
    };
    assert!(matches!(answer(&mut s, 4, &finished), (None, None)));
    let key = s.key();
    c.handle_message(50, &flight);
    assert!(c.poll_transmit().is_none() && c.key().is_none());
    c.handle_message(50, &last);
    c.handle_message(50, &last);
    assert!(matches!(c.poll_event(), Some(TlsEvent::Open)));
    assert!(c.poll_event().is_none(), "it opens once");
    assert!(key.is_some() && c.key().is_some());
}

#[test]
fn who_has_refused_or_was_refused_hears_nothing_more() {
    let (root, other) = (PrivateKey::of("root"), PrivateKey::of("other"));
    let (mut c, _, fault) = handshake(
        credentials("pump", &root),
        credentials("server", &other),
        Some("server"),
    );
    assert_eq!(fault, Some(CertificateFault::UnknownIssuer));
    let mut s = Server::new(credentials("server", &root), true);
    let hello = flight_of(&mut client(
        credentials("pump", &root),
        Some("server"),
        TlsVersion::default(),
    ));
    let (_, Some(flight)) = answer(&mut s, 2, &hello) else {
        panic!("no flight")
    };
    c.handle_message(50, &flight);
    assert!(c.poll_event().is_none() && c.poll_transmit().is_none());
    let fault = CertificateFault::Expired;
    let (event, _) = answer(&mut s, 3, &Tls::Alert { fault });
    assert!(matches!(
        event,
        Some(TlsEvent::RefusedByPeer(CertificateFault::Expired))
    ));
    assert!(matches!(answer(&mut s, 4, &hello), (None, None)));
}

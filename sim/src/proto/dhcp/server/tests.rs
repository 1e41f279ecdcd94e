use super::*;

const SERVER: Ip = Ip::new(10, 0, 10, 10);
const RELAY: Ip = Ip::new(10, 0, 40, 1);
const HOUR: Duration = Duration::from_hours(1);

fn reservation(name: &str, last: u8) -> Reservation {
    Reservation {
        mac: Mac::of(name),
        ip: Ip::new(10, 0, 40, last),
        prefix: 24,
        gateway: Some(RELAY),
        dns: None,
    }
}

/// A server with three addresses in its pool, `.11` to `.13`; this client is known, with a reservation or with the address that it had.
fn server(reserved: Option<Reservation>, had: Option<(Mac, Ip)>) -> Server {
    let pool = Pool {
        prefix: Cidr { ip: RELAY, len: 24 },
        gateway: Some(RELAY),
        dns: None,
        range: Some((Ip::new(10, 0, 40, 11), Ip::new(10, 0, 40, 13))),
        time: HOUR,
    };
    Server::new(vec![pool], reserved.into_iter().collect(), had)
}

/// What the server answers to a client behind the relay.
fn answer(s: &mut Server, minutes: u64, message: Dhcp) -> Option<Dhcp> {
    s.handle_message(at(minutes), SERVER, (RELAY, SERVER_PORT), message);
    let (to, answer) = s.poll_transmit()?;
    assert_eq!(to, Recipient::Relay(RELAY));
    assert!(s.poll_transmit().is_none(), "one answer to a question");
    Some(answer)
}

fn at(minutes: u64) -> Time {
    Time::ZERO + Duration::from_mins(minutes)
}

/// The last number of the address that a client is offered and takes; none if there is none.
fn take(s: &mut Server, minutes: u64, client: &str) -> Option<u32> {
    let (mac, xid) = (Mac::of(client), 1);
    let Dhcp::Offer { lease, server, .. } = answer(s, minutes, Dhcp::Discover { xid, mac })? else {
        panic!("no offer")
    };
    let ip = lease.ip;
    let asked = Dhcp::Request {
        xid,
        mac,
        ip,
        server,
    };
    assert!(matches!(answer(s, minutes, asked), Some(Dhcp::Ack { .. })));
    Some(ip.0 & 0xFF)
}

fn renews(s: &mut Server, minutes: u64, client: &str, last: u8) -> bool {
    let (xid, mac, ip) = (1, Mac::of(client), Ip::new(10, 0, 40, last));
    let answer = answer(s, minutes, Dhcp::Renew { xid, mac, ip });
    matches!(answer, Some(Dhcp::Ack { .. }))
}

#[test]
fn an_empty_pool_offers_nothing_until_a_lease_runs_out() {
    let mut s = server(None, None);
    for (client, last) in [("a", 11), ("b", 12), ("c", 13)] {
        assert_eq!(take(&mut s, 0, client), Some(last));
    }
    assert_eq!(take(&mut s, 10, "d"), None);
    assert!(renews(&mut s, 30, "a", 11));
    assert_eq!(take(&mut s, 59, "d"), None);
    assert_eq!(
        take(&mut s, 60, "d"),
        Some(12),
        "b and c let theirs run out"
    );
    assert!(!renews(&mut s, 61, "b", 12), "it is d's now");
    assert!(renews(&mut s, 61, "c", 13), "nobody else needed it");
}

#[test]
fn a_host_without_a_reservation_gets_the_address_that_it_had_unless_others_have_it() {
    let had = Some((Mac::of("pump"), Ip::new(10, 0, 40, 12)));
    let mut s = server(None, had);
    assert_eq!(take(&mut s, 0, "a"), Some(11));
    assert_eq!(
        take(&mut s, 0, "b"),
        Some(13),
        "what nobody had comes first"
    );
    assert_eq!(take(&mut s, 0, "pump"), Some(12));
    let mut s = server(None, had);
    for client in ["a", "b", "c"] {
        assert!(take(&mut s, 0, client).is_some());
    }
    assert_eq!(take(&mut s, 0, "pump"), None);
}

#[test]
fn a_reservation_holds_against_a_full_pool() {
    let mut s = server(Some(reservation("pump", 12)), None);
    assert!(take(&mut s, 0, "a").is_some());
    assert!(take(&mut s, 0, "b").is_some());
    assert_eq!(take(&mut s, 0, "c"), None);
    assert_eq!(take(&mut s, 0, "pump"), Some(12));
    assert!(renews(&mut s, 30, "pump", 12));
    assert!(!renews(&mut s, 30, "pump", 13));
}

#[test]
fn an_offer_that_nobody_takes_holds_an_address_for_a_minute() {
    let mut s = server(None, None);
    for client in ["a", "b", "c"] {
        let mac = Mac::of(client);
        assert!(answer(&mut s, 0, Dhcp::Discover { xid: 1, mac }).is_some());
    }
    assert_eq!(take(&mut s, 0, "d"), None);
    assert!(take(&mut s, 1, "d").is_some());
}

#[test]
fn an_empty_pool_is_told_with_its_holders_and_a_lease_is_told_once() {
    let mut s = server(None, None);
    let told = |s: &mut Server| std::iter::from_fn(|| s.poll_event()).collect::<Vec<_>>();
    for client in ["a", "b", "c"] {
        take(&mut s, 0, client);
    }
    let leased = told(&mut s);
    assert!(
        matches!(leased[..], [ServerEvent::Leased { client, .. }, _, _] if client == Mac::of("a")),
        "{leased:?}"
    );
    assert!(renews(&mut s, 30, "a", 11));
    assert!(
        told(&mut s).is_empty(),
        "a lease that is renewed is no news"
    );
    take(&mut s, 61, "d");
    told(&mut s);
    take(&mut s, 61, "e");
    take(&mut s, 61, "f");
    let [
        ..,
        ServerEvent::Exhausted {
            client,
            addresses,
            held,
            ..
        },
    ] = &told(&mut s)[..]
    else {
        panic!("the pool is not empty")
    };
    let mut holders = ["a", "d", "e"].map(Mac::of);
    holders.sort();
    assert_eq!((*client, *addresses), (Mac::of("f"), 3));
    assert_eq!(*held, holders, "who let theirs run out holds none");
}

#[test]
fn what_is_for_another_server_is_not_answered_and_an_address_of_another_is_refused() {
    let mut s = server(None, None);
    let (xid, mac) = (1, Mac::of("a"));
    let (ip, server) = (Ip::new(10, 0, 40, 11), Ip::new(10, 0, 10, 66));
    let chosen = Dhcp::Request {
        xid,
        mac,
        ip,
        server,
    };
    assert!(answer(&mut s, 0, chosen).is_none());
    assert_eq!(take(&mut s, 0, "b"), Some(11));
    assert!(!renews(&mut s, 0, "a", 11));
    let last = std::iter::from_fn(|| s.poll_event()).last();
    assert!(matches!(
        last,
        Some(ServerEvent::Refused { pool: Some(0), .. })
    ));
}

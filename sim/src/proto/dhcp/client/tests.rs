use super::*;
use crate::proto::dhcp::server::{Pool, Server};
use crate::wire::Cidr;

const SERVER: Ip = Ip::new(10, 0, 40, 2);
const NEVER: Draw = Draw {
    xid: 0,
    jitter: 0.0,
};

fn mac() -> Mac {
    Mac::of("pump")
}

fn server(minutes: u64) -> Server {
    let pool = Pool {
        prefix: Cidr {
            ip: Ip::new(10, 0, 40, 0),
            len: 24,
        },
        gateway: None,
        dns: None,
        range: Some((Ip::new(10, 0, 40, 11), Ip::new(10, 0, 40, 11))),
        time: Duration::from_mins(minutes),
    };
    Server::new(vec![pool], Vec::new(), None)
}

/// A client and a server with one address on one segment; what is sent while the server is off is lost.
struct Pair {
    client: Client,
    server: Server,
    on: bool,
    now: Time,
    told: Vec<ClientEvent>,
    sent: Vec<(Recipient, Dhcp)>,
}

impl Pair {
    fn new(minutes: u64) -> Self {
        Self {
            client: Client::new(mac()),
            server: server(minutes),
            on: true,
            now: Time::ZERO,
            told: Vec::new(),
            sent: Vec::new(),
        }
    }

    fn draw(&self) -> Draw {
        let xid = 100 + self.client.next_transaction();
        Draw { xid, jitter: 0.0 }
    }

    fn link_up(&mut self) {
        let draw = self.draw();
        self.client.handle_link_up(self.now, draw);
        self.exchange();
    }

    /// Lets the ends talk until neither has anything to say.
    fn exchange(&mut self) {
        loop {
            self.told
                .extend(std::iter::from_fn(|| self.client.poll_event()));
            let Some((to, message)) = self.client.poll_transmit() else {
                return;
            };
            self.sent.push((to, message));
            if !self.on {
                continue;
            }
            let from = match to {
                Recipient::Everybody => Ip::UNSPECIFIED,
                Recipient::Server(_) => Ip::new(10, 0, 40, 11),
            };
            let port = crate::wire::dhcp::CLIENT_PORT;
            self.server
                .handle_message(self.now, SERVER, (from, port), message);
            while let Some((_, answer)) = self.server.poll_transmit() {
                let draw = self.draw();
                self.client.handle_message(self.now, draw, answer);
            }
        }
    }

    /// Lets time pass until the next deadline of the client; the seconds since the beginning.
    fn pass(&mut self) -> u64 {
        let (at, _) = self.client.poll_timeout().expect("it waits for something");
        self.now = at;
        let draw = self.draw();
        self.client.handle_timeout(at, draw);
        self.exchange();
        at.as_nanos() / 1_000_000_000
    }
}

#[test]
fn a_client_takes_an_offer_is_bound_and_renews_at_half_of_its_lease() {
    let mut pair = Pair::new(60);
    pair.link_up();
    assert!(
        matches!(
            pair.told[..],
            [
                ClientEvent::Seeking,
                ClientEvent::Bound { server: SERVER, .. }
            ]
        ),
        "{:?}",
        pair.told
    );
    assert_eq!(pair.pass(), 1800);
    assert!(matches!(
        pair.told.last(),
        Some(ClientEvent::Renewed { server: SERVER, .. })
    ));
    let renewal = pair.sent.last();
    assert!(matches!(
        renewal,
        Some((Recipient::Server(SERVER), Dhcp::Renew { .. }))
    ));
    assert_eq!(pair.pass(), 3600, "half of the new lease later");
}

#[test]
fn a_silent_server_is_asked_at_last_by_all_means_and_then_the_address_is_given_up() {
    let mut pair = Pair::new(60);
    pair.link_up();
    pair.on = false;
    pair.sent.clear();
    let mut stages = Vec::new();
    while !matches!(
        pair.told.last(),
        Some(ClientEvent::Lost { .. } | ClientEvent::Seeking)
    ) || pair.told.len() < 3
    {
        stages.push(pair.pass());
    }
    // T1, half of what is left to T2 each time, but not within a minute; T2; the same to the end.
    assert_eq!(
        stages,
        [
            1800, 2475, 2812, 2981, 3065, 3125, 3150, 3375, 3487, 3547, 3600
        ]
    );
    let to_all = |(to, _): &&(Recipient, Dhcp)| *to == Recipient::Everybody;
    let first = pair.sent.iter().position(|s| to_all(&s));
    assert_eq!(first, Some(6), "from T2 on every server is asked");
    let [.., lost, seeking] = pair.told[..] else {
        panic!("{:?}", pair.told)
    };
    assert!(matches!(lost, ClientEvent::Lost { refused: false, .. }));
    assert!(matches!(seeking, ClientEvent::Seeking));
    let last = pair.sent.last();
    assert!(matches!(last, Some((_, Dhcp::Discover { .. }))));
}

#[test]
fn pauses_of_a_search_double_up_to_64_seconds_and_are_shifted_by_a_second_at_most() {
    let mut pair = Pair::new(60);
    pair.on = false;
    pair.link_up();
    let mut before = 0;
    let pauses: Vec<u64> = std::iter::from_fn(|| {
        let at = pair.pass();
        let pause = at - before;
        before = at;
        Some(pause)
    })
    .take(6)
    .collect();
    assert_eq!(pauses, [4, 8, 16, 32, 64, 64]);
    let seeking = |e: &&ClientEvent| matches!(e, ClientEvent::Seeking);
    assert_eq!(pair.told.iter().filter(seeking).count(), 1, "one search");
    for (jitter, millis) in [(-1.0, 3000), (1.0, 5000)] {
        let mut client = Client::new(mac());
        client.handle_link_up(Time::ZERO, Draw { xid: 1, jitter });
        let due = client.poll_timeout().map(|(at, _)| at);
        assert_eq!(due, Some(Time::ZERO + Duration::from_millis(millis)));
    }
}

#[test]
fn a_refused_renewal_ends_the_lease_and_a_refused_request_the_offer() {
    let mut pair = Pair::new(60);
    pair.link_up();
    // The server has lost its memory, and somebody else has the address.
    pair.server = server(60);
    let (xid, other) = (1, Mac::of("other"));
    let asked = Dhcp::Discover { xid, mac: other };
    let port = crate::wire::dhcp::CLIENT_PORT;
    pair.server
        .handle_message(Time::ZERO, SERVER, (Ip::UNSPECIFIED, port), asked);
    pair.server.poll_transmit();
    pair.pass();
    let lost = |e: &&ClientEvent| matches!(e, ClientEvent::Lost { refused: true, .. });
    assert_eq!(pair.told.iter().filter(lost).count(), 1);
    let mut client = Client::new(mac());
    let draw = Draw { xid: 9, ..NEVER };
    client.handle_link_up(Time::ZERO, draw);
    let offer = |last| Dhcp::Offer {
        xid: 9,
        mac: mac(),
        lease: Lease {
            ip: Ip::new(10, 0, 40, last),
            prefix: 24,
            gateway: None,
            dns: None,
            seconds: 60,
        },
        server: SERVER,
    };
    client.handle_message(Time::ZERO, NEVER, offer(1));
    client.handle_message(Time::ZERO, NEVER, offer(2));
    let requested = |client: &mut Client| {
        let sent = std::iter::from_fn(|| client.poll_transmit());
        let asked = sent.filter_map(|(_, m)| match m {
            Dhcp::Request { ip, .. } => Some(ip.0 & 0xFF),
            _ => None,
        });
        asked.collect::<Vec<_>>()
    };
    assert_eq!(requested(&mut client), [1], "the first offer is taken");
    let refusal = Dhcp::Nak { xid: 9, mac: mac() };
    client.handle_message(Time::ZERO, NEVER, refusal);
    client.handle_message(Time::ZERO, NEVER, offer(2));
    assert_eq!(requested(&mut client), [2], "another one after a refusal");
}

#[test]
fn answers_to_others_and_to_what_is_settled_do_nothing() {
    let mut pair = Pair::new(60);
    pair.link_up();
    let told = pair.told.len();
    let xid = 100 + pair.client.next_transaction() - 1;
    for (xid, mac) in [(xid, mac()), (xid + 1, mac()), (xid, Mac::of("other"))] {
        pair.client
            .handle_message(pair.now, NEVER, Dhcp::Nak { xid, mac });
    }
    pair.exchange();
    assert_eq!(pair.told.len(), told, "the lease stands");
    assert!(!pair.client.awaits(xid));
    let (at, _) = pair.client.poll_timeout().expect("it will renew");
    let early = Time::from_nanos(at.as_nanos() - 1);
    pair.client.handle_timeout(early, NEVER);
    assert!(pair.client.poll_transmit().is_none());
    assert_eq!(pair.client.poll_timeout().map(|(at, _)| at), Some(at));
}

#[test]
fn a_lease_runs_out_without_a_link_and_nothing_is_asked_until_there_is_one() {
    let mut pair = Pair::new(4);
    pair.link_up();
    pair.client.handle_link_down();
    pair.sent.clear();
    while !matches!(pair.told.last(), Some(ClientEvent::Lost { .. })) {
        pair.pass();
    }
    assert_eq!(pair.now, Time::ZERO + Duration::from_mins(4));
    assert!(pair.sent.is_empty() && pair.client.poll_timeout().is_none());
    pair.link_up();
    assert!(matches!(pair.told.last(), Some(ClientEvent::Bound { .. })));
}

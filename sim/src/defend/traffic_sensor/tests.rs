use super::*;
use crate::crypto::{Key, Passphrase};
use crate::spec::Item;
use crate::wire::Arp;
use crate::wire::shell::{Command, Shell};

const PUMP: Ip = Ip::new(10, 0, 40, 12);
const SERVER: Ip = Ip::new(10, 0, 20, 10);
const OTHER: Ip = Ip::new(10, 0, 40, 66);

fn sensor(signatures: Vec<SignatureSpec>, baseline: Option<BaselineSpec>) -> TrafficSensor {
    let items = signatures.into_iter().enumerate();
    let spec = TrafficSensorSpec {
        signatures: items.map(|(i, s)| Item::new(ItemId(i as u32), s)).collect(),
        baseline: baseline.map(|b| Item::new(ItemId(99), b)),
    };
    let inventory = Inventory {
        addresses: BTreeMap::from([("pumpserver-a".to_owned(), SERVER)]),
        pumps: BTreeSet::from([PUMP]),
    };
    TrafficSensor::new(&spec, inventory)
}

fn frame(src: Ip, dst: Ip, segment: Segment) -> Frame {
    let transport = Transport::Stream {
        sport: 50_000,
        dport: 23,
        segment,
    };
    Frame {
        src: Mac::of("a"),
        dst: Mac::of("b"),
        body: Body::Ip(Packet {
            src,
            dst,
            ttl: 64,
            transport,
        }),
    }
}

fn data(src: Ip, message: Message) -> Frame {
    let message = Box::new(message);
    frame(
        src,
        PUMP,
        Segment::Data {
            seq: 0,
            ack: 0,
            message,
        },
    )
}

fn at(second: u64) -> Time {
    Time::ZERO + Duration::from_secs(second)
}

fn shell() -> Message {
    Message::Shell(Box::new(Shell::Run(Command::List)))
}

#[test]
fn a_shell_on_a_pump_is_noticed_in_clear_and_not_under_a_seal() {
    let mut s = sensor(vec![SignatureSpec::Maintenance], None);
    let key: Key = Passphrase::of("session").key("tls");
    let sealed = shell().under_tls(&key);
    assert!(s.look(at(1), &data(OTHER, sealed)).is_empty());
    assert_eq!(s.look(at(2), &data(OTHER, shell())).len(), 1);
    assert!(
        s.look(at(3), &data(OTHER, shell())).is_empty(),
        "raised once"
    );
}

#[test]
fn a_second_claim_of_an_address_is_a_conflict() {
    let mut s = sensor(vec![SignatureSpec::AddressConflict], None);
    let claim = |who: &str| Frame {
        src: Mac::of(who),
        dst: Mac::BROADCAST,
        body: Body::Arp(Arp {
            reply: true,
            sender_mac: Mac::of(who),
            sender_ip: SERVER,
            target_ip: SERVER,
        }),
    };
    assert!(s.look(at(1), &claim("pumpserver-a")).is_empty());
    assert!(s.look(at(2), &claim("pumpserver-a")).is_empty());
    assert_eq!(s.look(at(3), &claim("mallory")).len(), 1);
}

#[test]
fn the_baseline_knows_what_it_learned_and_no_more() {
    let baseline = BaselineSpec {
        learns: Duration::from_secs(60),
        fan_out: 3,
        burst: 1000,
    };
    let mut s = sensor(Vec::new(), Some(baseline));
    assert!(
        s.look(at(10), &frame(SERVER, PUMP, Segment::Syn))
            .is_empty()
    );
    assert!(
        s.look(at(70), &frame(SERVER, PUMP, Segment::Syn))
            .is_empty()
    );
    assert_eq!(s.look(at(80), &frame(OTHER, PUMP, Segment::Syn)).len(), 1);
    let elsewhere = |n| frame(OTHER, Ip::new(10, 0, 20, n), Segment::Syn);
    let noticed: Vec<usize> = (30..36)
        .map(|n| s.look(at(81), &elsewhere(n)).len())
        .collect();
    assert_eq!(
        noticed,
        [0, 0, 1, 0, 0, 0],
        "the fourth try is too many, and told once"
    );
}

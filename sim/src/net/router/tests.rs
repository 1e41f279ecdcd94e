use super::*;

const DEFAULT: ItemId = ItemId(1);
const OWN: ItemId = ItemId(2);
const STAFF: ItemId = ItemId(3);

fn rule(verdict: Verdict) -> RuleSpec {
    RuleSpec {
        name: "r".to_owned(),
        from: vec![Cidr::ANY],
        to: vec![Cidr::ANY],
        protocol: Protocol::Tcp,
        ports: Vec::new(),
        verdict,
    }
}

fn router(rules: Vec<(ItemId, RuleSpec)>) -> Router {
    Router::new(RouterConfig {
        legs: Vec::new(),
        routes: Vec::new(),
        rules,
        default: (DEFAULT, Verdict::Deny),
        rate_limits: Vec::new(),
        table: 10,
        translate: None,
        delay: Duration::ZERO,
        dhcp_relay: None,
        log_to: None,
    })
}

/// The packet that opens a stream from this port.
fn syn(sport: u16) -> Packet {
    Packet {
        src: Ip(1),
        dst: Ip(2),
        ttl: 64,
        transport: Transport::Stream {
            sport,
            dport: 23,
            segment: Segment::Syn,
        },
    }
}

#[test]
fn a_rule_of_staff_decides_from_then_on() {
    let mut router = router(vec![(OWN, rule(Verdict::Deny))]);
    let denied = Err(DropReason::Rule(OWN));
    assert_eq!(router.admit(Time::ZERO, &syn(1)), denied);
    let staff = Item::new(STAFF, rule(Verdict::Permit));
    router.add_rule(&staff, false);
    assert_eq!(router.admit(Time::ZERO, &syn(1)), denied);
    router.add_rule(&staff, true);
    assert_eq!(router.admit(Time::ZERO, &syn(1)), Ok(Some(STAFF)));
    assert_eq!(router.admit(Time::ZERO, &syn(1)), Ok(None));
    // A rule that forbids does not end what is open.
    router.add_rule(&Item::new(OWN, rule(Verdict::Deny)), true);
    assert_eq!(router.admit(Time::ZERO, &syn(1)), Ok(None));
    assert_eq!(router.admit(Time::ZERO, &syn(2)), denied);
}

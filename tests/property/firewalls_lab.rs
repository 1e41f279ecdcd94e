//! Random labs of segments, routers and rules, and random packets through them.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use pumplab_sim::event::LabEvent;
use pumplab_sim::run::RunConfig;
use pumplab_sim::spec::{
    AddressSpec, HostSpec, InterfaceSpec, Item, ItemId, LinkSpec, PortRange, Protocol, RouteSpec,
    RouterSpec, RuleSpec, SegmentSpec, Verdict,
};
use pumplab_sim::wire::{
    Body, Cidr, Frame, Ip, Mac, Message, Packet as IpPacket, Segment, Transport,
};
use pumplab_tests::{config, under};
use std::sync::LazyLock;

/// Address and port.
pub(crate) type End = (u32, u16);

const PORTS: [u16; 5] = [22, 53, 80, 443, 8_000];

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens a stream.
    Syn,
    /// Belongs to a stream, or says so.
    Data,
    Datagram,
}

/// A packet that a host sends.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) at_ms: u64,
    /// Host that sends it.
    pub(crate) from: Index,
    to: Index,
    /// Host whose address it bears as source; none for the sender's own.
    spoofs: Option<Index>,
    sport: u16,
    dport: u16,
    /// Whether the ports are exchanged, as in an answer.
    answers: bool,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
struct RulePlan {
    from: (Index, u8),
    to: (Index, u8),
    stream: Option<bool>,
    ports: Vec<(u16, u16)>,
    permits: bool,
}

#[derive(Clone, Debug)]
struct RouterPlan {
    /// Segment that it hangs on, among those that are there before it.
    on: Index,
    /// Segments behind it.
    behind: usize,
    rules: Vec<RulePlan>,
    default_permits: bool,
    table: usize,
    translates: Option<Index>,
    /// Routes that are missing, and such as are there besides.
    lost: Option<Index>,
    strays: Vec<(Index, u8, Index)>,
}

/// A lab and what is sent in it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    routers: Vec<RouterPlan>,
    hosts: usize,
    pub(crate) packets: Vec<Packet>,
}

fn rule() -> impl Strategy<Value = RulePlan> {
    let end = || (any::<Index>(), prop_oneof![3 => 22_u8..=32, 1 => 0_u8..22]);
    let port = || prop::sample::select(PORTS.to_vec());
    let ports = vec(
        (port(), port()).prop_map(|(a, b)| (a.min(b), a.max(b))),
        0..3,
    );
    let stream = prop_oneof![Just(None), Just(Some(true)), Just(Some(false))];
    (end(), end(), stream, ports, any::<bool>()).prop_map(|(from, to, stream, ports, permits)| {
        RulePlan {
            from,
            to,
            stream,
            ports,
            permits,
        }
    })
}

fn router() -> impl Strategy<Value = RouterPlan> {
    let table = prop_oneof![1 => 1_usize..4, 3 => Just(65_536)];
    let rare = |p| prop::option::weighted(p, any::<Index>());
    let strays = prop_oneof![1 => Just(Vec::new()), 1 => vec((any::<Index>(), 25_u8..=32, any::<Index>()), 1..5)];
    (
        (any::<Index>(), 1_usize..3, vec(rule(), 0..6)),
        (
            prop::bool::weighted(0.6),
            table,
            rare(0.3),
            rare(0.2),
            strays,
        ),
    )
        .prop_map(
            |((on, behind, rules), (default_permits, table, translates, lost, strays))| {
                RouterPlan {
                    on,
                    behind,
                    rules,
                    default_permits,
                    table,
                    translates,
                    lost,
                    strays,
                }
            },
        )
}

fn packets() -> impl Strategy<Value = Vec<Packet>> {
    // Times that the idle times of flows are no sums of.
    let gap = prop_oneof![
        6 => Just(7_013_u64),
        2 => Just(61_019),
        1 => Just(131_027),
        1 => Just(4_001_033)
    ];
    let kind = prop_oneof![3 => Just(Kind::Syn), 2 => Just(Kind::Data), 3 => Just(Kind::Datagram)];
    let ends = (
        any::<Index>(),
        any::<Index>(),
        prop::option::weighted(0.1, any::<Index>()),
    );
    let ports = (
        40_000_u16..40_003,
        prop::sample::select(PORTS.to_vec()),
        prop::bool::weighted(0.35),
    );
    let one = (gap, ends, ports, kind, prop::bool::weighted(0.3));
    vec(one, 1..30).prop_map(|all| {
        let mut at_ms = 60_000;
        let mut sent: Vec<Packet> = Vec::new();
        for (gap, (from, to, spoofs), (sport, dport, answers), kind, turns) in all {
            at_ms += gap;
            let mut packet = Packet {
                at_ms,
                from,
                to,
                spoofs,
                sport,
                dport,
                answers,
                kind,
            };
            if turns && let Some(last) = sent.last() {
                // An answer to the packet before.
                packet = Packet {
                    at_ms,
                    from: last.to,
                    to: last.from,
                    spoofs: None,
                    answers: !last.answers,
                    kind: if last.kind == Kind::Datagram {
                        Kind::Datagram
                    } else {
                        Kind::Data
                    },
                    ..last.clone()
                };
            }
            sent.push(packet);
        }
        sent
    })
}

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    (vec(router(), 1..5), 2_usize..7, packets()).prop_map(|(routers, hosts, packets)| Plan {
        routers,
        hosts,
        packets,
    })
}

/// A host.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) segment: usize,
    pub(crate) ip: u32,
}

/// A rule, as the oracle reads it.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) item: u32,
    pub(crate) from: Vec<(u32, u8)>,
    pub(crate) to: Vec<(u32, u8)>,
    pub(crate) stream: Option<bool>,
    pub(crate) ports: Vec<(u16, u16)>,
    pub(crate) permits: bool,
}

/// A router, as the oracle reads it.
#[derive(Clone, Debug)]
pub(crate) struct Router {
    pub(crate) name: String,
    /// Segments that it stands on, with its address there.
    pub(crate) legs: Vec<(usize, u32)>,
    /// Destination, length, next hop.
    pub(crate) routes: Vec<(u32, u8, u32)>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) default_item: u32,
    pub(crate) default_permits: bool,
    pub(crate) table: usize,
    pub(crate) translates: Option<usize>,
}

impl Router {
    /// Its address on a segment.
    pub(crate) fn leg(&self, segment: usize) -> u32 {
        let leg = self.legs.iter().find(|(s, _)| *s == segment);
        leg.expect("it stands there").1
    }
}

/// A lab in both readings.
pub(crate) struct Lab {
    pub(crate) config: RunConfig,
    pub(crate) routers: Vec<Router>,
    pub(crate) hosts: Vec<Host>,
    segments: usize,
}

/// Address `n` of segment `s`.
fn address(s: usize, n: u32) -> u32 {
    u32::from_be_bytes([10, 0, s as u8 * 3 + 1, 0]) + n
}

static EMPTY: LazyLock<RunConfig> = LazyLock::new(|| {
    let mut config = config(&under("radius-outage", "bare", &[]), false);
    config.play.attackers.clear();
    config.play.events.clear();
    config.lab.nurses.clear();
    config.lab.wlans.clear();
    config.lab.access_points.clear();
    config
});

impl Lab {
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut lab = Self {
            config: EMPTY.clone(),
            routers: Vec::new(),
            hosts: Vec::new(),
            segments: 1,
        };
        for (i, r) in plan.routers.iter().enumerate() {
            lab.add_router(i, r);
        }
        for i in 0..plan.hosts {
            let segment = i % lab.segments;
            lab.hosts.push(Host {
                name: format!("host-{i}"),
                segment,
                ip: address(segment, 50 + i as u32),
            });
        }
        lab.add_routes(plan);
        lab.add_rules(plan);
        lab.write(plan);
        lab
    }

    fn add_router(&mut self, i: usize, plan: &RouterPlan) {
        let on = plan.on.index(self.segments);
        let here = self
            .routers
            .iter()
            .filter(|r| r.legs.iter().any(|(s, _)| *s == on));
        let mut legs = vec![(on, address(on, 1 + here.count() as u32))];
        for _ in 0..plan.behind {
            legs.push((self.segments, address(self.segments, 1)));
            self.segments += 1;
        }
        self.routers.push(Router {
            name: format!("router-{i}"),
            translates: plan.translates.map(|t| t.get(&legs).0),
            legs,
            routes: Vec::new(),
            rules: Vec::new(),
            default_item: 1_000 + i as u32,
            default_permits: plan.default_permits,
            table: plan.table,
        });
    }

    /// Next hops along the tree, some of them lost, and some that lead astray.
    fn add_routes(&mut self, plan: &Plan) {
        let routers = self.routers.clone();
        for (r, plan) in self.routers.iter_mut().zip(&plan.routers) {
            let own = r.legs.clone();
            for target in 0..self.segments {
                let direct = own.iter().any(|(s, _)| *s == target);
                if let Some(via) = next_hop(&routers, r, target).filter(|_| !direct) {
                    r.routes.push((address(target, 0), 24, via));
                }
            }
            if let Some(lost) = plan.lost.filter(|_| !r.routes.is_empty()) {
                r.routes.remove(lost.index(r.routes.len()));
            }
            for (host, len, via) in &plan.strays {
                let via = via.get(&own).0;
                let host = host.get(&self.hosts).ip;
                let network = host >> (32 - len) << (32 - len);
                let neighbours = routers.iter().flat_map(|o| &o.legs);
                let mut beyond = neighbours.filter(|l| l.0 == via && !own.contains(l));
                let via = beyond.next().map_or(address(via, 99), |l| l.1);
                if r.routes.iter().all(|x| (x.0, x.1) != (network, *len)) {
                    r.routes.push((network, *len, via));
                }
            }
        }
    }

    fn add_rules(&mut self, plan: &Plan) {
        let mut item = 0;
        for (r, plan) in self.routers.iter_mut().zip(&plan.routers) {
            for rule in &plan.rules {
                item += 1;
                let end = |(host, len): &(Index, u8)| vec![(host.get(&self.hosts).ip, *len)];
                r.rules.push(Rule {
                    item,
                    from: end(&rule.from),
                    to: end(&rule.to),
                    stream: rule.stream,
                    ports: rule.ports.clone(),
                    permits: rule.permits,
                });
            }
        }
    }

    /// Writes the lab as the simulation reads it.
    fn write(&mut self, plan: &Plan) {
        let model = EMPTY.lab.routers[0].clone();
        let segment = EMPTY.lab.segments[0].clone();
        let lab = &mut self.config.lab;
        lab.segments = (0..self.segments)
            .map(|s| SegmentSpec {
                name: format!("segment-{s}"),
                prefix: prefix(s),
                gateway: Some(Ip(address(s, 1))),
                dhcp_snooping: None,
                arp_inspection: None,
                ..segment.clone()
            })
            .collect();
        lab.routers = self.routers.iter().map(|r| written(r, &model)).collect();
        let bare = EMPTY.lab.hosts[0].clone();
        lab.hosts = self
            .hosts
            .iter()
            .map(|h| HostSpec {
                name: h.name.clone(),
                link: LinkSpec::Wired {
                    segment: format!("segment-{}", h.segment),
                },
                address: AddressSpec::Static {
                    ip: Ip(h.ip),
                    prefix: 24,
                    gateway: Some(Ip(address(h.segment, 1))),
                    dns: None,
                },
                roles: Vec::new(),
                services: Vec::new(),
                accounts: Vec::new(),
                files: Vec::new(),
                ..bare.clone()
            })
            .collect();
        let last = plan.packets.last().map_or(0, |p| p.at_ms);
        self.config.play.duration = pumplab_sim::time::Duration::from_millis(last + 60_000);
    }

    /// The host that an index means.
    pub(crate) fn host(&self, index: Index) -> &Host {
        index.get(&self.hosts)
    }

    /// Source and destination of a packet.
    pub(crate) fn ends(&self, p: &Packet) -> (End, End) {
        let (sport, dport) = if p.answers {
            (p.dport, p.sport)
        } else {
            (p.sport, p.dport)
        };
        let src = self.host(p.spoofs.unwrap_or(p.from)).ip;
        ((src, sport), (self.host(p.to).ip, dport))
    }

    /// The router that hosts of a segment use.
    pub(crate) fn gateway(&self, segment: usize) -> usize {
        let gateway = (segment, address(segment, 1));
        let router = self.routers.iter().position(|r| r.legs.contains(&gateway));
        router.expect("every segment has a router")
    }

    /// Its address.
    #[expect(clippy::unused_self, reason = "reads like its neighbours")]
    pub(crate) fn gateway_ip(&self, segment: usize) -> u32 {
        address(segment, 1)
    }

    /// Whether an address is on a segment.
    #[expect(clippy::unused_self, reason = "reads like its neighbours")]
    pub(crate) fn on_segment(&self, segment: usize, ip: u32) -> bool {
        ip >> 8 == address(segment, 0) >> 8
    }

    /// The packet as it comes in at its sender's router.
    pub(crate) fn event(&self, p: &Packet) -> (String, LabEvent) {
        let segment = self.host(p.from).segment;
        let router = &self.routers[self.gateway(segment)];
        let leg = router.legs.iter().position(|(s, _)| *s == segment);
        let ((src, sport), (dst, dport)) = self.ends(p);
        let message = Box::new(Message::Opaque { bytes: 8 });
        let stream = |segment| Transport::Stream {
            sport,
            dport,
            segment,
        };
        let transport = match p.kind {
            Kind::Syn => stream(Segment::Syn),
            Kind::Data => stream(Segment::Data {
                seq: 0,
                ack: 0,
                message,
            }),
            Kind::Datagram => Transport::Datagram {
                sport,
                dport,
                message,
            },
        };
        let packet = IpPacket {
            src: Ip(src),
            dst: Ip(dst),
            ttl: 64,
            transport,
        };
        let frame = Frame {
            src: Mac::of("whoever sends it"),
            dst: Mac::BROADCAST,
            body: Body::Ip(packet),
        };
        let event = LabEvent::Frame {
            port: leg.expect("it stands there") as u16,
            frame: Box::new(frame),
        };
        (router.name.clone(), event)
    }
}

fn prefix(segment: usize) -> Cidr {
    Cidr {
        ip: Ip(address(segment, 0)),
        len: 24,
    }
}

/// Where a router hands a packet for a segment to: the neighbour beyond which the segment lies.
fn next_hop(routers: &[Router], from: &Router, target: usize) -> Option<u32> {
    let beyond = |leg: &(usize, u32), avoid: &str| -> Vec<&Router> {
        let on = |r: &&Router| r.name != avoid && r.legs.iter().any(|l| l.0 == leg.0);
        routers.iter().filter(on).collect()
    };
    for leg in &from.legs {
        for neighbour in beyond(leg, &from.name) {
            // A tree has no way back: what lies behind a neighbour is found by never returning to where one came from.
            let mut open = vec![(neighbour, leg.0)];
            while let Some((router, came_by)) = open.pop() {
                for next in router.legs.iter().filter(|l| l.0 != came_by) {
                    if next.0 == target {
                        return Some(neighbour.leg(leg.0));
                    }
                    open.extend(beyond(next, &router.name).into_iter().map(|r| (r, next.0)));
                }
            }
        }
    }
    None
}

fn written(r: &Router, model: &RouterSpec) -> RouterSpec {
    let verdict = |permits| {
        if permits {
            Verdict::Permit
        } else {
            Verdict::Deny
        }
    };
    let cidr = |(ip, len): &(u32, u8)| Cidr {
        ip: Ip(*ip),
        len: *len,
    };
    let rule = |rule: &Rule| RuleSpec {
        name: format!("rule {}", rule.item),
        from: rule.from.iter().map(cidr).collect(),
        to: rule.to.iter().map(cidr).collect(),
        protocol: match rule.stream {
            None => Protocol::Any,
            Some(true) => Protocol::Tcp,
            Some(false) => Protocol::Udp,
        },
        ports: rule
            .ports
            .iter()
            .map(|&(first, last)| PortRange { first, last })
            .collect(),
        verdict: verdict(rule.permits),
    };
    RouterSpec {
        name: r.name.clone(),
        interfaces: r
            .legs
            .iter()
            .map(|(s, ip)| InterfaceSpec {
                segment: format!("segment-{s}"),
                ip: Ip(*ip),
                prefix: 24,
            })
            .collect(),
        routes: r
            .routes
            .iter()
            .map(|(ip, len, via)| RouteSpec {
                to: cidr(&(*ip, *len)),
                via: Ip(*via),
            })
            .collect(),
        rules: r
            .rules
            .iter()
            .map(|x| Item::new(ItemId(x.item), rule(x)))
            .collect(),
        default: Item::new(ItemId(r.default_item), verdict(r.default_permits)),
        rate_limits: Vec::new(),
        connection_table: r.table as u32,
        translate_toward: r
            .translates
            .map(|s| Item::new(ItemId(0), format!("segment-{s}"))),
        dhcp_relay: None,
        ..model.clone()
    }
}

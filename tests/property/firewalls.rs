//! No packet crosses a deny: in random labs, what firewalls let through is what an oracle works out hop by hop.
//!
//! Segments form a tree with a router at every branching; rules, routes, address translation and the size of the table of flows are random,
//! and so are the packets: such as open a flow, such as answer one, and such as only pretend to. The oracle shares no code with the router.

use crate::firewalls_lab::{Lab, Plan, plan};
use crate::firewalls_oracle::{Oracle, Told};
use proptest::prelude::*;
use proptest::test_runner::Config;
use pumplab_sim::engine::{Dispatched, End, Entry, NodeId, Sink};
use pumplab_sim::event::{self, LabEvent, NodeKind};
use pumplab_sim::record::{DropReason, LabRecord, NetworkRecord};
use pumplab_sim::run::Live;
use pumplab_sim::time::{Duration, Time};
use pumplab_sim::wire::{Body, Mac};
use std::collections::BTreeMap;

/// What the simulation made of a plan: for every packet in turn, where it and what it drew came to.
fn simulated(plan: &Plan, lab: &Lab) -> Vec<Vec<Told>> {
    let live = Live::new(&lab.config).expect("a random lab can be built");
    let mut sim = live.simulation().fork();
    let mut told = Vec::new();
    for packet in &plan.packets {
        let at = Time::ZERO + Duration::from_millis(packet.at_ms);
        let (router, event) = lab.event(packet);
        let node = sim.node_named(&router).expect("routers are nodes");
        sim.schedule(at, node, event);
        let mut watch = Watch {
            kinds: sim.shared().kinds.clone(),
            names: sim.shared().names.clone(),
            told: Vec::new(),
        };
        // Long enough for address resolution to give up, shorter than any pause between packets.
        let end = sim.run(at + Duration::from_secs(6), &mut watch);
        assert!(matches!(end, End::Horizon | End::Idle), "{end:?}");
        told.push(watch.told);
    }
    told
}

struct Watch {
    kinds: Vec<NodeKind>,
    names: Vec<String>,
    told: Vec<Told>,
}

impl Watch {
    fn name(&self, node: NodeId) -> String {
        self.names[node.index()].clone()
    }
}

impl Sink<event::Lab> for Watch {
    fn record(&mut self, entry: &Entry<LabRecord>) {
        let LabRecord::Network(NetworkRecord::Dropped { why, .. }) = &entry.what else {
            return;
        };
        let why = match why {
            DropReason::Rule(item) => format!("rule {}", item.0),
            DropReason::DefaultDeny(item) => format!("default {}", item.0),
            other => format!("{other:?}"),
        };
        self.told.push(Told::Dropped(self.name(entry.node), why));
    }

    fn event(&mut self, event: Dispatched<'_, LabEvent>) {
        let LabEvent::Frame { frame, .. } = event.event else {
            return;
        };
        let Body::Ip(packet) = &frame.body else {
            return;
        };
        let name = self.name(event.node);
        if self.kinds[event.node.index()] == NodeKind::Host && frame.dst == Mac::of(&name) {
            let (sport, dport) = packet.ports();
            let ends = ((packet.src.0, sport), (packet.dst.0, dport));
            self.told.push(Told::Arrived(name, ends.0, ends.1));
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 400, ..Config::default() })]

    #[test]
    fn firewalls_forward_what_the_oracle_says(plan in plan()) {
        let lab = Lab::of(&plan);
        let mut oracle = Oracle::of(&lab);
        let simulated = simulated(&plan, &lab);
        for (i, packet) in plan.packets.iter().enumerate() {
            let expected = oracle.send(packet);
            prop_assume!(!oracle.too_close);
            prop_assert_eq!(&simulated[i], &expected, "packet {}: {:?}", i, packet);
        }
    }
}

/// The random labs are worth the name: all outcomes come up, and often.
#[test]
fn all_outcomes_come_up() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..300 {
        let plan = plan().new_tree(&mut runner).expect("a plan").current();
        let lab = Lab::of(&plan);
        let mut oracle = Oracle::of(&lab);
        for packet in &plan.packets {
            for told in oracle.send(packet) {
                let what = match told {
                    Told::Arrived(..) => "arrived".to_owned(),
                    Told::Dropped(_, why) => why.split(' ').next().unwrap_or_default().to_owned(),
                };
                *seen.entry(what).or_default() += 1;
            }
        }
        *seen.entry("answered by state".to_owned()).or_default() += oracle.by_state;
        *seen.entry("translated back".to_owned()).or_default() += oracle.translated_back;
    }
    for what in [
        "arrived",
        "rule",
        "default",
        "NoRoute",
        "UnknownFlow",
        "TableFull",
        "Unresolved",
        "HopLimit",
        "answered by state",
        "translated back",
    ] {
        let n = seen.get(what).copied().unwrap_or(0);
        // A loop takes two routers that point at each other.
        let enough = if what == "HopLimit" { 1 } else { 20 };
        assert!(n >= enough, "{what} comes up {n} times: {seen:?}");
    }
}

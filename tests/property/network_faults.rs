//! Promise 5: losing the network is not losing the infusion. Whatever happens to the network, delivery changes by a hand at the pump, by a
//! message on the bridge, by its own deadlines and by its power, and by nothing else.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;
use pumplab_sim::device::pump_delivery::PumpDelivery;
use pumplab_sim::engine::End;
use pumplab_sim::record::{LabRecord, TherapyRecord};
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::spec::{EventSpec, HappeningSpec, LabSpec, Position, RoleSpec};
use pumplab_sim::time::{Duration, Time};
use pumplab_tests::{config, under};
use std::sync::LazyLock;

/// Simulated length of a run.
const LENGTH: Duration = Duration::from_mins(40);

static WARD: LazyLock<RunConfig> = LazyLock::new(|| {
    let mut config = config(&under("radius-outage", "sp1800-8", &[]), true);
    config.play.attackers.clear();
    config.play.events.clear();
    config.play.duration = LENGTH;
    config
});

/// Everything between pumps and people: what may fail without a pump itself losing power.
fn network_nodes(lab: &LabSpec) -> Vec<String> {
    let pump = |roles: &[RoleSpec]| roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)));
    let mut nodes: Vec<String> = lab.access_points.iter().map(|a| a.name.clone()).collect();
    nodes.extend(lab.routers.iter().map(|r| r.name.clone()));
    nodes.extend(lab.segments.iter().map(|s| s.name.clone()));
    let hosts = lab.hosts.iter().filter(|h| !pump(&h.roles));
    nodes.extend(hosts.map(|h| h.name.clone()));
    nodes
}

/// A fault in the network, or a pump carried about: to where no access point is heard, or back.
fn fault() -> impl Strategy<Value = EventSpec> {
    let nodes = network_nodes(&WARD.lab);
    let pumps: Vec<String> = WARD.lab.pumps().map(|(h, _)| h.name.clone()).collect();
    let node = prop::sample::select(nodes);
    let at = (0..LENGTH.as_nanos()).prop_map(Duration::from_nanos);
    let x = 0.0..80.0;
    let y = prop_oneof![0.0..10.0, 150.0..400.0];
    let happening = prop_oneof![
        3 => node.clone().prop_map(|node| HappeningSpec::PowerOff { node }),
        2 => node.prop_map(|node| HappeningSpec::PowerOn { node }),
        2 => (prop::sample::select(pumps), x, y, 0_u64..300).prop_map(|(host, x, y, s)| HappeningSpec::Move {
            host,
            to: Position { x, y },
            over: Duration::from_secs(s),
        }),
    ];
    (at, happening).prop_map(|(at, what)| EventSpec { at, what })
}

fn with_faults(seed: u64, faults: &[EventSpec]) -> RunConfig {
    let mut config = WARD.clone();
    config.seed = seed;
    config.play.events = faults.to_vec();
    config
}

/// The same without people: nobody silences an alarm, hangs a bag or makes a pump go on.
fn without_people(mut config: RunConfig) -> RunConfig {
    config.lab.nurses.clear();
    config.keep_trace = false;
    config
}

/// Volumes that have reached the patients at the end, to the last bit.
fn infused(config: &RunConfig) -> Vec<(String, u64, String)> {
    let mut live = Live::new(config).expect("the ward can be built");
    assert_eq!(live.run_until(Time::ZERO + LENGTH), End::Horizon);
    let sim = live.simulation();
    let pumps = config.lab.pumps().map(|(host, _)| {
        let node = sim.node_named(&host.name).expect("pumps are nodes");
        let pump: &PumpDelivery = sim.peek(node).expect("pumps deliver");
        let ml = pump.delivery().infused_ml(sim.now());
        let state = format!("{:?}", pump.delivery());
        (host.name.clone(), ml.to_bits(), state)
    });
    pumps.collect()
}

proptest! {
    #![proptest_config(Config { cases: 48, ..Config::default() })]

    #[test]
    fn delivery_changes_by_hand_bridge_deadline_and_power_alone(seed in any::<u64>(), faults in vec(fault(), 0..25)) {
        let config = with_faults(seed, &faults);
        let mut live = Live::new(&config).expect("the ward can be built");
        let end = live.run_until(Time::ZERO + LENGTH);
        let outcome = live.finish(end);
        let trace = outcome.trace.expect("kept");
        let mut changes = 0;
        for entry in &trace.entries {
            let delivery = matches!(
                entry.what,
                LabRecord::Therapy(TherapyRecord::Delivery { .. }) | LabRecord::Therapy(TherapyRecord::InfusionHeld) | LabRecord::Therapy(TherapyRecord::ProgrammeRefused { .. })
            );
            if delivery {
                changes += 1;
                let label = trace.events[&entry.event].label;
                let door = ["touch", "bridge", "delivery-timer", "power"].contains(&label);
                prop_assert!(door, "{:?} at {} by {label}", entry.what, trace.name(entry.node));
            }
        }
        prop_assert!(changes >= 9, "infusions were started: {changes}");
    }

    #[test]
    fn without_people_every_infusion_is_the_same_to_the_bit(seed in any::<u64>(), faults in vec(fault(), 1..25)) {
        let quiet = infused(&without_people(with_faults(seed, &[])));
        let faulty = infused(&without_people(with_faults(seed, &faults)));
        prop_assert_eq!(quiet, faulty);
    }
}

#[test]
fn something_is_infused_and_the_faults_are_felt() {
    let quiet = without_people(with_faults(1, &[]));
    let running = infused(&quiet).iter().filter(|(_, ml, _)| *ml > 0).count();
    assert!(running >= 9, "{running} pumps infuse");
    let off = |node: &str| EventSpec {
        at: Duration::from_mins(10),
        what: HappeningSpec::PowerOff {
            node: node.to_owned(),
        },
    };
    let faults = ["ap-1", "ap-2", "ap-3"].map(off);
    let faulty = without_people(with_faults(1, &faults));
    let sessions = |config: &RunConfig| {
        let outcome = pumplab_sim::run::run(config).expect("the ward can be built");
        outcome.metrics["status-messages"]
    };
    assert!(sessions(&faulty) < sessions(&quiet) / 2.0);
    assert_eq!(infused(&faulty), infused(&quiet));
}

//! Servers restart and connections are cut: every entry of every pump's log is stored once and in order.

use crate::ward::{Ward, lab};
use pumplab::live::limits::Limits;
use pumplab_sim::device::pump::PumpComms;
use pumplab_sim::engine::NodeId;
use pumplab_sim::record::LabRecord;
use pumplab_sim::spec::{EventSpec, HappeningSpec, LabSpec};
use pumplab_sim::time;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const PUMPS: usize = 40;
const SPEED: f64 = 10.0;

/// Somebody programmes every pump anew twice a minute, so that there is something to log.
fn busy(lab: &LabSpec) -> Vec<EventSpec> {
    let mut events = Vec::new();
    for (n, (host, pump)) in lab.pumps().enumerate() {
        let Some(infusion) = &pump.infusion else {
            continue;
        };
        for turn in 0..6 {
            events.push(EventSpec {
                at: time::Duration::from_secs(30 + 30 * turn + n as u64 % 30),
                what: HappeningSpec::Programme {
                    pump: host.name.clone(),
                    care_area: infusion.care_area.clone(),
                    drug: infusion.drug.clone(),
                    rate_ml_per_h: infusion.rate_ml_per_h * (1.0 + 0.01 * turn as f64),
                    intended_ml_per_h: None,
                    vtbi_ml: infusion.vtbi_ml,
                    override_soft: true,
                    dose: false,
                },
            });
        }
    }
    events
}

fn stored(ward: &Ward) -> BTreeMap<NodeId, Vec<u32>> {
    let mut stored: BTreeMap<NodeId, Vec<u32>> = BTreeMap::new();
    for entry in &ward.records {
        if let LabRecord::LogStored { pump, number } = entry.what {
            stored.entry(pump).or_default().push(number);
        }
    }
    stored
}

fn unconfirmed(ward: &mut Ward, pumps: &[NodeId]) -> usize {
    let simulation = ward.driver.live().simulation();
    let links = pumps
        .iter()
        .filter_map(|p| simulation.peek::<PumpComms>(*p));
    links.map(|p| p.link().unconfirmed()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_of_every_log_arrives_once_and_in_order() {
    let mut lab = lab("SRV-04+ID-01+DEV-09", PUMPS);
    // Pumps that lose what they log offline, or come to no session, have nothing to show here.
    lab.pumps_mut().for_each(keep_log);
    let mut ward = Ward::new(&lab, busy(&lab), SPEED, Limits::default());
    let names: Vec<String> = lab.pumps().map(|(h, _)| h.name.clone()).collect();
    let pumps: Vec<NodeId> = names.iter().map(|n| ward.node(n)).collect();
    let silent = ward.driver.silent().count();
    let online = PUMPS - silent;
    assert!(online > PUMPS / 2, "{online} pumps come to a session");
    let all = ward.until(Duration::from_secs(30), |w| w.online() == online);
    assert!(all.await, "{} of {online} came online", ward.online());
    let servers = ["pumpserver-a", "pumpserver-b"].map(|n| ward.node(n));
    let mut cut = 0;
    for round in 0..2u32 {
        for server in servers {
            ward.driver.live().power(server, false);
        }
        ward.during(tokio::time::sleep(Duration::from_secs(2)))
            .await;
        for server in servers {
            ward.driver.live().power(server, true);
        }
        ward.during(tokio::time::sleep(Duration::from_secs(4)))
            .await;
        let mut n = round;
        cut += ward.driver.cut(|_| {
            n += 1;
            n % 10 == 0
        });
        ward.during(tokio::time::sleep(Duration::from_secs(2)))
            .await;
    }
    assert!(cut > 0, "no connection was cut");
    // The last programme is dialled in after 3.5 simulated minutes; a pump tries again within a minute and a quarter.
    ward.during(tokio::time::sleep(Duration::from_secs(8)))
        .await;
    for _ in 0..100 {
        if unconfirmed(&mut ward, &pumps) == 0 {
            break;
        }
        ward.during(tokio::time::sleep(Duration::from_millis(200)))
            .await;
    }
    let stored = stored(&ward);
    let total: usize = stored.values().map(Vec::len).sum();
    assert!(total > 100, "{total} entries are few");
    let silent: BTreeSet<String> = ward.driver.silent().map(|(n, _)| n.to_owned()).collect();
    for pump in pumps {
        let simulation = ward.driver.live().simulation();
        let name = simulation.name(pump);
        if silent.contains(name) {
            continue;
        }
        let link = simulation.peek::<PumpComms>(pump).expect("a pump").link();
        let all: Vec<u32> = (1..=link.logged()).collect();
        assert_eq!(
            stored.get(&pump).cloned().unwrap_or_default(),
            all,
            "{name}"
        );
    }
}

fn keep_log(host: &mut pumplab_sim::spec::HostSpec) {
    for role in &mut host.roles {
        if let pumplab_sim::spec::RoleSpec::Pump(pump) = role {
            pump.log_buffer.value = true;
        }
    }
}

//! Servers restart and connections are cut: every entry of every pump's log is stored once and in order.
//!
//! As it stands it is small, for every run of the tests. The soak is the same with other numbers:
//! `PUMPLAB_SOAK_PUMPS=200 PUMPLAB_SOAK_SECONDS=60 cargo test --release --workspace --test live soak -- --nocapture`.

use crate::ward::{Ward, lab};
use pumplab_live as live;
use pumplab_live::limits::Limits;
use pumplab_sim::device::pump::PumpComms;
use pumplab_sim::engine::NodeId;
use pumplab_sim::record::{LabRecord, MonitoringRecord, SessionRecord};
use pumplab_sim::rng::{Luck, NodeKey, Purpose};
use pumplab_sim::spec::{
    EventSpec, HappeningSpec, HostSpec, LabSpec, PumpSpec, RoleSpec, SessionSpec,
};
use pumplab_sim::time;
use pumplab_sim::wire::tls::TlsVersion;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const SPEED: f64 = 10.0;
/// Time in which every pump is programmed anew once, in simulated seconds.
const TURN: u64 = 30;
const SERVERS: [&str; 2] = ["pumpserver-a", "pumpserver-b"];

/// A number from the environment, for a longer run.
fn asked(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is `{text}`, which is no number")),
        Err(_) => usual,
    }
}

/// Somebody programmes every pump anew once a turn, so that there is something to log.
fn busy(lab: &LabSpec, seconds: u64) -> Vec<EventSpec> {
    let mut events = Vec::new();
    for (n, (host, pump)) in lab.pumps().enumerate() {
        let Some(infusion) = &pump.infusion else {
            continue;
        };
        for turn in 0..seconds / TURN {
            events.push(EventSpec {
                at: time::Duration::from_millis(
                    1000 * (TURN + TURN * turn) + 137 * n as u64 % 30_000,
                ),
                what: HappeningSpec::Programme {
                    pump: host.name.clone(),
                    care_area: infusion.care_area.clone(),
                    drug: infusion.drug.clone(),
                    rate_ml_per_h: infusion.rate_ml_per_h * (1.0 + 0.01 * (turn % 8) as f64),
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

/// The ward's pumps with mutual TLS of a version that is spoken live, which keep what they log offline; and copies of them.
fn mutual(pumps: usize) -> LabSpec {
    let mut ward = lab("SRV-04+ID-01+DEV-09", 12);
    let speaks = |p: &PumpSpec| {
        p.session.value == SessionSpec::Tls { check_peer: true } && p.tls_max >= TlsVersion::V12
    };
    let stays = |host: &HostSpec| {
        let mut roles = host.roles.iter();
        roles.all(|r| !matches!(r, RoleSpec::Pump(pump) if !speaks(pump)))
    };
    ward.hosts.retain(stays);
    for host in ward.pumps_mut() {
        for role in &mut host.roles {
            if let RoleSpec::Pump(pump) = role {
                pump.log_buffer.value = true;
            }
        }
    }
    live::lab::outside(&ward, Some(pumps)).expect("the ward has such pumps")
}

fn links<'a>(
    ward: &'a mut Ward,
    pumps: &'a [NodeId],
) -> impl Iterator<Item = (NodeId, u32, usize)> + 'a {
    let simulation = ward.driver.live().simulation();
    pumps.iter().map(|p| {
        let comms = simulation.peek::<PumpComms>(*p).expect("a pump");
        (*p, comms.link().logged(), comms.link().unconfirmed())
    })
}

/// Connections that break, at random: one in ten every round, half of them when the server has stored an entry of that pump and its
/// acknowledgement is on the way, so that the entry is sent again.
struct Cuts {
    luck: Luck,
    rounds: u64,
    next: Instant,
    every: Duration,
    /// Pumps that are cut when an entry of theirs is stored the next time.
    marked: BTreeSet<NodeId>,
    done: usize,
}

impl Cuts {
    fn turn(&mut self, ward: &mut Ward, pumps: &[NodeId], fresh: usize) {
        let stored: BTreeSet<NodeId> = ward.records[fresh..]
            .iter()
            .filter_map(|e| match e.what {
                LabRecord::Monitoring(MonitoringRecord::LogStored { pump, .. }) => Some(pump),
                _ => None,
            })
            .filter(|p| self.marked.remove(p))
            .collect();
        if !stored.is_empty() {
            self.done += ward.driver.cut(|host| stored.contains(&host));
        }
        if Instant::now() < self.next {
            return;
        }
        self.next += self.every;
        self.rounds += 1;
        let mut luck = self
            .luck
            .stream(NodeKey::of("network"), Purpose::new("cuts"), self.rounds);
        let mut now = BTreeSet::new();
        for pump in pumps {
            match luck.next_u64() % 20 {
                0 => drop(now.insert(*pump)),
                1 => drop(self.marked.insert(*pump)),
                _ => {}
            }
        }
        self.done += ward.driver.cut(|host| now.contains(&host));
    }
}

/// What the process has used: resident memory in MiB, processor time in seconds. By `/proc`, where there is one.
fn used() -> Option<(f64, f64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: f64 = resident.trim().trim_end_matches("kB").trim().parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let after = stat.rsplit_once(')')?.1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok());
    // Fields 14 and 15 of the whole line; a tick is a hundredth of a second wherever Linux runs today.
    Some((kib / 1024.0, (ticks(11)? + ticks(12)?) / 100.0))
}

/// What a ward went through.
struct Weather {
    cut: usize,
    used: (Used, Used),
    /// Resident memory, from time to time.
    mib: Vec<f64>,
}

/// Lets the ward run for a time, while its connections are cut, and both servers are off at a third and at two thirds of it, for a tenth.
async fn weather(ward: &mut Ward, pumps: &[NodeId], whole: Duration) -> Weather {
    let servers = SERVERS.map(|n| ward.node(n));
    let begin = Instant::now();
    let mut cuts = Cuts {
        luck: Luck::new(1),
        rounds: 0,
        next: begin + whole / 20,
        every: whole / 10,
        marked: BTreeSet::new(),
        done: 0,
    };
    let mut switches: Vec<(Duration, bool)> = [whole / 3, whole * 2 / 3]
        .into_iter()
        .flat_map(|off| [(off, false), (off + whole / 10, true)])
        .collect();
    let (mut samples, mut sampled) = (Vec::new(), Instant::now());
    let before = used();
    while begin.elapsed() < whole {
        let fresh = ward.records.len();
        ward.turn().await;
        cuts.turn(ward, pumps, fresh);
        if let Some((_, on)) = switches
            .first()
            .copied()
            .filter(|(at, _)| begin.elapsed() >= *at)
        {
            switches.remove(0);
            for server in servers {
                ward.driver.live().power(server, on);
            }
        }
        if sampled.elapsed() >= whole / 60 {
            sampled = Instant::now();
            samples.extend(used().map(|(mib, _)| mib));
        }
    }
    Weather {
        cut: cuts.done,
        used: (before, used()),
        mib: samples,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_every_entry_of_every_log_arrives_once_and_in_order() {
    let (count, seconds) = (
        asked("PUMPLAB_SOAK_PUMPS", 40) as usize,
        asked("PUMPLAB_SOAK_SECONDS", 16),
    );
    let lab = mutual(count);
    let simulated = (seconds as f64 * SPEED) as u64;
    let mut ward = Ward::new(&lab, busy(&lab, simulated), SPEED, Limits::default());
    ward.keep = |r| {
        matches!(
            r,
            LabRecord::Monitoring(MonitoringRecord::LogStored { .. })
                | LabRecord::Session(SessionRecord::ServerSession { .. })
                | LabRecord::Session(SessionRecord::ServerSessionLost)
        )
    };
    let names: Vec<String> = lab.pumps().map(|(h, _)| h.name.clone()).collect();
    let pumps: Vec<NodeId> = names.iter().map(|n| ward.node(n)).collect();
    assert_eq!(ward.driver.silent().count(), 0);
    let all = ward.until(Duration::from_secs(30), |w| w.online() == count);
    assert!(all.await, "{} of {count} came online", ward.online());
    let Weather { cut, used, mib } = weather(&mut ward, &pumps, Duration::from_secs(seconds)).await;
    // A pump tries again within a minute and a quarter of its own time.
    let end = Instant::now() + Duration::from_secs(30);
    while links(&mut ward, &pumps).any(|(_, _, open)| open > 0) && Instant::now() < end {
        ward.turn().await;
    }
    let mut stored: BTreeMap<NodeId, Vec<u32>> = BTreeMap::new();
    for entry in &ward.records {
        if let LabRecord::Monitoring(MonitoringRecord::LogStored { pump, number }) = entry.what {
            stored.entry(pump).or_default().push(number);
        }
    }
    let total: usize = stored.values().map(Vec::len).sum();
    report(count, total, cut, used, &mib);
    assert!(cut >= count / 10, "{cut} connections were cut");
    assert!(total > 4 * count, "{total} entries are few");
    for (pump, logged, _) in links(&mut ward, &pumps) {
        let all: Vec<u32> = (1..=logged).collect();
        let found = stored.remove(&pump).unwrap_or_default();
        assert_eq!(found, all, "pump {}", pump.index());
    }
}

type Used = Option<(f64, f64)>;

fn report(count: usize, total: usize, cut: usize, (before, after): (Used, Used), mib: &[f64]) {
    println!(
        "{count} pumps, {total} entries stored, {cut} connections cut, servers restarted twice"
    );
    if let (Some((_, from)), Some((_, to))) = (before, after) {
        let all = to - from;
        println!(
            "processor time {all:.2} s, {:.2} ms a pump",
            1000.0 * all / count as f64
        );
    }
    if mib.len() >= 6 {
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let third = mib.len() / 3;
        let parts = [&mib[..third], &mib[third..2 * third], &mib[2 * third..]].map(mean);
        println!(
            "resident memory by thirds of the run: {:.1}, {:.1}, {:.1} MiB",
            parts[0], parts[1], parts[2]
        );
    }
}

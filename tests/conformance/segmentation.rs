//! WIP-1: zones are apart, and only permitted flows pass.
//!
//! In a running lab under `sp1800-8` every host, and a stranger in every zone, sends a probe to every other across segments: streams and
//! datagrams, to every port that something in the lab uses and to a list of ports that an attacker would try. What arrives is what the
//! list that is written down by hand permits, at both firewalls together and at each of them alone; what does not is a record that names
//! the rule and the control.

use crate::allowed::{DIFFERENCES, LIST, permitted, zone_at};
use crate::probe::{
    Door, Fate, Probe, Station, all_pairs, bare_host, ports_of_services, send, stations,
};
use pumplab_sim::record::DropReason;
use pumplab_sim::run::RunConfig;
use pumplab_sim::spec::{
    Item, ItemId, LabSpec, PortRange, Protocol, Provenance, RouterSpec, RuleSpec, SegmentSpec,
    Verdict,
};
use pumplab_sim::wire::{Cidr, Ip};
use pumplab_tests::{config, in_parallel, under};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Ports that are tried besides those that the lab uses.
const TRIED: [u16; 21] = [
    20, 21, 22, 23, 53, 67, 68, 80, 123, 443, 445, 514, 1433, 1812, 2575, 3389, 5246, 5247, 5432,
    6514, 49_152,
];
/// Number of the stranger in each zone.
const STRANGER: u32 = 250;

static WARD: LazyLock<(RunConfig, Provenance)> = LazyLock::new(|| {
    // Without NET-05, which keeps strangers off the cables at all: here the firewalls are tried.
    let cell = under("radius-outage", "sp1800-8", &["NET-05".to_owned()]);
    let mut config = config(&cell, false);
    config.play.attackers.clear();
    config.play.events.clear();
    let leads = |s: &&SegmentSpec| s.gateway.is_some() || s.name == "core";
    let segments: Vec<_> = config.lab.segments.iter().filter(leads).cloned().collect();
    for s in segments {
        let name = format!("stranger-{}", s.name);
        let host = bare_host(&config.lab, &name, &s.name, s.prefix.nth(STRANGER));
        config.lab.hosts.push(host);
    }
    (config, cell.provenance)
});

/// The ports of the probes.
fn ports(lab: &LabSpec) -> Vec<u16> {
    let used = ports_of_services(lab).into_iter().map(|(_, port)| port);
    let all: BTreeSet<u16> = used.chain(TRIED).collect();
    all.into_iter().collect()
}

fn of(s: &Station) -> (&str, Ip) {
    (&s.name, s.ip)
}

fn allowed(stations: &[Station], p: &Probe) -> bool {
    permitted(of(&stations[p.from]), of(&stations[p.to]), p.stream, p.port).is_some()
}

fn text(stations: &[Station], p: &Probe) -> String {
    let by = if p.stream { "stream" } else { "datagram" };
    let (from, to) = (&stations[p.from], &stations[p.to]);
    format!("{} -> {} {by} {}", from.name, to.name, p.port)
}

/// Whether a firewall of its own stands between the station's segment and the core; the edge leaves outbound to them.
fn has_firewall(s: &Station) -> bool {
    !["external", "guest", "core"].contains(&s.segment.as_str())
}

/// What is wrong with what became of a probe.
fn fault(
    stations: &[Station],
    p: &Probe,
    door: Door,
    fate: &Fate,
    provenance: &Provenance,
) -> Option<&'static str> {
    let (from, to) = (&stations[p.from], &stations[p.to]);
    let may = allowed(stations, p);
    if door == Door::Core && !has_firewall(to) {
        // The edge leaves to the zone firewalls what goes out, and nothing is on the core.
        return None;
    }
    if fate.arrived == fate.dropped.is_some() {
        return Some("neither arrived nor left a record, or both");
    }
    if fate.arrived != may {
        return Some(if may { "does not arrive" } else { "arrives" });
    }
    if let Some((_, why)) = fate.dropped
        && control_of(why, provenance).is_none()
    {
        return Some("was dropped without a rule of a control");
    }
    let inner = door == Door::Own && has_firewall(from) && zone_at(from.ip) != zone_at(to.ip);
    (inner && fate.on_core != may).then_some("passed one firewall of two")
}

/// The control behind a dropped packet.
fn control_of(why: DropReason, provenance: &Provenance) -> Option<&str> {
    let (DropReason::Rule(item) | DropReason::DefaultDeny(item)) = why else {
        return None;
    };
    provenance.origin(item)?.control.as_deref()
}

/// What is wrong in a lab, by these probes through both doors.
fn faults(
    config: &RunConfig,
    provenance: &Provenance,
    stations: &[Station],
    probes: &[Probe],
) -> Vec<String> {
    let mut faults = Vec::new();
    for door in [Door::Own, Door::Core] {
        let fates = send(config, stations, probes, door);
        for (p, fate) in probes.iter().zip(fates) {
            if let Some(fault) = fault(stations, p, door, &fate, provenance) {
                faults.push(format!("{door:?} {}: {fault}", text(stations, p)));
            }
        }
    }
    faults
}

#[test]
fn what_arrives_is_what_the_list_permits() {
    let (config, provenance) = &*WARD;
    let stations = stations(&config.lab);
    let probes = all_pairs(&stations, &ports(&config.lab));
    let zones: BTreeSet<&str> = stations.iter().map(|s| zone_at(s.ip)).collect();
    assert_eq!(zones.len(), 10, "{zones:?}");
    assert!(probes.len() > 50_000, "{} probes", probes.len());
    let parts = probes.chunks(probes.len().div_ceil(4)).collect();
    let faults = in_parallel(parts, |part| faults(config, provenance, &stations, part)).concat();
    assert!(
        faults.is_empty(),
        "{} faults in {} probes:\n{}",
        faults.len(),
        probes.len(),
        faults[..faults.len().min(60)].join("\n")
    );
    let row_of = |p: &Probe| {
        let (from, to) = (&stations[p.from], &stations[p.to]);
        let row = permitted(of(from), of(to), p.stream, p.port)?;
        LIST.iter().position(|r| std::ptr::eq(r, row))
    };
    let used: BTreeSet<usize> = probes.iter().filter_map(row_of).collect();
    for (i, row) in LIST.iter().enumerate() {
        assert!(used.contains(&i), "no probe tries {row:?}");
    }
}

#[test]
fn every_row_of_the_notes_is_in_the_list_or_among_the_differences() {
    let lab = &WARD.0.lab;
    for n in 1..=16 {
        let id = format!("F{n}");
        let tried = LIST.iter().any(|r| r.id == id);
        let different = DIFFERENCES.iter().any(|d| d.row == id);
        assert!(tried || different, "{id} is nowhere");
    }
    for row in LIST.iter().filter(|r| r.id.starts_with("site")) {
        let told = DIFFERENCES.iter().any(|d| d.row == row.id);
        assert!(told, "{} has no reason", row.id);
    }
    for d in DIFFERENCES {
        assert!((d.holds)(lab), "{}: no longer so: {}", d.row, d.reason);
    }
}

/// A stream from a host to another, which a wrong rule lets pass.
fn permit(from: Cidr, to: Cidr, port: u16) -> Item<RuleSpec> {
    let port = PortRange {
        first: port,
        last: port,
    };
    let rule = RuleSpec {
        name: "planted".to_owned(),
        from: vec![from],
        to: vec![to],
        protocol: Protocol::Tcp,
        ports: vec![port],
        verdict: Verdict::Permit,
    };
    Item::new(ItemId(0), rule)
}

/// Stations and probes that look at a few addresses only.
fn around(lab: &LabSpec, ips: &[Cidr], more: &[u16]) -> (Vec<Station>, Vec<Probe>) {
    let near = |s: &Station| s.name.starts_with("stranger") || ips.iter().any(|c| c.contains(s.ip));
    let some: Vec<Station> = stations(lab).into_iter().filter(near).collect();
    let ports: BTreeSet<u16> = [443, 23].into_iter().chain(more.iter().copied()).collect();
    let ports: Vec<u16> = ports.into_iter().collect();
    let probes = all_pairs(&some, &ports);
    (some, probes)
}

#[test]
fn one_permit_too_many_is_found_at_whichever_firewall() {
    let (config, provenance) = &*WARD;
    let from: Cidr = "10.0.60.0/24".parse().expect("business");
    let to: Cidr = "10.0.50.0/24".parse().expect("database");
    for firewall in ["fw-business", "fw-database"] {
        let mut wrong = config.clone();
        let router = wrong.lab.router_mut(firewall).expect("the ward has it");
        router.rules.push(permit(from, to, 1433));
        let (stations, probes) = around(&wrong.lab, &[from, to], &[1433]);
        let found = faults(&wrong, provenance, &stations, &probes);
        let planted = |f: &String| f.contains("office-1 -> stranger-database stream 1433");
        assert!(found.iter().any(planted), "{firewall}: {found:?}");
        assert!(found.iter().all(|f| f.contains("1433")), "{found:?}");
    }
}

/// Every permit of every zone firewall, by firewall and place.
fn permits(lab: &LabSpec) -> Vec<(usize, usize)> {
    let firewalls = lab.routers.iter().enumerate();
    let rules = firewalls.flat_map(|(i, r)| {
        let permits = r.rules.iter().enumerate();
        permits
            .filter(|(_, rule)| rule.value.verdict == Verdict::Permit)
            .map(move |(j, _)| (i, j))
    });
    rules.collect()
}

#[test]
fn every_permit_that_is_missing_is_found() {
    let (config, provenance) = &*WARD;
    let missed = in_parallel(permits(&config.lab), |(i, j)| {
        let mut wrong = config.clone();
        let router = &mut wrong.lab.routers[i];
        let rule = router.rules.remove(j).value;
        let (name, again) = (router.name.clone(), covered(router, &rule));
        let near: Vec<Cidr> = rule.from.iter().chain(&rule.to).copied().collect();
        let ports: Vec<u16> = rule.ports.iter().map(|p| p.first).collect();
        let (stations, probes) = around(&wrong.lab, &near, &ports);
        let found = faults(&wrong, provenance, &stations, &probes);
        (found.is_empty() != again).then(|| format!("{name} {}", rule.name))
    });
    let missed: Vec<String> = missed.into_iter().flatten().collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// Whether other rules, or the default, let the same pass.
fn covered(router: &RouterSpec, rule: &RuleSpec) -> bool {
    let within = |s: Cidr, list: &[Cidr]| list.iter().any(|l| l.len <= s.len && l.contains(s.ip));
    let permits = |from: Cidr, to: Cidr| {
        let rules = router.rules.iter().map(|r| &r.value);
        let mut rules = rules.filter(|r| r.verdict == Verdict::Permit && r.ports == rule.ports);
        rules.any(|r| within(from, &r.from) && within(to, &r.to))
    };
    let all = |from: &Cidr| rule.to.iter().all(|to| permits(*from, *to));
    rule.from.iter().all(all) || goes_out(router, rule)
}

/// Whether a rule of the edge permits what its default permits too: what comes in or from guests meets a rule that denies it.
fn goes_out(router: &RouterSpec, rule: &RuleSpec) -> bool {
    let outer = ["external", "guest"];
    let inside = |c: &Cidr| !outer.contains(&zone_at(c.ip));
    router.default.value == Verdict::Permit && rule.from.iter().all(inside)
}

/// The prefix with one bit less, and an address that only it has.
fn widened(prefix: Cidr) -> Option<(Cidr, Ip)> {
    let len = prefix.len.checked_sub(1)?;
    let other = Ip(prefix.ip.0 ^ 1 << (31 - len));
    Some((Cidr { ip: prefix.ip, len }, other))
}

#[test]
fn every_permit_that_is_too_wide_by_one_bit_is_found() {
    let (config, provenance) = &*WARD;
    let mut tried = Vec::new();
    for (i, j) in permits(&config.lab) {
        let rule = &config.lab.routers[i].rules[j].value;
        tried.extend((0..rule.from.len()).map(|k| (i, j, true, k)));
        tried.extend((0..rule.to.len()).map(|k| (i, j, false, k)));
    }
    let results = in_parallel(tried, |(i, j, source, k)| {
        let rule = &config.lab.routers[i].rules[j].value;
        let name = format!("{} {}", config.lab.routers[i].name, rule.name);
        too_wide(config, provenance, (i, j, source, k)).map_err(|why| format!("{name}: {why}"))
    });
    let missed: Vec<&String> = results.iter().filter_map(|r| r.as_ref().err()).collect();
    assert!(missed.is_empty(), "not found: {missed:#?}");
    let found = results.iter().filter(|r| **r == Ok(true)).count();
    assert!(
        found > 40,
        "only {found} of {} made a difference",
        results.len()
    );
}

/// Widens one prefix of a rule. Whether it was found, where somebody can stand at an address that it should not have.
fn too_wide(
    config: &RunConfig,
    provenance: &Provenance,
    (i, j, source, k): (usize, usize, bool, usize),
) -> Result<bool, String> {
    let mut wrong = config.clone();
    let rule = &mut wrong.lab.routers[i].rules[j].value;
    let prefix = if source {
        &mut rule.from[k]
    } else {
        &mut rule.to[k]
    };
    let Some((wide, other)) = widened(*prefix) else {
        return Ok(false);
    };
    *prefix = wide;
    let rule = rule.clone();
    let Some(segment) = segment_at(&wrong.lab, other) else {
        return Ok(false);
    };
    if stations(&wrong.lab).iter().all(|s| s.ip != other) {
        let host = bare_host(&wrong.lab, "neighbour", &segment, other);
        wrong.lab.hosts.push(host);
    }
    let near: Vec<Cidr> = rule.from.iter().chain(&rule.to).copied().collect();
    let ports: Vec<u16> = rule.ports.iter().map(|p| p.first).collect();
    let (stations, probes) = around(&wrong.lab, &near, &ports);
    let harmless = goes_out(&wrong.lab.routers[i], &rule)
        || probes.iter().all(|p| {
            let (from, to) = (&stations[p.from], &stations[p.to]);
            let end = if source { from.ip } else { to.ip };
            end != other || !speaks(&rule, from, to, p) || allowed(&stations, p)
        });
    let found = faults(&wrong, provenance, &stations, &probes);
    match (harmless, found.is_empty()) {
        (true, true) => Ok(false),
        (false, false) => Ok(true),
        (true, false) => Err(format!("harmless, and yet {found:?}")),
        (false, true) => Err(format!("{wide} lets {other} pass")),
    }
}

fn segment_at(lab: &LabSpec, ip: Ip) -> Option<String> {
    let on = |s: &&SegmentSpec| s.prefix.contains(ip) && s.gateway.is_some();
    let gateway = |ip| {
        lab.routers
            .iter()
            .flat_map(|r| &r.interfaces)
            .any(|i| i.ip == ip)
    };
    let segment = lab.segments.iter().find(on)?;
    (!gateway(ip)).then(|| segment.name.clone())
}

fn speaks(rule: &RuleSpec, from: &Station, to: &Station, p: &Probe) -> bool {
    let by = match rule.protocol {
        Protocol::Any => true,
        Protocol::Tcp => p.stream,
        Protocol::Udp => !p.stream,
    };
    let port = rule
        .ports
        .iter()
        .any(|r| (r.first..=r.last).contains(&p.port));
    let has = |list: &[Cidr], ip| list.iter().any(|c| c.contains(ip));
    by && port && has(&rule.from, from.ip) && has(&rule.to, to.ip)
}

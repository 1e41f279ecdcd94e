//! A resolved lab, readable: every item with the control that put it there in brackets; what has none is part of the bare lab.

mod host;

use crate::console::{Console, Style, Table};
use pumplab_sim::spec::{
    AccessPointSpec, Item, ItemId, LabSpec, PortRange, Provenance, Removed, RouterSpec, RuleSpec,
    SegmentSpec, WlanSpec,
};
use pumplab_sim::wire::Cidr;
use std::collections::BTreeMap;
use std::io;

const SEGMENTS: [&str; 4] = ["segment", "prefix", "gateway", "guards"];
const WLANS: [&str; 5] = [
    "network",
    "authentication",
    "segment",
    "protected management",
    "isolation",
];
const ACCESS_POINTS: [&str; 6] = [
    "access point",
    "channel",
    "at",
    "management",
    "tunnel",
    "networks",
];
const HOSTS: [&str; 6] = ["host", "zone", "address", "link", "roles", "services"];
const PUMPS: [&str; 6] = [
    "pump",
    "profile",
    "session",
    "library check",
    "library",
    "infuses",
];

/// Writes a lab.
///
/// # Errors
/// When the output is closed or full.
pub fn write(lab: &LabSpec, provenance: &Provenance, console: &mut Console<'_>) -> io::Result<()> {
    let page = Page {
        provenance,
        names: names(lab),
    };
    heading("zones", console)?;
    let zones = lab
        .zones
        .iter()
        .map(|z| [z.id.clone(), z.subnet.to_string(), z.title.clone()].to_vec());
    table(&["zone", "subnet", "title"], zones, console)?;
    heading("segments", console)?;
    let segments = lab.segments.iter().map(|s| page.segment(s));
    table(&SEGMENTS, segments, console)?;
    heading("routers and firewalls", console)?;
    for router in &lab.routers {
        page.router(router, console)?;
    }
    heading("wireless networks", console)?;
    let wlans = lab.wlans.iter().map(|w| page.wlan(w));
    table(&WLANS, wlans, console)?;
    heading("access points", console)?;
    let points = lab.access_points.iter().map(|a| page.access_point(a));
    table(&ACCESS_POINTS, points, console)?;
    heading("hosts", console)?;
    let hosts = lab.hosts.iter().map(|h| page.host(h));
    table(&HOSTS, hosts, console)?;
    heading("pumps", console)?;
    let pumps = lab.hosts.iter().filter_map(|h| page.pump(h));
    table(&PUMPS, pumps, console)?;
    page.removals(console)
}

fn heading(text: &str, console: &mut Console<'_>) -> io::Result<()> {
    console.line("")?;
    let text = console.paint(Style::Bold, text);
    console.line(&text)
}

fn table(
    headings: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let mut table = Table::new(headings);
    for row in rows {
        table.row(row.into_iter().map(|cell| (cell, Style::Plain)).collect());
    }
    let width = console.width.map(|w| w.saturating_sub(2));
    for line in table.lines(width, false) {
        console.line(&format!("  {line}"))?;
    }
    Ok(())
}

struct Page<'a> {
    provenance: &'a Provenance,
    names: BTreeMap<Cidr, String>,
}

/// Names of prefixes: hosts by their address, zones by their subnet.
fn names(lab: &LabSpec) -> BTreeMap<Cidr, String> {
    let zones = lab.zones.iter().map(|z| (z.subnet, z.id.clone()));
    let segments = lab.segments.iter().map(|s| (s.prefix, s.name.clone()));
    let points = lab
        .access_points
        .iter()
        .map(|a| (Cidr::host(a.ip), a.name.clone()));
    let hosts = lab
        .hosts
        .iter()
        .filter_map(|h| Some((Cidr::host(h.address.ip()?), h.name.clone())));
    segments.chain(zones).chain(points).chain(hosts).collect()
}

impl Page<'_> {
    fn by(&self, id: ItemId) -> String {
        match self
            .provenance
            .origin(id)
            .and_then(|o| o.control.as_deref())
        {
            Some(control) => format!(" [{control}]"),
            None => String::new(),
        }
    }

    fn item<T>(&self, item: &Item<T>, text: impl FnOnce(&T) -> String) -> String {
        format!("{}{}", text(&item.value), self.by(item.id))
    }

    fn name(&self, prefix: Cidr) -> String {
        self.names
            .get(&prefix)
            .map_or_else(|| prefix.to_string(), String::clone)
    }

    fn yes(&self, item: &Item<bool>) -> String {
        self.item(item, |&yes| if yes { "yes" } else { "no" }.to_owned())
    }

    fn segment(&self, segment: &SegmentSpec) -> Vec<String> {
        let mut guards = Vec::new();
        if let Some(trusted) = &segment.dhcp_snooping {
            guards.push(self.item(trusted, |t| format!("DHCP from {} only", t.join(", "))));
        }
        if let Some(guard) = &segment.lease_guard {
            guards.push(self.item(guard, |g| format!("{} clients per port lease", g.clients)));
        }
        if let Some(binding) = &segment.port_binding {
            guards.push(self.item(binding, |()| "addresses stay with ports".to_owned()));
        }
        if let Some(pool) = &segment.pool {
            guards.push(self.item(pool, |p| {
                format!("leases {} to {} for {}", p.first, p.last, p.time)
            }));
        }
        if let Some(inspection) = &segment.arp_inspection {
            guards.push(self.item(inspection, |()| "ARP inspected".to_owned()));
        }
        vec![
            segment.name.clone(),
            segment.prefix.to_string(),
            segment
                .gateway
                .map_or_else(|| "-".to_owned(), |g| g.to_string()),
            guards.join("; "),
        ]
    }

    fn router(&self, router: &RouterSpec, console: &mut Console<'_>) -> io::Result<()> {
        let legs: Vec<String> = router
            .interfaces
            .iter()
            .map(|leg| format!("{} {}/{}", leg.segment, leg.ip, leg.prefix))
            .collect();
        console.paragraph(&format!("  {}: {}", router.name, legs.join(", ")), 4)?;
        for item in &router.rules {
            console.paragraph(&format!("    {}", self.item(item, |r| self.rule(r))), 6)?;
        }
        for item in &router.rate_limits {
            let text = self.item(item, |l| {
                format!(
                    "at most {} new flows/s toward {}",
                    l.flows_per_second,
                    self.name(l.to)
                )
            });
            console.paragraph(&format!("    {text}"), 6)?;
        }
        if let Some(item) = &router.translate_toward {
            let text = self.item(item, |s| format!("sources are translated toward {s}"));
            console.paragraph(&format!("    {text}"), 6)?;
        }
        let default = self.item(&router.default, crate::report::words::plain);
        console.paragraph(&format!("    otherwise {default}"), 6)
    }

    fn rule(&self, rule: &RuleSpec) -> String {
        let list = |all: &[Cidr]| {
            let names: Vec<String> = all.iter().map(|&c| self.name(c)).collect();
            names.join(", ")
        };
        let ports: Vec<String> = rule.ports.iter().map(port_range).collect();
        format!(
            "{}: {} {} -> {} {} {}",
            rule.name,
            crate::report::words::plain(&rule.verdict),
            list(&rule.from),
            list(&rule.to),
            crate::report::words::plain(&rule.protocol),
            ports.join(",")
        )
        .trim_end()
        .to_owned()
    }

    fn wlan(&self, wlan: &WlanSpec) -> Vec<String> {
        vec![
            wlan.ssid.clone(),
            self.item(&wlan.akm, crate::report::words::plain),
            self.item(&wlan.segment, String::clone),
            self.yes(&wlan.pmf),
            self.yes(&wlan.client_isolation),
        ]
    }

    fn access_point(&self, point: &AccessPointSpec) -> Vec<String> {
        let tunnel = |&dtls: &bool| if dtls { "DTLS" } else { "clear" }.to_owned();
        vec![
            point.name.clone(),
            point.channel.to_string(),
            format!("{}, {}", point.position.x, point.position.y),
            format!(
                "{} on {}",
                point.ip,
                self.item(&point.management, String::clone)
            ),
            self.item(&point.dtls, tunnel),
            point.ssids.join(", "),
        ]
    }

    fn removals(&self, console: &mut Console<'_>) -> io::Result<()> {
        if self.provenance.tombstones.is_empty() {
            return Ok(());
        }
        heading("taken away", console)?;
        let rows = self.provenance.tombstones.iter().map(|stone| {
            let what = match &stone.removed {
                Removed::Service(port) => format!("service on port {port}"),
                Removed::File(path) => format!("file {path}"),
                Removed::Network(ssid) => format!("network {ssid}"),
                Removed::Account(user) => format!("account {user}"),
                Removed::Key(key) => key.clone(),
                Removed::Weakness(flaw) => format!("flaw {flaw}"),
            };
            let by = stone.control.clone().unwrap_or_default();
            vec![stone.node.clone(), what, by]
        });
        table(&["from", "what", "by"], rows, console)
    }
}

fn port_range(range: &PortRange) -> String {
    if range.first == range.last {
        range.first.to_string()
    } else {
        format!("{}-{}", range.first, range.last)
    }
}

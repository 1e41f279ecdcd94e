//! The network of a bare lab: one flat segment, one router that permits everything.

use super::Builder;
use super::tables::{AccessPointTable, WlanTable, ZoneTable};
use crate::diagnostic::Code;
use crate::table::Table;
use pumplab_sim::spec::{
    AccessPointSpec, InterfaceSpec, Item, LabSpec, NurseSpec, PoolSpec, Position, RouterSpec,
    SegmentSpec, Stamped, Verdict, WlanSpec, WordSpec, ZoneSpec,
};
use pumplab_sim::wire::dot11::Akm;
use pumplab_sim::wire::{Cidr, Ip};

impl Builder<'_> {
    pub(super) fn lab(&mut self, name: &str) -> Option<LabSpec> {
        let table = self.table;
        self.flat = table.table("flat").and_then(|t| self.read(t));
        self.zones();
        let segments = self.segments();
        let words: Vec<WlanTable> = table.tables("wlan").filter_map(|t| self.read(t)).collect();
        let wlans: Vec<_> = table.tables("wlan").filter_map(|t| self.wlan(t)).collect();
        let access_points = table
            .tables("access_point")
            .filter_map(|t| self.access_point(t, &wlans))
            .collect();
        let mut hosts: Vec<_> = table
            .tables("host")
            .filter_map(|t| self.host(t, &wlans))
            .collect();
        hosts.extend(table.tables("pump").filter_map(|t| self.pump(t, &wlans)));
        let nurses = table
            .tables("nurse")
            .filter_map(|t| self.nurse(t))
            .collect();
        let router = self.router(segments.as_ref());
        Some(LabSpec {
            name: name.to_owned(),
            calendar: table.calendar("calendar")?,
            zones: std::mem::take(&mut self.zones),
            segments: segments?,
            routers: vec![router?],
            wlans,
            access_points,
            radio: table.table("radio").and_then(|t| self.read(t))?,
            hosts,
            nurses,
            libraries: self.libraries.clone(),
            watch: pumplab_sim::spec::WatchSpec::default(),
            revoked: Vec::new(),
            known_malware: table.texts("known_malware"),
            word_list: words.iter().filter_map(word).collect(),
            costs: self.costs.clone(),
        })
    }

    fn zones(&mut self) {
        for table in self.table.tables("zone") {
            let Some(zone) = self.read::<ZoneTable>(table) else {
                continue;
            };
            let (id, subnet) = (zone.id.clone(), zone.subnet);
            self.take(&format!("zone `{id}`"), table.span_of("id"));
            if let Some(other) = self.zones.iter().find(|z| overlap(z.subnet, subnet)) {
                let message = format!("the subnets of `{id}` and `{}` overlap", other.id);
                self.tell(Code::Duplicate, table.span_of("subnet"), message)
                    .label = "overlaps with another zone".to_owned();
            }
            let leases = zone.leases.clone();
            if let Some(l) = leases.as_ref().filter(|l| l.first > l.last) {
                let message = format!(
                    "the pool of `{id}` ends at {}, before it begins at {}",
                    l.last, l.first
                );
                self.tell(Code::Outside, table.span_of("leases"), message)
                    .label = "`last` is below `first`".to_owned();
            }
            let leases = leases.map(|l| self.ink.item(format!("zone {id} leases"), l));
            self.zones.push(ZoneSpec {
                id,
                title: zone.title.clone(),
                subnet,
                leases,
            });
            self.zone_tables.push(zone);
        }
    }

    /// Name and prefix of the segment that a zone's hosts sit on.
    pub(super) fn segment_of(&self, zone: &str) -> Option<(String, Cidr)> {
        let zone = self.zone_tables.iter().find(|z| z.id == zone)?;
        if zone.own_segment {
            return Some((zone.id.clone(), zone.subnet));
        }
        let flat = self.flat.as_ref()?;
        Some((flat.segment.clone(), flat.prefix))
    }

    fn segments(&mut self) -> Option<Vec<SegmentSpec>> {
        let (flat, table) = (self.flat.clone()?, self.table.table("flat")?);
        let (delay, prefix) = (flat.switch_delay, flat.prefix);
        let mut segments = vec![SegmentSpec::bare(flat.segment.clone(), prefix, delay)];
        if let Some(zone) = &flat.pool {
            segments[0].pool = self.pool_of(zone, &flat.segment);
        }
        let zones = self.table.tables("zone");
        for (place, zone) in zones.filter_map(|t| Some((t, t.read::<ZoneTable>().ok()?))) {
            let inside = prefix.contains(zone.subnet.ip) && prefix.len <= zone.subnet.len;
            if zone.own_segment {
                let mut own = SegmentSpec::bare(zone.id, zone.subnet, delay);
                own.pool = self.pool_of(&own.name, &own.name);
                segments.push(own);
            } else if !inside {
                let message = format!("zone `{}` lies outside the flat network {prefix}", zone.id);
                self.tell(Code::Outside, place.span_of("subnet"), message)
                    .label = "choose a subnet inside, or set `own_segment`".to_owned();
            }
        }
        for s in &segments {
            self.take(&format!("address {}", s.prefix.nth(1)), table.span.clone());
            self.take(&format!("name `{}`", s.name), table.span_of("segment"));
        }
        Some(segments)
    }

    /// The pool that a zone's leases make on a segment, where the file says how they are made.
    fn pool_of(&mut self, zone: &str, segment: &str) -> Option<Item<PoolSpec>> {
        let zone = self.zones.iter().find(|z| z.id == zone)?;
        let leases = zone.leases.as_ref()?;
        let pool = PoolSpec::of(leases, zone.subnet);
        Some(self.ink.item(format!("{segment} address pool"), pool))
    }

    fn router(&mut self, segments: Option<&Vec<SegmentSpec>>) -> Option<RouterSpec> {
        let (flat, table) = (self.flat.clone()?, self.table.table("flat")?);
        let name = flat.router;
        self.take(&format!("name `{name}`"), table.span_of("router"));
        let interface = |s: &SegmentSpec| InterfaceSpec {
            segment: s.name.clone(),
            ip: s.prefix.nth(1),
            prefix: s.prefix.len,
        };
        Some(RouterSpec {
            interfaces: segments?.iter().map(interface).collect(),
            routes: Vec::new(),
            rules: Vec::new(),
            default: self.ink.item(format!("{name} default"), Verdict::Permit),
            rate_limits: Vec::new(),
            connection_table: flat.connection_table,
            translate_toward: None,
            delay: flat.router_delay,
            dhcp_relay: None,
            name,
        })
    }

    fn wlan(&mut self, table: &Table) -> Option<WlanSpec> {
        let wlan: WlanTable = self.read(table)?;
        let ssid = wlan.ssid;
        self.take(&format!("network `{ssid}`"), table.span_of("ssid"));
        if wlan.akm == Akm::Psk && wlan.passphrase.is_none() {
            let message = format!("network `{ssid}` needs a `passphrase`");
            self.tell(Code::MissingKey, table.span.clone(), message)
                .label = "authentication is by pre-shared key".to_owned();
        }
        let segment = self.flat.as_ref()?.segment.clone();
        let ink = &mut self.ink;
        let phrase = wlan.passphrase;
        Some(WlanSpec {
            akm: ink.item(format!("network {ssid} authentication"), wlan.akm),
            passphrase: phrase.map(|p| ink.item(format!("network {ssid} passphrase"), p)),
            segment: ink.item(format!("network {ssid} segment"), segment),
            pmf: ink.item(format!("network {ssid} management frame protection"), false),
            client_isolation: ink.item(format!("network {ssid} client isolation"), false),
            ssid,
        })
    }

    fn access_point(&mut self, table: &Table, wlans: &[WlanSpec]) -> Option<AccessPointSpec> {
        let name = table.string("name")?;
        self.take(&format!("name `{name}`"), table.span_of("name"));
        let ip = self.address(table)?;
        let given: AccessPointTable = self.read(table)?;
        let (segment, _) = self.segment_of(&given.zone)?;
        let Some(controller) = self.controller() else {
            // One host is missing, however many access points look for it; one that is there and wrong has been told.
            let is_given = self.table.tables("host").any(|h| h.is_given("controller"));
            if !is_given && self.orphans.insert("controller") {
                let message = format!("no host controls access point `{name}`");
                let d = self.tell(Code::UnknownServer, table.span_of("name"), message);
                d.label = "needs a wireless controller".to_owned();
                d.hints.push(
                    "give one host the key `controller = { radius = \"…\", pmk_cache = \"12h\" }`"
                        .to_owned(),
                );
            }
            return None;
        };
        Some(AccessPointSpec {
            position: given.at,
            channel: given.channel,
            ssids: wlans.iter().map(|w| w.ssid.clone()).collect(),
            ip,
            management: self.ink.item(format!("{name} management segment"), segment),
            dtls: self
                .ink
                .item(format!("{name} control channel protection"), false),
            controller,
            sensor: None,
            name: given.name,
        })
    }

    fn controller(&self) -> Option<Ip> {
        self.ip_where(|t| t.has("controller"))
    }

    /// The address of the first host that fits.
    pub(super) fn ip_where(&self, fits: impl Fn(&Table) -> bool) -> Option<Ip> {
        let table = self.table.tables("host").find(|t| fits(t))?;
        let subnet = self.subnet(table.text("zone")?)?;
        let number: u32 = table.integer("number")?;
        subnet.nth(0).0.checked_add(number).map(Ip)
    }

    fn nurse(&mut self, table: &Table) -> Option<NurseSpec> {
        let name = table.string("name")?;
        self.take(&format!("name `{name}`"), table.span_of("name"));
        let mut nurse: NurseSpec = self.read(table)?;
        nurse.stamp(&name, &mut self.ink);
        Some(nurse)
    }
}

fn overlap(a: Cidr, b: Cidr) -> bool {
    a.contains(b.ip) || b.contains(a.ip)
}

/// The place of a network's passphrase in the lists with which passphrases are guessed, where the file states one.
fn word(wlan: &WlanTable) -> Option<WordSpec> {
    Some(WordSpec {
        word: wlan.passphrase.clone()?,
        rank: wlan.guess_rank?,
    })
}

/// A wireless attachment that knows all networks of the bare lab.
pub(super) fn supplicant(
    ink: &mut pumplab_sim::spec::Provenance,
    name: &str,
    position: Position,
    wlans: &[WlanSpec],
    (eap_capable, pmf_capable, reinstalls_keys): (bool, bool, bool),
) -> pumplab_sim::spec::LinkSpec {
    let networks = wlans.iter().map(|w| {
        let network = pumplab_sim::spec::NetworkSpec {
            ssid: w.ssid.clone(),
            akm: w.akm.value,
            passphrase: w.passphrase.as_ref().map(|p| p.value.clone()),
            server_name: None,
        };
        ink.item(format!("{name} network {}", w.ssid), network)
    });
    pumplab_sim::spec::LinkSpec::Radio {
        position,
        supplicant: pumplab_sim::spec::SupplicantSpec {
            networks: networks.collect(),
            eap_capable,
            pmf_capable,
            reinstalls_keys,
        },
    }
}

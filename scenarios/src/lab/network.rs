//! The network of a bare lab: one flat segment, one router that permits everything.

use super::Builder;
use crate::diagnostic::Code;
use crate::table::Table;
use pumplab_sim::spec::{
    AccessPointSpec, InterfaceSpec, Item, LabSpec, LeasesSpec, NurseSpec, PoolSpec, Position,
    RadioSpec, RouterSpec, SegmentSpec, SlipSpec, Verdict, WlanSpec, WordSpec, ZoneSpec,
};
use pumplab_sim::wire::dot11::Akm;
use pumplab_sim::wire::{Cidr, Ip};

impl Builder<'_> {
    pub(super) fn lab(&mut self, name: &str) -> Option<LabSpec> {
        let table = self.table;
        self.zones();
        let segments = self.segments();
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
            radio: radio(table.table("radio")?)?,
            hosts,
            nurses,
            libraries: self.libraries.clone(),
            watch: pumplab_sim::spec::WatchSpec::default(),
            revoked: Vec::new(),
            known_malware: table.texts("known_malware"),
            word_list: table.tables("wlan").filter_map(word).collect(),
            costs: self.costs.clone(),
        })
    }

    fn zones(&mut self) {
        for table in self.table.tables("zone") {
            let (Some(id), Some(title), Some(subnet)) = (
                table.string("id"),
                table.string("title"),
                table.cidr("subnet"),
            ) else {
                continue;
            };
            self.take(&format!("zone `{id}`"), table.span_of("id"));
            if let Some(other) = self.zones.iter().find(|z| overlap(z.subnet, subnet)) {
                let message = format!("the subnets of `{id}` and `{}` overlap", other.id);
                self.tell(Code::Duplicate, table.span_of("subnet"), message)
                    .label = "overlaps with another zone".to_owned();
            }
            let leases = table.table("leases").map(leases);
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
                title,
                subnet,
                leases,
            });
        }
    }

    /// Name and prefix of the segment that a zone's hosts sit on.
    pub(super) fn segment_of(&self, zone: &str) -> Option<(String, Cidr)> {
        let table = self
            .table
            .tables("zone")
            .find(|t| t.text("id") == Some(zone))?;
        if table.bool("own_segment") == Some(true) {
            return Some((zone.to_owned(), table.cidr("subnet")?));
        }
        let flat = self.table.table("flat")?;
        Some((flat.string("segment")?, flat.cidr("prefix")?))
    }

    fn segments(&mut self) -> Option<Vec<SegmentSpec>> {
        let flat = self.table.table("flat")?;
        let delay = flat.duration("switch_delay")?;
        let prefix = flat.cidr("prefix")?;
        let mut segments = vec![SegmentSpec::bare(flat.string("segment")?, prefix, delay)];
        segments[0].pool = self.flat_pool(flat);
        for zone in self.table.tables("zone") {
            let (Some(id), Some(subnet)) = (zone.string("id"), zone.cidr("subnet")) else {
                continue;
            };
            let own = zone.bool("own_segment") == Some(true);
            let inside = prefix.contains(subnet.ip) && prefix.len <= subnet.len;
            if own {
                let mut own = SegmentSpec::bare(id, subnet, delay);
                own.pool = self.pool_of(&own.name, &own.name);
                segments.push(own);
            } else if !inside {
                let message = format!("zone `{id}` lies outside the flat network {prefix}");
                self.tell(Code::Outside, zone.span_of("subnet"), message)
                    .label = "choose a subnet inside, or set `own_segment`".to_owned();
            }
        }
        for s in &segments {
            self.take(&format!("address {}", s.prefix.nth(1)), flat.span.clone());
            self.take(&format!("name `{}`", s.name), flat.span_of("segment"));
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

    fn flat_pool(&mut self, flat: &Table) -> Option<Item<PoolSpec>> {
        let zone = flat.text("pool")?.to_owned();
        self.pool_of(&zone, flat.text("segment")?)
    }

    fn router(&mut self, segments: Option<&Vec<SegmentSpec>>) -> Option<RouterSpec> {
        let flat = self.table.table("flat")?;
        let name = flat.string("router")?;
        self.take(&format!("name `{name}`"), flat.span_of("router"));
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
            connection_table: flat.integer("connection_table")?,
            translate_toward: None,
            delay: flat.duration("router_delay")?,
            dhcp_relay: None,
            name,
        })
    }

    fn wlan(&mut self, table: &Table) -> Option<WlanSpec> {
        let ssid = table.string("ssid")?;
        self.take(&format!("network `{ssid}`"), table.span_of("ssid"));
        let akm = akm(table.text("akm")?)?;
        let phrase = table.string("passphrase");
        if akm == Akm::Psk && phrase.is_none() {
            let message = format!("network `{ssid}` needs a `passphrase`");
            self.tell(Code::MissingKey, table.span.clone(), message)
                .label = "authentication is by pre-shared key".to_owned();
        }
        let segment = self.table.table("flat")?.string("segment")?;
        let ink = &mut self.ink;
        Some(WlanSpec {
            akm: ink.item(format!("network {ssid} authentication"), akm),
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
        let (segment, _) = self.segment_of(table.text("zone")?)?;
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
            position: table.position("at")?,
            channel: table.integer("channel")?,
            ssids: wlans.iter().map(|w| w.ssid.clone()).collect(),
            ip,
            management: self.ink.item(format!("{name} management segment"), segment),
            dtls: self
                .ink
                .item(format!("{name} control channel protection"), false),
            controller,
            sensor: None,
            name,
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
        Some(NurseSpec {
            station: table.string("station")?,
            pumps: table.texts("pumps"),
            rounds_every: table.duration("rounds_every")?,
            response_median: table.duration("response_median")?,
            response_sigma: table.number("response_sigma")?,
            slips: self.ink.item(
                format!("{name} slips"),
                SlipSpec {
                    probability: table.number("slips").unwrap_or(0.0),
                    factor: table.number("slip_factor").unwrap_or(10.0),
                },
            ),
            overrides: self.ink.item(
                format!("{name} overrides"),
                table.number("overrides").unwrap_or(0.65),
            ),
            double_check: self.ink.item(format!("{name} second look"), false),
            watches_silent: self.ink.item(format!("{name} silent pumps"), None),
            earshot_rooms: table.integer("earshot_rooms"),
            name,
        })
    }
}

/// What a zone says of its leases, and the defaults for the rest.
fn leases(table: &Table) -> LeasesSpec {
    let usual = LeasesSpec::default();
    LeasesSpec {
        first: table.integer("first").unwrap_or(usual.first),
        last: table.integer("last").unwrap_or(usual.last),
        time: table.duration("time").unwrap_or(usual.time),
        reserved: table.bool("reserved").unwrap_or(usual.reserved),
    }
}

fn overlap(a: Cidr, b: Cidr) -> bool {
    a.contains(b.ip) || b.contains(a.ip)
}

fn radio(table: &Table) -> Option<RadioSpec> {
    Some(RadioSpec {
        transmit_dbm: table.number("transmit_dbm")?,
        loss_at_1m_db: table.number("loss_at_1m_db")?,
        exponent: table.number("exponent")?,
        sensitivity_dbm: table.number("sensitivity_dbm")?,
        roam_below_dbm: table.number("roam_below_dbm")?,
        rate_mbps: table.number("rate_mbps")?,
        overhead: table.duration("overhead")?,
    })
}

/// The place of a network's passphrase in the lists with which passphrases are guessed, where the file states one.
fn word(table: &Table) -> Option<WordSpec> {
    Some(WordSpec {
        word: table.string("passphrase")?,
        rank: table.number("guess_rank")?,
    })
}

/// The authentication that a word stands for.
fn akm(word: &str) -> Option<Akm> {
    Some(match word {
        "open" => Akm::Open,
        "psk" => Akm::Psk,
        "eap-tls" => Akm::EapTls,
        _ => return None,
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

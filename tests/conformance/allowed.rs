//! The allow list F1 to F16 of the notes on the guide, for the hosts of the ward, written down by hand.
//!
//! It shares nothing with the code that compiles the list to rules. What it names and the lab has not, and what the lab permits besides,
//! stands in [`DIFFERENCES`], each with its reason and something that can be checked.

use pumplab_sim::spec::LabSpec;
use pumplab_sim::wire::{Cidr, Ip};

/// Zones, with their addresses; that of the pumps has a second part for pumps that can do pre-shared keys only.
pub(crate) const ZONES: [(&str, &str); 11] = [
    ("core", "10.0.255.0/24"),
    ("external", "203.0.113.0/24"),
    ("guest", "10.0.70.0/24"),
    ("business", "10.0.60.0/24"),
    ("database", "10.0.50.0/24"),
    ("enterprise", "10.0.10.0/24"),
    ("clinical", "10.0.20.0/24"),
    ("biomed", "10.0.30.0/24"),
    ("meddev", "10.0.40.0/24"),
    ("meddev", "10.0.41.0/24"),
    ("vendornet", "10.0.80.0/24"),
];

/// Who may open a flow, or to whom.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    /// These hosts and no others.
    Hosts(&'static [&'static str]),
    /// Whoever has an address of the zone.
    Zone(&'static str),
}

/// Which transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// Streams.
    Stream,
    /// Datagrams.
    Datagram,
    /// Both.
    Either,
}

/// A row of the list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Number in the notes, or `site` for what the lab permits besides.
    pub(crate) id: &'static str,
    pub(crate) from: Who,
    pub(crate) to: Who,
    pub(crate) by: By,
    /// Destination ports; none means any.
    pub(crate) ports: &'static [u16],
}

const fn row(id: &'static str, from: Who, to: Who, by: By, ports: &'static [u16]) -> Row {
    Row {
        id,
        from,
        to,
        by,
        ports,
    }
}

const PUMPS_OF_A: Who = Who::Hosts(&[
    "pump-01", "pump-02", "pump-03", "pump-04", "pump-05", "pump-06",
]);
/// Can do pre-shared keys and clear sessions only.
const OLD_PUMPS_OF_B: Who = Who::Hosts(&["pump-07", "pump-08", "pump-09"]);
const NEW_PUMPS_OF_B: Who = Who::Hosts(&["pump-10", "pump-11", "pump-12"]);
const ALL_PUMPS: Who = Who::Hosts(&[
    "pump-01", "pump-02", "pump-03", "pump-04", "pump-05", "pump-06", "pump-07", "pump-08",
    "pump-09", "pump-10", "pump-11", "pump-12",
]);
const SERVER_A: Who = Who::Hosts(&["pumpserver-a"]);
const SERVER_B: Who = Who::Hosts(&["pumpserver-b"]);
const SERVERS: Who = Who::Hosts(&["pumpserver-a", "pumpserver-b"]);
const BIOMED: Who = Who::Hosts(&["biomed-ws", "biomed-laptop"]);
const DHCP: Who = Who::Hosts(&["dhcp"]);
const DNS: Who = Who::Hosts(&["dns"]);

/// What may pass between zones; everything else is dropped and logged.
pub(crate) static LIST: &[Row] = &[
    row("F1", PUMPS_OF_A, SERVER_A, By::Stream, &[8443]),
    row("F1", OLD_PUMPS_OF_B, SERVER_B, By::Stream, &[8200]),
    row("F1", NEW_PUMPS_OF_B, SERVER_B, By::Stream, &[8443]),
    // Pumps of the first maker poll; those of the second listen for what their server pushes.
    row("F2", SERVER_B, OLD_PUMPS_OF_B, By::Stream, &[5000]),
    row("F2", SERVER_B, NEW_PUMPS_OF_B, By::Stream, &[5000]),
    row(
        "F3",
        Who::Hosts(&["ap-1", "ap-2", "ap-3"]),
        Who::Hosts(&["wlc"]),
        By::Datagram,
        &[5246, 5247],
    ),
    row(
        "F5",
        Who::Hosts(&["radius"]),
        Who::Hosts(&["ca"]),
        By::Stream,
        &[80],
    ),
    row("F6", Who::Zone("meddev"), DHCP, By::Datagram, &[67, 68]),
    row("F6", Who::Zone("meddev"), DNS, By::Datagram, &[53]),
    row("F7", SERVERS, Who::Hosts(&["pump-db"]), By::Stream, &[1433]),
    row("F9", BIOMED, ALL_PUMPS, By::Stream, &[443]),
    row("F9", BIOMED, SERVERS, By::Stream, &[443]),
    row(
        "F11",
        Who::Zone("external"),
        Who::Zone("vendornet"),
        By::Stream,
        &[443],
    ),
    row(
        "F12",
        Who::Hosts(&["broker"]),
        SERVERS,
        By::Stream,
        &[22, 3389],
    ),
    row(
        "F14",
        Who::Hosts(&["pumpserver-a", "pumpserver-b", "ehr", "alarm-manager"]),
        Who::Hosts(&["collector"]),
        By::Datagram,
        &[514],
    ),
    row(
        "F15",
        Who::Zone("guest"),
        Who::Zone("external"),
        By::Either,
        &[53, 80, 443],
    ),
    // Not in the notes: see DIFFERENCES.
    row(
        "site leases",
        Who::Zone("clinical"),
        DHCP,
        By::Datagram,
        &[67, 68],
    ),
    row(
        "site leases",
        Who::Zone("biomed"),
        DHCP,
        By::Datagram,
        &[67, 68],
    ),
    row(
        "site leases",
        Who::Zone("database"),
        DHCP,
        By::Datagram,
        &[67, 68],
    ),
    row(
        "site leases",
        Who::Zone("business"),
        DHCP,
        By::Datagram,
        &[67, 68],
    ),
    row(
        "site leases",
        Who::Zone("vendornet"),
        DHCP,
        By::Datagram,
        &[67, 68],
    ),
    row(
        "site names",
        Who::Zone("clinical"),
        DNS,
        By::Datagram,
        &[53],
    ),
    row("site names", Who::Zone("biomed"), DNS, By::Datagram, &[53]),
    row(
        "site names",
        Who::Zone("database"),
        DNS,
        By::Datagram,
        &[53],
    ),
    row(
        "site names",
        Who::Zone("business"),
        DNS,
        By::Datagram,
        &[53],
    ),
    row(
        "site names",
        Who::Zone("vendornet"),
        DNS,
        By::Datagram,
        &[53],
    ),
    row(
        "site office",
        Who::Hosts(&["office-1", "office-2"]),
        Who::Hosts(&["internet-host"]),
        By::Stream,
        &[993],
    ),
    row(
        "site records",
        Who::Hosts(&["ehr"]),
        Who::Hosts(&["pump-db"]),
        By::Stream,
        &[1433],
    ),
    row(
        "site logs",
        ALL_PUMPS,
        Who::Hosts(&["collector"]),
        By::Datagram,
        &[514],
    ),
    row(
        "site backup",
        Who::Hosts(&["backup"]),
        Who::Hosts(&["pumpserver-a", "pumpserver-b", "file-server"]),
        By::Stream,
        &[445],
    ),
    row(
        "site accounts",
        SERVERS,
        Who::Hosts(&["directory"]),
        By::Stream,
        &[636],
    ),
    row(
        "site status",
        SERVERS,
        Who::Hosts(&["ca"]),
        By::Stream,
        &[80],
    ),
    row(
        "site edge",
        Who::Zone("core"),
        Who::Zone("external"),
        By::Either,
        &[],
    ),
    row(
        "site edge",
        Who::Zone("core"),
        Who::Zone("guest"),
        By::Either,
        &[],
    ),
];

/// Where list and lab differ.
pub(crate) struct Difference {
    /// Row of the notes, or of [`LIST`] where the lab permits more.
    pub(crate) row: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
    /// What must be so in the lab for the reason to be true.
    pub(crate) holds: fn(&LabSpec) -> bool,
}

/// All differences between the notes and the ward. A row is in [`LIST`] or here.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        row: "F4",
        reason: "controller and authentication server are on one segment: no firewall between them",
        holds: |lab| zone_of(lab, "wlc") == "enterprise" && zone_of(lab, "radius") == "enterprise",
    },
    Difference {
        row: "F6 time",
        reason: "no host gives time; clocks are the calendar's",
        holds: |lab| !answers(lab, "enterprise", &[123]),
    },
    Difference {
        row: "F8",
        reason: "pump servers, health record and alarm manager are on one segment",
        holds: |lab| {
            ["pumpserver-a", "pumpserver-b", "ehr", "alarm-manager"]
                .iter()
                .all(|h| zone_of(lab, h) == "clinical")
        },
    },
    Difference {
        row: "F10",
        reason: "pharmacy and pump servers are on one segment: the clinical zone",
        holds: |lab| zone_of(lab, "pumpserver-a") == "clinical",
    },
    Difference {
        row: "F13",
        reason: "no manager of agents in the zone: scanners and lists of programs of the lab have none",
        holds: |lab| !answers(lab, "enterprise", &[443]),
    },
    Difference {
        row: "F14 by stream",
        reason: "the collector takes datagrams to port 514 only; firewalls log to nobody: their drops are records of the run",
        holds: |lab| zone_of(lab, "collector") == "enterprise",
    },
    Difference {
        row: "F16",
        reason: "a mirror port carries nothing of its own",
        holds: |_| true,
    },
    Difference {
        row: "site leases",
        reason: "the notes give leases to the device zone only; hosts of other inside zones need them too",
        holds: |_| true,
    },
    Difference {
        row: "site names",
        reason: "the notes give names to the device zone only; hosts of other inside zones need them too",
        holds: |_| true,
    },
    Difference {
        row: "site office",
        reason: "ordinary load of the office on the internet, of which the notes say nothing",
        holds: |lab| zone_of(lab, "office-1") == "business",
    },
    Difference {
        row: "site records",
        reason: "the list permits the health record what pump servers may; in the ward it never asks the database, so the permit is one too many for this lab",
        holds: |lab| zone_of(lab, "ehr") == "clinical",
    },
    Difference {
        row: "site status",
        reason: "the notes have the authentication server alone ask for revocation; pump servers, which are shown the same certificates, ask too (ID-02)",
        holds: |lab| zone_of(lab, "pumpserver-a") == "clinical",
    },
    Difference {
        row: "site logs",
        reason: "the notes have servers and firewalls log; pumps send their logs to the collector too (OPS-03)",
        holds: |lab| zone_of(lab, "collector") == "enterprise",
    },
    Difference {
        row: "site backup",
        reason: "the notes say nothing of how copies are fetched (SRV-07)",
        holds: |lab| zone_of(lab, "backup") == "enterprise",
    },
    Difference {
        row: "site accounts",
        reason: "the notes place the directory in the enterprise zone and do not list how servers ask it (ID-04)",
        holds: |lab| zone_of(lab, "directory") == "enterprise",
    },
    Difference {
        row: "site edge",
        reason: "what may go out, to the internet or to guests, is for the zone firewalls to say; the edge permits it to whoever is on the core, where nothing stands",
        holds: |lab| {
            let mut there = lab.hosts.iter().filter(|h| h.zone == "core");
            there.all(|h| h.name == "stranger-core")
        },
    },
];

fn zone_of<'a>(lab: &'a LabSpec, host: &str) -> &'a str {
    lab.host(host).map_or("", |h| h.zone.as_str())
}

/// Whether a host of the zone answers on one of these ports, or on any where none is named.
fn answers(lab: &LabSpec, zone: &str, ports: &[u16]) -> bool {
    let all = super::probe::ports_of_services(lab);
    let mut here = all.iter().filter(|(host, _)| zone_of(lab, host) == zone);
    here.any(|(_, port)| ports.is_empty() || ports.contains(port))
}

/// The zone that an address belongs to.
pub(crate) fn zone_at(ip: Ip) -> &'static str {
    let prefix = |text: &str| text.parse::<Cidr>().expect("written by hand");
    let zone = ZONES.iter().find(|(_, p)| prefix(p).contains(ip));
    zone.map_or("nowhere", |(zone, _)| zone)
}

impl Who {
    fn is(self, name: &str, ip: Ip) -> bool {
        match self {
            Self::Hosts(hosts) => hosts.contains(&name),
            Self::Zone(zone) => zone_at(ip) == zone,
        }
    }
}

/// The row that lets a flow pass, if one does.
pub(crate) fn permitted(
    from: (&str, Ip),
    to: (&str, Ip),
    stream: bool,
    port: u16,
) -> Option<&'static Row> {
    let by = |r: &Row| match r.by {
        By::Stream => stream,
        By::Datagram => !stream,
        By::Either => true,
    };
    LIST.iter().find(|r| {
        r.from.is(from.0, from.1)
            && r.to.is(to.0, to.1)
            && by(r)
            && (r.ports.is_empty() || r.ports.contains(&port))
    })
}

//! Two pictures of a resolved lab: its segments with the firewalls between them, and the floor plan of its ward.
//!
//! Only what the lab says is drawn. Places are worked out from it by fixed rules, so the same lab gives the same bytes.

use pumplab_scenarios::Library;
use pumplab_sim::spec::{HostSpec, LabSpec, LinkSpec, PumpSpec, RoleSpec, SegmentSpec, Verdict};
use pumplab_sim::wire::dot11::Akm;
use std::fmt::Write as _;

/// The lab of the pictures in `docs/pictures`.
pub(crate) const LAB: &str = "ward";

/// The defence of the pictures in `docs/pictures`.
pub(crate) const DEFENCE: &str = "sp1800-8";

/// Segments from the least to the most trusted. Others stand below, in the order of the lab.
const TRUST: [&str; 12] = [
    "external",
    "guest",
    "quarantine",
    "vendornet",
    "business",
    "biomed",
    "enterprise",
    "clinical",
    "database",
    "meddev",
    "meddev-psk",
    "flat",
];

/// The segment that joins the firewalls.
const CORE: &str = "core";

/// Width of a picture.
const WIDTH: f64 = 920.0;

/// Colours for light and dark readers. Nothing is said by colour alone.
const STYLE: &str = "\
text{font-family:ui-sans-serif,system-ui,sans-serif;font-size:12px;fill:#1f2328}\
.small{font-size:10.5px}.quiet{fill:#59636e}.head{font-size:15px;font-weight:600}.name{font-weight:600}.mid{text-anchor:middle}\
.back{fill:#ffffff}.lane{fill:#f6f8fa;stroke:#d1d9e0}.chip{fill:#ffffff;stroke:#8c959f}\
.pump{fill:#ddf4ff;stroke:#0969da}.key{fill:#fff8c5;stroke:#9a6700}.radio{fill:#fbefff;stroke:#8250df}\
.fire{fill:#ffebe9;stroke:#cf222e}.wire{stroke:#8c959f;stroke-width:2;fill:none}.reach{stroke-width:6;stroke-linecap:round;stroke:#8250df}.nurse{stroke-width:6;stroke-linecap:round;stroke:#1a7f37}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.back{fill:#0d1117}.lane{fill:#161b22;stroke:#3d444d}\
.chip{fill:#0d1117;stroke:#656c76}.pump{fill:#0c2d6b;stroke:#4493f8}.key{fill:#3b2300;stroke:#d29922}.radio{fill:#2b1a4a;stroke:#ab7df8}\
.fire{fill:#3c1014;stroke:#f85149}.wire{stroke:#656c76}.reach{stroke:#ab7df8}.nurse{stroke:#3fb950}}";

/// The pictures of a lab under a defence, with the names of their files.
pub(crate) fn pictures(lab: &str, defence: &str) -> Result<[(&'static str, String); 2], String> {
    let library = Library::embedded();
    let controls = library
        .controls(&library.choice(defence))
        .map_err(|e| e.to_string())?;
    let resolved = library
        .resolve_lab(lab, &controls, &[])
        .map_err(|e| e.to_string())?;
    let lab = &resolved.lab;
    Ok([
        ("zones.svg", zones(lab, defence)),
        ("ward.svg", ward(lab, defence)),
    ])
}

/// A drawing that grows.
struct Sheet {
    body: String,
}

impl Sheet {
    fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        let _ = writeln!(
            self.body,
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="4"/>"#
        );
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = writeln!(
            self.body,
            r#"<line class="{class}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
            from.0, from.1, to.0, to.1
        );
    }

    fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let text = escaped(text);
        let _ = writeln!(
            self.body,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#
        );
    }

    /// A box with a name in it; how wide it is.
    fn chip(&mut self, class: &str, x: f64, y: f64, name: &str) -> f64 {
        let width = chip_width(name);
        self.rect(class, x, y, width, 20.0);
        self.text("mid", x + width / 2.0, y + 14.0, name);
        width
    }

    /// The whole picture: what it is called and what it shows stand first, for those who do not see it.
    fn finish(self, height: f64, title: &str, description: &str) -> String {
        let (title, description) = (escaped(title), escaped(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" width=\"{WIDTH:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{title}</title>\n<desc>{description}</desc>\n<style>{STYLE}</style>\n<rect class=\"back\" width=\"{WIDTH:.0}\" height=\"{height:.0}\"/>\n{}</svg>\n",
            self.body
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// How wide the box of a name is: room for the widest letters.
fn chip_width(name: &str) -> f64 {
    7.4 * name.chars().count() as f64 + 10.0
}

fn pump(host: &HostSpec) -> Option<&PumpSpec> {
    host.roles.iter().find_map(|r| match r {
        RoleSpec::Pump(pump) => Some(&**pump),
        _ => None,
    })
}

/// How a pump joins: the class of its box, and a word.
fn joins(host: &HostSpec) -> (&'static str, &'static str) {
    let LinkSpec::Radio { supplicant, .. } = &host.link else {
        return ("pump", "cable");
    };
    match supplicant.networks.first().map(|n| n.value.akm) {
        Some(Akm::EapTls) => ("pump", "certificate"),
        Some(Akm::Psk) => ("key", "shared key"),
        _ => ("key", "open network"),
    }
}

/// What is drawn in a segment: the class of its box, and its name.
fn members<'a>(lab: &'a LabSpec, segment: &SegmentSpec) -> Vec<(&'static str, &'a str)> {
    let points = lab
        .access_points
        .iter()
        .filter(|a| segment.prefix.contains(a.ip));
    let points = points.map(|a| ("radio", a.name.as_str()));
    let here = |h: &&HostSpec| h.address.ip().is_some_and(|ip| segment.prefix.contains(ip));
    let attached = |h: &&HostSpec| !matches!(h.link, LinkSpec::None);
    let hosts = lab.hosts.iter().filter(here).filter(attached);
    let hosts = hosts.map(|h| {
        (
            if pump(h).is_some() {
                joins(h).0
            } else {
                "chip"
            },
            h.name.as_str(),
        )
    });
    points.chain(hosts).collect()
}

/// A lane of the picture: a segment and what is in it, placed.
struct Lane<'a> {
    segment: &'a SegmentSpec,
    rows: Vec<Vec<(&'static str, &'a str)>>,
    top: f64,
    height: f64,
}

const CHIPS_LEFT: f64 = 430.0;

fn lanes(lab: &LabSpec) -> Vec<Lane<'_>> {
    let mut segments: Vec<&SegmentSpec> = lab.segments.iter().filter(|s| s.name != CORE).collect();
    segments.sort_by_key(|s| {
        TRUST
            .iter()
            .position(|t| *t == s.name)
            .unwrap_or(TRUST.len())
    });
    let mut top = 66.0;
    let mut lanes = Vec::new();
    for segment in segments {
        let mut rows = vec![Vec::new()];
        let mut x = CHIPS_LEFT;
        for member in members(lab, segment) {
            let width = chip_width(member.1) + 8.0;
            if x + width > WIDTH - 22.0 {
                rows.push(Vec::new());
                x = CHIPS_LEFT;
            }
            rows.last_mut().expect("there is a row").push(member);
            x += width;
        }
        let height = (24.0 * rows.len() as f64 + 16.0).max(46.0);
        lanes.push(Lane {
            segment,
            rows,
            top,
            height,
        });
        top += height + 8.0;
    }
    lanes
}

/// The firewalls, each beside the lanes that it guards, with a line to each and one to the core.
fn firewalls(sheet: &mut Sheet, lab: &LabSpec, lanes: &[Lane<'_>]) {
    for router in &lab.routers {
        let guards = |lane: &&Lane<'_>| {
            router
                .interfaces
                .iter()
                .any(|i| i.segment == lane.segment.name)
        };
        let guarded: Vec<&Lane<'_>> = lanes.iter().filter(guards).collect();
        let (Some(first), Some(last)) = (guarded.first(), guarded.last()) else {
            continue;
        };
        let middle = f64::midpoint(first.top, last.top + last.height);
        sheet.line("wire", (40.0, middle), (70.0, middle));
        for lane in &guarded {
            let y = lane.top + lane.height / 2.0;
            sheet.line("wire", (204.0, y), (220.0, y));
        }
        sheet.rect(
            "fire",
            70.0,
            first.top + 4.0,
            134.0,
            last.top + last.height - first.top - 8.0,
        );
        sheet.text("name", 78.0, middle - 3.0, &router.name);
        let otherwise = match router.default.value {
            Verdict::Permit => "permit",
            _ => "deny",
        };
        let rules = match router.rules.len() {
            1 => "1 rule".to_owned(),
            n => format!("{n} rules"),
        };
        sheet.text(
            "small quiet",
            78.0,
            middle + 12.0,
            &format!("{rules}, else {otherwise}"),
        );
    }
}

/// Segments as lanes, the least trusted on top, with the firewalls on their borders.
fn zones(lab: &LabSpec, defence: &str) -> String {
    let lanes = lanes(lab);
    let mut sheet = Sheet {
        body: String::new(),
    };
    sheet.text(
        "head",
        20.0,
        26.0,
        &format!("Segments of the lab {} under {defence}", lab.name),
    );
    sheet.text("small quiet", 20.0, 46.0, "From the least trusted to the most. What goes from lane to lane passes the firewalls of both. Within a lane nothing is in between.");
    let bottom = lanes.last().map_or(0.0, |l| l.top + l.height);
    let joined = lab.segments.iter().any(|s| s.name == CORE);
    if joined {
        sheet.line("wire", (40.0, 66.0), (40.0, bottom));
        let _ = writeln!(
            sheet.body,
            r#"<text class="small quiet" transform="translate(32 {:.1}) rotate(-90)">core network</text>"#,
            f64::midpoint(66.0, bottom) + 32.0
        );
    }
    for lane in &lanes {
        sheet.rect("lane", 220.0, lane.top, WIDTH - 240.0, lane.height);
        let middle = lane.top + lane.height / 2.0;
        sheet.text("name", 230.0, middle - 3.0, &lane.segment.name);
        let zone = lab.zones.iter().find(|z| z.id == lane.segment.name);
        let title = zone.map_or_else(String::new, |z| format!("  {}", z.title));
        sheet.text(
            "small quiet",
            230.0,
            middle + 12.0,
            &format!("{}{title}", lane.segment.prefix),
        );
        for (n, row) in lane.rows.iter().enumerate() {
            let mut x = CHIPS_LEFT;
            let y = lane.top + 8.0 + 24.0 * n as f64 + if lane.rows.len() == 1 { 3.0 } else { 0.0 };
            for (class, name) in row {
                x += sheet.chip(class, x, y, name) + 8.0;
            }
            if row.is_empty() {
                sheet.text("small quiet", x, y + 14.0, "no host at first");
            }
        }
    }
    firewalls(&mut sheet, lab, &lanes);
    let key = bottom + 14.0;
    legend(&mut sheet, key);
    sheet.finish(
        key + 34.0,
        &format!("Segments of the lab {} under {defence}", lab.name),
        "Each lane is a network segment with its hosts, from the internet at the top to the medical devices at the bottom. A box at the left of a lane is the firewall that guards it.",
    )
}

fn legend(sheet: &mut Sheet, y: f64) {
    let mut x = 220.0;
    for (class, word) in [
        ("chip", "host"),
        ("radio", "access point"),
        ("pump", "pump, joins by certificate"),
        ("key", "pump, joins by shared key"),
        ("fire", "firewall"),
    ] {
        sheet.rect(class, x, y, 14.0, 14.0);
        sheet.text("small quiet", x + 20.0, y + 11.0, word);
        x += 6.0 * word.chars().count() as f64 + 40.0;
    }
}

/// Metres to the picture: the plan is as wide as the picture lets it be.
struct Plan {
    left: f64,
    scale: f64,
    top: f64,
}

impl Plan {
    fn x(&self, metres: f64) -> f64 {
        20.0 + (metres - self.left) * self.scale
    }
}

/// Height of a row of rooms.
const ROOM: f64 = 92.0;

/// Height of the corridor.
const CORRIDOR: f64 = 56.0;

/// A pump where it stands.
struct Bed<'a> {
    host: &'a HostSpec,
    pump: &'a PumpSpec,
    x: f64,
    y: f64,
}

fn beds(lab: &LabSpec) -> Vec<Bed<'_>> {
    let placed = lab.hosts.iter().filter_map(|host| {
        let LinkSpec::Radio { position, .. } = &host.link else {
            return None;
        };
        Some(Bed {
            host,
            pump: pump(host)?,
            x: position.x,
            y: position.y,
        })
    });
    let mut beds: Vec<Bed<'_>> = placed.collect();
    beds.sort_by(|a, b| a.x.total_cmp(&b.x));
    beds
}

/// Walls of the rooms of one row: half way between neighbours, and as far again outside.
fn walls(row: &[&Bed<'_>]) -> Vec<(f64, f64)> {
    let half = |i: usize| (row[i + 1].x - row[i].x) / 2.0;
    let last = row.len().saturating_sub(1);
    (0..row.len())
        .map(|i| {
            let before = if i > 0 {
                half(i - 1)
            } else if last > 0 {
                half(0)
            } else {
                6.0
            };
            let behind = if i < last { half(i) } else { before };
            (row[i].x - before, row[i].x + behind)
        })
        .collect()
}

fn rooms(sheet: &mut Sheet, plan: &Plan, row: &[&Bed<'_>], top: f64) {
    for (bed, (from, to)) in row.iter().zip(walls(row)) {
        let (left, width) = (plan.x(from), (to - from) * plan.scale);
        sheet.rect("lane", left, top, width, ROOM);
        sheet.text(
            "small quiet",
            left + 8.0,
            top + 16.0,
            &format!("room {}", bed.pump.room),
        );
        let (class, how) = joins(bed.host);
        sheet.chip(class, left + 8.0, top + 24.0, &bed.host.name);
        let runs = bed.pump.infusion.as_ref();
        let drug = runs.map_or("idle", |i| i.drug.as_str());
        sheet.text("small", left + 8.0, top + 60.0, drug);
        let rate = runs.map_or_else(String::new, |i| {
            format!("{} mL/h, {}", i.rate_ml_per_h, i.care_area)
        });
        sheet.text("small quiet", left + 8.0, top + 73.0, &rate);
        sheet.text("small quiet", left + 8.0, top + 86.0, how);
    }
}

/// Bars below the plan: how far an access point holds its stations, and whose pumps a nurse has.
fn bars(
    sheet: &mut Sheet,
    lab: &LabSpec,
    plan: &Plan,
    beds: &[Bed<'_>],
    right: f64,
    mut y: f64,
) -> f64 {
    let loss = lab.radio.transmit_dbm - lab.radio.loss_at_1m_db - lab.radio.roam_below_dbm;
    let reach = 10f64.powf(loss / (10.0 * lab.radio.exponent)).round();
    for point in &lab.access_points {
        let from = (point.position.x - reach).max(plan.left);
        let to = (point.position.x + reach).min(right);
        sheet.line("reach", (plan.x(from), y), (plan.x(to), y));
        sheet.text(
            "small quiet",
            plan.x(from),
            y - 7.0,
            &format!(
                "{}: a pump stays with it up to {reach:.0} m away",
                point.name
            ),
        );
        y += 28.0;
    }
    for nurse in &lab.nurses {
        let mine: Vec<f64> = beds
            .iter()
            .filter(|b| nurse.pumps.contains(&b.host.name))
            .map(|b| b.x)
            .collect();
        let (Some(from), Some(to)) = (mine.first(), mine.last()) else {
            continue;
        };
        sheet.line("nurse", (plan.x(*from), y), (plan.x(*to), y));
        sheet.text(
            "small quiet",
            plan.x(*from),
            y - 7.0,
            &format!(
                "{}: {} pumps, a round every {}",
                nurse.name,
                mine.len(),
                nurse.rounds_every
            ),
        );
        y += 28.0;
    }
    y
}

/// The floor plan of the ward, as far as the lab tells: where pumps and access points are, in which rooms, and who looks after them.
fn ward(lab: &LabSpec, defence: &str) -> String {
    let beds = beds(lab);
    let middle = lab.access_points.iter().map(|a| a.position.y).sum::<f64>()
        / lab.access_points.len().max(1) as f64;
    let (upper, lower): (Vec<&Bed<'_>>, Vec<&Bed<'_>>) = beds.iter().partition(|b| b.y > middle);
    let edges = [walls(&upper), walls(&lower)].concat();
    let left = edges.iter().map(|e| e.0).fold(f64::INFINITY, f64::min);
    let right = edges.iter().map(|e| e.1).fold(f64::NEG_INFINITY, f64::max);
    let plan = Plan {
        left,
        scale: (WIDTH - 40.0) / (right - left),
        top: 62.0,
    };
    let mut sheet = Sheet {
        body: String::new(),
    };
    sheet.text(
        "head",
        20.0,
        26.0,
        &format!("The ward of the lab {} under {defence}", lab.name),
    );
    sheet.text(
        "small quiet",
        20.0,
        46.0,
        "Places are those of the lab. A room is drawn half way to its neighbours.",
    );
    rooms(&mut sheet, &plan, &upper, plan.top);
    let corridor = plan.top + ROOM;
    for point in &lab.access_points {
        let x = plan.x(point.position.x);
        let label = format!("{}, channel {}", point.name, point.channel);
        let left = x - chip_width(&label) / 2.0;
        sheet.chip("radio", left, corridor + 18.0, &label);
    }
    sheet.text("small quiet", 20.0, corridor + 32.0, "corridor");
    rooms(&mut sheet, &plan, &lower, corridor + CORRIDOR);
    let y = bars(
        &mut sheet,
        lab,
        &plan,
        &beds,
        right,
        corridor + CORRIDOR + ROOM + 34.0,
    );
    sheet.finish(
        y,
        &format!("The ward of the lab {} under {defence}", lab.name),
        "Rooms with their pumps on both sides of a corridor, the access points in the corridor, how far each holds its stations, and which pumps each nurse looks after.",
    )
}

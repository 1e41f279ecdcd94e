//! Eight exchanges through both drivers: the same devices say the same in the same order, over simulated frames and over real sockets.
//!
//! Compared is what each host's devices did, by host, as sentences. Left out is what the network says of itself (joins, leases, frames, what
//! was tried in vain while nobody answered): live there is no such network. Times and volumes are left out, being those of the wall clock.

use crate::ward::Ward;
use pumplab::library::Shelf;
use pumplab::report::words::Words;
use pumplab_live::lab;
use pumplab_live::limits::Limits;
use pumplab_sim::engine::{Budget, Entry};
use pumplab_sim::record::{
    AccessRecord, AlarmRecord, BedsideRecord, HostRecord, LabRecord, LibraryRecord,
    MonitoringRecord, SessionRecord, TherapyRecord,
};
use pumplab_sim::run::{Live, RunConfig};
use pumplab_sim::spec::{
    EventSpec, HappeningSpec, HostSpec, LabSpec, PlaySpec, Provenance, PumpServerSpec, RoleSpec,
};
use pumplab_sim::time::{Duration, Time};
use std::collections::{BTreeMap, BTreeSet};

/// Simulated seconds per second.
const SPEED: f64 = 15.0;
const PUMPS: [&str; 3] = ["pump-01", "pump-03", "pump-04"];
const SERVER: &str = "pumpserver-a";

/// What hosts did, by host and by the pump that they did it for.
type Told = BTreeMap<(String, Option<String>), Vec<String>>;

/// What happens, and what the lab is like.
struct Exchange {
    lab: LabSpec,
    provenance: Provenance,
    events: Vec<EventSpec>,
    /// Restarts the server when this pump has a session for this often.
    restart_at_session: Option<(&'static str, usize)>,
    seconds: u64,
}

/// Three pumps of the ward and all that they depend on, under the full defence.
fn exchange(seconds: u64) -> Exchange {
    without(seconds, &[])
}

/// The same, without these controls.
fn without(seconds: u64, controls: &[&str]) -> Exchange {
    let shelf = Shelf::open(None, false).expect("the library is embedded");
    let controls: Vec<String> = controls.iter().map(|c| (*c).to_owned()).collect();
    let resolved = shelf.lab("ward", Some("sp1800-8"), &controls);
    let resolved = resolved.expect("the library's labs resolve");
    let mut exchange = Exchange {
        lab: resolved.lab,
        provenance: resolved.provenance,
        events: Vec::new(),
        restart_at_session: None,
        seconds,
    };
    exchange.only(&PUMPS);
    // As every live run has it.
    let server = exchange.server();
    server.observations = Some(server.ehr.clone());
    exchange
}

fn is_pump(host: &HostSpec) -> bool {
    host.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)))
}

impl Exchange {
    fn at(mut self, seconds: u64, what: HappeningSpec) -> Self {
        let at = Duration::from_secs(seconds);
        self.events.push(EventSpec { at, what });
        self
    }

    /// Takes all other pumps away.
    fn only(&mut self, pumps: &[&str]) {
        let stays = |name: &String| pumps.contains(&name.as_str());
        self.lab.hosts.retain(|h| !is_pump(h) || stays(&h.name));
        for nurse in &mut self.lab.nurses {
            nurse.pumps.retain(stays);
        }
    }

    fn host(&mut self, name: &str) -> &mut HostSpec {
        let found = self.lab.hosts.iter_mut().find(|h| h.name == name);
        found.expect("it is in the ward")
    }

    fn server(&mut self) -> &mut PumpServerSpec {
        let roles = &mut self.host(SERVER).roles;
        let server = roles.iter_mut().find_map(|r| match r {
            RoleSpec::PumpServer(server) => Some(server),
            _ => None,
        });
        server.expect("it is a pump server")
    }

    fn play(&self) -> PlaySpec {
        PlaySpec {
            duration: Duration::from_secs(self.seconds),
            attackers: Vec::new(),
            events: self.events.clone(),
        }
    }
}

fn programme(
    pump: &str,
    care_area: &str,
    drug: &str,
    rate_ml_per_h: f64,
    vtbi_ml: f64,
) -> HappeningSpec {
    HappeningSpec::Programme {
        pump: pump.to_owned(),
        care_area: care_area.to_owned(),
        drug: drug.to_owned(),
        rate_ml_per_h,
        intended_ml_per_h: None,
        vtbi_ml,
        dose: false,
        override_soft: true,
    }
}

fn order(pump: &str, care_area: &str, drug: &str, rate_ml_per_h: f64) -> HappeningSpec {
    HappeningSpec::Order {
        pump: pump.to_owned(),
        care_area: care_area.to_owned(),
        drug: drug.to_owned(),
        rate_ml_per_h,
        vtbi_ml: 50.0,
        dose: false,
    }
}

fn publish(version: u32) -> HappeningSpec {
    let server = SERVER.to_owned();
    HappeningSpec::PublishLibrary { server, version }
}

fn power(node: &str, on: bool) -> HappeningSpec {
    let node = node.to_owned();
    match on {
        true => HappeningSpec::PowerOn { node },
        false => HappeningSpec::PowerOff { node },
    }
}

/// What devices do, and not what networks do.
fn counts(what: &LabRecord) -> bool {
    use LabRecord as R;
    matches!(
        what,
        R::Session(SessionRecord::ServerSession { .. })
            | R::Session(SessionRecord::ServerSessionLost)
            | R::Session(SessionRecord::SessionRefused { .. })
            | R::Session(SessionRecord::LoggedIn { .. })
            | R::Session(SessionRecord::LoginRefused { .. })
            | R::Access(AccessRecord::PortalDenied { .. })
            | R::Access(AccessRecord::TaskEnded { .. })
            | R::Library(LibraryRecord::LibraryPublished { .. })
            | R::Library(LibraryRecord::LibraryOffered { .. })
            | R::Library(LibraryRecord::LibraryRefused { .. })
            | R::Library(LibraryRecord::LibraryStored { .. })
            | R::Library(LibraryRecord::LibraryActivated { .. })
            | R::Therapy(TherapyRecord::Bridge { .. })
            | R::Therapy(TherapyRecord::Delivery { .. })
            | R::Therapy(TherapyRecord::InfusionHeld)
            | R::Therapy(TherapyRecord::ProgrammeRefused { .. })
            | R::Therapy(TherapyRecord::LimitOverridden { .. })
            | R::Alarm(AlarmRecord::AlarmRaised { .. })
            | R::Alarm(AlarmRecord::AlarmTaken { .. })
            | R::Alarm(AlarmRecord::AlarmShown { .. })
            | R::Alarm(AlarmRecord::AlarmAnswered { .. })
            | R::Alarm(AlarmRecord::DeadlinePassed { .. })
            | R::Monitoring(MonitoringRecord::LogStored { .. })
            | R::Monitoring(MonitoringRecord::StatusStored { .. })
            | R::Therapy(TherapyRecord::OrderAtPump { .. })
            | R::Therapy(TherapyRecord::OrderRefused { .. })
            | R::Therapy(TherapyRecord::OrderAnswered { .. })
            | R::Therapy(TherapyRecord::ObservationStored { .. })
            | R::Therapy(TherapyRecord::OrderQuestioned { .. })
            | R::Bedside(BedsideRecord::Touched { .. })
            | R::Session(SessionRecord::CertificateRevoked { .. })
            | R::Host(HostRecord::PoweredOff)
            | R::Host(HostRecord::PoweredOn)
    )
}

/// The pump that a server's record is about. What a server does for one pump has an order; what it does for several has none that both drivers share.
fn about(what: &LabRecord, words: &Words) -> Option<String> {
    use LabRecord as R;
    match what {
        R::Monitoring(MonitoringRecord::LogStored { pump, .. })
        | R::Monitoring(MonitoringRecord::StatusStored { pump })
        | R::Alarm(AlarmRecord::AlarmTaken { pump, .. })
        | R::Alarm(AlarmRecord::AlarmShown { pump, .. })
        | R::Therapy(TherapyRecord::ObservationStored { pump, .. })
        | R::Library(LibraryRecord::LibraryOffered { pump, .. }) => {
            Some(words.node(*pump).to_owned())
        }
        R::Session(SessionRecord::SessionRefused { peer, .. }) => Some(words.ip(*peer)),
        _ => None,
    }
}

/// What each host did, in order, by host and by the pump that it did it for.
fn told(records: &[Entry<LabRecord>], words: &Words) -> Told {
    let mut told = Told::new();
    for entry in records.iter().filter(|e| counts(&e.what)) {
        let text = match &entry.what {
            LabRecord::Therapy(TherapyRecord::Delivery { change, drug, .. }) => {
                format!("{change:?} {drug}")
            }
            LabRecord::Alarm(AlarmRecord::AlarmAnswered { number, .. }) => {
                format!("answered alarm {number}")
            }
            LabRecord::Session(SessionRecord::ServerSession { protected, .. }) => {
                format!("has a session, protected: {protected}")
            }
            what => what.says(words, entry.node),
        };
        let of = words.node(entry.node).to_owned();
        let lines = told.entry((of, about(&entry.what, words))).or_default();
        // How many reports or attempts fit between two other things is a time.
        if lines.last() != Some(&text) {
            lines.push(text);
        }
    }
    told
}

/// Sessions that a pump has had.
fn sessions(records: &[Entry<LabRecord>], pump: pumplab_sim::engine::NodeId) -> usize {
    let opened = |e: &&Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::ServerSession { .. })
        )
    };
    records
        .iter()
        .filter(|e| e.node == pump)
        .filter(opened)
        .count()
}

/// How long a server that is restarted stays off.
const OFF: u64 = 20;

fn simulated(exchange: &Exchange) -> Told {
    let config = RunConfig {
        seed: 1,
        lab: exchange.lab.clone(),
        play: exchange.play(),
        budget: Budget {
            events: u64::MAX,
            until: Time::LIMIT,
            record_bytes: u64::MAX,
        },
        keep_trace: false,
    };
    let mut live = Live::new(&config).expect("the ward can be built");
    live.tap();
    let names = live.simulation().shared().names.clone();
    let node = |name: &str| live.simulation().node_named(name).expect("it is there");
    let server = node(SERVER);
    let mut restart = exchange.restart_at_session.map(|(pump, n)| (node(pump), n));
    let mut on_again = None;
    let end = Time::ZERO + Duration::from_secs(exchange.seconds);
    let mut records = Vec::new();
    while let Some(next) = live.next_time().filter(|t| *t <= end) {
        let _ = live.run_until(next);
        records.extend(live.fresh());
        if restart.is_some_and(|(pump, n)| sessions(&records, pump) >= n) {
            restart = None;
            live.power(server, false);
            on_again = Some(next + Duration::from_secs(OFF));
        }
        if on_again.is_some_and(|t| live.next_time().is_none_or(|next| next > t)) {
            let _ = live.run_until(on_again.take().expect("just seen"));
            live.power(server, true);
        }
    }
    let words = Words::new(
        names,
        &exchange.lab,
        exchange.provenance.clone(),
        BTreeMap::new(),
    );
    told(&records, &words)
}

async fn on_sockets(exchange: &Exchange) -> Told {
    let lab = lab::outside(&exchange.lab, None).expect("the ward has pumps and a server");
    let mut ward = Ward::new(&lab, exchange.play().events, SPEED, Limits::default());
    let restart = exchange.restart_at_session;
    let mut restart = restart.map(|(pump, n)| (ward.node(pump), n));
    let server = ward.node(SERVER);
    let mut on_again = None;
    let end = Time::ZERO + Duration::from_secs(exchange.seconds);
    while ward.driver.clock().now() < end {
        ward.turn().await;
        let now = ward.driver.clock().now();
        if restart.is_some_and(|(pump, n)| sessions(&ward.records, pump) >= n) {
            restart = None;
            ward.driver.live().power(server, false);
            on_again = Some(now + Duration::from_secs(OFF));
        }
        if on_again.is_some_and(|t| now >= t) {
            on_again = None;
            ward.driver.live().power(server, true);
        }
    }
    let names = ward.driver.live().simulation().shared().names.clone();
    let words = Words::new(names, &lab, exchange.provenance.clone(), BTreeMap::new());
    told(&ward.records, &words)
}

/// Runs an exchange through both drivers, and sees that hosts of the live run did the same in both, and that among it is what the exchange is
/// about: each of these hosts said or did each of these things.
///
/// Otherwise says how they differ.
async fn same(name: &str, exchange: Exchange, about: &[(&str, &str)]) -> Option<String> {
    let live = on_sockets(&exchange).await;
    let mut simulated = simulated(&exchange);
    let hosts = &exchange.lab.hosts;
    let part: BTreeSet<&str> = hosts
        .iter()
        .filter(|h| lab::is_live(h))
        .map(|h| h.name.as_str())
        .collect();
    simulated.retain(|(host, _), _| part.contains(host.as_str()));
    let keys: BTreeSet<_> = simulated.keys().chain(live.keys()).collect();
    let mut differ = Vec::new();
    for key in keys {
        let (a, b) = (simulated.get(key), live.get(key));
        if a != b {
            differ.push(format!("{key:?}\n  simulated: {a:#?}\n  live: {b:#?}"));
        }
    }
    for (host, words) in about {
        let of = live.iter().filter(|((h, _), _)| h == host);
        let said = of.flat_map(|(_, lines)| lines).any(|l| l.contains(words));
        if !said {
            differ.push(format!("{host} never says \"{words}\": {live:#?}"));
        }
    }
    (!differ.is_empty()).then(|| format!("{name}: {}", differ.join("\n")))
}

/// With a new library that two people of the pharmacy release, a programme at the bedside and an order.
async fn normal_day() -> Option<String> {
    let day = exchange(540)
        .at(120, publish(2))
        .at(
            240,
            programme("pump-04", "Med-Surg", "saline", 100.0, 200.0),
        )
        .at(300, order("pump-03", "Step-Down", "insulin", 4.0));
    let about = [
        ("pump-01", "stored drug library 2"),
        (SERVER, "stored log entry 3 of pump-04"),
        ("pump-03", "order crossed the bridge to delivery"),
        ("ehr", "waits at the pump"),
        ("ehr", "keeps that pump-04 runs at 100 mL/h"),
    ];
    same("normal day", day, &about).await
}

async fn library_with_a_bad_signature() -> Option<String> {
    // The server signs what it offers; with release approval whoever approves does.
    let mut bad = without(420, &["SRV-05"]).at(120, publish(2));
    let key = &mut bad.server().signs_with;
    key.as_mut().expect("the server signs").value = "somebody-else".to_owned();
    let about = [("pump-01", "refused drug library 2")];
    same("bad signature", bad, &about).await
}

async fn order_beyond_a_hard_limit() -> Option<String> {
    let order = exchange(300).at(200, order("pump-03", "Step-Down", "insulin", 80.0));
    let about = [
        (SERVER, "does not pass order 1 on"),
        (
            "ehr",
            "order 1 is refused: 80 mL/h is beyond the hard limit",
        ),
    ];
    same("limit breach", order, &about).await
}

async fn alarm() -> Option<String> {
    let alarm = exchange(420).at(200, programme("pump-04", "Med-Surg", "saline", 125.0, 1.0));
    let about = [
        ("pump-04", "alarm 1"),
        (SERVER, "has alarm 1 of pump-04"),
        ("nurses-station", "alarm 1 of pump-04"),
    ];
    same("alarm", alarm, &about).await
}

/// A server that lost its power says nothing, one whose process ended has its connections closed: a pump notices at once live, and when it has
/// repeated itself in vain in the simulation. What is programmed comes after both.
fn outage(seconds: u64) -> Exchange {
    exchange(seconds)
        .at(120, power(SERVER, false))
        .at(
            200,
            programme("pump-01", "ICU", "norepinephrine", 25.0, 200.0),
        )
        .at(
            220,
            programme("pump-01", "ICU", "norepinephrine", 24.0, 200.0),
        )
        .at(240, power(SERVER, true))
}

async fn log_after_an_outage() -> Option<String> {
    let about = [
        (SERVER, "switched off"),
        (SERVER, "stored log entry 5 of pump-01"),
    ];
    same("outage", outage(420), &about).await
}

async fn revoked_client() -> Option<String> {
    let host = "pump-03".to_owned();
    let mut revoked = exchange(330)
        .at(100, HappeningSpec::RevokeCertificate { host })
        .at(200, power(SERVER, false))
        .at(210, power(SERVER, true));
    let checking = revoked.server().revocation.as_mut();
    checking.expect("ID-02 is on").value.refresh = Duration::from_secs(30);
    let about = [(SERVER, "the certificate is revoked")];
    same("revoked client", revoked, &about).await
}

async fn expired_server() -> Option<String> {
    let mut expired = exchange(180);
    let calendar = expired.lab.calendar;
    let certificate = &mut expired.host(SERVER).certificate;
    certificate.as_mut().expect("it has one").value.not_after = calendar - 60;
    let about = [("pump-01", "the certificate has expired")];
    same("expired server", expired, &about).await
}

async fn restart_in_mid_upload() -> Option<String> {
    let mut restart = outage(480);
    // Whether another pump is back before the restart is a matter of its back-off.
    restart.only(&["pump-01"]);
    restart.restart_at_session = Some(("pump-01", 2));
    let about = [(SERVER, "stored log entry 5 of pump-01")];
    same("restart in mid-upload", restart, &about).await
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_exchanges_are_the_same_through_both_drivers() {
    let (a, b, c, d, e, f, g, h) = tokio::join!(
        normal_day(),
        library_with_a_bad_signature(),
        order_beyond_a_hard_limit(),
        alarm(),
        log_after_an_outage(),
        revoked_client(),
        expired_server(),
        restart_in_mid_upload(),
    );
    let differ: Vec<String> = [a, b, c, d, e, f, g, h].into_iter().flatten().collect();
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

//! Every way in which a host can stop, and come back, tried on sockets: a host that is down accepts nothing, what was open there ends, and when it
//! is back its ports are where they were.

use crate::ward::Ward;
use pumplab::library::Shelf;
use pumplab_live::lab;
use pumplab_live::limits::Limits;
use pumplab_sim::crypto::{Passphrase, Sealed};
use pumplab_sim::engine::{Entry, NodeId};
use pumplab_sim::event::outside::{Arrival, Conn};
use pumplab_sim::record::{HostRecord, LabRecord, SessionRecord, StorageRecord};
use pumplab_sim::spec::{
    EffectSpec, EventSpec, HappeningSpec, HostSpec, Item, ItemId, LabSpec, ReachSpec, RoleSpec,
    WeaknessSpec, WindowSpec,
};
use pumplab_sim::time;
use pumplab_sim::wire::crafted::{Crafted, Payload};
use pumplab_sim::wire::file::{Content, File};
use pumplab_sim::wire::shell::{Command, Shell};
use pumplab_sim::wire::{Ip, Message};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

const SERVER: &str = "pumpserver-b";
const PUMP: &str = "pump-11";
/// The pump's port that stops it when it is asked too often.
const PUSH: u16 = 5000;
const SHELL: u16 = 23;
const SPEED: f64 = 30.0;
const SOON: Duration = Duration::from_secs(20);

/// Two pumps of the ward without a defence against anything, and their servers.
fn small() -> LabSpec {
    let shelf = Shelf::open(None, false).expect("the library is embedded");
    let resolved = shelf.lab("ward", Some("legacy"), &[]);
    let mut whole = resolved.expect("the library's labs resolve").lab;
    let stays = |h: &HostSpec| {
        let pump = h.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_)));
        !pump || ["pump-07", PUMP].contains(&&*h.name)
    };
    whole.hosts.retain(stays);
    for pump in whole.pumps_mut() {
        for role in &mut pump.roles {
            if let RoleSpec::Pump(spec) = role {
                // A pump that infuses is left alone in its maintenance window.
                spec.infusion = None;
            }
        }
    }
    lab::outside(&whole, None).expect("it has pumps and servers")
}

fn weakness(lab: &mut LabSpec, host: &str, port: u16, effect: EffectSpec) {
    let spec = WeaknessSpec {
        flaw: "tried".to_owned(),
        reach: ReachSpec::Port(port),
        effect,
        patch: true,
    };
    let host = lab.host_mut(host).expect("it is in the lab");
    host.weaknesses = vec![Item::new(ItemId(900_000), spec)];
}

fn seconds(n: u64) -> time::Duration {
    time::Duration::from_secs(n)
}

async fn start(lab: &LabSpec, events: Vec<EventSpec>) -> Ward {
    let mut ward = Ward::new(lab, events, SPEED, Limits::default());
    let up = ward.until(SOON, |w| w.online() == 2).await;
    assert!(up, "{} pumps came online", ward.online());
    ward
}

/// Where a host is reached in clear, by port.
fn places(ward: &Ward, host: &str) -> Vec<(u16, SocketAddr)> {
    let all = ward.driver.endpoints().iter();
    let all = all.filter(|e| e.host == host);
    all.map(|e| (e.port, e.at)).collect()
}

fn is_down(what: &LabRecord) -> bool {
    matches!(
        what,
        LabRecord::Host(HostRecord::PoweredOff)
            | LabRecord::Host(HostRecord::CommunicationFailed { .. })
            | LabRecord::Storage(StorageRecord::ServiceStopped { .. })
    )
}

fn is_back(what: &LabRecord) -> bool {
    matches!(
        what,
        LabRecord::Host(HostRecord::PoweredOn)
            | LabRecord::Host(HostRecord::CommunicationStarted)
            | LabRecord::Storage(StorageRecord::ServiceRestored)
    )
}

fn told(ward: &Ward, node: NodeId, is: fn(&LabRecord) -> bool) -> usize {
    ward.count(|e: &Entry<LabRecord>| e.node == node && is(&e.what))
}

/// Brings a host messages on a stream that somebody opened, as a driver does whose connection has no end on a socket.
fn bring(ward: &mut Ward, host: &str, port: u16, messages: Vec<Message>) {
    let node = ward.node(host);
    let live = ward.driver.live();
    let stream = Conn::of_driver(1 << 30);
    let accepted = Arrival::Accepted {
        stream,
        port,
        peer: (Ip::new(192, 0, 2, 7), 4000),
        protection: None,
    };
    live.arrive(node, accepted, None);
    for message in messages {
        let message = Box::new(message);
        live.arrive(node, Arrival::Message { stream, message }, None);
    }
}

fn crafted(payload: Payload) -> Vec<Message> {
    vec![Message::Crafted(Box::new(Crafted {
        flaw: "tried".to_owned(),
        answers: None,
        payload,
    }))]
}

fn power(ward: &mut Ward, host: &str, on: bool) {
    let node = ward.node(host);
    ward.driver.live().power(node, on);
}

/// Lets a host go down by `stop` and come back by `start`, and looks at its sockets meanwhile. `closed` are the ports that are to be closed; all
/// where it is empty.
async fn down_and_back(
    ward: &mut Ward,
    host: &str,
    closed: &[u16],
    stop: impl FnOnce(&mut Ward),
    start: Option<fn(&mut Ward)>,
) {
    let node = ward.node(host);
    let places = places(ward, host);
    let affected = |port: &u16| closed.is_empty() || closed.contains(port);
    assert!(places.iter().any(|(port, _)| affected(port)), "{places:?}");
    let mut held = Vec::new();
    for (port, at) in &places {
        let stream = ward.during(TcpStream::connect(at)).await;
        let stream = stream.unwrap_or_else(|e| panic!("{host} {port}: {e}"));
        held.push((*port, stream));
    }
    let (downs, backs, sessions) = (
        told(ward, node, is_down),
        told(ward, node, is_back),
        ward.count(is_session),
    );
    stop(ward);
    let went = ward.until(SOON, |w| told(w, node, is_down) > downs).await;
    assert!(went, "{host} did not go down");
    // What the driver has to do about it is done in its next turn.
    ward.turn().await;
    ward.turn().await;
    for (port, at) in &places {
        let tried = ward.during(TcpStream::connect(at)).await;
        assert_eq!(
            tried.is_err(),
            affected(port),
            "{host} {port} while it is down: {tried:?}"
        );
    }
    for (port, mut stream) in held.into_iter().filter(|(p, _)| affected(p)) {
        let mut rest = Vec::new();
        let ended = ward.during(tokio::time::timeout(
            Duration::from_secs(5),
            stream.read_to_end(&mut rest),
        ));
        assert!(ended.await.is_ok(), "{host} {port}: it is still open");
    }
    let Some(start) = start else { return };
    start(ward);
    let came = ward.until(SOON, |w| told(w, node, is_back) > backs).await;
    assert!(came, "{host} did not come back");
    ward.turn().await;
    ward.turn().await;
    for (port, at) in &places {
        let tried = ward.during(TcpStream::connect(at)).await;
        assert!(tried.is_ok(), "{host} {port} when it is back: {tried:?}");
    }
    let again = ward.until(SOON, |w| w.count(is_session) > sessions);
    assert!(again.await, "no pump came back to {host}");
    let failed = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::ListenFailed { .. })
        )
    };
    assert_eq!(ward.count(failed), 0, "a port was found taken");
}

fn is_session(entry: &Entry<LabRecord>) -> bool {
    matches!(
        entry.what,
        LabRecord::Session(SessionRecord::ServerSession { .. })
    )
}

/// It comes back by itself.
fn by_itself(_: &mut Ward) {}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch() {
    let mut ward = start(&small(), Vec::new()).await;
    let off = |w: &mut Ward| power(w, SERVER, false);
    down_and_back(
        &mut ward,
        SERVER,
        &[],
        off,
        Some(|w| power(w, SERVER, true)),
    )
    .await;
    let off = |w: &mut Ward| power(w, PUMP, false);
    down_and_back(&mut ward, PUMP, &[], off, Some(|w| power(w, PUMP, true))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_so_short_that_the_port_must_be_free_at_once() {
    let mut ward = start(&small(), Vec::new()).await;
    let places = places(&ward, SERVER);
    for _ in 0..50 {
        power(&mut ward, SERVER, false);
        power(&mut ward, SERVER, true);
        ward.turn().await;
    }
    for (port, at) in places {
        let tried = ward.during(TcpStream::connect(at)).await;
        assert!(tried.is_ok(), "{port}: {tried:?}");
    }
    let failed = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::ListenFailed { .. })
        )
    };
    assert_eq!(ward.count(failed), 0, "a port was found taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_play() {
    let nodes = || vec![SERVER.to_owned()];
    let node = || SERVER.to_owned();
    for (off, on) in [
        (
            HappeningSpec::PowerCut { nodes: nodes() },
            HappeningSpec::PowerReturn { nodes: nodes() },
        ),
        (
            HappeningSpec::PowerOff { node: node() },
            HappeningSpec::PowerOn { node: node() },
        ),
    ] {
        let events = [(180, off), (270, on)];
        let events = events.map(|(at, what)| EventSpec {
            at: seconds(at),
            what,
        });
        let mut ward = start(&small(), events.into()).await;
        down_and_back(&mut ward, SERVER, &[], by_itself, Some(by_itself)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_window() {
    let mut lab = small();
    let restart = Some(seconds(90));
    weakness(&mut lab, PUMP, PUSH, EffectSpec::Stop { restart });
    let window = WindowSpec {
        at: seconds(180),
        again: seconds(600),
        down: seconds(90),
    };
    let pump = lab.host_mut(PUMP).expect("it is in the lab");
    pump.software.window = Some(Item::new(ItemId(900_001), window));
    let mut ward = start(&lab, Vec::new()).await;
    down_and_back(&mut ward, PUMP, &[], by_itself, Some(by_itself)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_use_it_up() {
    for restart in [Some(seconds(120)), None] {
        let mut lab = small();
        let per_second = 20.0;
        let effect = EffectSpec::Exhaust {
            per_second,
            restart,
        };
        weakness(&mut lab, PUMP, PUSH, effect);
        let mut ward = start(&lab, Vec::new()).await;
        let up = ward.until(SOON, |w| places(w, PUMP).iter().any(|(p, _)| *p == PUSH));
        assert!(up.await, "it listens");
        let at = places(&ward, PUMP).into_iter().find(|(p, _)| *p == PUSH);
        let at = at.expect("it listens").1;
        // On sockets, as whoever scans it does.
        let flood = move |_: &mut Ward| {
            for _ in 0..60 {
                drop(std::net::TcpStream::connect_timeout(
                    &at,
                    Duration::from_secs(1),
                ));
            }
        };
        let back: fn(&mut Ward) = match restart {
            Some(_) => by_itself,
            None => |w| {
                power(w, PUMP, false);
                power(w, PUMP, true);
            },
        };
        down_and_back(&mut ward, PUMP, &[], flood, Some(back)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crafted_message() {
    let cycle: fn(&mut Ward) = |w| {
        power(w, PUMP, false);
        power(w, PUMP, true);
    };
    let restart = Some(seconds(120));
    for (effect, back) in [
        (EffectSpec::Stop { restart }, by_itself as fn(&mut Ward)),
        (EffectSpec::Stop { restart: None }, cycle),
        (EffectSpec::Execute, cycle),
    ] {
        let mut lab = small();
        weakness(&mut lab, PUMP, PUSH, effect);
        let mut ward = start(&lab, Vec::new()).await;
        let stop = |w: &mut Ward| bring(w, PUMP, PUSH, crafted(Payload::Nothing));
        down_and_back(&mut ward, PUMP, &[], stop, Some(back)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_broken_for_good_stays_closed_when_it_is_switched_on() {
    let mut ward = start(&small(), Vec::new()).await;
    let archive = File {
        path: "/tmp/a".to_owned(),
        bytes: 10,
        content: Content::Archive {
            expands_to: u64::MAX,
        },
    };
    let path = archive.path.clone();
    let run = |command| Message::Shell(Box::new(Shell::Run(command)));
    let messages = vec![
        run(Command::Write { file: archive }),
        run(Command::Expand { path }),
    ];
    let stop = |w: &mut Ward| bring(w, PUMP, SHELL, messages);
    down_and_back(&mut ward, PUMP, &[], stop, None).await;
    power(&mut ward, PUMP, false);
    power(&mut ward, PUMP, true);
    ward.during(tokio::time::sleep(Duration::from_millis(300)))
        .await;
    for (port, at) in places(&ward, PUMP) {
        let tried = ward.during(TcpStream::connect(at)).await;
        assert!(tried.is_err(), "{port}: {tried:?}");
    }
}

/// Stores a file at a pump server's shell.
fn store(ward: &mut Ward, content: Content) {
    let login = Shell::Login {
        user: "admin".to_owned(),
        password: Passphrase::of("admin"),
    };
    let file = File {
        path: "/data/records.db".to_owned(),
        bytes: 10,
        content,
    };
    let write = Shell::Run(Command::Write { file });
    let messages = [login, write].map(|m| Message::Shell(Box::new(m)));
    bring(ward, SERVER, SHELL, messages.into());
}

fn locked() -> Content {
    let key = Passphrase::of("nobody here").key("storage");
    Content::Sealed(Box::new(Sealed::seal(&key, Content::Data, 10)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_files_are_locked() {
    let mut ward = start(&small(), Vec::new()).await;
    let stop = |w: &mut Ward| store(w, locked());
    let back: fn(&mut Ward) = |w| store(w, Content::Data);
    // The shell of the server goes on.
    down_and_back(&mut ward, SERVER, &[8200, 2575, 443], stop, Some(back)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_staff_rebuild() {
    let event = EventSpec {
        at: seconds(180),
        what: HappeningSpec::Restore {
            host: SERVER.to_owned(),
            takes: seconds(90),
        },
    };
    let mut ward = start(&small(), vec![event]).await;
    store(&mut ward, locked());
    let node = ward.node(SERVER);
    let stopped = |e: &Entry<LabRecord>| {
        e.node == node
            && matches!(
                e.what,
                LabRecord::Storage(StorageRecord::ServiceStopped { .. })
            )
    };
    assert!(ward.until(SOON, |w| w.count(stopped) == 1).await);
    let off = |e: &Entry<LabRecord>| {
        e.node == node && matches!(e.what, LabRecord::Host(HostRecord::PoweredOff))
    };
    assert!(ward.until(SOON, |w| w.count(off) == 1).await, "rebuilt");
    ward.turn().await;
    let shell = places(&ward, SERVER).into_iter().find(|(p, _)| *p == SHELL);
    let shell = shell.expect("there was a shell").1;
    assert!(ward.during(TcpStream::connect(shell)).await.is_err());
    let on = |e: &Entry<LabRecord>| {
        e.node == node && matches!(e.what, LabRecord::Host(HostRecord::PoweredOn))
    };
    assert!(ward.until(SOON, |w| w.count(on) == 1).await);
    ward.turn().await;
    assert!(ward.during(TcpStream::connect(shell)).await.is_ok());
}

/// A dial that is under way when its host goes down is given up: nothing of it reaches the host's next life.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_for_a_host_that_went_down_is_given_up() {
    let mut ward = start(&small(), Vec::new()).await;
    for _ in 0..20 {
        power(&mut ward, SERVER, false);
        ward.turn().await;
        power(&mut ward, PUMP, false);
        power(&mut ward, SERVER, true);
        power(&mut ward, PUMP, true);
        ward.turn().await;
    }
    let all = |w: &Ward| w.driver.open_connections() == 0;
    for host in [SERVER, PUMP, "pump-07"] {
        power(&mut ward, host, false);
    }
    for host in ["pumpserver-a", "ehr", "alarm-manager", "nurses-station"] {
        power(&mut ward, host, false);
    }
    assert!(ward.until(SOON, all).await, "connections without a host");
}

/// Somebody else takes a port while its host is off. The host's other ports open, the run goes on, and the port opens when it is free.
#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_somebody_else_has_taken_is_tried_again() {
    let mut ward = start(&small(), Vec::new()).await;
    power(&mut ward, SERVER, false);
    ward.during(tokio::time::sleep(Duration::from_millis(100)))
        .await;
    let all = places(&ward, SERVER);
    let at = all.iter().find(|(p, _)| *p == 8200).expect("it listened").1;
    let other = std::net::TcpListener::bind(at).expect("it is free while the host is off");
    power(&mut ward, SERVER, true);
    let failed = |e: &Entry<LabRecord>| matches!(&e.what, LabRecord::Session(SessionRecord::ListenFailed { port: 8200, why }) if why.contains("in use"));
    assert!(ward.until(SOON, |w| w.count(failed) == 1).await, "recorded");
    ward.during(tokio::time::sleep(Duration::from_secs(1)))
        .await;
    assert_eq!(ward.count(failed), 1, "once for a reason");
    for (port, at) in all.iter().filter(|(p, _)| *p != 8200) {
        let tried = ward.during(TcpStream::connect(at)).await;
        assert!(tried.is_ok(), "{port}: {tried:?}");
    }
    drop(other);
    let resumed = |e: &Entry<LabRecord>| {
        matches!(
            e.what,
            LabRecord::Session(SessionRecord::ListenResumed { port: 8200 })
        )
    };
    assert!(ward.until(SOON, |w| w.count(resumed) == 1).await, "opened");
    assert!(
        ward.until(SOON, |w| w.online() == 2).await,
        "a pump is back"
    );
}

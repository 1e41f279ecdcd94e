//! A port scanner of others against the live lab: `nmap -sV` over all its ports, and many quick connections to each. The lab goes on, its pumps come
//! back, and its run directory is complete. Nothing but loopback is ever a target.
//!
//! Needs nmap (Debian: `nmap`): `cargo test --workspace --features pumplab/nmap --test port_scan`. That is a cut of less than a minute; the whole, every
//! defence in three rounds as a stranger would come, takes up to six minutes a defence; the name of a defence in place of `full` tries that one:
//! `PUMPLAB_PORT_SCAN=full cargo test --workspace --features pumplab/nmap --test port_scan -- --nocapture`.

mod lab;

use lab::Lab;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

/// What is scanned, and how.
struct Plan {
    defences: &'static [&'static str],
    rounds: usize,
    /// Simulated seconds per second.
    speed: u32,
    /// How much `nmap` tries at a port.
    thorough: &'static [&'static str],
}

const FULL: Plan = Plan {
    defences: &[
        "bare",
        "legacy",
        "psk-segmented",
        "sp1800-8",
        "sp1800-8-plus",
    ],
    rounds: 3,
    speed: 1,
    thorough: &["-T4"],
};

const CUT: Plan = Plan {
    defences: &["legacy"],
    rounds: 1,
    speed: 20,
    thorough: &["-T5", "--version-intensity", "1"],
};

/// Quick connections to each port, a round.
const CONNECTIONS: usize = 60;
/// The longest that a defence may take.
const LONGEST: Duration = Duration::from_secs(360);
/// How long a module that stopped takes to start again, in simulated seconds, and how long its pump then takes to find its server.
const BACK: u32 = 90 + 75;

fn plan() -> Plan {
    match std::env::var("PUMPLAB_PORT_SCAN").as_deref() {
        Ok("full") => FULL,
        Ok("") | Err(_) => CUT,
        Ok(one) => match FULL.defences.iter().position(|d| *d == one) {
            Some(i) => Plan {
                defences: &FULL.defences[i..=i],
                ..FULL
            },
            None => panic!(
                "PUMPLAB_PORT_SCAN is `{one}`: say `full`, one of {:?}, or nothing for a cut",
                FULL.defences
            ),
        },
    }
}

/// Lets nmap find out what is at these ports.
fn scan(at: &[SocketAddr], thorough: &[&str]) -> String {
    let ports: Vec<String> = at.iter().map(|a| a.port().to_string()).collect();
    let mut command = Command::new("nmap");
    command.args(["-sT", "-sV", "-Pn", "-n"]).args(thorough);
    command.args(["-p", &ports.join(","), "127.0.0.1"]);
    let output = command.output().unwrap_or_else(|e| {
        panic!("cannot run nmap: {e}; as root: apt-get install --no-install-recommends nmap")
    });
    assert!(output.status.success(), "nmap failed: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Connects to a port many times at once and says nothing.
fn knock(at: &[SocketAddr]) {
    for place in at {
        for _ in 0..CONNECTIONS {
            // Who is down refuses.
            drop(TcpStream::connect_timeout(place, Duration::from_secs(1)));
        }
    }
}

fn tell(text: &str) {
    // What libtest keeps of a passing test nobody reads.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn withstands(defence: &str, plan: &Plan) {
    let began = Instant::now();
    let mut lab = Lab::start(defence, plan.speed);
    let before = lab.online();
    assert!(!before.is_empty(), "{defence}: no pump has a session");
    let at = lab.places();
    let strangers = at.iter().find(|a| !a.ip().is_loopback());
    assert_eq!(strangers, None, "{defence}: only loopback may be a target");
    for round in 1..=plan.rounds {
        let found = scan(&at, plan.thorough);
        lab.runs(&format!("{defence}: nmap in round {round}"));
        if round == 1 {
            tell(&found);
        }
        knock(&at);
        lab.runs(&format!("{defence}: connections in round {round}"));
    }
    let attacked = began.elapsed();
    let wait = Duration::from_secs((2 * BACK / plan.speed).into());
    let back = lab.until(wait, |lab| {
        let open = |at: &SocketAddr| TcpStream::connect_timeout(at, Duration::from_secs(1)).is_ok();
        lab.online().is_superset(&before) && at.iter().all(open)
    });
    lab.runs(&format!("{defence}: afterwards"));
    let after = lab.online();
    let down = lab.went_down();
    tell(&format!(
        "{defence}: {} ports, attacked for {:.0} s, whole {:.0} s; went down: {}; sessions before {}, after {}",
        at.len(),
        attacked.as_secs_f64(),
        began.elapsed().as_secs_f64(),
        if down.is_empty() {
            "nobody".to_owned()
        } else {
            down.join(", ")
        },
        before.len(),
        after.len(),
    ));
    assert!(
        back,
        "{defence}: sessions before {before:?}, after {after:?}; or a port stayed closed"
    );
    if defence == "legacy" {
        // Otherwise nothing was tried.
        assert!(!down.is_empty(), "{defence}: no host went down");
    }
    lab.stop();
    assert!(
        began.elapsed() < LONGEST,
        "{defence}: it took {:?}",
        began.elapsed()
    );
}

#[test]
fn a_port_scan_leaves_the_lab_as_it_was() {
    let plan = plan();
    // Each defence has a lab of its own, and most of a scan is waiting.
    std::thread::scope(|scope| {
        for defence in plan.defences {
            scope.spawn(|| withstands(defence, &plan));
        }
    });
}

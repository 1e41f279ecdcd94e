//! A live lab in a process of its own, and what it tells.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Pumps of the ward that stay: two that do what a modern pump does, and one whose module stops when it is asked too often.
const PUMPS: [&str; 3] = ["pump-01", "pump-07", "pump-11"];
/// Within so many simulated seconds every pump is switched on.
const SWITCHED_ON: u64 = 21;

pub(crate) struct Lab {
    child: Child,
    lines: Receiver<String>,
    directory: PathBuf,
    errors: PathBuf,
    endpoints: Vec<SocketAddr>,
    online: BTreeSet<String>,
    /// How often each host went down.
    down: BTreeMap<String, usize>,
}

/// The ward with three pumps, as the file of a lab.
fn file() -> String {
    let ward = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/labs/ward.toml");
    let ward = fs::read_to_string(ward).expect("the ward is in the tree");
    let (mut kept, mut pump) = (String::new(), None::<String>);
    // The table of a pump is kept back until its name is known.
    for line in ward.lines() {
        if line.starts_with("[[") {
            flush(&mut kept, pump.take());
            if line.starts_with("[[pump]]") {
                pump = Some(String::new());
            }
        }
        let line = if line.starts_with("pumps = ") || line.starts_with("authority = ") {
            without_others(line)
        } else {
            line.to_owned()
        };
        let to = pump.as_mut().unwrap_or(&mut kept);
        to.push_str(&line);
        to.push('\n');
    }
    flush(&mut kept, pump);
    kept
}

fn flush(kept: &mut String, pump: Option<String>) {
    let pump = pump.unwrap_or_default();
    if PUMPS
        .iter()
        .any(|p| pump.contains(&format!("name = \"{p}\"")))
    {
        kept.push_str(&pump);
    }
}

/// A line with a list of pumps, without those that are left out.
fn without_others(line: &str) -> String {
    let names = line.split('"').filter(|n| n.starts_with("pump-"));
    let others = names.filter(|n| !PUMPS.contains(n));
    let mut line = line.to_owned();
    for other in others.map(str::to_owned).collect::<Vec<_>>() {
        line = line.replace(&format!("\"{other}\", "), "");
        line = line.replace(&format!(", \"{other}\""), "");
        line = line.replace(&format!("\"{other}\""), "");
    }
    line
}

impl Lab {
    /// Starts a lab and waits until everything in it is on and what it has settles.
    pub(crate) fn start(defence: &str, speed: u32) -> Self {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("port-scan-{defence}"));
        let _ = fs::remove_dir_all(&base);
        let (library, directory) = (base.join("library"), base.join("runs"));
        fs::create_dir_all(library.join("labs")).expect("there is room");
        fs::write(library.join("labs/scanned.toml"), file()).expect("there is room");
        let errors = base.join("messages");
        let mut command = Command::new(env!("CARGO_BIN_EXE_pumplab"));
        command.args(["live", "scanned", "--defence", defence, "--library"]);
        command
            .arg(&library)
            .args(["--base-port", "0", "--show", "lines"]);
        command.args(["--speed", &speed.to_string(), "--duration", "15m"]);
        command.arg("--out").arg(&directory).stdout(Stdio::piped());
        command.stderr(File::create(&errors).expect("there is room"));
        let mut child = command.spawn().expect("the program is there");
        let output = child.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        // Read at once whatever else goes on here: who does not read makes the lab wait.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut lab = Self {
            child,
            lines,
            directory,
            errors,
            endpoints: Vec::new(),
            online: BTreeSet::new(),
            down: BTreeMap::new(),
        };
        let settled = Duration::from_millis(1000 * (SWITCHED_ON + 9) / u64::from(speed) + 2000);
        lab.until(settled, |_| false);
        lab.runs(&format!("{defence}: start"));
        lab
    }

    /// Takes in what the lab tells until something holds, or for so long. Whether it came to hold.
    pub(crate) fn until(&mut self, most: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let end = Instant::now() + most;
        loop {
            let now = Instant::now();
            let step = end.min(now + Duration::from_millis(500));
            while let Some(left) = step.checked_duration_since(Instant::now()) {
                match self.lines.recv_timeout(left) {
                    Ok(line) => self.take(&line),
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => {
                        std::thread::sleep(left);
                        break;
                    }
                }
            }
            if holds(self) {
                return true;
            }
            if Instant::now() >= end {
                return false;
            }
        }
    }

    fn take(&mut self, line: &str) {
        let value: Value = serde_json::from_str(line).expect("each line is JSON");
        if value["listens"].is_string()
            && let Some(at) = value["at"].as_str()
        {
            self.endpoints.push(at.parse().expect("a place"));
        }
        let node = value["node"].as_str().unwrap_or_default().to_owned();
        match value["record"].as_str().unwrap_or_default() {
            "server-session" => drop(self.online.insert(node)),
            "server-session-lost" => drop(self.online.remove(&node)),
            "communication-failed" | "powered-off" => {
                self.online.remove(&node);
                *self.down.entry(node).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Where its ports are.
    pub(crate) fn places(&self) -> Vec<SocketAddr> {
        self.endpoints.clone()
    }

    /// Pumps that have a session.
    pub(crate) fn online(&self) -> BTreeSet<String> {
        self.online.clone()
    }

    /// Hosts that went down, and how often.
    pub(crate) fn went_down(&self) -> Vec<String> {
        let times = |(host, n): (&String, &usize)| format!("{host} ({n})");
        self.down.iter().map(times).collect()
    }

    /// Fails if it has ended.
    pub(crate) fn runs(&mut self, when: &str) {
        self.until(Duration::ZERO, |_| true);
        if let Ok(Some(status)) = self.child.try_wait() {
            let said = fs::read_to_string(&self.errors).unwrap_or_default();
            panic!("{when}: the lab has ended, {status}: {said}");
        }
    }

    /// Stops it as a person does, and looks whether its run is complete.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &id]).status();
        assert!(told.is_ok_and(|s| s.success()), "it still runs");
        let ended = self.child.wait().expect("it was started here");
        let said = fs::read_to_string(&self.errors).unwrap_or_default();
        assert_eq!(ended.code(), Some(130), "{said}");
        let read = |name: &str| -> Value {
            let text = fs::read_to_string(self.directory.join(name));
            let text = text.unwrap_or_else(|e| panic!("{name}: {e}"));
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        assert_eq!(read("pumplab.json")["complete"], true);
        let run = "live-scanned/run";
        for name in ["manifest.json", "verdict.json", "metrics.json", "lab.json"] {
            read(&format!("{run}/{name}"));
        }
        let trace = File::open(self.directory.join(run).join("trace.jsonl"));
        let lines = BufReader::new(trace.expect("there is a trace")).lines();
        let records = lines.map_while(Result::ok);
        let records = records.filter(|l| l.contains("\"record\"")).count();
        assert!(records > 100, "{records} records are few");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

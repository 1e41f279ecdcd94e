//! The lab and the programs of others, as processes.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The server of the pump that orders are for.
const SERVER: &str = "pumpserver-a";
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/outside_hl7");

/// A Python that has both libraries.
pub(crate) fn python() -> String {
    let python = std::env::var("PUMPLAB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python)
        .args(["-c", "import hl7, hl7apy"])
        .stderr(Stdio::null())
        .status();
    assert!(
        there.is_ok_and(|s| s.success()),
        "`{python}` has no hl7 and hl7apy: python3 -m venv V && V/bin/pip install hl7==0.4.5 hl7apy==1.3.5, then run with PUMPLAB_PYTHON=V/bin/python"
    );
    python
}

/// A process whose output is read line by line, and that is ended with the test.
struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.expect("the program is there");
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn line(&self, until: Instant, waiting_for: &str) -> String {
        let left = until.saturating_duration_since(Instant::now());
        match self.lines.recv_timeout(left) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("{waiting_for}: nothing came in time"),
            Err(RecvTimeoutError::Disconnected) => panic!("{waiting_for}: the program ended"),
        }
    }

    fn json(&self, until: Instant, waiting_for: &str) -> Value {
        let line = self.line(until, waiting_for);
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lab: `pumplab live`.
pub(crate) struct Lab {
    process: Process,
    /// Ports of SERVER by the lab's numbers, with where they are reached.
    ports: Vec<(u64, String)>,
}

impl Lab {
    pub(crate) fn start(defence: &str, others: &Others) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pumplab"));
        command.args(["live", "ward", "--defence", defence]);
        command.args(["--base-port", "0", "--speed", "60", "--duration", "10m"]);
        command.args(["--show", "lines"]);
        command
            .arg("--write-certificates")
            .arg(&others.certificates);
        let by = if others.tls { "tls:" } else { "" };
        command.args(["--alarms-to", &format!("{by}127.0.0.1:{}", others.ports[0])]);
        command.args([
            "--observations-to",
            &format!("127.0.0.1:{}", others.ports[1]),
        ]);
        let mut lab = Self {
            process: Process::start(&mut command),
            ports: Vec::new(),
        };
        lab.wait(Duration::from_secs(60), "the server listens", |line| {
            line["listens"] == SERVER && line["port"] == 2575
        });
        lab
    }

    /// Reads on until something is told.
    pub(crate) fn wait(&mut self, most: Duration, what: &str, is: impl Fn(&Value) -> bool) {
        let until = Instant::now() + most;
        loop {
            let line = self.process.json(until, what);
            if line["listens"] == SERVER {
                let at = line["at"].as_str().expect("a place");
                let port = at.rsplit(':').next().expect("a port").to_owned();
                self.ports
                    .push((line["port"].as_u64().expect("a port"), port));
            }
            if is(&line) {
                return;
            }
        }
    }

    /// Where the HL7 port is reached, or the one for pumps.
    fn port(&self, clinical: bool) -> &str {
        let mut ports = self.ports.iter();
        let found = ports.find(|(port, _)| (*port == 2575) == clinical);
        &found.expect("the server listens there").1
    }

    /// Ends it as a person does.
    pub(crate) fn stop(mut self) {
        let id = self.process.child.id().to_string();
        let told = Command::new("kill").args(["-INT", &id]).status();
        assert!(told.is_ok_and(|s| s.success()), "it still runs");
        let ended = self.process.child.wait().expect("it was started here");
        assert_eq!(ended.code(), Some(130), "it ends in order");
    }
}

/// The programs of others.
pub(crate) struct Others {
    python: String,
    pub(crate) tls: bool,
    pub(crate) certificates: PathBuf,
    receivers: Process,
    /// Of the receivers of alarms and of observations.
    pub(crate) ports: [String; 2],
    /// What came to the receivers.
    pub(crate) heard: Vec<Value>,
    /// What is to be read by another library as well.
    kept: Vec<String>,
}

impl Others {
    pub(crate) fn start(defence: &str, tls: bool) -> Self {
        let python = python();
        let certificates = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hl7-{defence}"));
        let _ = std::fs::remove_dir_all(&certificates);
        let own = |name: &str| if tls { name.to_owned() } else { "-".to_owned() };
        let mut command = Command::new(&python);
        command.arg(Path::new(HERE).join("receive.py"));
        command.arg(&certificates);
        command.arg(format!("alarms={}", own("alarm-manager")));
        command.arg(format!("observations={}", own("ehr")));
        let receivers = Process::start(&mut command);
        let ports = ["alarms", "observations"].map(|name| {
            let until = Instant::now() + Duration::from_secs(20);
            let line = receivers.line(until, "a receiver listens");
            let port = line.strip_prefix(name).expect("in this order");
            port.trim().to_owned()
        });
        Self {
            python,
            tls,
            certificates,
            receivers,
            ports,
            heard: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Reads on until a message comes.
    pub(crate) fn wait(
        &mut self,
        most: Duration,
        what: &str,
        is: impl Fn(&Value) -> bool,
    ) -> Value {
        let until = Instant::now() + most;
        loop {
            let message = self.receivers.json(until, what);
            let found = is(&message);
            self.heard.push(message.clone());
            if found {
                return message;
            }
        }
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(Path::new(HERE).join(name));
        command
    }

    fn certificates(&self) -> &Path {
        if self.tls {
            &self.certificates
        } else {
            Path::new("-")
        }
    }

    /// Sends messages one after the other; the answers.
    pub(crate) fn order(&self, lab: &Lab, messages: &[String]) -> Vec<Value> {
        let mut command = self.program("order.py");
        command.arg(lab.port(true)).arg(self.certificates());
        let told = fed(&mut command, messages);
        let lines = told.lines();
        let read = |line: &str| serde_json::from_str(line).expect("a line of JSON");
        lines.map(read).collect()
    }

    /// Joins in place of a pump and raises an alarm.
    pub(crate) fn join_as_pump(&self, lab: &Lab, pump: &str) {
        let mut command = self.program("pump.py");
        command
            .args([lab.port(false), pump])
            .arg(self.certificates());
        fed(&mut command, &[]);
    }

    /// A message is to be read by the other library as well.
    pub(crate) fn keep(&mut self, text: &str) {
        self.kept.push(text.to_owned());
    }

    /// Lets the other library read everything that came and was kept.
    pub(crate) fn validate(&self) {
        let texts = self.heard.iter().filter_map(|m| m["text"].as_str());
        let mut all: Vec<String> = texts.map(str::to_owned).collect();
        all.extend(self.kept.iter().cloned());
        let told = fed(&mut self.program("validate.py"), &all);
        assert_eq!(told.lines().count(), all.len(), "{told}");
        for kind in ["ORU^R01", "ORU^R40", "RRG^O16", "ACK"] {
            assert!(told.lines().any(|l| l.starts_with(kind)), "{kind}: {told}");
        }
    }
}

/// Runs a program that is given lines of JSON to read; what it says.
fn fed(command: &mut Command, lines: &[String]) -> String {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.expect("the program is there");
    let mut input = child.stdin.take().expect("it is piped");
    for line in lines {
        let line = serde_json::to_string(line).expect("text is JSON");
        writeln!(input, "{line}").expect("it reads");
    }
    drop(input);
    let ended = child.wait_with_output().expect("it was started here");
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{command:?} failed: {told}");
    told
}

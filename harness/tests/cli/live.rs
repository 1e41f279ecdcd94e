//! `pumplab live` from outside: a stranger's pump, a signal, and what can be explained afterwards.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Live {
    child: Child,
    /// What it says, until nobody listens any more.
    lines: Option<std::io::Lines<BufReader<ChildStdout>>>,
}

impl Live {
    fn start(directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pumplab"));
        command.args(["live", "ward", "--defence", "legacy", "--pumps", "4"]);
        command.args(["--base-port", "0", "--speed", "20", "--duration", "2m"]);
        command.args(["--show", "lines", "--out"]).arg(directory);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn();
        let mut child = child.expect("the program is there");
        let output = child.stdout.take().expect("it is piped");
        let lines = Some(BufReader::new(output).lines());
        Self { child, lines }
    }

    /// The next line that is so.
    fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let lines = self.lines.as_mut().expect("somebody listens");
            let line = lines.next().expect("it tells more");
            let line = line.expect("it is text");
            let value = serde_json::from_str(&line).expect("it is JSON");
            if is(&value) {
                return value;
            }
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with these arguments: how it ended, and what it said of it.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pumplab"));
    let output = command.arg("live").args(arguments).output();
    let output = output.expect("the program is there");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

fn say(stream: &mut TcpStream, message: &str) {
    let length = u32::try_from(message.len()).expect("it is short");
    stream
        .write_all(&length.to_be_bytes())
        .and_then(|()| stream.write_all(message.as_bytes()))
        .expect("it is taken");
}

/// Joins under the name of a pump and raises an alarm.
fn alarm(at: &str) -> TcpStream {
    let mut stream = TcpStream::connect(at).expect("somebody listens");
    let hello = r#"{"type":"hello","pump":"pump-01","library_version":1,"log_from":1}"#;
    say(&mut stream, hello);
    let mut welcome = [0; 16];
    stream.read_exact(&mut welcome).expect("it is welcomed");
    let alarm = r#"{"type":"alarm","number":4711,"kind":"air_in_line"}"#;
    say(&mut stream, alarm);
    stream
}

/// The number of the record by which the station showed the alarm.
fn shown(directory: &Path) -> String {
    let trace = directory.join("live-ward/run/trace.jsonl");
    let trace = std::fs::read_to_string(trace).expect("the run is complete");
    let lines = trace.lines().map(|l| {
        let line: Value = serde_json::from_str(l).expect("it is JSON");
        line
    });
    let text = |v: &Value| v.to_string();
    let found = lines
        .filter(|v| text(v).contains("alarm-shown") && text(v).contains("4711"))
        .find_map(|v| v["id"].as_u64());
    found.expect("the alarm was shown").to_string()
}

#[test]
fn signals_end_a_run_in_order_and_its_chains_cross_sockets() {
    for (signal, code, by) in [("-INT", 130, "Ctrl-C"), ("-TERM", 143, "SIGTERM")] {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("live{signal}"));
        let _ = std::fs::remove_dir_all(&directory);
        let mut live = Live::start(&directory);
        let port = live.until(|v| v["listens"] == "pumpserver-a" && v["port"] != 2575);
        live.until(|v| v["listens"] == "nurses-station");
        let held = alarm(port["at"].as_str().expect("a place"));
        live.until(|v| v["record"] == "alarm-shown");
        let id = live.child.id().to_string();
        let told = Command::new("kill").args([signal, &id]).status();
        assert!(told.is_ok_and(|s| s.success()), "it still runs");
        let lines = live.lines.as_mut().expect("somebody listens");
        while lines.next().is_some() {}
        let ended = live.child.wait().expect("it was started here");
        assert_eq!(ended.code(), Some(code), "{signal}");
        drop(held);
        let mut said = String::new();
        let stderr = live.child.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut said).expect("it is text");
        let place = directory.join("live-ward").display().to_string();
        for part in [by, "wall time", "the run is complete in", &place] {
            assert!(said.contains(part), "{signal}: {part}: {said}");
        }
        let mut explain = Command::new(env!("CARGO_BIN_EXE_pumplab"));
        explain.arg("explain").arg(directory.join("live-ward"));
        let whole = explain.output().expect("the program is there");
        assert_eq!(whole.status.code(), Some(0), "{signal}");
        let chain = explain.arg(shown(&directory)).output();
        let chain = chain.expect("the program is there").stdout;
        let chain = String::from_utf8_lossy(&chain);
        // From the station over its socket to the alarm manager, and over that one's to the server, where the stranger came in.
        let told: Vec<bool> = ["pumpserver-a", "nurses-station", "alarm"]
            .map(|part| chain.contains(part))
            .to_vec();
        assert_eq!(told, [true; 3], "{signal}: {chain}");
    }
}

#[test]
fn a_time_ends_a_run_and_nothing_is_kept_unless_it_is_asked_for() {
    let run = ["--base-port", "0", "--pumps", "1", "--defence", "legacy"];
    let (code, said) = ended(&[&run[..], &["--duration", "1s"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("nothing was recorded"), "{said}");
}

#[test]
fn who_stops_reading_ends_the_lab_and_keeps_the_run() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live-closed");
    let _ = std::fs::remove_dir_all(&directory);
    let mut live = Live::start(&directory);
    live.until(|v| v["listens"] == "pumpserver-a");
    // As `head` does when it has seen enough.
    drop(live.lines.take());
    let ended = live.child.wait().expect("it was started here");
    assert_eq!(ended.code(), Some(0));
    let manifest = directory.join("live-ward/run/manifest.json");
    assert!(manifest.is_file(), "the run is not complete");
}

#[test]
fn old_names_are_refused_with_the_new_ones() {
    for (old, new) in [
        (&["--seconds", "120"][..], "--duration"),
        (&["--seconds=120"], "--duration"),
        (&["--record", "runs"], "--out"),
        (&["--record=runs"], "--out"),
    ] {
        let (code, said) = ended(old);
        assert_eq!(code, Some(2), "{old:?}: {said}");
        assert!(said.contains(new), "{old:?}: {said}");
    }
    let (code, said) = ended(&["--duration", "120"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--duration"), "{said}");
}

#[test]
fn ports_that_cannot_be_had_are_told_at_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = taken.local_addr().expect("it has one").port().to_string();
    let first = ["--pumps", "1", "--duration", "1s", "--base-port"];
    let (code, said) = ended(&[&first[..], &[port.as_str()]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
    assert!(said.contains("--base-port"), "{said}");
    let (code, said) = ended(&[&first[..], &["65530"]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("lower --base-port"), "{said}");
    // An address that is kept for documents is no machine's.
    let (code, said) = ended(&["--bind", "192.0.2.1", "--duration", "1s"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--bind"), "{said}");
}

/// A system without file descriptors left takes no connection: that is recorded, and is over when there are some again.
#[cfg(target_os = "linux")]
#[test]
fn a_lab_without_file_descriptors_goes_on_when_it_has_some_again() {
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_pumplab");
    command.args(["-c", "ulimit -n 120; exec \"$0\" \"$@\"", program]);
    command.args(["live", "--defence", "legacy", "--pumps", "1"]);
    command.args(["--base-port", "0", "--duration", "2m", "--show", "lines"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("there is a shell");
    let output = child.stdout.take().expect("it is piped");
    let lines = Some(BufReader::new(output).lines());
    let mut live = Live { child, lines };
    let shell = live.until(|v| v["listens"] == "ehr" && v["port"] == 2575);
    let at = shell["at"].as_str().expect("a place");
    let held: Vec<_> = (0..130).map(|_| TcpStream::connect(at)).collect();
    let failed = live.until(|v| v["record"] == "listen-failed");
    assert_eq!(failed["node"], "ehr", "{failed}");
    drop(held);
    live.until(|v| v["record"] == "listen-resumed" && v["node"] == "ehr");
}

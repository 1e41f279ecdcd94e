//! `pumplab live` from outside: a stranger's pump, a signal, and what can be explained afterwards.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Live {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Live {
    fn start(directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pumplab"));
        command.args(["live", "ward", "--defence", "legacy", "--pumps", "4"]);
        command.args(["--base-port", "0", "--speed", "20", "--seconds", "120"]);
        command.args(["--show", "lines", "--record"]).arg(directory);
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.expect("the program is there");
        let output = child.stdout.take().expect("it is piped");
        let lines = BufReader::new(output).lines();
        Self { child, lines }
    }

    /// The next line that is so.
    fn until(&mut self, is: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.lines.next().expect("it tells more");
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
    for signal in ["-INT", "-TERM"] {
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
        while live.lines.next().is_some() {}
        let ended = live.child.wait().expect("it was started here");
        assert_eq!(ended.code(), Some(0), "{signal}");
        drop(held);
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

//! Programs of the system that a test starts: found, confined to a folder of their own, and ended however the test ends.

use std::fs::{DirBuilder, remove_dir_all, write};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The programs of this target, and the Debian packages that they are in.
const NEEDED: [(&str, &str); 2] = [("freeradius", "freeradius"), ("eapol_test", "eapoltest")];

/// Where a program is; panics with the package to install where it is not there.
pub(crate) fn program(name: &str) -> PathBuf {
    // A user's path often lacks /usr/sbin, where servers are.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    let found = folders.map(|f| f.join(name)).find(|f| f.is_file());
    found.unwrap_or_else(|| {
        let package = NEEDED
            .iter()
            .find(|(n, _)| *n == name)
            .map_or(name, |n| n.1);
        panic!("`{name}` is not installed: apt-get install --no-install-recommends {package}")
    })
}

/// A folder that only its owner can look into, gone when the test is.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("pumplab-freeradius-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // FreeRADIUS takes no configuration out of a folder that everybody can write to.
        let mut private = DirBuilder::new();
        private
            .mode(0o700)
            .create(&path)
            .expect("a folder can be made");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A folder in it.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.0.join(name);
        let mut private = DirBuilder::new();
        let made = private.mode(0o700).recursive(true).create(&path);
        made.expect("a folder can be made");
        path
    }

    /// Writes a file in it.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        write(&path, text).expect("a file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = remove_dir_all(&self.0);
    }
}

/// A command that the system ends with the thread that started it, should that thread have no time to do it.
fn bound(program: &Path) -> Command {
    // Of util-linux, which every Debian system has.
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// A program that runs, and what it has said until now.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    pub(crate) fn start<A: AsRef<std::ffi::OsStr>>(program: &Path, arguments: &[A]) -> Self {
        let mut command = bound(program);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a program can be started");
        let said = Arc::new(Mutex::new(String::new()));
        let (out, err) = (child.stdout.take(), child.stderr.take());
        listen(out.expect("it is piped"), said.clone());
        listen(err.expect("it is piped"), said.clone());
        Self { child, said }
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("no listener panics").clone()
    }

    /// Waits until it has said this. Whether it did.
    pub(crate) fn says(&mut self, what: &str, most: Duration) -> bool {
        let end = Instant::now() + most;
        while !self.said().contains(what) {
            if Instant::now() > end || self.code().is_some() {
                return self.said().contains(what);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// Its exit code, once it has ended.
    pub(crate) fn code(&mut self) -> Option<i32> {
        let status = self.child.try_wait().expect("it is our child");
        status.map(|s| s.code().unwrap_or(-1))
    }

    /// Waits for its end. Panics where it does not come.
    pub(crate) fn end(&mut self, most: Duration) -> i32 {
        let end = Instant::now() + most;
        loop {
            if let Some(code) = self.code() {
                return code;
            }
            let said = self.said();
            assert!(Instant::now() < end, "it does not end: {said}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(from: impl std::io::Read + Send + 'static, said: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let mut said = said.lock().expect("nobody panics with it");
            said.push_str(&String::from_utf8_lossy(&line));
            said.push('\n');
        }
    });
}

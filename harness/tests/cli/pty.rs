//! Runs the command on a pseudo-terminal and keeps what its screen shows.

use portable_pty::{CommandBuilder, ExitStatus, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A command that has not come to its end by then hangs.
const PATIENCE: Duration = Duration::from_secs(180);
/// Lines that are kept of what scrolls away.
const LINES: u16 = 6000;

/// How the command is run.
#[derive(Clone, Debug)]
pub(crate) struct Terminal<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// Columns of the terminal.
    pub(crate) columns: u16,
    /// Variables.
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// Ctrl-C is pressed as soon as the screen shows this text.
    pub(crate) interrupt_at: Option<&'a str>,
    /// Standard error is closed.
    pub(crate) closed_error: bool,
}

impl<'a> Terminal<'a> {
    /// A terminal of 80 columns.
    pub(crate) const fn of(program: &'a Path) -> Self {
        Self {
            program,
            columns: 80,
            variables: &[],
            interrupt_at: None,
            closed_error: false,
        }
    }
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Exit code.
    pub(crate) code: u32,
    /// Everything that was written to the terminal.
    pub(crate) bytes: Vec<u8>,
    /// What stands on the screen and above it, without trailing blanks.
    pub(crate) screen: String,
}

impl Seen {
    /// Fails unless the command ended with this code.
    #[track_caller]
    pub(crate) fn ended(self, code: u32) -> Self {
        assert_eq!(self.code, code, "screen:\n{}", self.screen);
        self
    }
}

/// A terminal of so many columns after these bytes.
pub(crate) fn parsed(bytes: &[u8], columns: u16) -> vt100::Parser {
    let mut parser = vt100::Parser::new(LINES, columns, 0);
    parser.process(bytes);
    parser
}

/// What a terminal of so many columns shows after these bytes: its lines, without trailing blanks.
pub(crate) fn screen(bytes: &[u8], columns: u16) -> Vec<String> {
    let parser = parsed(bytes, columns);
    let rows = parser.screen().rows(0, columns);
    rows.map(|row| row.trim_end().to_owned()).collect()
}

impl Terminal<'_> {
    /// Runs the program with arguments; fails if it does not come to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Seen {
        let size = PtySize {
            rows: 40,
            cols: self.columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let began = Instant::now();
        let mut child = pair
            .slave
            .spawn_command(self.command(arguments))
            .expect("the command starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let mut writer = pair.master.take_writer().expect("its input");
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reading = std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            // A terminal whose last writer is gone ends with an error on some systems.
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                kept.lock()
                    .expect("no reader panics")
                    .extend_from_slice(&buffer[..count]);
            }
        });
        let mut interrupt_at = self.interrupt_at;
        let status: ExitStatus = loop {
            if let Some(status) = child.try_wait().expect("its end") {
                break status;
            }
            if let Some(text) = interrupt_at {
                let so_far = bytes.lock().expect("no reader panics").clone();
                if String::from_utf8_lossy(&so_far).contains(text) {
                    writer.write_all(&[3]).expect("Ctrl-C is pressed");
                    interrupt_at = None;
                }
            }
            if began.elapsed() > PATIENCE {
                let _ = child.kill();
                let so_far = bytes.lock().expect("no reader panics").clone();
                let screen = String::from_utf8_lossy(&so_far).into_owned();
                panic!("{arguments:?} hangs after:\n{screen}");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        drop((writer, pair.master));
        reading.join().expect("the reader ends");
        let bytes = bytes.lock().expect("no reader panics").clone();
        let lines = screen(&bytes, self.columns);
        Seen {
            code: status.exit_code(),
            screen: lines.join("\n").trim_end().to_owned(),
            bytes,
        }
    }

    fn command(&self, arguments: &[&str]) -> CommandBuilder {
        let mut command = if self.closed_error {
            let mut shell = CommandBuilder::new("/bin/sh");
            shell.args(["-c", "exec \"$0\" \"$@\" 2>&-"]);
            shell.arg(self.program);
            shell
        } else {
            CommandBuilder::new(self.program)
        };
        command.args(arguments);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        command.env("TERM", "xterm-256color");
        for name in [
            "NO_COLOR",
            "PUMPLAB_SEED",
            "PUMPLAB_JOBS",
            "PUMPLAB_CHECK_DETERMINISM",
        ] {
            command.env_remove(name);
        }
        for (name, value) in self.variables {
            command.env(name, value);
        }
        command
    }
}

//! Encrypts the files of the held host, and those of shares that it can write.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::{Key, Sealed};
use crate::net::port::{Input, SocketEvent};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::share::{PORT, Share};

/// Technique `encrypt-files`.
#[derive(Debug)]
pub(super) struct EncryptFiles;

static ENTRY: Entry = Entry {
    id: "encrypt-files",
    title: "Encrypt files for ransom",
    summary: "Encrypts every file of the host it runs on with a key that only its author has, one a second; then, where a share is named, lists the \
              files of that host over port 445, reads each, and writes it back encrypted. Shares that ask for a login refuse it. What needs an \
              encrypted file stops. A file store sees many files rewritten in a short time.",
    parameters: &[Parameter {
        name: "share",
        kind: ParameterKind::Host,
        required: false,
        doc: "host whose shared files are encrypted too",
    }],
    references: &["T1486", "T1570", "T0828"],
};

const KEY: Purpose = Purpose::new("ransom key");
/// Time that a file takes \[A\].
const EACH: Duration = Duration::from_secs(1);

fn locked(step: &Step<'_, '_, '_>, file: File) -> File {
    let key = Key::generate(&mut step.hands.luck(KEY, 0));
    let len = u32::try_from(file.bytes).unwrap_or(u32::MAX);
    File {
        content: Content::Sealed(Box::new(Sealed::seal(&key, file.content, len))),
        ..file
    }
}

impl Technique for EncryptFiles {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &[
            "own files",
            "connect to the share",
            "shared files",
            "encrypted",
        ]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let share = step.params.text("share");
        match input {
            Input::Begin => {
                step.state.paths = step.hands.files().into_iter().map(|f| f.path).collect();
                step.hands.timer(EACH, 1);
                return Progress::Wait;
            }
            Input::Timer(1) => return own_file(step, share),
            Input::Socket(SocketEvent::Opened(stream)) if step.state.stream == Some(*stream) => {
                return ask(step, Share::List);
            }
            Input::Socket(SocketEvent::Message { stream, message })
                if step.state.stream == Some(*stream) =>
            {
                if let Message::Share(said) = &**message {
                    return shared_file(step, said);
                }
            }
            _ => {}
        }
        let reached = step.reach(input, share, PORT);
        match reached {
            Some(Progress::Failed(_)) if step.state.found > 0 => {
                Progress::Done("own files only: the share is out of reach")
            }
            Some(progress) => progress,
            None => Progress::Wait,
        }
    }
}

/// Encrypts the next file of the host itself.
fn own_file(step: &mut Step<'_, '_, '_>, share: &str) -> Progress {
    if let Some(path) = step.state.paths.pop() {
        if let Some(file) = step.hands.read_file(&path) {
            let file = locked(step, file);
            step.state.found += u32::from(step.hands.write_file(file));
        }
        step.hands.timer(EACH, 1);
        return Progress::Wait;
    }
    match share {
        "" if step.state.found == 0 => Progress::Failed("no files here"),
        "" => Progress::Done("own files"),
        share => step
            .reach(&Input::Begin, share, PORT)
            .unwrap_or(Progress::Wait),
    }
}

fn ask(step: &mut Step<'_, '_, '_>, share: Share) -> Progress {
    if let Some(stream) = step.state.stream {
        step.hands.send(stream, Message::Share(Box::new(share)));
    }
    Progress::Reached(2)
}

fn next_shared(step: &mut Step<'_, '_, '_>) -> Progress {
    match step.state.paths.pop() {
        Some(path) => ask(step, Share::Read { path }),
        None => Progress::Done("own and shared files"),
    }
}

fn shared_file(step: &mut Step<'_, '_, '_>, said: &Share) -> Progress {
    match said {
        Share::Listing(files) => {
            step.state.paths = files.iter().map(|f| f.path.clone()).collect();
            next_shared(step)
        }
        Share::File(file) => {
            let file = locked(step, file.clone());
            ask(step, Share::Write { file })
        }
        Share::Done | Share::Refused if step.state.stage >= 2 && !step.state.paths.is_empty() => {
            next_shared(step)
        }
        Share::Done => next_shared(step),
        Share::Refused => Progress::Failed("the share refused"),
        _ => Progress::Wait,
    }
}

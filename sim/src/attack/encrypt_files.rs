//! Encrypts the files of the held host, and those of shares that it can write.

use super::craft::contact::Contact;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::crypto::{Key, Sealed};
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};
use crate::rng::Purpose;
use crate::time::Duration;
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::share::{PORT, Share};

/// Technique `encrypt-files`.
#[derive(Debug)]
pub(super) struct EncryptFiles;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host whose shared files are encrypted too.
    share: Option<Host>,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    /// Paths that are still to be dealt with.
    paths: Vec<String>,
    /// Files of its own host that it has encrypted.
    done: u32,
}
part!(State.contact: Contact);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, EncryptFiles>;

static ENTRY: Entry = Entry {
    id: "encrypt-files",
    title: "Encrypt files for ransom",
    summary: "Encrypts every file of the host it runs on with a key that only its author has, one a second; then, where a share is named, lists the \
              files of that host over port 445, reads each, and writes it back encrypted. Shares that ask for a login refuse it. What needs an \
              encrypted file stops. A file store sees many files rewritten in a short time.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
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
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &[
        "own files",
        "connect to the share",
        "shared files",
        "encrypted",
    ];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let share = step.params.share.as_deref();
        match input {
            Input::Begin => {
                step.state.paths = step.hands.files().into_iter().map(|f| f.path).collect();
                step.hands.timer(EACH, 1);
                return Progress::Wait;
            }
            Input::Timer(1) => return own_file(step, share),
            Input::Socket(SocketEvent::Opened(stream))
                if step.state.contact.stream == Some(*stream) =>
            {
                return ask(step, Share::List);
            }
            Input::Socket(SocketEvent::Message { stream, message })
                if step.state.contact.stream == Some(*stream) =>
            {
                if let Message::Share(said) = &**message {
                    return shared_file(step, said);
                }
            }
            _ => {}
        }
        let reached = step.reach(input, share.unwrap_or_default(), PORT);
        match reached {
            Some(Progress::Failed(_)) if step.state.done > 0 => {
                Progress::Done("own files only: the share is out of reach")
            }
            Some(progress) => progress,
            None => Progress::Wait,
        }
    }
}

/// Encrypts the next file of the host itself.
fn own_file(step: &mut Step<'_, '_, '_>, share: Option<&str>) -> Progress {
    if let Some(path) = step.state.paths.pop() {
        if let Some(file) = step.hands.read_file(&path) {
            let file = locked(step, file);
            step.state.done += u32::from(step.hands.write_file(file));
        }
        step.hands.timer(EACH, 1);
        return Progress::Wait;
    }
    match share {
        None if step.state.done == 0 => Progress::Failed("no files here"),
        None => Progress::Done("own files"),
        Some(share) => step
            .reach(&Input::Begin, share, PORT)
            .unwrap_or(Progress::Wait),
    }
}

fn ask(step: &mut Step<'_, '_, '_>, share: Share) -> Progress {
    if let Some(stream) = step.state.contact.stream {
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
        Share::Done | Share::Refused if step.stage >= 2 && !step.state.paths.is_empty() => {
            next_shared(step)
        }
        Share::Done => next_shared(step),
        Share::Refused => Progress::Failed("the share refused"),
        _ => Progress::Wait,
    }
}

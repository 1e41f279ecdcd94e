//! The remote shell by telnet (RFC 854): a login where the device asks for one, then commands.

use super::lines::{Lines, text, text_of};
use super::{Action, Codec, Handler, Reject, Reply};
use crate::secrets::SecretStore;
use bytes::{Bytes, BytesMut};
use pumplab_sim::wire::Message;
use pumplab_sim::wire::file::{Content, File};
use pumplab_sim::wire::shell::{Command, Output, Shell};
use std::sync::Arc;
use tokio_util::codec::{Decoder, Encoder};

const IAC: u8 = 255;
const SUBNEGOTIATION: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;
/// Asks the client not to show what is typed, and to show it again (RFC 857).
const HIDE: [u8; 3] = [IAC, 251, 1];
const SHOW: [u8; 3] = [IAC, 252, 1];
const PROMPT: &str = "# ";
const USER: &str = "login: ";
const HELP: &str =
    "Built-in commands: ls, cat PATH, write PATH BYTES, expand PATH, run PATH, netstat, exit\r\n# ";

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing is asked before the device has greeted.
    Greeting,
    User,
    Password(String),
    Shell,
}

/// One end of a telnet connection.
#[derive(Debug)]
pub struct Telnet {
    secrets: Arc<SecretStore>,
    stage: Stage,
}

impl Telnet {
    /// Nobody has said anything.
    #[must_use]
    pub fn new(secrets: Arc<SecretStore>) -> Self {
        Self {
            secrets,
            stage: Stage::Greeting,
        }
    }

    fn typed(&mut self, text: &str) -> Action {
        match &self.stage {
            Stage::Greeting | Stage::User => {
                self.stage = Stage::Password(text.to_owned());
                reply([HIDE.as_slice(), b"Password: "].concat())
            }
            Stage::Password(user) => {
                let (user, password) = (user.clone(), self.secrets.typed(text));
                self.stage = Stage::User;
                ask(Shell::Login { user, password })
            }
            Stage::Shell => command(text),
        }
    }

    fn output(&self, output: &Output) -> Vec<u8> {
        let mut bytes = match output {
            Output::Listing(files) => {
                let row = |f: &pumplab_sim::wire::file::FileInfo| {
                    format!("{:>10} {}\r\n", f.bytes, f.path)
                };
                files.iter().map(row).collect::<String>().into_bytes()
            }
            Output::File(file) => {
                let text = text_of(file, &self.secrets);
                [
                    String::from_utf8_lossy(&text)
                        .replace('\n', "\r\n")
                        .as_bytes(),
                    b"\r\n",
                ]
                .concat()
            }
            // A shell says nothing of what went well.
            Output::Done | Output::Onward(_) => Vec::new(),
            Output::NotFound => b"No such file or directory\r\n".to_vec(),
            Output::NoSpace => b"write error: No space left on device\r\n".to_vec(),
            Output::Refused => b"Permission denied\r\n".to_vec(),
            Output::Unreachable => b"Network is unreachable\r\n".to_vec(),
            Output::Peers(peers) => {
                let row = |p: &pumplab_sim::wire::shell::Peer| {
                    let peer = format!("{}:{}", p.ip, p.port);
                    format!("tcp   {peer:<23} ESTABLISHED\r\n")
                };
                let head = "Proto Foreign Address         State\r\n".to_owned();
                let rows = peers.iter().map(row);
                std::iter::once(head)
                    .chain(rows)
                    .collect::<String>()
                    .into_bytes()
            }
        };
        bytes.extend_from_slice(PROMPT.as_bytes());
        bytes
    }
}

impl Handler for Telnet {
    fn request(&mut self, request: Bytes) -> Result<Action, Reject> {
        Ok(self.typed(&text(&request)))
    }

    fn message(&mut self, message: &Message) -> Option<Reply> {
        let Message::Shell(said) = message else {
            return None;
        };
        Some(Reply::one(match &**said {
            Shell::Banner { open } => {
                self.stage = if *open { Stage::Shell } else { Stage::User };
                if *open { PROMPT } else { USER }.as_bytes().to_vec()
            }
            Shell::LoginResult { accepted: true } => {
                self.stage = Stage::Shell;
                [SHOW.as_slice(), b"\r\n", PROMPT.as_bytes()].concat()
            }
            Shell::LoginResult { accepted: false } => {
                self.stage = Stage::User;
                [SHOW.as_slice(), b"\r\nLogin incorrect\r\n", USER.as_bytes()].concat()
            }
            Shell::Output(output) => self.output(output),
            _ => return None,
        }))
    }
}

fn ask(shell: Shell) -> Action {
    Action::Deliver(Box::new(Message::Shell(Box::new(shell))))
}

fn reply(bytes: impl Into<Bytes>) -> Action {
    Action::Reply(vec![bytes.into()])
}

fn command(text: &str) -> Action {
    let words: Vec<&str> = text.split_whitespace().collect();
    let path = |p: &&str| (*p).to_owned();
    let command = match words.as_slice() {
        [] => return reply(PROMPT),
        ["exit" | "quit" | "logout"] => return Action::Close("logout\r\n".into()),
        ["help"] => return reply(HELP),
        ["ls"] => Command::List,
        ["netstat"] => Command::Netstat,
        ["cat", p] => Command::Read { path: path(p) },
        ["expand", p] => Command::Expand { path: path(p) },
        ["run", p] => Command::Run { path: path(p) },
        ["write", p, bytes] => match bytes.parse() {
            Ok(bytes) => Command::Write {
                file: File {
                    path: path(p),
                    bytes,
                    content: Content::Data,
                },
            },
            Err(_) => return reply("write: invalid number of bytes\r\n# "),
        },
        [other, ..] => {
            let known: String = other.chars().filter(|c| !c.is_control()).take(40).collect();
            return reply(format!("sh: {known}: not found\r\n# "));
        }
    };
    ask(Shell::Run(command))
}

/// Lines without the commands of the telnet protocol between their bytes.
///
/// Options of the terminal are neither asked for nor granted: the defaults of RFC 854 do.
#[derive(Debug)]
pub struct TelnetCodec {
    lines: Lines,
    /// What was typed and is no whole line yet, or waits for its turn.
    text: BytesMut,
}

impl Default for TelnetCodec {
    fn default() -> Self {
        Self {
            lines: Lines::new("Line too long\r\n"),
            text: BytesMut::new(),
        }
    }
}

impl Decoder for TelnetCodec {
    type Item = Bytes;
    type Error = Reject;

    fn decode(&mut self, input: &mut BytesMut) -> Result<Option<Bytes>, Reject> {
        // Lines that are there first: what comes is moved over only when it is needed, so that no more is held than was read.
        if let Some(line) = self.lines.decode(&mut self.text)? {
            return Ok(Some(line));
        }
        strip(input, &mut self.text);
        self.lines.decode(&mut self.text)
    }
}

impl Encoder<Bytes> for TelnetCodec {
    type Error = Reject;

    fn encode(&mut self, answer: Bytes, output: &mut BytesMut) -> Result<(), Reject> {
        self.lines.encode(answer, output)
    }
}

impl Codec for TelnetCodec {
    fn is_begun(&self, input: &BytesMut) -> bool {
        !input.is_empty() || !self.text.is_empty()
    }
}

/// Moves what was typed to `text`. A command of the protocol that is not whole stays.
fn strip(input: &mut BytesMut, text: &mut BytesMut) {
    while let Some(byte) = input.first() {
        if *byte != IAC {
            let end = input.iter().position(|b| *b == IAC);
            text.extend_from_slice(&input.split_to(end.unwrap_or(input.len())));
            continue;
        }
        let length = match input.as_ref() {
            [_, SUBNEGOTIATION, ..] => {
                let end = input
                    .windows(2)
                    .position(|w| w == [IAC, SUBNEGOTIATION_END]);
                // One that does not end in what is held is dropped with all that came of it.
                end.map_or(input.len(), |e| e + 2)
            }
            [_, 251..=254, _, ..] => 3,
            [_] | [_, 251..=254] => return,
            _ => 2,
        };
        let _ = input.split_to(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use pumplab_sim::crypto::Passphrase;

    /// A terminal at one end of a connection.
    struct Terminal {
        codec: TelnetCodec,
        telnet: Telnet,
        input: BytesMut,
    }

    impl Terminal {
        fn new() -> Self {
            Self {
                codec: TelnetCodec::default(),
                telnet: Telnet::new(Arc::new(secrets())),
                input: BytesMut::new(),
            }
        }

        fn next(&mut self) -> Option<Action> {
            let line = self.codec.decode(&mut self.input).expect("short lines")?;
            Some(self.telnet.request(line).expect("any line will do"))
        }

        fn delivered(&mut self) -> Shell {
            match self.next() {
                Some(Action::Deliver(message)) => match *message {
                    Message::Shell(shell) => *shell,
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        }

        fn replied(&mut self) -> String {
            match self.next() {
                Some(Action::Reply(parts)) => String::from_utf8_lossy(&parts.concat()).into(),
                other => panic!("{other:?}"),
            }
        }

        fn shows(&mut self, shell: Shell) -> String {
            let reply = self.telnet.message(&Message::Shell(Box::new(shell)));
            let reply = reply.expect("it is shown");
            String::from_utf8_lossy(&reply.parts.concat()).into_owned()
        }
    }

    #[test]
    fn a_login_and_a_command_of_a_terminal() {
        let mut terminal = Terminal::new();
        assert_eq!(terminal.shows(Shell::Banner { open: false }), USER);
        let typed = b"\xff\xfd\x03\xff\xfa\x18\x00xterm\xff\xf0admin\r\0\nadmin\r\nls\r\n";
        terminal.input.extend_from_slice(typed);
        assert!(terminal.replied().ends_with("Password: "));
        let Shell::Login { user, password } = terminal.delivered() else {
            panic!("no login")
        };
        assert_eq!(user, "admin");
        assert!(password.matches(&Passphrase::of("admin")));
        let shown = terminal.shows(Shell::LoginResult { accepted: true });
        assert!(shown.ends_with(PROMPT), "{shown}");
        assert!(matches!(terminal.delivered(), Shell::Run(Command::List)));
        assert!(terminal.next().is_none());
        let typed = b"cat /etc/passwd\nwrite /a many\nwrite /a 7\nrm -r /\nexit\n";
        terminal.input.extend_from_slice(typed);
        let Shell::Run(Command::Read { path }) = terminal.delivered() else {
            panic!("no reading")
        };
        assert_eq!(path, "/etc/passwd");
        assert!(terminal.replied().starts_with("write: invalid number"));
        let write = terminal.delivered();
        assert!(
            matches!(write, Shell::Run(Command::Write { .. })),
            "{write:?}"
        );
        assert_eq!(terminal.replied(), "sh: rm: not found\r\n# ");
        assert!(matches!(terminal.next(), Some(Action::Close(_))));
    }

    #[test]
    fn who_is_refused_is_asked_again_and_an_open_shell_asks_nobody() {
        let mut terminal = Terminal::new();
        terminal.shows(Shell::Banner { open: false });
        terminal.input.extend_from_slice(b"admin\nguess\nls\n");
        terminal.replied();
        assert!(matches!(terminal.delivered(), Shell::Login { .. }));
        let shown = terminal.shows(Shell::LoginResult { accepted: false });
        assert!(shown.contains("Login incorrect"), "{shown}");
        assert!(shown.ends_with(USER), "{shown}");
        assert!(terminal.replied().ends_with("Password: "), "`ls` is a name");
        let mut open = Terminal::new();
        assert_eq!(open.shows(Shell::Banner { open: true }), PROMPT);
        open.input.extend_from_slice(b"ls\n");
        assert!(matches!(open.delivered(), Shell::Run(Command::List)));
    }

    #[test]
    fn commands_of_the_protocol_are_taken_out_however_they_are_cut() {
        let bytes = b"l\xff\xfb\x01s\xff\xf1 \xff\xfa\x18\x01\xff\xf0-l\r\n";
        for cut in 1..bytes.len() {
            // A subnegotiation is dropped with what came of it, so the cut is not inside it.
            if (10..14).contains(&cut) {
                continue;
            }
            let mut terminal = Terminal::new();
            let mut lines = Vec::new();
            for piece in [&bytes[..cut], &bytes[cut..]] {
                terminal.input.extend_from_slice(piece);
                lines.extend(terminal.codec.decode(&mut terminal.input).expect("short"));
            }
            let lines: Vec<_> = lines.iter().map(|l| text(l)).collect();
            assert_eq!(lines, ["ls -l"], "cut at {cut}");
        }
    }
}

//! Uploads a small archive that is huge when decompressed, by anonymous file transfer.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters};
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::shell::{FTP_PORT, Ftp};

/// Technique `upload-archive`.
#[derive(Debug)]
pub(super) struct UploadArchive;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Host with the service.
    target: Host,
    /// Path to store it at.
    path: String,
    /// Size once decompressed.
    #[param(range = 0..=1073741824, unit = "MiB")]
    expands_to_mib: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, UploadArchive>;

static ENTRY: Entry = Entry {
    id: "upload-archive",
    title: "Upload a decompression bomb",
    summary: "Logs in to a host's file transfer service without an account and stores an archive that is small now and large once decompressed.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1105", "T0867"],
};

impl Technique for UploadArchive {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "log in", "store", "stored"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = &step.params.target;
        match input {
            Input::Begin => match step.find(name) {
                Some(ip) => {
                    step.hands.connect(ip, FTP_PORT);
                    Progress::Reached(1)
                }
                None => Progress::Wait,
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                step.found(name, *ip);
                step.hands.connect(*ip, FTP_PORT);
                Progress::Reached(1)
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Progress::Failed("no such name, or no name server")
            }
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Progress::Failed("connection refused")
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Progress::Failed("no answer")
            }
            Input::Socket(SocketEvent::Opened(stream)) => {
                step.hands.send(
                    *stream,
                    Message::Ftp(Box::new(Ftp::Login { account: None })),
                );
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => {
                let Message::Ftp(ftp) = &**message else {
                    return Progress::Wait;
                };
                match &**ftp {
                    Ftp::LoginResult { accepted: true } => {
                        let mib = u64::from(step.params.expands_to_mib);
                        let file = File {
                            path: step.params.path.clone(),
                            bytes: 64 << 10,
                            content: Content::Archive {
                                expands_to: mib << 20,
                            },
                        };
                        step.hands
                            .send(*stream, Message::Ftp(Box::new(Ftp::Store { file })));
                        Progress::Reached(3)
                    }
                    Ftp::LoginResult { accepted: false } => Progress::Failed("login refused"),
                    Ftp::Done => Progress::Done("stored"),
                    Ftp::Failed => Progress::Failed("not stored"),
                    _ => Progress::Wait,
                }
            }
            _ => Progress::Wait,
        }
    }
}

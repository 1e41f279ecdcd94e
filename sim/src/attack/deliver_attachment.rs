//! Sends a program as the attachment of a letter.

use super::craft::contact::Contact;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Host, Parameters, Program};
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::mail::{Mail, PORT};
use crate::wire::program;

/// Technique `deliver-attachment`.
#[derive(Debug)]
pub(super) struct DeliverAttachment;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Mail server.
    server: Host,
    /// Host of the person whom the e-mail is for: the name of the mailbox.
    to: Host,
    /// One of the attacker's programs.
    program: Program,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, DeliverAttachment>;

static ENTRY: Entry = Entry {
    id: "deliver-attachment",
    title: "Send a program as an attachment",
    summary: "Hands a letter with a program attached in at a mail server (port 25), for one mailbox. It is done when the server takes the letter; \
              whether the person whose mailbox it is opens the attachment, and whether the host then runs it, the attacker does not learn here. \
              A mail server sees the letter, the person's host sees the attachment.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1566.001", "T1204.002", "T0863"],
};

impl Technique for DeliverAttachment {
    type Params = Params;
    type State = Contact;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "hand in", "taken"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        if let Some(progress) = step.reach(input, &step.params.server, PORT) {
            return progress;
        }
        match input {
            Input::Socket(SocketEvent::Opened(stream)) => {
                let Some(program) = step.program(Some(&step.params.program)) else {
                    return Progress::Failed("no such program");
                };
                let file = File {
                    path: "invoice.exe".to_owned(),
                    bytes: program::Program::BYTES,
                    content: Content::Program(program),
                };
                let to = step.params.to.0.clone();
                step.hands
                    .send(*stream, Message::Mail(Box::new(Mail::Deliver { to, file })));
                Progress::Reached(2)
            }
            Input::Socket(SocketEvent::Message { stream, message }) => match &**message {
                Message::Mail(mail) => match **mail {
                    Mail::Delivered { accepted: true } => {
                        step.state.stream = None;
                        step.hands.close(*stream);
                        Progress::Done("letter taken")
                    }
                    Mail::Delivered { accepted: false } => Progress::Failed("no such mailbox"),
                    _ => Progress::Wait,
                },
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        }
    }
}

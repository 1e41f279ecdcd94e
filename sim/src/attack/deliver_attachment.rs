//! Sends a program as the attachment of a letter.

use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::file::{Content, File};
use crate::wire::mail::{Mail, PORT};
use crate::wire::program::Program;

/// Technique `deliver-attachment`.
#[derive(Debug)]
pub(super) struct DeliverAttachment;

static ENTRY: Entry = Entry {
    id: "deliver-attachment",
    title: "Send a program as an attachment",
    summary: "Hands a letter with a program attached in at a mail server (port 25), for one mailbox. It is done when the server takes the letter; \
              whether the person whose mailbox it is opens the attachment, and whether the host then runs it, the attacker does not learn here. \
              A mail server sees the letter, the person's host sees the attachment.",
    parameters: &[
        Parameter {
            name: "server",
            kind: ParameterKind::Host,
            required: true,
            doc: "mail server",
        },
        Parameter {
            name: "to",
            kind: ParameterKind::Host,
            required: true,
            doc: "host of the person whom the letter is for: the name of the mailbox",
        },
        Parameter {
            name: "program",
            kind: ParameterKind::Text,
            required: true,
            doc: "name of one of the attacker's programs",
        },
    ],
    references: &["T1566.001", "T1204.002", "T0863"],
};

impl Technique for DeliverAttachment {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "hand in", "taken"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let server = step.params.text("server");
        if let Some(progress) = step.reach(input, server, PORT) {
            return progress;
        }
        match input {
            Input::Socket(SocketEvent::Opened(stream)) => {
                let Some(program) = step.program(step.params.text("program")) else {
                    return Progress::Failed("no such program");
                };
                let file = File {
                    path: "invoice.exe".to_owned(),
                    bytes: Program::BYTES,
                    content: Content::Program(program),
                };
                let to = step.params.text("to").to_owned();
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

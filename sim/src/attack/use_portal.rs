//! Logs in to the portal of a pump server and does what the account may: reads records, publishes a library, changes a setting.

use super::open_shell::next_account;
use super::push_drug_library::altered;
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::crypto::{Passphrase, Sealed};
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::wire::Message;
use crate::wire::portal::{Action, PORT, Portal, Token};

/// Technique `use-portal`.
#[derive(Debug)]
pub(super) struct UsePortal;

static ENTRY: Entry = Entry {
    id: "use-portal",
    title: "Use the portal of a pump server",
    summary: "Connects to the portal under TLS without checking who answers, and logs in with the account given, then with known and shipped \
              ones; or, as asked, claims that its own client has checked the password, or seals a token of its own under a key that the maker \
              ships to everybody. Then lists the infusion history, publishes the library that it knows with wider limits (in one step, or, where \
              the portal wants an approval, by drafting, reviewing, approving and publishing all by itself), or sends alarms to a name of its \
              choice. With a key of tokens it needs no login and can be two people. The portal decides by the account's role. Noise: refused logins, an action at an unusual hour; a publication is seen by \
              the whole fleet.",
    parameters: &[
        Parameter {
            name: "target",
            kind: ParameterKind::Host,
            required: true,
            doc: "pump server",
        },
        Parameter {
            name: "action",
            kind: ParameterKind::Text,
            required: true,
            doc: "`records`, `publish` or `settings`",
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
            name: "claim",
            kind: ParameterKind::Text,
            required: false,
            doc: "user that it claims to have checked in its own client",
        },
        Parameter {
            name: "token_key",
            kind: ParameterKind::Text,
            required: false,
            doc: "key of tokens, as found in the maker's client; seals a token for `user`",
        },
        Parameter {
            name: "approver",
            kind: ParameterKind::Text,
            required: false,
            doc: "with `token_key`: user in whose name it reviews and approves; `user` if not given",
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
    references: &["T1078.001", "T1606", "T1213", "T1565.001", "T0859", "T0836"],
};

fn say(step: &mut Step<'_, '_, '_>, stream: StreamId, said: Portal) {
    step.say(stream, Message::Portal(Box::new(said)));
}

/// What is said to be let in; none: nothing is left to try.
fn entry(step: &mut Step<'_, '_, '_>) -> Option<Portal> {
    let (claim, user) = (
        step.params.text("claim").to_owned(),
        step.params.text("user").to_owned(),
    );
    if !step.state.given {
        step.state.given = true;
        if !claim.is_empty() {
            return Some(Portal::Claim { user: claim });
        }
        if !user.is_empty() {
            let password = Passphrase::of(step.params.text("password"));
            return Some(Portal::Login { user, password });
        }
    }
    let (user, password) = next_account(step)?;
    Some(Portal::Login { user, password })
}

fn connected(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let forged = step.params.text("token_key");
    let first = if forged.is_empty() {
        match entry(step) {
            Some(first) => first,
            None => return Progress::Failed("no account to try"),
        }
    } else {
        let token = forge(step, "user");
        step.state.token = Some(token.clone());
        let action = match action(step, false) {
            Ok(action) => action,
            Err(why) => return Progress::Failed(why),
        };
        Portal::Do { token, action }
    };
    step.open_session(stream, Message::Portal(Box::new(first)));
    Progress::Reached(2)
}

/// A token of its own making, for the user that a parameter names.
fn forge(step: &Step<'_, '_, '_>, user: &str) -> Token {
    let key = Passphrase::of(step.params.text("token_key")).key("portal token");
    Sealed::seal(&key, step.params.text(user).to_owned(), 48)
}

/// The token for the present step of an approval: that of the approver from the review on, where it can be two people.
fn in_whose_name(step: &Step<'_, '_, '_>) -> Option<Token> {
    let forges = |name| !step.params.text(name).is_empty();
    let others = matches!(step.state.approval, 1 | 2);
    if others && forges("token_key") && forges("approver") {
        return Some(forge(step, "approver"));
    }
    step.state.token.clone()
}

/// What is done first; `approval` says that the portal wants libraries approved.
fn action(step: &mut Step<'_, '_, '_>, approval: bool) -> Result<Action, &'static str> {
    match step.params.text("action") {
        "records" => Ok(Action::History),
        "settings" => Ok(Action::AlarmManager {
            name: "nowhere".to_owned(),
        }),
        _ => {
            let library = altered(step).ok_or("knows no library to alter")?;
            Ok(if approval {
                Action::Draft(library)
            } else {
                Action::PublishNow(library)
            })
        }
    }
}

/// The steps of an approval that it takes all by itself.
fn next(step: &Step<'_, '_, '_>) -> Option<Action> {
    let version = altered(step)?.library.version;
    match step.state.approval {
        1 => Some(Action::Review { version }),
        2 => Some(Action::Approve {
            version,
            signature: None,
        }),
        3 => Some(Action::Publish { version }),
        _ => None,
    }
}

fn act(step: &mut Step<'_, '_, '_>, stream: StreamId, token: Token, action: Action) -> Progress {
    step.state.token = Some(token.clone());
    say(step, stream, Portal::Do { token, action });
    Progress::Reached(3)
}

fn heard(step: &mut Step<'_, '_, '_>, stream: StreamId, said: &Portal) -> Progress {
    match said {
        Portal::LoginResult { token: None, .. } => match entry(step) {
            Some(next) => {
                say(step, stream, next);
                Progress::Wait
            }
            None => Progress::Failed("every login refused"),
        },
        Portal::LoginResult {
            token: Some(token),
            approval,
        } => {
            step.state.approval = u32::from(*approval);
            match action(step, *approval) {
                Ok(what) => act(step, stream, token.clone(), what),
                Err(why) => Progress::Failed(why),
            }
        }
        Portal::History(_) if said.readable_records() > 0 => Progress::Done("records of patients"),
        Portal::History(_) => Progress::Failed("no record with anybody's name"),
        Portal::Done if step.state.approval > 0 && step.params.text("action") == "publish" => {
            match (next(step), in_whose_name(step)) {
                (Some(what), Some(token)) => {
                    step.state.approval += 1;
                    say(
                        step,
                        stream,
                        Portal::Do {
                            token,
                            action: what,
                        },
                    );
                    Progress::Reached(3)
                }
                _ => Progress::Done("published"),
            }
        }
        Portal::Done => Progress::Done("done"),
        // It saw no answer to a login that would have told: perhaps the portal wants an approval.
        Portal::Denied
            if step.state.approval == 0
                && !step.params.text("token_key").is_empty()
                && step.params.text("action") == "publish" =>
        {
            step.state.approval = 1;
            match (action(step, true), step.state.token.clone()) {
                (Ok(what), Some(token)) => act(step, stream, token, what),
                _ => Progress::Failed("the portal refused"),
            }
        }
        Portal::Denied => Progress::Failed("the portal refused"),
        _ => Progress::Wait,
    }
}

impl Technique for UsePortal {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["find", "connect", "log in", "act", "done"]
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let name = step.params.text("target");
        if let Some(progress) = step.reach(input, name, PORT) {
            return progress;
        }
        match input {
            Input::Socket(SocketEvent::Opened(stream)) => connected(step, *stream),
            Input::Socket(SocketEvent::Message { stream, message }) => {
                match step.said(*stream, message) {
                    Ok(Message::Portal(said)) => heard(step, *stream, &said),
                    Ok(_) => Progress::Wait,
                    Err(progress) => progress,
                }
            }
            _ => Progress::Wait,
        }
    }
}

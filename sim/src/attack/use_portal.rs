//! Logs in to the portal of a pump server and does what the account may: reads records, publishes a library, changes a setting.

use super::craft::accounts::Logins;
use super::craft::contact::Contact;
use super::craft::conversation::Conversation;
use super::craft::part;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::crypto::{Passphrase, Sealed};
use crate::net::port::{Input, SocketEvent, StreamId};
use crate::parameters::{Drug, Factor, Host, Parameters, Words};
use crate::wire::Message;
use crate::wire::portal::{Action, Approval, PORT, Portal, Token};
use crate::wire::pump::SignedLibrary;

/// Technique `use-portal`.
#[derive(Debug)]
pub(super) struct UsePortal;

/// What is done at the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum What {
    /// Records of patients are read.
    Records,
    /// A library with wider limits is published.
    Publish,
    /// Alarms are sent to another name.
    Settings,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Pump server.
    target: Host,
    /// What is done.
    #[param(key = "action")]
    what: What,
    /// User of an account to try first, or in whose name a token is made.
    user: Option<String>,
    /// That user's password.
    #[param(needs("user"))]
    password: Option<String>,
    /// User that it claims to have checked in its own client.
    claim: Option<String>,
    /// Key of tokens, as found in the manufacturer's client; seals a token for `user`.
    #[param(needs("user"))]
    token_key: Option<String>,
    /// User in whose name it reviews and approves; `user` if not given.
    #[param(needs("token_key"), only_with(action = "publish"))]
    approver: Option<String>,
    /// Drug whose upper limits are scaled.
    #[param(only_with(action = "publish"), needed_with(action = "publish"))]
    drug: Option<Drug>,
    /// Factor on the upper limits.
    #[param(default = "x10", only_with(action = "publish"))]
    factor: Factor,
    /// Version claimed.
    #[param(default = 100, range = 1..=1000000, only_with(action = "publish"))]
    version: u32,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    contact: Contact,
    logins: Logins,
    talk: Conversation,
    /// The token that it has, its own or a forged one.
    token: Option<Token>,
    /// How far an approval that it takes by itself has got.
    approval: u32,
}
part!(State.contact: Contact);
part!(State.logins: Logins);
part!(State.talk: Conversation);

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, UsePortal>;

static ENTRY: Entry = Entry {
    id: "use-portal",
    title: "Use the portal of a pump server",
    summary: "Connects to the portal under TLS without checking who answers, and logs in with the account given, then with known and shipped \
              ones; or, as asked, claims that its own client has checked the password, or seals a token of its own under a key that the maker \
              ships to everybody. Then lists the infusion history, publishes the library that it knows with wider limits (in one step, or, where \
              the portal wants an approval, by drafting, reviewing, approving and publishing all by itself), or sends alarms to a name of its \
              choice. With a key of tokens it needs no login and can be two people. The portal decides by the account's role. Noise: refused logins, an action at an unusual hour; a publication is seen by \
              the whole fleet.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1078.001", "T1606", "T1213", "T1565.001", "T0859", "T0836"],
};

fn say(step: &mut Step<'_, '_, '_>, stream: StreamId, said: Portal) {
    step.say(stream, Message::Portal(Box::new(said)));
}

/// What is said to be let in; none: nothing is left to try.
fn entry(step: &mut Step<'_, '_, '_>) -> Option<Portal> {
    let params = step.params;
    if let Some(claim) = params.claim.as_ref().filter(|_| !step.state.logins.named) {
        step.state.logins.named = true;
        return Some(Portal::Claim {
            user: claim.clone(),
        });
    }
    let (user, password) =
        step.named_account(params.user.as_deref(), params.password.as_deref())?;
    Some(Portal::Login { user, password })
}

fn connected(step: &mut Step<'_, '_, '_>, stream: StreamId) -> Progress {
    let params = step.params;
    let forged = params.token_key.as_ref().zip(params.user.as_ref());
    let first = if let Some((key, user)) = forged {
        let token = forge(key, user);
        step.state.token = Some(token.clone());
        let action = match action(step, false) {
            Ok(action) => action,
            Err(why) => return Progress::Failed(why),
        };
        Portal::Do { token, action }
    } else {
        match entry(step) {
            Some(first) => first,
            None => return Progress::Failed("no account to try"),
        }
    };
    let number = step.state.logins.tried;
    step.open_session(stream, number, Message::Portal(Box::new(first)));
    Progress::Reached(2)
}

/// A token of its own making for a user.
fn forge(key: &str, user: &str) -> Token {
    let key = Passphrase::of(key).key("portal token");
    Sealed::seal(&key, user.to_owned(), 48)
}

/// A library that it knows, altered.
fn library(step: &Step<'_, '_, '_>) -> Option<SignedLibrary> {
    let params = step.params;
    let drug = params.drug.as_deref().unwrap_or_default();
    step.altered(drug, params.factor, params.version)
}

/// The token for the present step of an approval: that of the approver from the review on, where it can be two people.
fn in_whose_name(step: &Step<'_, '_, '_>) -> Option<Token> {
    let forged = step.params.token_key.as_ref();
    let others = matches!(step.state.approval, 1 | 2);
    if let Some((key, approver)) = forged.zip(step.params.approver.as_ref()).filter(|_| others) {
        return Some(forge(key, approver));
    }
    step.state.token.clone()
}

/// What is done first; `approval` says that the portal wants libraries approved.
fn action(step: &mut Step<'_, '_, '_>, approval: bool) -> Result<Action, &'static str> {
    match step.params.what {
        What::Records => Ok(Action::History),
        What::Settings => Ok(Action::AlarmManager {
            name: "nowhere".to_owned(),
        }),
        What::Publish => {
            let library = library(step).ok_or("knows no library to alter")?;
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
    let version = library(step)?.library.version;
    match step.state.approval {
        1 => Some(Action::Review { version }),
        2 => Some(Action::Approve(Approval {
            version,
            signature: None,
        })),
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
        Portal::Done if step.state.approval > 0 && step.params.what == What::Publish => {
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
                && step.params.token_key.is_some()
                && step.params.what == What::Publish =>
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
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["find", "connect", "log in", "act", "done"];

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        if let Some(progress) = step.reach(input, &step.params.target, PORT) {
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

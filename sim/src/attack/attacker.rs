//! The attacker: its plan, what it knows, and the step under way.

mod radio;

pub use radio::{News, RadioNotes, SeenNetwork};

use super::{Technique, technique};
use crate::catalog::{Parameter, ParameterKind};
use crate::crypto::Passphrase;
use crate::net::port::{Hands, Input, SocketEvent, StreamId, Taught};
use crate::proto::tls::{Credentials, Server};
use crate::record::AttackRecord;
use crate::spec::{ParamValue, StepSpec};
use crate::time::Duration;
use crate::wire::dot11::Dot11;
use crate::wire::file::{Content, File};
use crate::wire::program::Program;
use crate::wire::pump::SignedLibrary;
use crate::wire::{Ip, Mac};
use std::collections::BTreeMap;

/// How long a step may take before the attacker gives it up, where its technique does not say otherwise.
pub(super) const PATIENCE: Duration = Duration::from_mins(15);
const TOKEN_BEGIN: u32 = u32::MAX;
const TOKEN_PATIENCE: u32 = u32::MAX - 1;

/// Checked parameters of a step.
#[derive(Clone, Debug, Default)]
pub struct Params(BTreeMap<String, ParamValue>);

impl Params {
    /// A text parameter; empty where it is missing, which checking has ruled out for required ones.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(ParamValue::Text(t)) => t,
            _ => "",
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(ParamValue::Integer(n)) => Some(*n),
            _ => None,
        }
    }

    /// A time.
    #[must_use]
    pub fn duration(&self, name: &str) -> Option<Duration> {
        self.text(name).parse().ok()
    }

    /// A factor such as `x10`, or a plain number.
    #[must_use]
    pub fn factor(&self, name: &str) -> Option<f64> {
        match self.0.get(name) {
            Some(ParamValue::Text(t)) => t.strip_prefix('x').unwrap_or(t).parse().ok(),
            Some(ParamValue::Float(f)) => Some(*f),
            Some(ParamValue::Integer(n)) => Some(*n as f64),
            _ => None,
        }
    }

    fn check(&self, known: &[Parameter]) -> Result<(), String> {
        for p in known {
            match self.0.get(p.name) {
                None if p.required => return Err(format!("parameter `{}` is missing", p.name)),
                Some(v) if !fits(v, p.kind) => {
                    return Err(format!(
                        "parameter `{}` has the wrong kind of value",
                        p.name
                    ));
                }
                _ => {}
            }
        }
        match self
            .0
            .keys()
            .find(|k| !known.iter().any(|p| p.name == k.as_str()))
        {
            Some(unknown) => Err(format!("there is no parameter `{unknown}`")),
            None => Ok(()),
        }
    }
}

fn fits(value: &ParamValue, kind: ParameterKind) -> bool {
    match kind {
        ParameterKind::Host | ParameterKind::Network | ParameterKind::Text => {
            matches!(value, ParamValue::Text(_))
        }
        ParameterKind::Duration => {
            matches!(value, ParamValue::Text(t) if t.parse::<Duration>().is_ok())
        }
        ParameterKind::Integer => matches!(value, ParamValue::Integer(_)),
        ParameterKind::Number => matches!(value, ParamValue::Integer(_) | ParamValue::Float(_)),
        ParameterKind::Factor => match value {
            ParamValue::Text(t) => t
                .strip_prefix('x')
                .unwrap_or(t)
                .parse::<f64>()
                .is_ok_and(f64::is_finite),
            other => matches!(other, ParamValue::Integer(_) | ParamValue::Float(_)),
        },
        ParameterKind::Table(_) => matches!(value, ParamValue::Table(_)),
    }
}

/// A planned step.
#[derive(Clone, Copy, Debug)]
struct Planned {
    technique: &'static dyn Technique,
    after: Duration,
}

/// Something known, and how it was learned; knowledge declared in the scenario was not learned.
#[derive(Clone, Debug)]
pub struct Known<T> {
    /// What.
    pub value: T,
    /// How.
    pub taught: Option<Taught>,
}

/// A shell that the attacker is in.
#[derive(Clone, Debug)]
pub struct HeldShell {
    /// The stream to it.
    pub stream: StreamId,
    /// Whether a session onward from it is open and entered.
    pub onward: bool,
}

/// A session that a pump opened to the attacker, taking it for its server.
#[derive(Clone, Debug)]
pub struct Captured {
    /// The stream.
    pub stream: StreamId,
    /// The attacker's end of TLS, where the pump insists on it.
    pub tls: Option<Box<Server>>,
    /// Whether the pump takes the attacker for its server.
    pub greeted: bool,
}

/// What an attacker knows and holds.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Addresses by host name.
    pub addresses: BTreeMap<String, Known<Ip>>,
    /// Accounts.
    pub accounts: Vec<Known<(String, Passphrase)>>,
    /// Tokens in hand that answer challenges, by user.
    pub tokens: Vec<(String, Passphrase)>,
    /// Passphrases by network name.
    pub passphrases: Vec<Known<(String, Passphrase)>>,
    /// A drug library to alter.
    pub library: Option<SignedLibrary>,
    /// The shell it is in.
    pub shell: Option<HeldShell>,
    /// How it learned, between steps, that the shell it was in is gone.
    pub shell_gone: Option<Taught>,
    /// Pumps that came to it.
    pub captured: Vec<Captured>,
    /// Files it got hold of.
    pub files: Vec<File>,
    /// Certificates with their keys.
    pub identities: Vec<Known<Credentials>>,
    /// What it noted about the network.
    pub net: super::net_notes::NetNotes,
    /// Programs that it can pass on, by what it calls them; a program knows itself under no name.
    pub programs: Vec<(String, Program)>,
    /// What it heard on the air.
    pub radio: RadioNotes,
    /// Protected frames kept to be compared with later ones.
    pub frames: Vec<Dot11>,
    /// Stations whose handshake it disturbed.
    pub spoiled: Vec<Mac>,
}

/// What a step remembers.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Number of the stage.
    pub stage: u32,
    /// A stream of the step.
    pub stream: Option<StreamId>,
    /// The target's address.
    pub target: Option<Ip>,
    /// A counter.
    pub tries: u32,
    /// Another.
    pub found: u32,
    /// How it learned what its end depends on.
    pub taught: Option<Taught>,
    /// Paths that are still to be dealt with.
    pub paths: Vec<String>,
    /// Whether the account that the step was given has been tried.
    pub given: bool,
    /// User that was last tried.
    pub user: String,
    /// Whether the step is inside of something that it has to get through.
    pub inside: bool,
    /// A protected session of the step.
    pub session: Option<Box<crate::proto::session::Session>>,
    /// A portal's token.
    pub token: Option<crate::wire::portal::Token>,
    /// How far an approval that the step takes by itself has got.
    pub approval: u32,
}

/// A step under way, as its technique sees it.
#[derive(Debug)]
pub struct Step<'s, 'a, 'c> {
    /// Parameters.
    pub params: &'s Params,
    /// What the step remembers.
    pub state: &'s mut State,
    /// What the attacker knows.
    pub knowledge: &'s mut Knowledge,
    /// What it can do.
    pub hands: &'s mut Hands<'a, 'c>,
}

impl Step<'_, '_, '_> {
    /// Finds the address of a host by its name: known, or asked of the name server under query 1. The address, if it is there already.
    pub fn find(&mut self, name: &str) -> Option<Ip> {
        if let Some(known) = self.knowledge.addresses.get(name) {
            if let Some(taught) = known.taught {
                self.hands.uses(taught);
            }
            self.state.target = Some(known.value);
            return Some(known.value);
        }
        self.hands.resolve(1, name);
        None
    }

    /// Finds a host by its name and opens a stream to its port. What came of the input, unless it is the technique's own business.
    pub fn reach(&mut self, input: &Input, name: &str, port: u16) -> Option<Progress> {
        match input {
            Input::Begin => match self.find(name) {
                Some(ip) => {
                    self.state.stream = Some(self.hands.connect(ip, port));
                    Some(Progress::Reached(1))
                }
                None => Some(Progress::Wait),
            },
            Input::Socket(SocketEvent::Resolved { ip: Some(ip), .. }) => {
                self.found(name, *ip);
                self.state.stream = Some(self.hands.connect(*ip, port));
                Some(Progress::Reached(1))
            }
            Input::Socket(SocketEvent::Resolved { ip: None, .. }) => {
                Some(Progress::Failed("no such name, or no name server"))
            }
            // A stream of an earlier step that breaks now is no matter.
            Input::Socket(SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream))
                if self.state.stream != Some(*stream) =>
            {
                Some(Progress::Wait)
            }
            Input::Socket(SocketEvent::Failed { refused: true, .. }) => {
                Some(Progress::Failed("connection refused"))
            }
            Input::Socket(SocketEvent::Failed { refused: false, .. }) => {
                Some(Progress::Failed("no answer"))
            }
            Input::Socket(SocketEvent::Closed(_)) => Some(Progress::Failed("lost the connection")),
            _ => None,
        }
    }

    /// The step needs a shell and the attacker is in none, perhaps not any more.
    pub fn in_no_shell(&mut self) -> Progress {
        if let Some(taught) = self.knowledge.shell_gone {
            self.hands.uses(taught);
        }
        Progress::Failed("in no shell")
    }

    /// The program of this name; the program that runs itself where no name is given.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<Program> {
        let mut programs = self.knowledge.programs.iter();
        programs.find(|(n, _)| n == name).map(|(_, p)| p.clone())
    }

    /// Looks through a file that it got hold of, keeps it, and notes what is of use in it: keys of networks, accounts. Whether there was any, or
    /// patient records.
    pub fn study(&mut self, file: &File) -> bool {
        let mut found = !file.readable_records().is_empty();
        if let Content::NetworkKey { ssid, passphrase } = &file.content {
            let taught = Some(self.hands.learned("network key"));
            let value = (ssid.clone(), passphrase.clone());
            self.knowledge.passphrases.push(Known { value, taught });
            found = true;
        }
        if let Content::Identity { chain, key } = &file.content {
            let taught = Some(self.hands.learned("a certificate and its key"));
            let value = Credentials {
                chain: chain.clone(),
                key: Some(*key),
                ..self.hands.without_certificate()
            };
            self.knowledge.identities.push(Known { value, taught });
        }
        if let Content::Account { user, password } = &file.content {
            let taught = Some(self.hands.learned("account"));
            let value = (user.clone(), password.clone());
            self.knowledge.accounts.push(Known { value, taught });
            found = true;
        }
        self.knowledge.files.push(file.clone());
        found
    }

    /// Keeps an address that a name server gave.
    pub fn found(&mut self, name: &str, ip: Ip) {
        let taught = Some(self.hands.learned("address of a host"));
        self.knowledge
            .addresses
            .insert(name.to_owned(), Known { value: ip, taught });
        self.state.target = Some(ip);
    }
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The step waits for more.
    Wait,
    /// It reached this stage and waits for more.
    Reached(u32),
    /// It did what it was for, as far as the attacker can tell.
    Done(&'static str),
    /// It failed, by what the attacker saw.
    Failed(&'static str),
}

/// An attacker with a scripted plan.
#[derive(Clone, Debug)]
pub struct Attacker {
    plan: Vec<Planned>,
    params: Vec<Params>,
    knowledge: Knowledge,
    current: usize,
    first: u32,
    running: bool,
    began: Option<Taught>,
    state: State,
}

impl Attacker {
    /// An attacker with this plan.
    ///
    /// # Errors
    /// The number of the first step that names no technique or has wrong parameters, and what is wrong.
    pub fn new(steps: &[StepSpec], knowledge: Knowledge) -> Result<Self, (u32, String)> {
        let mut plan = Vec::new();
        let mut params = Vec::new();
        for (i, step) in steps.iter().enumerate() {
            let n = i as u32;
            let technique = technique(&step.technique)
                .ok_or_else(|| (n, format!("there is no technique `{}`", step.technique)))?;
            let given = Params(step.with.clone());
            given
                .check(technique.entry().parameters)
                .map_err(|e| (n, e))?;
            plan.push(Planned {
                technique,
                after: step.after,
            });
            params.push(given);
        }
        Ok(Self {
            plan,
            params,
            knowledge,
            current: 0,
            first: 0,
            running: false,
            began: None,
            state: State::default(),
        })
    }

    /// The same with steps numbered from here on.
    #[must_use]
    pub fn counted_from(mut self, first: u32) -> Self {
        self.first = first;
        self
    }

    /// What it was doing when its host went down is begun again.
    pub fn restart(&mut self) {
        self.running = false;
    }

    /// Number of the step under way or next.
    #[must_use]
    pub fn current(&self) -> u32 {
        self.first + self.current as u32
    }

    /// Sets the timer for the next step of the plan.
    pub fn plan_next(&self, hands: &mut Hands<'_, '_>) {
        if let Some(next) = self.plan.get(self.current) {
            let wait = next.after - hands.now().since_start();
            hands.begin_next(wait, self.current(), TOKEN_BEGIN);
        }
    }

    /// Something came in through the hands.
    pub fn handle(&mut self, hands: &mut Hands<'_, '_>, input: &Input) {
        let step = self.current();
        match input {
            Input::Timer(TOKEN_BEGIN) if !self.running && self.current < self.plan.len() => {
                self.running = true;
                self.state = State::default();
                let technique = self.plan[self.current].technique.entry().id;
                self.began = Some(hands.began(step, technique));
                let technique = self.plan[self.current].technique;
                let patience = technique.patience(&self.params[self.current]);
                hands.timer(patience, TOKEN_PATIENCE);
                self.act(hands, &Input::Begin);
            }
            Input::Timer(TOKEN_PATIENCE) if self.running => self.end(hands, false, "no answer"),
            Input::Timer(TOKEN_PATIENCE) => {}
            input if self.running => {
                hands.during(self.began, input.is_unasked());
                self.act(hands, input);
                // What comes unasked has its cause elsewhere; that it is answered is the step's doing.
                if let Some(began) = self.began.filter(|_| input.is_unasked()) {
                    hands.answered(step, began);
                }
            }
            Input::Socket(SocketEvent::Failed { stream, .. } | SocketEvent::Closed(stream)) => {
                let shell = &mut self.knowledge.shell;
                if shell.take_if(|s| s.stream == *stream).is_some() {
                    let gone = hands.learned("that the shell is gone");
                    self.knowledge.shell_gone = Some(gone);
                }
            }
            _ => {}
        }
    }

    fn act(&mut self, hands: &mut Hands<'_, '_>, input: &Input) {
        let Some(planned) = self.plan.get(self.current) else {
            return;
        };
        let technique = planned.technique;
        let mut step = Step {
            params: &self.params[self.current],
            state: &mut self.state,
            knowledge: &mut self.knowledge,
            hands,
        };
        match technique.act(&mut step, input) {
            Progress::Wait => {}
            Progress::Reached(stage) => self.reached(hands, stage),
            Progress::Done(saw) => {
                let last = technique.stages().len() as u32 - 1;
                self.reached(hands, last);
                self.end(hands, true, saw);
            }
            Progress::Failed(saw) => self.end(hands, false, saw),
        }
    }

    fn reached(&mut self, hands: &mut Hands<'_, '_>, stage: u32) {
        if stage > self.state.stage {
            self.state.stage = stage;
            let step = self.current();
            let name = self.plan[self.current]
                .technique
                .stages()
                .get(stage as usize)
                .copied()
                .unwrap_or("");
            hands.tell(AttackRecord::StageReached { step, stage, name });
        }
    }

    fn end(&mut self, hands: &mut Hands<'_, '_>, success: bool, saw: &'static str) {
        let step = self.current();
        hands.tell(AttackRecord::StepEnded { step, success, saw });
        self.running = false;
        if success {
            self.current += 1;
            self.plan_next(hands);
        }
    }
}

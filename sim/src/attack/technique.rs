//! What a technique is, and an attempt of it under way.

use super::knowledge::{Knowledge, Known};
use crate::catalog::Entry;
use crate::net::port::{Hands, Input};
use crate::parameters::{ParameterError, Parameters, Raw};
use crate::proto::tls::Credentials;
use crate::time::Duration;
use crate::wire::file::{Content, File};
use crate::wire::program::Program;
use std::fmt::Debug;

/// How long a step may take before the attacker gives it up, where its technique does not say otherwise.
const PATIENCE: Duration = Duration::from_mins(15);

/// A technique: its parameters, what an attempt of it remembers, and what it does.
pub(super) trait Technique: Sized + Sync + Debug + 'static {
    /// What a step gives to it.
    type Params: Parameters + Clone + Debug + Send + Sync;
    /// What an attempt remembers. A new one begins with nothing.
    type State: Default + Clone + Debug + Send + Sync;
    /// Name, parameters, references.
    const ENTRY: &'static Entry;
    /// Stages in order; an attempt starts at the first.
    const STAGES: &'static [&'static str];

    /// How long the attacker gives such a step before it takes it for failed.
    fn patience(_params: &Self::Params) -> Duration {
        PATIENCE
    }

    /// Something came in.
    fn act(step: &mut Step<'_, '_, '_, Self>, input: &Input) -> Progress;
}

/// Any technique, as the register holds it.
pub trait AnyTechnique: Sync + Debug {
    /// Name, parameters, references.
    fn entry(&self) -> &'static Entry;
    /// Stages in order.
    fn stages(&self) -> &'static [&'static str];
    /// An attempt with these parameters, that has not begun.
    ///
    /// # Errors
    /// The first parameter that is wrong.
    fn attempt(&self, with: &Raw) -> Result<Box<dyn Attempt>, ParameterError>;
}

impl<T: Technique> AnyTechnique for T {
    fn entry(&self) -> &'static Entry {
        T::ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        T::STAGES
    }

    fn attempt(&self, with: &Raw) -> Result<Box<dyn Attempt>, ParameterError> {
        Ok(Box::new(Trial::<T> {
            params: T::Params::parse(with)?,
            state: T::State::default(),
        }))
    }
}

/// An attempt of a technique: checked parameters, and what it remembers. A fork goes on with an exact copy.
pub trait Attempt: Debug + Send + Sync {
    /// How long the attacker gives it.
    fn patience(&self) -> Duration;
    /// Something came in.
    fn act(&mut self, at: At<'_, '_, '_>, input: &Input) -> Progress;
    /// The parameters that it goes by, defaults included.
    fn params(&self) -> Raw;
    /// An exact copy.
    fn copy(&self) -> Box<dyn Attempt>;
}

impl Clone for Box<dyn Attempt> {
    fn clone(&self) -> Self {
        (**self).copy()
    }
}

/// Where an attempt stands and what it has to act with.
#[derive(Debug)]
pub struct At<'s, 'a, 'c> {
    /// Number of the stage that it has reached.
    pub stage: u32,
    /// What the attacker knows.
    pub knowledge: &'s mut Knowledge,
    /// What it can do.
    pub hands: &'s mut Hands<'a, 'c>,
}

/// An attempt of one technique.
struct Trial<T: Technique> {
    params: T::Params,
    state: T::State,
}

impl<T: Technique> Debug for Trial<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trial")
            .field("technique", &T::ENTRY.id)
            .field("params", &self.params)
            .field("state", &self.state)
            .finish()
    }
}

impl<T: Technique> Attempt for Trial<T> {
    fn patience(&self) -> Duration {
        T::patience(&self.params)
    }

    fn act(&mut self, at: At<'_, '_, '_>, input: &Input) -> Progress {
        let mut step = Step {
            params: &self.params,
            state: &mut self.state,
            stage: at.stage,
            knowledge: at.knowledge,
            hands: at.hands,
        };
        T::act(&mut step, input)
    }

    fn params(&self) -> Raw {
        self.params.write()
    }

    fn copy(&self) -> Box<dyn Attempt> {
        Box::new(Self {
            params: self.params.clone(),
            state: self.state.clone(),
        })
    }
}

/// A step under way, as its technique sees it.
#[derive(Debug)]
pub(super) struct Step<'s, 'a, 'c, T: Technique> {
    /// Parameters.
    pub(super) params: &'s T::Params,
    /// What the attempt remembers.
    pub(super) state: &'s mut T::State,
    /// Number of the stage that it has reached.
    pub(super) stage: u32,
    /// What the attacker knows.
    pub(super) knowledge: &'s mut Knowledge,
    /// What it can do.
    pub(super) hands: &'s mut Hands<'a, 'c>,
}

impl<T: Technique> Step<'_, '_, '_, T> {
    /// The step needs a shell and the attacker is in none, perhaps not any more.
    pub(super) fn in_no_shell(&mut self) -> Progress {
        if let Some(taught) = self.knowledge.shell_gone {
            self.hands.uses(taught);
        }
        Progress::Failed("in no shell")
    }

    /// The program of this name; the program that runs itself where no name is given.
    #[must_use]
    pub(super) fn program(&self, name: Option<&str>) -> Option<Program> {
        let mut programs = self.knowledge.programs.iter();
        let named = programs.find(|(n, _)| n == name.unwrap_or(""));
        named.map(|(_, p)| p.clone())
    }

    /// Looks through a file that it got hold of, keeps it, and notes what is of use in it: keys of networks, accounts. Whether there was any, or
    /// patient records.
    pub(super) fn study(&mut self, file: &File) -> bool {
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

//! Drowns the air in noise.

use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::Parameters;
use crate::time::Duration;

/// Technique `jam`.
#[derive(Debug)]
pub(super) struct Jam;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Channel; the whole band if not given.
    #[param(range = 1..=14)]
    channel: Option<u8>,
    /// How long.
    #[param(key = "for", default = "5m")]
    span: Duration,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, Jam>;

static ENTRY: Entry = Entry {
    id: "jam",
    title: "Drown the air in noise",
    summary: "Sends noise on a channel or on the whole band from where its radio stands. A frame is lost wherever it comes in less than 10 dB above \
              the noise; stations that no longer hear their access point look for another. No protocol stops it: who is near enough to an access \
              point of another channel, or far enough from the noise, stays connected. It cannot tell what it achieved, and counts as done \
              when its time is over. A person with a receiver can find it; the sensors of this lab hear frames only.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T0814", "T0804"],
};

impl Technique for Jam {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["noise", "over"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.noise(step.params.channel, step.params.span);
                step.hands.timer(step.params.span, 1);
                Progress::Wait
            }
            Input::Timer(1) => Progress::Done("noise was sent"),
            _ => Progress::Wait,
        }
    }
}

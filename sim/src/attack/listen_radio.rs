//! Listens on the air.

use super::attacker::{Known, News};
use super::{Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::Input;
use crate::time::Duration;
use crate::wire::Mac;
use crate::wire::dot11::{Dot11, Dot11Body};

/// Technique `listen-radio`.
#[derive(Debug)]
pub(super) struct ListenRadio;

static ENTRY: Entry = Entry {
    id: "listen-radio",
    title: "Listen on the air",
    summary: "Hears every frame on a channel, or on channels 1 to 13 in turn, five seconds each: which networks there are, handshakes on which \
              a passphrase can be guessed, and whatever is not encrypted, patient records among it. Succeeds as soon as it has what it wants, or, \
              if it wants nothing particular, at the end if it heard anything of use. It asks once per channel which networks there are, which \
              stands for hearing beacons; otherwise it is silent, and no sensor can see it.",
    parameters: &[
        Parameter {
            name: "channel",
            kind: ParameterKind::Integer,
            required: false,
            doc: "channel to stay on; all in turn if not given",
        },
        Parameter {
            name: "want",
            kind: ParameterKind::Text,
            required: false,
            doc: "`network`, `handshake` or `records`: what ends it at once",
        },
        Parameter {
            name: "network",
            kind: ParameterKind::Network,
            required: false,
            doc: "whose handshake it wants; anybody's if not given",
        },
        Parameter {
            name: "for",
            kind: ParameterKind::Duration,
            required: false,
            doc: "how long at the most; 10m if not given",
        },
    ],
    references: &["T1040", "T0887", "T0842"],
};

const HOP: Duration = Duration::from_secs(5);
const TOKEN_HOP: u32 = 1;
const TOKEN_END: u32 = 2;
/// Channels of the 2.4 GHz band that are in use.
const CHANNELS: u32 = 13;

/// Asks on a channel which networks there are; stands for hearing their beacons.
pub(super) fn ask_networks(step: &mut Step<'_, '_, '_>, channel: u8) {
    step.hands.monitor(channel);
    let frame = Dot11 {
        ta: step.hands.own_mac(),
        ra: Mac::BROADCAST,
        bssid: Mac::BROADCAST,
        body: Dot11Body::ProbeRequest { ssid: None },
    };
    step.hands.inject(frame);
}

/// Notes what was heard, and what is new in it.
pub(super) fn note(
    step: &mut Step<'_, '_, '_>,
    heard: &crate::net::port::Overheard,
) -> Option<News> {
    let news = step.knowledge.radio.hear(heard)?;
    match news {
        News::Handshake => {
            let value = step.knowledge.radio.take_half()?;
            let taught = Some(step.hands.learned("a handshake on the air"));
            step.knowledge
                .radio
                .handshakes
                .push(Known { value, taught });
        }
        News::Records => {
            step.hands.learned("patient records on the air");
        }
        News::Network => {}
    }
    Some(news)
}

impl Technique for ListenRadio {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["listen", "networks", "something of use"]
    }

    fn patience(&self, params: &super::Params) -> Duration {
        params.duration("for").unwrap_or(Duration::from_mins(10)) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let fixed = step
            .params
            .integer("channel")
            .and_then(|c| u8::try_from(c).ok());
        match input {
            Input::Begin => {
                let over = step
                    .params
                    .duration("for")
                    .unwrap_or(Duration::from_mins(10));
                step.hands.timer(over, TOKEN_END);
                ask_networks(step, fixed.unwrap_or(1));
                step.hands.timer(HOP, TOKEN_HOP);
                Progress::Wait
            }
            Input::Timer(TOKEN_HOP) => {
                step.state.tries += 1;
                if fixed.is_none() {
                    ask_networks(step, (step.state.tries % CHANNELS) as u8 + 1);
                }
                step.hands.timer(HOP, TOKEN_HOP);
                Progress::Wait
            }
            Input::Timer(TOKEN_END) => {
                step.hands.stop_monitoring();
                if step.state.stage >= 1 && step.params.text("want").is_empty() {
                    Progress::Done("heard what there is")
                } else {
                    Progress::Failed("heard nothing of use")
                }
            }
            Input::Overheard(heard) => {
                let Some(news) = note(step, heard) else {
                    return Progress::Wait;
                };
                let ssid = step.params.text("network");
                let wanted = match (step.params.text("want"), news) {
                    ("network", News::Network) => step.knowledge.radio.named(ssid).next().is_some(),
                    ("records", News::Records) => true,
                    ("handshake", News::Handshake) => {
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

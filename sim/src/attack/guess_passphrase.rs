//! Guesses the passphrase of a wireless network from a handshake.

use super::attacker::Known;
use super::{Params, Progress, Step, Technique};
use crate::catalog::{Entry, Parameter, ParameterKind};
use crate::net::port::Input;
use crate::time::Duration;

/// Technique `guess-passphrase`.
#[derive(Debug)]
pub(super) struct GuessPassphrase;

static ENTRY: Entry = Entry {
    id: "guess-passphrase",
    title: "Guess a passphrase from a handshake",
    summary: "Tries the words of the common lists, likeliest first, on a handshake that was heard, on the attacker's own computer: nothing goes over \
              the air and no sensor can see it. Succeeds when a word gives the key under which the handshake was proven; how long that takes follows \
              from the word's place in the lists, which the lab states, and from the rate. A passphrase that is in no list is not found.",
    parameters: &[
        Parameter {
            name: "network",
            kind: ParameterKind::Network,
            required: false,
            doc: "network; that of the newest handshake if not given",
        },
        Parameter {
            name: "rate_per_second",
            kind: ParameterKind::Number,
            required: false,
            doc: "words tried per second; 2533300 if not given, published for one RTX 4090 on WPA2",
        },
        Parameter {
            name: "words",
            kind: ParameterKind::Number,
            required: false,
            doc: "words that the lists hold; 1.4e10 if not given: 14.3 million leaked passwords under a thousand rules",
        },
    ],
    references: &["T1110.002", "domain notes 3.5"],
};

/// One RTX 4090, hashcat mode 22000 (domain notes 3.5).
const RATE: f64 = 2_533_300.0;
/// 14.3 million leaked passwords under a thousand rules \[A\].
const WORDS: f64 = 1.4e10;

fn rate(params: &Params) -> f64 {
    params.factor("rate_per_second").unwrap_or(RATE).max(1e-6)
}

fn words(params: &Params) -> f64 {
    params.factor("words").unwrap_or(WORDS)
}

impl Technique for GuessPassphrase {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn stages(&self) -> &'static [&'static str] {
        &["guess", "passphrase known"]
    }

    fn patience(&self, params: &Params) -> Duration {
        let seconds = (words(params) / rate(params)).clamp(0.0, 40.0 * 86_400.0);
        Duration::from_secs_f64(seconds) + Duration::from_mins(1)
    }

    fn act(&self, step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let ssid = step.params.text("network");
        let of = |h: &&Known<crate::net::port::Handshake>| ssid.is_empty() || h.value.ssid == ssid;
        let Some(handshake) = step
            .knowledge
            .radio
            .handshakes
            .iter()
            .rev()
            .find(of)
            .cloned()
        else {
            return Progress::Failed("no handshake to guess on");
        };
        match input {
            Input::Begin => {
                if let Some(taught) = handshake.taught {
                    step.hands.uses(taught);
                }
                let (rate, words) = (rate(step.params), words(step.params));
                step.hands.guess(&handshake.value, rate, words);
                Progress::Wait
            }
            Input::Guessed(Some(passphrase)) => {
                if let Some(taught) = handshake.taught {
                    step.hands.uses(taught);
                }
                let taught = Some(step.hands.learned("a passphrase"));
                step.knowledge.passphrases.push(Known {
                    value: (handshake.value.ssid, passphrase.clone()),
                    taught,
                });
                Progress::Done("a word fits")
            }
            Input::Guessed(None) => Progress::Failed("no word of the lists fits"),
            _ => Progress::Wait,
        }
    }
}

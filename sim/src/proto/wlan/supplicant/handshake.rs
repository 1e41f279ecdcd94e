//! The station's end of the four-way handshake.

use super::{
    Candidate, JoinFault, JoinStage, Key, Link, PairwiseKeys, RadioCommand, State, Supplicant,
    SupplicantEvent, TRIES, WAIT, WAIT_EAP,
};
use crate::crypto::Sealed;
use crate::proto::wlan::pairwise_key;
use crate::rng::Stream;
use crate::time::Time;
use crate::wire::Mac;
use crate::wire::dot11::Dot11Body;
use crate::wire::eap::EapolKey;

impl Supplicant {
    /// Has a master key: the access point begins the handshake.
    pub(super) fn await_message_1(&mut self, now: Time, rng: &mut Stream, to: Candidate, pmk: Key) {
        let snonce = rng.next_u64();
        self.state = State::AwaitMessage1 { to, pmk, snonce };
        self.wait(now, WAIT * u64::from(TRIES) + WAIT_EAP);
    }

    /// A message of the handshake was heard.
    pub(super) fn key(&mut self, now: Time, from: Mac, key: &EapolKey) {
        match (&self.state, key) {
            (State::Idle, _) => self.repeated(from, key),
            (State::Eap { to, .. }, _) if to.bssid == from => {
                // The success message was lost; the handshake shows that the server accepted, but without it there is no key.
                let network = to.network;
                self.fail(now, JoinStage::Eap, JoinFault::Timeout, network);
            }
            (
                State::AwaitMessage1 { to, pmk, snonce }
                | State::AwaitMessage3 {
                    to, pmk, snonce, ..
                },
                EapolKey::M1 { anonce, replay },
            ) if to.bssid == from => {
                let (to, pmk, snonce) = (to.clone(), *pmk, *snonce);
                let pairwise = pairwise_key(&pmk, *anonce, snonce, from, self.config.mac);
                let m2 = EapolKey::M2 {
                    snonce,
                    replay: *replay,
                    mic: Sealed::seal(&pairwise, u64::from(*replay), 16),
                };
                self.state = State::AwaitMessage3 {
                    to,
                    pmk,
                    snonce,
                    pairwise,
                };
                self.send(from, Dot11Body::EapolKey(m2));
            }
            (State::AwaitMessage3 { to, pairwise, .. }, EapolKey::M3 { replay, group, .. })
                if to.bssid == from =>
            {
                let (to, pairwise) = (to.clone(), *pairwise);
                match group.open(&pairwise).copied() {
                    Some(group) => {
                        let keys = PairwiseKeys::install(pairwise);
                        self.confirm(from, &keys, *replay);
                        self.up(now, &to, Some((keys, group)), *replay);
                    }
                    None => {
                        let why = JoinFault::WrongKey;
                        self.fail(now, JoinStage::FourWay, why, to.network);
                    }
                }
            }
            _ => {}
        }
    }

    /// Sends message 4.
    fn confirm(&mut self, to: Mac, keys: &PairwiseKeys, replay: u32) {
        let mic = keys.mic(u64::from(replay));
        self.send(to, Dot11Body::EapolKey(EapolKey::M4 { replay, mic }));
    }

    /// Message 3 comes again, because message 4 was lost: it is confirmed again. A station with the vulnerability also installs the
    /// key again: it numbers its packets from one a second time and takes old ones from the other end.
    fn repeated(&mut self, from: Mac, key: &EapolKey) {
        let (EapolKey::M3 { replay, group, .. }, Some(link)) = (key, &mut self.link) else {
            return;
        };
        let fresh = link.bssid == from && *replay > link.replay;
        let keys = link.keys.as_mut().filter(|_| fresh);
        let Some(keys) = keys.filter(|k| group.open(k.key()).is_some()) else {
            return;
        };
        link.replay = *replay;
        if self.config.reinstalls_keys {
            *keys = PairwiseKeys::install(*keys.key());
        }
        let keys = *keys;
        self.confirm(from, &keys, *replay);
    }

    /// The join is through: the new association takes the place of the one before.
    pub(super) fn up(
        &mut self,
        now: Time,
        to: &Candidate,
        keys: Option<(PairwiseKeys, Key)>,
        replay: u32,
    ) {
        let new_network = self.last_network != Some(to.network);
        self.last_network = Some(to.network);
        let roamed = self.link.is_some();
        self.link = Some(Link {
            bssid: to.bssid,
            channel: to.channel,
            network: to.network,
            dbm: to.dbm,
            keys: keys.map(|(pairwise, _)| pairwise),
            group: keys.map(|(_, group)| group),
            pmf: to.pmf,
            replay,
        });
        self.state = State::Idle;
        self.failures = 0;
        // Whatever deadline there was is over, which has a number too.
        self.due = None;
        self.deadlines += 1;
        self.events.push_back(SupplicantEvent::Joined {
            ssid: self.config.networks[to.network].ssid.clone(),
            bssid: to.bssid,
            took: now - self.started,
        });
        let tune = RadioCommand::Tune(to.channel, Some(to.bssid));
        self.transmit.push_back(tune);
        if !roamed || new_network {
            self.events
                .push_back(SupplicantEvent::LinkUp { new_network });
        }
    }
}

//! The two ends of a join against each other, over a channel that loses, delays and repeats frames.

use super::authenticator::{Authenticator, AuthenticatorConfig, AuthenticatorEvent};
use super::supplicant::{
    Heard, KnownNetwork, RadioCommand, Supplicant, SupplicantConfig, SupplicantEvent,
};
use super::{JoinFault, JoinStage};
use crate::crypto::{Key, Passphrase, Sealed};
use crate::proto::tls::Credentials;
use crate::rng::{Luck, NodeKey, Purpose, Stream};
use crate::time::{Duration, Time};
use crate::wire::dot11::{Akm, Dot11, Dot11Body};
use crate::wire::eap::{Eap, EapolKey};
use crate::wire::{Arp, Body, Frame, Ip, Mac};
use proptest::prelude::*;
use std::collections::BTreeMap;

const AP: Mac = Mac(0xA0);
const STATION: Mac = Mac(0x51);

fn key(passphrase: &str) -> Key {
    Passphrase::of(passphrase).wlan_key("ward")
}

fn supplicant(akm: Akm, psk: Option<Key>) -> Supplicant {
    Supplicant::new(SupplicantConfig {
        mac: STATION,
        identity: "pump".to_owned(),
        networks: vec![KnownNetwork {
            ssid: "ward".to_owned(),
            akm,
            psk,
            server_name: None,
            configured: Some(0),
        }],
        credentials: Credentials::default(),
        eap_capable: false,
        pmf_capable: true,
        reinstalls_keys: false,
        channels: vec![6],
        processor_factor: 1.0,
    })
}

fn authenticator(akm: Akm, pmf: bool) -> Authenticator {
    Authenticator::new(AuthenticatorConfig {
        bssid: AP,
        station: STATION,
        akm,
        psk: (akm == Akm::Psk).then(|| key("step-down-2024")),
        group: key("group"),
        pmf,
    })
}

fn rng(n: u64) -> Stream {
    Luck::new(1).stream(NodeKey::of("x"), Purpose::new("join test"), n)
}

/// A data frame that tells by its address which one it is.
fn data(number: u32) -> Frame {
    Frame {
        src: STATION,
        dst: AP,
        body: Body::Arp(Arp {
            reply: false,
            sender_mac: STATION,
            sender_ip: Ip(number),
            target_ip: Ip::UNSPECIFIED,
        }),
    }
}

fn number(frame: &Frame) -> u32 {
    match &frame.body {
        Body::Arp(arp) => arp.sender_ip.0,
        Body::Ip(_) => panic!("not a frame of this test"),
    }
}

/// What the channel does to a frame.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Lost,
    /// Arrives after so many milliseconds.
    After(u64),
    /// Arrives at once and again.
    Twice(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => Just(Fate::Lost),
        4 => (0u64..3).prop_map(Fate::After),
        2 => (0u64..900).prop_map(Fate::After),
        2 => (1u64..900).prop_map(Fate::Twice),
    ]
}

/// An access point, a station and the channel between them. When the script is over the channel is perfect.
struct Air {
    now: Time,
    station: Supplicant,
    ap: Option<Authenticator>,
    akm: Akm,
    pmf: bool,
    on_the_way: BTreeMap<(Time, u64), Dot11>,
    script: std::vec::IntoIter<Fate>,
    sent: u64,
    joins: u32,
    refused: Vec<JoinFault>,
    failed: Vec<(JoinStage, JoinFault)>,
    /// Numbers of the data frames that each end was handed.
    at_ap: Vec<u32>,
    at_station: Vec<u32>,
}

impl Air {
    fn new(station: Supplicant, akm: Akm, script: Vec<Fate>) -> Self {
        let mut air = Self {
            now: Time::ZERO,
            station,
            ap: None,
            akm,
            pmf: false,
            on_the_way: BTreeMap::new(),
            script: script.into_iter(),
            sent: 0,
            joins: 0,
            refused: Vec::new(),
            failed: Vec::new(),
            at_ap: Vec::new(),
            at_station: Vec::new(),
        };
        air.station.handle_power_on(Time::ZERO);
        air.drain();
        air
    }

    fn send(&mut self, frame: Dot11) {
        let (first, second) = match self.script.next().unwrap_or(Fate::After(0)) {
            Fate::Lost => (None, None),
            Fate::After(ms) => (Some(ms), None),
            Fate::Twice(ms) => (Some(0), Some(ms)),
        };
        for ms in [first, second].into_iter().flatten() {
            self.sent += 1;
            let at = self.now + Duration::from_micros(50) + Duration::from_millis(ms);
            self.on_the_way.insert((at, self.sent), frame.clone());
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.station.poll_event() {
            match event {
                SupplicantEvent::Joined { .. } => self.joins += 1,
                SupplicantEvent::JoinFailed { stage, why, .. } => self.failed.push((stage, why)),
                SupplicantEvent::Data(frame) => self.at_station.push(number(&frame)),
                _ => {}
            }
        }
        while let Some(command) = self.station.poll_transmit() {
            if let RadioCommand::Send(frame) = command {
                self.send(frame);
            }
        }
        while let Some(frame) = self.ap.as_mut().and_then(Authenticator::poll_transmit) {
            self.send(frame);
        }
        while let Some(event) = self.ap.as_mut().and_then(Authenticator::poll_event) {
            match event {
                AuthenticatorEvent::Refused { why, .. } => self.refused.push(why),
                AuthenticatorEvent::Data(frame) => self.at_ap.push(number(&frame)),
                AuthenticatorEvent::Closed => self.ap = None,
                _ => {}
            }
        }
    }

    fn arrive(&mut self, frame: Dot11) {
        let mut rng = rng(self.sent);
        if frame.ta == AP {
            let heard = Heard {
                frame,
                dbm: -40,
                channel: 6,
            };
            self.station.handle_frame(self.now, 0, &mut rng, heard);
        } else if let Dot11Body::ProbeRequest { .. } = frame.body {
            self.send(Dot11 {
                ta: AP,
                ra: STATION,
                bssid: AP,
                body: Dot11Body::ProbeResponse {
                    ssid: "ward".to_owned(),
                    akm: self.akm,
                    pmf: self.pmf,
                    channel: 6,
                },
            });
        } else {
            if let Dot11Body::Authentication { .. } = frame.body {
                self.ap = Some(authenticator(self.akm, self.pmf));
            }
            if let Some(ap) = &mut self.ap {
                ap.handle_frame(self.now, &mut rng, frame.body);
            }
        }
        self.drain();
    }

    /// Lets things happen until nothing is left to happen, or this long has passed.
    fn run(&mut self, limit: Duration) {
        let end = self.now + limit;
        loop {
            let frame = self.on_the_way.first_key_value().map(|((at, _), _)| *at);
            let station = self.station.poll_timeout().map(|(at, _)| at);
            let ap = self.ap.as_ref().and_then(Authenticator::poll_timeout);
            let ap = ap.map(|(at, _)| at);
            let next = [frame, station, ap].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= end) else {
                return;
            };
            self.now = next;
            if frame == Some(next) {
                let (_, frame) = self.on_the_way.pop_first().expect("it is there");
                self.arrive(frame);
            } else if station == Some(next) {
                self.station.handle_timeout(next);
            } else if let Some(ap) = &mut self.ap {
                ap.handle_timeout(next);
            }
            self.drain();
        }
    }

    fn is_up(&self) -> bool {
        self.ap.as_ref().is_some_and(Authenticator::is_up)
    }

    /// Each end sends three data frames.
    fn talk(&mut self) {
        for n in 1..=3 {
            let frame = self.station.encapsulate(data(n)).expect("it is joined");
            self.send(frame);
            let ap = self.ap.as_mut().expect("it is there");
            let frame = ap.encapsulate(data(10 + n)).expect("it is up");
            self.send(frame);
        }
        self.run(Duration::from_secs(5));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn ends_that_share_a_key_find_each_other_over_any_channel_that_gets_better(
        script in prop::collection::vec(fate(), 0..60),
        disturbed in prop::collection::vec(fate(), 6),
    ) {
        let station = supplicant(Akm::Psk, Some(key("step-down-2024")));
        let mut air = Air::new(station, Akm::Psk, script);
        air.run(Duration::from_hours(2));
        prop_assert_eq!(air.station.joined(), Some("ward"));
        // Where the last word of the access point, that it gave up, was lost, the station does not know. Otherwise both have the same keys, and each
        // frame is taken once at most whatever the channel does.
        if air.is_up() {
            air.script = disturbed.into_iter();
            air.talk();
            for taken in [&air.at_ap, &air.at_station] {
                let mut once = taken.clone();
                once.sort_unstable();
                once.dedup();
                prop_assert_eq!(once.len(), taken.len(), "a packet was taken twice: {:?}", taken);
            }
            air.at_ap.clear();
            air.at_station.clear();
            air.talk();
            prop_assert_eq!((&air.at_ap[..], &air.at_station[..]), (&[1, 2, 3][..], &[11, 12, 13][..]));
        }
    }

    #[test]
    fn a_wrong_passphrase_never_gets_in(script in prop::collection::vec(fate(), 0..40)) {
        let mut air = Air::new(supplicant(Akm::Psk, Some(key("guess"))), Akm::Psk, script);
        // Long enough for the pauses after many lost attempts.
        air.run(Duration::from_hours(2));
        prop_assert_eq!((air.joins, air.is_up()), (0, false));
        prop_assert!(air.refused.contains(&JoinFault::WrongKey), "{:?}", air.refused);
        prop_assert!(!air.failed.is_empty());
    }
}

#[test]
fn a_perfect_channel_takes_one_attempt_and_an_open_network_no_keys() {
    for (akm, psk) in [(Akm::Psk, Some(key("step-down-2024"))), (Akm::Open, None)] {
        let mut air = Air::new(supplicant(akm, psk), akm, Vec::new());
        air.run(Duration::from_secs(2));
        assert_eq!((air.joins, air.is_up()), (1, true), "{akm:?}");
        assert!(air.failed.is_empty() && air.refused.is_empty());
        air.talk();
        assert_eq!((air.at_ap.len(), air.at_station.len()), (3, 3), "{akm:?}");
    }
}

/// An authenticator and what comes out of it.
struct Ap(Authenticator);

impl Ap {
    fn associated(akm: Akm, pmf: bool) -> Self {
        let mut ap = Self(authenticator(akm, pmf));
        ap.hear(Dot11Body::Authentication {
            sequence: 1,
            status: 0,
        });
        ap.hear(Dot11Body::AssociationRequest {
            ssid: "ward".to_owned(),
            akm,
            pmf,
            pmkid: None,
            reassociation: false,
        });
        ap
    }

    fn hear(&mut self, body: Dot11Body) -> Vec<Dot11Body> {
        self.0.handle_frame(Time::ZERO, &mut rng(1), body);
        self.sent()
    }

    fn sent(&mut self) -> Vec<Dot11Body> {
        let frames = std::iter::from_fn(|| self.0.poll_transmit());
        frames.map(|f| f.body).collect()
    }

    fn told(&mut self) -> Vec<AuthenticatorEvent> {
        std::iter::from_fn(|| self.0.poll_event()).collect()
    }

    /// Goes through the handshake under the network's key; the pairwise key.
    fn keyed(pmf: bool) -> (Self, Key) {
        let mut ap = Self(authenticator(Akm::Psk, pmf));
        ap.hear(Dot11Body::Authentication {
            sequence: 1,
            status: 0,
        });
        let sent = ap.hear(Dot11Body::AssociationRequest {
            ssid: "ward".to_owned(),
            akm: Akm::Psk,
            pmf,
            pmkid: None,
            reassociation: false,
        });
        let [.., Dot11Body::EapolKey(EapolKey::M1 { anonce, replay: 1 })] = sent[..] else {
            panic!("no message 1: {sent:?}")
        };
        let pairwise = super::pairwise_key(&key("step-down-2024"), anonce, 5, AP, STATION);
        let mic = |replay: u32| Sealed::seal(&pairwise, u64::from(replay), 16);
        let m2 = |replay| {
            Dot11Body::EapolKey(EapolKey::M2 {
                snonce: 5,
                replay,
                mic: mic(replay),
            })
        };
        let m4 = |replay| {
            Dot11Body::EapolKey(EapolKey::M4 {
                replay,
                mic: mic(replay),
            })
        };
        assert!(ap.hear(m4(1)).is_empty() && !ap.0.is_up(), "no key yet");
        assert!(ap.hear(m2(7)).is_empty(), "another counter");
        let sent = ap.hear(m2(1));
        assert!(
            matches!(
                sent[..],
                [Dot11Body::EapolKey(EapolKey::M3 { replay: 2, .. })]
            ),
            "{sent:?}"
        );
        assert!(ap.hear(m2(1)).is_empty(), "it is past that");
        ap.hear(m4(1));
        assert!(!ap.0.is_up(), "the counter of message 1");
        ap.hear(m4(2));
        assert!(ap.0.is_up());
        (ap, pairwise)
    }
}

#[test]
fn the_handshake_takes_its_messages_in_their_order_with_the_counter_of_the_last() {
    let (mut ap, _) = Ap::keyed(false);
    let told = ap.told();
    assert!(
        matches!(
            told[..],
            [AuthenticatorEvent::HandshakeBegun, AuthenticatorEvent::Up]
        ),
        "{told:?}"
    );
    assert!(ap.0.poll_timeout().is_none());
}

#[test]
fn who_does_not_answer_is_asked_three_times_and_sent_away() {
    let mut ap = Ap::associated(Akm::Psk, false);
    ap.told();
    let mut replays = Vec::new();
    for n in 1..=3u64 {
        let (at, _) = ap.0.poll_timeout().expect("it waits");
        assert_eq!(at, Time::ZERO + Duration::from_millis(400 * n));
        ap.0.handle_timeout(at);
        match &ap.sent()[..] {
            [Dot11Body::EapolKey(EapolKey::M1 { replay, .. })] => replays.push(*replay),
            [Dot11Body::Deauthentication { reason: 15, .. }] => replays.push(0),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(replays, [2, 3, 0], "a counter of its own for each");
    assert!(matches!(ap.told()[..], [AuthenticatorEvent::Closed]));
    let again = ap.hear(Dot11Body::EapolStart);
    assert!(again.is_empty() && ap.told().is_empty(), "it is over");
}

#[test]
fn a_protected_association_ends_by_its_own_key_only() {
    let (mut ap, pairwise) = Ap::keyed(true);
    ap.told();
    let mic = |key: &Key, of| Some(Sealed::seal(key, of, 16));
    for forged in [None, mic(&key("guess"), 3), mic(&pairwise, 4)] {
        ap.hear(Dot11Body::Deauthentication {
            reason: 3,
            mic: forged,
        });
        assert!(matches!(ap.told()[..], [AuthenticatorEvent::Unprotected]));
    }
    assert!(ap.0.is_up());
    let mic = mic(&pairwise, 3);
    ap.hear(Dot11Body::Deauthentication { reason: 3, mic });
    assert!(matches!(ap.told()[..], [AuthenticatorEvent::Closed]));
    let (mut ap, _) = Ap::keyed(false);
    ap.told();
    ap.hear(Dot11Body::Deauthentication {
        reason: 3,
        mic: None,
    });
    assert!(matches!(ap.told()[..], [AuthenticatorEvent::Closed]));
}

#[test]
fn a_network_refuses_other_authentication_and_unprotected_stations_by_their_status() {
    for (akm, able, expected) in [(Akm::Open, true, 43), (Akm::Psk, false, 31)] {
        let mut ap = Ap(authenticator(Akm::Psk, true));
        ap.hear(Dot11Body::Authentication {
            sequence: 1,
            status: 0,
        });
        let sent = ap.hear(Dot11Body::AssociationRequest {
            ssid: "ward".to_owned(),
            akm,
            pmf: able,
            pmkid: None,
            reassociation: false,
        });
        assert!(
            matches!(sent[..], [Dot11Body::AssociationResponse { status, .. }] if status == expected),
            "{sent:?}"
        );
        let told = ap.told();
        assert!(
            matches!(
                told[..],
                [AuthenticatorEvent::Refused { stage: JoinStage::Association, why }]
                    if why == JoinFault::Refused(expected)
            ),
            "{told:?}"
        );
    }
}

#[test]
fn eap_is_relayed_until_there_is_a_master_key_and_one_is_taken() {
    let mut ap = Ap::associated(Akm::EapTls, false);
    ap.told();
    ap.hear(Dot11Body::EapolStart);
    assert!(matches!(ap.told()[..], [AuthenticatorEvent::Eap(None)]));
    ap.0.handle_eap(Eap::IdentityRequest);
    assert!(matches!(
        ap.sent()[..],
        [Dot11Body::Eapol(Eap::IdentityRequest)]
    ));
    ap.0.handle_master_key(Time::ZERO, &mut rng(1), key("pmk"));
    let sent = ap.sent();
    assert!(
        matches!(
            sent[..],
            [
                Dot11Body::AssociationResponse { cached: true, .. },
                Dot11Body::EapolKey(EapolKey::M1 { .. })
            ]
        ),
        "{sent:?}"
    );
    assert!(matches!(
        ap.told()[..],
        [AuthenticatorEvent::HandshakeBegun]
    ));
    ap.0.handle_master_key(Time::ZERO, &mut rng(2), key("pmk"));
    ap.hear(Dot11Body::Eapol(Eap::TlsAck));
    assert!(ap.sent().is_empty() && ap.told().is_empty());
    ap.0.handle_rejected();
    assert!(matches!(
        ap.sent()[..],
        [Dot11Body::Deauthentication { reason: 23, .. }]
    ));
}

#[test]
fn a_cached_key_is_asked_about_and_a_data_frame_needs_keys_and_a_new_number() {
    let mut ap = Ap(authenticator(Akm::EapTls, false));
    ap.hear(Dot11Body::Authentication {
        sequence: 1,
        status: 0,
    });
    let request = Dot11Body::AssociationRequest {
        ssid: "ward".to_owned(),
        akm: Akm::EapTls,
        pmf: false,
        pmkid: Some(77),
        reassociation: true,
    };
    assert!(ap.hear(request).is_empty(), "the answer waits");
    let told = ap.told();
    assert!(matches!(
        told[..],
        [AuthenticatorEvent::CachedKeyOffered(77)]
    ));
    ap.0.handle_not_cached();
    assert!(matches!(
        ap.sent()[..],
        [Dot11Body::AssociationResponse { cached: false, .. }]
    ));
    assert!(ap.0.encapsulate(data(1)).is_none(), "its port is closed");
    let (mut ap, pairwise) = Ap::keyed(false);
    ap.told();
    let mut keys = super::PairwiseKeys::install(pairwise);
    let first = keys.seal(data(1));
    ap.hear(keys.seal(data(2)));
    ap.hear(first);
    let told = ap.told();
    assert!(
        matches!(
            told[..],
            [
                AuthenticatorEvent::Data(_),
                AuthenticatorEvent::Undecipherable
            ]
        ),
        "a number that is not new: {told:?}"
    );
}

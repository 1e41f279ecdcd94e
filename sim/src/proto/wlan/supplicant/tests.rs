use super::*;
use crate::proto::wlan::pairwise_key;
use crate::rng::{Luck, NodeKey, Purpose};
use crate::wire::eap::EapolKey;

const AP: Mac = Mac(0xA0);

fn pmk() -> Key {
    crate::crypto::Passphrase::of("step-down-2024").wlan_key("ward")
}

fn station(reinstalls_keys: bool) -> Supplicant {
    let known = KnownNetwork {
        ssid: "ward".to_owned(),
        akm: Akm::Psk,
        psk: Some(pmk()),
        server_name: None,
        configured: Some(3),
    };
    Supplicant::new(SupplicantConfig {
        mac: Mac(1),
        identity: "pump".to_owned(),
        networks: vec![known],
        credentials: Credentials::default(),
        eap_capable: false,
        pmf_capable: false,
        reinstalls_keys,
        channels: vec![6],
        processor_factor: 1.0,
    })
}

fn rng() -> Stream {
    Luck::new(1).stream(NodeKey::of("pump"), Purpose::new("station test"), 0)
}

/// Lets a station hear a frame; what it sends.
fn hear(station: &mut Supplicant, body: Dot11Body) -> Vec<Dot11Body> {
    let frame = Dot11 {
        ta: AP,
        ra: station.mac(),
        bssid: AP,
        body,
    };
    let heard = Heard {
        frame,
        dbm: -40,
        channel: 6,
    };
    station.handle_frame(Time::ZERO, 0, &mut rng(), heard);
    sent(station)
}

fn sent(station: &mut Supplicant) -> Vec<Dot11Body> {
    let commands = std::iter::from_fn(|| station.poll_transmit());
    let frames = commands.filter_map(|c| match c {
        RadioCommand::Send(frame) => Some(frame.body),
        RadioCommand::Tune(..) => None,
    });
    frames.collect()
}

/// Message 3 under the key that follows from this nonce, with this replay counter.
fn message_3(anonce: u64, snonce: u64, replay: u32) -> Dot11Body {
    let key = pairwise_key(&pmk(), anonce, snonce, AP, Mac(1));
    Dot11Body::EapolKey(EapolKey::M3 {
        anonce,
        replay,
        group: Sealed::seal(&key, pmk().derive("group", &[]), 56),
    })
}

/// Joins as far as message 3; the station's nonce.
fn join(station: &mut Supplicant) -> u64 {
    station.handle_power_on(Time::ZERO);
    let offer = Dot11Body::ProbeResponse {
        ssid: "ward".to_owned(),
        akm: Akm::Psk,
        pmf: false,
        channel: 6,
    };
    hear(station, offer);
    let (due, _) = station.poll_timeout().expect("a scan ends");
    station.handle_timeout(due);
    let answer = Dot11Body::Authentication {
        sequence: 2,
        status: 0,
    };
    hear(station, answer);
    let answer = Dot11Body::AssociationResponse {
        status: 0,
        cached: false,
    };
    hear(station, answer);
    let first = EapolKey::M1 {
        anonce: 9,
        replay: 1,
    };
    let nonce = hear(station, Dot11Body::EapolKey(first))
        .iter()
        .find_map(|body| match body {
            Dot11Body::EapolKey(EapolKey::M2 { snonce, .. }) => Some(*snonce),
            _ => None,
        });
    let nonce = nonce.expect("the station answers message 1");
    hear(station, message_3(9, nonce, 2));
    assert_eq!(station.joined(), Some("ward"));
    nonce
}

fn next_number(station: &mut Supplicant) -> u64 {
    let frame = Frame {
        src: Mac(1),
        dst: AP,
        body: crate::wire::Body::Arp(crate::wire::Arp {
            reply: false,
            sender_mac: Mac(1),
            sender_ip: crate::wire::Ip::UNSPECIFIED,
            target_ip: crate::wire::Ip::UNSPECIFIED,
        }),
    };
    match station.encapsulate(frame).expect("there is a link").body {
        Dot11Body::Pairwise { number, .. } => number,
        other => panic!("{other:?}"),
    }
}

fn confirms(sent: &[Dot11Body]) -> bool {
    let is_4 = |b: &Dot11Body| matches!(b, Dot11Body::EapolKey(EapolKey::M4 { replay: 3, .. }));
    sent.iter().any(is_4)
}

#[test]
fn a_station_with_the_vulnerability_uses_packet_numbers_twice_and_a_patched_one_goes_on_counting() {
    for (vulnerable, after) in [(true, 1), (false, 3)] {
        let mut station = station(vulnerable);
        let nonce = join(&mut station);
        assert_eq!(next_number(&mut station), 1);
        assert_eq!(next_number(&mut station), 2);
        let out = hear(&mut station, message_3(9, nonce, 3));
        assert!(
            confirms(&out),
            "message 3 that came again is confirmed again"
        );
        assert_eq!(next_number(&mut station), after);
    }
}

#[test]
fn a_patch_removes_the_vulnerability_and_an_old_or_forged_message_3_sets_nothing_back() {
    let mut station = station(true);
    let nonce = join(&mut station);
    assert_eq!(next_number(&mut station), 1);
    // The same counter again, and a key that is not this handshake's.
    for stale in [message_3(9, nonce, 2), message_3(8, nonce, 3)] {
        assert!(!confirms(&hear(&mut station, stale)));
    }
    assert_eq!(next_number(&mut station), 2);
    assert!(station.mend());
    assert!(!station.mend(), "there is nothing left to mend");
    hear(&mut station, message_3(9, nonce, 3));
    assert_eq!(next_number(&mut station), 3);
}

#[test]
fn an_offer_with_another_authentication_is_declined_and_told() {
    let mut station = station(false);
    station.handle_power_on(Time::ZERO);
    let offer = |akm| Dot11Body::ProbeResponse {
        ssid: "ward".to_owned(),
        akm,
        pmf: false,
        channel: 6,
    };
    let declined = |station: &mut Supplicant, akm| {
        hear(station, offer(akm));
        let mut events = std::iter::from_fn(|| station.poll_event());
        events.any(|e| {
            matches!(
                e,
                SupplicantEvent::OfferDeclined {
                    configured: Some(3),
                    ..
                }
            )
        })
    };
    assert!(declined(&mut station, Akm::Open));
    assert!(!declined(&mut station, Akm::Psk));
}

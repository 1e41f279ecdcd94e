use super::*;
use crate::record::WirelessRecord;
use crate::rng::{Luck, NodeKey, Purpose};

const AP: Mac = Mac(0xA0);

fn pmk() -> Key {
    crate::crypto::Passphrase::of("step-down-2024").wlan_key("ward")
}

fn station(reinstalls_keys: bool) -> Station {
    let known = KnownNetwork {
        ssid: "ward".to_owned(),
        akm: Akm::Psk,
        psk: Some(pmk()),
        server_name: None,
        unprotected: None,
        declined: None,
    };
    Station::new(StationConfig {
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

fn hear(station: &mut Station, body: Dot11Body) -> Vec<Output> {
    let mut luck = Luck::new(1).stream(NodeKey::of("pump"), Purpose::new("station test"), 0);
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
    let mut out = Vec::new();
    station.handle_frame(&mut luck, (Time::ZERO, 0), heard, &mut out);
    out
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
fn join(station: &mut Station) -> u64 {
    let mut out = Vec::new();
    station.power_on(Time::ZERO, &mut out);
    let offer = Dot11Body::ProbeResponse {
        ssid: "ward".to_owned(),
        akm: Akm::Psk,
        pmf: false,
        channel: 6,
    };
    hear(station, offer);
    let token = station.epoch;
    station.handle_timeout(Time::ZERO, token, &mut out);
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
    let out = hear(station, Dot11Body::EapolKey(first));
    let nonce = out.iter().find_map(|o| match o {
        Output::Transmit(f) => match &f.body {
            Dot11Body::EapolKey(EapolKey::M2 { snonce, .. }) => Some(*snonce),
            _ => None,
        },
        _ => None,
    });
    let nonce = nonce.expect("the station answers message 1");
    hear(station, message_3(9, nonce, 2));
    assert_eq!(station.joined(), Some("ward"));
    nonce
}

fn next_number(station: &mut Station) -> u64 {
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

fn confirms(out: &[Output]) -> bool {
    let is_4 = |f: &Dot11| matches!(f.body, Dot11Body::EapolKey(EapolKey::M4 { replay: 3, .. }));
    out.iter()
        .any(|o| matches!(o, Output::Transmit(f) if is_4(f)))
}

#[test]
fn a_station_with_the_flaw_uses_packet_numbers_twice_and_a_patched_one_goes_on_counting() {
    for (flaw, after) in [(true, 1), (false, 3)] {
        let mut station = station(flaw);
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
fn a_patch_takes_the_flaw_away_and_an_old_or_forged_message_3_sets_nothing_back() {
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
    station.power_on(Time::ZERO, &mut Vec::new());
    let offer = |akm| Dot11Body::ProbeResponse {
        ssid: "ward".to_owned(),
        akm,
        pmf: false,
        channel: 6,
    };
    let declined = |out: &[Output]| {
        let told = |o: &Output| {
            matches!(
                o,
                Output::Record(LabRecord::Wireless(WirelessRecord::OfferDeclined { .. }))
            )
        };
        out.iter().any(told)
    };
    assert!(declined(&hear(&mut station, offer(Akm::Open))));
    assert!(!declined(&hear(&mut station, offer(Akm::Psk))));
}

//! The questions, with the answers of a careful expert.

use super::trial::Question;

/// VLANs, and the controls that come with them: `psk-segmented`, to which something is added.
const SEGMENTED: &str = "NET-01+NET-02+NET-03+NET-04+NET-09+WL-01+WL-02";

#[test]
fn a_leaked_key_lets_limits_be_altered() {
    let question = Question::copied(1);
    let file = "leaked-key.toml";
    let said = question.as_written(file);
    assert!(!said.held(), "VLANs do not keep out who has the key");
    assert!(
        said.reached()
            .is_some_and(|at| (600.0..660.0).contains(&at))
    );
    assert!(said.contrast_reached().is_some());
    assert!(said.broke("dose-limits"), "a slip is no longer refused");
    question.says("doses are not safe");
    question.says("change the key today");

    let legacy_pump = |defence: &str| question.under(file, defence);
    assert!(!legacy_pump(&format!("{SEGMENTED}+DEV-07")).held());
    assert!(!legacy_pump("sp1800-8").held());
    let plus = legacy_pump("sp1800-8-plus");
    assert!(plus.held() && plus.names("WL-07"));
    question.warns("rogue access point");

    let other = question.changed(file, "\"pump-09\", drug", "\"pump-12\", drug");
    assert!(!question.under(&other, "psk-segmented").held());
    let signed = question.under(&other, &format!("{SEGMENTED}+DEV-07"));
    assert!(signed.held() && signed.names("DEV-07"));
    let certificates = question.under(&other, "sp1800-8");
    assert!(certificates.held() && certificates.names("NET-02"));
}

#[test]
fn naming_the_listed_network_reassures_by_accident() {
    let question = Question::copied(1);
    let join = "use = \"join-wlan\"";
    let named = format!("{join}\nwith = {{ ssid = \"hospital\" }}");
    let wrong = [
        (join, named.as_str()),
        ("\"wlan-psk\"", "{ passphrase = \"hospital\" }"),
    ];
    for (from, to) in wrong {
        let file = question.changed("leaked-key.toml", from, to);
        let said = question.pumplab(&["run", &format!("./{file}")]);
        assert!(said.held() && said.names("NET-02"), "take the caveat away");
    }
    question.warns("Do not name the network");
}

#[test]
fn a_vendor_password_opens_what_the_firewall_permits() {
    let question = Question::copied(2);
    let file = "vendor-password.toml";
    let said = question.as_written(file);
    assert!(!said.held() && said.reached().is_some_and(|at| at < 601.0));
    assert_eq!(
        said.metric("records-exposed"),
        Some(12.0),
        "six at the broker, six at the thief"
    );
    question.says("Records of six patients");
    for alone in ["ID-06", "ID-07"] {
        let said = question.under(file, &format!("{SEGMENTED}+{alone}"));
        assert!(said.reached().is_some(), "{alone} alone does not help");
    }
    let both = question.under(file, &format!("{SEGMENTED}+ID-06+ID-07"));
    assert!(both.held() && both.reached().is_none());
    let plus = question.under(file, "sp1800-8-plus");
    assert!(
        plus.held() && plus.names("ID-06"),
        "it was ID-07: take the caveat away"
    );
    question.warns("It was ID-07");
    let guide = question.under(file, "sp1800-8");
    assert!(guide.held() && guide.names("SRV-09"));
    question.warns("still has a shell");

    let addresses = ", { address = \"broker\" }, { address = \"pumpserver-a\" }";
    let wrong = question.changed(file, addresses, "");
    let said = question.pumplab(&["run", &format!("./{wrong}")]);
    assert!(said.held() && said.names("NET-04"), "take the caveat away");
    question.warns("An address is not a secret");
}

#[test]
fn an_expired_radius_certificate_bites_when_sessions_end() {
    let question = Question::copied(3);
    let said = question.as_written("radius-certificate.toml");
    assert!(!said.held());
    assert!(
        said.expectation(1, "offline"),
        "nothing happens at six hours"
    );
    assert_eq!(
        said.metric("pumps-offline"),
        Some(2.0),
        "those with certificates"
    );
    assert!(!said.broke("therapy-continuity") && said.broke("alarm-delivery"));
    question.says("at most eight hours later");
    question.warns("drop over eight hours");
}

#[test]
fn alarms_reach_nobody_while_the_station_is_encrypted() {
    let question = Question::copied(4);
    let file = "ransomware-station.toml";
    let said = question.as_written(file);
    assert!(said.reached().is_some() && said.contrast_reached().is_some());
    assert!(!said.expectation(3, "alarm"), "none was displayed");
    assert!(said.metric("alarm-delivery-p99").is_none_or(|s| s > 1380.0));
    let waits = said.metric("alarm-latency-p99").expect("alarms sounded");
    assert!((1380.0..1390.0).contains(&waits), "{waits}");
    question.says("23 minutes");
    assert!(!said.broke("alarm-delivery"), "take the caveat away");
    question.warns("not whether a person saw the alarm");
    for defence in ["sp1800-8", "sp1800-8-plus"] {
        let said = question.pumplab(&[
            "run",
            &format!("./{file}"),
            "--library",
            "own",
            "--defence",
            defence,
        ]);
        assert!(said.reached().is_some(), "{defence}");
    }
}

#[test]
fn a_pump_server_that_is_down_stops_no_infusion() {
    let question = Question::copied(5);
    let said = question.as_written("server-down.toml");
    assert!(!said.held());
    assert!(!said.broke("therapy-continuity") && said.broke("alarm-delivery"));
    assert!(said.expectation(5, "lost"));
    assert!(said.expectation(4, "offline"), "all are back");
    assert_eq!(said.metric("pumps-offline-max"), Some(6.0));
    question.says("Six pumps");
    question.warns("10 infusions on 12 pumps");
}

#[test]
fn without_radius_pumps_drop_when_their_sessions_end() {
    let question = Question::copied(6);
    let file = "radius-down.toml";
    let said = question.as_written(file);
    assert!(!said.held() && !said.broke("therapy-continuity"));
    assert!(said.expectation(3, "offline"));
    assert_eq!(said.metric("pumps-offline-max"), Some(5.0));
    assert_eq!(said.metric("pumps-offline"), Some(0.0), "back");
    question.says("five of the nine pumps");
    assert!(
        question.under(file, "psk-segmented").held(),
        "no pump asks it"
    );
    question.says("no argument for a shared key");
    question.warns("some end in the first minutes");
}

#[test]
fn a_lost_pump_was_not_wiped() {
    let question = Question::copied(7);
    let file = "lost-pump.toml";
    let said = question.as_written(file);
    assert!(said.reached().is_some() && said.broke("phi-confinement"));
    let guide = question.under(file, "sp1800-8");
    assert!(
        guide.held() && guide.names("OPS-06"),
        "take the caveat away"
    );
    question.warns("was never wiped");
    let file = format!("./{file}");
    let without = |controls: &str| {
        question.pumplab(&["run", &file, "--without", controls, "--defence", "sp1800-8"])
    };
    let lost = without("OPS-06");
    assert!(lost.names("WL-06") && lost.reached().is_none() && lost.broke("phi-confinement"));
    assert!(without("OPS-06,WL-06").reached().is_some());
    let wrong = question.changed("lost-pump.toml", "resold-pump", "pump-12");
    let said = question.pumplab(&["run", &format!("./{wrong}")]);
    assert!(!said.held() && said.reached().is_none() && said.contrast_reached().is_none());
    question.warns("the contrast fails then");
}

#[test]
fn a_rogue_access_point_with_the_key_gets_pumps() {
    let question = Question::copied(8);
    let file = "rogue-ap.toml";
    let said = question.as_written(file);
    assert!(said.reached().is_some() && said.contrast_reached().is_some());
    assert!(!said.broke("library-integrity"));
    question.warns("only stores the library so far");
    for defence in ["sp1800-8", "sp1800-8-plus"] {
        assert!(
            question.under(file, defence).reached().is_some(),
            "{defence}"
        );
    }
    let keyless = question.changed(file, "\"wlan-psk\", ", "");
    let said = question.pumplab(&["run", &format!("./{keyless}")]);
    assert!(said.reached().is_none() && said.names("WL-02"));

    let unnamed = question.changed(file, "network = \"pump-psk\", ", "");
    let wrong = question.under(&unnamed, "sp1800-8");
    assert!(wrong.held() && wrong.names("WL-03"), "take the caveat away");
    question.warns("were never tried");
}

#[test]
fn a_firewall_change_is_asked_both_ways() {
    let question = Question::copied(9);
    let through = question.as_written("firewall-change.toml");
    assert!(through.reached().is_some_and(|at| at >= 1200.0));
    let guide = question.under("firewall-change.toml", "sp1800-8");
    assert!(guide.reached().is_none() && guide.names("DEV-07"));
    question.says("the rule is as wrong there");

    let cut = question.as_written("firewall-cut.toml");
    assert!(cut.expectation(1, "offline"), "flows that are open stay");
    assert_eq!(cut.metric("pumps-offline"), Some(6.0));
    question.says("six pumps do not come back");
    question.warns("no command yet that compares all paths");
}

#[test]
fn phishing_takes_the_offices() {
    let question = Question::copied(10);
    let file = "phishing.toml";
    let said = question.as_written(file);
    assert!(said.reached().is_none() && said.contrast_reached().is_some());
    assert!(said.names("NET-02"));
    assert_eq!(said.metric("hosts-held-business"), Some(3.0));
    assert_eq!(said.metric("hosts-held-clinical"), Some(0.0));
    question.says("three hosts of the office taken");
    let patched = question.under(file, &format!("{SEGMENTED}+SRV-06"));
    assert_eq!(patched.metric("hosts-held-business"), Some(1.0));
    for seed in ["2", "5"] {
        let said = question.pumplab(&["run", &format!("./{file}"), "--seed", seed]);
        assert_eq!(
            said.metric("hosts-held"),
            Some(0.0),
            "seed {seed}: nobody opens it"
        );
        assert!(said.contrast_reached().is_none() && !said.held());
    }
    let guide = question.under(file, "sp1800-8");
    assert!(
        guide.held() && guide.names("OPS-08"),
        "take the caveat away"
    );
    question.warns("One seed decides");
}

#[test]
fn a_library_comes_when_infusions_end() {
    let question = Question::copied(11);
    let file = "friday.toml";
    let mut hours = Vec::new();
    for seed in ["1", "2", "3"] {
        let said = question.pumplab(&["run", &format!("./{file}"), "--seed", seed]);
        hours.push(said.metric("library-time-80").expect("80 % have it") / 3600.0);
        assert!(
            said.metric("library-latency-p99").is_some_and(|s| s < 1.0),
            "sent at once"
        );
    }
    assert!(hours.iter().all(|h| (19.75..19.9).contains(h)), "{hours:?}");
    question.says("19 h 46 min to 19 h 52 min");
    assert!(question.as_written(file).held());
    question.warns("22 days");
}

#[test]
fn an_unknown_device_is_a_matter_of_the_socket() {
    let question = Question::copied(12);
    let file = "unknown-device.toml";
    assert!(question.as_written(file).reached().is_some());
    let known = question.under(file, &format!("{SEGMENTED}+NET-05"));
    assert!(known.held() && known.names("NET-05"));
    for zone in ["clinical", "business"] {
        let socket = question.changed(file, "\"meddev\"", &format!("\"{zone}\""));
        let said = question.pumplab(&["run", &format!("./{socket}")]);
        assert!(said.held() && said.names("NET-02"), "{zone}");
    }
    question.warns("for that socket only");
    let copied = question.pumplab(&["run", "borrowed-address"]);
    assert!(copied.contrast_reached().is_some() && copied.names("NET-10"));
    question.warns("recognises devices by MAC address");
}

#[test]
fn without_dhcp_pumps_stay_until_their_leases_end() {
    let question = Question::copied(13);
    let said = question.as_written("dhcp-dns.toml");
    assert!(!said.held());
    assert_eq!(said.metric("pumps-offline-max"), Some(12.0));
    assert_eq!(said.metric("pumps-offline"), Some(0.0), "back");
    assert!(said.broke("alarm-delivery") && said.broke("therapy-continuity"));
    question.says("every pump");
    question.warns("half a lease after");
}

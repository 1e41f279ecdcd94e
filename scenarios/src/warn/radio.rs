//! Wireless hosts that can never join.

use super::{Warner, host, names, verb};
use crate::diagnostic::Code;
use pumplab_sim::spec::{HostSpec, LabSpec, LinkSpec, NetworkSpec, Position, SupplicantSpec};
use pumplab_sim::wire::dot11::Akm;
use std::collections::BTreeMap;

pub(super) fn look(w: &mut Warner<'_>) {
    let mut barred: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut far: Vec<(&HostSpec, f64, f64)> = Vec::new();
    let lab = w.lab;
    for station in &lab.hosts {
        let LinkSpec::Radio {
            position,
            supplicant,
        } = &station.link
        else {
            continue;
        };
        let known = supplicant.networks.iter().map(|n| &n.value);
        let tried: Vec<_> = known
            .map(|n| (n, obstacle(lab, station, supplicant, n)))
            .collect();
        let joinable: Vec<&str> = tried
            .iter()
            .filter(|(_, obstacle)| obstacle.is_none())
            .map(|(n, _)| n.ssid.as_str())
            .collect();
        match tried.first() {
            // Whoever knows no network, such as a visitor under some defences, looks for none.
            None => {}
            Some((_, Some(reason))) if joinable.is_empty() => {
                barred
                    .entry(reason.clone())
                    .or_default()
                    .push(&station.name);
            }
            _ if w.moved.contains(station.name.as_str()) => {}
            _ => far
                .extend(out_of_range(lab, *position, &joinable).map(|(m, dbm)| (station, m, dbm))),
        }
    }
    for (reason, stations) in &barred {
        let message = format!("{} can join no wireless network: {reason}", names(stations));
        let hint = "see `pumplab show lab:NAME --defence NAME` for the networks, and the profile for what it can do";
        w.warn(
            Code::NoCarrier,
            &host(stations[0], "profile"),
            message,
            "never on the network",
            hint,
        );
    }
    if let Some((first, metres, dbm)) = far.first() {
        let all: Vec<&str> = far.iter().map(|(h, ..)| h.name.as_str()).collect();
        let radio = &lab.radio;
        let message = format!(
            "{} out of range of every access point: at {metres:.0} m the signal of the nearest is {dbm:.0} dBm, and {:.0} dBm are needed",
            format_args!("{} {}", names(&all), verb(&all, "is", "are")),
            radio.sensitivity_dbm
        );
        let hint = format!(
            "an access point is heard up to {:.0} m here: move one nearer, or add one",
            reach(lab)
        );
        w.warn(
            Code::OutOfRange,
            &host(&first.name, "at"),
            message,
            "hears no access point",
            &hint,
        );
    }
}

/// What keeps a station off a network that it knows; none where nothing does.
fn obstacle(
    lab: &LabSpec,
    station: &HostSpec,
    able: &SupplicantSpec,
    known: &NetworkSpec,
) -> Option<String> {
    let ssid = &known.ssid;
    let Some(wlan) = lab.wlan(ssid) else {
        return Some(format!("there is no network `{ssid}` any more"));
    };
    let akm = wlan.akm.value;
    if akm != known.akm {
        return Some(format!(
            "`{ssid}` authenticates by {}, and it takes {} only",
            word(akm),
            word(known.akm)
        ));
    }
    if akm == Akm::Psk && wlan.passphrase.as_ref().map(|p| &p.value) != known.passphrase.as_ref() {
        return Some(format!(
            "`{ssid}` has another passphrase than the one it knows"
        ));
    }
    if akm == Akm::EapTls && !able.eap_capable {
        return Some(format!(
            "`{ssid}` authenticates by EAP-TLS, which it cannot do"
        ));
    }
    if akm == Akm::EapTls && station.certificate.is_none() {
        return Some(format!(
            "`{ssid}` authenticates by EAP-TLS, and it has no certificate; the control ID-01 issues them"
        ));
    }
    if wlan.pmf.value && !able.pmf_capable {
        return Some(format!(
            "`{ssid}` asks for protected management frames, which it cannot do"
        ));
    }
    let offered = lab.access_points.iter().any(|a| a.ssids.contains(ssid));
    (!offered).then(|| format!("no access point offers `{ssid}`"))
}

fn word(akm: Akm) -> &'static str {
    match akm {
        Akm::Open => "nothing (open)",
        Akm::Psk => "pre-shared key",
        Akm::EapTls => "EAP-TLS",
    }
}

/// Distance and signal of the nearest access point that offers one of these networks, where it is too weak.
fn out_of_range(lab: &LabSpec, at: Position, joinable: &[&str]) -> Option<(f64, f64)> {
    let offers = lab
        .access_points
        .iter()
        .filter(|a| a.ssids.iter().any(|s| joinable.contains(&s.as_str())));
    let nearest = offers
        .map(|a| a.position.distance(at))
        .min_by(f64::total_cmp)?;
    let dbm = lab.radio.rssi(nearest);
    (dbm < lab.radio.sensitivity_dbm).then_some((nearest, dbm))
}

/// Metres at which a signal is as weak as can be decoded.
fn reach(lab: &LabSpec) -> f64 {
    let radio = &lab.radio;
    let budget = radio.transmit_dbm - radio.loss_at_1m_db - radio.sensitivity_dbm;
    10_f64.powf(budget / (10.0 * radio.exponent)).max(1.0)
}

/// Whether a radio at a place is heard by, and hears, any access point or wireless host.
pub(super) fn hears_anybody(lab: &LabSpec, at: Position) -> bool {
    let hosts = lab.hosts.iter().filter_map(|h| match &h.link {
        LinkSpec::Radio { position, .. } => Some(*position),
        _ => None,
    });
    let mut all = lab.access_points.iter().map(|a| a.position).chain(hosts);
    all.any(|p| lab.radio.rssi(p.distance(at)) >= lab.radio.sensitivity_dbm)
}

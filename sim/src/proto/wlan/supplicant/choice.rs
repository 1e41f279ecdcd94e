//! Which access point a station takes: the strongest that offers its most preferred network in a way that it accepts.

use super::{
    Candidate, DWELL, JoinFault, JoinStage, LOOK_AGAIN, ROAM_GAIN, RadioCommand, State, Supplicant,
    SupplicantEvent,
};
use crate::time::Time;
use crate::wire::Mac;
use crate::wire::dot11::{Akm, Dot11Body};

impl Supplicant {
    /// Looks for access points on all channels.
    pub(super) fn scan(&mut self, now: Time) {
        self.state = State::Scanning {
            next: 0,
            found: Vec::new(),
        };
        self.scan_next(now);
    }

    /// Goes on to the next channel; after the last one the scan is over.
    pub(super) fn scan_next(&mut self, now: Time) {
        let State::Scanning { next, .. } = &mut self.state else {
            return;
        };
        let Some(&channel) = self.config.channels.get(*next) else {
            return self.choose(now);
        };
        *next += 1;
        let watch = self.link.as_ref().map(|l| l.bssid);
        self.transmit.push_back(RadioCommand::Tune(channel, watch));
        self.send(Mac::BROADCAST, Dot11Body::ProbeRequest { ssid: None });
        self.wait(now, DWELL);
    }

    /// The scan is over: takes the best of what was found.
    fn choose(&mut self, now: Time) {
        let State::Scanning { found, .. } = std::mem::replace(&mut self.state, State::Idle) else {
            return;
        };
        let mut best: Option<Candidate> = None;
        for c in found {
            let better = best
                .as_ref()
                .is_none_or(|b| c.network < b.network || (c.network == b.network && c.dbm > b.dbm));
            if better {
                best = Some(c);
            }
        }
        if let Some(link) = &self.link {
            let (bssid, channel, dbm, network) = (link.bssid, link.channel, link.dbm, link.network);
            match best.filter(|b| {
                b.bssid != bssid && (b.network < network || b.dbm >= dbm.saturating_add(ROAM_GAIN))
            }) {
                Some(candidate) => self.authenticate(now, candidate),
                None => {
                    let tune = RadioCommand::Tune(channel, Some(bssid));
                    self.transmit.push_back(tune);
                    self.wait(now, LOOK_AGAIN);
                }
            }
            return;
        }
        match best {
            Some(candidate) => self.authenticate(now, candidate),
            None => self.fail(now, JoinStage::Scan, JoinFault::NotFound, 0),
        }
    }

    /// An access point answered a probe.
    pub(super) fn offered(
        &mut self,
        bssid: Mac,
        ssid: &str,
        (akm, pmf): (Akm, bool),
        (dbm, channel): (i8, u8),
    ) {
        let wanted = self.config.networks.iter().position(|n| {
            n.ssid == ssid
                && n.akm == akm
                && (!pmf || self.config.pmf_capable)
                && (akm != Akm::EapTls
                    || (self.config.eap_capable && self.config.credentials.key.is_some()))
        });
        if let Some(link) = &mut self.link
            && link.bssid == bssid
        {
            link.dbm = dbm;
        }
        let State::Scanning { found, .. } = &mut self.state else {
            return;
        };
        if let Some(network) = wanted
            && !found.iter().any(|c| c.bssid == bssid)
        {
            found.push(Candidate {
                bssid,
                network,
                channel,
                dbm,
                pmf: pmf && self.config.pmf_capable,
            });
        }
        let named = || self.config.networks.iter().filter(|n| n.ssid == ssid);
        if let Some(known) = named().next()
            && named().all(|n| n.akm != akm)
        {
            self.events.push_back(SupplicantEvent::OfferDeclined {
                ssid: ssid.to_owned(),
                bssid,
                configured: known.configured,
            });
        }
    }
}

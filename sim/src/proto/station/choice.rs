//! Which access point a station takes: the strongest that offers its most preferred network in a way that it accepts.

use super::{Candidate, LOOK_AGAIN, Output, Phase, ROAM_GAIN, Station};
use crate::record::{DropReason, JoinFault, JoinStage, LabRecord, WirelessRecord};
use crate::wire::Mac;
use crate::wire::dot11::Akm;

impl Station {
    /// The scan is over: takes the best of what was found.
    pub(super) fn choose(&mut self, out: &mut Vec<Output>) {
        let Phase::Scanning { found, .. } = std::mem::replace(&mut self.phase, Phase::Idle) else {
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
                Some(candidate) => self.authenticate(candidate, out),
                None => {
                    out.push(Output::Tune(channel, Some(bssid)));
                    self.timer(LOOK_AGAIN, out);
                }
            }
            return;
        }
        match best {
            Some(candidate) => self.authenticate(candidate, out),
            None => self.fail(JoinStage::Scan, JoinFault::NotFound, 0, out),
        }
    }

    /// An access point answered a probe.
    pub(super) fn offered(
        &mut self,
        bssid: Mac,
        ssid: &str,
        (akm, pmf): (Akm, bool),
        (dbm, channel): (i8, u8),
        out: &mut Vec<Output>,
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
        if let (Phase::Scanning { found, .. }, Some(network)) = (&mut self.phase, wanted)
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
        let named: Vec<_> = self
            .config
            .networks
            .iter()
            .filter(|n| n.ssid == ssid)
            .collect();
        if let (Phase::Scanning { .. }, Some(known)) = (&self.phase, named.first())
            && named.iter().all(|n| n.akm != akm)
        {
            out.push(Output::Record(LabRecord::Wireless(
                WirelessRecord::OfferDeclined {
                    ssid: ssid.to_owned(),
                    bssid,
                    item: known.declined.and_then(DropReason::item),
                },
            )));
        }
    }
}

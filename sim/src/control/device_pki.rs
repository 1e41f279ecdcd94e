//! Certificates for pumps and for the servers that they meet.

use super::{Effect, Mechanism, Rank, Realises, Stage, address, provision};
use crate::catalog::Entry;
use crate::spec::{
    CertificateSpec, FileContentSpec, HostSpec, LabSpec, LinkSpec, Provenance, RoleSpec,
};

/// Serial number of the first host of the lab.
const FIRST_SERIAL: u32 = 1000;
/// Certificates were issued this many seconds before the run: thirty days.
const AGE_SECONDS: u64 = 30 * 86_400;
/// They are valid for this many seconds: two years.
const VALIDITY_SECONDS: u64 = 730 * 86_400;
/// Name of the root's key where the lab has no authority that names one.
const ROOT: &str = "root of the device authority";

/// A certificate per device.
pub(super) struct DevicePki;

static ENTRY: Entry = Entry {
    id: "device-pki",
    title: "A certificate for every pump and its servers",
    summary: "The certificate authority issues a certificate to every pump that can use one, to the authentication \
              server, to the pump servers, the health record and the databases of those; the subject is the host's name. All of them trust the authority's root. \
              They are valid for two years from thirty days ago, \
              but for those that the lab lets run out early. A pump that has left the hospital was given its certificate while it was there.",
    parameters: &[],
    relations: &[],
    references: &["RFC 5280", "SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for DevicePki {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-01",
            rank: Rank(Stage::Identities, 10),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let authority = |r: &RoleSpec| {
            if let RoleSpec::CertificateAuthority(a) = r {
                Some(a.clone())
            } else {
                None
            }
        };
        let root = lab.hosts.iter().flat_map(|h| &h.roles).find_map(authority);
        let expiring = root.as_ref().map_or(&[][..], |a| &a.expiring).to_vec();
        let early = root.as_ref().and_then(|a| a.expiring_after);
        let key_type = root.as_ref().map_or_else(Default::default, |a| a.key_type);
        let root = root.map_or_else(|| ROOT.to_owned(), |a| a.key);
        let mut changed = false;
        for (host, serial) in lab.hosts.iter_mut().zip(FIRST_SERIAL..) {
            if host.certificate.is_some() || !is_entitled(host) {
                continue;
            }
            let usual = lab.calendar.saturating_sub(AGE_SECONDS) + VALIDITY_SECONDS;
            let early = early.filter(|_| expiring.contains(&host.name));
            let not_after = early.map_or(usual, |after| {
                lab.calendar + after.as_nanos() / 1_000_000_000
            });
            let certificate = CertificateSpec {
                subject: host.name.clone(),
                key: format!("{} identity", host.name),
                issuer: root.clone(),
                serial,
                not_before: lab.calendar.saturating_sub(AGE_SECONDS),
                not_after,
                key_type,
            };
            host.certificate = Some(ink.item(format!("{} certificate", host.name), certificate));
            if !host.trusts.iter().any(|t| t.value == root) {
                host.trusts
                    .push(ink.item(format!("{} trust in {root}", host.name), root.clone()));
            }
            changed = true;
        }
        Effect::if_any(
            changed,
            "every host that can use a certificate has one already",
        )
    }
}

/// Whether a host is a pump that can use a certificate, or a server that pumps meet, or that such a server meets.
fn is_entitled(host: &HostSpec) -> bool {
    if provision::has_left(host) {
        let stores_key = |c: &FileContentSpec| matches!(c, FileContentSpec::NetworkKey { .. });
        return address::is_pump(host) || host.files.iter().any(|f| stores_key(&f.value.content));
    }
    let eap = matches!(&host.link, LinkSpec::Radio { supplicant, .. } if supplicant.eap_capable);
    host.roles.iter().any(|r| match r {
        RoleSpec::Pump(p) => eap || p.tls_capable,
        RoleSpec::PumpServer(_)
        | RoleSpec::Radius(_)
        | RoleSpec::Ehr { .. }
        | RoleSpec::Database(_) => true,
        _ => false,
    })
}

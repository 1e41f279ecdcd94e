//! Revocation checking by the authentication server and the pump servers.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{
    LabSpec, Provenance, PumpServerSpec, RevocationPreferences, RevocationSpec, RoleSpec,
    SessionSpec, list_valid,
};
use crate::time::Duration;

/// How often the list is fetched.
const REFRESH: Duration = Duration::from_hours(1);

/// Revocation lists.
pub(super) struct Revocation;

static ENTRY: Entry = Entry {
    id: "revocation",
    title: "Revocation checking by list",
    summary: "The authentication server and the pump servers fetch the authority's revocation list every hour and refuse certificates \
              on it. While no list could be had they let pumps in (soft fail): a lost authority must not take every pump \
              off the network. Who is on stays on until it authenticates again. A lab can prefer another interval, refusal \
              while there is no list or it is out of date (hard fail), and that a revoked station is thrown off.",
    parameters: &[],
    relations: &[],
    references: &["RFC 5280 section 5", "SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for Revocation {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "ID-02",
            rank: Rank(Stage::Hosts, 200),
            needs: &["ID-01"],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let publishes = |r: &RoleSpec| matches!(r, RoleSpec::CertificateAuthority(_));
        let Some(authority) = lab
            .hosts
            .iter()
            .find(|h| h.roles.iter().any(publishes))
            .map(|h| h.name.clone())
        else {
            return Effect::None("nobody publishes a revocation list");
        };
        if lab.hosts.iter().all(|h| h.certificate.is_none()) {
            return Effect::None("nobody has a certificate that could be revoked: it needs ID-01");
        }
        let wanted = preferences(lab);
        let value = RevocationSpec {
            host: authority,
            refresh: wanted.refresh.unwrap_or(REFRESH),
            valid: wanted.valid.unwrap_or_else(list_valid),
            hard_fail: wanted.hard_fail,
            disconnect: wanted.disconnect,
        };
        let mut changed = false;
        for host in &mut lab.hosts {
            let name = host.name.clone();
            for role in &mut host.roles {
                let checking = match role {
                    RoleSpec::Radius(radius) => &mut radius.revocation,
                    RoleSpec::PumpServer(server) if asks(server) => &mut server.revocation,
                    _ => continue,
                };
                if checking.is_none() {
                    let item = format!("{name} revocation checking");
                    *checking = Some(ink.item(item, value.clone()));
                    changed = true;
                }
            }
        }
        Effect::if_any(changed, "nobody who is shown certificates lacks it")
    }
}

/// Whether a pump server asks its clients for certificates.
fn asks(server: &PumpServerSpec) -> bool {
    server.session.value == SessionSpec::Tls { check_peer: true }
}

/// What the house prefers: it is written at its authentication server.
fn preferences(lab: &LabSpec) -> RevocationPreferences {
    let roles = lab.hosts.iter().flat_map(|h| &h.roles);
    let mut radius = roles.filter_map(|r| match r {
        RoleSpec::Radius(radius) => Some(radius.preferences.clone()),
        _ => None,
    });
    radius.next().unwrap_or_default()
}

//! Revocation checking by the authentication server.

use super::{Effect, Mechanism};
use crate::catalog::Entry;
use crate::spec::{LabSpec, Provenance, RevocationSpec, RoleSpec, list_valid};
use crate::time::Duration;

/// How often the list is fetched.
const REFRESH: Duration = Duration::from_hours(1);

/// Revocation lists.
pub(super) struct Revocation;

static ENTRY: Entry = Entry {
    id: "revocation",
    title: "Revocation checking by list",
    summary: "The authentication server fetches the authority's revocation list every hour and refuses certificates on \
              it. While no list could be had it lets stations in (soft fail): a lost authority must not take every pump \
              off the network. Who is on stays on until it authenticates again. A lab can prefer another interval, refusal \
              while there is no list or it is out of date (hard fail), and that a revoked station is thrown off.",
    parameters: &[],
    references: &["RFC 5280 section 5", "SP 1800-8B section 5.3 [M-med]"],
};

impl Mechanism for Revocation {
    fn entry(&self) -> &'static Entry {
        &ENTRY
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
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                let RoleSpec::Radius(radius) = role else {
                    continue;
                };
                if radius.revocation.is_none() {
                    let value = RevocationSpec {
                        host: authority.clone(),
                        refresh: radius.preferences.refresh.unwrap_or(REFRESH),
                        valid: radius.preferences.valid.unwrap_or_else(list_valid),
                        hard_fail: radius.preferences.hard_fail,
                        disconnect: radius.preferences.disconnect,
                    };
                    radius.revocation =
                        Some(ink.item(format!("{} revocation checking", host.name), value));
                    changed = true;
                }
            }
        }
        Effect::if_any(changed, "no authentication server lacks it")
    }
}

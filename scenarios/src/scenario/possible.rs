//! Whether what a scenario says can happen in its lab at all.

use super::read::Reader;
use crate::diagnostic::Code;
use crate::table::Table;
use pumplab_sim::spec::{LabSpec, RoleSpec};

impl Reader<'_> {
    /// Tells of attackers and events that need what the lab does not have, whichever controls are on.
    pub(super) fn possible(&mut self, table: &Table) {
        let Some(lab) = self.lab.take() else {
            return;
        };
        for attacker in table.tables("attacker") {
            let place = attacker.table("at");
            if place.is_some_and(|p| p.has("internet")) && lab.segment("external").is_none() {
                let message = "the lab has no internet for an attacker to be on".to_owned();
                let d = self.tell(
                    Code::Impossible,
                    attacker.span_of("at"),
                    message,
                    "no such network",
                );
                d.hints.push(
                    "give the lab a zone with `id = \"external\"` and `own_segment = true`"
                        .to_owned(),
                );
            }
        }
        for event in table.tables("event") {
            let with = event.table("with");
            let lacks = match event.text("what") {
                Some("order") => lacks(
                    &lab,
                    |r| matches!(r, RoleSpec::Ehr { .. }),
                    "an order comes from the health record",
                    "ehr = { servers = [\"…\"] }",
                ),
                Some("revoke-certificate") => lacks(
                    &lab,
                    |r| matches!(r, RoleSpec::CertificateAuthority(_)),
                    "a certificate authority revokes",
                    "authority = { key = \"…\" }",
                ),
                Some("replace-pump") => with.and_then(|t| t.text("pump")).and_then(|pump| {
                    let attended = lab.nurses.iter().any(|n| n.pumps.iter().any(|p| p == pump));
                    let exists = lab.pumps().any(|(h, _)| h.name == pump);
                    (exists && !attended).then(|| {
                        let hint = "add it to `pumps` of a nurse".to_owned();
                        (
                            format!("no nurse attends `{pump}`, so nobody replaces it"),
                            hint,
                        )
                    })
                }),
                _ => None,
            };
            if let Some((message, hint)) = lacks {
                let d = self.tell(
                    Code::Impossible,
                    event.span_of("what"),
                    message,
                    "cannot happen",
                );
                d.hints.push(hint);
            }
        }
        self.lab = Some(lab);
    }
}

/// What a lab without a role is told about an event.
fn lacks(
    lab: &LabSpec,
    is: fn(&RoleSpec) -> bool,
    why: &str,
    key: &str,
) -> Option<(String, String)> {
    lab.host_with(is).is_none().then(|| {
        let message = format!("{why}, and the lab has none");
        (message, format!("give a host the key `{key}`"))
    })
}

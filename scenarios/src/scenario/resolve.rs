//! From a scenario to what a run is made of.

use super::{Attacker, Knows, Scenario};
use crate::controls::{self, AppliedControl, ControlEffect};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::lab::Lab;
use crate::library::Library;
use crate::names::node_names;
use crate::suggest;
use pumplab_sim::catalog::Vocabulary;
use pumplab_sim::spec::{
    AttackerSpec, EventSpec, HappeningSpec, KnowledgeSpec, LabSpec, LinkSpec, PlaySpec, Provenance,
    RoleSpec,
};

/// Everything that a run is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The lab with the controls in it.
    pub lab: LabSpec,
    /// Which control put what there.
    pub provenance: Provenance,
    /// What happens.
    pub play: PlaySpec,
    /// The controls that were asked for, and what came of each.
    pub controls: Vec<AppliedControl>,
    /// What the scenario says and this lab has no place for.
    pub notes: Vec<String>,
}

/// A lab with controls applied.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedLab {
    /// The lab with the controls in it.
    pub lab: LabSpec,
    /// Which control put what there.
    pub provenance: Provenance,
    /// The controls that were asked for, and what came of each.
    pub controls: Vec<AppliedControl>,
}

/// A bare lab with controls applied.
pub(crate) fn bare_with(lab: &Lab, controls: &[String]) -> ResolvedLab {
    let (mut spec, mut provenance) = (lab.spec.clone(), lab.provenance.clone());
    let ids: Vec<&str> = controls.iter().map(String::as_str).collect();
    let controls = controls::apply(&mut spec, &mut provenance, &ids);
    ResolvedLab {
        lab: spec,
        provenance,
        controls,
    }
}

/// A bare lab with controls applied, some of them left out.
pub(crate) fn resolve_lab(
    library: &Library,
    lab: &Lab,
    controls: &[String],
    without: &[String],
) -> Result<ResolvedLab, Diagnostics> {
    known_controls(library, controls.iter().chain(without))?;
    let on = controls.iter().filter(|c| !without.contains(c));
    let on: Vec<String> = on.cloned().collect();
    let mut resolved = bare_with(lab, &on);
    attached(&resolved)?;
    for id in without.iter().filter(|id| !controls.contains(id)) {
        resolved.controls.push(AppliedControl {
            id: id.clone(),
            effect: ControlEffect::WithoutEffect(
                "left out, but the defence does not have it anyway".to_owned(),
            ),
        });
    }
    Ok(resolved)
}

impl Library {
    /// A lab with controls applied, some of them left out.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve_lab(
        &self,
        name: &str,
        controls: &[String],
        without: &[String],
    ) -> Result<ResolvedLab, Diagnostics> {
        resolve_lab(self, &self.lab(name)?, controls, without)
    }
}

impl Scenario {
    /// The run of this scenario, with its own defence or another, and with some controls left out.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve(
        &self,
        library: &Library,
        defence_override: Option<&str>,
        without: &[String],
    ) -> Result<Resolved, Diagnostics> {
        let controls = match defence_override {
            Some(name) => library.controls(&library.choice(name))?,
            None => library.controls(&self.defence)?,
        };
        self.resolve_controls(library, &controls, without)
    }

    /// The run in which the attack succeeds; none where the scenario has no attacker.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve_contrast(&self, library: &Library) -> Result<Option<Resolved>, Diagnostics> {
        let Some(contrast) = &self.contrast else {
            return Ok(None);
        };
        let controls = library.controls(&contrast.defence)?;
        self.resolve_controls(library, &controls, &contrast.without)
            .map(Some)
    }

    /// The lab that it names, with the certificates in it that run out in this scenario only.
    fn bare(&self, library: &Library) -> Result<Lab, Diagnostics> {
        let mut lab = library.lab(&self.lab)?;
        let roles = lab.spec.hosts.iter_mut().flat_map(|h| &mut h.roles);
        for role in roles {
            if let (RoleSpec::CertificateAuthority(authority), Some(expiring)) =
                (role, &self.expiring)
            {
                authority.expiring.clone_from(&expiring.hosts);
                authority.expiring_after = Some(expiring.after);
            }
        }
        Ok(lab)
    }

    /// The run of this scenario under a list of controls, without some of them.
    ///
    /// # Errors
    /// Where a file or a name is wrong.
    pub fn resolve_controls(
        &self,
        library: &Library,
        controls: &[String],
        without: &[String],
    ) -> Result<Resolved, Diagnostics> {
        let ResolvedLab {
            lab,
            mut provenance,
            controls,
        } = resolve_lab(library, &self.bare(library)?, controls, without)?;
        let mut notes = Vec::new();
        let mut play = PlaySpec {
            duration: self.duration,
            attackers: self
                .attackers
                .iter()
                .map(|a| attacker(a, &lab, &mut notes))
                .collect(),
            events: self
                .events
                .iter()
                .filter(|e| possible(e, &lab, &mut notes))
                .cloned()
                .collect(),
        };
        for event in &mut play.events {
            if let HappeningSpec::AddRule { router, rule, .. } = &mut event.what {
                let what = format!("{router} rule that staff add at {}", event.at);
                provenance.of_event(what, rule);
            }
        }
        Ok(Resolved {
            lab,
            provenance,
            play,
            controls,
            notes,
        })
    }
}

/// Every host that is on a network has a segment, whichever controls are on.
fn attached(resolved: &ResolvedLab) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::default();
    for host in &resolved.lab.hosts {
        if !matches!(host.link, LinkSpec::None) && resolved.lab.segment_of(host).is_none() {
            let message = format!(
                "`{}` in zone `{}` is on no network once the controls are on",
                host.name, host.zone
            );
            found
                .push(Diagnostic::bare(Code::NoNetwork, message).hint(
                    "put it into a zone that its network leads to: pumps belong to `meddev`",
                ));
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn known_controls<'a>(
    library: &Library,
    ids: impl Iterator<Item = &'a String>,
) -> Result<(), Diagnostics> {
    let known = &library.catalogue().controls;
    let mut found = Diagnostics::default();
    for id in ids.filter(|id| !known.contains(&id.as_str())) {
        found.push(
            Diagnostic::bare(Code::UnknownControl, format!("there is no control `{id}`"))
                .maybe_hint(suggest::hint(id, known)),
        );
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn attacker(attacker: &Attacker, lab: &LabSpec, notes: &mut Vec<String>) -> AttackerSpec {
    let mut knows = Vec::new();
    for piece in &attacker.knows {
        let found = knowledge(piece, lab);
        if found.is_empty() {
            notes.push(format!(
                "{} knows {piece}: there is none in this lab",
                attacker.name
            ));
        }
        knows.extend(found);
    }
    AttackerSpec {
        name: attacker.name.clone(),
        at: attacker.at.clone(),
        knows,
        goal: attacker.goal.clone(),
        goal_with: attacker.goal_with.clone(),
        steps: attacker.steps.clone(),
        programs: attacker.programs.clone(),
    }
}

/// What a piece of inside knowledge is in this lab.
fn knowledge(piece: &Knows, lab: &LabSpec) -> Vec<KnowledgeSpec> {
    let passphrases = |only: Option<&String>| {
        let wlans = lab
            .wlans
            .iter()
            .filter(|w| only.is_none_or(|ssid| *ssid == w.ssid));
        wlans
            .filter_map(|w| {
                Some(KnowledgeSpec::Passphrase {
                    ssid: w.ssid.clone(),
                    passphrase: w.passphrase.as_ref()?.value.clone(),
                })
            })
            .collect()
    };
    match piece {
        Knows::Passphrases => passphrases(None),
        Knows::DrugLibrary => {
            let newest = lab.libraries.iter().map(|l| l.version).max();
            newest
                .map(|version| KnowledgeSpec::Library { version })
                .into_iter()
                .collect()
        }
        Knows::Passphrase(ssid) => passphrases(Some(ssid)),
        Knows::Address(host) => {
            let ip = lab.host(host).and_then(|h| h.address.ip());
            let address = ip.map(|ip| KnowledgeSpec::Address {
                host: host.clone(),
                ip,
            });
            address.into_iter().collect()
        }
        Knows::Token(user) => vec![KnowledgeSpec::Token { user: user.clone() }],
        Knows::Accounts(host, user) => {
            let accounts = lab
                .host(host)
                .map(|h| h.accounts.as_slice())
                .unwrap_or_default();
            let of = accounts
                .iter()
                .filter(|a| user.as_ref().is_none_or(|u| *u == a.user));
            let known = of.map(|a| KnowledgeSpec::Account {
                user: a.user.clone(),
                password: a.password.clone(),
            });
            known.collect()
        }
    }
}

/// Whether the nodes that an event speaks of exist: a firewall may be there under one defence only.
fn possible(event: &EventSpec, lab: &LabSpec, notes: &mut Vec<String>) -> bool {
    let names = event.what.names().into_iter();
    let lacking = names
        .filter(|(vocabulary, _)| *vocabulary == Vocabulary::Node)
        .find(|(_, name)| node_names(lab).all(|node| node != name));
    if let Some((_, node)) = &lacking {
        notes.push(format!(
            "the event at {} is left out: this lab has no `{node}`",
            event.at
        ));
    }
    lacking.is_none()
}

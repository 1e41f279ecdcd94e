//! Attackers from their specs: the plan, what is known from the start, and the devices at hand.

use super::config::AssembleError;
use crate::attack::{self, Attacker, Knowledge, Known, program};
use crate::clinical::drug_library::DrugLibrary;
use crate::crypto::Passphrase;
use crate::device::broker::token;
use crate::engine::NodeId;
use crate::net::port::Door;
use crate::spec::{AttackerSpec, HostSpec, KnowledgeSpec, LabSpec, LinkSpec, PlaceSpec};
use crate::wire::Ip;
use crate::wire::program::Program;
use crate::wire::pump::SignedLibrary;
use std::sync::Arc;

/// An attacker from its spec, and the doors it stands at. `home` is its address on the internet, if it stands there.
pub(super) fn attacker(
    lab: &LabSpec,
    spec: &AttackerSpec,
    libraries: &[Arc<DrugLibrary>],
    home: Option<Ip>,
    node: impl Fn(&str) -> Option<NodeId>,
) -> Result<(Attacker, Vec<Door>), AssembleError> {
    let knowledge = knowledge(spec, libraries, home)?;
    // A device that is attached to nothing is in the hands of whoever has a step for it.
    let in_hand = |h: &&HostSpec| {
        h.link == LinkSpec::None && spec.steps.iter().any(|s| attack::names(s, &h.name))
    };
    let mut doors: Vec<Door> = lab
        .hosts
        .iter()
        .filter(in_hand)
        .filter_map(|h| Some(Door::new(h.name.clone(), node(&h.name)?)))
        .collect();
    if let PlaceSpec::Bedside(pump) = &spec.at {
        let there = node(pump).ok_or_else(|| AssembleError::unknown(&spec.name, "pump", pump))?;
        doors.push(Door::at_bedside(pump.clone(), there));
    }
    let attacker = Attacker::new(&spec.steps, knowledge);
    let attacker = attacker.map_err(|error| AssembleError::Plan {
        attacker: spec.name.clone(),
        error: Box::new(error),
    })?;
    Ok((attacker, doors))
}

/// What an attacker knows from the start.
fn knowledge(
    spec: &AttackerSpec,
    libraries: &[Arc<DrugLibrary>],
    home: Option<Ip>,
) -> Result<Knowledge, AssembleError> {
    let mut knowledge = Knowledge {
        programs: programs(spec, home)?,
        ..Knowledge::default()
    };
    for piece in &spec.knows {
        match piece {
            KnowledgeSpec::Passphrase { ssid, passphrase } => {
                let value = (ssid.clone(), Passphrase::of(passphrase));
                knowledge.passphrases.push(Known {
                    value,
                    taught: None,
                });
            }
            KnowledgeSpec::Account { user, password } => {
                let value = (user.clone(), Passphrase::of(password));
                knowledge.accounts.push(Known {
                    value,
                    taught: None,
                });
            }
            KnowledgeSpec::Token { user } => {
                let value = (user.clone(), token(user));
                knowledge.tokens.push(value);
            }
            KnowledgeSpec::Address { host, ip } => {
                knowledge.addresses.insert(
                    host.clone(),
                    Known {
                        value: *ip,
                        taught: None,
                    },
                );
            }
            KnowledgeSpec::Library { version } => {
                let library = libraries.iter().find(|l| l.version == *version).cloned();
                let library = library.ok_or_else(|| {
                    AssembleError::unknown(&spec.name, "library version", version.to_string())
                })?;
                knowledge.library = Some(SignedLibrary {
                    library,
                    signature: None,
                });
            }
        }
    }
    Ok(knowledge)
}

/// The programs that an attacker has made, by what it calls them.
fn programs(
    spec: &AttackerSpec,
    home: Option<Ip>,
) -> Result<Vec<(String, Program)>, AssembleError> {
    let made = spec.programs.iter().map(|p| {
        let program = program::make(p, &spec.name, home);
        let wrong = |error| AssembleError::Plan {
            attacker: format!("{}, program `{}`", spec.name, p.name),
            error: Box::new(error),
        };
        Ok((p.name.clone(), program.map_err(wrong)?))
    });
    made.collect()
}

//! What runs on hosts besides their roles: shares, mail, backups, and the place for programs of attackers.

use super::attacker::Implant;
use super::build::{Builder, unknown};
use crate::attack::program;
use crate::crypto::Passphrase;
use crate::device::backup::{Backup, Client};
use crate::device::mail::MailServer;
use crate::device::share::Shares;
use crate::device::software::Software;
use crate::engine::{NodeId, Simulation};
use crate::event::Lab;
use crate::net::stack::App;
use crate::run::AssembleError;
use crate::spec::{AttackerSpec, BackupSpec, HostSpec, LabSpec, RoleSpec, ServiceKind};
use crate::wire::Ip;
use crate::wire::program::Program;

/// Number of the address of an attacker's own computer on the internet.
pub(super) const OUTSIDE: u32 = 66;

/// Puts on a host what programs need to know of it.
pub(super) fn equip(
    sim: &mut Simulation<Lab>,
    node: NodeId,
    host: &HostSpec,
    programs_about: bool,
) {
    let listed = |item: &Option<crate::spec::Item<Vec<String>>>| {
        item.as_ref().map(|i| (i.id, i.value.clone()))
    };
    let needed = host.files.iter().filter(|f| f.needed);
    let apps = host.roles.iter().filter_map(|role| match role {
        RoleSpec::PumpServer(_) => Some(App::PumpServer),
        RoleSpec::Ehr { .. } => Some(App::Ehr),
        RoleSpec::AlarmManager { .. } => Some(App::AlarmManager),
        RoleSpec::NursesStation => Some(App::NursesStation),
        RoleSpec::Answering { .. } => Some(App::Answering),
        _ => None,
    });
    sim.insert(
        node,
        Software {
            allow_list: listed(&host.software.allow_list),
            known: listed(&host.software.anti_malware),
            needed: needed.map(|f| f.path.clone()).collect(),
            apps: apps.collect(),
            own: Passphrase::of(&host.name).key("storage"),
            running: None,
            stopped: false,
            window: host
                .software
                .window
                .as_ref()
                .map(|w| (w.id, w.value.clone())),
        },
    );
    if host.services.iter().any(|s| s.kind == ServiceKind::Share) {
        sim.insert(node, Shares::default());
    }
    if programs_about {
        sim.insert(node, Implant::default());
    }
}

/// A mail server with a mailbox for everybody who reads mail there.
pub(super) fn mail_server(lab: &LabSpec, host: &HostSpec) -> MailServer {
    let reads = |r: &RoleSpec| matches!(r, RoleSpec::Office { server, opens_attachments: Some(_), .. } if *server == host.name);
    let readers = lab.hosts.iter().filter(|h| h.roles.iter().any(reads));
    MailServer::new(readers.map(|h| h.name.clone()))
}

/// A backup server; it has the first account of each host whose share asks for one.
pub(super) fn backup(
    b: &Builder<'_>,
    host: &HostSpec,
    spec: &BackupSpec,
) -> Result<Backup, AssembleError> {
    let client = |name: &String| {
        let of = b.lab.host(name);
        let of = of.ok_or_else(|| unknown(&host.name, "host", name))?;
        let asks = |s: &&crate::spec::Item<crate::spec::ServiceSpec>| {
            s.kind == ServiceKind::Share && s.login
        };
        let account = of.services.iter().find(asks).and(of.accounts.first());
        Ok(Client {
            name: name.clone(),
            node: b.node(name),
            account: account.map(|a| (a.user.clone(), Passphrase::of(&a.password))),
        })
    };
    let clients = spec.of.iter().map(client).collect::<Result<_, _>>()?;
    Ok(Backup::new(clients, spec.every, spec.on.value))
}

/// The programs that an attacker has made, by what it calls them.
pub(super) fn programs(
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

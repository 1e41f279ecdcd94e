//! Servers that pumps and their servers can never reach, and hosts that lack the role for which they are named.

use super::way::{self, Way};
use super::{Warner, host, names, verb};
use crate::diagnostic::Code;
use pumplab_sim::spec::{HostSpec, LabSpec, PumpServerSpec, RoleSpec, SessionSpec};
use pumplab_sim::wire::{dns, hl7};
use std::collections::BTreeMap;

pub(super) fn look(w: &mut Warner<'_>) {
    names_of_servers(w);
    pumps(w);
    roles(w);
}

/// Pumps ask for their server by name.
fn names_of_servers(w: &mut Warner<'_>) {
    let lab = w.lab;
    let serves = |h: &&HostSpec| h.roles.contains(&RoleSpec::Dns);
    let pumps: Vec<&str> = lab.pumps().map(|(h, _)| h.name.as_str()).collect();
    let Some(first) = pumps.first() else { return };
    if lab.hosts.iter().find(serves).is_none() {
        let message = format!(
            "{} never {} the address of the server: the lab has no name server",
            names(&pumps),
            verb(&pumps, "learns", "learn")
        );
        let hint = "give a host `dns = true`: pumps look up their server by its name";
        w.warn(
            Code::NoNameServer,
            &host(first, "server"),
            message,
            "looked up by name",
            hint,
        );
    }
}

/// The role of a pump server.
fn pump_server(host: &HostSpec) -> Option<&PumpServerSpec> {
    host.roles.iter().find_map(|r| match r {
        RoleSpec::PumpServer(s) => Some(s),
        _ => None,
    })
}

/// The way of every pump to its server and to the name server.
fn pumps(w: &mut Warner<'_>) {
    let lab = w.lab;
    let mut cut: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let resolver = lab.hosts.iter().find(|h| h.roles.contains(&RoleSpec::Dns));
    let by_name: BTreeMap<&str, &HostSpec> =
        lab.hosts.iter().map(|h| (h.name.as_str(), h)).collect();
    for (pump, spec) in lab.pumps() {
        let Some(server) = by_name.get(spec.server.as_str()).copied() else {
            continue;
        };
        let name = &server.name;
        let mut tell = |why: String| cut.entry(why).or_default().push(&pump.name);
        let ports = pump_server(server).map(|s| (s.port, s.clear_port.as_ref().map(|p| p.value)));
        match ports {
            Some((port, clear)) if port == spec.server_port || clear == Some(spec.server_port) => {}
            _ => tell(format!(
                "nothing on `{name}` listens on port {}",
                spec.server_port
            )),
        }
        if let (SessionSpec::Tls { .. }, Some(s)) = (&spec.session.value, pump_server(server))
            && s.tls_min.value > spec.tls_max
        {
            tell(format!(
                "`{name}` takes TLS {} at the least, and the pump can do {} at the most",
                s.tls_min.value.word(),
                spec.tls_max.word()
            ));
        }
        match way::between(lab, pump, server, (true, spec.server_port)) {
            Way::Open => {}
            Way::Shut(why) => tell(format!(
                "port {} of `{name}` is out of reach: {why}",
                spec.server_port
            )),
        }
        if let Some(resolver) = resolver
            && let Way::Shut(why) = way::between(lab, pump, resolver, (false, dns::PORT))
        {
            tell(format!(
                "the name server `{}` is out of reach: {why}",
                resolver.name
            ));
        }
    }
    for (why, pumps) in &cut {
        let message = format!(
            "{} can have no session with the server: {why}",
            names(pumps)
        );
        let hint = "see `pumplab show lab:NAME --defence NAME` for zones and firewall rules";
        w.warn(
            Code::Unreachable,
            &host(pumps[0], "server"),
            message,
            "never reached",
            hint,
        );
    }
}

/// Who is named for a role has it.
fn roles(w: &mut Warner<'_>) {
    let lab = w.lab;
    let has = |name: &str, is: fn(&RoleSpec) -> bool| {
        lab.host(name).is_some_and(|h| h.roles.iter().any(is))
    };
    for server in &lab.hosts {
        let Some(s) = pump_server(server) else {
            continue;
        };
        let at = |key: &str| vec![format!("host/{}/pump_server/{key}", server.name)];
        let takes_alarms =
            |r: &RoleSpec| matches!(r, RoleSpec::AlarmManager { .. } | RoleSpec::NursesStation);
        if !has(&s.alarm_manager, takes_alarms) {
            let message = format!(
                "`{}` takes no alarms from `{}`",
                s.alarm_manager, server.name
            );
            let hint = "name a host with the key `alarm_manager`, or a nurses' station";
            w.warn(
                Code::NoRole,
                &at("alarm_manager"),
                message,
                "no alarm manager",
                hint,
            );
        } else {
            passes(w, server, &s.alarm_manager, &at("alarm_manager"));
        }
        if !has(&s.ehr, |r| matches!(r, RoleSpec::Ehr { .. })) {
            let message = format!(
                "`{}` keeps no health record, so `{}` gets no orders",
                s.ehr, server.name
            );
            let hint = format!(
                "name a host with `ehr = {{ servers = [\"{}\"] }}`",
                server.name
            );
            w.warn(Code::NoRole, &at("ehr"), message, "no health record", &hint);
        }
        if let Some(store) = &s.store
            && !has(&store.host, |r| matches!(r, RoleSpec::Database(_)))
        {
            let message = format!(
                "`{}` is no database, so `{}` has no store",
                store.host, server.name
            );
            let hint = "name a host with the key `database`";
            w.warn(Code::NoRole, &at("store"), message, "no database", hint);
        }
    }
    for manager in &lab.hosts {
        for role in &manager.roles {
            if let RoleSpec::AlarmManager { station } = role
                && has(station, |r| matches!(r, RoleSpec::NursesStation))
            {
                let path = format!("host/{}/alarm_manager/station", manager.name);
                passes(w, manager, station, &[path]);
            }
        }
    }
}

/// Whether alarms pass from one system to the next.
fn passes(w: &mut Warner<'_>, from: &HostSpec, to: &str, paths: &[String]) {
    let lab: &LabSpec = w.lab;
    let Some(to) = lab.host(to) else { return };
    if let Way::Shut(why) = way::between(lab, from, to, (true, hl7::PORT)) {
        let message = format!(
            "alarms do not get from `{}` to `{}`: {why}",
            from.name, to.name
        );
        let hint = "see `pumplab show lab:NAME --defence NAME` for zones and firewall rules";
        w.warn(Code::Unreachable, paths, message, "never reached", hint);
    }
}

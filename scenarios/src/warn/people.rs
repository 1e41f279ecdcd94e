//! Pumps that nobody looks after, and alarms that nobody sees.

use super::{Warner, host, names};
use crate::diagnostic::Code;
use pumplab_sim::spec::{HostSpec, LabSpec, RoleSpec};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn look(w: &mut Warner<'_>) {
    let lab = w.lab;
    let cared: BTreeSet<&str> = lab
        .nurses
        .iter()
        .flat_map(|n| &n.pumps)
        .map(String::as_str)
        .collect();
    let alone: Vec<&str> = lab
        .pumps()
        .map(|(h, _)| h.name.as_str())
        .filter(|n| !cared.contains(n))
        .collect();
    if let Some(first) = alone.first() {
        let message = format!("no nurse attends {}", names(&alone));
        let hint = "add it to `pumps` of a nurse: otherwise nobody answers its alarms, confirms its orders or changes its bag";
        w.warn(
            Code::Unattended,
            &host(first, ""),
            message,
            "in nobody's care",
            hint,
        );
    }
    stations(w);
}

/// Whether a host of the lab shows alarms to nurses.
fn is_station(lab: &LabSpec, name: &str) -> bool {
    lab.host(name)
        .is_some_and(|h| h.roles.contains(&RoleSpec::NursesStation))
}

fn stations(w: &mut Warner<'_>) {
    let lab = w.lab;
    // Who names what as a nurses' station.
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for nurse in &lab.nurses {
        let path = format!("nurse/{}/station", nurse.name);
        named.entry(&nurse.station).or_default().push(path);
    }
    for h in &lab.hosts {
        for role in &h.roles {
            if let RoleSpec::AlarmManager { station } = role {
                let path = format!("host/{}/alarm_manager/station", h.name);
                named.entry(station).or_default().push(path);
            }
        }
    }
    let any = lab
        .hosts
        .iter()
        .any(|h| h.roles.contains(&RoleSpec::NursesStation));
    for (station, paths) in named.iter().filter(|(name, _)| !is_station(lab, name)) {
        let message = if any {
            format!("`{station}` is no nurses' station")
        } else {
            format!("the lab has no nurses' station: `{station}` is none")
        };
        let hint = format!(
            "give `{station}` the key `nurses_station = true`: otherwise alarms that reach the server reach no nurse"
        );
        w.warn(Code::NoStation, paths, message, "shows no alarms", &hint);
    }
    if named.is_empty() && !any && lab.pumps().next().is_some() {
        let paths = ["title".to_owned()];
        let hint = "give a host `nurses_station = true`, and name it as `station` of the nurses and of the alarm manager";
        let message = "the lab has no nurses' station".to_owned();
        w.warn(
            Code::NoStation,
            &paths,
            message,
            "nobody sees the pumps' alarms",
            hint,
        );
    }
    let watched: BTreeSet<&str> = lab.nurses.iter().map(|n| n.station.as_str()).collect();
    let is = |h: &&HostSpec| h.roles.contains(&RoleSpec::NursesStation);
    let idle: Vec<&str> = lab
        .hosts
        .iter()
        .filter(is)
        .map(|h| h.name.as_str())
        .collect();
    for station in idle.into_iter().filter(|s| !watched.contains(s)) {
        let message = format!("no nurse watches the nurses' station `{station}`");
        let hint = "name it as `station` of a nurse";
        w.warn(
            Code::Unwatched,
            &host(station, "nurses_station"),
            message,
            "alarms end here",
            hint,
        );
    }
}

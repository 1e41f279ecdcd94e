//! Devices that people carry: they come, ask for an address, renew it while they are here, and go without a word.
//!
//! The host that carries them is the port or the access point that they come in by; their frames bear hardware addresses of their own.

use super::id;
use crate::device::host::Io;
use crate::device::part::{Part, Sockets, role};
use crate::engine::NodeMut;
use crate::net::stack::{SocketEvent, dhcp};
use crate::rng::Purpose;
use crate::spec::{CrowdSpec, RoleSpec};
use crate::time::{Duration, Time};
use crate::wire::dhcp::{CLIENT_PORT, Dhcp};
use crate::wire::{Ip, Mac, Message};
use bevy_ecs::component::Component;

/// Devices that people carry with them.
pub(crate) const PART: Part = Part {
    on: |_, host| role!(host, RoleSpec::Crowd(_) => Sockets::default().bind(CLIENT_PORT).hear_link()),
    build: |site| {
        if let Some(spec) = role!(site.host, RoleSpec::Crowd(spec) => spec) {
            site.insert(Crowd::new(&site.host.name, spec));
        }
        Ok(())
    },
    on_socket: |io, node, event| on_socket(io, node, &event),
    on_timer,
    ..Part::new(id::VISITORS)
};

const ARRIVAL: Purpose = Purpose::new("somebody comes");
const TRANSACTION: Purpose = Purpose::new("a carried device asks");
/// First time to wait for an answer; it doubles up to 64 s (RFC 2131 section 4.1).
const WAIT: Duration = Duration::from_secs(4);
/// Timers below this are of devices; this and above, of groups.
const GROUPS: u64 = 1 << 40;

/// A device.
#[derive(Clone, Debug)]
struct Device {
    mac: Mac,
    xid: u32,
    asked: u32,
    goes: Time,
    /// When it asks next; a timer for any other time is out of date.
    due: Time,
    held: Option<(Ip, Time)>,
}

/// The devices behind a host.
#[derive(Component, Clone, Debug)]
pub struct Crowd {
    name: String,
    spec: CrowdSpec,
    devices: Vec<Device>,
}

impl Crowd {
    /// Nobody is here yet.
    #[must_use]
    pub fn new(name: &str, spec: &CrowdSpec) -> Self {
        Self {
            name: name.to_owned(),
            spec: spec.clone(),
            devices: Vec::new(),
        }
    }

    /// Devices that have an address at this time.
    #[must_use]
    pub fn connected(&self, now: Time) -> usize {
        let has = |d: &&Device| d.goes > now && d.held.is_some_and(|(_, until)| until > now);
        self.devices.iter().filter(has).count()
    }

    fn device(&self, mac: Mac, xid: u32) -> Option<usize> {
        self.devices
            .iter()
            .position(|d| d.mac == mac && d.xid == xid)
    }

    /// A device asks: for an address, or to keep the one that it has.
    fn ask(&mut self, io: &mut Io<'_, '_>, n: usize) {
        let now = io.cx.now();
        let Some(device) = self.devices.get_mut(n).filter(|d| d.goes > now) else {
            return;
        };
        let mut luck = io
            .cx
            .stream(TRANSACTION, (n as u64) << 32 | u64::from(device.asked));
        device.xid = luck.next_u64() as u32;
        let (xid, mac) = (device.xid, device.mac);
        device.held = device.held.filter(|(_, until)| *until > now);
        let ask = match device.held {
            Some((ip, _)) => Dhcp::Renew { xid, mac, ip },
            None => Dhcp::Discover { xid, mac },
        };
        let wait = (WAIT * u64::from(1u32 << device.asked.min(4))).as_secs_f64();
        device.asked += 1;
        io.network.stack.send_frame(dhcp::request(mac, ask));
        let fuzz = luck.unit_f64().mul_add(2.0, -1.0);
        self.ask_after(io, n, Duration::from_secs_f64(wait + fuzz));
    }

    fn ask_after(&mut self, io: &mut Io<'_, '_>, n: usize, after: Duration) {
        self.devices[n].due = io.cx.now() + after;
        io.timer(id::VISITORS, after, n as u64);
    }
}

/// A socket has something to tell.
fn on_socket(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) {
    let Some(crowd) = node.get_mut::<Crowd>() else {
        return;
    };
    match event {
        SocketEvent::Up if crowd.devices.is_empty() => {
            io.timer(id::VISITORS, crowd.spec.first, GROUPS);
        }
        SocketEvent::Datagram { message, .. } => {
            let Message::Dhcp(dhcp) = &**message else {
                return;
            };
            answered(io, crowd, *dhcp);
        }
        _ => {}
    }
}

fn answered(io: &mut Io<'_, '_>, crowd: &mut Crowd, answer: Dhcp) {
    let now = io.cx.now();
    match answer {
        Dhcp::Offer {
            xid,
            mac,
            lease,
            server,
        } if crowd
            .device(mac, xid)
            .is_some_and(|n| crowd.devices[n].held.is_none()) =>
        {
            let ip = lease.ip;
            let take = Dhcp::Request {
                xid,
                mac,
                ip,
                server,
            };
            io.network.stack.send_frame(dhcp::request(mac, take));
        }
        Dhcp::Ack {
            xid, mac, lease, ..
        } => {
            let Some(n) = crowd.device(mac, xid) else {
                return;
            };
            let length = Duration::from_secs(u64::from(lease.seconds));
            crowd.devices[n].held = Some((lease.ip, now + length));
            crowd.devices[n].asked = 0;
            crowd.ask_after(io, n, dhcp::renewal(length));
        }
        Dhcp::Nak { xid, mac } => {
            if let Some(n) = crowd.device(mac, xid) {
                crowd.devices[n].held = None;
            }
        }
        _ => {}
    }
}

/// A timer is due.
fn on_timer(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, token: u64) {
    let Some(crowd) = node.get_mut::<Crowd>() else {
        return;
    };
    let now = io.cx.now();
    if token < GROUPS {
        let n = token as usize;
        if crowd.devices.get(n).is_some_and(|d| d.due == now) {
            crowd.ask(io, n);
        }
        return;
    }
    let group = token - GROUPS;
    for i in 0..u64::from(crowd.spec.devices) {
        let n = crowd.devices.len();
        let after = io.cx.stream(ARRIVAL, group << 32 | i).unit_f64();
        let after = Duration::from_secs_f64(crowd.spec.over.as_secs_f64() * after);
        crowd.devices.push(Device {
            mac: Mac::of(&format!("{} {n}", crowd.name)),
            xid: 0,
            asked: 0,
            goes: now + after + crowd.spec.stays,
            due: now,
            held: None,
        });
        crowd.ask_after(io, n, after);
    }
    if let Some(every) = crowd.spec.every {
        io.timer(id::VISITORS, every, token + 1);
    }
}

//! Flaws of a host at work: looks whether a message was made for a flaw that the host has where the message arrived.
//!
//! No die is thrown. A message for a flaw that is not there, because it was patched, because it is on another port or because it never
//! was, is garbage and does nothing.

use super::host::Io;
use super::part::{Part, Sockets};
use super::program;
use super::services::{self, Services};
use crate::device::id;
use crate::engine::{NodeMut, RecordId};
use crate::net::stack::{SocketEvent, StreamId};
use crate::record::{HostRecord, SessionRecord};
use crate::spec::{ClientKind, EffectSpec, ItemId, ReachSpec, WeaknessSpec};
use crate::time::{Duration, Time};
use crate::wire::crafted::{Crafted, Payload};
use crate::wire::shell::{Output, Shell};
use crate::wire::{Ip, Message, dhcp, dns};
use bevy_ecs::component::Component;

/// Vulnerabilities of a host.
pub(super) const PART: Part = Part {
    on: |_, host| (!host.weaknesses.is_empty()).then(Sockets::default),
    build: |site| {
        let flaws = site.host.weaknesses.iter();
        site.insert(Weaknesses::new(flaws.map(|w| (w.id, w.value.clone()))));
        Ok(())
    },
    ..Part::new(id::WEAKNESSES)
};

/// The flaws of a host.
#[derive(Component, Clone, Debug, Default)]
pub struct Weaknesses {
    flaws: Vec<Flaw>,
    /// Flaws that were mended during the run, with the window's item and the record.
    mended: Vec<(String, ItemId, RecordId)>,
}

#[derive(Clone, Debug)]
struct Flaw {
    item: ItemId,
    spec: WeaknessSpec,
    /// Beginning of the second in which requests are counted, and their number.
    load: (Time, u32),
}

impl Weaknesses {
    /// These flaws, each with its configuration item.
    pub fn new(flaws: impl Iterator<Item = (ItemId, WeaknessSpec)>) -> Self {
        let load = (Time::ZERO, 0);
        Self {
            flaws: flaws
                .map(|(item, spec)| Flaw { item, spec, load })
                .collect(),
            mended: Vec::new(),
        }
    }

    /// A request arrived at a port. The flaw that it uses up, if it does.
    fn loaded(&mut self, port: u16, now: Time) -> Option<Flaw> {
        let here = |f: &&mut Flaw| f.spec.reach == ReachSpec::Port(port);
        self.flaws.iter_mut().filter(here).find_map(|flaw| {
            let EffectSpec::Exhaust { per_second, .. } = flaw.spec.effect else {
                return None;
            };
            if now - flaw.load.0 >= Duration::from_secs(1) {
                flaw.load = (now, 0);
            }
            flaw.load.1 += 1;
            (f64::from(flaw.load.1) > per_second).then(|| flaw.clone())
        })
    }

    /// Mends every flaw of which the maker has released a patch; their names.
    pub fn mend(&mut self) -> Vec<String> {
        let (mended, left) = std::mem::take(&mut self.flaws)
            .into_iter()
            .partition(|f| f.spec.patch);
        self.flaws = left;
        let mended: Vec<Flaw> = mended;
        mended.into_iter().map(|f| f.spec.flaw).collect()
    }

    /// Remembers that a flaw was mended: whoever tries it later meets what mended it.
    pub fn remember(&mut self, flaw: String, item: ItemId, record: RecordId) {
        self.mended.push((flaw, item, record));
    }

    fn flaw(&self, reach: ReachSpec, name: &str) -> Option<Flaw> {
        let fits = |f: &&Flaw| f.spec.reach == reach && f.spec.flaw == name;
        self.flaws.iter().find(fits).cloned()
    }
}

/// Where a socket's event came in, and the stream it came on.
fn arrival(io: &Io<'_, '_>, event: &SocketEvent) -> Option<(u16, Option<StreamId>)> {
    match event {
        SocketEvent::Message { stream, .. } => {
            Some((io.network.stack.local_port(*stream)?, Some(*stream)))
        }
        SocketEvent::Accepted { stream, port, .. } => Some((*port, Some(*stream))),
        SocketEvent::Datagram { port, .. } => Some((*port, None)),
        _ => None,
    }
}

/// Looks at what a socket is about to hand on. Whether that ends here: it was made for a flaw, or the host fell over.
pub fn meets(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, event: &SocketEvent) -> bool {
    let crafted = match event {
        SocketEvent::Message { message, .. } | SocketEvent::Datagram { message, .. } => {
            match &**message {
                Message::Crafted(crafted) => Some(crafted),
                _ => None,
            }
        }
        _ => None,
    };
    if crafted.is_none() && !node.has::<Weaknesses>() {
        return false;
    }
    let Some((port, stream)) = arrival(io, event) else {
        return false;
    };
    let now = io.cx.now();
    if let Some(flaw) = node
        .get_mut::<Weaknesses>()
        .and_then(|w| w.loaded(port, now))
    {
        let hit = used(io, port, &flaw);
        let EffectSpec::Exhaust { restart, .. } = flaw.spec.effect else {
            return false;
        };
        services::stop(io, node, "requests used it up", restart, &[hit]);
        return true;
    }
    let Some(crafted) = crafted else { return false };
    let reach = match port {
        dhcp::CLIENT_PORT => ReachSpec::Client(ClientKind::Dhcp),
        dns::CLIENT_PORT => ReachSpec::Client(ClientKind::Dns),
        port => ReachSpec::Port(port),
    };
    let flaw = node
        .get::<Weaknesses>()
        .and_then(|w| w.flaw(reach, &crafted.flaw));
    match flaw {
        Some(flaw) => strike(io, node, &flaw, (port, stream), crafted),
        None => {
            let flaw = crafted.flaw.clone();
            let mended = node.get::<Weaknesses>().and_then(|w| {
                let mut mended = w.mended.iter();
                mended.find(|(name, ..)| *name == flaw).cloned()
            });
            let item = mended.as_ref().map(|(_, item, _)| *item);
            let because = mended.map(|(.., record)| record);
            let ignored = HostRecord::CraftedIgnored { flaw, port, item };
            io.cx.emit_because(ignored, because.as_slice());
        }
    }
    true
}

fn used(io: &mut Io<'_, '_>, port: u16, flaw: &Flaw) -> RecordId {
    io.cx.emit(HostRecord::FlawUsed {
        flaw: flaw.spec.flaw.clone(),
        port,
        item: flaw.item,
    })
}

/// What the flaw makes of it.
fn strike(
    io: &mut Io<'_, '_>,
    node: &mut NodeMut<'_>,
    flaw: &Flaw,
    (port, stream): (u16, Option<StreamId>),
    crafted: &Crafted,
) {
    let hit = used(io, port, flaw);
    match (flaw.spec.effect, &crafted.payload) {
        (EffectSpec::Stop { restart }, _) => {
            services::stop(io, node, "a crafted message stopped it", restart, &[hit]);
        }
        // A service that runs what is no program falls over.
        (EffectSpec::Execute, Payload::Nothing) => {
            services::stop(io, node, "a crafted message stopped it", None, &[hit]);
        }
        (EffectSpec::Execute, Payload::Program(program)) => {
            program::execute(io, node, program, &[hit]);
        }
        (EffectSpec::Execute, Payload::Shell) => enter(io, node, stream),
        (EffectSpec::Execute | EffectSpec::ReadFiles, Payload::Read(path)) => {
            let to = stream.map_or(Ip(0), |s| io.peer(s));
            let file = services::give(io, node, path, to);
            let answer = file.map_or(Output::NotFound, Output::File);
            if let Some(stream) = stream {
                io.send(stream, Message::Shell(Box::new(Shell::Output(answer))));
            }
        }
        (EffectSpec::Execute | EffectSpec::WriteFiles, Payload::Write(file)) => {
            let answer = services::write_file(io, node, file.clone(), &[hit]);
            if let Some(stream) = stream {
                io.send(stream, Message::Shell(Box::new(Shell::Output(answer))));
            }
        }
        // The flaw does not reach as far as the message wants, or bites on load only.
        _ => {}
    }
}

/// Turns the stream on which an exploit came into an open shell.
fn enter(io: &mut Io<'_, '_>, node: &mut NodeMut<'_>, stream: Option<StreamId>) {
    let Some(stream) = stream else { return };
    if let Some(services) = node.get_mut::<Services>() {
        services.enter(stream);
        io.network.stack.hand_over(stream, id::TELNET);
        let (peer, port) = (
            io.peer(stream),
            io.network.stack.local_port(stream).unwrap_or(0),
        );
        io.cx.emit(SessionRecord::LoggedIn { peer, port });
        let banner = Shell::Banner { open: true };
        io.send(stream, Message::Shell(Box::new(banner)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(effect: EffectSpec) -> Weaknesses {
        let spec = WeaknessSpec {
            flaw: "long-name".to_owned(),
            reach: ReachSpec::Port(23),
            effect,
            patch: false,
        };
        Weaknesses::new(std::iter::once((ItemId(1), spec)))
    }

    #[test]
    fn a_message_finds_the_flaw_that_it_was_made_for_and_only_there() {
        let flaws = flaws(EffectSpec::Execute);
        assert!(flaws.flaw(ReachSpec::Port(23), "long-name").is_some());
        assert!(flaws.flaw(ReachSpec::Port(80), "long-name").is_none());
        assert!(flaws.flaw(ReachSpec::Port(23), "other").is_none());
        let client = ReachSpec::Client(ClientKind::Dns);
        assert!(flaws.flaw(client, "long-name").is_none());
    }

    #[test]
    fn requests_use_it_up_beyond_its_rate_within_a_second() {
        let mut flaws = flaws(EffectSpec::Exhaust {
            per_second: 3.0,
            restart: None,
        });
        let at = |ms| Time::ZERO + Duration::from_millis(ms);
        let mut hits = |times: &[u64]| {
            let load = |ms: &u64| flaws.loaded(23, at(*ms)).is_some();
            times.iter().any(load)
        };
        assert!(!hits(&[10_000, 10_100, 10_200]), "three are borne");
        assert!(!hits(&[11_500, 11_600, 11_700]), "and three a second later");
        assert!(hits(&[11_800]), "a fourth within the second is not");
    }
}

//! What a device, a service or a person is to the rest of the lab: one description, in the file that holds the thing itself.
//!
//! A [`Part`] says which hosts have it and on which ports, how it is built, and what it does when something comes in. Each layer lists its
//! parts with `parts!`, one line each; nothing else names them. The order of the list is the order in which several parts of one host
//! react to the same thing.

use super::credentials::credentials;
use crate::clinical::drug_library::DrugLibrary;
use crate::engine::{NodeId, NodeMut, Simulation};
use crate::event::{Cx, Lab, LabEvent, NO_ITEM, PartId, Shared};
use crate::net::host::Io;
use crate::net::port::Overheard;
use crate::net::stack::{Listener, SocketEvent};
use crate::proto::tls::Credentials;
use crate::spec::{HappeningSpec, HostSpec, ItemId, LabSpec, ServiceKind};
use bevy_ecs::component::Component;
use std::sync::Arc;

/// A part of hosts. [`Part::new`] is one that does nothing; a part says what is different.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its id.
    pub id: PartId,
    /// Whether a host has it, and if so on which ports.
    pub on: fn(&LabSpec, &HostSpec) -> Option<Sockets>,
    /// Puts it on a host that has it.
    pub build: fn(&mut Site<'_>) -> Result<(), BuildError>,
    /// One of its sockets has something to tell.
    pub on_socket: fn(&mut Io<'_, '_>, &mut NodeMut<'_>, SocketEvent),
    /// One of its timers is due, with this token.
    pub on_timer: fn(&mut Io<'_, '_>, &mut NodeMut<'_>, u64),
    /// Handles its timers where it needs no network: it works on while the host's communication has stopped.
    pub on_own_timer: Option<OwnHandler>,
    /// Sees a host's event before the network does, and takes it or passes it on.
    pub before_network: Option<Before>,
    /// Takes an event of its host that is neither a frame nor a timer, or passes it on.
    pub on_event: Option<Taking>,
    /// The host's radio listens to everything, and heard a frame.
    pub on_overheard: Option<fn(&mut Io<'_, '_>, &mut NodeMut<'_>, Overheard)>,
    /// The host is switched on: it starts afresh.
    pub power_on: fn(&mut Io<'_, '_>, &mut NodeMut<'_>),
    /// After every part was switched on: it goes on with what had waited.
    pub resume: fn(&mut Io<'_, '_>, &mut NodeMut<'_>),
    /// Whether it is switched on anew when only the communicating part of its host starts again.
    pub restarts: bool,
    /// Whether it records itself that communication has started.
    pub records_start: bool,
    /// Whether it stops while a file that the host needs cannot be read.
    pub needs_files: bool,
    /// A scenario event, by its number, is about its host. Whether it was for this part.
    pub on_scenario_event: fn(&mut Io<'_, '_>, &mut NodeMut<'_>, u32, &HappeningSpec) -> bool,
    /// The host has a new certificate.
    pub renew: fn(&mut NodeMut<'_>, &Credentials),
    /// The host is set up anew: what was on it goes.
    pub wipe: fn(&mut NodeMut<'_>),
}

/// Handles an event without the host's network.
pub type OwnHandler = fn(&mut Cx<'_>, &mut NodeMut<'_>, LabEvent);
/// Takes an event without the host's network, or passes it on.
pub type Before = fn(&mut Cx<'_>, &mut NodeMut<'_>, LabEvent) -> Option<LabEvent>;
/// Takes an event, or passes it on.
pub type Taking = fn(&mut Io<'_, '_>, &mut NodeMut<'_>, LabEvent) -> Option<LabEvent>;

impl Part {
    /// A part that no host has and that does nothing.
    #[must_use]
    pub const fn new(id: PartId) -> Self {
        Self {
            id,
            on: |_, _| None,
            build: |_| Ok(()),
            on_socket: |_, _, _| {},
            on_timer: |_, _, _| {},
            on_own_timer: None,
            before_network: None,
            on_event: None,
            on_overheard: None,
            power_on: |_, _| {},
            resume: |_, _| {},
            restarts: false,
            records_start: false,
            needs_files: false,
            on_scenario_event: |_, _, _, _| false,
            renew: |_, _| {},
            wipe: |_| {},
        }
    }
}

/// All parts, by the layer that declares them and their place there. Devices do not know who else is in the lab; the lab says it.
pub trait Registry {
    /// The tables of the layers, in the order of [`PartLayer`](crate::event::PartLayer).
    const PARTS: &'static [&'static [Part]];
}

/// The part with an id; one that does nothing where the lab has none.
#[inline]
#[must_use]
pub fn part(id: PartId) -> &'static Part {
    const NOTHING: &Part = &Part::new(crate::net::part::HOST);
    let (layer, place) = id.place();
    let layer = <Lab as Registry>::PARTS.get(layer);
    layer.and_then(|parts| parts.get(place)).unwrap_or(NOTHING)
}

/// The parts that a node has.
pub fn parts_of<'a>(cx: &Cx<'a>) -> impl Iterator<Item = &'static Part> + use<'a> {
    let shared: &'a Shared = cx.shared();
    shared.parts_of(cx.node()).iter().map(|id| part(*id))
}

/// The parts that a host of a lab has by what it is configured to be, each with its sockets.
pub fn parts_on(lab: &LabSpec, host: &HostSpec) -> impl Iterator<Item = (PartId, Sockets)> {
    let all = <Lab as Registry>::PARTS.iter().copied().flatten();
    all.filter_map(|part| Some((part.id, (part.on)(lab, host)?)))
}

/// Ports on which a host of a lab listens for streams, whichever part it is that listens.
#[must_use]
pub fn ports(lab: &LabSpec, host: &HostSpec) -> Vec<u16> {
    let listeners = parts_on(lab, host).flat_map(|(_, sockets)| sockets.listeners);
    let mut ports: Vec<u16> = listeners.map(|(port, _)| port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The sockets that a part has from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sockets {
    /// Ports on which it takes streams, each with the configuration item that opened it.
    pub listeners: Vec<(u16, ItemId)>,
    /// Ports on which it takes datagrams.
    pub bound: Vec<u16>,
    /// How often it hears that the host's network came up or went down.
    pub hears_link: usize,
}

impl Sockets {
    /// Takes streams on this port, because of what the host is.
    #[must_use]
    pub fn listen(self, port: u16) -> Self {
        self.listen_by(port, NO_ITEM)
    }

    /// Takes streams on a port that this item opened.
    #[must_use]
    pub fn listen_by(mut self, port: u16, item: ItemId) -> Self {
        self.listeners.push((port, item));
        self
    }

    /// Takes datagrams on this port.
    #[must_use]
    pub fn bind(mut self, port: u16) -> Self {
        self.bound.push(port);
        self
    }

    /// Hears when the network comes up and goes down.
    #[must_use]
    pub fn hear_link(mut self) -> Self {
        self.hears_link += 1;
        self
    }

    /// The ports of a host's services of these kinds; none where it has no such service.
    #[must_use]
    pub fn of_services(host: &HostSpec, kinds: &[ServiceKind]) -> Option<Self> {
        let mut sockets = Self::default();
        for service in host.services.iter().filter(|s| kinds.contains(&s.kind)) {
            sockets = sockets.listen_by(service.port, service.id);
        }
        (!sockets.listeners.is_empty()).then_some(sockets)
    }

    /// The same as listeners of a part.
    pub(crate) fn of(&self, app: PartId) -> impl Iterator<Item = Listener> + '_ {
        let listener = move |&(port, item): &(u16, ItemId)| Listener {
            port,
            app,
            item,
            because: None,
        };
        self.listeners.iter().map(listener)
    }
}

/// The value that the first fitting role of a host gives: `role!(host, RoleSpec::Broker(b) => b)`.
macro_rules! role {
    ($host:expr, $role:pat => $value:expr) => {
        $host.roles.iter().find_map(|role| match role {
            $role => Some($value),
            _ => None,
        })
    };
}
pub(crate) use role;

/// A host that is being built, as its parts see it.
#[derive(Debug)]
pub struct Site<'a> {
    /// What all nodes of the run share.
    pub shared: Arc<Shared>,
    /// The host.
    pub host: &'a HostSpec,
    node: NodeId,
    sim: &'a mut Simulation<Lab>,
}

impl<'a> Site<'a> {
    /// The host with this node.
    pub fn new(sim: &'a mut Simulation<Lab>, node: NodeId, host: &'a HostSpec) -> Self {
        Self {
            shared: sim.shared().clone(),
            host,
            node,
            sim,
        }
    }

    /// The lab.
    #[must_use]
    pub fn lab(&self) -> Arc<LabSpec> {
        self.shared.lab.clone()
    }

    /// Puts a component on the host's node.
    pub fn insert<C: Component + Clone>(&mut self, component: C) {
        self.sim.insert(self.node, component);
    }

    /// What the host has to show and to check in TLS.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        credentials(self.host, &self.shared.costs)
    }

    /// The library of this version, among those that the pharmacy has issued.
    #[must_use]
    pub fn library(&self, version: u32) -> Option<Arc<DrugLibrary>> {
        self.shared.library(version).cloned()
    }

    /// An error: the host names something that does not exist.
    #[must_use]
    pub fn unknown(&self, kind: &'static str, name: impl Into<String>) -> BuildError {
        BuildError::unknown(&self.host.name, kind, name)
    }

    /// An error: a value of the host's configuration is impossible.
    #[must_use]
    pub fn value(&self, problem: String) -> BuildError {
        let holder = self.host.name.clone();
        BuildError::Value { holder, problem }
    }
}

/// Why something in a lab could not be built. The scenario crate checks files; this says what it must never let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A name that nothing has.
    #[error("{holder} names {kind} `{name}`, which does not exist")]
    Unknown {
        /// Who names it.
        holder: String,
        /// What kind of thing it should be.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A value out of its range.
    #[error("{holder}: {problem}")]
    Value {
        /// Where it stands.
        holder: String,
        /// What is wrong.
        problem: String,
    },
}

impl BuildError {
    /// `holder` names something that does not exist.
    #[must_use]
    pub fn unknown(holder: &str, kind: &'static str, name: impl Into<String>) -> Self {
        Self::Unknown {
            holder: holder.to_owned(),
            kind,
            name: name.into(),
        }
    }
}

/// Declares the parts of a layer, one line each: the id, the part's name, and the path of its `PART`.
macro_rules! parts {
    ($layer:ident: $($(#[$doc:meta])* $id:ident = $name:literal $(as $label:literal)? in $part:path;)*) => {
        /// Ids of this layer's parts.
        pub(crate) mod id {
            $crate::event::part_ids! { $layer: $($(#[$doc])* $id = $name $(as $label)?;)* }
        }

        /// This layer's parts.
        pub(crate) const PARTS: &[$crate::device::part::Part] = &[$($part),*];
    };
}
pub(crate) use parts;

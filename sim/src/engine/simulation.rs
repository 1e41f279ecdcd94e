//! The simulation: nodes, queue and clock, and how they are put together and looked at.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bevy_ecs::change_detection::Mut;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::entity::Entity;
use bevy_ecs::world::World;

use super::access::Access;
use super::cloners::Cloners;
use super::context::Core;
use super::lineage::Book;
use super::origin::Origins;
use super::queue::Queue;
use super::{Budget, Cause, EventId, Lineage, Model, NodeId};
use crate::fingerprint::{FingerprintHasher, FingerprintValue};
use crate::rng::{Luck, NodeKey};
use crate::time::Time;

/// A simulation of model `M`: its nodes, its pending events and its clock.
pub struct Simulation<M: Model> {
    pub(super) world: World,
    pub(super) access: Access<M>,
    pub(super) nodes: Nodes,
    /// How to copy each kind of capability component, by the only way they get in.
    pub(super) cloners: Cloners,
    pub(super) core: Core<M>,
    pub(super) shared: Arc<M::Shared>,
    pub(super) budget: Budget,
    pub(super) pending_limit: usize,
    pub(super) now: Time,
    pub(super) events: u64,
    pub(super) fingerprint: FingerprintHasher,
}

/// Names and places of the nodes, by `NodeId`.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    /// Where the hot state lives: never looked up by handlers, whose way is the row.
    pub(super) hot: Vec<Entity>,
    /// Where the capabilities live, for nodes that have any.
    pub(super) capabilities: Vec<Option<Entity>>,
    /// All names, one after the other: a String each would cost 24 bytes a node more.
    names: String,
    name_ends: Vec<u32>,
    by_key: BTreeMap<NodeKey, NodeId>,
}

impl Nodes {
    pub(super) fn name(&self, node: NodeId) -> &str {
        let start = node
            .index()
            .checked_sub(1)
            .map_or(0, |before| self.name_ends[before]);
        &self.names[start as usize..self.name_ends[node.index()] as usize]
    }
}

impl<M: Model> Simulation<M> {
    /// A simulation without nodes or events. `seed` fixes all luck.
    pub fn new(seed: u64, shared: Arc<M::Shared>, budget: Budget) -> Self {
        let mut world = World::new();
        Self {
            access: Access::new(&mut world),
            world,
            nodes: Nodes::default(),
            cloners: Cloners::default(),
            core: Core {
                queue: Queue::new(),
                luck: Luck::new(seed),
                keys: Vec::new(),
                out: Vec::new(),
                records: 0,
                record_bytes: 0,
                origins: Origins::default(),
                lineage: None,
            },
            shared,
            budget,
            pending_limit: Budget::PENDING_EVENTS,
            now: Time::ZERO,
            events: 0,
            fingerprint: FingerprintHasher::new(),
        }
    }

    /// Adds a node. Its luck depends on its name alone.
    ///
    /// # Panics
    /// When a node of that name exists (or one whose name has the same 64-bit hash), or with more
    /// than 2^32 - 1 nodes or 4 GiB of names.
    pub fn add_node(&mut self, name: &str, hot: M::Hot) -> NodeId {
        let node = NodeId(u32::try_from(self.nodes.hot.len()).expect("fewer than 2^32 nodes"));
        let key = NodeKey::of(name);
        if let Some(other) = self.nodes.by_key.insert(key, node) {
            panic!(
                "node {name:?} would share the luck of node {:?}",
                self.nodes.name(other)
            );
        }
        self.nodes.names.push_str(name);
        self.nodes
            .name_ends
            .push(u32::try_from(self.nodes.names.len()).expect("fewer than 4 GiB of names"));
        self.nodes.hot.push(self.world.spawn(hot).id());
        self.nodes.capabilities.push(None);
        self.core.keys.push(key);
        node
    }

    /// Puts a capability component into a node, replacing one of the same type.
    ///
    /// # Panics
    /// When the node does not exist, or the component is the hot state or requires other components:
    /// those would be lost in a fork.
    pub fn insert<C: Component + Clone>(&mut self, node: NodeId, component: C) {
        let hot = TypeId::of::<M::Hot>() == TypeId::of::<C>();
        assert!(!hot, "hot state is given when a node is added");
        self.cloners.register::<C>();
        let world = &mut self.world;
        let entity =
            *self.nodes.capabilities[node.index()].get_or_insert_with(|| world.spawn_empty().id());
        world.entity_mut(entity).insert(component);
        let known = world
            .inspect_entity(entity)
            .expect("the entity was just made")
            .all(|(_, component)| component.type_id().is_some_and(|id| self.cloners.know(id)));
        assert!(
            known,
            "{} brings other components along",
            std::any::type_name::<C>()
        );
    }

    /// A node's capability component, from outside: ground truth for judges and reports.
    pub fn peek<C: Component>(&self, node: NodeId) -> Option<&C> {
        let entity = (*self.nodes.capabilities.get(node.index())?)?;
        self.world.get(entity)
    }

    /// A node's capability component, to change between two calls of `run`: for whoever drives the simulation.
    pub fn edit<C: Component<Mutability = Mutable>>(&mut self, node: NodeId) -> Option<&mut C> {
        let entity = (*self.nodes.capabilities.get(node.index())?)?;
        self.world.get_mut(entity).map(Mut::into_inner)
    }

    /// A node's hot state, from outside.
    ///
    /// # Panics
    /// When the node does not exist.
    pub fn hot(&self, node: NodeId) -> &M::Hot {
        self.world
            .get(self.nodes.hot[node.index()])
            .expect("every node has hot state")
    }

    /// A node's name.
    ///
    /// # Panics
    /// When the node does not exist.
    pub fn name(&self, node: NodeId) -> &str {
        self.nodes.name(node)
    }

    /// The node of this name.
    pub fn node_named(&self, name: &str) -> Option<NodeId> {
        let node = *self.nodes.by_key.get(&NodeKey::of(name))?;
        (self.nodes.name(node) == name).then_some(node)
    }

    /// Number of nodes; their ids are below it.
    pub fn node_count(&self) -> usize {
        self.nodes.hot.len()
    }

    /// Schedules an event from outside, before the run or between two calls of `run`. A time in the
    /// past means now.
    ///
    /// # Panics
    /// When the node does not exist.
    pub fn schedule(&mut self, time: Time, node: NodeId, event: M::Event) -> EventId {
        assert!(node.index() < self.node_count(), "{node} does not exist");
        self.core
            .schedule(time.max(self.now), node, event, Cause::GENESIS)
    }

    /// Like [`Simulation::schedule`], for what another event brought about on a way that leads through the outside.
    ///
    /// # Panics
    /// When the node does not exist.
    pub fn schedule_caused(
        &mut self,
        time: Time,
        node: NodeId,
        event: M::Event,
        cause: Cause,
    ) -> EventId {
        assert!(node.index() < self.node_count(), "{node} does not exist");
        self.core.schedule(time.max(self.now), node, event, cause)
    }

    /// The time of the next event, if one is pending.
    pub fn next_time(&mut self) -> Option<Time> {
        self.core.queue.next_time()
    }

    /// Drops an event, pending or yet to be scheduled, instead of dispatching it: what would have
    /// happened without it? It counts as cancelled and takes no part in the fingerprint.
    pub fn suppress(&mut self, event: EventId) {
        self.core.queue.suppress(event);
    }

    /// Whether to keep the lineage of events scheduled from now on. Off at first; switching it off
    /// forgets.
    pub fn keep_lineage(&mut self, keep: bool) {
        if keep && self.core.lineage.is_none() {
            self.core.lineage = Some(Book::starting_at(self.core.queue.next_number()));
        } else if !keep {
            self.core.lineage = None;
        }
    }

    /// What is known of an event scheduled while lineage was kept.
    pub fn lineage(&self, event: EventId) -> Option<Lineage> {
        self.core.lineage.as_ref()?.row(event)
    }

    /// The hash of every event dispatched so far.
    pub fn fingerprint(&self) -> FingerprintValue {
        self.fingerprint.value()
    }

    /// Number of events dispatched so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Number of events pending.
    pub fn pending(&self) -> usize {
        self.core.queue.len()
    }

    /// Number of records emitted so far.
    pub fn records(&self) -> u64 {
        self.core.records
    }

    /// The clock.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The luck of the run.
    pub fn luck(&self) -> &Luck {
        &self.core.luck
    }

    /// The run-wide facts.
    pub fn shared(&self) -> &Arc<M::Shared> {
        &self.shared
    }

    /// The limits of the run.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// Changes the limits of the run; what was spent stays spent.
    pub fn set_budget(&mut self, budget: Budget) {
        self.budget = budget;
    }

    /// Changes how many events may be pending at once, at first [`Budget::PENDING_EVENTS`].
    pub fn limit_pending(&mut self, events: usize) {
        self.pending_limit = events;
    }
}

impl<M: Model> fmt::Debug for Simulation<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation")
            .field("now", &self.now)
            .field("nodes", &self.node_count())
            .field("pending", &self.pending())
            .field("events", &self.events)
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

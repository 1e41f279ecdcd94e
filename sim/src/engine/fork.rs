//! Independent copies of a simulation.

use std::any::TypeId;
use std::sync::Arc;

use bevy_ecs::component::Component;
use bevy_ecs::world::{EntityRef, EntityWorldMut, World};

use super::context::Core;
use super::run::Access;
use super::simulation::Simulation;
use super::{Model, NodeId};

/// Copies one kind of component from a node to its counterpart in a fork, if it is there.
#[derive(Clone, Copy)]
pub(super) struct Cloner {
    /// Component ids differ between worlds; types do not.
    component: TypeId,
    copy: fn(EntityRef<'_>, &mut EntityWorldMut<'_>),
}

impl Cloner {
    fn of<C: Component + Clone>() -> Self {
        let copy = |from: EntityRef<'_>, to: &mut EntityWorldMut<'_>| {
            if let Some(component) = from.get::<C>() {
                to.insert(component.clone());
            }
        };
        Self {
            component: TypeId::of::<C>(),
            copy,
        }
    }
}

/// The kinds of components that were ever inserted, in order of first insertion.
#[derive(Clone, Default)]
pub(super) struct Cloners(Vec<Cloner>);

impl Cloners {
    pub(super) fn register<C: Component + Clone>(&mut self) {
        if !self.know(TypeId::of::<C>()) {
            self.0.push(Cloner::of::<C>());
        }
    }

    pub(super) fn know(&self, component: TypeId) -> bool {
        self.0.iter().any(|cloner| cloner.component == component)
    }
}

impl<M: Model> Simulation<M> {
    /// An independent copy that continues identically: the same events and records with the same
    /// numbers, the same fingerprint. It shares nothing that changes with the original.
    pub fn fork(&self) -> Self {
        let mut world = World::new();
        let mut fork = Self {
            access: Access::new(&mut world),
            world,
            nodes: self.nodes.clone(),
            cloners: self.cloners.clone(),
            core: Core {
                queue: self.core.queue.clone(),
                luck: self.core.luck,
                keys: self.core.keys.clone(),
                out: Vec::new(),
                records: self.core.records,
                record_bytes: self.core.record_bytes,
                origins: self.core.origins.clone(),
                lineage: self.core.lineage.clone(),
            },
            shared: Arc::clone(&self.shared),
            budget: self.budget,
            pending_limit: self.pending_limit,
            now: self.now,
            events: self.events,
            fingerprint: self.fingerprint.clone(),
        };
        for index in 0..self.node_count() {
            // Spawning in the order of ids makes the rows of hot state dense by id again.
            let hot = self.hot(NodeId(index as u32)).clone();
            fork.nodes.hot[index] = fork.world.spawn(hot).id();
            if let Some(entity) = self.nodes.capabilities[index] {
                let from = self.world.entity(entity);
                let mut to = fork.world.spawn_empty();
                for cloner in &self.cloners.0 {
                    (cloner.copy)(from, &mut to);
                }
                fork.nodes.capabilities[index] = Some(to.id());
            }
        }
        fork
    }
}

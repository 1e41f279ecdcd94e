//! Independent copies of a simulation.

use std::sync::Arc;

use bevy_ecs::world::World;

use super::access::Access;
use super::context::Core;
use super::simulation::Simulation;
use super::{Model, NodeId};

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
                self.cloners.copy(from, &mut to);
                fork.nodes.capabilities[index] = Some(to.id());
            }
        }
        fork
    }
}

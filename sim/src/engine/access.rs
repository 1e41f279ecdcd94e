//! How dispatch reaches the state of nodes.

use bevy_ecs::query::Without;
use bevy_ecs::system::{Query, SystemState};
use bevy_ecs::world::{EntityMut, World};

use super::Model;

type HotQuery<'w, 's, M> = Query<'w, 's, &'static mut <M as Model>::Hot>;
type CapabilityQuery<'w, 's, M> = Query<'w, 's, EntityMut<'static>, Without<<M as Model>::Hot>>;

/// Access to all hot state as a slice and, at the same time, to any capability entity: they are
/// disjoint, since capabilities live on entities without hot state. Made once, used for every batch.
pub(super) struct Access<M: Model>(
    pub(super)  SystemState<(
        HotQuery<'static, 'static, M>,
        CapabilityQuery<'static, 'static, M>,
    )>,
);

impl<M: Model> Access<M> {
    pub(super) fn new(world: &mut World) -> Self {
        Self(SystemState::new(world))
    }
}

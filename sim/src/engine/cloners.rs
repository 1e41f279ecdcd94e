//! How components are copied into a fork.

use std::any::TypeId;

use bevy_ecs::component::Component;
use bevy_ecs::world::{EntityRef, EntityWorldMut};

/// Copies one kind of component from a node to its counterpart in a fork, if it is there.
#[derive(Clone, Copy)]
struct Cloner {
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

    /// Copies every component that a node has to its counterpart in a fork.
    pub(super) fn copy(&self, from: EntityRef<'_>, to: &mut EntityWorldMut<'_>) {
        for cloner in &self.0 {
            (cloner.copy)(from, to);
        }
    }

    pub(super) fn know(&self, component: TypeId) -> bool {
        self.0.iter().any(|cloner| cloner.component == component)
    }
}

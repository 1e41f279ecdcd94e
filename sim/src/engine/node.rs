//! A handler's view of its own node.

use std::any::{Any, TypeId};
use std::fmt;

use bevy_ecs::change_detection::Mut;
use bevy_ecs::component::{Component, Mutable};
use bevy_ecs::world::EntityMut;

/// The components of the node whose event is being handled: its hot state and its capabilities.
/// Values can change, the set of components cannot.
pub struct NodeMut<'w> {
    hot: &'w mut dyn Any,
    capabilities: Option<EntityMut<'w>>,
}

impl<'w> NodeMut<'w> {
    #[inline]
    pub(super) fn new(hot: &'w mut dyn Any, capabilities: Option<EntityMut<'w>>) -> Self {
        Self { hot, capabilities }
    }

    /// The node's component of type `C`, if it has one. The hot state is a component too.
    #[inline]
    pub fn get<C: Component>(&self) -> Option<&C> {
        match self
            .capabilities
            .as_ref()
            .and_then(|entity| entity.get::<C>())
        {
            Some(component) => Some(component),
            None => self.hot.downcast_ref(),
        }
    }

    /// Mutable access to the node's component of type `C`, if it has one.
    #[inline]
    pub fn get_mut<C: Component<Mutability = Mutable>>(&mut self) -> Option<&mut C> {
        if self.hot.is::<C>() {
            return self.hot.downcast_mut();
        }
        self.capabilities
            .as_mut()?
            .get_mut::<C>()
            .map(Mut::into_inner)
    }

    /// Whether the node has a component of type `C`.
    #[inline]
    pub fn has<C: Component>(&self) -> bool {
        self.capabilities
            .as_ref()
            .is_some_and(|entity| entity.contains::<C>())
            || self.hot.is::<C>()
    }

    /// Mutable access to two components at once, if the node has both. `None` as well when `A` and
    /// `B` are the same type. Either may be the hot state.
    #[inline]
    pub fn pair_mut<A, B>(&mut self) -> Option<(&mut A, &mut B)>
    where
        A: Component<Mutability = Mutable>,
        B: Component<Mutability = Mutable>,
    {
        let entity = self.capabilities.as_mut()?;
        if self.hot.is::<A>() {
            return Some((
                self.hot.downcast_mut()?,
                entity.get_mut::<B>()?.into_inner(),
            ));
        }
        if self.hot.is::<B>() {
            return Some((
                entity.get_mut::<A>()?.into_inner(),
                self.hot.downcast_mut()?,
            ));
        }
        if TypeId::of::<A>() == TypeId::of::<B>() {
            // The ECS would panic.
            return None;
        }
        let (a, b) = entity.get_components_mut::<(&mut A, &mut B)>().ok()?;
        Some((a.into_inner(), b.into_inner()))
    }

    /// Mutable access to three capability components at once, if the node has them all. `None` as
    /// well when two of the types are the same.
    #[inline]
    pub fn triple_mut<A, B, C>(&mut self) -> Option<(&mut A, &mut B, &mut C)>
    where
        A: Component<Mutability = Mutable>,
        B: Component<Mutability = Mutable>,
        C: Component<Mutability = Mutable>,
    {
        let (a, b, c) = (TypeId::of::<A>(), TypeId::of::<B>(), TypeId::of::<C>());
        if a == b || b == c || a == c {
            return None;
        }
        let entity = self.capabilities.as_mut()?;
        let (a, b, c) = entity
            .get_components_mut::<(&mut A, &mut B, &mut C)>()
            .ok()?;
        Some((a.into_inner(), b.into_inner(), c.into_inner()))
    }
}

impl fmt::Debug for NodeMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeMut").finish_non_exhaustive()
    }
}

//! The discrete-event core: knows no domain.
//!
//! A [`Simulation`] owns the nodes, the event queue and the clock. Events are dispatched one by one
//! in the order (time, sequence number); within one instant that is the order of scheduling. What a
//! handler can reach is its own node ([`NodeMut`]), the future ([`Context::at`]), its luck
//! ([`Context::stream`]) and the trace ([`Context::emit`]): never another node's state, so whatever
//! one node does to another is an event. A run is a function of (model, seed, nodes, genesis events).
//!
//! State lives in components. Each node has one *hot* component, in one dense table whose rows are
//! [`NodeId`]s, and any number of capability components put in with [`Simulation::insert`].
//!
//! - [`Model`]: what a user of the engine writes;
//! - [`queue`]: the pending events;
//! - [`Behind`]: what an event or record goes back to, carried along;
//! - [`Simulation::fork`]: an independent copy that continues identically.

mod access;
mod budget;
mod calendar;
mod cloners;
mod context;
mod fork;
mod id;
mod lineage;
mod model;
mod node;
mod origin;
pub mod queue;
mod ring;
mod run;
mod simulation;

pub use budget::{Budget, BudgetKind, End};
pub use context::Context;
pub use id::{EventId, NodeId, RecordId};
pub use lineage::{Because, Lineage};
pub use model::{Dispatched, Entry, Event, Model, Record, Sink};
pub use node::NodeMut;
pub use origin::{Behind, Cause, Lead};
pub use simulation::Simulation;

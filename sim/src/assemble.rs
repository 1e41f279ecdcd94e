//! Builds a simulation from a spec; the one place that knows every kind of node.
use crate::engine::{Context, Model, NodeMut};
use crate::event::{Lab, LabEvent, Shared, Vitals};
use crate::record::LabRecord;
impl Model for Lab {
    type Event = LabEvent;
    type Hot = Vitals;
    type Record = LabRecord;
    type Shared = Shared;
    fn on_hot(_cx: &mut Context<'_, Self>, _hot: &mut Vitals, event: LabEvent) -> Option<LabEvent> { Some(event) }
    fn on_event(_cx: &mut Context<'_, Self>, _node: &mut NodeMut<'_>, _event: LabEvent) {}
}

//! Happenings of the play that people and mains bring about.

use super::build::{Builder, unknown};
use super::hosts;
use crate::engine::{NodeId, Simulation};
use crate::event::{Lab, LabEvent, Percept, Task, Touch};
use crate::run::AssembleError;
use crate::spec::{HappeningSpec, RoleSpec};
use crate::time::Time;

impl Builder<'_> {
    /// Somebody is asked to programme a pump; without a nurse in charge a hand comes from nowhere.
    pub(super) fn asked(
        &self,
        sim: &mut Simulation<Lab>,
        at: Time,
        pump: NodeId,
        what: &HappeningSpec,
    ) -> Result<(), AssembleError> {
        let HappeningSpec::Programme {
            pump: name,
            drug,
            rate_ml_per_h,
            intended_ml_per_h,
            override_soft,
            ..
        } = what
        else {
            return Ok(());
        };
        let order = hosts::order(&self.libraries, what);
        let mut order = order.ok_or_else(|| unknown(name, "drug in the care area", drug))?;
        let Some(&nurse) = sim.shared().nurse_of.get(&pump) else {
            let touch = Touch::Programme {
                programme: hosts::by_hand(&order),
                override_soft: *override_soft,
            };
            let touch = Box::new(touch);
            sim.schedule(at, pump, LabEvent::Touch { by: pump, touch });
            return Ok(());
        };
        order.rate_ml_per_h = intended_ml_per_h.unwrap_or(*rate_ml_per_h);
        let task = Task {
            pump,
            order,
            slip_ml_per_h: intended_ml_per_h.map(|_| *rate_ml_per_h),
            override_soft: *override_soft,
        };
        let percept = Percept::Asked(Box::new(task));
        sim.schedule(at, nurse, LabEvent::Perceived(percept));
        Ok(())
    }

    /// An event that people or mains bring about, or that is a matter of whom it happens to.
    pub(super) fn of_people(
        &self,
        sim: &mut Simulation<Lab>,
        at: Time,
        n: u32,
        what: &HappeningSpec,
    ) -> Result<(), AssembleError> {
        match what {
            HappeningSpec::Occlude { pump } => {
                let node = self.find(pump)?;
                let touch = Box::new(Touch::Kink);
                sim.schedule(at, node, LabEvent::Touch { by: node, touch });
            }
            HappeningSpec::PowerCut { nodes } => self.mains(sim, at, nodes, false)?,
            HappeningSpec::PowerReturn { nodes } => self.mains(sim, at, nodes, true)?,
            HappeningSpec::ReplacePump { pump, by } => {
                let (pump, by) = (self.find(pump)?, self.find(by)?);
                let nurse = sim.shared().nurse_of.get(&pump).copied();
                let nurse =
                    nurse.ok_or_else(|| unknown("the play", "nurse of", &self.name(pump)))?;
                let percept = Percept::Recall { pump, by };
                sim.schedule(at, nurse, LabEvent::Perceived(percept));
            }
            what => {
                // It happens to what it names first; whatever else it names must be there too.
                let names = what.names().into_iter();
                let nodes = names.map(|(_, name)| self.find(&name));
                let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
                if let Some(first) = nodes.first() {
                    sim.schedule(at, *first, LabEvent::Happening(n));
                }
            }
        }
        Ok(())
    }

    fn mains(
        &self,
        sim: &mut Simulation<Lab>,
        at: Time,
        nodes: &[String],
        on: bool,
    ) -> Result<(), AssembleError> {
        for name in nodes {
            let node = self.find(name)?;
            let host = self.lab.host(name);
            let pump = host.is_some_and(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::Pump(_))));
            let event = if pump {
                let touch = Box::new(Touch::Mains(on));
                LabEvent::Touch { by: node, touch }
            } else {
                LabEvent::Power(on)
            };
            sim.schedule(at, node, event);
        }
        Ok(())
    }
}

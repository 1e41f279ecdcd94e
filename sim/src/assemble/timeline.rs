//! What happens by itself: nodes are switched on, infusions are started, scenario events come at their times.

use super::build::{AIR, Builder, segment_node};
use super::config::AssembleError;
use crate::clinical::order::{Entry, InfusionOrder, Programme};
use crate::device::clinical_systems::order;
use crate::engine::{NodeId, Simulation};
use crate::event::{AirCommand, Lab, LabEvent, Percept, Task, Touch};
use crate::net::port::Cables;
use crate::rng::{Luck, NodeKey, Purpose};
use crate::spec::{HappeningSpec, HostSpec, RoleSpec};
use crate::time::{Duration, Time};

const SWITCH_ON: Purpose = Purpose::new("switched on");
/// Pumps are switched on within this time of the beginning \[A\].
const SWITCH_ON_WITHIN_S: f64 = 20.0;
/// Time from switching a rebuilt host on until files can be given back to it \[A\].
const STARTING: Duration = Duration::from_mins(1);

impl Builder<'_> {
    /// Schedules what the plan of the run foresees.
    pub(super) fn schedule(
        &self,
        sim: &mut Simulation<Lab>,
        seed: u64,
    ) -> Result<(), AssembleError> {
        let luck = Luck::new(seed);
        for (i, name) in self.names.iter().enumerate() {
            let pump = self.lab.pumps().any(|(h, _)| h.name == *name);
            let at = if pump {
                let share = luck.stream(NodeKey::of(name), SWITCH_ON, 0).unit_f64();
                Time::ZERO + Duration::from_secs_f64(1.0 + share * SWITCH_ON_WITHIN_S)
            } else {
                Time::ZERO
            };
            sim.schedule(at, NodeId(i as u32), LabEvent::Power(true));
        }
        for (host, pump) in self.lab.pumps() {
            if let Some(infusion) = &pump.infusion {
                let what = HappeningSpec::Programme {
                    pump: host.name.clone(),
                    care_area: infusion.care_area.clone(),
                    drug: infusion.drug.clone(),
                    rate_ml_per_h: infusion.rate_ml_per_h,
                    intended_ml_per_h: None,
                    vtbi_ml: infusion.vtbi_ml,
                    dose: infusion.dose,
                    override_soft: true,
                };
                self.happen(sim, infusion.start, 0, &what)?;
            }
        }
        for (n, event) in self.play.events.iter().enumerate() {
            self.happen(sim, event.at, n as u32, &event.what)?;
        }
        Ok(())
    }

    /// The node that the play calls by this name.
    fn find(&self, name: &str) -> Result<NodeId, AssembleError> {
        self.nodes
            .get(name)
            .or_else(|| self.nodes.get(&segment_node(name)))
            .copied()
            .ok_or_else(|| AssembleError::unknown("the play", "node", name))
    }

    /// The name of a node.
    fn name(&self, node: NodeId) -> String {
        self.names.get(node.index()).cloned().unwrap_or_default()
    }

    // long: an arm per happening, each a line or a few.
    fn happen(
        &self,
        sim: &mut Simulation<Lab>,
        at: Duration,
        n: u32,
        what: &HappeningSpec,
    ) -> Result<(), AssembleError> {
        let find = |name: &str| self.find(name);
        let ordered = |pump: &str, drug: &str| {
            order(&self.libraries, what)
                .ok_or_else(|| AssembleError::unknown(pump, "drug in the care area", drug))
        };
        let at = Time::ZERO + at;
        match what {
            HappeningSpec::PowerOff { node } => {
                sim.schedule(at, find(node)?, LabEvent::Power(false))
            }
            HappeningSpec::PowerOn { node } => sim.schedule(at, find(node)?, LabEvent::Power(true)),
            HappeningSpec::Move { host, to, over } => {
                let (from, to, over) = (find(host)?, *to, *over);
                let command = AirCommand::Move { to, over };
                sim.schedule(at, self.node(AIR), LabEvent::Air { from, command })
            }
            HappeningSpec::Programme { pump, .. } => {
                return self.asked(sim, at, find(pump)?, what);
            }
            HappeningSpec::Order { pump, drug, .. } => {
                find(pump)?;
                ordered(pump, drug)?;
                let ehr = self
                    .lab
                    .hosts
                    .iter()
                    .find(|h| h.roles.iter().any(|r| matches!(r, RoleSpec::Ehr { .. })));
                let ehr =
                    ehr.ok_or_else(|| AssembleError::unknown("the play", "health record", "ehr"))?;
                sim.schedule(at, find(&ehr.name)?, LabEvent::Happening(n))
            }
            HappeningSpec::Restore { host, takes } => {
                let rebuilt = find(host)?;
                let keeps = |h: &&HostSpec| {
                    h.roles
                        .iter()
                        .any(|r| matches!(r, RoleSpec::Backup(b) if b.of.contains(host)))
                };
                for backup in self.lab.hosts.iter().filter(keeps) {
                    let back = at + *takes + STARTING;
                    sim.schedule(back, self.node(&backup.name), LabEvent::Happening(n));
                }
                sim.schedule(at, rebuilt, LabEvent::Happening(n))
            }
            HappeningSpec::ServiceVisit {
                laptop,
                pump,
                lasts,
            } => {
                let (laptop, pump) = (find(laptop)?, find(pump)?);
                sim.insert(laptop, Cables::default());
                sim.schedule(at, laptop, LabEvent::Cable { pump, on: true });
                sim.schedule(at + *lasts, laptop, LabEvent::Cable { pump, on: false })
            }
            HappeningSpec::RevokeCertificate { .. } => {
                let publishes = |r: &RoleSpec| matches!(r, RoleSpec::CertificateAuthority(_));
                let mut hosts = self.lab.hosts.iter();
                let authority = hosts.find(|h| h.roles.iter().any(publishes));
                let authority = authority.ok_or_else(|| {
                    AssembleError::unknown("the play", "certificate authority", "ca")
                })?;
                sim.schedule(at, find(&authority.name)?, LabEvent::Happening(n))
            }
            HappeningSpec::PublishLibrary { server, .. } => {
                // At the pharmacy's workstation, if the house has one and the server has a portal.
                let by = self.pharmacy_for(server).unwrap_or(server);
                sim.schedule(at, find(by)?, LabEvent::Happening(n))
            }
            what => return self.of_people(sim, at, n, what),
        };
        Ok(())
    }

    /// The workstation at which libraries for a pump server are released.
    fn pharmacy_for(&self, server: &str) -> Option<&str> {
        let portal = |r: &RoleSpec| matches!(r, RoleSpec::PumpServer(s) if s.portal.is_some());
        self.lab
            .host(server)
            .filter(|h| h.roles.iter().any(portal))?;
        let pharmacy = |r: &RoleSpec| matches!(r, RoleSpec::Pharmacy(_));
        let mut hosts = self.lab.hosts.iter();
        let found = hosts.find(|h| h.roles.iter().any(pharmacy))?;
        Some(&found.name)
    }

    /// Somebody is asked to programme a pump; without a nurse in charge a hand comes from nowhere.
    fn asked(
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
        let order = order(&self.libraries, what);
        let mut order =
            order.ok_or_else(|| AssembleError::unknown(name, "drug in the care area", drug))?;
        let Some(&nurse) = sim.shared().nurse_of.get(&pump) else {
            let touch = Touch::Programme {
                programme: by_hand(&order),
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
    fn of_people(
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
                let nurse = nurse.ok_or_else(|| {
                    AssembleError::unknown("the play", "nurse of", self.name(pump))
                })?;
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

/// A programme dialled in by hand.
fn by_hand(order: &InfusionOrder) -> Programme {
    Programme {
        order: None,
        patient: None,
        ..order.programme(Entry::ByHand)
    }
}

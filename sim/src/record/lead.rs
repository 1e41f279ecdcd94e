//! How records take part in origins.

use super::{AccessRecord, AttackRecord, BedsideRecord, Class, LabRecord};
use crate::engine::Lead;

impl LabRecord {
    /// How it takes part in what is behind its event. A step of an attacker begins an origin. What an attacker notes for itself, that it knew something
    /// from an earlier step, nobody can notice. A session that is killed and work that is interrupted are behind the end of what they cut short.
    pub(super) fn leads(&self) -> Lead {
        match self {
            Self::Attack(AttackRecord::StepStarted { .. }) => Lead::Begins,
            Self::Attack(AttackRecord::Answered { .. }) => Lead::Resumes,
            Self::Access(AccessRecord::SessionKilled { .. })
            | Self::Bedside(
                BedsideRecord::CaseInterrupted { .. } | BedsideRecord::PortClosed { .. },
            ) => Lead::Interrupts,
            _ if self.class() == Class::Note => Lead::Aside,
            _ => Lead::Follows,
        }
    }
}

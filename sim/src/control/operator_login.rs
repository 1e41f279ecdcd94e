//! Operator's codes at pumps, and automatic logoff.

use super::{Effect, Mechanism, Rank, Realises, Stage};
use crate::catalog::Entry;
use crate::spec::{LabSpec, OperatorSpec, Provenance, RoleSpec};
use crate::time::Duration;

/// Time without a touch after which a pump logs its operator off \[A\].
const LOGOFF: Duration = Duration::from_mins(2);

/// Operator login.
pub(super) struct OperatorLogin;

static ENTRY: Entry = Entry {
    id: "operator-login",
    title: "Operator's codes and automatic logoff at pumps",
    summary: "A pump that can do so asks for an operator's code before it takes a programme or an order, and logs the operator off after two minutes without a touch. The \
              staff knows the code and takes 8 s to log in. Anybody may stop a pump and silence it.",
    parameters: &[],
    relations: &[],
    references: &["SP 800-53 AC-7, AC-11, IA-2"],
};

impl Mechanism for OperatorLogin {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn realises(&self) -> Realises {
        Realises {
            control: "DEV-11",
            rank: Rank(Stage::Hosts, 100),
            needs: &[],
        }
    }

    fn apply(&self, lab: &mut LabSpec, ink: &mut Provenance) -> Effect {
        let mut changed = false;
        for host in &mut lab.hosts {
            for role in &mut host.roles {
                if let RoleSpec::Pump(pump) = role
                    && pump.device.operator_capable
                    && pump.device.operator.is_none()
                {
                    let operator = OperatorSpec {
                        code: "operator code of the house".to_owned(),
                        logoff: LOGOFF,
                    };
                    let what = format!("{} operator code", host.name);
                    pump.device.operator = Some(ink.item(what, operator));
                    changed = true;
                }
            }
        }
        Effect::if_any(
            changed,
            "no pump can ask for an operator, or every one does",
        )
    }
}

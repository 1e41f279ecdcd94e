//! The panel of a pump: whether it asks for an operator before it lets itself be programmed.

use crate::crypto::Passphrase;
use crate::engine::RecordId;
use crate::spec::ItemId;
use crate::time::{Duration, Time};

/// How long it takes the staff to log in \[A\].
pub const LOGIN: Duration = Duration::from_secs(8);

/// The operator's code of a pump.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Configuration item.
    pub item: ItemId,
    /// Code that the staff knows.
    pub code: Passphrase,
    /// Time without a touch after which the pump logs off.
    pub logoff: Duration,
}

/// The panel. Without an operator's code whoever stands there may programme.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    operator: Option<Operator>,
    until: Option<Time>,
    login: Option<RecordId>,
}

impl Panel {
    /// A panel that asks for this, if for anything.
    #[must_use]
    pub fn new(operator: Option<Operator>) -> Self {
        Self {
            operator,
            until: None,
            login: None,
        }
    }

    /// The item of the code that is missing for a touch now; none if the panel lets it through. A touch while somebody is logged in puts the logoff off.
    pub fn asks(&mut self, now: Time) -> Option<ItemId> {
        let operator = self.operator.as_ref()?;
        if self.until.is_some_and(|until| now < until) {
            self.until = Some(now + operator.logoff);
            return None;
        }
        self.until = None;
        self.login = None;
        Some(operator.item)
    }

    /// Whether a code is right.
    #[must_use]
    pub fn knows(&self, code: &Passphrase) -> bool {
        self.operator.as_ref().is_none_or(|o| o.code.matches(code))
    }

    /// An operator is logged in from `at` on; `login` is the record of it.
    pub fn log_in(&mut self, at: Time, login: RecordId) {
        if let Some(operator) = &self.operator {
            self.until = Some(at + operator.logoff);
            self.login = Some(login);
        }
    }

    /// The record of the login that is in force, if one is needed.
    #[must_use]
    pub fn login(&self) -> Option<RecordId> {
        self.login
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Time {
        Time::ZERO + Duration::from_secs(s)
    }

    #[test]
    fn a_login_lasts_until_nobody_has_touched_it_for_a_time() {
        let operator = Operator {
            item: ItemId(7),
            code: Passphrase::of("4711"),
            logoff: Duration::from_secs(60),
        };
        let mut panel = Panel::new(Some(operator));
        assert_eq!(panel.asks(at(0)), Some(ItemId(7)));
        panel.log_in(at(10), RecordId::from_number(1));
        assert_eq!(panel.asks(at(60)), None);
        assert_eq!(panel.asks(at(119)), None, "the touch at 60 s put it off");
        assert_eq!(panel.asks(at(179)), Some(ItemId(7)));
        assert!(panel.knows(&Passphrase::of("4711")) && !panel.knows(&Passphrase::of("0000")));
        assert_eq!(Panel::default().asks(at(0)), None);
    }
}

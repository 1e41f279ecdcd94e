//! Accounts to try at a login, in order: the one that the step names, those that the attacker knows, those that manufacturers ship.

use crate::attack::{Step, Technique};
use crate::crypto::Passphrase;
use crate::parameters::Account;

/// Accounts that manufacturers ship \[A\].
const SHIPPED: [(&str, &str); 4] = [
    ("root", "root"),
    ("admin", "admin"),
    ("service", "service"),
    ("maint", "maint"),
];

/// How far an attempt has got with accounts.
#[derive(Clone, Debug, Default)]
pub(in crate::attack) struct Logins {
    /// Known and shipped accounts that were tried.
    pub(in crate::attack) tried: u32,
    /// Whether the account that the step names was tried.
    pub(in crate::attack) named: bool,
}

impl AsMut<Self> for Logins {
    fn as_mut(&mut self) -> &mut Self {
        self
    }
}

impl<T: Technique> Step<'_, '_, '_, T>
where
    T::State: AsMut<Logins>,
{
    /// The account to try next: known ones first, then shipped ones.
    pub(in crate::attack) fn next_account(&mut self) -> Option<(String, Passphrase)> {
        let logins = self.state.as_mut();
        let n = logins.tried as usize;
        logins.tried += 1;
        if let Some(known) = self.knowledge.accounts.get(n) {
            if let Some(taught) = known.taught {
                self.hands.uses(taught);
            }
            return Some(known.value.clone());
        }
        let (user, password) = SHIPPED.get(n - self.knowledge.accounts.len())?;
        Some(((*user).to_owned(), Passphrase::of(password)))
    }

    /// The account to try next: the one that the step names, once, then known and shipped ones.
    pub(in crate::attack) fn named_account(
        &mut self,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Option<(String, Passphrase)> {
        let logins = self.state.as_mut();
        if let Some(user) = user.filter(|_| !logins.named) {
            logins.named = true;
            let password = Passphrase::of(password.unwrap_or(""));
            return Some((user.to_owned(), password));
        }
        self.next_account()
    }

    /// The account to try next: only the one that the step names, or else known and shipped ones.
    pub(in crate::attack) fn only_account(
        &mut self,
        account: Option<&Account>,
    ) -> Option<(String, Passphrase)> {
        let Some(account) = account else {
            return self.next_account();
        };
        let logins = self.state.as_mut();
        if logins.tried > 0 {
            return None;
        }
        logins.tried += 1;
        Some((account.user.clone(), Passphrase::of(&account.password)))
    }
}

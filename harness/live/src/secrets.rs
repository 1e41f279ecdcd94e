//! SecretStore of a live run: passwords as people type them, and tokens as they travel.
//!
//! The simulation's secrets are values that fit or do not; outside they are texts. A text that came is held against every password of the lab, with a
//! tag under a key of this run, and each comparison takes the same time whatever is in them (`ring::hmac::verify`). What the devices then compare is
//! which secret it was, and no longer the text, which is kept nowhere.

use crate::LiveError;
use pumplab_sim::clinical::drug_library::DrugLibrary;
use pumplab_sim::crypto::{Key, Passphrase, Sealed};
use pumplab_sim::fingerprint::{Fingerprint, FingerprintHasher};
use pumplab_sim::spec::LabSpec;
use pumplab_sim::wire::portal::Token;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tokens that are good at a time; of more, the oldest is forgotten. There is one for each user that logged in since its server started.
const TOKENS: usize = 1024;
/// Random bytes in a token.
const TOKEN_BYTES: usize = 16;

struct Secret {
    tag: hmac::Tag,
    text: String,
    secret: Passphrase,
}

struct Issued {
    /// Tells tokens apart.
    of: u128,
    text: String,
    tag: hmac::Tag,
    token: Token,
}

/// The secrets of a live run.
pub struct SecretStore {
    key: hmac::Key,
    random: SystemRandom,
    passwords: Vec<Secret>,
    /// Stands for every password that the lab does not know.
    nobody: String,
    tokens: Mutex<VecDeque<Issued>>,
    libraries: Vec<Arc<DrugLibrary>>,
}

impl fmt::Debug for SecretStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretStore")
            .field("passwords", &self.passwords.len())
            .finish_non_exhaustive()
    }
}

impl SecretStore {
    /// The secrets of this lab.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn of(lab: &LabSpec) -> Result<Self, LiveError> {
        let random = SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random).map_err(|_| no_random_bytes())?;
        let accounts = lab.hosts.iter().flat_map(|h| &h.accounts);
        let mut texts: Vec<&str> = accounts.map(|a| &*a.value.password).collect();
        texts.sort_unstable();
        texts.dedup();
        let secret = |text: &str| Secret {
            tag: hmac::sign(&key, text.as_bytes()),
            text: text.to_owned(),
            secret: Passphrase::of(text),
        };
        Ok(Self {
            passwords: texts.into_iter().map(secret).collect(),
            nobody: random_text(&random)?,
            tokens: Mutex::default(),
            libraries: lab.libraries.iter().cloned().map(Arc::new).collect(),
            key,
            random,
        })
    }

    /// The lab's secret for a password that was typed in; that of nobody for one that the lab does not know.
    #[must_use]
    pub fn typed(&self, text: &str) -> Passphrase {
        let mut found = None;
        for known in &self.passwords {
            // Every one is tried, so that the time does not tell which one it was.
            if hmac::verify(&self.key, text.as_bytes(), known.tag.as_ref()).is_ok() {
                found = Some(&known.secret);
            }
        }
        found
            .cloned()
            .unwrap_or_else(|| Passphrase::of(&self.nobody))
    }

    /// The text that a person of the lab types for a secret.
    #[must_use]
    pub fn text(&self, secret: &Passphrase) -> &str {
        let mut known = self.passwords.iter();
        let found = known.find(|k| k.secret.matches(secret));
        found.map_or(&self.nobody, |k| &k.text)
    }

    fn tokens(&self) -> MutexGuard<'_, VecDeque<Issued>> {
        // A list is whole after every call: whoever panicked elsewhere left it so.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token as it travels: random hexadecimal digits, the same ones for the same token.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn token_text(&self, token: &Token) -> Result<String, LiveError> {
        let mut of = FingerprintHasher::new();
        token.fingerprint(&mut of);
        let of = of.value().0;
        let mut tokens = self.tokens();
        if let Some(known) = tokens.iter().find(|t| t.of == of) {
            return Ok(known.text.clone());
        }
        let text = random_text(&self.random)?;
        if tokens.len() == TOKENS {
            tokens.pop_front();
        }
        tokens.push_back(Issued {
            of,
            tag: hmac::sign(&self.key, text.as_bytes()),
            text: text.clone(),
            token: token.clone(),
        });
        Ok(text)
    }

    /// The token that travels as this text; one that opens for nobody if there is none.
    #[must_use]
    pub fn token(&self, text: &str) -> Token {
        let mut found = None;
        for issued in self.tokens().iter() {
            if hmac::verify(&self.key, text.as_bytes(), issued.tag.as_ref()).is_ok() {
                found = Some(issued.token.clone());
            }
        }
        found.unwrap_or_else(|| Sealed::seal(&self.nobodys_key(), String::new(), 48))
    }

    fn nobodys_key(&self) -> Key {
        Passphrase::of(&self.nobody).key("portal token")
    }

    /// The libraries that the pharmacy has issued.
    #[must_use]
    pub fn libraries(&self) -> &[Arc<DrugLibrary>] {
        &self.libraries
    }
}

fn no_random_bytes() -> LiveError {
    LiveError::Tls("the system gives no random bytes for a key".to_owned())
}

fn random_text(random: &SystemRandom) -> Result<String, LiveError> {
    let mut bytes = [0; TOKEN_BYTES];
    random.fill(&mut bytes).map_err(|_| no_random_bytes())?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    pub(crate) fn secrets() -> SecretStore {
        SecretStore::of(&crate::lab::tests::ward("legacy")).expect("the system has random bytes")
    }

    #[test]
    fn a_password_of_the_lab_is_known_by_its_text_and_no_other_is() {
        let secrets = secrets();
        let right = secrets.typed("pharmacy-1");
        assert!(right.matches(&Passphrase::of("pharmacy-1")));
        assert_eq!(secrets.text(&right), "pharmacy-1");
        for wrong in ["", "pharmacy-", "pharmacy-11", "Pharmacy-1", "pharmacy-2 "] {
            let typed = secrets.typed(wrong);
            assert!(!typed.matches(&right), "{wrong:?}");
            // Nor does it become right by going on to a directory.
            assert!(
                !secrets.typed(secrets.text(&typed)).matches(&right),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_token_keeps_its_text_and_a_guess_opens_for_nobody() {
        let secrets = secrets();
        let key = Passphrase::of("a server's").key("portal token");
        let token = |user: &str| Sealed::seal(&key, user.to_owned(), 48);
        let text = secrets.token_text(&token("one")).expect("random bytes");
        assert_eq!(
            secrets.token_text(&token("one")).expect("random bytes"),
            text
        );
        assert_ne!(
            secrets.token_text(&token("two")).expect("random bytes"),
            text
        );
        assert_eq!(secrets.token(&text).open(&key), Some(&"one".to_owned()));
        assert_eq!(secrets.token(&"0".repeat(text.len())).open(&key), None);
        assert_eq!(secrets.token("").open(&key), None);
        for n in 0..2 * TOKENS {
            let _ = secrets.token_text(&token(&n.to_string()));
        }
        assert_eq!(secrets.tokens().len(), TOKENS, "they do not grow");
    }

    #[test]
    fn nothing_secret_is_printed() {
        let secrets = secrets();
        let printed = format!("{secrets:?} {:?}", secrets.typed("pharmacy-1"));
        assert!(!printed.contains("pharmacy-1"), "{printed}");
        assert!(!printed.contains(&secrets.nobody), "{printed}");
    }
}

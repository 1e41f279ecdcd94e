//! Sessions of TLS that both ends keep, so that a later handshake takes neither certificates nor signatures (RFC 5246 section 7.3, RFC 5216 section 2.1.2).
//!
//! Whoever resumes shows that it has the key of the session, and nothing else: the certificate that was shown when the session began is not
//! looked at again, and neither is a revocation list. A resumed session is not renewed: its life is counted from the full handshake.

use crate::crypto::{Key, PublicKey};
use std::collections::BTreeMap;

/// What a client keeps of a session.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    /// What the server knows it by.
    pub number: u64,
    /// Key of the session.
    pub master: Key,
}

/// What a server keeps of a session.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Key of the session.
    pub master: Key,
    /// Subject of the certificate that the client proved to hold.
    pub subject: String,
    /// Issuer and serial number of that certificate.
    pub serial: (PublicKey, u32),
    /// Last calendar second in which that certificate is good; no session outlives it (FreeRADIUS 3.2, test target `freeradius`).
    pub expires: u64,
}

/// The sessions that a server keeps, and for how long.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// In seconds.
    lifetime: u64,
    /// Each with the calendar second from which on it is not resumed.
    kept: BTreeMap<u64, (u64, Kept)>,
}

impl Sessions {
    /// None yet; each will be kept for so many seconds.
    #[must_use]
    pub fn new(lifetime: u64) -> Self {
        Self {
            lifetime,
            kept: BTreeMap::new(),
        }
    }

    /// Keeps a session that began at calendar second `at`, and drops what is over.
    pub fn keep(&mut self, number: u64, at: u64, kept: Kept) {
        self.kept.retain(|_, (until, _)| at < *until);
        let until = at
            .saturating_add(self.lifetime)
            .min(kept.expires.saturating_add(1));
        self.kept.insert(number, (until, kept));
    }

    /// The session of this number, if it may be resumed at calendar second `at`.
    #[must_use]
    pub fn find(&self, number: u64, at: u64) -> Option<&Kept> {
        let found = self.kept.get(&number);
        found.filter(|(until, _)| at < *until).map(|(_, k)| k)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Passphrase, PrivateKey};

    #[test]
    fn sessions_end_with_their_time_or_with_their_certificate_and_are_dropped_then() {
        let kept = |expires| Kept {
            master: Passphrase::of("any").key("any"),
            subject: "pump".to_owned(),
            serial: (PrivateKey::of("root").public(), 1),
            expires,
        };
        let mut sessions = Sessions::new(100);
        sessions.keep(1, 1000, kept(9999));
        sessions.keep(2, 1000, kept(1049));
        let there = |s: &Sessions, at| [1, 2].map(|n| s.find(n, at).is_some());
        assert_eq!(there(&sessions, 1049), [true, true]);
        assert_eq!(there(&sessions, 1050), [true, false]);
        assert_eq!(there(&sessions, 1099), [true, false]);
        assert_eq!(there(&sessions, 1100), [false, false]);
        assert!(sessions.find(3, 1000).is_none());
        sessions.keep(3, 1100, kept(9999));
        assert_eq!(sessions.len(), 1, "what is over takes no room");
    }
}

//! What hosts and people prove themselves by: certificates with their keys, and passwords.

use crate::crypto::{Certificate, Passphrase, PrivateKey, TrustStore};
use crate::proto::tls::Credentials;
use crate::spec::{HostSpec, LabSpec};
use crate::wire::tls_cost::{KeyCosts, TlsCosts};
use std::sync::Arc;

/// What a host has to show and to check in TLS.
#[must_use]
pub fn credentials(host: &HostSpec, costs: &Arc<TlsCosts>) -> Credentials {
    let anchors = host
        .trusts
        .iter()
        .map(|t| PrivateKey::of(&t.value).public())
        .collect();
    let trust = TrustStore { anchors };
    let key = host.certificate.as_ref().map(|c| c.key_type);
    let costs = KeyCosts {
        table: costs.clone(),
        key: key.unwrap_or_default(),
    };
    let Some(spec) = &host.certificate else {
        return Credentials {
            trust,
            costs,
            ..Credentials::default()
        };
    };
    let (issuer, key) = (PrivateKey::of(&spec.issuer), PrivateKey::of(&spec.key));
    let valid = (spec.not_before, spec.not_after);
    let leaf = Certificate::issue(
        &issuer,
        &spec.subject,
        key.public(),
        spec.serial,
        valid,
        false,
    );
    // The root goes along, as usual software sends it.
    let root = Certificate::issue(
        &issuer,
        &spec.issuer,
        issuer.public(),
        0,
        (0, u64::MAX),
        true,
    );
    Credentials {
        chain: vec![leaf, root],
        key: Some(key),
        trust,
        costs,
    }
}

/// The password that a person knows: that of the account in force at a host.
#[must_use]
pub fn password_of(lab: &LabSpec, host: &str, user: &str) -> Passphrase {
    let accounts = lab.host(host).map(|h| h.accounts.as_slice());
    let account = accounts.unwrap_or_default().iter().find(|a| a.user == user);
    Passphrase::of(account.map_or("", |a| &a.password))
}

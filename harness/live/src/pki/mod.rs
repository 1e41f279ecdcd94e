//! Real keys and certificates for the keys and certificates of a lab.
//!
//! The lab names keys and says what certificates there are; which of them are trusted, expired, revoked or made out to the wrong name is
//! its configuration. Here each named key becomes an ECDSA P-256 key pair, made at start, and each certificate an X.509 certificate with the lab's
//! subject, issuer, serial and validity.

pub mod imported;
pub mod pem;
pub mod revocation;
mod signatures;
pub mod tls;

use crate::LiveError;
pub use signatures::{Signatures, signed_bytes};

use imported::ImportedCa;
use pem::{AuthorityPem, MemberPem};
use pumplab_sim::crypto::PrivateKey;
use pumplab_sim::spec::{CertificateSpec, HostSpec, LabSpec, RoleSpec};
use pumplab_sim::wire::http::Revoked;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams,
    CrlIssuingDistributionPoint, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SerialNumber,
};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use std::collections::BTreeMap;
use std::fmt;
use time::OffsetDateTime;

/// Validity of a root, before and after the lab's calendar at start.
const ROOT_VALID: time::Duration = time::Duration::days(3650);

/// A certificate authority of the lab: whoever holds a key that issued something or that somebody trusts.
struct Root {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    revoked: Vec<u32>,
}

/// All keys and certificates of a lab.
pub struct Pki {
    roots: BTreeMap<String, Root>,
    /// Key pairs by the lab's names for them.
    keys: BTreeMap<String, KeyPair>,
    /// By how many seconds the wall clock is ahead of the lab's calendar.
    ahead: i64,
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roots: Vec<&String> = self.roots.keys().collect();
        f.debug_struct("Pki")
            .field("roots", &roots)
            .finish_non_exhaustive()
    }
}

/// What a host shows.
pub struct Shown {
    /// Its certificate.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its private key.
    pub key: PrivateKeyDer<'static>,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(..)")
    }
}

impl Pki {
    /// Makes keys and roots for everything that the lab names; `start` is the wall clock, in seconds of Unix time, at which the lab's
    /// calendar begins.
    ///
    /// # Errors
    /// When the system gives no random bytes, or the lab's dates are none.
    pub fn of(lab: &LabSpec, start: i64) -> Result<Self, LiveError> {
        Self::under(lab, start, None)
    }

    /// The same with an imported authority in place of the one that issued the pump servers' certificates.
    ///
    /// # Errors
    /// As [`Pki::of`]; and when no pump server holds a certificate, so that there is nothing for the authority to issue.
    pub fn under(
        lab: &LabSpec,
        start: i64,
        imported: Option<ImportedCa>,
    ) -> Result<Self, LiveError> {
        let ahead = start - i64::try_from(lab.calendar).unwrap_or(0);
        let mut pki = Self {
            roots: BTreeMap::new(),
            keys: BTreeMap::new(),
            ahead,
        };
        if let Some(imported) = imported {
            let root = Root {
                issuer: imported.issuer,
                certificate: imported.certificate,
                pem: imported.pem,
                revoked: Vec::new(),
            };
            pki.roots.insert(issuer_of_servers(lab)?, root);
        }
        for host in &lab.hosts {
            if let Some(certificate) = &host.certificate {
                pki.root(&certificate.value.issuer, start)?;
                let key = certificate.value.key.clone();
                pki.keys.insert(key, KeyPair::generate()?);
            }
            for root in &host.trusts {
                pki.root(&root.value, start)?;
            }
        }
        for revoked in &lab.revoked {
            if let Some(root) = pki.roots.get_mut(&revoked.value.issuer) {
                root.revoked.push(revoked.value.serial);
            }
        }
        Ok(pki)
    }

    fn root(&mut self, name: &str, start: i64) -> Result<(), LiveError> {
        if self.roots.contains_key(name) {
            return Ok(());
        }
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = distinguished(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let now = date(start)?;
        params.not_before = now - ROOT_VALID;
        params.not_after = now + ROOT_VALID;
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let root = Root {
            issuer: Issuer::new(params, key),
            pem: certificate.pem(),
            certificate: certificate.der().clone(),
            revoked: Vec::new(),
        };
        self.roots.insert(name.to_owned(), root);
        Ok(())
    }

    /// What a host shows of itself; none where it holds no certificate.
    ///
    /// # Errors
    /// When the lab's dates are none.
    pub fn shown(&self, host: &HostSpec) -> Result<Option<Shown>, LiveError> {
        let Some((certificate, key)) = self.held(host)? else {
            return Ok(None);
        };
        let key = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|e| LiveError::Tls(e.to_owned()))?;
        Ok(Some(Shown {
            chain: vec![certificate.der().clone()],
            key,
        }))
    }

    /// What a device makes for itself at its first start, where nobody gave it a certificate: nobody can check it.
    ///
    /// # Errors
    /// When the system gives no random bytes, or the name is none of DNS.
    pub fn self_signed(&self, name: &str) -> Result<Shown, LiveError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.distinguished_name = distinguished(name);
        let certificate = params.self_signed(&key)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|e| LiveError::Tls(e.to_owned()))?;
        Ok(Shown {
            chain: vec![certificate.der().clone()],
            key,
        })
    }

    fn held(&self, host: &HostSpec) -> Result<Option<(rcgen::Certificate, &KeyPair)>, LiveError> {
        let Some(certificate) = &host.certificate else {
            return Ok(None);
        };
        let spec = &certificate.value;
        let (Some(root), Some(key)) = (self.roots.get(&spec.issuer), self.keys.get(&spec.key))
        else {
            return Ok(None);
        };
        Ok(Some((
            self.params(spec)?.signed_by(key, &root.issuer)?,
            key,
        )))
    }

    fn params(&self, spec: &CertificateSpec) -> Result<CertificateParams, LiveError> {
        let mut params = CertificateParams::new(vec![spec.subject.clone()])?;
        params.distinguished_name = distinguished(&spec.subject);
        params.serial_number = Some(SerialNumber::from(u64::from(spec.serial)));
        params.not_before = self.date_of(spec.not_before)?;
        params.not_after = self.date_of(spec.not_after)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        Ok(params)
    }

    fn date_of(&self, calendar: u64) -> Result<OffsetDateTime, LiveError> {
        date(
            i64::try_from(calendar)
                .unwrap_or(i64::MAX)
                .saturating_add(self.ahead),
        )
    }

    /// The roots that a host trusts.
    pub fn trusted<'a>(
        &'a self,
        host: &'a HostSpec,
    ) -> impl Iterator<Item = CertificateDer<'static>> + 'a {
        let named = host.trusts.iter().filter_map(|t| self.roots.get(&t.value));
        named.map(|root| root.certificate.clone())
    }

    /// From now on the lists say what the authority has revoked.
    pub fn take_list(&mut self, entries: &[Revoked]) {
        for (name, root) in &mut self.roots {
            let issuer = PrivateKey::of(name).public();
            let own = entries.iter().filter(|e| e.issuer == issuer);
            for serial in own.map(|e| e.serial) {
                if !root.revoked.contains(&serial) {
                    root.revoked.push(serial);
                }
            }
        }
    }

    /// Revocation lists of the roots that a host trusts, as they are at `now` (Unix time).
    ///
    /// # Errors
    /// When the date is none.
    pub fn revocations(
        &self,
        host: &HostSpec,
        now: i64,
    ) -> Result<Vec<CertificateRevocationListDer<'static>>, LiveError> {
        let trusted = host.trusts.iter().filter_map(|t| self.roots.get(&t.value));
        trusted
            .map(|root| Ok(root.revocations(now)?.der().clone()))
            .collect()
    }

    /// Puts a serial number on the revocation list of the authority of this name, from the next list on. Whether there is that authority.
    pub fn revoke(&mut self, issuer: &str, serial: u32) -> bool {
        let root = self.roots.get_mut(issuer);
        root.map(|r| r.revoked.push(serial)).is_some()
    }

    /// Every authority as PEM, with its revocation list as it is at `now` (Unix time).
    ///
    /// # Errors
    /// When the date is none.
    pub fn authorities(&self, now: i64) -> Result<Vec<AuthorityPem>, LiveError> {
        let all = self.roots.iter().map(|(name, root)| {
            Ok(AuthorityPem {
                name: name.clone(),
                certificate: root.pem.clone(),
                revocations: root.revocations(now)?.pem()?,
            })
        });
        all.collect()
    }

    /// What a host holds, as PEM; none where it holds no certificate.
    ///
    /// # Errors
    /// When the lab's dates are none.
    pub fn member(&self, host: &HostSpec) -> Result<Option<MemberPem>, LiveError> {
        let Some((certificate, key)) = self.held(host)? else {
            return Ok(None);
        };
        let issuer = host.certificate.as_ref().map(|c| c.value.issuer.clone());
        Ok(Some(MemberPem {
            host: host.name.clone(),
            issuer: issuer.unwrap_or_default(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }))
    }
}

impl Root {
    /// Its revocation list, as it is at `now` (Unix time).
    fn revocations(&self, now: i64) -> Result<rcgen::CertificateRevocationList, LiveError> {
        let now = date(now)?;
        let revoked = |serial: &u32| RevokedCertParams {
            serial_number: SerialNumber::from(u64::from(*serial)),
            revocation_time: now,
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: now - time::Duration::hours(1),
            next_update: now + ROOT_VALID,
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None::<CrlIssuingDistributionPoint>,
            revoked_certs: self.revoked.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.issuer)?)
    }
}

/// The lab's name for the authority that issued the pump servers' certificates.
fn issuer_of_servers(lab: &LabSpec) -> Result<String, LiveError> {
    let serves = |h: &&HostSpec| h.roles.iter().any(|r| matches!(r, RoleSpec::PumpServer(_)));
    let mut servers = lab.hosts.iter().filter(serves);
    let held = servers.find_map(|h| h.certificate.as_ref());
    held.map(|c| c.value.issuer.clone()).ok_or_else(|| {
        let problem = "no pump server holds a certificate, so an authority has nothing to issue";
        LiveError::Lab(format!(
            "{problem}: choose a defence with ID-01, or leave --ca out"
        ))
    })
}

fn distinguished(name: &str) -> DistinguishedName {
    let mut full = DistinguishedName::new();
    full.push(DnType::CommonName, name);
    full
}

fn date(seconds: i64) -> Result<OffsetDateTime, LiveError> {
    OffsetDateTime::from_unix_timestamp(seconds)
        .map_err(|e| LiveError::Tls(format!("{seconds} s of Unix time: {e}")))
}

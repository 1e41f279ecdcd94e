//! An authority that is imported, in place of one that is made at start.

use crate::LiveError;
use rcgen::{Issuer, KeyPair, PublicKeyData as _};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt;
use std::path::Path;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate of an authority with its private key.
pub struct ImportedCa {
    /// Its certificate.
    pub certificate: CertificateDer<'static>,
    /// The same as PEM.
    pub pem: String,
    /// It, as one who issues.
    pub issuer: Issuer<'static, KeyPair>,
}

impl fmt::Debug for ImportedCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportedCa(..)")
    }
}

impl ImportedCa {
    /// Reads the certificate of an authority and its key from files in PEM; `now` is the wall clock in Unix time.
    ///
    /// # Errors
    /// What is wrong with which file, and what to do about it.
    pub fn read(certificate: &Path, key: &Path, now: i64) -> Result<Self, LiveError> {
        let wrong = |path: &Path, problem: String| LiveError::Authority {
            path: path.to_owned(),
            problem,
        };
        let in_certificate = |problem: &str| wrong(certificate, problem.to_owned());
        let in_key = |problem: &str| wrong(key, problem.to_owned());
        let text =
            |path: &Path| std::fs::read_to_string(path).map_err(|e| wrong(path, e.to_string()));
        let (pem, key_pem) = (text(certificate)?, text(key)?);
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
            in_certificate(
                "it holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----",
            )
        })?;
        let (_, parsed) = X509Certificate::from_der(&der).map_err(|e| {
            wrong(
                certificate,
                format!("its certificate is not to be read: {e}"),
            )
        })?;
        check(&parsed, now).map_err(|problem| wrong(certificate, problem))?;
        if !key_pem.contains("-----BEGIN ") {
            return Err(in_key(
                "it holds no private key in PEM: give PKCS #8, as `openssl pkcs8 -topk8 -nodes` writes it",
            ));
        }
        let pair = KeyPair::from_pem(&key_pem).map_err(|_| {
            in_key("its key is none that is used here: give PKCS #8 without a password, as `openssl pkcs8 -topk8 -nodes` writes it")
        })?;
        if pair.subject_public_key_info() != parsed.public_key().raw {
            let certificate = certificate.display();
            return Err(wrong(
                key,
                format!("it is not the key of the certificate in {certificate}"),
            ));
        }
        let issuer =
            Issuer::from_ca_cert_der(&der, pair).map_err(|e| wrong(certificate, e.to_string()))?;
        Ok(Self {
            certificate: der,
            pem,
            issuer,
        })
    }
}

/// Whether a certificate may issue certificates and revocation lists now.
fn check(parsed: &X509Certificate<'_>, now: i64) -> Result<(), String> {
    if !parsed.is_ca() {
        return Err(
            "it is no authority's certificate: its basic constraints do not say CA:TRUE".to_owned(),
        );
    }
    if let Ok(Some(usage)) = parsed.key_usage()
        && !(usage.value.key_cert_sign() && usage.value.crl_sign())
    {
        let wanted = "keyCertSign and cRLSign";
        return Err(format!(
            "it may not sign certificates and revocation lists: its key usage needs {wanted}"
        ));
    }
    let validity = parsed.validity();
    if validity.not_after.timestamp() < now {
        return Err(format!("it expired on {}: renew it", validity.not_after));
    }
    if validity.not_before.timestamp() > now {
        return Err(format!(
            "it is valid from {} on: see whether the clock is right",
            validity.not_before
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyUsagePurpose};
    use std::path::PathBuf;

    const NOW: i64 = 1_795_000_000;

    struct Files(PathBuf);

    impl Files {
        fn new(name: &str) -> Self {
            let directory =
                std::env::temp_dir().join(format!("pumplab-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&directory).expect("there is room");
            Self(directory)
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            std::fs::write(&path, text).expect("there is room");
            path
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// An authority's certificate and key, after `change`.
    fn authority(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let at = |seconds| time::OffsetDateTime::from_unix_timestamp(seconds).expect("a time");
        (params.not_before, params.not_after) = (at(NOW - 1000), at(NOW + 1000));
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn each_thing_that_can_be_wrong_is_told_with_its_file() {
        let files = Files::new("imported");
        let (good, good_key) = authority(|_| {});
        let (_, other_key) = authority(|_| {});
        let end = authority(|p| p.is_ca = IsCa::NoCa);
        let mute = authority(|p| p.key_usages = vec![KeyUsagePurpose::KeyCertSign]);
        let at = |seconds| time::OffsetDateTime::from_unix_timestamp(seconds).expect("a time");
        let old = authority(|p| p.not_after = at(NOW - 1));
        let early = authority(|p| p.not_before = at(NOW + 1));
        let read = |certificate: &str, key: &str| {
            let (c, k) = (
                files.write("ca.pem", certificate),
                files.write("key.pem", key),
            );
            ImportedCa::read(&c, &k, NOW).map_err(|e| e.to_string())
        };
        assert!(read(&good, &good_key).is_ok());
        for (certificate, key, file, problem) in [
            ("hello", &*good_key, "ca.pem", "no certificate in PEM"),
            (&*good_key, &*good_key, "ca.pem", "no certificate in PEM"),
            (&*good, "hello", "key.pem", "no private key in PEM"),
            (&*good, &*good, "key.pem", "PKCS #8"),
            (
                &*good,
                &*other_key,
                "key.pem",
                "not the key of the certificate",
            ),
            (&*end.0, &*end.1, "ca.pem", "CA:TRUE"),
            (&*mute.0, &*mute.1, "ca.pem", "cRLSign"),
            (&*old.0, &*old.1, "ca.pem", "expired"),
            (&*early.0, &*early.1, "ca.pem", "valid from"),
        ] {
            let told = read(certificate, key).expect_err(problem);
            assert!(told.contains(file) && told.contains(problem), "{told}");
        }
        let absent = files.0.join("absent.pem");
        let told = ImportedCa::read(&absent, &absent, NOW).expect_err("it is not there");
        assert!(told.to_string().contains("absent.pem"), "{told}");
    }
}

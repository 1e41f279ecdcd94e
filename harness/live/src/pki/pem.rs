//! Certificates, keys and revocation lists as PEM, for programs of others that are to join: clients in place of pumps, servers for joins.

use crate::LiveError;
use crate::pki::Pki;
use pumplab_sim::spec::LabSpec;
use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// An authority of the lab.
#[derive(Clone, Debug)]
pub struct AuthorityPem {
    /// The lab's name for its key.
    pub name: String,
    /// Its certificate.
    pub certificate: String,
    /// Its revocation list.
    pub revocations: String,
}

/// A host of the lab that holds a certificate.
#[derive(Clone)]
pub struct MemberPem {
    /// The host.
    pub host: String,
    /// The lab's name for the key of its issuer.
    pub issuer: String,
    /// Its certificate.
    pub certificate: String,
    /// Its private key, PKCS #8. A secret: it has no Debug.
    pub key: String,
}

impl fmt::Debug for MemberPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberPem")
            .field("host", &self.host)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Writes what somebody needs to join a lab: `ca-NAME.pem` and `crl-NAME.pem` of each authority, `HOST.pem` and `HOST-key.pem` of each host
/// that holds a certificate. The directory is made if it is not there; keys are readable by their owner alone. The files written, by name.
///
/// # Errors
/// When a file of one of these names is there already, or cannot be written, or a certificate cannot be made.
pub fn write(
    directory: &Path,
    pki: &Pki,
    lab: &LabSpec,
    now: i64,
) -> Result<Vec<PathBuf>, LiveError> {
    let mut files = Vec::new();
    for authority in pki.authorities(now)? {
        let name = file_name(&authority.name);
        files.push((format!("ca-{name}.pem"), authority.certificate, false));
        files.push((format!("crl-{name}.pem"), authority.revocations, false));
    }
    for host in &lab.hosts {
        if let Some(member) = pki.member(host)? {
            let name = file_name(&member.host);
            files.push((format!("{name}.pem"), member.certificate, false));
            files.push((format!("{name}-key.pem"), member.key, true));
        }
    }
    let failed = |path: &Path, source| LiveError::Certificates {
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(|e| failed(directory, e))?;
    // Nothing is written if one of them is there: half of an old set beside half of a new one fits nobody.
    let path = |name: &str| directory.join(name);
    if let Some((taken, ..)) = files.iter().find(|(name, ..)| path(name).exists()) {
        let source = io::Error::new(
            io::ErrorKind::AlreadyExists,
            "it is there already: give another directory, or remove it first",
        );
        return Err(failed(&path(taken), source));
    }
    let mut written = Vec::new();
    for (name, text, secret) in files {
        let path = path(&name);
        create(&path, &text, secret).map_err(|e| failed(&path, e))?;
        written.push(path);
    }
    Ok(written)
}

fn create(path: &Path, text: &str, secret: bool) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    options.open(path)?.write_all(text.as_bytes())
}

/// The name as part of a file's name: letters, digits, dots and dashes, anything else as a dash.
fn file_name(name: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    name.chars().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::{
        CertificateDer, CertificateRevocationListDer, PrivateKeyDer, pem::PemObject,
    };

    #[test]
    fn every_file_is_readable_by_others_tools_and_only_the_owner_reads_keys() {
        let directory = std::env::temp_dir().join(format!("pumplab-pem-{}", std::process::id()));
        let lab = crate::lab::tests::ward("sp1800-8");
        let pki = Pki::of(&lab, 1_772_000_000).expect("keys can be made");
        let written = write(&directory, &pki, &lab, 1_772_000_000).expect("nothing is there yet");
        let named = |end: &str| {
            written
                .iter()
                .filter(|p| p.to_string_lossy().ends_with(end))
                .count()
        };
        let holders = lab.hosts.iter().filter(|h| h.certificate.is_some()).count();
        assert_eq!(named("-key.pem"), holders);
        for path in &written {
            let name = path
                .file_name()
                .expect("it has one")
                .to_string_lossy()
                .into_owned();
            if name.ends_with("-key.pem") {
                PrivateKeyDer::from_pem_file(path).expect("a key");
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt;
                    let mode = path.metadata().expect("it is there").permissions().mode();
                    assert_eq!(mode & 0o777, 0o600, "{name}");
                }
            } else if name.starts_with("crl-") {
                CertificateRevocationListDer::from_pem_file(path).expect("a list");
            } else {
                CertificateDer::from_pem_file(path).expect("a certificate");
            }
        }
        let again = write(&directory, &pki, &lab, 1_772_000_000);
        assert!(again.is_err_and(|e| e.to_string().contains("it is there already")));
        std::fs::remove_dir_all(&directory).expect("it was made here");
    }

    #[test]
    fn a_host_name_cannot_lead_out_of_the_directory() {
        assert_eq!(file_name("../a b/c"), "..-a-b-c");
    }
}

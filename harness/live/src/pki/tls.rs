//! TLS as the lab's configuration wants it, by rustls.

use crate::LiveError;
use crate::clock::Clock;
use crate::pki::Pki;
use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::spec::{HostSpec, PumpServerSpec, PumpSpec, RoleSpec, SessionSpec};
use pumplab_sim::wire::tls::TlsVersion;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore,
    ServerConfig, SignatureScheme, SupportedProtocolVersion,
};
use std::io;
use std::sync::Arc;

/// How a pump's session is protected.
#[derive(Clone, Debug)]
pub enum Session {
    /// Not at all.
    Clear,
    /// By TLS.
    Tls(ClientEnd),
    /// By a version of TLS that rustls does not speak: it comes to no session.
    Unspoken,
}

/// The client's end of a session by TLS.
#[derive(Clone, Debug)]
pub struct ClientEnd {
    /// What rustls is told.
    pub config: Arc<ClientConfig>,
    /// Name that the server must prove, and that is sent as SNI.
    pub name: ServerName<'static>,
}

/// The versions from `lowest` to `highest` that rustls speaks: 1.2 and 1.3.
fn versions(lowest: TlsVersion, highest: TlsVersion) -> Vec<&'static SupportedProtocolVersion> {
    let spoken = [
        (TlsVersion::V12, &rustls::version::TLS12),
        (TlsVersion::V13, &rustls::version::TLS13),
    ];
    let between = spoken
        .iter()
        .filter(|(v, _)| (lowest..=highest).contains(v));
    between.map(|(_, version)| *version).collect()
}

/// The pump's end of its session.
///
/// # Errors
/// When a key or a name is none that rustls takes.
pub fn client(
    pki: &Pki,
    host: &HostSpec,
    pump: &PumpSpec,
    clock: Clock,
) -> Result<Session, LiveError> {
    let SessionSpec::Tls { check_peer } = pump.session.value else {
        return Ok(Session::Clear);
    };
    let versions = versions(TlsVersion::V12, pump.tls_max);
    if versions.is_empty() {
        return Ok(Session::Unspoken);
    }
    near(pki, (host, &pump.server), check_peer, &versions, clock).map(Session::Tls)
}

/// The end of a link between clinical systems that opens it, toward the host of this name; in clear where the lab has it so.
///
/// # Errors
/// When a key or a name is none that rustls takes.
pub fn link(pki: &Pki, host: &HostSpec, to: &str, clock: Clock) -> Result<Session, LiveError> {
    match host.links.as_ref().map(|l| &l.value) {
        Some(SessionSpec::Tls { .. }) => link_by_tls(pki, host, to, clock),
        _ => Ok(Session::Clear),
    }
}

/// The end of a session at the portal of the host of this name that opens it: as the workstations of the lab, it believes any server.
///
/// # Errors
/// When a key or a name is none that rustls takes.
pub fn visitor(pki: &Pki, host: &HostSpec, to: &str, clock: Clock) -> Result<Session, LiveError> {
    let versions = versions(TlsVersion::V12, TlsVersion::V13);
    near(pki, (host, to), false, &versions, clock).map(Session::Tls)
}

/// The same by TLS, whatever the lab has.
///
/// # Errors
/// As [`link`].
pub fn link_by_tls(
    pki: &Pki,
    host: &HostSpec,
    to: &str,
    clock: Clock,
) -> Result<Session, LiveError> {
    let versions = versions(TlsVersion::V12, TlsVersion::V13);
    near(pki, (host, to), true, &versions, clock).map(Session::Tls)
}

fn near(
    pki: &Pki,
    (host, to): (&HostSpec, &str),
    check: bool,
    versions: &[&'static SupportedProtocolVersion],
    clock: Clock,
) -> Result<ClientEnd, LiveError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_details(provider.clone(), Arc::new(clock))
        .with_protocol_versions(versions)?;
    let builder = if check {
        builder.with_root_certificates(roots(pki, host)?)
    } else {
        let anyone = Arc::new(AnyServer(provider));
        builder.dangerous().with_custom_certificate_verifier(anyone)
    };
    let config = match pki.shown(host)? {
        Some(shown) => builder.with_client_auth_cert(shown.chain, shown.key)?,
        None => builder.with_no_client_auth(),
    };
    let name =
        ServerName::try_from(to.to_owned()).map_err(|e| LiveError::Tls(format!("`{to}`: {e}")))?;
    Ok(ClientEnd {
        config: Arc::new(config),
        name,
    })
}

/// The server's end of sessions on its port for TLS; none where it is in clear.
///
/// # Errors
/// When a key or a version of TLS is none that rustls takes, or the server holds no certificate.
pub fn server(
    pki: &Pki,
    host: &HostSpec,
    spec: &PumpServerSpec,
    clock: Clock,
) -> Result<Option<Arc<ServerConfig>>, LiveError> {
    let SessionSpec::Tls { check_peer } = spec.session.value else {
        return Ok(None);
    };
    let client = Ask::of(check_peer, spec);
    far(pki, host, client, spec.tls_min.value, clock).map(Some)
}

/// The end of links between clinical systems that takes them; in clear where the lab has it so.
///
/// # Errors
/// As [`server`].
pub fn clinical(
    pki: &Pki,
    host: &HostSpec,
    clock: Clock,
) -> Result<Option<Arc<ServerConfig>>, LiveError> {
    match host.links.as_ref().map(|l| &l.value) {
        Some(SessionSpec::Tls { .. }) => {
            let client = pump_server_of(host).map_or(Ask::Certificate, |s| Ask::of(true, s));
            far(pki, host, client, TlsVersion::V12, clock).map(Some)
        }
        _ => Ok(None),
    }
}

/// What a server asks of its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    /// Nothing.
    Nobody,
    /// A certificate.
    Certificate,
    /// A certificate that is on no revocation list.
    Status,
}

impl Ask {
    fn of(certificate: bool, server: &PumpServerSpec) -> Self {
        match (certificate, &server.revocation) {
            (false, _) => Self::Nobody,
            (true, None) => Self::Certificate,
            (true, Some(_)) => Self::Status,
        }
    }
}

/// The end of sessions at a portal: always by TLS, and nobody there has a certificate of his own. A server that was given none shows one that it
/// made for itself.
///
/// # Errors
/// As [`server`].
pub fn portal(
    pki: &Pki,
    host: &HostSpec,
    spec: &PumpServerSpec,
    clock: Clock,
) -> Result<Arc<ServerConfig>, LiveError> {
    let lowest = spec.tls_min.value.max(TlsVersion::V12);
    let versions = versions(lowest, TlsVersion::V13);
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_details(provider, Arc::new(clock))
        .with_protocol_versions(&versions)?
        .with_no_client_auth();
    let shown = match pki.shown(host)? {
        Some(shown) => shown,
        None => pki.self_signed(&host.name)?,
    };
    let mut config = builder.with_single_cert(shown.chain, shown.key)?;
    never_resumes(&mut config);
    Ok(Arc::new(config))
}

fn far(
    pki: &Pki,
    host: &HostSpec,
    client: Ask,
    lowest: TlsVersion,
    clock: Clock,
) -> Result<Arc<ServerConfig>, LiveError> {
    let provider = Arc::new(ring::default_provider());
    let versions = versions(lowest.max(TlsVersion::V12), TlsVersion::V13);
    let builder = ServerConfig::builder_with_details(provider.clone(), Arc::new(clock))
        .with_protocol_versions(&versions)?;
    let builder = match client {
        Ask::Nobody => builder.with_no_client_auth(),
        Ask::Certificate | Ask::Status => {
            let mut verifier =
                WebPkiClientVerifier::builder_with_provider(roots(pki, host)?, provider);
            if client == Ask::Status {
                let now = i64::try_from(clock.unix_now().as_secs()).unwrap_or(i64::MAX);
                verifier = verifier.with_crls(pki.revocations(host, now)?);
            }
            let verifier = verifier.build();
            builder.with_client_cert_verifier(verifier.map_err(|e| LiveError::Tls(e.to_string()))?)
        }
    };
    let shown = pki
        .shown(host)?
        .ok_or_else(|| LiveError::Tls(format!("{} holds no certificate", host.name)))?;
    let mut config = builder.with_single_cert(shown.chain, shown.key)?;
    never_resumes(&mut config);
    Ok(Arc::new(config))
}

/// Every session begins with a full handshake: one that is resumed is let in without a look at its certificate, which may have run out since.
/// Early data, which can be replayed, rustls takes only where it is asked to.
fn never_resumes(config: &mut ServerConfig) {
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
}

fn roots(pki: &Pki, host: &HostSpec) -> Result<Arc<RootCertStore>, LiveError> {
    let mut store = RootCertStore::empty();
    for root in pki.trusted(host) {
        store.add(root)?;
    }
    Ok(Arc::new(store))
}

/// The subject that a certificate proves: its first DNS name.
#[must_use]
pub fn subject(certificate: &CertificateDer<'_>) -> Option<String> {
    let end = webpki::EndEntityCert::try_from(certificate).ok()?;
    end.valid_dns_names().next().map(str::to_owned)
}

/// Whose doing it is that a handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeFault {
    /// This end refused what the other showed.
    Refused(CertificateFault),
    /// The other end refused what this end showed.
    RefusedByPeer,
    /// What came was no TLS, or none that this end speaks.
    NoTls,
    /// The connection broke.
    Broken,
}

/// What an error of a handshake means in the lab's terms.
#[must_use]
pub fn fault(error: &io::Error) -> HandshakeFault {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(e)) => HandshakeFault::Refused(certificate_fault(e)),
        Some(Error::NoCertificatesPresented) => HandshakeFault::Refused(CertificateFault::Missing),
        Some(Error::InvalidCertRevocationList(_)) => {
            HandshakeFault::Refused(CertificateFault::StatusUnknown)
        }
        Some(Error::PeerIncompatible(_)) => {
            HandshakeFault::Refused(CertificateFault::VersionTooLow)
        }
        Some(Error::AlertReceived(AlertDescription::CloseNotify)) | None => HandshakeFault::Broken,
        Some(Error::AlertReceived(_)) => HandshakeFault::RefusedByPeer,
        Some(_) => HandshakeFault::NoTls,
    }
}

fn certificate_fault(error: &CertificateError) -> CertificateFault {
    use CertificateError as E;
    match error {
        E::Expired | E::ExpiredContext { .. } => CertificateFault::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        E::Revoked => CertificateFault::Revoked,
        E::UnknownRevocationStatus | E::ExpiredRevocationList => CertificateFault::StatusUnknown,
        E::BadSignature => CertificateFault::BadSignature,
        E::NotValidForName | E::NotValidForNameContext { .. } => CertificateFault::WrongName,
        _ => CertificateFault::UnknownIssuer,
    }
}

/// Believes every server, as a pump does that does not check: its signature must fit the key that it shows, and that is all.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A host's role as a pump server, if it has it.
pub(crate) fn pump_server_of(host: &HostSpec) -> Option<&PumpServerSpec> {
    host.roles.iter().find_map(|r| match r {
        RoleSpec::PumpServer(server) => Some(server),
        _ => None,
    })
}

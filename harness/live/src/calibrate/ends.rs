//! Two ends of TLS in memory, and the clock beside them.

use crate::LiveError;
use pumplab_sim::wire::tls::TlsVersion;
use pumplab_sim::wire::tls_cost::{Handshake, KeyType};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SerialNumber,
};
use rustls::client::{ClientSessionMemoryCache, Resumption};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, Connection, HandshakeKind, RootCertStore, ServerConfig,
    ServerConnection, SupportedProtocolVersion,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The RSA key that is measured: ring makes none. It is public and protects nothing.
const MEASUREMENT_KEY: &str = include_str!("measurement-key.pem");
/// Names as the shipped labs have them: their length is part of every certificate's.
const ROOT: &str = "root of the device authority";
const CLIENT: &str = "pump-01";
const SERVER: &str = "pumpserver-a";

fn named(name: &str) -> DistinguishedName {
    let mut full = DistinguishedName::new();
    full.push(DnType::CommonName, name);
    full
}

fn key_pair(key: KeyType) -> Result<KeyPair, LiveError> {
    Ok(match key {
        KeyType::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?,
        KeyType::Rsa2048 => {
            KeyPair::from_pem_and_sign_algo(MEASUREMENT_KEY, &rcgen::PKCS_RSA_SHA256)?
        }
    })
}

/// Certificates of both ends under one root, all with keys of one kind.
pub(super) struct Keys {
    root: CertificateDer<'static>,
    client: (CertificateDer<'static>, PrivateKeyDer<'static>),
    server: (CertificateDer<'static>, PrivateKeyDer<'static>),
}

impl Keys {
    /// Certificates of the form that the live lab makes (`live::pki`).
    pub(super) fn new(key: KeyType) -> Result<Self, LiveError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = named(ROOT);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let own = key_pair(key)?;
        let root = params.self_signed(&own)?.der().clone();
        let issuer = Issuer::new(params, own);
        let leaf = |name: &str, serial: u64| -> Result<_, LiveError> {
            let mut params = CertificateParams::new(vec![name.to_owned()])?;
            params.distinguished_name = named(name);
            params.serial_number = Some(SerialNumber::from(serial));
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![
                ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsagePurpose::ClientAuth,
            ];
            let own = key_pair(key)?;
            let certificate = params.signed_by(&own, &issuer)?.der().clone();
            let own = PrivateKeyDer::Pkcs8(own.serialize_der().into());
            Ok((certificate, own))
        };
        Ok(Self {
            root,
            client: leaf(CLIENT, 1001)?,
            server: leaf(SERVER, 1002)?,
        })
    }

    /// Length of a leaf certificate: the mean of both ends.
    pub(super) fn leaf_bytes(&self) -> u32 {
        u32::try_from(usize::midpoint(self.client.0.len(), self.server.0.len())).unwrap_or(u32::MAX)
    }
}

/// Bytes and time of each flight of one handshake.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) bytes: [u32; 4],
    pub(super) took: [Duration; 4],
}

/// Two ends that shake hands again and again.
pub(super) struct Ends {
    client: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
    name: ServerName<'static>,
    kind: Handshake,
}

/// What a client of this version offers: it can do the older one too.
fn offered(version: TlsVersion) -> Vec<&'static SupportedProtocolVersion> {
    match version {
        TlsVersion::V13 => vec![&TLS13, &TLS12],
        TlsVersion::V10 | TlsVersion::V12 => vec![&TLS12],
    }
}

impl Ends {
    pub(super) fn new(
        keys: &Keys,
        version: TlsVersion,
        kind: Handshake,
    ) -> Result<Self, LiveError> {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(keys.root.clone())?;
        let roots = Arc::new(roots);
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone())
            .build()
            .map_err(|e| LiveError::Tls(e.to_string()))?;
        let (chain, key) = &keys.server;
        let takes = &offered(version)[..1];
        let server =
            ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(takes)?;
        let server = match kind {
            Handshake::ServerOnly => server.with_no_client_auth(),
            Handshake::Mutual | Handshake::Resumed => server.with_client_cert_verifier(verifier),
        };
        let server = server.with_single_cert(vec![chain.clone()], key.clone_key())?;
        let (chain, key) = &keys.client;
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&offered(version))?
            .with_root_certificates(roots);
        let mut client = match kind {
            Handshake::ServerOnly => client.with_no_client_auth(),
            Handshake::Mutual | Handshake::Resumed => {
                client.with_client_auth_cert(vec![chain.clone()], key.clone_key())?
            }
        };
        client.resumption = match kind {
            Handshake::Resumed => Resumption::store(Arc::new(ClientSessionMemoryCache::new(8))),
            Handshake::Mutual | Handshake::ServerOnly => Resumption::disabled(),
        };
        let name = ServerName::try_from(SERVER).map_err(|e| LiveError::Tls(e.to_string()))?;
        let ends = Self {
            client: Arc::new(client),
            server: Arc::new(server),
            name: name.to_owned(),
            kind,
        };
        if kind == Handshake::Resumed {
            // The session that the others resume.
            ends.hands()?;
        }
        Ok(ends)
    }

    /// One handshake of the kind that is to be measured.
    pub(super) fn shake(&self) -> Result<Times, LiveError> {
        let (times, happened) = self.hands()?;
        let resumed = happened == Some(HandshakeKind::Resumed);
        if resumed != (self.kind == Handshake::Resumed) {
            let problem = format!("a {} handshake came out as {happened:?}", self.kind.word());
            return Err(LiveError::Tls(problem));
        }
        Ok(times)
    }

    fn hands(&self) -> Result<(Times, Option<HandshakeKind>), LiveError> {
        let mut times = Times::default();
        let mut wire = Vec::with_capacity(4096);
        let begun = Instant::now();
        let mut client = ClientConnection::new(self.client.clone(), self.name.clone())?.into();
        write(&mut client, &mut wire)?;
        times.took[0] = begun.elapsed();
        times.bytes[0] = length(&wire);
        let begun = Instant::now();
        let mut server = ServerConnection::new(self.server.clone())?.into();
        times.took[1] = begun.elapsed();
        for flight in 1..=3 {
            let end = if flight == 2 {
                &mut client
            } else {
                &mut server
            };
            let begun = Instant::now();
            read(end, &mut wire)?;
            write(end, &mut wire)?;
            times.took[flight] += begun.elapsed();
            times.bytes[flight] = length(&wire);
        }
        let begun = Instant::now();
        read(&mut client, &mut wire)?;
        times.took[2] += begun.elapsed();
        if client.is_handshaking() || server.is_handshaking() {
            return Err(LiveError::Tls(
                "a handshake did not end after four flights".to_owned(),
            ));
        }
        Ok((times, client.handshake_kind()))
    }
}

fn length(wire: &[u8]) -> u32 {
    u32::try_from(wire.len()).unwrap_or(u32::MAX)
}

/// An end reads all that lies on the wire.
fn read(end: &mut Connection, wire: &mut Vec<u8>) -> Result<(), LiveError> {
    let mut rest = wire.as_slice();
    while !rest.is_empty() {
        end.read_tls(&mut rest)?;
        end.process_new_packets()?;
    }
    wire.clear();
    Ok(())
}

/// An end puts all that it has to say on the wire.
fn write(end: &mut Connection, wire: &mut Vec<u8>) -> Result<(), LiveError> {
    while end.wants_write() {
        end.write_tls(wire)?;
    }
    Ok(())
}

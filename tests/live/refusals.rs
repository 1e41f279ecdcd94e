//! Whoever does not keep to the rules is refused or cut off with a reason in the log, and the ward goes on.

use crate::ward::{Ward, lab};
use pumplab_live::limits::Limits;
use pumplab_sim::crypto::CertificateFault;
use pumplab_sim::record::{LabRecord, SessionRecord};
use pumplab_sim::spec::{HostSpec, Item, LabSpec, RevokedSpec};
use pumplab_sim::wire::shed::Shed;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PUMPS: usize = 12;
const MUTUAL: &str = "sp1800-8";

fn refused(ward: &Ward, with: CertificateFault) -> usize {
    ward.count(|e| matches!(e.what, LabRecord::Session(SessionRecord::SessionRefused { fault, .. }) if fault == with))
}

fn shed(ward: &Ward, with: Shed) -> usize {
    ward.count(
        |e| matches!(e.what, LabRecord::Session(SessionRecord::Shed { why, .. }) if why == with),
    )
}

async fn start(lab: &LabSpec, limits: Limits) -> Ward {
    let mut ward = Ward::new(lab, Vec::new(), 10.0, limits);
    let silent = ward.driver.silent().count();
    let all = PUMPS - silent;
    let up = ward.until(Duration::from_secs(30), |w| w.online() == all);
    assert!(up.await, "{} pumps came online", ward.online());
    ward
}

fn pump<'a>(lab: &'a mut LabSpec, name: &str) -> &'a mut HostSpec {
    lab.host_mut(name).expect("it is in the ward")
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_that_are_expired_or_revoked_or_of_another_name_are_refused() {
    let mut lab = lab(MUTUAL, PUMPS);
    let calendar = lab.calendar;
    let certificate = |h: &mut HostSpec| h.certificate.clone().expect("it holds a certificate");
    let mut expired = certificate(pump(&mut lab, "pump-01"));
    (expired.value.not_before, expired.value.not_after) = (calendar - 2000, calendar - 1000);
    pump(&mut lab, "pump-01").certificate = Some(expired);
    let of = certificate(pump(&mut lab, "pump-02"));
    let revoked = RevokedSpec {
        issuer: of.value.issuer.clone(),
        serial: of.value.serial,
    };
    let revoked = Item::new(of.id, revoked);
    lab.revoked.push(revoked);
    let mut other = certificate(pump(&mut lab, "pump-03"));
    other.value.subject = "somebody".to_owned();
    pump(&mut lab, "pump-03").certificate = Some(other);
    let mut ward = Ward::new(&lab, Vec::new(), 10.0, Limits::default());
    let faults = [
        CertificateFault::Expired,
        CertificateFault::Revoked,
        CertificateFault::WrongName,
    ];
    let all = ward.until(Duration::from_secs(30), |w| {
        faults.iter().all(|f| refused(w, *f) > 0)
    });
    let all = all.await;
    assert!(all, "{:?}", faults.map(|f| refused(&ward, f)));
    for name in ["pump-01", "pump-02", "pump-03"] {
        let node = ward.node(name);
        let session = |e: &pumplab_sim::engine::Entry<LabRecord>| {
            e.node == node
                && matches!(
                    e.what,
                    LabRecord::Session(SessionRecord::ServerSession { .. })
                )
        };
        assert_eq!(ward.count(session), 0, "{name} came to a session");
    }
}

/// A client of TLS with a certificate of a stranger's authority, or with none.
async fn stranger(at: SocketAddr, certificate: bool) {
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ));
    let builder = builder
        .with_safe_default_protocol_versions()
        .expect("ring can do them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone));
    let config = if certificate {
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec!["pump-01".to_owned()]).expect("a name");
        let own = params.self_signed(&key).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        builder
            .with_client_auth_cert(vec![own.der().clone()], key)
            .expect("they belong together")
    } else {
        builder.with_no_client_auth()
    };
    let stream = TcpStream::connect(at).await.expect("somebody listens");
    let name = ServerName::try_from("pumpserver-a").expect("a name");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    // Under TLS 1.3 the client learns that it is refused when it reads.
    if let Ok(mut stream) = connector.connect(name, stream).await {
        let mut byte = [0];
        let read = stream.read(&mut byte).await;
        assert!(!matches!(read, Ok(1)), "a stranger was answered");
    }
}

/// Believes every server: what is tested is what the server believes.
#[derive(Debug)]
pub(crate) struct Anyone;

impl rustls::client::danger::ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Sends bytes and waits until the other end has had enough.
async fn says(at: SocketAddr, bytes: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(at).await else {
        return;
    };
    let _ = stream.write_all(bytes).await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused_with_a_reason() {
    let lab = lab(MUTUAL, PUMPS);
    let mut ward = start(&lab, Limits::default()).await;
    let at = ward.at("pumpserver-a", true);
    ward.during(stranger(at, false)).await;
    ward.during(stranger(at, true)).await;
    ward.during(says(at, b"{\"type\":\"hello\"}\n")).await;
    ward.during(says(at, &client_hello_of_tls_1_0())).await;
    let faults = [
        CertificateFault::Missing,
        CertificateFault::UnknownIssuer,
        CertificateFault::VersionTooLow,
    ];
    let all = ward.until(Duration::from_secs(5), |w| {
        shed(w, Shed::NoTls) > 0 && faults.iter().all(|f| refused(w, *f) > 0)
    });
    let all = all.await;
    let told = faults.map(|f| refused(&ward, f));
    assert!(all, "{told:?} {}", shed(&ward, Shed::NoTls));
    assert_eq!(lost(&ward), 0);
}

fn lost(ward: &Ward) -> usize {
    ward.count(|e| matches!(e.what, LabRecord::Session(SessionRecord::ServerSessionLost)))
}

/// A client hello that offers TLS 1.0 and one of its cipher suites, and nothing newer (RFC 2246 section 7.4.1.2).
fn client_hello_of_tls_1_0() -> Vec<u8> {
    let mut hello = vec![3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let mut handshake = vec![1, 0, 0, hello.len() as u8];
    handshake.extend(hello);
    let mut record = vec![22, 3, 1, 0, handshake.len() as u8];
    record.extend(handshake);
    record
}

/// Something that is no first message, a different one for each `n`.
fn malformed(n: usize) -> Vec<u8> {
    let framed = |body: &[u8]| {
        let mut bytes = (body.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes
    };
    match n % 8 {
        0 => vec![0xFF; 4 + n % 64],
        1 => vec![0; 4],
        2 => framed(b"{}"),
        3 => framed(br#"{"type":"hello","pump":"pump-01"}"#),
        4 => framed(format!(r#"{{"type":"status","infusing":{n}}}"#).as_bytes()),
        5 => framed(&[b'['; 600]),
        6 => framed(&[0xC3, 0x28, (n % 251) as u8]),
        _ => b"GET / HTTP/1.1\r\nHost: pump\r\n\r\n".to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_malformed_first_messages_are_shed_and_the_ward_goes_on() {
    const ALL: usize = 10_000;
    let lab = lab(MUTUAL, PUMPS);
    let mut ward = start(&lab, Limits::default()).await;
    let online = ward.online();
    let at = ward.at("pumpserver-b", false);
    let flood = async {
        let senders = (0..16).map(|k| {
            tokio::spawn(async move {
                for n in (k..ALL).step_by(16) {
                    says(at, &malformed(n)).await;
                }
            })
        });
        for sender in senders.collect::<Vec<_>>() {
            sender.await.expect("it sends");
        }
    };
    ward.during(flood).await;
    let all = ward.until(Duration::from_secs(10), |w| {
        shed(w, Shed::Malformed) + shed(w, Shed::TooLong) >= ALL
    });
    let all = all.await;
    let told = (shed(&ward, Shed::Malformed), shed(&ward, Shed::TooLong));
    assert!(all, "{told:?} of {ALL} stand in the log");
    assert_eq!((lost(&ward), ward.online()), (0, online));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_half_open_connections_are_shed_and_pumps_still_come_in() {
    const ALL: usize = 1000;
    let lab = lab(MUTUAL, PUMPS);
    let limits = Limits {
        opening: Duration::from_secs(2),
        ..Limits::default()
    };
    let mut ward = start(&lab, limits).await;
    let (online, at) = (ward.online(), ward.at("pumpserver-a", true));
    let mut held = Vec::new();
    for _ in 0..ALL {
        let connected = ward.during(TcpStream::connect(at)).await;
        held.push(connected.expect("the system takes it"));
    }
    let all = ward.until(Duration::from_secs(20), |w| {
        shed(w, Shed::TooSlow) + shed(w, Shed::TooManyConnections) >= ALL
    });
    let all = all.await;
    let told = (
        shed(&ward, Shed::TooSlow),
        shed(&ward, Shed::TooManyConnections),
    );
    assert!(all, "{told:?} of {ALL} stand in the log");
    assert_eq!((lost(&ward), ward.online()), (0, online));
    // Who comes now is let in.
    ward.driver.cut(|_| true);
    let back = ward.until(Duration::from_secs(30), |w| w.online() == online);
    assert!(back.await, "{} of {online} are back", ward.online());
}

//! What the live lab withstands besides refusals: slow senders, one address that wants everything, sessions that would be resumed.

use crate::ward::{Ward, lab};
use pumplab_live::limits::Limits;
use pumplab_sim::record::{LabRecord, SessionRecord};
use pumplab_sim::wire::shed::Shed;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

fn shed(ward: &Ward, with: Shed) -> usize {
    ward.count(
        |e| matches!(e.what, LabRecord::Session(SessionRecord::Shed { why, .. }) if why == with),
    )
}

/// A ward of four pumps whose servers' ports are open, and the HL7 port of one of them.
async fn start(defence: &str, limits: Limits) -> (Ward, SocketAddr) {
    let lab = lab(defence, 4);
    let mut ward = Ward::new(&lab, Vec::new(), 10.0, limits);
    let clinical = |w: &Ward| {
        let mut endpoints = w.driver.endpoints().iter();
        let found = endpoints.find(|e| e.host == "pumpserver-a" && e.port == 2575);
        found.map(|e| e.at)
    };
    let up = ward.until(Duration::from_secs(10), |w| clinical(w).is_some());
    assert!(up.await, "no port is open");
    let at = clinical(&ward).expect("it was open");
    (ward, at)
}

/// Connects from an address of the loopback network.
async fn from(last: u8, at: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let own = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
    socket.bind(SocketAddr::new(own, 0))?;
    socket.connect(at).await
}

/// Whether what is no message is answered on a new connection from this address.
async fn is_answered(last: u8, at: SocketAddr) -> bool {
    let Ok(mut stream) = from(last, at).await else {
        return false;
    };
    let mut byte = [0];
    let said = stream.write_all(b"\x0Bhello\x1C\r").await;
    said.is_ok() && matches!(stream.read(&mut byte).await, Ok(1))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_a_message_byte_by_byte_is_cut_off_in_time() {
    let limits = Limits {
        transfer: Duration::from_secs(1),
        ..Limits::default()
    };
    let (mut ward, at) = start("legacy", limits).await;
    // The first byte alone begins a message.
    for first in [&b"\x0B"[..], b"\x0BMSH|^~\\&|"] {
        let began = Instant::now();
        let drip = async {
            let mut stream = from(2, at).await.expect("somebody listens");
            stream.write_all(first).await.expect("it is taken");
            let (mut reader, mut writer) = stream.into_split();
            let drip = tokio::spawn(async move {
                while first.len() > 1 && writer.write_all(b"A").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                std::future::pending::<()>().await;
            });
            let _ = reader.read(&mut [0]).await;
            drip.abort();
        };
        let within = tokio::time::timeout(Duration::from_secs(20), drip);
        ward.during(within).await.expect("it is cut off");
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    let told = ward.until(Duration::from_secs(5), |w| shed(w, Shed::TooSlow) == 2);
    assert!(told.await, "{}", shed(&ward, Shed::TooSlow));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_its_share_and_quiet_clinical_systems_do_not_count_as_half_open() {
    let limits = Limits {
        connections: 32,
        half_open: 8,
        ..Limits::default()
    };
    let (mut ward, at) = start("legacy", limits).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(ward.during(from(2, at)).await.expect("there is room"));
        // Half open until it is taken: two of an address may be so at a time.
        ward.during(tokio::time::sleep(Duration::from_millis(50)))
            .await;
    }
    assert_eq!(shed(&ward, Shed::TooManyConnections), 0, "a share of 32");
    assert!(!ward.during(is_answered(2, at)).await, "it has its share");
    // The connection is closed before it is logged.
    let logged = ward.until(Duration::from_secs(5), |w| {
        shed(w, Shed::TooManyConnections) > 0
    });
    assert!(logged.await);
    assert!(ward.during(is_answered(3, at)).await, "others have theirs");
    drop(held);
    ward.during(tokio::time::sleep(Duration::from_millis(300)))
        .await;
    assert!(ward.during(is_answered(2, at)).await, "it was given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_resumed() {
    let (mut ward, _) = start("SRV-04+ID-01", Limits::default()).await;
    let up = ward.until(Duration::from_secs(10), |w| {
        let mut endpoints = w.driver.endpoints().iter();
        endpoints.any(|e| e.host == "pumpserver-a" && e.tls)
    });
    assert!(up.await, "no port with TLS is open");
    let at = ward.at("pumpserver-a", true);
    let directory = std::env::temp_dir().join(format!("pumplab-resume-{}", std::process::id()));
    let lab = lab("SRV-04+ID-01", 4);
    let written = ward.driver.write_certificates(&directory, &lab);
    written.expect("nothing is there yet");
    let config = client(&directory);
    std::fs::remove_dir_all(&directory).expect("it was made here");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    for _ in 0..2 {
        let shaken = async {
            let stream = TcpStream::connect(at).await.expect("somebody listens");
            let name = rustls::pki_types::ServerName::try_from("pumpserver-a").expect("a name");
            let mut stream = connector.connect(name, stream).await.expect("it is let in");
            // Tickets would come after the handshake.
            let wait = Duration::from_millis(300);
            let _ = tokio::time::timeout(wait, stream.read(&mut [0])).await;
            stream.get_ref().1.handshake_kind()
        };
        let kind = ward.during(shaken).await;
        assert_eq!(kind, Some(rustls::HandshakeKind::Full));
    }
}

/// A client that could resume, with the certificate of a pump.
fn client(directory: &std::path::Path) -> rustls::ClientConfig {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let mut roots = rustls::RootCertStore::empty();
    for file in std::fs::read_dir(directory).expect("it was written") {
        let path = file.expect("it can be read").path();
        if path.to_string_lossy().contains("/ca-") {
            let root = CertificateDer::from_pem_file(&path).expect("a certificate");
            roots.add(root).expect("it is an authority");
        }
    }
    let own = CertificateDer::from_pem_file(directory.join("pump-01.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(directory.join("pump-01-key.pem")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring can do them")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![own], key)
        .expect("they belong together")
}

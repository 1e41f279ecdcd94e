//! Mutual TLS 1.3 handshakes per second over loopback, at the live lab's pump server and at a bare acceptor of tokio and rustls, in one run:
//! `cargo run --release -p pumplab-benches --example handshakes [ROUNDS] [HANDSHAKES]`.
//!
//! Both servers hold the same certificate and take the same clients, whose code is the same. A round is so many handshakes at one server and then as
//! many at the other, so that whatever else the machine does falls on both. A connection counts when the server has closed it: under TLS 1.3 a client
//! is done before the server has judged its certificate. Clients and servers share the machine, so the rates are those of both ends together.

use pumplab_live::driver::{Driver, Options};
use pumplab_live::lab;
use pumplab_live::limits::Limits;
use pumplab_scenarios::Library;
use pumplab_sim::spec::{LabSpec, PlaySpec};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

type Fault = Box<dyn Error + Send + Sync>;

/// Clients that shake hands at a time.
const AT_ONCE: usize = 16;
const SERVER: &str = "pumpserver-a";
const CLIENT: &str = "pump-01";

/// Certificates and keys of both ends, as the live lab has written them.
struct Shown {
    roots: Arc<RootCertStore>,
    server: (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
    client: (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
}

impl Shown {
    fn read(from: &Path) -> Result<Self, Fault> {
        let chain = |file: PathBuf| -> Result<Vec<_>, Fault> {
            Ok(CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>()?)
        };
        let member = |name: &str| -> Result<_, Fault> {
            let key = PrivateKeyDer::from_pem_file(from.join(format!("{name}-key.pem")))?;
            Ok((chain(from.join(format!("{name}.pem")))?, key))
        };
        let mut roots = RootCertStore::empty();
        for entry in std::fs::read_dir(from)? {
            let path = entry?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            if name.is_some_and(|n| n.starts_with("ca-")) {
                for root in chain(path)? {
                    roots.add(root)?;
                }
            }
        }
        Ok(Self {
            roots: Arc::new(roots),
            server: member(SERVER)?,
            client: member(CLIENT)?,
        })
    }

    fn client(&self) -> Result<Arc<ClientConfig>, Fault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let (chain, key) = &self.client;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(self.roots.clone())
            .with_client_auth_cert(chain.clone(), key.clone_key())?;
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }

    fn server(&self) -> Result<Arc<ServerConfig>, Fault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(self.roots.clone(), provider.clone())
                .build()?;
        let (chain, key) = &self.server;
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain.clone(), key.clone_key())?;
        Ok(Arc::new(config))
    }
}

/// A loop that accepts, shakes hands and waits until the client goes.
async fn bare(listener: TcpListener, config: Arc<ServerConfig>) {
    let acceptor = TlsAcceptor::from(config);
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut byte = [0];
                let _ = stream.read(&mut byte).await;
            }
        });
    }
}

/// One handshake; done when the server has closed the connection too.
async fn shake(at: SocketAddr, config: Arc<ClientConfig>) -> Result<(), Fault> {
    let stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(SERVER)?;
    let mut stream = TlsConnector::from(config).connect(name, stream).await?;
    stream.shutdown().await?;
    let mut rest = Vec::new();
    // A server that refuses sends an alert, which is an error here; one that just goes is not.
    match stream.read_to_end(&mut rest).await {
        Err(e) if e.kind() != std::io::ErrorKind::UnexpectedEof => Err(e.into()),
        _ => Ok(()),
    }
}

/// Handshakes per second of so many, some at a time.
async fn rate(at: SocketAddr, config: &Arc<ClientConfig>, count: usize) -> Result<f64, Fault> {
    let left = Arc::new(AtomicUsize::new(count));
    let begun = Instant::now();
    let clients: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (left, config) = (left.clone(), config.clone());
            tokio::spawn(async move {
                let take = |n: usize| n.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                    .is_ok()
                {
                    shake(at, config.clone()).await?;
                }
                Ok::<(), Fault>(())
            })
        })
        .collect();
    for client in clients {
        client.await??;
    }
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}

/// The live lab with one pump, which has a session of its own and does next to nothing.
fn ward() -> Result<LabSpec, Fault> {
    let library = Library::embedded();
    let controls = library.defence("sp1800-8")?.controls;
    let resolved = library.resolve_lab("ward", &controls, &[])?;
    Ok(lab::outside(&resolved.lab, Some(1))?)
}

fn driver(lab: &LabSpec) -> Result<Driver, Fault> {
    let play = PlaySpec {
        duration: pumplab_sim::time::Duration::from_hours(1000),
        attackers: Vec::new(),
        events: Vec::new(),
    };
    let options = Options {
        bind: Ipv4Addr::LOCALHOST.into(),
        base_port: 0,
        speed: 1.0,
        seed: 1,
        keep_trace: false,
        elsewhere: Default::default(),
        limits: Limits {
            connections: 1 << 16,
            half_open: 1 << 16,
            ..Limits::default()
        },
    };
    Ok(Driver::new(lab, play, &options)?)
}

fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("?").to_owned()
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn compare(
    live: SocketAddr,
    shown: &Shown,
    rounds: usize,
    count: usize,
) -> Result<(), Fault> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let plain = listener.local_addr()?;
    let accepting = tokio::spawn(bare(listener, shown.server()?));
    let client = shown.client()?;
    let mut out = std::io::stdout();
    for at in [plain, live] {
        rate(at, &client, count / 4 + 1).await?;
    }
    let (mut bare, mut lab, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    writeln!(out, "round  bare/s  live/s  ratio  load")?;
    for round in 1..=rounds {
        let (a, b) = (
            rate(plain, &client, count).await?,
            rate(live, &client, count).await?,
        );
        writeln!(out, "{round:5} {a:7.0} {b:7.0}  {:5.2}  {}", b / a, load())?;
        bare.push(a);
        lab.push(b);
        ratios.push(b / a);
    }
    accepting.abort();
    writeln!(
        out,
        "median of {rounds} rounds of {count}: bare {:.0}/s, live {:.0}/s, ratio {:.2}",
        median(&bare),
        median(&lab),
        median(&ratios)
    )?;
    Ok(())
}

async fn run(rounds: usize, count: usize) -> Result<(), Fault> {
    let lab = ward()?;
    let mut driver = driver(&lab)?;
    let certificates = std::env::temp_dir().join(format!("handshakes-{}", std::process::id()));
    std::fs::create_dir_all(&certificates)?;
    driver.write_certificates(&certificates, &lab)?;
    let shown = Shown::read(&certificates);
    std::fs::remove_dir_all(&certificates)?;
    let shown = shown?;
    let mut at = None;
    while at.is_none() {
        driver
            .turn(Instant::now() + Duration::from_millis(20))
            .await;
        let mut open = driver.endpoints().iter();
        at = open
            .find(|e| e.host == SERVER && e.tls && e.port != 2575)
            .map(|e| e.at);
    }
    let comparing = tokio::spawn(async move {
        match at {
            Some(at) => compare(at, &shown, rounds, count).await,
            None => Ok(()),
        }
    });
    while !comparing.is_finished() {
        driver
            .turn(Instant::now() + Duration::from_millis(20))
            .await;
        // As the command does: what is told is taken away.
        drop(driver.live().fresh());
    }
    comparing.await?
}

fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(Ok(7), |n| n.parse())?;
    let count = arguments.next().map_or(Ok(2000), |n| n.parse())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(rounds, count))
}

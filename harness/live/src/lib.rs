//! The live lab: pumps, pump server, health record and alarm manager on real sockets, with real TLS.
//!
//! A live run is the simulation with another driver: the same devices, nurses, delivery, limits, checkers and records, with the wall clock
//! in place of simulated time and sockets below the streams of hosts whose link is outside. `docs/design/070-live-is-a-second-driver.md` says why.

pub mod calibrate;
pub mod clock;
pub mod driver;
pub mod lab;
pub mod limits;
pub mod net;
pub mod pki;
pub mod protocol;
pub mod secrets;

use std::io;

/// What can go wrong with a live run, besides what goes wrong in it.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// The lab has nothing that can be put on sockets.
    #[error("{0}")]
    Lab(String),
    /// A certificate or a key could not be made, or TLS cannot do what the lab wants.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
    /// An authority that is given cannot be used.
    #[error("{} cannot be an authority of the lab: {problem}", path.display())]
    Authority {
        /// The file that is at fault.
        path: std::path::PathBuf,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A receiver of somebody else's cannot be found.
    #[error("{option} `{text}`: {problem}; give a host and a port, as in 192.0.2.7:2575")]
    Address {
        /// The option.
        option: &'static str,
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Certificates cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Certificates {
        /// Where.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A port cannot be opened.
    #[error("cannot listen on {address} for {host}: {source}{}", remedy(source))]
    Listen {
        /// Host of the lab.
        host: String,
        /// Address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// There are not as many ports from the first one on as the lab has.
    #[error(
        "the lab needs {needed} ports, and from {first} on there are not so many: give a lower --base-port"
    )]
    PortNumbers {
        /// The first.
        first: u16,
        /// How many are needed.
        needed: usize,
    },
    /// The lab could not be built.
    #[error("fault of pumplab: a checked lab could not be built: {0}")]
    Assemble(#[from] pumplab_sim::run::AssembleError),
    /// The system has no threads or timers for sockets.
    #[error("cannot start the live run: {0}")]
    Io(#[from] io::Error),
}

/// What helps where a port cannot be opened.
fn remedy(e: &io::Error) -> &'static str {
    match e.kind() {
        io::ErrorKind::AddrInUse => {
            "; give other ports by --base-port, or end the program that has this one"
        }
        io::ErrorKind::PermissionDenied => "; give ports above 1023 by --base-port",
        io::ErrorKind::AddrNotAvailable => "; give an address of this machine by --bind",
        _ => "",
    }
}

impl From<rcgen::Error> for LiveError {
    fn from(e: rcgen::Error) -> Self {
        Self::Tls(e.to_string())
    }
}

impl From<rustls::Error> for LiveError {
    fn from(e: rustls::Error) -> Self {
        Self::Tls(e.to_string())
    }
}

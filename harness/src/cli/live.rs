//! `pumplab live`: the lab on real sockets.

use super::source::LibraryArgs;
use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::live::LiveError;
use crate::live::driver::{Driver, Options};
use crate::live::lab;
use crate::live::limits::Limits;
use crate::report::sentence::sentence;
use crate::report::words::Words;
use pumplab_sim::spec::PlaySpec;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Lab by name or file
    #[arg(value_name = "LAB", default_value = "ward")]
    lab: String,
    /// Defence, or controls as in SRV-04+DEV-07
    #[arg(
        long,
        alias = "defense",
        value_name = "NAME",
        default_value = "sp1800-8"
    )]
    defence: String,
    /// Controls to leave out
    #[arg(long, value_name = "CONTROL", value_delimiter = ',')]
    without: Vec<String>,
    /// Number of pumps; the lab's own by default, and copies of them beyond those
    #[arg(long, value_name = "N")]
    pumps: Option<usize>,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// First port to listen on; the others follow
    #[arg(long, value_name = "PORT", default_value_t = 42_000)]
    base_port: u16,
    /// Simulated seconds per second
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Seconds after which to stop; until interrupted by default
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
    /// Seed of the luck of nurses and devices
    #[arg(long, value_name = "N", env = "PUMPLAB_SEED", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    library: LibraryArgs,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    if !(args.speed > 0.0 && args.speed <= 10_000.0) {
        return Err(HarnessError::Arguments(
            "--speed is a factor above 0 and up to 10000",
        ));
    }
    let shelf = args.library.open(console)?;
    let resolved = shelf.lab(&args.lab, Some(&args.defence), &args.without)?;
    let live = lab::outside(&resolved.lab, args.pumps)?;
    let options = Options {
        bind: args.bind,
        base_port: args.base_port,
        speed: args.speed,
        seed: args.seed,
        keep_trace: false,
        limits: Limits::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(LiveError::Io)?;
    let play = PlaySpec {
        duration: pumplab_sim::time::Duration::from_secs(365 * 86_400),
        attackers: Vec::new(),
        events: Vec::new(),
    };
    runtime.block_on(async {
        let mut driver = Driver::new(&live, play, &options)?;
        let end = args
            .seconds
            .map(|s| Instant::now() + Duration::from_secs(s));
        let names = driver.live().simulation().shared().names.clone();
        let words = Words::new(
            names,
            &live,
            resolved.provenance.clone(),
            crate::catalogue::control_titles(),
        );
        let stop = interrupted();
        tokio::pin!(stop);
        loop {
            let until = Instant::now() + Duration::from_millis(200);
            tokio::select! {
                () = &mut stop => break,
                turned = driver.turn(until) => turned?,
            }
            for entry in driver.live().fresh() {
                let text = sentence(&words, entry.node, &entry.what);
                console.line(&format!(
                    "{} {}: {text}",
                    entry.time,
                    words.node(entry.node)
                ))?;
            }
            if end.is_some_and(|end| Instant::now() >= end) {
                break;
            }
        }
        for endpoint in driver.endpoints() {
            console.line(&format!("{endpoint:?}"))?;
        }
        Ok::<_, HarnessError>(driver.finish())
    })?;
    Ok(ExitCode::Held)
}

/// Ends when somebody wants the run to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

//! `pumplab live`: the lab on real sockets.

use super::source::LibraryArgs;
use crate::cell::Cell;
use crate::console::Console;
use crate::error::HarnessError;
use crate::exit_code::ExitCode;
use crate::judge::Beside;
use crate::library::ResolvedLab;
use crate::record::RunsDirectory;
use crate::report::board::{self, Board};
use crate::report::words::Words;
use crate::report::{Report, ScenarioReport};
use crate::verdict::Variant;
use pumplab_live::LiveError;
use pumplab_live::driver::{Driver, Elsewhere, Endpoint, Options, Taken};
use pumplab_live::lab;
use pumplab_live::limits::Limits;
use pumplab_live::pki::imported::ImportedCa;
use pumplab_scenarios::{Expect, When};
use pumplab_sim::safety::PROPERTIES;
use pumplab_sim::spec::{LabSpec, PlaySpec};
use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often the table is drawn anew.
const REDRAW: Duration = Duration::from_millis(500);
/// Rows of the table at the most.
const ROWS: usize = 40;
/// Longest live run: a simulated year.
const LONGEST: pumplab_sim::time::Duration =
    pumplab_sim::time::Duration::from_nanos(365 * 86_400 * 1_000_000_000);

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Lab by name
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
    /// Address to listen on; anything but loopback lets others connect
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,
    /// First port to listen on, the others follow; 0 lets the system choose each
    #[arg(long, value_name = "PORT", default_value_t = 42_000)]
    base_port: u16,
    /// Simulated seconds per second
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    speed: f64,
    /// Wall time after which to stop, such as `30s` or `10m`; without it, Ctrl-C stops the lab
    #[arg(long, value_name = "TIME")]
    duration: Option<pumplab_sim::time::Duration>,
    /// Seed of the luck of nurses and devices
    #[arg(long, value_name = "N", env = "PUMPLAB_SEED", default_value_t = 1)]
    seed: u64,
    /// Record the run, and write its run directory below this one when it stops
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Certificate (PEM) of an authority of your own, in place of one made at start
    #[arg(long, value_name = "FILE", requires = "ca_key")]
    ca: Option<PathBuf>,
    /// Its private key (PEM, PKCS #8)
    #[arg(long, value_name = "FILE", requires = "ca")]
    ca_key: Option<PathBuf>,
    /// Directory for certificates of authorities and hosts, revocation lists and keys, so that programs of others can join
    #[arg(long, value_name = "DIR")]
    write_certificates: Option<PathBuf>,
    /// Receiver of your own for alarms (PCD-04) in place of the lab's alarm manager; `tls:` before it for TLS with the alarm manager's certificate
    #[arg(long, value_name = "[tls:]HOST:PORT")]
    alarms_to: Option<String>,
    /// Receiver of your own for observations (PCD-01) in place of the lab's health record; by TLS with its certificate where the lab's link is
    #[arg(long, value_name = "HOST:PORT")]
    observations_to: Option<String>,
    /// What is shown while it runs; a table on a terminal, records as lines of JSON elsewhere by default
    #[arg(long, value_enum)]
    show: Option<Show>,
    #[command(flatten)]
    library: LibraryArgs,
    /// The name of `--duration` before 0.2: refused with a hint.
    #[arg(long, hide = true, num_args = 0..=1)]
    seconds: Option<Option<String>>,
    /// The name of `--out` before 0.2: refused with a hint.
    #[arg(long, hide = true, num_args = 0..=1)]
    record: Option<Option<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Show {
    /// A table that is drawn anew.
    Table,
    /// Each record as a line of JSON.
    Lines,
}

pub(super) fn command(args: &Args, console: &mut Console<'_>) -> Result<ExitCode, HarnessError> {
    check(args)?;
    let shelf = args.library.open(console)?;
    let mut resolved = shelf.lab(&args.lab, Some(&args.defence), &args.without)?;
    resolved.lab = lab::outside(&resolved.lab, args.pumps)?;
    let elsewhere = elsewhere(args)?;
    if elsewhere
        .iter()
        .any(|e| e.what == Taken::Alarms { tls: true })
    {
        lab::certify_alarm_managers(&mut resolved.lab)?;
    }
    let directory = args
        .out
        .as_deref()
        .map(RunsDirectory::prepare)
        .transpose()?;
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(LiveError::Io)?;
    let Ended { outcome, stop } = runtime.block_on(drive(args, elsewhere, &resolved, console))?;
    if let Stop::Signal(_) = stop {
        // Writing a long run takes its time: whoever asks again does not want to wait for it.
        runtime.spawn(async {
            let code = interrupted().await;
            std::process::exit(code.number().into());
        });
    }
    let wall = began.elapsed();
    let cell = cell(args, resolved);
    let recorded = cell.tell(&outcome, wall, &Beside::default(), true);
    if let Some(directory) = &directory {
        directory.write(&cell.scenario, &[(&recorded, &cell.recorded_lab())])?;
    }
    let (name, title) = (cell.scenario.clone(), cell.title.clone());
    let run = ScenarioReport::new(name, title, Some(recorded.report), None, Vec::new());
    let report = Report::new(vec![run]);
    if let Some(directory) = &directory {
        directory.finish(&report)?;
    }
    conclude(args, &report, (&stop, wall), console);
    // Connections that are still open are cut.
    runtime.shutdown_background();
    match stop {
        Stop::Duration => Ok(ExitCode::Held),
        Stop::Signal(code) => Ok(code),
        Stop::Output(e) => Err(e),
    }
}

/// What clap does not see.
fn check(args: &Args) -> Result<(), HarnessError> {
    let wrong = |problem| Err(HarnessError::Arguments(problem));
    if !(args.speed > 0.0 && args.speed <= 10_000.0) {
        return wrong("--speed is a factor above 0 and up to 10000");
    }
    if args.seconds.is_some() {
        return wrong(
            "--seconds is now --duration, which takes a time with its unit: `--duration 120s` or `--duration 2m`",
        );
    }
    if args.record.is_some() {
        return wrong("--record is now --out, as in `run`: `--out DIR`");
    }
    Ok(())
}

/// Says what did not hold, why the lab stopped and what is left of it. The run is kept by now: that nobody reads this changes nothing.
fn conclude(
    args: &Args,
    report: &Report,
    (stop, wall): (&Stop, Duration),
    console: &mut Console<'_>,
) {
    let runs = report.scenarios.iter().flat_map(ScenarioReport::runs);
    for violation in runs.flat_map(|r| &r.verdict.violations) {
        let at = violation.at.parse::<pumplab_sim::time::Duration>();
        let at = at.map_or_else(|_| violation.at.clone(), |t| t.for_people());
        let (property, text) = (&violation.property, &violation.text);
        let _ = writeln!(console.err, "{property} broken at {at}: {text}");
    }
    let why = match stop {
        Stop::Duration => "after its --duration",
        Stop::Signal(ExitCode::Terminated) => "by SIGTERM",
        Stop::Signal(_) => "by Ctrl-C",
        Stop::Output(_) => "because its output cannot be written",
    };
    let wall = pumplab_sim::time::Duration::from_secs(wall.as_secs());
    let kept = kept(args);
    let _ = writeln!(
        console.err,
        "the lab was stopped {why}, after {wall} of wall time; {kept}"
    );
}

/// What is left of a run that has ended, and what can be done with it.
fn kept(args: &Args) -> String {
    let Some(directory) = &args.out else {
        return "nothing was recorded (`--out DIR` records a run)".to_owned();
    };
    let directory = directory.join(scenario_name(args));
    let directory = directory.display();
    format!(
        "the run is complete in {directory}: `pumplab explain {directory}` says why things happened"
    )
}

/// The name under which a live run of a lab is kept.
fn scenario_name(args: &Args) -> String {
    format!("live-{}", args.lab)
}

/// Why a run ended.
enum Stop {
    /// Its time was over.
    Duration,
    /// Somebody stopped it; the exit code says how.
    Signal(ExitCode),
    /// What it shows cannot be written, as when the reader has gone.
    Output(HarnessError),
}

/// A run that has ended.
struct Ended {
    outcome: pumplab_sim::run::Outcome,
    stop: Stop,
}

/// The receivers of others that take the place of systems of the lab.
fn elsewhere(args: &Args) -> Result<Vec<Elsewhere>, HarnessError> {
    let mut receivers = Vec::new();
    if let Some(text) = &args.alarms_to {
        let plain = text.strip_prefix("tls:");
        let what = Taken::Alarms {
            tls: plain.is_some(),
        };
        let at = reached("--alarms-to", plain.unwrap_or(text))?;
        receivers.push(Elsewhere { what, at });
    }
    if let Some(text) = &args.observations_to {
        let what = Taken::Observations;
        let at = reached("--observations-to", text)?;
        receivers.push(Elsewhere { what, at });
    }
    Ok(receivers)
}

/// The authority that is given, if one is.
fn authority(args: &Args) -> Result<Option<ImportedCa>, LiveError> {
    let (Some(certificate), Some(key)) = (&args.ca, &args.ca_key) else {
        return Ok(None);
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.unwrap_or_default().as_secs()).unwrap_or(i64::MAX);
    ImportedCa::read(certificate, key, now).map(Some)
}

/// The first address of a host and port.
fn reached(option: &'static str, text: &str) -> Result<SocketAddr, HarnessError> {
    let problem = match text.to_socket_addrs() {
        Ok(mut all) => match all.next() {
            Some(at) => return Ok(at),
            None => "it has no address".to_owned(),
        },
        Err(e) => e.to_string(),
    };
    Err(HarnessError::Live(LiveError::Address {
        option,
        text: text.to_owned(),
        problem,
    }))
}

fn play() -> PlaySpec {
    PlaySpec {
        duration: LONGEST,
        attackers: Vec::new(),
        events: Vec::new(),
    }
}

/// The run as run directories describe runs.
fn cell(args: &Args, resolved: ResolvedLab) -> Cell {
    let holds = |property: &&'static dyn pumplab_sim::safety::Property| Expect::Holds {
        property: property.entry().id.to_owned(),
        when: When::default(),
    };
    Cell {
        scenario: scenario_name(args),
        called: format!("live {}", args.lab),
        library: None,
        costs: None,
        title: format!("Live run of lab {}", args.lab),
        threat: None,
        variant: Variant::Run,
        defence: args.defence.clone(),
        without: args.without.clone(),
        controls: resolved.controls,
        notes: resolved
            .without_effect
            .into_iter()
            .filter(|(control, _)| args.without.contains(control))
            .map(|(control, why)| format!("{control}: {why}"))
            .collect(),
        seed: args.seed,
        lab: resolved.lab,
        provenance: resolved.provenance,
        play: play(),
        questions: PROPERTIES.iter().map(holds).collect(),
        source: None,
    }
}

async fn drive(
    args: &Args,
    elsewhere: Vec<Elsewhere>,
    resolved: &ResolvedLab,
    console: &mut Console<'_>,
) -> Result<Ended, HarnessError> {
    let lab = &resolved.lab;
    let options = Options {
        bind: args.bind,
        base_port: args.base_port,
        speed: args.speed,
        seed: args.seed,
        keep_trace: args.out.is_some(),
        limits: Limits::default(),
        elsewhere,
    };
    let mut driver = Driver::under(lab, play(), &options, authority(args)?)?;
    if let Some(directory) = &args.write_certificates {
        driver.write_certificates(directory, lab)?;
    }
    let names = driver.live().simulation().shared().names.clone();
    let provenance = resolved.provenance.clone();
    let words = Words::new(names, lab, provenance, crate::catalogue::control_titles());
    let mut view = View::new(args, lab, &mut driver, words);
    let end = args.duration.map(|d| {
        let duration = Duration::from_nanos(d.as_nanos());
        Instant::now() + duration
    });
    let interrupted = interrupted();
    tokio::pin!(interrupted);
    view.begin(&driver, console)?;
    let stop = loop {
        let until = Instant::now() + REDRAW;
        let until = end.map_or(until, |end| until.min(end));
        tokio::select! {
            code = &mut interrupted => break Stop::Signal(code),
            () = driver.turn(until) => {}
        }
        // What was recorded so far is worth more than what can no longer be shown.
        if let Err(e) = view.update(&mut driver, console) {
            break Stop::Output(e);
        }
        if end.is_some_and(|end| Instant::now() >= end) {
            break Stop::Duration;
        }
    };
    let outcome = driver.finish();
    Ok(Ended { outcome, stop })
}

/// What is shown while it runs.
struct View {
    show: Show,
    words: Words,
    board: Board,
    drawn: Option<(Instant, usize)>,
    told: usize,
}

impl View {
    fn new(args: &Args, lab: &LabSpec, driver: &mut Driver, words: Words) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let usual = if terminal { Show::Table } else { Show::Lines };
        let simulation = driver.live().simulation();
        Self {
            show: args.show.unwrap_or(usual),
            words,
            board: Board::new(lab, |name| simulation.node_named(name)),
            drawn: None,
            told: 0,
        }
    }

    fn begin(&self, driver: &Driver, console: &mut Console<'_>) -> Result<(), HarnessError> {
        for (host, why) in driver.silent() {
            writeln!(console.err, "{host} stays offline: {why}")?;
        }
        Ok(())
    }

    fn update(
        &mut self,
        driver: &mut Driver,
        console: &mut Console<'_>,
    ) -> Result<(), HarnessError> {
        let fresh = driver.live().fresh();
        let opened = &driver.endpoints()[self.told..];
        self.told += opened.len();
        let mut messages = Vec::new();
        for endpoint in opened {
            match self.show {
                Show::Lines => console.line(&endpoint_line(endpoint))?,
                Show::Table => messages.push(endpoint_text(endpoint)),
            }
        }
        messages.extend(driver.notices());
        for entry in &fresh {
            self.board.heed(entry);
            if self.show == Show::Lines {
                console.line(&board::line(entry, &self.words))?;
            }
        }
        if !messages.is_empty() {
            // Messages stand above the table, which is drawn anew below them.
            self.erase(console)?;
            for message in messages {
                // Who reads no messages may still read records.
                let _ = writeln!(console.err, "{message}");
            }
        }
        let due = self.drawn.is_none_or(|(at, _)| at.elapsed() >= REDRAW);
        if self.show == Show::Table && due {
            let text = self.board.render(driver.clock().now(), ROWS);
            self.erase(console)?;
            write!(console.out, "{text}")?;
            self.drawn = Some((Instant::now(), text.lines().count()));
        }
        console.out.flush()?;
        Ok(())
    }

    /// Takes the table away that stands last on the terminal.
    fn erase(&mut self, console: &mut Console<'_>) -> Result<(), HarnessError> {
        if let Some((_, lines)) = self.drawn.take() {
            write!(console.out, "\x1b[{lines}A\x1b[J")?;
            console.out.flush()?;
        }
        Ok(())
    }
}

fn endpoint_line(endpoint: &Endpoint) -> String {
    serde_json::json!({
        "listens": endpoint.host,
        "port": endpoint.port,
        "tls": endpoint.tls,
        "at": endpoint.at.to_string(),
    })
    .to_string()
}

fn endpoint_text(endpoint: &Endpoint) -> String {
    let protection = if endpoint.tls { "TLS" } else { "in clear" };
    format!(
        "{} port {} listens on {}, {protection}",
        endpoint.host, endpoint.port, endpoint.at
    )
}

/// Ends when somebody wants the run to end: with the exit code that a shell gives for the signal.
async fn interrupted() -> ExitCode {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = tokio::signal::ctrl_c() => ExitCode::Interrupted,
                _ = terminated.recv() => ExitCode::Terminated,
            };
        }
    }
    let _ = tokio::signal::ctrl_c().await;
    ExitCode::Interrupted
}

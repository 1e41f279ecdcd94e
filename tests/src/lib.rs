//! Shared fixtures of the tests: the runs of the embedded library, made as `pumplab run` makes them.

use pumplab::cell::Cell;
use pumplab::library::{Overrides, Shelf};
use pumplab::report::words::Words;
use pumplab_scenarios::Shows;
use pumplab_sim::engine::Budget;
use pumplab_sim::run::{Outcome, RunConfig, run};
use pumplab_sim::why::trace::Trace;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The defences of the library, from the strongest to none.
pub const DEFENCES: [&str; 5] = [
    "sp1800-8-plus",
    "sp1800-8",
    "psk-segmented",
    "legacy",
    "bare",
];

static SHELF: LazyLock<Shelf> =
    LazyLock::new(|| Shelf::open(None, false).expect("the library is embedded"));

/// Names of the library's scenarios.
pub fn scenarios() -> Vec<String> {
    SHELF.names()
}

/// A scenario under its own defence and, where it has one, in its contrast.
pub fn own_and_contrast(scenario: &str) -> Vec<Cell> {
    SHELF
        .cells(scenario, &Overrides::default())
        .expect("the library's scenarios resolve")
}

/// The runs that are part of the library itself: every scenario under its own defence and in its contrast.
pub fn library_cells() -> Vec<Cell> {
    scenarios()
        .iter()
        .flat_map(|scenario| own_and_contrast(scenario))
        .collect()
}

/// The runs of the built-in collections besides the library.
pub fn collection_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for name in pumplab_scenarios::Library::collections() {
        let shelf = Shelf::open(Some(std::path::Path::new(name)), false);
        let shelf = shelf.expect("the collection is embedded");
        for scenario in shelf.names() {
            let runs = shelf.cells(&scenario, &Overrides::default());
            cells.extend(runs.expect("the scenarios of a collection resolve"));
        }
    }
    cells
}

/// The contrasts: every attack where it reaches its goal.
pub fn contrasts() -> Vec<Cell> {
    let contrast = |cell: &Cell| cell.variant == pumplab::verdict::Variant::Contrast;
    library_cells().into_iter().filter(contrast).collect()
}

/// A scenario under another defence, some of its controls left out.
pub fn under(scenario: &str, defence: &str, without: &[String]) -> Cell {
    let overrides = Overrides {
        defence: Some(defence.to_owned()),
        without: without.to_vec(),
        seed: None,
    };
    let mut cells = SHELF
        .cells(scenario, &overrides)
        .expect("the library's scenarios resolve under every defence");
    cells.remove(0)
}

/// What the library's scenarios show of single controls: the run with the control, and the run without it.
pub fn shown() -> Vec<(Shows, Cell, Cell)> {
    let of = |name: &String| SHELF.shown(name).expect("the library's scenarios resolve");
    scenarios().iter().flat_map(of).collect()
}

/// What a cell runs.
pub fn config(cell: &Cell, keep_trace: bool) -> RunConfig {
    RunConfig {
        seed: cell.seed,
        lab: cell.lab.clone(),
        play: cell.play.clone(),
        budget: Budget::default(),
        keep_trace,
    }
}

/// The words for what a run of a cell recorded.
pub fn words(cell: &Cell, trace: &Trace) -> Words {
    Words::new(
        trace.nodes.clone(),
        &cell.lab,
        cell.provenance.clone(),
        pumplab::catalogue::control_titles(),
    )
}

/// A cell with what its run told.
#[derive(Debug)]
pub struct Told {
    /// The cell.
    pub cell: Cell,
    /// What its run told, trace included.
    pub outcome: Outcome,
}

impl Told {
    /// Runs a cell.
    ///
    /// # Panics
    /// When the lab of a checked scenario cannot be built: a bug.
    pub fn of(cell: Cell) -> Self {
        let outcome = run(&config(&cell, true)).expect("a checked lab can be built");
        Self { cell, outcome }
    }

    /// The trace, which these runs keep.
    ///
    /// # Panics
    /// Never: the trace was kept.
    pub fn trace(&self) -> &Trace {
        self.outcome.trace.as_ref().expect("the trace was kept")
    }
}

static MATRIX: LazyLock<Vec<Told>> = LazyLock::new(|| {
    let mut cells = Vec::new();
    for scenario in scenarios() {
        cells.extend(DEFENCES.map(|defence| under(&scenario, defence, &[])));
    }
    in_parallel(cells, Told::of)
});

/// Every scenario under every defence, run once for all tests of a process.
pub fn matrix() -> &'static [Told] {
    &MATRIX
}

/// Maps by as many threads as there are cores; the results are in the order of the items.
///
/// # Panics
/// When `work` does.
pub fn in_parallel<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    use std::sync::Mutex;
    let items: Vec<Mutex<Option<T>>> = items.into_iter().map(|t| Mutex::new(Some(t))).collect();
    let results: Vec<Mutex<Option<R>>> = items.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else {
                        break;
                    };
                    let item = item.lock().expect("taken once").take();
                    let result = work(item.expect("taken once"));
                    *results[i].lock().expect("written once") = Some(result);
                }
            });
        }
    });
    results
        .into_iter()
        .map(|r| r.into_inner().expect("no panic").expect("all done"))
        .collect()
}

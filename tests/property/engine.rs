//! The engine: order, determinism, forks, luck, suppression, budgets.

#[path = "engine_queue.rs"]
mod queue;
#[path = "engine_run.rs"]
mod run;
#[path = "engine_toy.rs"]
mod toy;

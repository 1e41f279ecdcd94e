//! The `pumplab` command from outside: what it prints, what it writes, how it ends.

mod bench;
mod calibrate;
mod catalogue;
mod check;
mod completion;
mod directory;
mod explain;
mod live;
mod new;
mod pictures;
mod pty;
mod run;
mod run_schema;
mod select;
mod terminal;
mod usage;

//! The machine that is measured, as it says itself.

use std::thread::available_parallelism;
use time::OffsetDateTime;

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its processor, as the system calls it.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: u32,
    /// Day of the measurement in UTC, as in `2026-11-22`.
    pub date: String,
    /// Whether optimised code was measured.
    pub optimised: bool,
}

impl Machine {
    /// This machine, today.
    #[must_use]
    pub fn this() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            processor: processor(),
            cores: u32::try_from(cores).unwrap_or(u32::MAX),
            date: OffsetDateTime::now_utc().date().to_string(),
            optimised: !cfg!(debug_assertions),
        }
    }
}

/// What Linux calls the processor; elsewhere, its architecture.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    named(&info).unwrap_or_else(|| format!("{} processor", std::env::consts::ARCH))
}

fn named(info: &str) -> Option<String> {
    let key = |line: &&str| line.starts_with("model name") || line.starts_with("Hardware");
    let (_, name) = info.lines().find(key)?.split_once(':')?;
    let name: Vec<&str> = name.split_whitespace().collect();
    (!name.is_empty()).then(|| name.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_named_as_the_system_names_it() {
        let info = "processor\t: 0\nmodel name\t: Some  Processor @ 2.0GHz\nflags\t: x\n";
        assert_eq!(named(info).as_deref(), Some("Some Processor @ 2.0GHz"));
        assert_eq!(named("processor : 0\nmodel name :\n"), None);
        assert!(!Machine::this().processor.is_empty());
    }
}

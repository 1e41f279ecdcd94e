//! Scenario files: parse, check, resolve.

//! Random draws as pure functions of (run seed, node, purpose, counter).

//! The discrete-event core: knows no domain.

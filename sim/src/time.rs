//! Simulated time: nanoseconds since the run began.

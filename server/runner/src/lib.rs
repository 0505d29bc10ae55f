//! Runs a runnable in a process group of its own, with its output kept and its time bounded.
//!
//! This is the only place that starts programs.

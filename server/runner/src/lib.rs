//! Runs a runnable in a process group of its own, with its output kept and its time bounded; and the plugins that watch a
//! test while it runs.
//!
//! This is the only place that starts programs. It does not know what a repro is for, nor how outcomes are compared.

mod memory;
mod observe;
mod reduce;
mod run;
mod state;
mod tree;
mod watch;

pub use observe::{TRACE_PLUGIN, TRACE_PLUGIN_NAME, TRACE_VARIABLE, observed};
pub use reduce::{
    REDUCE_PACKAGE, REDUCE_PLUGIN, REDUCE_VARIABLE, ReduceAnswer, ReduceJob, ReducePart,
    reduce_job, reduced,
};
pub use run::{Error, Finished, Runnable, run, run_blocking};
pub use state::{STATE_PLUGIN, STATE_PLUGIN_NAME, STATE_VARIABLE, State, other_value, states};

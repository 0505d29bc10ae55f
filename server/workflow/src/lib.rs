//! CI configuration to jobs, steps and variables, and its join with a log.
//!
//! The log speaks first; the configuration fills in what the log does not say. Every fact keeps its origin.
//!
//! It reads the workspace only through [`text::Workspace`]; it never asks a CI service.

mod candidates;
mod command;
mod container;
mod contexts;
mod data;
mod environment;
mod expression;
mod files;
mod fit;
mod gitlab;
mod job_list;
mod jobs;
mod matrix;
mod model;
mod obstacles;
mod other;
mod resolve;
mod steps;
mod wrapper;
mod yaml;

pub use files::Files;
pub use jobs::jobs_of;
pub use model::*;

/// What is known of the job that a step of a log belongs to, best candidate first. Never empty: without any
/// configuration that fits, the one answer holds what the log says alone.
pub fn join(
    log: &log::Log,
    step: Option<usize>,
    workspace: &dyn text::Workspace,
    config: &Config,
) -> Vec<JobConfiguration> {
    join_in(&Files::new(workspace), log, step, config)
}

/// The same with files that are parsed already: for many steps and logs of one workspace.
pub fn join_in(
    files: &Files<'_>,
    log: &log::Log,
    step: Option<usize>,
    config: &Config,
) -> Vec<JobConfiguration> {
    let step = step
        .filter(|&idx| idx < log.steps.len())
        .or_else(|| resolve::test_step(log));
    let (found, problems) = candidates::find(log, step, files);
    let mut answers: Vec<JobConfiguration> = found
        .iter()
        .filter(|candidate| candidate.is_firm)
        .take(MAX_ANSWERS)
        .map(|candidate| resolve::resolve(candidate, log, step, files, config))
        .collect();
    if answers.is_empty() {
        answers.push(resolve::log_alone(log, step, files, config));
    }
    for answer in &mut answers {
        for problem in &problems {
            if !answer.problems.contains(problem) {
                answer.problems.push(problem.clone());
            }
        }
    }
    answers
}

/// How many candidates are told.
const MAX_ANSWERS: usize = 5;

//! The jobs of one configuration file without any log.

use std::sync::Arc;

use log::{Ci, Log};

use crate::candidates::Candidate;
use crate::contexts;
use crate::files::Files;
use crate::{Config, JobConfiguration, matrix, resolve};

/// What each job of a GitHub workflow gives its steps, in the order of the file. Of a matrix, only what all legs share is
/// known; inputs and secrets are not. One file a call: who lists many files pays for those that are looked at.
pub fn jobs_of(
    path: &str,
    workspace: &dyn text::Workspace,
    config: &Config,
) -> Vec<JobConfiguration> {
    let files = Files::new(workspace);
    let Some(file) = files.yaml(path) else {
        return Vec::new();
    };
    let log = Log {
        ci: Ci::GitHub,
        ..Log::default()
    };
    let jobs = file.root().and_then(|root| root.get("jobs")).cloned();
    let entries = jobs.as_ref().map_or(&[][..], |jobs| jobs.entries());
    entries
        .iter()
        .map(|entry| {
            let mut contexts = contexts::of_log(&log);
            let (legs, _) = matrix::legs(entry.value.at(&["strategy", "matrix"]), &contexts);
            let mut legs = legs.into_iter();
            let mut leg = legs.next().unwrap_or_default();
            legs.for_each(|other| matrix::blur(&mut leg, &other));
            contexts.set("matrix", matrix::context(&leg));
            let candidate = Candidate {
                file: Arc::clone(&file),
                job: entry.key.clone(),
                line: file.source.line(entry.key_span.start),
                node: Arc::clone(&entry.value),
                leg,
                contexts,
                why: vec!["it stands in the file".to_owned()],
                problems: Vec::new(),
                score: 0,
                is_firm: true,
                around: Vec::new(),
            };
            resolve::resolve(&candidate, &log, None, &files, config)
        })
        .collect()
}

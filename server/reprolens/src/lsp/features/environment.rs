//! The environment of a failure of a log, joined with the workspace's CI configuration: as `failures --env` has it.

use std::path::Path;
use std::sync::Arc;

use log::Log;
use repro::Evidence;
use text::Variable;

use crate::lsp::cache::{Same, StepOf};
use crate::lsp::overlay::Overlay;
use crate::lsp::snapshot::Snapshot;

/// What is known of a failure. Failures of one step share their environment, so it is looked up once for all of them.
pub(crate) fn environment_of(
    snapshot: &Snapshot,
    workspace: &Overlay<'_>,
    path: Option<&Path>,
    log: &Arc<Log>,
    failure: usize,
) -> Option<Arc<Evidence>> {
    let config = snapshot.config_or_defaults(workspace);
    let name = path.map_or_else(String::new, |path| {
        let relative = workspace.relative(path);
        relative.unwrap_or_else(|| path.display().to_string())
    });
    let of = log.failures.get(failure)?;
    let step = StepOf {
        log: name.clone(),
        step: of.step,
        session: of.session,
    };
    let key = (Same(log.clone()), Same(config.clone()));
    snapshot
        .caches
        .environments
        .get(step, key, workspace, |files| {
            crate::evidence::of_failure(files, &config, &name, log, failure).map(Arc::new)
        })
}

/// The variables of the job: those of the configuration; without one, what the log says.
pub(crate) fn variables(evidence: &Evidence) -> impl Iterator<Item = &Variable> {
    let configured = evidence.configurations.first();
    let logged = Some(evidence).filter(|_| configured.is_none());
    let of_step = logged
        .and_then(|evidence| evidence.step.as_ref())
        .into_iter()
        .flat_map(|step| &step.env);
    let of_container = logged
        .into_iter()
        .flat_map(|evidence| &evidence.job.container_env);
    configured
        .into_iter()
        .flat_map(|it| &it.variables)
        .chain(of_step)
        .chain(of_container)
}

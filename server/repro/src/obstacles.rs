//! What of CI's run cannot be had here, without what can: a path below CI's checkout is one below the workspace, and a Python of
//! the same version is the same Python.

use workflow::{Obstacle, ObstacleKind};

use crate::environment::{self, State};
use crate::places::{Places, WORKSPACE};
use crate::{Evidence, environment::Export};

/// The obstacles of the best candidate that are left. `python` is the version that the repro runs with here, where it is known.
pub fn obstacles(evidence: &Evidence, python: Option<&str>) -> Vec<Obstacle> {
    let Some(configuration) = evidence.configurations.first() else {
        return Vec::new();
    };
    let places = Places::of(evidence);
    let exports = environment::exports(evidence, "", &places);
    let is_here = |obstacle: &Obstacle| match obstacle.kind {
        ObstacleKind::Path => exports
            .iter()
            .any(|export| is_mapped(export, &obstacle.what)),
        ObstacleKind::Python => python
            .is_some_and(|version| obstacle.what.strip_prefix("Python ") == Some(version.trim())),
        _ => false,
    };
    configuration
        .obstacles
        .iter()
        .filter(|obstacle| !is_here(obstacle))
        .cloned()
        .collect()
}

/// Whether the script sets the variable to a folder of the workspace.
fn is_mapped(export: &Export<'_>, what: &str) -> bool {
    let State::Set(line) = &export.state else {
        return false;
    };
    line.contains(&format!("=\"${WORKSPACE}"))
        && what
            .strip_prefix(export.variable.name.as_str())
            .is_some_and(|rest| rest.starts_with('='))
}

//! The commands of `workspace/executeCommand`: their names, titles and arguments. What they do is `run_command`'s.
//!
//! Arguments are what a person could type too (Helix has only that): a file by URI or path, a failure by node id, by a
//! unique part of one, or by its 1-based number.

use serde_json::Value;
use tower_lsp::ls_types::{Command, Uri};

pub(crate) const GENERATE: &str = "reprolens.generate";
pub(crate) const REPRODUCE: &str = "reprolens.reproduce";
pub(crate) const RUN: &str = "reprolens.run";
pub(crate) const VERIFY: &str = "reprolens.verify";
pub(crate) const MINIMIZE: &str = "reprolens.minimize";
pub(crate) const FIX: &str = "reprolens.fix";
pub(crate) const OPEN_FAILING_LINE: &str = "reprolens.openFailingLine";
pub(crate) const SHOW_ENVIRONMENT: &str = "reprolens.showEnvironment";
pub(crate) const SHOW_RULE: &str = "reprolens.showRule";
pub(crate) const SHOW_LOG: &str = "reprolens.showLog";
pub(crate) const CANCEL: &str = "reprolens.cancel";
pub(crate) const FAILURES: &str = "reprolens.failures";
pub(crate) const REPROS: &str = "reprolens.repros";

/// Every command; `executeCommandProvider` is made of it.
pub(crate) const ALL: &[&str] = &[
    GENERATE,
    REPRODUCE,
    RUN,
    VERIFY,
    MINIMIZE,
    FIX,
    OPEN_FAILING_LINE,
    SHOW_ENVIRONMENT,
    SHOW_RULE,
    SHOW_LOG,
    CANCEL,
    FAILURES,
    REPROS,
];

/// A command with its arguments, as lenses and actions carry it.
pub(crate) fn command(title: String, name: &str, arguments: Vec<Value>) -> Command {
    Command {
        title,
        command: name.to_owned(),
        arguments: Some(arguments),
    }
}

/// The arguments that name a failure of a log: by its id, or by its number where another one has the same id (an error in
/// the test and one in its teardown).
pub(crate) fn failure_arguments(uri: &Uri, log: &log::Log, index: usize) -> Vec<Value> {
    let failure = &log.failures[index];
    let same = log
        .failures
        .iter()
        .filter(|other| other.id == failure.id)
        .count();
    let selector = if same == 1 && !failure.id.is_empty() {
        Value::from(failure.id.as_str())
    } else {
        Value::from(index + 1)
    };
    vec![Value::from(uri.as_str()), selector]
}

//! A test of the workspace, run here as a person would run it: its log then stands for CI's.
//!
//! It blocks, prints nothing and knows no face.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use text::Workspace;
use thiserror::Error;

use crate::config::Config;
use crate::files::{FilesError, LogSource, write_atomically};
use crate::generate::{Job, LogInput};

/// How long a test that a person asked for may take.
const LONGEST_TEST: Duration = Duration::from_secs(3600);

/// How much of its output is kept.
const LARGEST_LOG: u64 = 256 << 20;

/// Activates the first environment of its arguments that is there, and runs pytest with those behind `--`: the same order as
/// `run_test.sh` has.
const SCRIPT: &str = r#"
while [ "$1" != -- ]; do
    if [ -z "$active" ] && [ -f "$1/bin/activate" ]; then . "$1/bin/activate" && active=1; fi
    shift
done
shift
# As a module: what is imported from the current folder is then found, as it is in most CI scripts. The log tells the command.
set -x
exec python3 -m pytest "$@"
"#;

/// Which test to run.
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a dyn Workspace,
    /// The workspace's folder.
    pub(crate) root: &'a Path,
    pub(crate) config: &'a Config,
    /// The test's file, relative to the workspace.
    pub(crate) file: &'a str,
    /// `TestClass::test_name`.
    pub(crate) test: &'a str,
}

/// What the run gave.
pub(crate) enum Ran {
    /// It failed. Its log is in the repro folder of that name.
    Failed { log: LogInput, folder: String },
    /// No test failed, as far as its output tells.
    NotFailed {
        exit_code: Option<i32>,
        output: PathBuf,
    },
}

/// Why nothing was run.
#[derive(Debug, Error)]
pub(crate) enum ReproduceError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("the run could not be started")]
    Run(#[from] runner::Error),
    #[error("cancelled")]
    Cancelled,
}

/// Runs the test; where it fails, its log is kept in a repro folder.
pub(crate) fn reproduce(request: &Request<'_>, job: Job<'_>) -> Result<Ran, ReproduceError> {
    // Of its own: two tests can run at once.
    static RUNS: AtomicU32 = AtomicU32::new(1);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let output = std::env::temp_dir()
        .join(format!("reprolens-{}", std::process::id()))
        .join(format!("local-{run}.log"));
    write_atomically(&output, b"")?;
    let finished = runner::run_blocking(
        &runnable(request),
        &request.config.runner,
        &output,
        LARGEST_LOG,
        job.cancelled,
    )?;
    if finished.cancelled {
        return Err(ReproduceError::Cancelled);
    }
    let log = LogSource::File(output.clone()).parse(&mut |_| true)?;
    let log = Arc::new(log.unwrap_or_default());
    let Some(first) = log.failures.first() else {
        return Ok(Ran::NotFailed {
            exit_code: finished.exit_code,
            output,
        });
    };
    let folders = request.root.join(&request.config.root);
    let folder = free_name(&folders, &repro::name(first));
    let kept = folders.join(&folder).join("logs/local.log");
    write_atomically(&kept, &crate::files::folders::bytes(&output)?)?;
    let log = LogInput {
        source: LogSource::File(kept),
        log,
        text: None,
    };
    Ok(Ran::Failed { log, folder })
}

/// pytest on that test, from the folder that its project has its configuration in.
fn runnable(request: &Request<'_>) -> runner::Runnable {
    let folder = project(request.workspace, request.file);
    let cwd = request.root.join(folder);
    let within = request
        .file
        .strip_prefix(folder)
        .unwrap_or(request.file)
        .trim_start_matches('/');
    let mut argv = vec!["bash", "-c", SCRIPT, "reprolens"]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let in_root = |venv: &str| request.root.join(venv).display().to_string();
    argv.extend(request.config.venv.iter().map(|venv| in_root(venv)));
    argv.extend(active_environment());
    argv.extend([in_root(".venv"), in_root("venv")]);
    argv.extend(["--", "-rA", "--color=no"].map(str::to_owned));
    argv.push(format!("{within}::{}", request.test));
    runner::Runnable {
        cwd,
        argv,
        env: Vec::new(),
        timeout: LONGEST_TEST,
    }
}

/// The environment that the editor was started in.
#[expect(
    clippy::disallowed_methods,
    reason = "the person's own environment is what a test is run in here"
)]
fn active_environment() -> Option<String> {
    std::env::var("VIRTUAL_ENV").ok()
}

/// The nearest folder above a file that holds pytest's configuration; the workspace itself where none does.
fn project<'a>(workspace: &dyn Workspace, file: &'a str) -> &'a str {
    let configurations = [
        ("pytest.ini", ""),
        ("pyproject.toml", "[tool.pytest"),
        ("tox.ini", "[pytest]"),
        ("setup.cfg", "[tool:pytest]"),
    ];
    let mut folder = file;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        folder = parent;
        let has = |(name, section): &(&str, &str)| {
            let text = workspace.read(&format!("{folder}/{name}"));
            text.is_some_and(|text| text.contains(section))
        };
        if configurations.iter().any(has) {
            return folder;
        }
    }
    ""
}

/// The name, or one with a number behind it where that folder holds CI's logs already: they are about CI's run.
fn free_name(root: &Path, name: &str) -> String {
    let is_free = |name: &str| {
        let logs = crate::files::folders::ci_logs(&root.join(name));
        let is_own = |path: &PathBuf| path.file_name().is_some_and(|name| name == "local.log");
        logs.iter().all(is_own)
    };
    let numbered = (1..1000).map(|number| match number {
        1 => format!("{name}_local"),
        _ => format!("{name}_local_{number}"),
    });
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| is_free(name))
        .unwrap_or_else(|| name.to_owned())
}

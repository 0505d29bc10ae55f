//! A test of the workspace, run here: its log is kept in a repro folder, and the rest goes as from CI's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tower_lsp::ls_types::MessageType;

use super::generate::all;
use super::{Ctx, arguments, document};
use crate::choose;
use crate::config::Config;
use crate::files::{LogSource, write_atomically};
use crate::generate::LogInput;
use crate::lsp::commands;
use crate::lsp::jobs::Done;
use crate::lsp::overlay::Overlay;
use text::Workspace;

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

pub(super) fn start(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    ctx.must_be_trusted()?;
    let path = arguments::file(&ctx.snapshot, arguments, "name a test file, by URI or path")?;
    let test = arguments
        .get(1)
        .and_then(Value::as_str)
        .context("name a test of the file, such as TestClass::test_name")?
        .to_owned();
    let snapshot = ctx.snapshot.clone();
    let title = format!("Running {test}");
    Ok(Some(ctx.start(
        commands::REPRODUCE,
        title,
        move |reporter| {
            let overlay = snapshot.workspace_of(&path);
            let config = snapshot.config(&overlay)?;
            let relative = overlay
                .relative(&path)
                .with_context(|| format!("{} is outside of the workspace", path.display()))?;
            let id = format!("{relative}::{test}");
            let output = std::env::temp_dir()
                .join(format!("reprolens-{}", std::process::id()))
                .join("local.log");
            write_atomically(&output, b"")?;
            let runnable = runnable(&overlay, &config, &relative, &test);
            let finished = reporter.with_job(|job| {
                (job.progress)(&id);
                runner::run_blocking(
                    &runnable,
                    &config.runner,
                    &output,
                    LARGEST_LOG,
                    job.cancelled,
                )
            })?;
            anyhow::ensure!(!finished.cancelled, "cancelled");
            let log = snapshot.caches.log(&output)?;
            let Some(first) = log.failures.first() else {
                let (kind, told) = match finished.exit_code {
                    Some(0) => (MessageType::INFO, "it does not fail here".to_owned()),
                    Some(code) => (
                        MessageType::WARNING,
                        format!("pytest ended with status {code} and no failure of a test; see its output"),
                    ),
                    None => (MessageType::WARNING, "it was ended before it told anything".to_owned()),
                };
                let mut done = Done::new(kind, format!("{id}: {told}"));
                done.show = document(&snapshot, &output, None);
                return Ok(done);
            };
            let root = overlay.root();
            let name = free_name(&root.join(&config.root), &repro::name(first));
            let kept = root.join(&config.root).join(&name).join("logs/local.log");
            let bytes = crate::files::folders::bytes(&output)?;
            write_atomically(&kept, &bytes)?;
            let chosen = choose::one_of_each(&[&log]);
            let input = LogInput {
                source: LogSource::File(kept),
                log: log.clone(),
                text: None,
            };
            let name = (chosen.len() == 1).then_some(name);
            all(&snapshot, reporter, Some(&path), &[input], &chosen, name.as_deref())
        },
    )))
}

/// pytest on that test, from the folder that its project has its configuration in.
fn runnable(workspace: &Overlay<'_>, config: &Config, file: &str, test: &str) -> runner::Runnable {
    let folder = project(workspace, file);
    let cwd = workspace.root().join(folder);
    let within = file
        .strip_prefix(folder)
        .unwrap_or(file)
        .trim_start_matches('/');
    let mut argv = vec!["bash", "-c", SCRIPT, "reprolens"]
        .into_iter()
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let in_root = |venv: &str| workspace.root().join(venv).display().to_string();
    argv.extend(config.venv.iter().map(|venv| in_root(venv)));
    argv.extend(active_environment());
    argv.extend([in_root(".venv"), in_root("venv")]);
    argv.extend(["--", "-rA", "--color=no"].map(str::to_owned));
    argv.push(format!("{within}::{test}"));
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
fn project<'a>(workspace: &Overlay<'_>, file: &'a str) -> &'a str {
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

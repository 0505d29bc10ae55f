//! What the commands do. Each answers at once; what takes long is a job.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};
use tower_lsp::Client;
use tower_lsp::ls_types::{MessageType, Range, ShowDocumentParams, Uri};

use super::commands;
use super::convert::{self, line_start};
use super::features::log_file;
use super::folder;
use super::jobs::{Done, Jobs, Reporter, show_document};
use super::kind::Kind;
use super::page;
use super::places::Places;
use super::publish::Changed;
use super::snapshot::Snapshot;
use crate::files::{DiskWorkspace, LogSource};
use crate::{generate, minimize, verify};

/// How long a test that a person asked for may take.
const LONGEST_TEST: std::time::Duration = std::time::Duration::from_secs(3600);

/// How much of its output is kept.
const LARGEST_LOG: u64 = 256 << 20;

/// What a command works with.
pub(crate) struct Ctx {
    pub(crate) client: Client,
    pub(crate) snapshot: Snapshot,
    pub(crate) jobs: Jobs,
    pub(crate) changed: tokio::sync::mpsc::UnboundedSender<Changed>,
}

/// Runs a command; the error's text is the answer to the client.
pub(crate) fn run(ctx: Ctx, name: &str, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    match name {
        commands::GENERATE => start_generate(ctx, arguments),
        commands::REPRODUCE => start_reproduce(ctx, arguments),
        commands::RUN => start_verify(ctx, arguments, true),
        commands::VERIFY => start_verify(ctx, arguments, false),
        commands::MINIMIZE => start_minimize(ctx, arguments),
        commands::FIX => fix(&ctx, arguments),
        commands::OPEN_FAILING_LINE => open_failing_line(&ctx, arguments),
        commands::SHOW_ENVIRONMENT => {
            let (log, _) = log_of(&ctx.snapshot, arguments)?;
            let page = page::environment(&log.log, one_failure(&log.log, arguments)?);
            show_page(&ctx, "environment", page)
        }
        commands::SHOW_LOG => {
            let (log, _) = log_of(&ctx.snapshot, arguments)?;
            show_page(&ctx, "log", page::log(&log.source.name(), &log.log))
        }
        commands::SHOW_RULE => {
            let id = arguments
                .first()
                .and_then(Value::as_str)
                .context("name a rule, such as ENV001")?;
            let page = checklist::page(id).with_context(|| format!("there is no rule {id}"))?;
            show_page(&ctx, id, page)
        }
        commands::CANCEL => {
            match arguments
                .first()
                .and_then(Value::as_i64)
                .and_then(|number| i32::try_from(number).ok())
            {
                Some(number) => ctx.jobs.cancel(number),
                None => drop(ctx.jobs.cancel_all()),
            }
            Ok(None)
        }
        commands::FAILURES => {
            let (log, path) = log_of(&ctx.snapshot, arguments)?;
            Ok(Some(failures(&ctx.snapshot, &log.log, path.as_deref())))
        }
        commands::REPROS => Ok(Some(repros(&ctx.snapshot))),
        other => bail!("there is no command {other}"),
    }
}

/// The failures of a log, for a client's own views.
fn failures(snapshot: &Snapshot, log: &log::Log, path: Option<&Path>) -> Value {
    let workspace = path.map(|path| snapshot.workspace_of(path));
    let places = workspace
        .as_ref()
        .map(|workspace| Places::new(workspace, log));
    let failures: Vec<Value> = log
        .failures
        .iter()
        .enumerate()
        .map(|(index, failure)| {
            let location = failure.location.as_ref().map(|frame| {
                let file = places.as_ref().and_then(|places| places.absolute(&frame.path));
                json!({
                    "path": frame.path,
                    "line": frame.line,
                    "uri": file.and_then(|file| convert::uri(&file)).map(|uri| uri.as_str().to_owned()),
                })
            });
            json!({
                "number": index + 1,
                "id": failure.id,
                "title": log_file::title(failure),
                "summary": log_file::summary(failure),
                "line": failure.line,
                "location": location,
            })
        })
        .collect();
    json!({
        "version": 1,
        "ci": log.ci.name(),
        "job": log.job.name.as_ref().map(|name| &name.text),
        "recognised": log.recognised,
        "failures": failures,
    })
}

/// The repro folders below the configured roots, with what is known of their last run.
fn repros(snapshot: &Snapshot) -> Value {
    let mut repros = Vec::new();
    for root in snapshot.roots.iter() {
        use text::Workspace;
        let workspace = super::overlay::Overlay::new(root, snapshot);
        let Ok(config) = snapshot.config(&workspace) else {
            continue;
        };
        for name in workspace
            .list(&config.root)
            .iter()
            .filter_map(|name| name.strip_suffix('/'))
        {
            let dir = root.join(&config.root).join(name);
            let outcome = snapshot
                .caches
                .log(&dir.join("logs/reproduction.log"))
                .ok()
                .map(|log| {
                    if log.failures.is_empty() {
                        "passed"
                    } else {
                        "failed"
                    }
                });
            let logs = workspace.list(&format!("{}/{name}/logs", config.root));
            repros.push(json!({
                "name": name,
                "uri": convert::uri(&dir).map(|uri| uri.as_str().to_owned()),
                "hasScript": dir.join("run_test.sh").is_file(),
                "logs": logs,
                "outcome": outcome,
            }));
        }
    }
    json!({"version": 1, "repros": repros})
}

fn start_generate(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let (input, path) = log_of(&ctx.snapshot, arguments)?;
    if input.log.failures.is_empty() {
        bail!("{} holds no pytest failure", input.source.name());
    }
    let chosen = match arguments.get(1) {
        None | Some(Value::Null) => (0..input.log.failures.len()).collect(),
        Some(_) => vec![one_failure(&input.log, arguments)?],
    };
    let base = path.unwrap_or_else(|| ctx.snapshot.roots.first().cloned().unwrap_or_default());
    let title = match chosen.as_slice() {
        [one] => format!(
            "Generating a repro of {}",
            log_file::title(&input.log.failures[*one])
        ),
        several => format!("Generating {} repros", several.len()),
    };
    let snapshot = ctx.snapshot.clone();
    let trusted = snapshot.abilities.trusted;
    Ok(Some(start(ctx, title, move |reporter| {
        let overlay = snapshot.workspace_of(&base);
        let config = snapshot.config(&overlay)?;
        let disk = DiskWorkspace::new(overlay.root());
        let mut last = None;
        for failure in chosen {
            let request = generate::Request {
                workspace: &disk,
                config: &config,
                log: &input,
                failure,
                into: None,
                name: None,
                run: trusted,
                force: false,
            };
            last = Some(reporter.with_job(|job| generate::generate(&request, job))?);
        }
        let repro = last.context("nothing was to be generated")?;
        let told = match repro.verified {
            Some(true) => "it fails like CI did".to_owned(),
            Some(false) => "it does not fail like CI did".to_owned(),
            None => match repro.notes.first() {
                Some(note) => format!("not verified: {note}"),
                None => "not verified".to_owned(),
            },
        };
        let kind = if repro.verified == Some(false) {
            MessageType::WARNING
        } else {
            MessageType::INFO
        };
        let shown = repro.test.as_ref().unwrap_or(&repro.readme);
        let mut done = Done::new(
            kind,
            format!("Repro written to {}: {told}", repro.dir.display()),
        );
        done.show = show(&snapshot, shown, None);
        Ok(done)
    })))
}

/// Whether the repro fails like CI did; `Run` shows its output too.
fn start_verify(ctx: Ctx, arguments: &[Value], show_output: bool) -> anyhow::Result<Option<Value>> {
    must_be_trusted(&ctx)?;
    let dir = repro_of(&ctx.snapshot, arguments)?;
    let snapshot = ctx.snapshot.clone();
    let title = format!("Running {}", name(&dir));
    Ok(Some(start(ctx, title, move |reporter| {
        let overlay = snapshot.workspace_of(&dir);
        let config = snapshot.config(&overlay)?;
        let request = verify::Request {
            config: &config,
            folder: &dir,
            runs: 1,
        };
        let verified = reporter.with_job(|job| verify::verify(&request, job))?;
        let reasons: Vec<&str> = verified
            .reasons
            .iter()
            .map(|reason| reason.text.as_str())
            .collect();
        let (kind, told) = match verified.verdict {
            repro::Verdict::Same => (MessageType::INFO, "same as CI".to_owned()),
            other if reasons.is_empty() => (MessageType::WARNING, other.name().to_owned()),
            other => (
                MessageType::WARNING,
                format!("{}: {}", other.name(), reasons.join("; ")),
            ),
        };
        let mut done = Done::new(kind, format!("{}: {told}", name(&dir)));
        done.show = if show_output {
            show(&snapshot, &verified.log, None)
        } else {
            None
        };
        Ok(done)
    })))
}

fn start_minimize(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    must_be_trusted(&ctx)?;
    let dir = repro_of(&ctx.snapshot, arguments)?;
    let snapshot = ctx.snapshot.clone();
    let title = format!("Minimizing {}", name(&dir));
    Ok(Some(start(ctx, title, move |reporter| {
        let overlay = snapshot.workspace_of(&dir);
        let config = snapshot.config(&overlay)?;
        let request = minimize::Request {
            config: &config,
            folder: &dir,
            runs: 60,
        };
        let minimized = reporter.with_job(|job| minimize::minimize(&request, job))?;
        let told = format!(
            "{}: {} lines, {} before; {} variables removed; {} runs",
            name(&dir),
            minimized.lines_after,
            minimized.lines_before,
            minimized.removed_variables.len(),
            minimized.runs
        );
        Ok(Done::new(MessageType::INFO, told))
    })))
}

/// Runs a test of the workspace, keeps its log in a repro folder, and goes on as from CI's.
fn start_reproduce(ctx: Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    must_be_trusted(&ctx)?;
    let named = arguments
        .first()
        .and_then(Value::as_str)
        .context("name a test file, by URI or path")?;
    let test = arguments
        .get(1)
        .and_then(Value::as_str)
        .context("name a test of the file, such as TestClass::test_name")?
        .to_owned();
    let uri: Option<Uri> = named.parse().ok();
    let path = match uri.as_ref().and_then(convert::path) {
        Some(path) => path,
        None => ctx
            .snapshot
            .roots
            .first()
            .map_or_else(|| PathBuf::from(named), |root| root.join(named)),
    };
    let snapshot = ctx.snapshot.clone();
    Ok(Some(start(
        ctx,
        format!("Running {test}"),
        move |reporter| {
            let overlay = snapshot.workspace_of(&path);
            let config = snapshot.config(&overlay)?;
            let relative = overlay
                .relative(&path)
                .with_context(|| format!("{} is outside of the workspace", path.display()))?;
            let root = overlay.root();
            let folder = root.join(&config.root).join(test.replace("::", "-"));
            let output = folder.join("logs/local.log");
            crate::files::write_atomically(&output, b"")?;
            let candidates = config
                .venv
                .iter()
                .map(String::as_str)
                .chain([".venv", "venv"]);
            let python = candidates
                .map(|venv| root.join(venv).join("bin/python"))
                .find(|python| python.is_file());
            let python = python.map_or_else(
                || "python3".to_owned(),
                |python| python.to_string_lossy().into_owned(),
            );
            let id = format!("{relative}::{test}");
            let runnable = runner::Runnable {
                cwd: root.to_owned(),
                argv: [&python, "-m", "pytest", "-rA", "--color=no", &id]
                    .map(str::to_owned)
                    .to_vec(),
                env: Vec::new(),
                timeout: LONGEST_TEST,
            };
            reporter.with_job(|job| {
                (job.progress)(&id);
                runner::run_blocking(
                    &runnable,
                    &config.runner,
                    &output,
                    LARGEST_LOG,
                    job.cancelled,
                )
            })?;
            let log = snapshot.caches.log(&output)?;
            if log.failures.is_empty() {
                let mut done = Done::new(MessageType::INFO, format!("{id} does not fail here"));
                done.show = show(&snapshot, &output, None);
                return Ok(done);
            }
            let input = generate::LogInput {
                source: LogSource::File(output),
                log,
                text: None,
            };
            let disk = DiskWorkspace::new(root);
            let request = generate::Request {
                workspace: &disk,
                config: &config,
                log: &input,
                failure: 0,
                into: None,
                name: Some(name(&folder)),
                run: true,
                force: false,
            };
            let repro = reporter.with_job(|job| generate::generate(&request, job))?;
            let mut done = Done::new(
                MessageType::INFO,
                format!("Repro written to {}", repro.dir.display()),
            );
            done.show = show(
                &snapshot,
                repro.test.as_ref().unwrap_or(&repro.readme),
                None,
            );
            Ok(done)
        },
    )))
}

/// What edits cannot do.
fn fix(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let uri: Uri = arguments
        .first()
        .and_then(Value::as_str)
        .context("name a file by its URI")?
        .parse()?;
    let path = convert::path(&uri).with_context(|| format!("{} is no file", uri.as_str()))?;
    match arguments.get(1).and_then(Value::as_str) {
        Some("make-executable") => {
            if Kind::of(&path, "") != Kind::Script {
                bail!("only a repro's run_test.sh is made executable");
            }
            crate::files::make_executable(&path)?;
            drop(ctx.changed.send(Changed::Everything));
            Ok(None)
        }
        other => bail!("the fix {} is not known", other.unwrap_or_default()),
    }
}

fn must_be_trusted(ctx: &Ctx) -> anyhow::Result<()> {
    if ctx.snapshot.abilities.trusted {
        return Ok(());
    }
    Err(anyhow!(
        "this workspace is not trusted, so nothing of it is run; trust it in the editor first"
    ))
}

fn open_failing_line(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let (log, path) = log_of(&ctx.snapshot, arguments)?;
    let failure = &log.log.failures[one_failure(&log.log, arguments)?];
    let workspace = ctx
        .snapshot
        .workspace_of(path.as_deref().unwrap_or(Path::new("/")));
    let places = Places::new(&workspace, &log.log);
    let frames = failure.location.iter().chain(failure.frames.iter().rev());
    let (path, line) = frames
        .into_iter()
        .find_map(|frame| Some((places.absolute(&frame.path)?, frame.line)))
        .with_context(|| format!("no file of {}'s traceback is in the workspace", failure.id))?;
    if let Some(params) = show(&ctx.snapshot, &path, Some(line_start(line))) {
        let (client, abilities) = (ctx.client.clone(), ctx.snapshot.abilities.clone());
        tokio::spawn(async move { show_document(&client, &abilities, params).await });
    }
    let uri = ctx.snapshot.uri_of(&path);
    Ok(Some(
        json!({"uri": uri.map(|uri| uri.as_str().to_owned()), "line": line}),
    ))
}

/// A page goes to the client as the answer, and is opened as a file by those that have no view for it.
fn show_page(ctx: &Ctx, name: &str, markdown: String) -> anyhow::Result<Option<Value>> {
    if !ctx.snapshot.abilities.views {
        let file = std::env::temp_dir()
            .join(format!("reprolens-{}", std::process::id()))
            .join(format!("{name}.md"));
        crate::files::write_atomically(&file, markdown.as_bytes())?;
        if let Some(params) = show(&ctx.snapshot, &file, None) {
            let (client, abilities) = (ctx.client.clone(), ctx.snapshot.abilities.clone());
            tokio::spawn(async move { show_document(&client, &abilities, params).await });
        }
    }
    Ok(Some(json!({"page": name, "markdown": markdown})))
}

fn start(
    ctx: Ctx,
    title: String,
    work: impl FnOnce(&Reporter) -> anyhow::Result<Done> + Send + 'static,
) -> Value {
    let abilities = ctx.snapshot.abilities.clone();
    let (changed, client) = (ctx.changed.clone(), ctx.client.clone());
    let refreshes = abilities.refreshes_lenses;
    let after = move || {
        // The receiver is gone only when the server is.
        drop(changed.send(Changed::Everything));
        if refreshes {
            tokio::spawn(async move { client.code_lens_refresh().await });
        }
    };
    let number = ctx.jobs.start(&ctx.client, &abilities, title, work, after);
    json!({"job": number})
}

/// The log that the first argument names: the open document, or the file of the disk, however large.
fn log_of(
    snapshot: &Snapshot,
    arguments: &[Value],
) -> anyhow::Result<(generate::LogInput, Option<PathBuf>)> {
    let named = arguments
        .first()
        .and_then(Value::as_str)
        .context("name a log: its URI or its path")?;
    let uri: Option<Uri> = named.parse().ok();
    let open = uri
        .as_ref()
        .and_then(|uri| Some((uri, snapshot.open.get(uri)?)));
    let path = match &uri {
        Some(uri) if uri.scheme().as_str() == "file" => convert::path(uri),
        Some(_) if open.is_some() => None,
        _ => Some(
            snapshot
                .roots
                .first()
                .map_or_else(|| PathBuf::from(named), |root| root.join(named)),
        ),
    };
    let open = open
        .or_else(|| snapshot.open_at(path.as_deref()?))
        .map(|(_, document)| document);
    if let Some(document) = open.filter(|document| document.kind == Kind::Log) {
        let source = LogSource::File(
            path.clone()
                .unwrap_or_else(|| PathBuf::from("untitled.log")),
        );
        let text = Arc::from(document.text.text.as_bytes());
        return Ok((
            generate::LogInput {
                source,
                log: document.text.log().clone(),
                text: Some(text),
            },
            path,
        ));
    }
    let path = path.with_context(|| format!("{named} is no file and not open"))?;
    let log = snapshot.caches.log(&path)?;
    Ok((
        generate::LogInput {
            source: LogSource::File(path.clone()),
            log,
            text: None,
        },
        Some(path),
    ))
}

/// The failure that the second argument names: its number, its id, or a part of one id alone. Without it, the only one.
fn one_failure(log: &log::Log, arguments: &[Value]) -> anyhow::Result<usize> {
    let count = log.failures.len();
    let number = |number: u64| {
        let index = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1))
            .filter(|index| *index < count);
        index.with_context(|| format!("there is no failure {number}, the log holds {count}"))
    };
    match arguments.get(1) {
        None | Some(Value::Null) if count == 1 => Ok(0),
        None | Some(Value::Null) => {
            bail!("the log holds {count} failures; name one by its id or number")
        }
        Some(Value::Number(named)) => number(named.as_u64().unwrap_or_default()),
        Some(Value::String(named)) => {
            if let Some(exact) = log.failures.iter().position(|failure| failure.id == *named) {
                return Ok(exact);
            }
            if let Ok(named) = named.parse() {
                return number(named);
            }
            let all = log.failures.iter().enumerate();
            let parts: Vec<usize> = all
                .filter(|(_, failure)| failure.id.contains(named))
                .map(|(index, _)| index)
                .collect();
            match parts.as_slice() {
                [one] => Ok(*one),
                [] => bail!("no failure of the log is {named}"),
                several => bail!(
                    "{} failures of the log contain {named}; name one of them in full",
                    several.len()
                ),
            }
        }
        Some(other) => bail!("a failure is named by its id or number, not by {other}"),
    }
}

/// The repro folder that the first argument names, or a file of which.
fn repro_of(snapshot: &Snapshot, arguments: &[Value]) -> anyhow::Result<PathBuf> {
    let named = arguments
        .first()
        .and_then(Value::as_str)
        .context("name a repro folder, or a file of one")?;
    let uri: Option<Uri> = named.parse().ok();
    let path = match uri.as_ref().and_then(convert::path) {
        Some(path) => path,
        None => snapshot
            .roots
            .first()
            .map_or_else(|| PathBuf::from(named), |root| root.join(named)),
    };
    let path: PathBuf = path.components().collect();
    if path.join("run_test.sh").is_file() {
        return Ok(path);
    }
    let workspace = snapshot.workspace_of(&path);
    let config = snapshot.config(&workspace)?;
    folder::folder_of(&workspace, &config, &path)
        .with_context(|| format!("{} is in no repro folder", path.display()))
}

fn show(snapshot: &Snapshot, path: &Path, selection: Option<Range>) -> Option<ShowDocumentParams> {
    Some(ShowDocumentParams {
        uri: snapshot.uri_of(path)?,
        external: Some(false),
        take_focus: Some(true),
        selection,
    })
}

fn name(dir: &Path) -> String {
    dir.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

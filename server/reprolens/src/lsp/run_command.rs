//! What the commands do. Each answers at once; what takes long is a job.

mod arguments;
mod fix;
mod generate;
mod reproduce;
mod runs;
mod show;
mod views;

use std::path::Path;

use anyhow::{anyhow, bail};
use serde_json::{Value, json};
use tower_lsp::Client;
use tower_lsp::ls_types::{Range, ShowDocumentParams};

use super::commands;
use super::jobs::{Done, Jobs, Reporter};
use super::publish::Changed;
use super::snapshot::Snapshot;

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
        commands::GENERATE => generate::start(ctx, arguments),
        commands::REPRODUCE => reproduce::start(ctx, arguments),
        commands::RUN => runs::verify(ctx, arguments, true),
        commands::VERIFY => runs::verify(ctx, arguments, false),
        commands::MINIMIZE => runs::minimize(ctx, arguments),
        commands::FIX => fix::fix(&ctx, arguments),
        commands::OPEN_FAILING_LINE => show::failing_line(&ctx, arguments),
        commands::SHOW_ENVIRONMENT => show::environment(&ctx, arguments),
        commands::SHOW_LOG => show::log(&ctx, arguments),
        commands::SHOW_RULE => show::rule(&ctx, arguments),
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
        commands::FAILURES => views::failures(&ctx.snapshot, arguments).map(Some),
        commands::REPROS => Ok(Some(views::repros(&ctx.snapshot))),
        other => bail!("there is no command {other}"),
    }
}

impl Ctx {
    fn must_be_trusted(&self) -> anyhow::Result<()> {
        if self.snapshot.abilities.trusted {
            return Ok(());
        }
        Err(anyhow!(
            "this workspace is not trusted, so nothing of it is run; trust it in the editor first"
        ))
    }

    /// Starts a job of a command; its number is the answer.
    fn start(
        self,
        command: &'static str,
        title: String,
        work: impl FnOnce(&Reporter) -> anyhow::Result<Done> + Send + 'static,
    ) -> Value {
        let changed = self.changed;
        // The receiver is gone only when the server is.
        let after = move || drop(changed.send(Changed::Lenses));
        let abilities = self.snapshot.abilities;
        let number = self
            .jobs
            .start(&self.client, &abilities, command, title, work, after);
        json!({"job": number})
    }
}

fn document(
    snapshot: &Snapshot,
    path: &Path,
    selection: Option<Range>,
) -> Option<ShowDocumentParams> {
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

//! What is shown: the failing line, and pages.

use anyhow::Context;
use serde_json::{Value, json};

use super::{Ctx, arguments, document};
use crate::files::LogSource;
use crate::lsp::convert::line_start;
use crate::lsp::features::environment::environment_of;
use crate::lsp::jobs::show_document;
use crate::lsp::page;
use crate::lsp::places::Places;

pub(super) fn failing_line(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let named = arguments::log(&ctx.snapshot, arguments)?;
    let logs = arguments::read_logs(&ctx.snapshot, arguments)?;
    let (input, failure) = logs.failure(arguments)?;
    let failure = &input.log.failures[failure];
    let workspace = ctx.snapshot.workspace_of_log(named.path(), &input.log);
    let places = Places::new(&workspace, &input.log);
    let (path, frame) = places.failing_line(failure).with_context(|| {
        let root = workspace.root().display();
        format!("no file of {}'s traceback is in {root}", failure.id)
    })?;
    let line = frame.line;
    if let Some(params) = document(&ctx.snapshot, &path, Some(line_start(line))) {
        let (client, abilities) = (ctx.client.clone(), ctx.snapshot.abilities.clone());
        tokio::spawn(async move { show_document(&client, &abilities, params).await });
    }
    let uri = ctx.snapshot.uri_of(&path);
    Ok(Some(
        json!({"uri": uri.map(|uri| uri.as_str().to_owned()), "line": line}),
    ))
}

pub(super) fn environment(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let named = arguments::log(&ctx.snapshot, arguments)?;
    let logs = arguments::read_logs(&ctx.snapshot, arguments)?;
    let (input, failure) = logs.failure(arguments)?;
    let workspace = ctx.snapshot.workspace_of_log(named.path(), &input.log);
    let known = environment_of(&ctx.snapshot, &workspace, named.path(), &input.log, failure);
    let page = page::environment(&input.log, failure, known.as_deref());
    page_as_answer(ctx, "environment", page)
}

pub(super) fn log(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let logs = arguments::read_logs(&ctx.snapshot, arguments)?.0;
    let pages: Vec<String> = logs
        .iter()
        .map(|input| {
            let file = match &input.source {
                LogSource::File(path) => ctx.snapshot.uri_of(path),
                _ => None,
            };
            page::log(&input.source.name(), file.as_ref(), &input.log)
        })
        .collect();
    page_as_answer(ctx, "log", pages.join("\n"))
}

pub(super) fn rule(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let id = arguments
        .first()
        .and_then(Value::as_str)
        .context("name a rule, such as ENV001")?;
    let page = checklist::page(id).with_context(|| format!("there is no rule {id}"))?;
    page_as_answer(ctx, id, page)
}

/// A page goes to the client as the answer, and is opened as a file by those that have no view for it.
fn page_as_answer(ctx: &Ctx, name: &str, markdown: String) -> anyhow::Result<Option<Value>> {
    if !ctx.snapshot.abilities.views {
        let file = std::env::temp_dir()
            .join(format!("reprolens-{}", std::process::id()))
            .join(format!("{name}.md"));
        crate::files::write_atomically(&file, markdown.as_bytes())?;
        if let Some(params) = document(&ctx.snapshot, &file, None) {
            let (client, abilities) = (ctx.client.clone(), ctx.snapshot.abilities.clone());
            tokio::spawn(async move { show_document(&client, &abilities, params).await });
        }
    }
    Ok(Some(json!({"page": name, "markdown": markdown})))
}

//! What is shown: the failing line, and pages.

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use super::{Ctx, arguments, document};
use crate::lsp::convert::line_start;
use crate::lsp::features::environment::environment_of;
use crate::lsp::jobs::show_document;
use crate::lsp::page;
use crate::lsp::places::Places;

pub(super) fn failing_line(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let input = arguments::read_log(&ctx.snapshot, arguments)?;
    let failure = &input.log.failures[arguments::failure(&input.log, arguments)?];
    let path = arguments::log(&ctx.snapshot, arguments)?;
    let workspace = ctx
        .snapshot
        .workspace_of(path.path().unwrap_or(Path::new("/")));
    let places = Places::new(&workspace, &input.log);
    let frames = failure.location.iter().chain(failure.frames.iter().rev());
    let (path, line) = frames
        .into_iter()
        .find_map(|frame| Some((places.absolute(&frame.path)?, frame.line)))
        .with_context(|| format!("no file of {}'s traceback is in the workspace", failure.id))?;
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
    let input = arguments::read_log(&ctx.snapshot, arguments)?;
    let failure = arguments::failure(&input.log, arguments)?;
    let path = arguments::log(&ctx.snapshot, arguments)?;
    let workspace = ctx
        .snapshot
        .workspace_of(path.path().unwrap_or(Path::new("/")));
    let known = environment_of(&ctx.snapshot, &workspace, path.path(), &input.log, failure);
    let page = page::environment(&input.log, failure, known.as_deref());
    page_as_answer(ctx, "environment", page)
}

pub(super) fn log(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let input = arguments::read_log(&ctx.snapshot, arguments)?;
    page_as_answer(ctx, "log", page::log(&input.source.name(), &input.log))
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

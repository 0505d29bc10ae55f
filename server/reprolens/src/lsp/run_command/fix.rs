//! Fixes as a command: what edits cannot do, and all safe fixes of a folder at once.

use anyhow::{Context, bail};
use serde_json::Value;

use super::{Ctx, arguments};
use crate::lsp::features::folder_actions;
use crate::lsp::kind::Kind;
use crate::lsp::publish::Changed;

/// `make-executable` changes the file's mode. Without a second argument, every safe fix of the folder goes to the client as
/// one edit.
pub(super) fn fix(ctx: &Ctx, arguments: &[Value]) -> anyhow::Result<Option<Value>> {
    let path = arguments::file(
        &ctx.snapshot,
        arguments,
        "name a repro folder, or a file of one",
    )?;
    match arguments.get(1).and_then(Value::as_str) {
        Some("make-executable") => {
            if Kind::of(&path, "") != Kind::Script {
                bail!("only a repro's run_test.sh is made executable");
            }
            crate::files::make_executable(&path)?;
            drop(ctx.changed.send(Changed::Everything));
            Ok(None)
        }
        Some(other) => bail!("the fix {other} is not known"),
        None => {
            let dir = arguments::repro(&ctx.snapshot, arguments)?;
            let fixed = folder_actions::fixed(&ctx.snapshot, &dir.join("run_test.sh"), None)
                .with_context(|| format!("{} is no repro folder", dir.display()))?;
            if fixed.makes_executable {
                crate::files::make_executable(&dir.join("run_test.sh"))?;
                drop(ctx.changed.send(Changed::Everything));
            }
            if let Some(edit) = fixed.edit {
                anyhow::ensure!(
                    ctx.snapshot.abilities.applies_edits,
                    "this editor takes no edits from a server; run `reprolens check --fix {}`",
                    dir.display()
                );
                let client = ctx.client.clone();
                // What the client answers, the person sees.
                tokio::spawn(async move { client.apply_edit(edit).await });
            }
            Ok(None)
        }
    }
}

//! Blank lines and imports, of which none is unused.

use std::collections::BTreeSet;

use crate::source::{Module, mentions};

/// The module text of its imports and blocks.
pub(super) fn module(futures: &[String], imports: &[String], blocks: &[String]) -> String {
    let mut text = String::new();
    for line in futures {
        text.push_str(line);
        text.push('\n');
    }
    if !futures.is_empty() {
        text.push('\n');
    }
    let body = blocks.join("\n");
    let (plain, from): (Vec<&String>, Vec<&String>) =
        imports.iter().partition(|line| line.starts_with("import "));
    for line in plain.into_iter().chain(from) {
        if is_used(line, &body) {
            text.push_str(line);
            text.push('\n');
        }
    }
    let mut definition_before = true;
    for block in blocks {
        let definition = is_definition(block);
        if !text.is_empty() {
            let blank = if definition || (definition_before && text_has_blocks(&text)) {
                2
            } else {
                usize::from(definition_before)
            };
            text.push_str(&"\n".repeat(blank));
        }
        text.push_str(block);
        text.push('\n');
        definition_before = definition;
    }
    text
}

fn text_has_blocks(text: &str) -> bool {
    text.lines().any(|line| {
        line.starts_with("def ") || line.starts_with("class ") || line.starts_with("async def ")
    })
}

fn is_definition(block: &str) -> bool {
    ["def ", "class ", "async def ", "@"]
        .iter()
        .any(|start| block.starts_with(start))
}

/// Whether a name that an import statement binds stands anywhere as a word.
pub(super) fn is_used(statement: &str, body: &str) -> bool {
    let code = statement.split('\n').map(|line| line.split('#').next());
    let code: Vec<&str> = code.flatten().collect();
    let code = code.join(" ");
    let is_plain = code.starts_with("import ");
    let names = code.split_once("import ").map_or("", |(_, names)| names);
    let mut bound = names.split(',').filter_map(|name| {
        let name = name.trim_matches(['(', ')', '\\', ' ']);
        let bound = name.rsplit(' ').next().filter(|it| !it.is_empty())?;
        let is_path = is_plain && bound == name;
        Some(if is_path {
            bound.split('.').next().unwrap_or_default()
        } else {
            bound
        })
    });
    bound.any(|bound| bound == "*" || mentions(body, bound).any(|at| !body[..at].ends_with('.')))
}

/// Takes out imports of which no name is left.
pub(crate) fn unused_imports(text: &str) -> String {
    let module = Module::parse("", text.into());
    let mut gone = BTreeSet::new();
    let mut rows = BTreeSet::new();
    for statement in module.statements() {
        let source = module.source(statement);
        let row = statement.start_position().row;
        let line = u32::try_from(row + 1)
            .ok()
            .and_then(|line| module.line_text(line));
        let single = line.is_some_and(|line| line.trim_end() == source);
        if !statement.kind().contains("import") || !single {
            continue;
        }
        rows.insert(row);
    }
    let body: Vec<&str> = text
        .split('\n')
        .enumerate()
        .filter(|(row, _)| !rows.contains(row))
        .map(|(_, line)| line)
        .collect();
    let body = body.join("\n");
    let lines: Vec<&str> = text.split('\n').collect();
    for row in &rows {
        if !lines[*row].contains("__future__") && !is_used(lines[*row], &body) {
            gone.insert(*row);
        }
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut after = false;
    for (row, line) in lines.iter().enumerate() {
        if gone.contains(&row) {
            after = true;
            continue;
        }
        let blank = line.trim().is_empty();
        if blank && after && kept.iter().all(|line| line.trim().is_empty()) {
            continue;
        }
        if !blank {
            after = false;
        }
        kept.push(line);
    }
    kept.join("\n").trim_start_matches('\n').to_owned()
}

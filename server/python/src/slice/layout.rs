//! Blank lines and imports, of which none is unused.

use tree_sitter::Node;

use crate::edits::applied;
use crate::source::{Module, mentions, span};

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
    let module = Module::generated(text);
    let mut imports = module.statements();
    imports.retain(|it| {
        let rows = module.rows(span(*it)).of(text);
        it.kind().contains("import") && rows.trim_end() == module.source(*it)
    });
    let without = |imports: &[Node<'_>]| {
        let rows = imports.iter().map(|it| module.rows(span(*it)));
        applied(text, rows.map(|it| (it, String::new())).collect())
    };
    let body = without(&imports);
    imports.retain(|it| {
        let source = module.source(*it);
        !source.contains("__future__") && !is_used(source, &body)
    });
    without(&imports).trim_start_matches('\n').to_owned()
}

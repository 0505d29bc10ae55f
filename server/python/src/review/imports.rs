//! What a file imports, and which of it nothing uses.

use std::collections::{HashMap, HashSet};

use text::Span;

use super::{Import, Review};
use crate::scope::{BindingKind, Scope};
use crate::source::{Module, span, walk};

pub(super) fn imports(module: &Module, review: &mut Review) {
    let statements = module.statements();
    let scope = Scope::of(module, &statements);
    let mut used: HashSet<&str> = HashSet::new();
    walk(module.root(), |node| {
        match node.kind() {
            "identifier" => {
                used.insert(module.source(node));
            }
            // `__all__ = ["x"]` and annotations in quotes use a name too; one in any string is left alone.
            "string" => {
                let source = module.source(node).trim_start_matches(char::is_alphabetic);
                used.insert(source.trim_matches(['"', '\'']));
            }
            _ => {}
        }
        !matches!(
            node.kind(),
            "import_statement" | "import_from_statement" | "future_import_statement"
        )
    });
    let mut names: HashMap<usize, usize> = HashMap::new();
    for binding in &scope.bindings {
        *names.entry(binding.statement.id()).or_default() += 1;
    }
    for binding in &scope.bindings {
        let BindingKind::Import {
            module: from,
            level,
            name,
        } = &binding.kind
        else {
            continue;
        };
        let statement = span(binding.statement);
        let dotted = format!("{}{from}", ".".repeat(*level));
        review.imports.push((dotted, statement));
        // A fixture is used by its name as an argument, which is an identifier; `from x import y as y` is meant to be seen.
        let is_future =
            from == "__future__" || binding.statement.kind() == "future_import_statement";
        if is_future || used.contains(binding.name) || binding.conditional {
            continue;
        }
        if is_meant(module, statement) {
            continue;
        }
        let alone = names.get(&binding.statement.id()) == Some(&1);
        // A fixture that is brought in for pytest's sake alone, or a module that registers something.
        let registers = name.is_none() && module.source(binding.statement).contains('.');
        if !registers {
            review.unused_imports.push(Import {
                name: binding.name.to_owned(),
                statement,
                alone,
            });
        }
    }
}

/// Whether a comment tells linters that the statement's unused names are meant: `# noqa`, `# noqa: F401`.
fn is_meant(module: &Module, statement: Span) -> bool {
    let rest = &module.text[statement.end..];
    let line = rest.lines().next().unwrap_or_default().to_ascii_lowercase();
    line.split_once("# noqa").is_some_and(|(_, codes)| {
        let listed = codes.trim_start().strip_prefix(':');
        listed.is_none_or(|codes| codes.contains("f401"))
    })
}

//! Blank lines, the order of imports, and nothing unused: the last step.

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

/// Whether the name that an import line binds stands anywhere as a word.
pub(super) fn is_used(line: &str, body: &str) -> bool {
    let bound = line.rsplit(' ').next().unwrap_or_default();
    let bound = if line.starts_with("import ") && !line.contains(" as ") {
        bound.split('.').next().unwrap_or_default()
    } else {
        bound
    };
    body.match_indices(bound).any(|(at, _)| {
        let before = body[..at].chars().next_back();
        let after = body[at + bound.len()..].chars().next();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        !before.is_some_and(|c| word(c) || c == '.') && !after.is_some_and(word)
    })
}

/// Imports of one module on one line, where they fit.
pub(super) fn merge_imports(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.split('\n') {
        if let (Some((from, name)), Some(last)) = (plain_from(line), out.last())
            && let Some((before, _)) = plain_from(last)
            && before == from
            && last.len() + name.len() < 86
        {
            let merged = format!("{last}, {name}");
            out.pop();
            out.push(merged);
        } else {
            out.push(line.to_owned());
        }
    }
    out.join("\n")
}

/// `from x import y` without a comment: the module and the names.
fn plain_from(line: &str) -> Option<(&str, &str)> {
    let (from, names) = line.strip_prefix("from ")?.split_once(" import ")?;
    let plain = !names.contains(['#', '(', '*', '\\', '\u{1}', '\u{2}']) && from != "__future__";
    plain.then_some((from, names))
}

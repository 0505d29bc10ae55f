//! Paths of the workspace that a run printed: those of one machine become relative to the repro.

use crate::edits::{Edit, applied};
use crate::source::{Module, named_children, span, walk};

/// The text with each string that is the path of a file or folder below one of `workspaces` as an expression that begins with `root`;
/// `None` where it has none.
pub(super) fn portable(text: &str, workspaces: &[String], root: &str) -> Option<String> {
    if !workspaces.iter().any(|it| text.contains(it.as_str())) {
        return None;
    }
    let module = Module::generated(text);
    let mut edits: Vec<Edit> = Vec::new();
    walk(module.root(), |node| {
        if node.kind() != "string" {
            return true;
        }
        let content = match named_children(node)[..] {
            [_, content, _] => content,
            _ => return false,
        };
        let path = module.source(content);
        let is_plain = module.source(node).starts_with(['"', '\'']) && !path.contains(['\\', '\n']);
        let below = workspaces.iter().find_map(|workspace| {
            let rest = path.strip_prefix(workspace.trim_end_matches('/'))?;
            rest.strip_prefix('/')
        });
        if let Some(below) = below.filter(|it| is_plain && !it.is_empty()) {
            edits.push((span(node), format!("str({root} / \"{below}\")")));
        }
        false
    });
    (!edits.is_empty()).then(|| applied(text, edits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_checkout_is_relative_to_the_repro() {
        let workspaces = ["/home/runner/work/a/a".to_owned(), "/repo".to_owned()];
        let written = |text| portable(text, &workspaces, "HERE");
        assert_eq!(
            written("a = '/home/runner/work/a/a/tests/x.rst'\nb = [\"/repo/y\"]\n").as_deref(),
            Some("a = str(HERE / \"tests/x.rst\")\nb = [str(HERE / \"y\")]\n")
        );
        for text in [
            "a = '/repository/y'\n",
            "a = '/repo'\n",
            "a = 'see /repo/y'\n",
        ] {
            assert_eq!(written(text), None);
        }
    }
}

//! The file that a piece of code finds its own folder by: `__file__` of the original, not of the repro.

use tree_sitter::Node;

use super::{Bring, Piece};
use crate::project::split;
use crate::slice::test_code::is_outside;
use crate::slice::write::Writer;
use crate::source::{Module, is_label, walk};

/// Writes a name for the original's path where the code asks for its own.
pub(super) fn edit(writer: &mut Writer<'_>, module: &Module) {
    if module.text.contains("__file__") {
        walk(module.root(), |node| {
            if is_own_file(module, node) && !is_read(module, node) {
                writer.edit(node.start_byte(), node.end_byte(), "ORIGINAL_FILE");
            }
            true
        });
    }
}

impl<'s> Bring<'s, '_> {
    /// The workspace's folder, as an expression.
    pub(super) fn workspace_root(&self) -> String {
        let parts = self.destination.split('/');
        let depth = parts.filter(|part| !part.is_empty()).count();
        // The script starts pytest in the workspace.
        match is_outside(&self.destination) {
            true => "Path.cwd()".to_owned(),
            false => format!("Path(__file__).resolve().parents[{depth}]"),
        }
    }

    pub(super) fn original_file(&mut self, module: &'s Module) {
        let (folder, _) = split(&module.path);
        self.imports.insert("from pathlib import Path".to_owned());
        let root = self.workspace_root();
        let text = format!("ORIGINAL_FILE = str({root} / \"{folder}\" / \"original.py\")");
        if !self.pieces.iter().any(|piece| piece.text == text) {
            self.pieces.push(Piece {
                path: module.path.clone(),
                start: 0,
                text,
            });
        }
    }
}

/// Whether this is the module's own `__file__`, not that of another (`tutorial.__file__`).
fn is_own_file(module: &Module, node: Node<'_>) -> bool {
    node.kind() == "identifier" && module.source(node) == "__file__" && !is_label(node)
}

/// Whether a file's own name is given to what opens it: any file that is there serves.
fn is_read(module: &Module, file: Node<'_>) -> bool {
    let call = file.parent().and_then(|list| list.parent());
    call.is_some_and(|call| {
        let function = module.field(call, "function");
        call.kind() == "call" && function.rsplit('.').next() == Some("open")
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::model::{CriterionPhase, Level};
    use crate::slice::tests::check;

    #[test]
    fn the_file_of_another_module_is_asked_of_that_module() {
        check(
            "tests/test_a.py::test_get",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/test_a.py
import os
from docs import tutorial

def test_get():
    <|>assert os.path.dirname(tutorial.__file__) == os.path.dirname(__file__)
"#,
            expect![[r#"
                import os
                from pathlib import Path

                from docs import tutorial

                ORIGINAL_FILE = str(Path(__file__).resolve().parents[3] / "tests" / "original.py")


                def test_one():
                    assert os.path.dirname(tutorial.__file__) == os.path.dirname(ORIGINAL_FILE) #!
            "#]],
        );
    }

    #[test]
    fn a_file_that_is_opened_by_its_own_name() {
        check(
            "tests/test_a.py::test_size",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/test_a.py
from product import size

def test_size():
    handle = open(__file__, "r")
    <|>assert size(handle) == 1
"#,
            expect![[r#"
                from product import size


                def test_one():
                    handle = open(__file__, "r")
                    assert size(handle) == 1 #!
            "#]],
        );
    }
}

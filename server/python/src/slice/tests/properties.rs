//! What holds for any text.

use proptest::prelude::*;
use text::fixture::Fixture;

use crate::model::{Criterion, CriterionFrame, CriterionPhase, Level};
use crate::project::Sources;

/// Whether Python reads a text: the grammar alone passes blocks of nothing, and rows that are further in than their block.
fn is_python(text: &str) -> bool {
    let module = crate::source::Module::generated(text);
    let mut reads = !module.root().has_error();
    crate::source::walk(module.root(), |node| {
        if matches!(node.kind(), "block" | "module") {
            let inner = crate::source::named_children(node);
            let mut columns = inner.iter().map(|it| it.start_position().column);
            let first = columns.next();
            reads &= first.is_some() && columns.all(|column| Some(column) == first);
        }
        reads
    });
    reads
}

proptest! {
    /// Any text gives a slice, and no panic.
    #[test]
    fn any_text_is_sliced(lines in proptest::collection::vec(
        "(    |        |\t)?(def test_a\\(self, x\\):|class A\\(B\\):|if x:|for y in x:|with a as b:|x = y\\.z\\(\\)|assert x|try:|except E:|return|'''|@f\\(|é = 1|\\)|else:)", 0..14),
        line in 1u32..14, level in 0usize..4, phase in 0usize..4)
    {
        let text = format!("def test_a():\n    x = 1\n{}\n", lines.join("\n"));
        let fixture = Fixture { files: vec![text::fixture::File { path: "test_a.py".to_owned(), text, ..Default::default() }] };
        let phases = [CriterionPhase::Call, CriterionPhase::Setup, CriterionPhase::Teardown, CriterionPhase::Collect];
        let criterion = Criterion {
            frames: vec![CriterionFrame { path: "test_a.py".to_owned(), line, ..CriterionFrame::default() }],
            phase: phases[phase],
            name: "test_one".to_owned(),
            ..Criterion::default()
        };
        let Ok(test) = crate::find(&fixture, &[], "test_a.py::test_a") else { return Ok(()) };
        let slice = crate::slice(&Sources::new(&fixture), &test, &criterion, None, Level::ALL[level]);
        let marked = slice.code.contains(['\u{1}', '\u{2}']);
        prop_assert!(!marked);
        let after = crate::source::Module::generated(&slice.code);
        prop_assert!(!is_python(&fixture.files[0].text) || !after.root().has_error(), "{}", slice.code);
        prop_assert!(slice.failing_line.is_none_or(|row| (row as usize) < slice.code.lines().count()));
    }
}

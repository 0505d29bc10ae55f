//! One failing test of a large module, found by its id and sliced at every level, nothing read before.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion as Bench, criterion_group, criterion_main};
use reprolens_python::project::Sources;
use reprolens_python::{Criterion, CriterionFrame, CriterionPhase, Level, find, slice};
use text::fixture::{File, Fixture};

const CONFTEST: &str = r#"
import pytest

@pytest.fixture
def device(request):
    handle = open_device(request.param)
    yield handle
    handle.close()

def open_device(kind):
    return type(kind, (), {"close": lambda self: None})()
"#;

const FAILING: &str = r#"
@pytest.mark.parametrize("device", ["n150", "n300"], indirect=True)
@pytest.mark.parametrize("rows, columns", [(1, 1), (32, 64), (4, 8)], ids=["one", "tile", "odd"])
class TestShapes:
    def test_rows(self, device, rows, columns):
        unused = make(columns, 1)
        grid = make(rows, columns)
        for row in grid:
            row.reverse()
        total = 0
        for row in grid:
            total += len(row)
        assert total == rows * columns + OFFSET
        assert unused
"#;

/// A module as projects have them: many tests that are not the one that failed.
fn module() -> String {
    let mut text = "import itertools\nimport pytest\n\nOFFSET = 1\n\ndef make(rows, columns):\n    return [list(range(columns)) for _ in range(rows)]\n".to_owned();
    for number in 0..300 {
        let _ = write!(
            text,
            "\ndef helper_{number}(value):\n    return [value, *itertools.repeat({number}, 3)]\n\ndef test_{number}(tmp_path):\n    found = helper_{number}({number})\n    for each in found:\n        assert each == {number}, found\n"
        );
    }
    text + FAILING
}

fn bench(bench: &mut Bench) {
    let text = module();
    let failing = "assert total == rows * columns + OFFSET";
    let at = text.find(failing).expect("the module holds the line");
    let line = u32::try_from(text[..at].matches('\n').count() + 1).expect("a module is short");
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        text: text.to_owned(),
        ..File::default()
    };
    let workspace = Fixture {
        files: vec![
            file("conftest.py", CONFTEST),
            file("tests/test_shapes.py", &text),
        ],
    };
    let criterion = Criterion {
        frames: vec![CriterionFrame {
            path: "tests/test_shapes.py".to_owned(),
            line,
            function: "test_rows".to_owned(),
            source: Some(failing.to_owned()),
        }],
        phase: CriterionPhase::Call,
        destination: "repros/rows/tests".to_owned(),
        name: "test_rows".to_owned(),
        ..Criterion::default()
    };
    let id = "tests/test_shapes.py::TestShapes::test_rows[tile-n300]";
    let mut group = bench.benchmark_group("slice");
    for level in Level::ALL {
        group.bench_function(format!("{level:?}"), |bencher| {
            bencher.iter(|| {
                let test = find(black_box(&workspace), &[], id).expect("the module holds the test");
                slice(&Sources::new(&workspace), &test, &criterion, None, level)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);

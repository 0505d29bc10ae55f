use python::review::{Review, TestFunction};
use repro::FolderFile;
use text::Span;

use crate::finding::{Edit, Fix};
use crate::rule::{Findings, Rule};
use crate::view::{View, indentation, is_literal, line_start};

rule! {
    /// The device setup differs from the original test.
    ///
    /// ## Why
    /// Another device, or the same one opened another way, is another test.
    ///
    /// ## Example
    /// ```repro
    /// //- logs/ci.log
    /// =================================== FAILURES ===================================
    /// ____________________________________ test_a ____________________________________
    ///     def test_a():
    /// >       assert 1 == 2
    /// E       assert 1 == 2
    /// tests/test_a.py:2: AssertionError
    /// =========================== short test summary info ============================
    /// FAILED tests/test_a.py::test_a - assert 1 == 2
    /// ============================== 1 failed in 0.01s ===============================
    /// //- ../conftest.py
    /// import pytest
    ///
    /// @pytest.fixture
    /// def device(): ...
    /// //- ../tests/test_a.py
    /// def test_a(device):
    ///     assert 1 == 2
    /// //- tests/test_a_repro.py
    /// def test_a_repro(mesh_device):
    ///                  ^^^^^^^^^^^ TST009: the original test does not use `mesh_device`; it uses `device`
    ///     assert mesh_device.open == 2
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- tests/test_a_repro.py
    /// def test_a_repro(device, other):
    ///     assert device.open == 2
    /// ```
    OtherSetup = "TST009", "other-setup", Error
}

impl Rule for OtherSetup {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(Ok(original)) = subject.evidence.map(|it| it.test.as_ref()) else {
            return;
        };
        let theirs: Vec<&str> = original
            .fixtures
            .iter()
            .filter(|it| !it.autouse && is_device(&it.name))
            .filter(|it| !original.params.iter().any(|param| param.name == it.name))
            .map(|it| it.name.as_str())
            .collect();
        for (file, review) in subject.tests() {
            let Some(test) = review.tests.first() else {
                continue;
            };
            let mut used = false;
            for (name, place) in test.arguments.iter().filter(|(name, _)| is_device(name)) {
                used |= theirs.contains(&name.as_str());
                let known = original.fixtures.iter().any(|it| &it.name == name)
                    || original.params.iter().any(|it| &it.name == name);
                if !known {
                    used = true;
                    let message = format!(
                        "the original test does not use `{name}`; it uses {}",
                        list(&theirs)
                    );
                    let fix = match theirs[..] {
                        [one] => Some(renamed(file, test, name, one)),
                        _ => None,
                    };
                    findings.push(&file.path, *place, message, fix);
                }
            }
            // A fixture can be asked for by its name (`usefixtures`), or be brought along. A docstring asks for nothing.
            let in_strings = |name: &str| {
                review
                    .strings
                    .iter()
                    .any(|it| it.of(&file.text).contains(name))
            };
            let asked = |it: &&str| review.fixtures.iter().any(|own| own == it) || in_strings(it);
            if !theirs.is_empty() && !used && !theirs.iter().any(asked) {
                let message = format!(
                    "the original test uses {}, this one does not",
                    list(&theirs)
                );
                findings.push(
                    &file.path,
                    test.name_span,
                    message,
                    requested(file, test, &theirs),
                );
                continue;
            }
            for param in original
                .params
                .iter()
                .filter(|it| it.indirect && is_device(&it.name))
            {
                let Some(value) = param.value.as_deref().filter(|_| !in_strings(&param.name))
                else {
                    continue;
                };
                // A device that the file opens itself is opened with the same values.
                let device = test.arguments.iter().find(|(name, _)| is_device(name));
                let opened = device.is_some_and(|(name, _)| review.fixtures.contains(name));
                if opened && words(value).all(|word| file.text.contains(word)) {
                    continue;
                }
                let message = format!(
                    "the original test sets the device up with {} `{value}`, this one does not",
                    param.name
                );
                let place = device.map_or(test.name_span, |(_, span)| *span);
                let fix = match opened {
                    true => None,
                    false => given(file, review, test, &param.name, value),
                };
                findings.push(&file.path, place, message, fix);
            }
        }
    }
}

fn is_device(name: &str) -> bool {
    name.split('_')
        .any(|part| matches!(part, "device" | "devices" | "mesh"))
}

/// The names and numbers of a literal.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
        .filter(|word| !word.is_empty())
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "no device fixture".to_owned()
    } else {
        format!("`{}`", names.join("`, `"))
    }
}

/// The test's argument and all its uses under the fixture's name.
fn renamed(file: &FolderFile, test: &TestFunction, from: &str, to: &str) -> Fix {
    let uses = test.arguments.iter().chain(&test.identifiers);
    let edits = uses.filter(|(name, _)| name == from).map(|(_, span)| Edit {
        path: file.path.clone(),
        span: *span,
        text: to.to_owned(),
    });
    Fix {
        title: format!("Use `{to}`"),
        safe: true,
        edits: edits.collect(),
        action: None,
    }
}

/// The fixtures as arguments, where the test has nothing of its own by these names.
fn requested(file: &FolderFile, test: &TestFunction, names: &[&str]) -> Option<Fix> {
    let taken = |name: &&str| test.identifiers.iter().any(|(other, _)| other == name);
    if names.iter().any(taken) || test.signature.is_empty() && test.signature.start == 0 {
        return None;
    }
    let inner = test.signature.of(&file.text).trim_end();
    let separator = match inner {
        "" => "",
        inner if inner.ends_with(',') => " ",
        _ => ", ",
    };
    let at = Span::at(test.signature.start + inner.len());
    let text = format!("{separator}{}", names.join(", "));
    Some(Fix::edit(
        format!("Use {}", list(names)),
        true,
        &file.path,
        at,
        text,
    ))
}

/// The mark that hands the value to the fixture.
fn given(
    file: &FolderFile,
    review: &Review,
    test: &TestFunction,
    name: &str,
    value: &str,
) -> Option<Fix> {
    if !is_literal(value) {
        return None;
    }
    let start = line_start(&file.text, test.span.start);
    let indent = indentation(&file.text, start);
    let mut edits = vec![Edit {
        path: file.path.clone(),
        span: Span::at(start),
        text: format!("{indent}@pytest.mark.parametrize(\"{name}\", [{value}], indirect=True)\n"),
    }];
    if !review.imports.iter().any(|(module, _)| module == "pytest") {
        let first = review
            .imports
            .iter()
            .filter(|(module, _)| module != "__future__");
        let (_, first) = first.min_by_key(|(_, span)| span.start)?;
        edits.push(Edit {
            path: file.path.clone(),
            span: Span::at(line_start(&file.text, first.start)),
            text: "import pytest\n".to_owned(),
        });
    }
    // An import that nothing used so far is used now: touching it keeps its removal out of the same round.
    let unused = review.unused_imports.iter().find(|it| it.name == "pytest");
    if let Some(import) = unused {
        edits.push(Edit {
            path: file.path.clone(),
            span: import.statement,
            text: import.statement.of(&file.text).to_owned(),
        });
    }
    Some(Fix {
        title: format!("Give the device `{name}`"),
        safe: true,
        edits,
        action: None,
    })
}

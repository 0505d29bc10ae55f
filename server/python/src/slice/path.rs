//! The functions between the test and the failing line, where each is called once: cut at the line that goes on, and written
//! into their caller.
//!
//! `def test_topk(k, device): run_topk(k, device)` is how many tests are written: what fails is in the function, the values are in
//! the test. It works on the slice's text, in which the lines that the failure goes through are marked.

mod call;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use tree_sitter::Node;

use self::call::Call;
use super::cut::{Cutter, Iterations};
use super::facts::Names;
use super::tree::{self, Kind, Statement};
use super::write::{self, Writer};
use crate::model::Level;
use crate::source::{Module, decorators, in_name, named_children, walk};

/// So many functions may stand between the test and the failing line.
const MAX_STEPS: usize = 12;

/// The text with such functions cut and written into their callers; `test` is the test's name.
pub(super) fn shortened(code: &str, level: Level, test: &str) -> String {
    if level > Level::Conservative {
        return code.to_owned();
    }
    let mut text = code.to_owned();
    if level == Level::Conservative {
        text = changed(&text, test, cut);
    }
    for _ in 0..MAX_STEPS {
        let next = changed(&text, test, written_into_caller);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// What stands in place of rows.
struct Change {
    rows: (usize, usize),
    lines: Vec<String>,
}

/// The text after what `find` wants changed; as it is, where that is no Python.
fn changed(
    code: &str,
    test: &str,
    find: for<'a> fn(&Marked<'a>, &Step<'a>) -> Option<Vec<Change>>,
) -> String {
    let plain: Vec<&str> = code.lines().map(|line| without_mark(line).0).collect();
    let module = Module::generated(&plain.join("\n"));
    if module.root().has_error() {
        return code.to_owned();
    }
    let marked = Marked::new(&module, code, test);
    let mut changes: Vec<Change> = Vec::new();
    for step in marked.steps() {
        let Some(found) = find(&marked, &step) else {
            continue;
        };
        let moves = found.len() > 1;
        changes.extend(found);
        if moves {
            // The rows of other steps are others now.
            break;
        }
    }
    changes.sort_by_key(|change| change.rows);
    let mut lines: Vec<&str> = Vec::new();
    let mut row = 0;
    let old: Vec<&str> = code.lines().collect();
    for change in &changes {
        lines.extend(old.get(row..change.rows.0).unwrap_or_default());
        lines.extend(change.lines.iter().map(String::as_str));
        row = change.rows.1 + 1;
        if change.lines.is_empty() {
            while old.get(row).is_some_and(|line| line.trim().is_empty()) {
                row += 1;
            }
        }
    }
    lines.extend(old.get(row..).unwrap_or_default());
    lines.join("\n") + "\n"
}

/// A line and whether it is the failing one, or one on the way to it.
fn without_mark(line: &str) -> (&str, Option<bool>) {
    for (mark, fails) in [(write::MARK, true), (write::PATH, false)] {
        if let Some(plain) = line.strip_suffix(mark) {
            return (plain, Some(fails));
        }
    }
    (line, None)
}

/// The text as a module, without its marks.
struct Marked<'a> {
    module: &'a Module,
    failing: Option<usize>,
    /// Rows on the way to the failing one.
    path: Vec<usize>,
    test: &'a str,
}

/// A function that the failure goes through, with the row that it leaves by.
struct Step<'t> {
    function: Node<'t>,
    row: usize,
}

impl<'a> Marked<'a> {
    fn new(module: &'a Module, code: &str, test: &'a str) -> Self {
        let marks = code
            .lines()
            .enumerate()
            .filter_map(|(row, line)| Some((row, without_mark(line).1?)));
        let mut failing = None;
        let mut path = Vec::new();
        for (row, fails) in marks {
            if fails {
                failing = failing.or(Some(row));
            } else {
                path.push(row);
            }
        }
        Self {
            module,
            failing,
            path,
            test,
        }
    }

    fn steps(&self) -> Vec<Step<'a>> {
        let rows = self.failing.iter().chain(&self.path);
        let mut steps: Vec<Step<'a>> = Vec::new();
        for row in rows {
            let Some(function) = self.function_at(*row) else {
                continue;
            };
            let known = steps.iter().any(|step| step.function == function);
            if !known && self.module.field(function, "name") != self.test {
                steps.push(Step {
                    function,
                    row: *row,
                });
            }
        }
        steps
    }

    /// The function whose body a row is in: one of the module or of a class of it.
    fn function_at(&self, row: usize) -> Option<Node<'a>> {
        let line = u32::try_from(row + 1).ok()?;
        let around = self.module.enclosing(line);
        let mut functions = around
            .into_iter()
            .filter(|node| node.kind() == "function_definition");
        let function = functions.next_back()?;
        // A function in a function knows names of both.
        if functions.next().is_some() {
            return None;
        }
        let body = function.child_by_field_name("body")?;
        (body.start_position().row <= row).then_some(function)
    }

    fn writer(&self) -> Writer<'a> {
        let mut writer = Writer::new(self.module);
        writer.mark(self.failing);
        writer.path(&self.path);
        writer
    }

    /// The one call of a function, where it is one of a line that the failure goes through, and comes by once.
    fn only_call(&self, function: Node<'a>) -> Option<Call<'a>> {
        let name = self.module.field(function, "name");
        let mut mentions = Vec::new();
        walk(self.module.root(), |node| {
            if node.kind() == "identifier" && self.module.source(node) == name {
                mentions.push(node);
            }
            true
        });
        let [_, mention] = mentions[..] else {
            return None;
        };
        let mut call = Call::at(self.module, mention)?;
        if call.is_of_method() != is_method(function) || self.is_quoted(name) {
            return None;
        }
        let row = call.statement.start_position().row;
        let rows = row..=tree::rows(call.statement).1;
        let on_path = self.path.iter().any(|marked| rows.contains(marked));
        let caller = self.function_at(row)?;
        let once = self.module.field(caller, "name") == self.test
            || (caller != function && self.only_call(caller).is_some());
        call.caller = caller;
        (on_path && once && !call.is_repeated()).then_some(call)
    }

    /// Whether whoever reads a string may mean the name.
    fn is_quoted(&self, name: &str) -> bool {
        let mut quoted = false;
        walk(self.module.root(), |node| {
            quoted |= node.kind() == "string_content" && self.module.source(node) == name;
            true
        });
        quoted
    }
}

fn is_method(function: Node<'_>) -> bool {
    let block = function.parent();
    let class = block.and_then(|block| block.parent());
    class.is_some_and(|it| it.kind() == "class_definition")
}

/// The statements of a function's body.
fn body<'a>(marked: &Marked<'a>, function: Node<'a>) -> Option<Vec<Statement<'a>>> {
    let body = function.child_by_field_name("body")?;
    let failing = marked.failing;
    Some(tree::statements(
        marked.module,
        &named_children(body),
        failing,
    ))
}

/// Without what comes behind the row that a function leaves by, and what that row does not need.
fn cut<'a>(marked: &Marked<'a>, step: &Step<'a>) -> Option<Vec<Change>> {
    let module = marked.module;
    marked.only_call(step.function)?;
    let body = body(marked, step.function)?;
    // What wraps a function may call it again.
    if !decorators(step.function).is_empty() {
        return None;
    }
    if body.iter().any(|statement| statement.facts().yields) {
        return None;
    }
    let fixed: Names = tree::statements(module, &module.statements(), None)
        .into_iter()
        .filter(|it| matches!(it.kind, Kind::Function | Kind::Class | Kind::Import))
        .flat_map(|it| it.facts().binds.clone())
        .collect();
    let ran = BTreeSet::new();
    let iterations = Iterations::new();
    let mut cutter = Cutter::new(Level::Conservative, &fixed, &ran, &iterations, &body);
    cutter.keep_to_row(&body, step.row);
    let first = step.function.child_by_field_name("body")?;
    let column = first.start_position().column;
    let mut lines = Vec::new();
    marked
        .writer()
        .block(&body, Some(&cutter.cut), column, &mut lines);
    Some(vec![Change {
        rows: tree::rows(first),
        lines,
    }])
}

/// `name = other`
fn is_alias(line: &str) -> bool {
    let value = line.split(" = ").nth(1).unwrap_or_default();
    let is_word = value.chars().all(in_name);
    is_word
        && !value.starts_with(|c: char| c.is_ascii_digit())
        && !matches!(value, "None" | "True" | "False")
}

/// The function's body instead of the statement that calls it, and no function.
fn written_into_caller<'a>(marked: &Marked<'a>, step: &Step<'a>) -> Option<Vec<Change>> {
    let call = marked.only_call(step.function)?;
    let is_all = step.function.parent()?.named_child_count() == 1;
    if is_method(step.function) && is_all {
        return None;
    }
    let body = body(marked, step.function)?;
    let column = call.statement.start_position().column;
    let mut writer = marked.writer();
    let mut lines = call.as_assignments(marked.module, step, marked.failing, &mut writer)?;
    let indent = " ".repeat(column);
    lines
        .iter_mut()
        .for_each(|line| line.insert_str(0, &indent));
    // A name for each argument would be longer than the call.
    if lines.iter().filter(|line| is_alias(line)).count() > 1 {
        return None;
    }
    writer.block(&body, None, column, &mut lines);
    Some(vec![
        Change {
            rows: tree::rows(step.function),
            lines: Vec::new(),
        },
        Change {
            rows: tree::rows(call.statement),
            lines,
        },
    ])
}

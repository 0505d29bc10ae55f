//! Failures at import: the statements that a module's import needs to fail as the original's does.

mod unreadable;

use self::unreadable::unreadable;
use super::bring::Bring;
use super::tree::{Kind, Statement};
use super::{indented, write};
use crate::model::{Criterion, CriterionPhase, Level, Test};
use crate::project::{Project, Resolved};
use crate::source::{Module, in_name};

/// A module whose import fails as the original's does.
pub(super) fn collection<'s>(
    project: &Project<'s>,
    module: &'s Module,
    item: &Test,
    criterion: &Criterion,
    bring: &mut Bring<'s, '_>,
) -> String {
    let partly = bring.level < Level::Body;
    let test = format!("def {}():\n    pass", criterion.name);
    let named = named_function(&bring.tree(module), item, criterion);
    let mut frames = criterion.frames.iter().rev().filter(|frame| {
        let is_own = bring.is_test_code(&frame.path) || frame.path == module.path;
        is_own && frame.function == "<module>"
    });
    let place = frames.find_map(|frame| {
        let row = bring.row_of(frame)?;
        Some((project.module(&frame.path)?, row))
    });
    if place.is_none() && partly {
        if let Some(import) = failing_package(project, module, criterion, bring) {
            bring.add(module, 0, &import);
            return test;
        }
        if let Some(named) = &named {
            return signature(module, named, bring);
        }
    }
    let place = place.or_else(|| {
        let (path, row) = bring.failing.clone()?;
        Some((project.module(&path).unwrap_or(module), row))
    });
    if place.is_none() {
        let note = "the statement that fails at import is not known";
        bring.notes.push(note.to_owned());
    }
    let (file, row) = place.map_or((module, None), |(file, row)| (file, Some(row)));
    if is_syntax_error(criterion)
        && partly
        && let Some(lines) = row.and_then(|row| unreadable(file, row, bring))
    {
        return format!("def {}():\n{}", criterion.name, indented(&lines));
    }
    let statements = bring.tree(file);
    let before = |it: &&Statement| row.is_none_or(|row| it.rows.0 <= row);
    for statement in statements.iter().take_while(before) {
        let fails = row.is_some_and(|row| statement.holds(row));
        let goes = match row {
            Some(_) => !fails && (partly || is_test(statement)),
            None => is_other_test(statement, named.as_deref()),
        };
        if goes || statement.kind == Kind::Docstring {
            continue;
        }
        if statement.kind == Kind::Import {
            import(file, statement, fails, lacks_package(criterion), bring);
        } else if let Some(row) = row.filter(|_| fails && partly) {
            if let Some(test) = failing(file, statement, row, &criterion.name, bring) {
                return test;
            }
        } else {
            bring.statement(file, statement);
        }
    }
    test
}

fn import<'s>(
    file: &'s Module,
    statement: &Statement,
    fails: bool,
    lacks_package: bool,
    bring: &mut Bring<'s, '_>,
) {
    let mut lines = Vec::new();
    bring.writer(file).whole(statement, 0, &mut lines);
    let text = lines.join("\n").replace(write::PATH, "");
    if !fails && is_of_tests(file, &text, bring) {
        return;
    }
    // The repro is in no package either: there a relative import fails as it stands.
    let by_full_name = absolute(file, &text, bring).filter(|_| !(fails && lacks_package));
    let text = by_full_name.unwrap_or(text);
    if fails {
        bring.add(file, statement.id(), &text);
    } else {
        bring.import(text);
    }
}

/// Brings along what fails of a statement, and what that needs; the text of the test, where it is the test or has it in it.
fn failing<'s>(
    file: &'s Module,
    statement: &Statement,
    row: usize,
    name: &str,
    bring: &mut Bring<'s, '_>,
) -> Option<String> {
    match statement.kind {
        Kind::Class => {
            let rows = bring.rows.get(&file.path).into_iter().flatten();
            let inner = rows.rev().find(|row| statement.holds(**row)).copied();
            let (text, has_test) = class_to(bring, file, statement, inner.unwrap_or(row));
            bring.add(file, statement.id(), &text);
            has_test.then(String::new)
        }
        Kind::If | Kind::Loop | Kind::With | Kind::Try => {
            let block = std::slice::from_ref(statement);
            let cut = bring.cut_to(file, block, row);
            let mut lines = Vec::new();
            let writer = bring.writer(file);
            writer.statements(block, Some(&cut), 0, &mut lines);
            bring.add(file, statement.id(), &lines.join("\n"));
            None
        }
        _ if is_test(statement)
            && statement
                .clauses()
                .first()
                .is_some_and(|it| row < it.header_row) =>
        {
            Some(decorated(file, statement, name, bring))
        }
        _ => {
            bring.statement(file, statement);
            None
        }
    }
}

/// A test whose decorators fail, without its body and under another name.
fn decorated<'s>(
    module: &'s Module,
    test: &Statement,
    name: &str,
    bring: &mut Bring<'s, '_>,
) -> String {
    let header = test.clauses().first().map_or(test.span, |it| it.header);
    let mut writer = bring.writer(module);
    if let Some((before, _)) = header.of(&module.text).split_once(&test.name) {
        let at = header.start + before.len();
        writer.edit(at, at + test.name.len(), name);
    }
    let mut lines = Vec::new();
    writer.span(test.span.start, header.end, test.span.start, 0, &mut lines);
    lines.push("    pass".to_owned());
    let text = lines.join("\n");
    bring.needs_of(module, &text, &Default::default());
    text
}

/// The statements from the outermost block to the function that pytest's message names, where the function breaks its rules.
fn named_function<'s>(
    tree: &[Statement<'s>],
    item: &Test,
    criterion: &Criterion,
) -> Option<Vec<Statement<'s>>> {
    let message = criterion.message.as_deref()?;
    let words: Vec<&str> = message.split(|c| !in_name(c)).collect();
    let is_named = |it: &Statement| {
        let test = it.kind == Kind::Function && it.name.starts_with("test");
        test && words.contains(&it.name.as_str())
    };
    let function = tree.iter().rfind(|it| is_named(it));
    if let Some(function) = function.filter(|_| item.classes.is_empty()) {
        return Some(vec![function.clone()]);
    }
    let of_item = |it: &Statement| item.classes.first().is_none_or(|name| *name == it.name);
    tree.iter()
        .filter(|it| it.kind == Kind::Class && of_item(it))
        .find_map(|class| {
            let body = &class.clauses().first()?.body;
            let function = body.iter().rfind(|it| is_named(it))?;
            Some(vec![class.clone(), function.clone()])
        })
}

/// A function by its decorators and signature, in its class: pytest looks at no more of it when it collects.
fn signature<'s>(module: &'s Module, way: &[Statement], bring: &mut Bring<'s, '_>) -> String {
    let mut lines = Vec::new();
    let mut indent = 0;
    for statement in way {
        let Some(clause) = statement.clauses().first() else {
            break;
        };
        let start = statement.span.start;
        let writer = bring.writer(module);
        writer.span(start, clause.header.end, start, indent, &mut lines);
        indent += 4;
    }
    if let Some(header) = lines.last_mut() {
        header.push_str(write::PATH);
    }
    let body = way.last().and_then(|function| function.clauses().first());
    let yields = body.is_some_and(|clause| clause.body.iter().any(|inner| inner.facts().yields));
    let body = if yields { "yield" } else { "pass" };
    lines.push(format!("{}{body}", " ".repeat(indent)));
    let text = lines.join("\n");
    bring.needs_of(module, &text, &Default::default());
    text
}

pub(super) fn is_test(statement: &Statement) -> bool {
    match statement.kind {
        Kind::Function => statement.name.starts_with("test"),
        Kind::Class => statement.clauses().first().is_some_and(|clause| {
            let tests = clause.body.iter().any(is_test);
            statement.name.starts_with("Test") && tests
        }),
        _ => false,
    }
}

/// Whether a statement is a test, and another one than that which the message names.
fn is_other_test(statement: &Statement, named: Option<&[Statement]>) -> bool {
    named.is_some_and(|way| is_test(statement) && way[0].id() != statement.id())
}

/// The module that a `from ... import` names.
fn origin<'s>(file: &Module, text: &str, bring: &Bring<'s, '_>) -> Option<Resolved<'s>> {
    let (from, _) = text.strip_prefix("from ")?.split_once(" import")?;
    let name = from.trim().trim_start_matches('.');
    let level = from.trim().len() - name.len();
    bring.project.import(&file.path, name, level)
}

/// Whether an import takes names of test code only: what is used of them comes along itself.
fn is_of_tests(file: &Module, text: &str, bring: &Bring<'_, '_>) -> bool {
    matches!(origin(file, text, bring), Some(Resolved::Module(other)) if bring.is_test_code(&other.path))
}

/// A relative import by the package's full name.
fn absolute(file: &Module, text: &str, bring: &Bring<'_, '_>) -> Option<String> {
    if !text.starts_with("from .") {
        return None;
    }
    let (_, names) = text.split_once(" import")?;
    let path = match origin(file, text, bring)? {
        Resolved::Module(other) => bring.absolute(other),
        Resolved::Folder(folder) => folder.replace('/', "."),
        _ => return None,
    };
    (!path.is_empty()).then(|| format!("from {path} import{names}"))
}

/// `import pkg`, where pytest imports the test as `pkg.tests.test_a`, and what fails is the package itself.
fn failing_package(
    project: &Project<'_>,
    module: &Module,
    criterion: &Criterion,
    bring: &Bring<'_, '_>,
) -> Option<String> {
    let (folder, _) = crate::project::split(&module.path);
    let package = criterion.frames.iter().find_map(|frame| {
        let above = frame.path.strip_suffix("/__init__.py")?;
        let is_above = crate::project::ancestors(folder).any(|it| it == above);
        // What Python cannot read has no frame: the log tells its place alone.
        let at_import =
            frame.function == "<module>" || frame.function.is_empty() && is_syntax_error(criterion);
        let fails = is_above && at_import && !bring.is_test_code(&frame.path);
        fails.then(|| project.module(&frame.path)).flatten()
    })?;
    let name = bring.absolute(package);
    (!name.is_empty()).then(|| format!("import {name}{}", write::MARK))
}

pub(super) fn is_syntax_error(criterion: &Criterion) -> bool {
    criterion.phase == CriterionPhase::Collect
        && criterion.exception.as_deref() == Some("SyntaxError")
}

/// Whether a relative import fails because its module was imported without a package.
fn lacks_package(criterion: &Criterion) -> bool {
    let message = criterion.message.as_deref().unwrap_or_default();
    criterion.exception.as_deref() == Some("ImportError")
        && message.starts_with("attempted relative import with no known parent package")
}

/// A class whose body fails: its failing member, and those that bind what it uses. Tells whether a test is among them.
fn class_to<'s>(
    bring: &Bring<'s, '_>,
    module: &'s Module,
    class: &Statement,
    row: usize,
) -> (String, bool) {
    let mut lines = Vec::new();
    let writer = bring.writer(module);
    let Some(clause) = class.clauses().first() else {
        writer.whole(class, 0, &mut lines);
        return (lines.join("\n"), false);
    };
    let failing = clause.body.iter().position(|member| member.holds(row));
    let Some(failing) = failing else {
        writer.whole(class, 0, &mut lines);
        let text = lines.join("\n");
        let has_test = text.contains("def test");
        return (text, has_test);
    };
    let mut needed = clause.body[failing].facts().uses.clone();
    let mut kept = vec![failing];
    for (index, member) in clause.body[..failing].iter().enumerate().rev() {
        if member
            .facts()
            .binds
            .iter()
            .any(|name| needed.contains(name))
        {
            needed.extend(member.facts().uses.iter().cloned());
            kept.push(index);
        }
    }
    kept.sort_unstable();
    writer.span(
        class.span.start,
        clause.header.end,
        class.span.start,
        0,
        &mut lines,
    );
    let mut has_test = false;
    for index in kept {
        let member = &clause.body[index];
        has_test |= member.kind == Kind::Function && member.name.starts_with("test");
        let own_body = member.kind == Kind::Function
            && member
                .clauses()
                .first()
                .is_some_and(|clause| row <= clause.header_row);
        match member.clauses().first() {
            // Its decorators or defaults fail, so its body never runs.
            Some(head) if own_body => {
                writer.span(
                    member.span.start,
                    head.header.end,
                    member.span.start,
                    4,
                    &mut lines,
                );
                lines.push("        pass".to_owned());
            }
            _ => writer.whole(member, 4, &mut lines),
        }
    }
    (lines.join("\n"), has_test)
}

#[cfg(test)]
mod tests;

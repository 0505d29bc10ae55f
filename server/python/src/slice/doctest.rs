//! Doctests of docstrings and of text files: the examples that the failing one needs, as a docstring of the repro's function, which
//! pytest runs as it ran the original.

mod namespace;

use std::ops::RangeInclusive;

use tree_sitter::Node;

use super::bring::Bring;
use super::facts::{Facts, Names};
use super::write;
use crate::model::{Criterion, Level, Test};
use crate::project::Project;
use crate::source::{Module, named_children};

/// An example: the row of its prompt, its lines without their indentation, and what it does.
struct Example {
    row: usize,
    lines: Vec<String>,
    facts: Facts,
}

/// An example as it is found.
struct Found {
    row: usize,
    /// The column of its prompt.
    indent: usize,
    /// What follows the prompts.
    sources: Vec<String>,
    lines: Vec<String>,
}

/// What the examples stand in.
struct Text<'t> {
    rows: RangeInclusive<usize>,
    /// With its quotes, where it has any.
    text: &'t str,
    quotes: Quotes<'t>,
}

impl<'t> Text<'t> {
    fn of(module: &'t Module, test: &Test) -> Option<Self> {
        if !module.is_python() {
            return Some(Self {
                rows: 0..=module.text.lines().count(),
                text: &module.text,
                quotes: Quotes {
                    letters: if module.text.contains('\\') { "r" } else { "" },
                    marks: "",
                },
            });
        }
        let string = docstring(module, test)?;
        let text = module.source(string);
        Some(Self {
            rows: string.start_position().row..=string.end_position().row,
            text,
            quotes: Quotes::of(text),
        })
    }

    /// The lines, each with its row and without the quotes.
    fn lines(&self, module: &'t Module) -> impl Iterator<Item = (usize, &'t str)> {
        let (first, last) = (*self.rows.start(), *self.rows.end());
        let lines = module
            .text
            .lines()
            .enumerate()
            .skip(first)
            .take(last - first + 1);
        lines.map(move |(row, line)| {
            let line = match row == first {
                true => self.quotes.without_first(self.text),
                false => line,
            };
            let line = match row == last {
                true => self.quotes.without_last(line),
                false => line,
            };
            (row, line)
        })
    }
}

/// How a string begins and ends; a text file has no marks.
struct Quotes<'t> {
    letters: &'t str,
    marks: &'t str,
}

impl<'t> Quotes<'t> {
    fn of(string: &'t str) -> Self {
        let (letters, rest) = string.split_at(string.find(['"', '\'']).unwrap_or(0));
        let is_long = rest.starts_with("\"\"\"") || rest.starts_with("'''");
        Self {
            letters,
            marks: rest.get(..if is_long { 3 } else { 1 }).unwrap_or_default(),
        }
    }

    /// The same quotes, as they are around more than one line.
    fn of_lines(&self) -> &'static str {
        match self.marks {
            "'''" => "'''",
            _ => "\"\"\"",
        }
    }

    /// The first line of the string, without what it begins with.
    fn without_first(&self, string: &'t str) -> &'t str {
        let line = string.lines().next().unwrap_or_default();
        line.get(self.letters.len() + self.marks.len()..)
            .unwrap_or_default()
    }

    /// A line without the quotes that end the string on it.
    fn without_last<'l>(&self, line: &'l str) -> &'l str {
        line.rfind(self.marks).map_or(line, |at| &line[..at])
    }
}

/// A function whose docstring fails as the original's does.
pub(super) fn doctest<'s>(
    project: &Project<'s>,
    module: &'s Module,
    test: &Test,
    criterion: &Criterion,
    bring: &mut Bring<'s, '_>,
) -> String {
    let Some(text) = Text::of(module, test) else {
        bring
            .notes
            .push(format!("the docstring of `{}` is not found", test.function));
        return format!("def {}():\n    pass", criterion.name);
    };
    let mut examples = examples(module, &text);
    let failing = failing_row(module, criterion, bring);
    let last = failing.and_then(|row| examples.iter().rposition(|it| it.row <= row));
    match last {
        Some(last) => examples.truncate(last + 1),
        None => bring
            .notes
            .push("the example that fails is not known".to_owned()),
    }
    if last.is_some() && bring.level == Level::Smallest {
        examples = needed(examples);
    }
    let used = from_outside(&examples);
    let imported = imported(project, module, test, &used);
    let scope = project.scope(module);
    let missing: Names = used
        .into_iter()
        .filter(|name| scope.get(name).is_none())
        .collect();
    let given = namespace::statements(&test.path, &missing, bring);
    let mut lines: Vec<String> = imported.into_iter().collect();
    let count = examples.len();
    for (index, example) in examples.into_iter().enumerate() {
        let fails = last.is_some() && index + 1 == count;
        let mark = if fails { write::MARK } else { "" };
        let mut own = example.lines.into_iter();
        lines.extend(own.next().map(|first| first + mark));
        lines.extend(own);
    }
    // It spans lines, whatever the original does.
    let (letters, marks) = (text.quotes.letters, text.quotes.of_lines());
    let body: String = lines
        .iter()
        .map(|line| match line.is_empty() {
            true => "\n".to_owned(),
            false => format!("    {line}\n"),
        })
        .collect();
    let given = match given.is_empty() {
        true => String::new(),
        false => format!("{}\n\n\n", given.join("\n")),
    };
    format!(
        "{given}def {}():\n    {letters}{marks}\n{body}    {marks}",
        criterion.name
    )
}

/// The string that a module, class or function begins with.
fn docstring<'s>(module: &'s Module, test: &Test) -> Option<Node<'s>> {
    let node = module
        .root()
        .descendant_for_byte_range(test.span.start, test.span.end)?;
    let body = node.child_by_field_name("body").unwrap_or(node);
    let first = named_children(body)
        .into_iter()
        .find(|it| it.kind() != "comment")?;
    let string = named_children(first).into_iter().next()?;
    (string.kind() == "string").then_some(string)
}

/// The row of the log's deepest frame in this file.
fn failing_row(module: &Module, criterion: &Criterion, bring: &Bring<'_, '_>) -> Option<usize> {
    let found = bring.rows.get(&module.path).and_then(|rows| rows.last());
    found.copied().or_else(|| {
        let own = |path: &str| path == module.path || path.ends_with(&format!("/{}", module.path));
        let frame = criterion.frames.iter().rev().find(|it| own(&it.path))?;
        Some((frame.line as usize).saturating_sub(1))
    })
}

/// The examples of a text, as Python's doctest finds them: a prompt, lines that go on, and what is printed up to an empty line.
fn examples(module: &Module, text: &Text<'_>) -> Vec<Example> {
    let mut found: Vec<Found> = Vec::new();
    let mut is_open = false;
    for (row, line) in text.lines(module) {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if let Some(source) = after_prompt(text, ">>>") {
            is_open = true;
            found.push(Found {
                row,
                indent,
                sources: vec![source.to_owned()],
                lines: vec![text.trim_end().to_owned()],
            });
            continue;
        }
        let Some(last) = found.last_mut().filter(|_| is_open) else {
            continue;
        };
        if text.trim().is_empty() {
            is_open = false;
        } else if let Some(source) =
            after_prompt(text, "...").filter(|_| last.lines.len() == last.sources.len())
        {
            last.sources.push(source.to_owned());
            last.lines.push(text.trim_end().to_owned());
        } else {
            let own = line.get(last.indent..).unwrap_or(text);
            last.lines.push(own.trim_end().to_owned());
        }
    }
    found
        .into_iter()
        .map(|example| {
            let source = Module::generated(&example.sources.join("\n"));
            Example {
                row: example.row,
                lines: example.lines,
                facts: Facts::of(&source, source.root()),
            }
        })
        .collect()
}

/// What follows a prompt, which a blank stands behind.
fn after_prompt<'t>(text: &'t str, prompt: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(prompt)?;
    match rest.strip_prefix(' ') {
        Some(source) => Some(source),
        None => rest.trim_end().is_empty().then_some(""),
    }
}

/// The last example, and those before it that make or change what it uses.
fn needed(examples: Vec<Example>) -> Vec<Example> {
    let mut live = Names::new();
    let mut kept: Vec<Example> = Vec::new();
    for example in examples.into_iter().rev() {
        let facts = &example.facts;
        let changed = facts.calls.iter().filter_map(|call| call.root.as_ref());
        let mut made = facts.binds.iter().chain(&facts.stores).chain(changed);
        let is_star = example.lines[0].ends_with("import *");
        if kept.is_empty() || is_star || made.any(|name| live.contains(name)) {
            // A statement of several lines may not come to what it binds.
            if !example.lines.iter().any(|line| line.starts_with("...")) {
                live.retain(|name| !facts.binds.contains(name));
            }
            live.extend(facts.uses.iter().cloned());
            live.extend(facts.stores.iter().cloned());
            kept.push(example);
        }
    }
    kept.reverse();
    kept
}

/// The names that examples use and do not make.
fn from_outside(examples: &[Example]) -> Names {
    let mut bound = Names::new();
    let mut used = Names::new();
    for example in examples {
        let own = example.facts.uses.iter();
        used.extend(own.filter(|name| !bound.contains(*name)).cloned());
        bound.extend(example.facts.binds.iter().cloned());
    }
    used
}

/// An example that imports the names of the module that the others use: a doctest has all of them.
fn imported<'s>(
    project: &Project<'s>,
    module: &'s Module,
    test: &Test,
    used: &Names,
) -> Option<String> {
    let scope = project.scope(module);
    let names: Vec<&str> = used
        .iter()
        .map(String::as_str)
        .filter(|name| scope.get(name).is_some())
        .collect();
    let dotted = module_name(&module.path, &test.function)?;
    (!names.is_empty()).then(|| format!(">>> from {dotted} import {}", names.join(", ")))
}

/// The name that a doctest's module is imported by: what its name begins with.
fn module_name<'t>(path: &str, name: &'t str) -> Option<&'t str> {
    let stem = path.trim_end_matches(".py").replace('/', ".");
    let stem = stem.trim_end_matches(".__init__");
    let ends = name.match_indices('.').map(|(at, _)| at);
    let mut heads: Vec<&str> = ends.map(|at| &name[..at]).collect();
    heads.push(name);
    heads
        .into_iter()
        .rev()
        .find(|head| stem == *head || stem.ends_with(&format!(".{head}")))
}

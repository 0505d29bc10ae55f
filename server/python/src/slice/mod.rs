//! The part of a test that its failing line depends on, as a module of its own.
//!
//! The cut ([`cut`]) decides statement by statement; [`bring`] fetches what the kept ones need from their files; here the
//! two are put together for a test function, its class and its fixtures.

pub(crate) mod arrange;
mod bring;
mod builder;
mod called;
mod choices;
mod collection;
mod cut;
mod data;
mod decorators;
mod doctest;
pub(crate) mod effects;
mod facts;
mod fixtures;
pub(crate) mod idle;
mod inherited;
mod inline;
pub(crate) mod layout;
pub(crate) mod linters;
mod methods;
mod missing;
mod namespaces;
mod path;
mod portable;
mod python2;
mod setups;
mod shake;
mod splats;
mod stdlib;
mod test_code;
#[cfg(test)]
mod tests;
mod tree;
mod unused;
pub(crate) mod unused_locals;
mod values;
mod warned;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use self::bring::Bring;
use self::builder::Builder;
use self::cut::Hints;
use self::facts::{Facts, Names};
use self::values::is_literal;
use crate::model::{Criterion, CriterionPhase, ItemKind, Level, Observed, Slice, Test};
use crate::project::{Project, Sources};
use crate::source::Module;

/// See [`crate::slice`].
pub(crate) fn slice(
    sources: &Sources<'_>,
    test: &Test,
    criterion: &Criterion,
    observed: Option<&Observed>,
    level: Level,
) -> Slice {
    let project = Project::new(sources, &[]);
    let mut made = slice_at(&project, test, criterion, observed, level);
    // A cut through source that is not understood: the next level cuts less.
    for safer in Level::ALL.into_iter().filter(|safer| *safer > level) {
        if collection::is_syntax_error(criterion)
            || !Module::generated(&made.code).root().has_error()
        {
            break;
        }
        made = slice_at(&project, test, criterion, observed, safer);
    }
    made
}

fn slice_at<'p>(
    project: &'p Project<'_>,
    test: &Test,
    criterion: &Criterion,
    observed: Option<&'p Observed>,
    level: Level,
) -> Slice {
    let path = test.defined_in.as_deref().unwrap_or(&test.path);
    let Some(module) = project.module(path) else {
        return Slice {
            level,
            notes: vec![format!("`{path}` is not in the workspace")],
            ..Slice::default()
        };
    };
    let mut bring = Bring::new(project, level, &criterion.destination);
    // A doctest's file is the product's, and its examples are found by themselves.
    bring.test_file = (test.kind != ItemKind::Doctest).then_some(path);
    locate_frames(project, criterion, &mut bring);
    bring.observed = observed;
    bring.hints = hints(project, criterion, &bring);
    bring.hints.data = data::written(&bring.tree(module));
    bring.hints.data.extend(parameters(test));
    bring.shape = shape(criterion, level, &bring.hints);
    bring.futures(module);
    let mut requested = Vec::new();
    let collects = criterion.phase == CriterionPhase::Collect && !makes_instance(test, criterion);
    let text = if test.kind == ItemKind::Module || collects {
        collection::collection(project, module, test, criterion, &mut bring)
    } else if test.kind == ItemKind::Doctest {
        doctest::doctest(project, module, test, criterion, &mut bring)
    } else {
        bring.side_effects(module);
        let mut builder = Builder {
            project,
            module,
            test,
            criterion,
            level,
            drawn: Names::new(),
            bring: &mut bring,
            requested: Vec::new(),
            usefixtures: Vec::new(),
            brought: BTreeSet::new(),
            methods: BTreeMap::new(),
            parts: Vec::new(),
            has_example: false,
        };
        let text = builder.test();
        builder.bring_setups();
        requested = builder.requested;
        bring.changed_modules(module);
        bring.conftests(&test.path);
        text
    };
    let no_rewrite = is_not_rewritten(project, criterion, &bring);
    let shape = bring.shape;
    let (code, notes) = bring.finish(&text, &criterion.workspaces);
    let code = linters::without_noqa(&code);
    let code = match level < Level::Body {
        true => splats::without_splats(&code, &criterion.name),
        false => code,
    };
    let code = path::shortened(&code, level, &criterion.name);
    let code = shake::shake(&code, shape, &criterion.name);
    let code = code.replace(write::PATH, "").replace(write::RAN, "");
    let code = called::as_helpers(&code, &criterion.name);
    let code = python2::without_python2(&arrange::one_name_a_line(&code));
    let code = arrange::arranged(&linters::modern(&code));
    let code = linters::excused(&arrange::failing_import(&code));
    let (code, failing_line) = without_mark(&code);
    Slice {
        level,
        code,
        failing_line,
        fixtures: requested,
        notes,
        no_rewrite,
    }
}

/// Whether it is a test class's `__init__` that fails or refuses its arguments: pytest makes an instance of a `unittest.TestCase` when
/// it collects the class.
fn makes_instance(test: &Test, criterion: &Criterion) -> bool {
    let mut frames = criterion.frames.iter();
    let message = criterion.message.as_deref().unwrap_or_default();
    let is_refused = message.contains("__init__() ");
    !test.classes.is_empty() && (is_refused || frames.any(|it| it.function == "__init__"))
}

/// Finds the log's frames in the files as they are here: by line, or, where the source is another one there, by its text.
fn locate_frames(project: &Project<'_>, criterion: &Criterion, bring: &mut Bring<'_, '_>) {
    for frame in &criterion.frames {
        let Some(module) = project.module(&frame.path) else {
            continue;
        };
        if !bring.is_test_code(&frame.path) {
            continue;
        }
        let expected = frame.source.as_deref().map(str::trim);
        let says = |line: u32| module.line_text(line).map(str::trim);
        let mut line = frame.line;
        if expected.is_some_and(|source| says(line) != Some(source)) {
            let count = u32::try_from(module.lines.count()).unwrap_or(u32::MAX);
            let nearest = (1..=count)
                .filter(|other| says(*other) == expected)
                .min_by_key(|other| other.abs_diff(frame.line));
            match nearest {
                Some(other) => line = other,
                None => bring.notes.push(format!(
                    "line {} of `{}` is another one than in the log",
                    frame.line, frame.path
                )),
            }
        }
        let row = line.saturating_sub(1) as usize;
        bring.rows.entry(frame.path.clone()).or_default().push(row);
        bring.failing = Some((frame.path.clone(), row));
    }
}

/// The names that hold values of the failing parameter set.
fn parameters(test: &Test) -> impl Iterator<Item = String> + '_ {
    let direct = test.params.iter().filter(|param| !param.indirect);
    direct.map(|param| param.name.clone())
}

/// Whether the message tells that a name, a signature or a warning is what failed: the product's interface, not what values hold.
fn by_name(criterion: &Criterion) -> bool {
    let exception = criterion.exception.as_deref().unwrap_or_default();
    let message = criterion.message.as_deref().unwrap_or_default();
    let exception = exception.rsplit('.').next().unwrap_or_default();
    match exception {
        "AttributeError" => message.contains("has no attribute") && !message.contains("'NoneType'"),
        "ImportError" | "ModuleNotFoundError" => true,
        "TypeError" => message.contains(" argument"),
        _ => exception.ends_with("Warning") && exception != "Warning",
    }
}

/// How much goes of what is around the test's statements.
fn shape(criterion: &Criterion, level: Level, hints: &Hints) -> Level {
    let early = matches!(
        criterion.phase,
        CriterionPhase::Setup | CriterionPhase::Collect
    );
    if level == Level::Conservative && (early || hints.by_name) {
        Level::Smallest
    } else {
        level
    }
}

/// What the failure tells of the state that it needs.
fn hints(project: &Project<'_>, criterion: &Criterion, bring: &Bring<'_, '_>) -> Hints {
    let line = bring.failing.as_ref().and_then(|(path, row)| {
        let line = u32::try_from(row + 1).ok()?;
        project.module(path)?.line_text(line)
    });
    let message = criterion.message.as_deref().unwrap_or_default();
    let missing = message
        .split_once("object has no attribute '")
        .and_then(|(_, rest)| rest.split('\'').next());
    let types_only = criterion.exception.as_deref() == Some("AttributeError")
        && missing
            .zip(line)
            .is_some_and(|(name, line)| line.contains(&format!(".{name}")));
    Hints {
        types_only,
        by_name: by_name(criterion),
        locals: criterion
            .locals
            .iter()
            .filter(|(_, value, ..)| is_literal(value))
            .map(|(name, value, ..)| (name.clone(), value.clone()))
            .collect(),
        data: Names::new(),
    }
}

/// Whether pytest gave the failing `assert` no explanation: it does not rewrite the file that it is in.
fn is_not_rewritten(project: &Project<'_>, criterion: &Criterion, bring: &Bring<'_, '_>) -> bool {
    let asserts = bring.failing.as_ref().is_some_and(|(path, row)| {
        let line = u32::try_from(row + 1).ok();
        let text = project
            .module(path)
            .zip(line)
            .and_then(|(module, line)| module.line_text(line));
        text.is_some_and(|text| text.trim_start().starts_with("assert"))
    });
    criterion.exception.as_deref() == Some("AssertionError")
        && criterion
            .message
            .as_deref()
            .is_some_and(|message| message.trim().is_empty())
        && asserts
}

/// The names that a text uses.
fn uses_of(text: &str) -> Names {
    let module = Module::generated(text);
    Facts::of(&module, module.root()).uses
}

/// Lines four columns in; those of a string that spans lines stay.
fn indented(lines: &[String]) -> String {
    let text = lines.join("\n");
    let module = Module::generated(&text);
    let lines: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(row, line)| {
            if line.is_empty() || module.begins_in_string(row) {
                line.to_owned()
            } else {
                format!("    {line}")
            }
        })
        .collect();
    lines.join("\n")
}

fn without_mark(code: &str) -> (String, Option<u32>) {
    let mut failing = None;
    let mut text = String::with_capacity(code.len());
    for (row, line) in code.split_inclusive('\n').enumerate() {
        if let Some((before, after)) = line.split_once(write::MARK) {
            failing = failing.or(u32::try_from(row).ok());
            text.push_str(before);
            text.push_str(after);
        } else {
            text.push_str(line);
        }
    }
    (text, failing)
}

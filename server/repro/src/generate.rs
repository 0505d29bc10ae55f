//! Evidence and a slice to the three files of a repro folder.

mod readme;
#[cfg(test)]
mod tests;

use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde::Serialize;
use serde_json::json;
use shell::Launcher;
use text::{Problem, Span};

use crate::collected;
use crate::command::{self, Command};
use crate::docs::{self, Words};
use crate::environment::{self, Export, State};
use crate::places::{self, Places, WORKSPACE};
use crate::quote::{CommentText, DocText, ShellWord};
use crate::{Config, Evidence, Files, Mismatch, mark, options};

type Object = serde_json::Map<String, serde_json::Value>;

/// Longest value in the docstring.
const SHORT: usize = 100;

/// The built-in templates, by the name that an override has.
const TEMPLATES: [(&str, &str); 3] = [
    ("run_test.sh", include_str!("templates/run_test.sh.jinja")),
    (
        "test_repro.py",
        include_str!("templates/test_repro.py.jinja"),
    ),
    ("README.md", include_str!("templates/README.md.jinja")),
];

/// All that the three files are made from.
pub(crate) struct Facts<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) slice: &'a python::Slice,
    pub(crate) words: Words,
    pub(crate) places: Places,
    pub(crate) command: Command,
    pub(crate) exports: Vec<Export<'a>>,
    /// Lines that make conftest files importable as plugins.
    pub(crate) plugins: Vec<(String, CommentText)>,
    pub(crate) test_name: String,
}

/// The three files of a repro folder. Without a slice (the original test is not in the workspace, or no test can show what failed)
/// there is no test file, and the script runs the original one by its node id; where the log names no test, it runs what CI's
/// command ran.
pub fn generate(evidence: &Evidence, slice: &python::Slice, config: &Config) -> Files {
    let places = Places::of(evidence);
    let test_name = match slice.code.trim() {
        "" => String::new(),
        _ => format!("test_{}_repro.py", stem(&config.name)),
    };
    let plugins = options::plugins(evidence, config, &slice.code, &places);
    let mut command = command::build(evidence, config, &places);
    let told = collected::arguments(evidence, config, &slice.code, &command.arguments);
    command.arguments.extend(told);
    command.arguments.extend(plugins.arguments);
    let facts = Facts {
        evidence,
        slice,
        words: docs::words(evidence),
        command,
        plugins: plugins.exports,
        exports: environment::exports(evidence, &slice.code, &places),
        places,
        test_name,
    };
    let mut files = Files {
        test_name: facts.test_name.clone(),
        ..Files::default()
    };
    let problems = &mut files.problems;
    files.script = render(config, "run_test.sh", script(&facts, config), problems);
    if !facts.test_name.is_empty() {
        files.test = render(config, "test_repro.py", test(&facts), problems);
    }
    files.readme = render(
        config,
        "README.md",
        readme::context(&facts, config),
        problems,
    );
    files
}

/// A template that a person wrote may be wrong: then the built-in one stands in.
fn render(
    config: &Config,
    name: &str,
    context: serde_json::Value,
    problems: &mut Vec<Problem>,
) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let mut syntax = SyntaxConfig::builder();
    syntax
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        environment.set_syntax(syntax);
    }
    let file = format!("{name}.jinja");
    let override_ = config
        .templates
        .iter()
        .find(|(path, _)| *path == file || path == name);
    if let Some((path, text)) = override_ {
        match environment.render_named_str(path, text, Serde(&context)) {
            Ok(text) => return text,
            Err(error) => problems.push(Problem {
                message: format!(
                    "the template {path} cannot be used, so the built-in one is: {error:#}"
                ),
                path: path.clone(),
                span: Span::default(),
            }),
        }
    }
    let built_in = TEMPLATES
        .iter()
        .find(|(built_in, _)| *built_in == name)
        .map_or("", |(_, text)| *text);
    environment
        .render_named_str(name, built_in, Serde(&context))
        .unwrap_or_else(|error| {
            problems.push(Problem {
                message: format!("the template {name} cannot be used: {error:#}"),
                path: String::new(),
                span: Span::default(),
            });
            String::new()
        })
}

#[derive(Serialize)]
struct ExportLine {
    line: String,
    origin: CommentText,
}

#[derive(Serialize)]
struct LeftOut {
    name_comment: CommentText,
    why_comment: CommentText,
}

fn script(facts: &Facts<'_>, config: &Config) -> serde_json::Value {
    let log_path = &facts.evidence.log_path;
    let mut exports = Vec::new();
    let mut left_out = Vec::new();
    for export in &facts.exports {
        match &export.state {
            State::Set(line) | State::Asked(line) => exports.push(ExportLine {
                line: line.clone(),
                origin: environment::origin_comment(&export.variable.origin, log_path),
            }),
            State::LeftOut(why) => left_out.push(LeftOut {
                name_comment: CommentText::new(&export.variable.name, 80),
                why_comment: CommentText::new(why, 120),
            }),
        }
    }
    import_root(facts, &mut exports);
    for (line, why) in &facts.plugins {
        if exports.iter().all(|export| export.line != *line) {
            exports.push(ExportLine {
                line: line.clone(),
                origin: why.clone(),
            });
        }
    }
    let workspace_dir = places::workspace_dir(config);
    json!({
        "needs_script_dir": !facts.test_name.is_empty() || workspace_dir.contains("SCRIPT_DIR"),
        "failure": json!({ "id": CommentText::new(facts.evidence.failure.title(), 300) }),
        "name": stem(&config.name),
        "workspace_dir": workspace_dir,
        "exports": exports,
        "left_out": left_out,
        "venvs": venvs(facts, config),
        "cwd": ShellWord::below(WORKSPACE, &facts.places.cwd),
        "launcher": match facts.command.launcher {
            Launcher::Module => "module",
            Launcher::Program => "program",
        },
        "max_seconds": command::bound(config),
        "arguments": facts.command.arguments,
        "target": targets(facts).iter().map(ShellWord::as_str).collect::<Vec<_>>().join(" "),
    })
}

/// What pytest is to run: the repro test, without one the original, and where the log names no test what CI ran.
fn targets(facts: &Facts<'_>) -> Vec<ShellWord> {
    if !facts.test_name.is_empty() {
        let test = format!("tests/{}", facts.test_name);
        return vec![ShellWord::below("SCRIPT_DIR", &test)];
    }
    if !facts.evidence.failure.id.is_empty() {
        let imported = Mismatch::of(&facts.evidence.failure).map(|it| it.imported);
        let imported = imported.and_then(|path| facts.places.of_rootdir(&path));
        let original = original_test(facts);
        let paths = imported.iter().chain([&original]);
        return paths
            .map(|path| ShellWord::below(WORKSPACE, path))
            .collect();
    }
    let paths = command::of(facts.evidence).map_or(&[][..], |command| &command.paths);
    paths.iter().map(|path| facts.places.word(path)).collect()
}

/// What pytest's import mode put on `sys.path` for the original test, the repro test's place does not.
fn import_root(facts: &Facts<'_>, exports: &mut Vec<ExportLine>) {
    let Some(root) = facts.evidence.import_root.as_deref() else {
        return;
    };
    let Some(root) = places::relative(root) else {
        return;
    };
    let original = command::of(facts.evidence).map_or(&[][..], |it| &it.argv);
    if command::imports_by_importlib(facts.evidence, original) {
        return;
    }
    let word = ShellWord::below(WORKSPACE, &root).before_callers("PYTHONPATH", ':');
    exports.push(ExportLine {
        line: format!("export PYTHONPATH={word}"),
        origin: CommentText::new("pytest puts the original test's folder on sys.path", 200),
    });
}

/// The original test's node id, relative to the workspace.
fn original_test(facts: &Facts<'_>) -> String {
    let id = &facts.evidence.failure.id;
    let (path, rest) = match id.find("::") {
        Some(at) => id.split_at(at),
        None => (id.as_str(), ""),
    };
    let joined = match facts.places.rootdir.as_str() {
        "" => path.to_owned(),
        rootdir => format!("{rootdir}/{path}"),
    };
    format!("{}{rest}", places::relative(&joined).unwrap_or_default())
}

/// Candidates of virtual environments, as words of bash. Those that the job activated count only within the workspace: a log
/// must not name a file elsewhere that is then run.
fn venvs(facts: &Facts<'_>, config: &Config) -> Vec<ShellWord> {
    let in_workspace = |path: &str| ShellWord::below(WORKSPACE, path);
    let mut venvs: Vec<ShellWord> = Vec::new();
    for venv in &config.venv {
        venvs.push(match places::relative(venv) {
            Some(relative) => in_workspace(&relative),
            None => ShellWord::new(venv),
        });
    }
    venvs.push(ShellWord::below_callers("VIRTUAL_ENV", ""));
    let configuration = facts.evidence.configurations.first();
    for (activated, _) in configuration.iter().flat_map(|it| &it.activates) {
        let folder = activated
            .trim_end_matches("/activate")
            .trim_end_matches("/bin");
        if let Some(relative) = facts.places.relative(folder).filter(|it| !it.is_empty()) {
            venvs.push(in_workspace(&relative));
        }
    }
    venvs.push(in_workspace(".venv"));
    venvs.push(in_workspace("venv"));
    venvs.push(ShellWord::new("/opt/venv"));
    venvs.push(ShellWord::below_callers("TT_METAL_HOME", "/python_env"));
    let mut unique: Vec<ShellWord> = Vec::new();
    for venv in venvs {
        if !unique.contains(&venv) {
            unique.push(venv);
        }
    }
    unique
}

fn test(facts: &Facts<'_>) -> serde_json::Value {
    let words = &facts.words;
    let original = match words.run.as_str() {
        "" => facts.evidence.failure.title().to_owned(),
        run => format!("{} ({run})", facts.evidence.failure.title()),
    };
    let title = format!("{} fails with {}", words.name, words.kind);
    let texts: [(&str, &str, usize); 5] = [
        ("title", &title, SHORT),
        ("original", &original, 2 * SHORT),
        ("error", &words.error, SHORT + SHORT / 2),
        ("expected", &words.expected, SHORT),
        ("actual", &words.actual, SHORT),
    ];
    let plain = texts.map(|(name, text, longest)| (name, DocText::new(text, longest)));
    let raw = texts.map(|(name, text, longest)| (name, DocText::raw(text, longest)));
    // Escapes would make the docstring something else than what is read in the file.
    let needs_raw = plain.iter().any(|(_, text)| text.as_str().contains('\\'));
    json!({
        "doc": plain.map(|(name, text)| (name.to_owned(), json!(text))).into_iter().collect::<Object>(),
        "raw": raw.map(|(name, text)| (name.to_owned(), json!(text))).into_iter().collect::<Object>(),
        "needs_raw": needs_raw,
        "plain_assertion": has_plain_assertion(facts),
        "code": mark::mark(facts.slice.code.trim_start_matches('\n'), failing_line(facts.slice)),
    })
}

/// pytest explains assertions of test modules and not those of their helpers, which now stand in a test module: where CI's
/// message has no explanation, this one must have none.
fn has_plain_assertion(facts: &Facts<'_>) -> bool {
    let failure = &facts.evidence.failure;
    let source = failure
        .location
        .as_ref()
        .and_then(|it| it.source.as_deref());
    let is_assert = source.is_some_and(|source| source.trim_start().starts_with("assert"));
    let is_plain = failure.exception.as_ref().is_some_and(|exception| {
        let mut lines = exception.message.lines();
        !exception.cut && !lines.any(|line| line.trim_start().starts_with("assert"))
    });
    is_assert && is_plain && facts.slice.failing_line.is_some()
}

/// The failing line of the code without the empty lines at its start.
fn failing_line(slice: &python::Slice) -> Option<u32> {
    let empty = slice.code.len() - slice.code.trim_start_matches('\n').len();
    slice.failing_line?.checked_sub(u32::try_from(empty).ok()?)
}

/// The name as part of a Python module's name.
fn stem(name: &str) -> String {
    let words: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let words = words.trim_matches('_');
    let words = words.strip_prefix("test_").unwrap_or(words);
    match words.strip_suffix("_repro").unwrap_or(words) {
        "" => "failure".to_owned(),
        words => words.chars().take(80).collect(),
    }
}

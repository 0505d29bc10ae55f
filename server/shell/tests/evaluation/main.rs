//! Scripts in, tables of what they set and run out.

mod control;
mod damaged;
mod variables;

use expect_test::Expect;
use reprolens_shell as shell;
use shell::{AssignmentKind, Command, Context, Evaluation};
use text::fixture::Fixture;
use text::{LineIndex, Value, Workspace};

#[track_caller]
fn check(script: &str, expect: Expect) {
    check_in(script, &[], None, expect);
}

/// The first file of the fixture is the script, the others are what it can read.
#[track_caller]
fn check_in(fixture: &str, env: &[(&str, &str)], cwd: Option<&str>, expect: Expect) {
    let fixture = Fixture::parse(fixture);
    let script = &fixture.files[0].text;
    let env: Vec<(String, Value)> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::printed(*value)))
        .collect();
    let read = |path: &str| {
        let path = path.trim_start_matches("./");
        Some((fixture.read(path)?.to_string(), path.to_owned()))
    };
    let ctx = Context {
        env: &env,
        arguments: &["one".to_owned(), "two words".to_owned()],
        cwd,
        read: &read,
    };
    expect.assert_eq(&render(&fixture, &shell::evaluate(script, &ctx)));
}

fn render(fixture: &Fixture, evaluation: &Evaluation) -> String {
    let mut out = String::new();
    let place = |path: &str, offset: usize| {
        let text = match path {
            "" => &fixture.files[0].text,
            path => &fixture.file(path).text,
        };
        let line = LineIndex::new(text).line_of(offset) + 1;
        if path.is_empty() {
            line.to_string()
        } else {
            format!("{path}:{line}")
        }
    };
    for it in &evaluation.assignments {
        let kind = match it.kind {
            AssignmentKind::Export => "export ",
            AssignmentKind::Plain if it.exported => "exported ",
            AssignmentKind::Plain => "",
            AssignmentKind::Unset => "unset ",
            AssignmentKind::GithubEnv => "github-env ",
        };
        let marks = [
            (it.conditional, " (conditional)"),
            (it.overridable, " (overridable)"),
        ];
        let marks: String = marks.iter().filter(|it| it.0).map(|it| it.1).collect();
        out += &format!(
            "{}: {kind}{}={}{marks}\n",
            place(&it.path, it.span.start),
            it.name,
            value(&it.value)
        );
    }
    for it in &evaluation.commands {
        out += &format!("{}: $ {}\n", place(&it.path, it.span.start), command(it));
    }
    for it in &evaluation.problems {
        out += &format!(
            "{}: problem: {}\n",
            place(&it.path, it.span.start),
            it.message
        );
    }
    out
}

fn command(command: &Command) -> String {
    let words: Vec<String> = command
        .argv
        .iter()
        .map(|word| match word {
            shell::Word::Known(text) if !text.is_empty() && !text.contains([' ', '\n', '"']) => {
                text.clone()
            }
            shell::Word::Known(text) => format!("{text:?}"),
            shell::Word::Unresolved(text) => format!("<{text}>"),
        })
        .collect();
    let env: Vec<String> = command
        .environment
        .iter()
        .map(|(name, it)| format!("{name}={}", value(it)))
        .collect();
    let mut out = words.join(" ");
    if !env.is_empty() {
        out += &format!("  [{}]", env.join(", "));
    }
    if let Some(cwd) = &command.cwd {
        out += &format!(" in {cwd}");
    }
    if command.conditional {
        out += " (conditional)";
    }
    out
}

fn value(value: &Value) -> String {
    match value {
        Value::Known(text) => format!("{text:?}"),
        Value::Masked(text) => format!("masked {text:?}"),
        Value::Unresolved(text) => format!("<{text}>"),
    }
}

//! The README's contents, in quoted words.

mod strategy;

use log::{Kind, Phase};
use serde::Serialize;
use serde_json::json;
use text::{Value, Variable, is_secret_name};

use self::strategy::strategy;
use super::{Facts, stem};
use crate::docs;
use crate::environment::{State, origin};
use crate::quote::{MdText, ShellWord};
use crate::{Config, Mismatch};

/// Most other tests that are named.
const MOST_NAMED: usize = 20;

#[derive(Serialize)]
struct Row {
    name: MdText,
    value: MdText,
    origin: MdText,
    state: MdText,
}

#[derive(Serialize)]
struct Item {
    what: MdText,
    why: MdText,
    stand_in: Option<MdText>,
}

#[derive(Serialize)]
struct Output {
    place: MdText,
    text: MdText,
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: MdText,
}

#[derive(Serialize)]
struct Dropped {
    flag: MdText,
    why: &'static str,
}

pub(super) fn context(facts: &Facts<'_>, config: &Config) -> serde_json::Value {
    let evidence = facts.evidence;
    let failure = &evidence.failure;
    let job = &evidence.job;
    let unknown = || MdText::prose("not in the log");
    let test = |name: &str| match failure.id.as_str() {
        "" => MdText::prose(name),
        _ => MdText::code(name),
    };
    let command = crate::command::of(evidence);
    let same: Vec<MdText> = evidence
        .same_failure
        .iter()
        .take(MOST_NAMED)
        .map(|id| MdText::code(id))
        .collect();
    let dropped: Vec<Dropped> = facts
        .command
        .dropped
        .iter()
        .map(|(flag, why)| Dropped {
            flag: MdText::code(flag),
            why,
        })
        .collect();
    // What the sentence of the cause holds needs no block.
    let in_sentence = matches!(failure.kind, Kind::Assertion | Kind::ShapeMismatch)
        && [&failure.expected, &failure.actual]
            .iter()
            .all(|text| text.as_deref().is_some_and(is_short));
    let block = |text: &Option<String>| {
        text.as_deref()
            .filter(|text| !text.trim().is_empty() && !in_sentence)
            .map(|text| MdText::block(text, "text"))
    };
    json!({
        "title": format!("{} fails with {}", test(&facts.words.name), MdText::code(&facts.words.kind)),
        "failure": json!({
            "test": test(failure.title()),
            "job": docs::job(evidence).map_or_else(unknown, |job| MdText::prose(&job)),
            "date": docs::date(evidence).map_or_else(unknown, |date| MdText::prose(&date)),
            "error": MdText::code(&facts.words.error),
            "location": facts.words.location.as_deref().map(MdText::code),
            "commit": job.commit.as_ref().map(|commit| MdText::code(&commit.text)),
            "command": command.map(|command| MdText::code(&command.source)),
            "log": MdText::code(&format!("{}:{}", evidence.log_path, failure.line)),
        }),
        "same": same,
        "same_count": evidence.same_failure.len(),
        "cause": cause(facts),
        "expected": block(&failure.expected),
        "actual": block(&failure.actual),
        "printed": printed(facts),
        "does": does(facts),
        "dropped": dropped,
        "notes": facts.slice.notes.iter().map(|note| MdText::prose(note)).collect::<Vec<_>>(),
        "output": MdText::block(&docs::whole_error(failure), "text"),
        "strategy": strategy(facts),
        "variables": variables(facts),
        "facts": machine(facts),
        "not_replicated": not_replicated(facts),
        "name": stem(&config.name),
        "test_name": facts.test_name,
    })
}

/// The hypothesis that the evidence supports: what kind of failure, where.
fn cause(facts: &Facts<'_>) -> Vec<String> {
    let failure = &facts.evidence.failure;
    let what = match docs::exception_name(failure) {
        Some(name) => MdText::code(&name).to_string(),
        None => "An error".to_owned(),
    };
    let place = match &facts.words.location {
        Some(location) => format!(" at {}{}", MdText::code(location), called_from(failure)),
        None => String::new(),
    };
    let is_of_shapes = failure.kind == Kind::ShapeMismatch || docs::is_of_shapes(failure);
    let values = match (&failure.expected, &failure.actual) {
        (Some(expected), Some(actual)) if is_short(expected) && is_short(actual) => {
            Some(differs(expected, actual))
        }
        _ => None,
    };
    let mut sentences = vec![match failure.kind {
        Kind::Assertion | Kind::ShapeMismatch if is_of_shapes => format!(
            "Shapes do not fit{place}: {}.",
            values.unwrap_or_else(
                || "the operation gets or gives another shape than is expected".to_owned()
            )
        ),
        Kind::Assertion => format!(
            "An assertion does not hold{place}: {}.",
            values.unwrap_or_else(|| {
                "the code under test gives another value than the test expects".to_owned()
            })
        ),
        Kind::UnexpectedPass => {
            "The test passes, and its `xfail` mark expects it to fail.".to_owned()
        }
        Kind::TypeError => format!(
            "{what} is raised{place}: something of another type, or other arguments, than the code takes."
        ),
        Kind::IndexError => format!("{what} is raised{place}: an access outside of what is there."),
        Kind::FixtureError => format!(
            "{what} is raised{place}, in {} of the test's fixtures: the test itself is not at fault.",
            match failure.phase {
                Phase::Teardown => "the teardown",
                _ => "the setup",
            }
        ),
        Kind::CollectionError => match mismatch(facts) {
            Some((module, imported)) => format!(
                "{imported} was imported as {module}, and this file would be imported by the same name: pytest refuses it."
            ),
            None => {
                let (item, happens) = docs::collected(facts.evidence);
                match docs::is_refused(failure) {
                    true => format!("pytest refuses {item}: no test of it can run."),
                    false => format!(
                        "{what} is raised{place} while {item} is {happens}: no test of it can run."
                    ),
                }
            }
        },
        Kind::Timeout => format!("The test does not end{place}."),
        Kind::Crash => format!("The process dies{place}: native code, or the system, ended it."),
        Kind::Unknown => "The log says that the test failed, and not why.".to_owned(),
        _ => format!("{what} is raised{place}."),
    }];
    if let Some(source) = docs::failing_source(failure) {
        sentences.push(format!("The line is {}.", MdText::code(source)));
    }
    if let Some(link) = failure.chain.first() {
        let name = &link.exception.type_name;
        let message = link.exception.message.lines().next().unwrap_or_default();
        sentences.push(format!(
            "The first error of the chain is {}.",
            MdText::code(&format!("{name}: {message}"))
        ));
    }
    sentences
}

/// The name that two files share, and the one of them that pytest imported first.
fn mismatch(facts: &Facts<'_>) -> Option<(MdText, MdText)> {
    let found = Mismatch::of(&facts.evidence.failure)?;
    let imported = facts.places.of_rootdir(&found.imported);
    let imported = imported.unwrap_or(found.imported);
    Some((MdText::code(&found.module), MdText::code(&imported)))
}

/// How two values differ, as part of a sentence.
fn differs(expected: &str, actual: &str) -> String {
    let words = [("in ", "is not in"), ("not in ", "is in")];
    let of_members = words
        .iter()
        .find_map(|(begins, words)| Some((expected.strip_prefix(begins)?, words)));
    let actual = MdText::code(actual);
    match of_members {
        Some((all, words)) => format!("{actual} {words} {}", MdText::code(all)),
        None => format!(
            "{actual} is given where {} is expected",
            MdText::code(expected)
        ),
    }
}

/// The line of the test that a failing helper was called from.
fn called_from(failure: &log::Failure) -> String {
    let Some(location) = &failure.location else {
        return String::new();
    };
    let caller = failure
        .frames
        .iter()
        .rev()
        .find(|frame| frame.line > 0 && Some(frame.path.as_str()) == failure.path.as_deref());
    match caller {
        Some(caller) if (&caller.path, caller.line) != (&location.path, location.line) => {
            format!(
                ", called from {}",
                MdText::code(&format!("{}:{}", caller.path, caller.line))
            )
        }
        _ => String::new(),
    }
}

/// Whether a value can stand within a sentence.
fn is_short(value: &str) -> bool {
    value.len() <= 120 && !value.contains('\n')
}

/// What the test printed: often the values that a bare `assert passed` does not show.
fn printed(facts: &Facts<'_>) -> Vec<Output> {
    let evidence = facts.evidence;
    let parts = evidence.printed.iter();
    parts
        .map(|part| Output {
            place: MdText::code(&format!("{}:{}", evidence.log_path, part.line)),
            text: MdText::block(&part.lines.join("\n"), "text"),
        })
        .collect()
}

fn does(facts: &Facts<'_>) -> Vec<String> {
    let evidence = facts.evidence;
    if facts.test_name.is_empty() && evidence.failure.id.is_empty() {
        return vec![format!(
            "There is no test of its own here: what failed is {}. The script runs pytest as CI's command did.",
            evidence.failure.title()
        )];
    }
    if facts.test_name.is_empty() && mismatch(facts).is_some() {
        return vec!["There is no test of its own here: whatever is in the file, pytest refuses it. The script collects both files.".to_owned()];
    }
    if facts.test_name.is_empty() {
        let why = match &evidence.test {
            Err(python::NotFound::NoPython) => {
                return vec!["There is no test of its own here: the original is no Python. The script has pytest collect it.".to_owned()];
            }
            Err(python::NotFound::File) => "its file is not in this workspace",
            Err(python::NotFound::Class) => "its class is not in the file",
            Err(python::NotFound::Function) => "its function is not in the file",
            Ok(_) => "nothing of it could be brought along",
        };
        return vec![format!(
            "There is no test of its own here: of the original test, {why}. Check out the commit that CI ran; until then the script runs the original test by its node id."
        )];
    }
    let values = match evidence.failure.param_id {
        Some(_) => ", with the values of the failing parameter set",
        None => "",
    };
    let mut sentences = vec![format!(
        "{} {}{values}.",
        MdText::code(&format!("tests/{}", facts.test_name)),
        match facts.slice.level {
            _ if evidence.failure.kind == Kind::UnexpectedPass =>
                "holds the body of the original test, which passes, and the mark that expects it to fail",
            python::Level::Smallest | python::Level::Conservative =>
                "holds what the failing line depends on",
            python::Level::Body => "holds the body of the original test up to the failing line",
            python::Level::Whole => "holds the whole original test",
        }
    )];
    if facts.slice.failing_line.is_some() {
        sentences.push("The failing line is marked with `# <- fails here`.".to_owned());
    }
    if !facts.slice.fixtures.is_empty() {
        let names: Vec<String> = facts
            .slice
            .fixtures
            .iter()
            .map(|name| MdText::code(name).to_string())
            .collect();
        let fixtures = match names.len() {
            1 => "fixture",
            _ => "fixtures",
        };
        sentences.push(format!(
            "It requests the original's {fixtures} {}.",
            names.join(", ")
        ));
    }
    sentences
}

fn variables(facts: &Facts<'_>) -> Vec<Row> {
    facts
        .exports
        .iter()
        .map(|export| {
            let variable = export.variable;
            let value = match &variable.value {
                Value::Known(_) if is_secret_name(&variable.name) => {
                    MdText::prose("a secret, not written down")
                }
                Value::Known(value) => MdText::cell(value),
                Value::Masked(_) => MdText::prose("a secret, masked"),
                Value::Unresolved(text) => MdText::cell(text),
            };
            Row {
                name: MdText::cell(&variable.name),
                value,
                origin: MdText::cell(&origin(&variable.origin, &facts.evidence.log_path)),
                state: match &export.state {
                    State::Set(line) => in_script(line, variable),
                    State::Asked(_) => MdText::prose("asked for"),
                    State::LeftOut(why) => MdText::prose(why),
                },
            }
        })
        .collect()
}

/// `set`, or what stands in the script where CI's value cannot be used as it was.
fn in_script(line: &str, variable: &Variable) -> MdText {
    let word = line.split_once('=').map_or(line, |(_, word)| word);
    let as_it_was = variable.value.known().map(ShellWord::new);
    if as_it_was.is_some_and(|it| it.to_string() == word) {
        MdText::prose("set")
    } else {
        MdText::cell(word)
    }
}

/// The machine that CI ran on.
fn machine(facts: &Facts<'_>) -> Vec<Fact> {
    let job = &facts.evidence.job;
    let session = facts.evidence.session.as_ref();
    let mut all = Vec::new();
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
            all.push(Fact {
                name,
                value: MdText::code(&value),
            });
        }
    };
    add("Python", session.and_then(|it| it.python.clone()));
    add("pytest", session.and_then(|it| it.pytest.clone()));
    add(
        "Plugins",
        session
            .map(|it| it.plugins.join(", "))
            .filter(|it| !it.is_empty()),
    );
    add("System", job.os.as_ref().map(|os| os.text.clone()));
    add("Image", job.image.as_ref().map(|image| image.text.clone()));
    let labels: Vec<&str> = job
        .runner_labels
        .iter()
        .map(|it| it.text.as_str())
        .collect();
    add("Runner", Some(labels.join(", ")));
    all
}

fn not_replicated(facts: &Facts<'_>) -> Vec<Item> {
    let configuration = facts.evidence.configurations.first();
    let obstacles = configuration.iter().flat_map(|it| &it.obstacles);
    let mut items: Vec<Item> = obstacles
        .clone()
        .map(|obstacle| Item {
            what: MdText::code(&obstacle.what),
            why: MdText::prose(obstacle.why.trim_end_matches('.')),
            stand_in: Some(obstacle.stand_in.trim_end_matches('.'))
                .filter(|it| !it.is_empty())
                .map(|it| MdText::prose(&it.replace('`', "'"))),
        })
        .collect();
    for export in &facts.exports {
        let name = export.variable.name.as_str();
        let is_named = obstacles
            .clone()
            .any(|it| it.what.split([' ', '=']).any(|word| word == name));
        if let State::LeftOut(why) = export.state
            && !is_named
        {
            items.push(Item {
                what: MdText::code(name),
                why: MdText::prose(why),
                stand_in: None,
            });
        }
    }
    items
}

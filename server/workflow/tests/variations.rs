//! The real jobs of `tests/workflows`, their configuration changed in ways that must not matter.
#![expect(clippy::disallowed_methods, reason = "the tests read their fixtures")]

mod table;

use reprolens_workflow::{JobConfiguration, join};
use text::fixture::{File, Fixture};

const CASES: [(&str, &str); 5] = [
    ("attrs", ".github/workflows/ci.yml"),
    ("furl", ".github/workflows/ci.yml"),
    ("jinja2", ".github/workflows/ci.yml"),
    ("networkx", ".github/workflows/ci.yml"),
    ("marshmallow-sqlalchemy", ".gitlab-ci.yml"),
];

struct Case {
    name: &'static str,
    path: &'static str,
    log: String,
    configuration: String,
}

fn cases() -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/workflows");
    let read = |case: &str, name: &str| {
        let bytes = std::fs::read(format!("{folder}/{case}/{name}")).expect("the case's file");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    CASES
        .iter()
        .map(|(name, path)| Case {
            name,
            path,
            log: read(name, "ci.log"),
            configuration: read(name, "workflow.yml"),
        })
        .collect()
}

fn answer(log: &str, files: &[(&str, &str)]) -> JobConfiguration {
    let files = files.iter().map(|(path, text)| File {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
        ..File::default()
    });
    let workspace = Fixture {
        files: files.collect(),
    };
    join(
        &log::parse(log.as_bytes()),
        None,
        &workspace,
        &table::plain(),
    )
    .swap_remove(0)
}

/// What must stay: the variables and the command, wherever they stand.
fn essence(answer: &JobConfiguration) -> (Vec<(String, String)>, Vec<String>) {
    let variables = answer
        .variables
        .iter()
        .map(|it| (it.name.clone(), it.value.text().to_owned()));
    let command = answer.command.as_ref();
    (
        variables.collect(),
        command.map_or(Vec::new(), |(command, _)| command.argv.clone()),
    )
}

#[track_caller]
fn check(change: impl Fn(&Case) -> String) {
    for case in cases() {
        let expected = essence(&answer(&case.log, &[(case.path, &case.configuration)]));
        assert!(
            !expected.0.is_empty() && !expected.1.is_empty(),
            "{}",
            case.name
        );
        let changed = change(&case);
        assert_ne!(
            changed, case.configuration,
            "{}: nothing changed",
            case.name
        );
        let answer = answer(&case.log, &[(case.path, &changed)]);
        assert!(answer.job.is_some(), "{}: no job", case.name);
        assert_eq!(essence(&answer), expected, "{}\n{changed}", case.name);
    }
}

fn is_gitlab(case: &Case) -> bool {
    case.path == ".gitlab-ci.yml"
}

#[test]
fn other_jobs_before_it() {
    check(|case| {
        if is_gitlab(case) {
            format!(
                "lint:\n  variables: {{WRONG: '1'}}\n  script: [ruff check]\n{}",
                case.configuration
            )
        } else {
            case.configuration.replace(
                "jobs:\n",
                "jobs:\n  lint:\n    env: {WRONG: '1'}\n    runs-on: ubuntu-latest\n    steps:\n      - run: ruff check\n",
            )
        }
    });
}

#[test]
fn top_level_keys_in_another_order() {
    check(|case| {
        let mut blocks: Vec<String> = Vec::new();
        for line in case.configuration.split_inclusive('\n') {
            let starts = !line.starts_with([' ', '\n', '#']);
            match blocks.last_mut() {
                Some(last) if !starts => last.push_str(line),
                _ => blocks.push(line.to_owned()),
            }
        }
        blocks.reverse();
        blocks.concat()
    });
}

#[test]
fn variables_behind_an_anchor() {
    check(|case| {
        let (key, indent) = if is_gitlab(case) {
            ("variables:\n", "  ")
        } else {
            ("env:\n", "    ")
        };
        let top = case.configuration.replacen(
            &format!("\n{key}"),
            &format!("\n{}", key.replace(":\n", ": &shared\n")),
            1,
        );
        top.replacen(
            &format!("\n{indent}{key}"),
            &format!("\n{indent}{key}{indent}  <<: *shared\n"),
            1,
        )
    });
}

#[test]
fn renamed_job() {
    check(|case| {
        ["  tests:\n", "  test:\n", "  default:\n", "pytest:\n"]
            .iter()
            .fold(case.configuration.clone(), |text, key| {
                text.replace(
                    &format!("\n{key}"),
                    &format!("\n{}", key.replace(":\n", "-renamed:\n")),
                )
            })
    });
}

#[test]
fn variables_of_the_file_moved_to_the_job() {
    check(|case| {
        let key = if is_gitlab(case) {
            "variables:\n"
        } else {
            "env:\n"
        };
        let indent = if is_gitlab(case) { "  " } else { "    " };
        let start = case
            .configuration
            .find(&format!("\n{key}"))
            .expect("the file's block")
            + 1;
        let body = start + key.len();
        let end = body + case.configuration[body..].find("\n\n").expect("its end") + 1;
        let moved: String = case.configuration[body..end]
            .lines()
            .map(|line| format!("{indent}{line}\n"))
            .collect();
        let rest = format!(
            "{}{}",
            &case.configuration[..start],
            &case.configuration[end..]
        );
        rest.replacen(
            &format!("{indent}{key}"),
            &format!("{indent}{key}{moved}"),
            1,
        )
    });
}

#[test]
fn script_moved_to_a_file() {
    for case in cases() {
        let expected = essence(&answer(&case.log, &[(case.path, &case.configuration)]));
        let (mark, end) = if is_gitlab(&case) {
            ("$ ", "\u{1b}[0;m")
        } else {
            ("\u{1b}[36;1m", "\u{1b}[0m")
        };
        // The commands of the last step, as the log echoes them.
        let echoed: Vec<&str> = case
            .log
            .lines()
            .filter(|line| line.contains(mark) && line.contains(end))
            .collect();
        let count = match case.name {
            "furl" => 1,
            "marshmallow-sqlalchemy" => 2,
            _ => 3,
        };
        let own = &echoed[echoed.len() - count..];
        let command = |line: &str| {
            let at = line.find(mark).expect("the mark") + mark.len();
            line[at..].split(end).next().unwrap_or_default().to_owned()
        };
        let script: String = own
            .iter()
            .map(|line| format!("{}\n", command(line)))
            .collect();
        let mut log = String::new();
        for line in case.log.split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            if bare == own[0].trim_end_matches('\r') {
                log += &line.replace(&command(own[0]), "./ci/run.sh");
            } else if !own.iter().any(|own| own.trim_end_matches('\r') == bare) {
                log += line;
            }
        }
        let lines: Vec<&str> = case.configuration.lines().collect();
        let configuration = if is_gitlab(&case) {
            let kept = lines.len() - 2;
            format!("{}\n    - ./ci/run.sh\n", lines[..kept].join("\n"))
        } else {
            let run = lines
                .iter()
                .rposition(|line| line.trim_start().starts_with("run:"))
                .expect("a step");
            format!("{}\n        run: ./ci/run.sh\n", lines[..run].join("\n"))
        };
        let answer = answer(&log, &[(case.path, &configuration), ("ci/run.sh", &script)]);
        assert_eq!(
            essence(&answer),
            expected,
            "{}\n{configuration}\n{script}",
            case.name
        );
    }
}

//! What the CI side tells of the labelled logs in `tests/logs`: service, job, workflow, environment, command, exit code.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

extern crate reprolens_log as log;

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

/// Labels that say something else than the log does, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // The labels keep the quotes that the echoed line has around the value; the variable does not.
    ("plain-joblib-travis-doctest", "env PYTHON_VERSION"),
    ("plain-joblib-travis-doctest", "env NUMPY_VERSION"),
    ("plain-joblib-travis-doctest", "env COVERAGE"),
    // The failing step's own block is cut off; the labels take the next step's.
    ("github-pytorch-macos-sigbus", "env GIT_DEFAULT_BRANCH"),
    ("github-pytorch-macos-sigbus", "env BUILD_ENVIRONMENT"),
    ("github-pytorch-macos-sigbus", "env TEST_CONFIG"),
    ("github-pytorch-macos-sigbus", "env SHARD_NUMBER"),
    ("github-pytorch-macos-sigbus", "env NUM_TEST_SHARDS"),
    // `Set X=v` in a message: no word says that X is a variable of the environment.
    (
        "plain-ttmetal-vllm-dispatch-timeout",
        "env TT_METAL_OPERATION_TIMEOUT_SECONDS",
    ),
    (
        "plain-ttmetal-vllm-trace-fatal",
        "env TT_METAL_OPERATION_TIMEOUT_SECONDS",
    ),
    // Exit codes of a wrapper inside the step, and commands that a failure's text advises: neither is the step's.
    ("github-pytorch-file-syntaxerror", "exit_code"),
    ("github-pytorch-keyboardinterrupt-timeout", "exit_code"),
    ("github-pytorch-module-attributeerror", "exit_code"),
    ("github-pytorch-wrapper-timeout-124", "exit_code"),
    ("github-pytorch-dynamo-failed-consistently", "command"),
    ("github-pytorch-spawn-timeout-failed-duration", "command"),
    ("github-pytorch-triton-reruns-2024", "command"),
    // A slice without any mark of the service.
    ("buildkite-vllm-subprocess-summary", "ci"),
];

/// Name, label and bytes of each labelled log.
#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn labelled() -> Vec<(String, Value, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    assert!(paths.len() >= 50, "the labelled logs are missing");
    let read = |path: std::path::PathBuf| {
        let label = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bytes = std::fs::read(path.with_extension("log")).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (name, label, bytes)
    };
    paths.into_iter().map(read).collect()
}

fn differences() -> Vec<(String, String, String)> {
    let mut differences = Vec::new();
    for (name, label, bytes) in labelled() {
        let log = log::parse(&bytes);
        let mut tell = |what: String, got: String| differences.push((name.clone(), what, got));
        if label["ci"] != log.ci.name() {
            tell("ci".to_owned(), log.ci.name().to_owned());
        }
        if let Some(job) = label["job"].as_str() {
            let got = log.job.name.as_ref().map(|fact| fact.text.as_str());
            if got != Some(job) {
                tell("job".to_owned(), format!("{got:?}"));
            }
        }
        if let Some(workflow) = label["workflow"].as_str() {
            let got = log.job.workflow.as_ref().map_or("", |fact| &fact.text);
            if got.is_empty() || !workflow.starts_with(got) {
                tell("workflow".to_owned(), got.to_owned());
            }
        }
        let step = log
            .failures
            .iter()
            .find_map(|failure| failure.step)
            .or_else(|| log.sessions.iter().find_map(|session| session.step))
            .or_else(|| log.steps.iter().rposition(|step| step.command.is_some()))
            .or_else(|| log.steps.iter().position(|step| !step.env.is_empty()));
        let step = step.and_then(|step| log.steps.get(step));
        for (key, want) in label["env"].as_object().into_iter().flatten() {
            let found = step.and_then(|step| step.env.iter().find(|it| &it.name == key));
            let got = found.map(|it| it.value.text().trim_end());
            if got != want.as_str().map(str::trim_end) {
                tell(format!("env {key}"), format!("{got:?}, not {want}"));
            }
        }
        if let Some(code) = label["exit_code"].as_i64() {
            let got = step.and_then(|step| step.exit_code);
            if got.map(i64::from) != Some(code) {
                tell("exit_code".to_owned(), format!("{got:?}, not {code}"));
            }
        }
        if let Some(command) = label["command"].as_str() {
            let session = log
                .sessions
                .iter()
                .find_map(|session| session.command.as_ref());
            let got = step.and_then(|step| step.command.as_ref());
            let has = [got, session]
                .into_iter()
                .flatten()
                .any(|got| got.source.contains(command) || got.argv.join(" ") == command);
            if !has {
                tell(
                    "command".to_owned(),
                    format!("{:?}, not {command}", got.map(|got| &got.source)),
                );
            }
        }
    }
    differences
}

#[test]
fn labels() {
    let mut report = String::new();
    let differences = differences();
    for (log, what, got) in &differences {
        if !EXCEPTIONS.contains(&(log.as_str(), what.as_str())) {
            writeln!(report, "{log}: {what}: {got}").unwrap();
        }
    }
    for (log, what) in EXCEPTIONS {
        if !differences.iter().any(|it| it.0 == *log && it.1 == *what) {
            writeln!(report, "{log}: {what}: no exception any more").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// What a log tells, without where: its job's facts, but for the name, its steps and its failures.
fn told(log: &log::Log) -> String {
    let mut told = String::new();
    let text = |fact: &Option<log::Fact>| fact.as_ref().map(|it| it.text.clone());
    let job = &log.job;
    let labels: Vec<_> = job.runner_labels.iter().map(|it| &it.text).collect();
    let facts = [&job.workflow, &job.reference, &job.commit, &job.image].map(text);
    writeln!(told, "{facts:?} {labels:?}").unwrap();
    // What becomes a step of which nothing is told depends on the form.
    let tells = |it: &&log::Step| it.script.is_some() || !it.env.is_empty();
    for step in log.steps.iter().filter(tells) {
        let variables: Vec<_> = step.env.iter().map(|it| (&it.name, &it.value)).collect();
        writeln!(told, "{} {:?} {variables:?}", step.name, step.exit_code).unwrap();
        writeln!(told, "{:?}", step.script).unwrap();
    }
    for failure in &log.failures {
        let step = failure.step.map(|step| &log.steps[step].name);
        let exception = failure.exception.as_ref();
        let exception = exception.map(|it| (&it.type_name, it.message.trim_end()));
        writeln!(told, "{} {step:?} {exception:?}", failure.id).unwrap();
    }
    told
}

/// How a line looks elsewhere.
type Form<'a> = (&'a str, &'a dyn Fn(&str) -> String);

/// GitHub's logs are saved, cut and pasted in many ways.
#[test]
fn other_forms_of_a_log_tell_the_same() {
    let per_line = |bytes: &[u8], of: &dyn Fn(&str) -> String| {
        let text = String::from_utf8_lossy(bytes);
        text.lines().map(|line| of(line) + "\n").collect::<String>()
    };
    let stampless = |line: &str| {
        let line = line.trim_start_matches('\u{feff}');
        let (stamp, rest) = line.split_once(' ').unwrap_or((line, ""));
        let is_stamp = stamp.len() == 28 && stamp.starts_with("20") && stamp.ends_with('Z');
        (if is_stamp { rest } else { line }).to_owned()
    };
    let forms: [Form<'_>; 5] = [
        ("gh, unknown steps", &|line| {
            format!("a job\tUNKNOWN STEP\t{line}")
        }),
        ("without timestamps", &stampless),
        ("indented", &|line| format!("    {line}")),
        ("quoted", &|line| format!("> {line}")),
        ("as Windows ends lines", &|line| format!("{line}\r")),
    ];
    let mut count = 0;
    for (name, _, bytes) in labelled() {
        let is_whole = memchr::memmem::find(&bytes, b"Z ##[group]Run ").is_some();
        if !is_whole || bytes.starts_with(b"20") == bytes.starts_with("\u{feff}20".as_bytes()) {
            continue;
        }
        count += 1;
        let want = told(&log::parse(&bytes));
        for (form, of) in forms {
            let got = told(&log::parse(per_line(&bytes, of).as_bytes()));
            assert_eq!(got, want, "{name}, {form}");
        }
        let mut parser = log::Parser::new(log::Limits::default());
        parser.step("output");
        for line in String::from_utf8_lossy(&bytes).lines() {
            if let Some((_, title)) = line.split_once("Z ##[group]Run ") {
                parser.step(&format!("Run {title}"));
            }
            parser.push(format!("{line}\n").as_bytes());
        }
        let got = told(&parser.finish());
        assert_eq!(got, want, "{name}, a file for each step");
    }
    assert!(count >= 20, "{count} logs");
}

/// The runner's own header is inside of the step in which the job is set up.
#[test]
fn a_job_has_its_facts_also_behind_the_steps_names() {
    let stamp = "2024-01-15T10:00:00.0000000Z";
    let lines = [
        ("Set up job", "Current runner version: '2.3'"),
        ("Set up job", "Requested labels: self-hosted, n150"),
        ("Run tests", "##[group]Run pytest"),
        ("Run tests", "\x1b[36;1mpytest\x1b[0m"),
        ("Run tests", "##[endgroup]"),
    ];
    let line = |(step, text): (&str, &str)| format!("a job\t{step}\t{stamp} {text}\n");
    let by_gh = log::parse(lines.map(line).concat().as_bytes());
    assert_eq!(by_gh.job.name.as_ref().unwrap().text, "a job");
    let mut parser = log::Parser::new(log::Limits::default());
    let mut last = "";
    for (step, text) in lines {
        if step != last {
            parser.step(step);
        }
        last = step;
        parser.push(format!("{stamp} {text}\n").as_bytes());
    }
    for log in [by_gh, parser.finish()] {
        let names: Vec<_> = log.steps.iter().map(|it| &it.name).collect();
        let labels: Vec<_> = log.job.runner_labels.iter().map(|it| &it.text).collect();
        assert_eq!(names, ["Set up job", "Run tests"]);
        assert_eq!(labels, ["self-hosted", "n150"]);
    }
}

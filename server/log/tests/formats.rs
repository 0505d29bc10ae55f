//! The same output of pytest in the form of each CI: the same failures come out, at the right lines of the raw log.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

extern crate reprolens_log as log;

use std::path::Path;

/// What `tests/corpus` recorded: pytest's output as the runner's log has it, without its stamps.
#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn outputs() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("ci.log").is_file())
        .map(|path| {
            let text = std::fs::read_to_string(path.join("ci.log")).unwrap();
            let lines: Vec<&str> = text
                .trim_start_matches('\u{feff}')
                .lines()
                .map(|line| match line.split_once("Z ") {
                    Some((stamp, text)) if stamp.ends_with(|it: char| it.is_ascii_digit()) => {
                        text.strip_prefix("01O ").unwrap_or(text)
                    }
                    _ => line,
                })
                .collect();
            let from = lines
                .iter()
                .position(|line| {
                    ["= test session starts =", "= FAILURES =", "= ERRORS ="]
                        .iter()
                        .any(|title| line.contains(title))
                })
                .unwrap();
            let len = lines[from..]
                .iter()
                .position(|line| line.starts_with("##[error]") || line.contains("section_end:"))
                .unwrap_or(lines.len() - from);
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, lines[from..from + len].join("\n"))
        })
        .collect();
    found.sort();
    found
}

/// A log: lines before the output, the form of each output line, lines behind it.
struct Form {
    name: &'static str,
    ci: log::Ci,
    head: &'static str,
    line: fn(usize, &str) -> String,
    tail: &'static str,
}

const FORMS: &[Form] = &[
    Form {
        name: "terminal",
        ci: log::Ci::Plain,
        head: "$ pytest -q tests",
        line: |_, text| text.to_owned(),
        tail: "",
    },
    Form {
        name: "github",
        ci: log::Ci::GitHub,
        head: "\u{feff}2024-06-05T12:45:27.3080205Z Current runner version: '2.316.1'\n\
            2024-06-05T12:45:28.3080205Z ##[group]Run pytest -q tests\n\
            2024-06-05T12:45:28.3080205Z \x1b[36;1mpytest -q tests\x1b[0m\n\
            2024-06-05T12:45:28.3080205Z shell: /usr/bin/bash -e {0}\n\
            2024-06-05T12:45:28.3080205Z ##[endgroup]",
        line: |_, text| format!("2024-06-05T12:45:29.3080205Z {text}"),
        tail: "2024-06-05T12:45:30.3080205Z ##[error]Process completed with exit code 1.",
    },
    Form {
        name: "github, CRLF",
        ci: log::Ci::GitHub,
        head: "2022-06-05T12:45:28.3080205Z ##[group]Run pytest -q tests\r\n\
            2022-06-05T12:45:28.3080205Z \x1b[36;1mpytest -q tests\x1b[0m\r\n\
            2022-06-05T12:45:28.3080205Z shell: /usr/bin/bash -e {0}\r\n\
            2022-06-05T12:45:28.3080205Z ##[endgroup]\r",
        line: |_, text| format!("2022-06-05T12:45:29.3080205Z {text}\r"),
        tail: "2022-06-05T12:45:30.3080205Z ##[error]Process completed with exit code 1.\r",
    },
    Form {
        name: "github's page, copied",
        ci: log::Ci::GitHub,
        head: "Run pytest -q tests\n  pytest -q tests\n  shell: /usr/bin/bash -e {0}",
        line: |_, text| text.to_owned(),
        tail: "Error: Process completed with exit code 1.",
    },
    Form {
        name: "gh run view --log",
        ci: log::Ci::GitHub,
        head: "build (3.9)\tRun tests\t\u{feff}2025-04-07T12:57:33.2943173Z ##[group]Run pytest -q tests\n\
            build (3.9)\tRun tests\t2025-04-07T12:57:33.2943173Z \x1b[36;1mpytest -q tests\x1b[0m\n\
            build (3.9)\tRun tests\t2025-04-07T12:57:33.2943173Z shell: /usr/bin/bash -e {0}\n\
            build (3.9)\tRun tests\t2025-04-07T12:57:33.2943173Z ##[endgroup]",
        line: |_, text| format!("build (3.9)\tRun tests\t2025-04-07T12:57:34.2943173Z {text}"),
        tail: "build (3.9)\tRun tests\t2025-04-07T12:57:35.2943173Z ##[error]Process completed with exit code 1.",
    },
    Form {
        name: "gh run view --log-failed, steps unknown",
        ci: log::Ci::GitHub,
        head: "build\tUNKNOWN STEP\t2025-04-07T12:57:33.2943173Z ##[group]Run pytest -q tests\n\
            build\tUNKNOWN STEP\t2025-04-07T12:57:33.2943173Z \x1b[36;1mpytest -q tests\x1b[0m\n\
            build\tUNKNOWN STEP\t2025-04-07T12:57:33.2943173Z shell: /usr/bin/bash -e {0}\n\
            build\tUNKNOWN STEP\t2025-04-07T12:57:33.2943173Z ##[endgroup]",
        line: |_, text| format!("build\tUNKNOWN STEP\t2025-04-07T12:57:34.2943173Z {text}"),
        tail: "build\tUNKNOWN STEP\t2025-04-07T12:57:35.2943173Z ##[error]Process completed with exit code 1.",
    },
    Form {
        name: "gitlab",
        ci: log::Ci::GitLab,
        head: "\x1b[0KRunning with gitlab-runner 16.1.0 (b72e108d)\x1b[0;m\n\
            \x1b[0Ksection_start:1560896352:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting \"step_script\"\x1b[0;m\n\
            \x1b[32;1m$ pytest -q tests\x1b[0;m",
        line: |_, text| text.to_owned(),
        tail: "\x1b[0Ksection_end:1560896353:step_script\r\x1b[0K\x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m",
    },
    Form {
        name: "gitlab, stamped",
        ci: log::Ci::GitLab,
        head: "2026-01-21T09:47:05.094269Z 00O \x1b[0KRunning with gitlab-runner 18.7.0 (b72e108d)\x1b[0;m\n\
            2026-01-21T09:47:05.094269Z 00O section_start:1768988825:step_script\n\
            2026-01-21T09:47:05.094269Z 00O+\x1b[0K\x1b[36;1mExecuting \"step_script\"\x1b[0;m\n\
            2026-01-21T09:47:05.094269Z 01O \x1b[32;1m$ pytest -q tests\x1b[0;m",
        line: |_, text| format!("2026-01-21T09:47:06.094269Z 01O {text}"),
        tail: "2026-01-21T09:47:07.094269Z 00O \x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m",
    },
    Form {
        name: "azure",
        ci: log::Ci::Azure,
        head: "\u{feff}2024-01-01T10:00:00.1234567Z ##[section]Starting: Run tests\n\
            2024-01-01T10:00:00.1234567Z Generating script.\n\
            2024-01-01T10:00:00.1234567Z Script contents:\n\
            2024-01-01T10:00:00.1234567Z pytest -q tests\n\
            2024-01-01T10:00:00.1234567Z ========================== Starting Command Output ===========================",
        line: |_, text| format!("2024-01-01T10:00:01.1234567Z {text}"),
        tail: "2024-01-01T10:00:02.1234567Z ##[error]Bash exited with code '1'.\n\
            2024-01-01T10:00:02.1234567Z ##[section]Finishing: Run tests",
    },
    Form {
        name: "buildkite",
        ci: log::Ci::Buildkite,
        head: "\x1b_bk;t=1745322209921\x07~~~ Running commands\n\
            \x1b_bk;t=1745322209921\x07\x1b[90m$\x1b[0m pytest -q tests\n\
            \x1b_bk;t=1745322209921\x07+++ Tests",
        line: |at, text| format!("\x1b_bk;t={}\x07{text}", 1_745_322_209_922 + at),
        tail: "\x1b_bk;t=1745322309921\x07^^^ +++\n\
            \x1b_bk;t=1745322309921\x07\u{1f6a8} Error: The command exited with status 1",
    },
    Form {
        name: "circleci",
        ci: log::Ci::CircleCi,
        head: "#!/bin/bash -eo pipefail\npytest -q tests\n",
        line: |_, text| text.to_owned(),
        tail: "\nExited with code exit status 1",
    },
    Form {
        name: "jenkins",
        ci: log::Ci::Jenkins,
        head: "Started by user admin\n[Pipeline] Start of Pipeline\n[Pipeline] sh\n+ pytest -q tests",
        line: |_, text| text.to_owned(),
        tail: "[Pipeline] }\nERROR: script returned exit code 1\nFinished: FAILURE",
    },
    Form {
        name: "jenkins, stamped",
        ci: log::Ci::Jenkins,
        head: "Started by user admin\n\
            [2020-07-06T16:51:19.843Z] [Pipeline] sh\n\
            [2020-07-06T16:51:19.843Z] + pytest -q tests",
        line: |_, text| format!("[2020-07-06T16:51:20.843Z] {text}"),
        tail: "[2020-07-06T16:51:21.843Z] [Pipeline] }\nERROR: script returned exit code 1\nFinished: FAILURE",
    },
];

impl Form {
    /// The output in this form, and how many lines stand before it.
    fn wrap(&self, output: &str) -> (String, u32) {
        let lines: Vec<String> = output
            .lines()
            .enumerate()
            .map(|(at, text)| (self.line)(at, text))
            .collect();
        let before = u32::try_from(self.head.lines().count()).unwrap();
        let head = self.head.strip_suffix('\n').unwrap_or(self.head);
        (
            format!("{head}\n{}\n{}\n", lines.join("\n"), self.tail),
            before,
        )
    }
}

/// All that a failure is, in lines relative to the output.
fn told(log: &log::Log, raw: &str, before: u32) -> Vec<String> {
    log.failures
        .iter()
        .map(|failure| {
            let at_line = raw[..failure.span.start].matches('\n').count() + 1;
            assert_eq!(at_line, failure.line as usize, "{}", failure.id);
            format!(
                "{} {:?} {:?} line {} {:?} {:?} {:?} {} frames {:?}",
                failure.id,
                failure.phase,
                failure.kind,
                failure.line - before,
                failure
                    .exception
                    .as_ref()
                    .map(|it| (&it.type_name, &it.message)),
                failure.expected,
                failure.actual,
                failure.frames.len(),
                failure
                    .location
                    .as_ref()
                    .map(|it| (&it.path, it.line, &it.source)),
            )
        })
        .collect()
}

#[test]
fn every_form_tells_the_same() {
    let mut report = String::new();
    for (name, output) in outputs() {
        let mut wanted: Option<Vec<String>> = None;
        for form in FORMS {
            let (raw, before) = form.wrap(&output);
            let log = log::parse(raw.as_bytes());
            // Folders of GitHub's machines in plain output tell where it ran.
            if form.name != "terminal" && log.ci != form.ci {
                report += &format!("{name}, {}: is {:?}\n", form.name, log.ci);
            }
            let found = told(&log, &raw, before);
            if found.is_empty() {
                report += &format!("{name}, {}: no failure\n", form.name);
                continue;
            }
            let wanted = wanted.get_or_insert_with(|| found.clone());
            for line in wanted.iter().filter(|it| !found.contains(it)) {
                report += &format!("{name}, {}: missed {line}\n", form.name);
            }
            for line in found.iter().filter(|it| !wanted.contains(it)) {
                report += &format!("{name}, {}: found {line}\n", form.name);
            }
            let step = log.failures[0].step.and_then(|step| log.steps.get(step));
            let command = step
                .and_then(|it| it.command.as_ref())
                .map(|it| it.source.as_str());
            let code = step.and_then(|it| it.exit_code);
            let ended = code == Some(1) || form.name == "terminal";
            if command != Some("pytest -q tests") || !ended {
                report += &format!("{name}, {}: {command:?} ended with {code:?}\n", form.name);
            }
        }
    }
    assert!(report.is_empty(), "{report}");
}

/// GitLab's runner ends a raw line where a program's write ended: what goes on stands behind a prefix with `+`.
#[test]
fn lines_that_gitlab_wrote_in_parts() {
    const STAMP: &str = "2026-01-21T09:47:06.094269Z 01O";
    let without_line = |told: String| {
        let (before, rest) = told.split_once(" line ").unwrap();
        let (_, rest) = rest.split_once(' ').unwrap();
        format!("{before} {rest}")
    };
    for (name, output) in outputs() {
        let whole: String = output
            .lines()
            .map(|line| format!("{STAMP} {line}\n"))
            .collect();
        let parts: String = output
            .lines()
            .map(|line| {
                let middle = line.char_indices().nth(line.chars().count() / 2);
                let (one, two) = line.split_at(middle.map_or(0, |(at, _)| at));
                format!("{STAMP} {one}\n{STAMP}+{two}\n")
            })
            .collect();
        let told = |raw: &str| -> Vec<String> {
            let log = log::parse(raw.as_bytes());
            told(&log, raw, 0).into_iter().map(without_line).collect()
        };
        let (parts, whole) = (told(&parts), told(&whole));
        assert_eq!(parts.len(), whole.len(), "{name}");
        for (parts, whole) in parts.iter().zip(&whole) {
            assert_eq!(parts, whole, "{name}");
        }
    }
}

#[test]
fn step_files_of_an_archive_are_its_steps() {
    let (_, output) = outputs().remove(0);
    let stamped: String = output
        .lines()
        .map(|line| format!("2024-06-05T12:45:29.3080205Z {line}\n"))
        .collect();
    let mut parser = log::Parser::new(log::Limits::default());
    parser.step("Set up job");
    parser
        .push("\u{feff}2024-06-05T12:45:27.3080205Z Current runner version: '2.316.1'".as_bytes());
    parser.step("Run the tests");
    parser.push(
        "\u{feff}2024-06-05T12:45:28.3080205Z ##[group]Run pytest -q tests\n\
        2024-06-05T12:45:28.3080205Z \x1b[36;1mpytest -q tests\x1b[0m\n\
        2024-06-05T12:45:28.3080205Z shell: /usr/bin/bash -e {0}\n\
        2024-06-05T12:45:28.3080205Z ##[endgroup]\n"
            .as_bytes(),
    );
    parser.push(stamped.as_bytes());
    parser.step("Complete job");
    let log = parser.finish();
    let names: Vec<&str> = log.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["Set up job", "Run the tests", "Complete job"]);
    assert!(!log.failures.is_empty());
    assert!(log.failures.iter().all(|failure| failure.step == Some(1)));
    let command = log.steps[1].command.as_ref().map(|it| it.source.as_str());
    assert_eq!(command, Some("pytest -q tests"));
}

#[test]
fn a_step_of_circleci_is_known_by_its_end() {
    let text = format!(
        "{}Exited with code exit status 1\n",
        "installing\n".repeat(200)
    );
    assert_eq!(log::parse(text.as_bytes()).ci, log::Ci::CircleCi);
}

/// Excerpts end anywhere, and logs are put together of them.
#[test]
fn a_log_cut_inside_the_block_of_a_step_goes_on() {
    let cut: [&[&str]; 4] = [
        &["##[group]Run pytest", "\x1b[36;1mpytest\x1b[0m"],
        &[
            "##[group]Run pytest",
            "\x1b[36;1mpytest\x1b[0m",
            "shell: bash",
            "env:",
            "  A: b",
        ],
        &[
            "##[group]Run pytest",
            "\x1b[36;1mpytest\x1b[0m",
            "##[endgroup]",
            "##[group]Run cat notes.txt",
        ],
        &[
            "##[group]Run nick-fields/retry@v3",
            "with:",
            "  shell: bash",
            "  command: pytest",
        ],
    ];
    for block in cut {
        let report = [
            "FAILED tests/test_a.py::test_a - assert 0",
            "=== 1 failed in 0.12s ===",
        ];
        let lines = block.iter().chain(&report);
        let text: String = lines
            .map(|line| format!("2024-06-05T12:45:27.3080205Z {line}\n"))
            .collect();
        let log = log::parse(text.as_bytes());
        let ids: Vec<&str> = log.failures.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["tests/test_a.py::test_a"], "{block:?}");
        let command = log.steps[0].command.as_ref().map(|it| it.source.as_str());
        assert_eq!(command, Some("pytest"), "{block:?}");
    }
}

#[test]
fn a_test_named_in_a_script_is_no_output_however_the_log_is_split() {
    const LIMITS: log::Limits = log::Limits {
        line: 400,
        kept: 64 << 10,
    };
    let lines: [&str; 7] = [
        "##[group]Run pytest \\",
        "\x1b[36;1mpytest \\\x1b[0m",
        "\x1b[36;1m  tests/test_a.py::test_a \\\x1b[0m",
        "\x1b[36;1m  -x\x1b[0m",
        "shell: /usr/bin/bash -e {0}",
        "##[endgroup]",
        "##[error]Process completed with exit code 1.",
    ];
    // The shape of a log is known after its first lines.
    let filler = std::iter::repeat_n("setting up", 200);
    let text: String = filler
        .chain(lines)
        .map(|line| format!("2024-06-05T12:45:27.3080205Z {line}\n"))
        .collect();
    let mut parser = log::Parser::new(LIMITS);
    parser.push(text.as_bytes());
    let whole = parser.finish();
    assert_eq!(whole.steps.len(), 1);
    for piece in 1..120 {
        let mut parser = log::Parser::new(LIMITS);
        for part in text.as_bytes().chunks(piece) {
            parser.push(part);
        }
        assert_eq!(parser.finish(), whole, "{piece}");
    }
}

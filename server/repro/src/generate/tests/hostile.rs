//! Text of a log, of a configuration or of a test that tries to become code.

use workflow::{Obstacle, ObstacleKind};

use super::*;

/// Text that tries to become code in bash, Python and Markdown.
const HOSTILE: [&str; 14] = [
    "$(touch OWNED)`touch OWNED`${HOME}$HOME",
    "'; touch OWNED; '",
    "\"; touch OWNED; \"",
    "a\nb\n\ntouch OWNED\n",
    "\"\"\" + __import__('os').system('touch OWNED') + \"\"\"",
    "ends with a backslash \\",
    "\\\"\\'\\`\\$(touch OWNED)\\N{x}\\x",
    "``` \n# Title\n<script>alert(1)</script> | cell | [x](javascript:x) ```",
    "\u{202e}reversed\u{2066}\u{200b}\u{feff}",
    "\u{1b}[31mred\u{7}\u{8}\r\u{85}\u{2028}\t",
    "{{ 7 * 7 }}{% include 'x' %}{# x #}",
    "}\"; touch OWNED; #${X:-}}",
    "é ü 😀 !history ~root *glob? [a-z] {a,b} #no",
    "-leading=dash # <- fails here",
];

fn hostile(text: &str) -> Evidence {
    let mut evidence = evidence(LOG);
    let at = Span::default();
    let fact = |text: &str| log::Fact {
        text: text.to_owned(),
        span: at,
        line: 1,
    };
    evidence.failure.id = format!("tests/test_a.py::test_size[{text}]");
    evidence.failure.param_id = Some(text.to_owned());
    evidence.failure.expected = Some(text.to_owned());
    evidence.failure.actual = Some(text.to_owned());
    if let Some(exception) = &mut evidence.failure.exception {
        exception.type_name = text.to_owned();
        exception.message = text.to_owned();
    }
    if let Some(frame) = &mut evidence.failure.location {
        frame.path = text.to_owned();
        frame.function = text.to_owned();
        frame.source = Some(text.to_owned());
    }
    evidence.log_path = text.to_owned();
    evidence.job.name = Some(fact(text));
    evidence.job.commit = Some(fact(text));
    evidence.job.started = Some(fact(text));
    evidence.job.image = Some(fact(text));
    evidence.same_failure = vec![text.to_owned()];
    evidence.import_root = Some(text.to_owned());
    if let Some(session) = &mut evidence.session {
        session.plugins.push(text.to_owned());
    }
    let origin = Origin {
        path: "a b\ntouch OWNED".to_owned(),
        ..variable("x", Value::printed("")).origin
    };
    let mut job = configuration(vec![
        variable("VALUE", Value::Known(text.to_owned())),
        variable("SECRET_KEY", Value::Known("never-shown".to_owned())),
        variable("UNKNOWN", Value::Unresolved(text.to_owned())),
        variable("BASH_ENV", Value::Known(text.to_owned())),
        variable(text, Value::Known("x".to_owned())),
        variable("MASKED", Value::Masked(format!("***{text}"))),
    ]);
    for variable in &mut job.variables {
        variable.origin = origin.clone();
    }
    job.job = Some(HOSTILE[0].to_owned());
    job.activates = vec![(text.to_owned(), origin.clone())];
    job.obstacles = vec![Obstacle {
        kind: ObstacleKind::Mount,
        what: text.to_owned(),
        why: text.to_owned(),
        stand_in: text.to_owned(),
        origin: origin.clone(),
    }];
    let words = ["pytest", "-o", text, &format!("--option={text}")];
    let argv = words.map(|word| shell::Word::Known(word.to_owned()));
    job.command = shell::pytest_command(&shell::Command {
        argv: argv.to_vec(),
        source: text.to_owned(),
        cwd: Some(text.to_owned()),
        ..shell::Command::default()
    })
    .map(|command| (command, origin.clone()));
    evidence.configurations = vec![job];
    evidence
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test holds the files to their own parsers"
)]
fn run(
    program: &str,
    arguments: &[&str],
    folder: &std::path::Path,
) -> Option<std::process::Output> {
    std::process::Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONPATH", "/callers own")
        .env_remove("VIRTUAL_ENV")
        .output()
        .ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parsers of bash and Python read files"
)]
fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn hostile_text_becomes_no_code() {
    for text in HOSTILE {
        let folder = tempfile::tempdir().unwrap();
        let files = generate(&hostile(text), &slice(), &config());
        assert_eq!(files.problems, []);
        write(&folder.path().join("run_test.sh"), &files.script);
        write(&folder.path().join("test_x.py"), &files.test);
        let bash = run("bash", &["-n", "run_test.sh"], folder.path()).unwrap();
        assert!(
            bash.status.success(),
            "{text:?}: {bash:?}\n{}",
            files.script
        );
        if let Some(output) = run("shellcheck", &["run_test.sh"], folder.path()) {
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success(),
                "{text:?}: {told}\n{}",
                files.script
            );
        }
        // The module is the docstring and the slice, nothing else, and the docstring reads as it is in the file.
        let check = "import ast, sys\n\
            text = open('test_x.py', encoding='utf-8', newline='').read()\n\
            tree = ast.parse(text)\n\
            assert [type(it).__name__ for it in tree.body] == ['Expr', 'ImportFrom', 'FunctionDef'], tree.body\n\
            doc = ast.get_docstring(tree, clean=False)\n\
            assert doc in text and doc.count(chr(10)) == 4, doc\n\
            for label in ['Original failure:', 'Error:', 'Expected:', 'Actual:', 'Run with:']: assert chr(10) + label in chr(10) + doc\n";
        let python = run("python3", &["-W", "error", "-c", check], folder.path()).unwrap();
        assert!(
            python.status.success(),
            "{text:?}: {python:?}\n{}",
            files.test
        );
        assert!(
            !files.readme.contains("never-shown") && !files.script.contains("never-shown"),
            "{text:?}"
        );
        headings_are_the_templates(&files.readme);
        // What the exports give is what CI had.
        let exports: String = files
            .script
            .lines()
            .filter(|line| line.starts_with("export "))
            .map(|line| format!("{line}\n"))
            .collect();
        let program = format!(
            "set -eo pipefail\nWORKSPACE_DIR=/w\n{exports}exec python3 -c 'import os, sys; sys.stdout.buffer.write(os.environb[b\"VALUE\"])'"
        );
        let output = run("bash", &["-c", &program], folder.path()).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            text,
            "{:?}\n{exports}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!folder.path().join("OWNED").exists(), "{text:?}");
        // The whole script, with a pytest that only tells its arguments.
        whole_script(&files, folder.path());
        assert!(!folder.path().join("OWNED").exists(), "{text:?}");
    }
}

/// Text of a log that gets out of its quotes would add a heading, end a fence, or begin HTML.
#[track_caller]
fn headings_are_the_templates(readme: &str) {
    let mut fence: Option<&str> = None;
    let mut headings = Vec::new();
    for line in readme.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) => {
                if ticks.len() >= open.len() && line.trim_end() == ticks {
                    fence = None;
                }
            }
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {
                if line.starts_with('#') {
                    headings.push(line.split(" fails with ").next().unwrap_or(line).to_owned());
                }
                // Outside of code spans nothing of HTML is left.
                let mut outside = String::new();
                let mut rest = line;
                while let Some(at) = rest.find('`') {
                    outside.push_str(&rest[..at]);
                    if outside.ends_with('\\') {
                        rest = &rest[at + 1..];
                        continue;
                    }
                    let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
                    let ticks = &rest[at..at + run];
                    let after = &rest[at + run..];
                    let mut searched = 0;
                    let close = loop {
                        let Some(found) = after[searched..].find(ticks).map(|it| it + searched)
                        else {
                            break None;
                        };
                        let length =
                            after[found..].len() - after[found..].trim_start_matches('`').len();
                        if length == run {
                            break Some(found);
                        }
                        searched = found + length;
                    };
                    let close = close.unwrap_or_else(|| panic!("an open code span: {line}"));
                    rest = &after[close + run..];
                }
                outside.push_str(rest);
                assert!(!outside.contains("<script"), "{line}");
            }
        }
    }
    assert_eq!(fence, None, "{readme}");
    let expected = [
        "# `test_size`",
        "## Original Failure",
        "## Root Cause",
        "## Minimal Reproduction",
        "### Run Test",
        "### Expected Output",
        "## Fix Strategy",
        "## Verification",
        "## Environment",
        "## Not replicated",
    ];
    assert_eq!(headings, expected);
}

/// Runs the script in a workspace of its own with a `pytest` that fails with status 3.
#[expect(clippy::disallowed_methods, reason = "the test lays out a workspace")]
fn whole_script(files: &Files, base: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let folder = base.join("w/.github/scripts/reproduce-deterministic-failures/size_8");
    std::fs::create_dir_all(folder.join("tests")).unwrap();
    std::fs::create_dir_all(base.join("bin")).unwrap();
    let pytest = base.join("bin/pytest");
    write(
        &pytest,
        "#!/bin/sh\nprintf '<%s>' \"$@\" > \"$TOLD\"\nexit 3\n",
    );
    std::fs::set_permissions(&pytest, std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = folder.join("run_test.sh");
    write(&script, &files.script);
    let path = format!("{}:/usr/bin:/bin", base.join("bin").display());
    let output = std::process::Command::new("bash")
        .arg(&script)
        .args(["-k", "a b"])
        .current_dir("/")
        .env_clear()
        .env("PATH", path)
        .env("TOLD", base.join("told"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    // A working directory of CI that is not here ends the script before pytest.
    if output.status.code() == Some(125) {
        return;
    }
    assert_eq!(
        output.status.code(),
        Some(3),
        "{output:?}\n{}",
        files.script
    );
    assert!(
        stdout.contains("Result: FAILED (exit status 3)"),
        "{stdout}"
    );
    let told = std::fs::read_to_string(base.join("told")).unwrap();
    assert!(
        told.ends_with("tests/test_size_8_repro.py><-k><a b>"),
        "{told}"
    );
}

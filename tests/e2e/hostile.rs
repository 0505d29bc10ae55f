//! What a log, a test or a moment can do to `generate`: nothing becomes code, nothing is half-written, everything ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Project, ROOT, read, run, text, write};

/// A project of one test file, and the log of its run.
fn project(test: &str, log: &str) -> Project {
    let project = Project::empty();
    write(&project.path().join("test_a.py"), test);
    write(&project.path().join("ci.log"), log);
    project
}

/// What pytest prints of a failing `test_x` whose one line is `assert 1 == 2`.
const LOG: &str = "\
============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.6.0
rootdir: /w
collected 1 item

test_a.py F                                                              [100%]

=================================== FAILURES ===================================
____________________________________ test_x ____________________________________

    def test_x():
        before()
>       assert 1 == 2
E       assert 1 == 2

test_a.py:10: AssertionError
=========================== short test summary info ============================
FAILED test_a.py::test_x - assert 1 == 2
============================== 1 failed in 0.01s ===============================
";

/// `test_x`, which does something before it fails at line 10.
fn test_that(does: &str) -> String {
    format!(
        "import os\nimport subprocess\nimport time\n\ndef before():\n    {does}\n\ndef test_x():\n    before()\n    assert 1 == 2\n"
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test ends the program in its middle"
)]
fn start(project: &Project, arguments: &[&str], seconds: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_reprolens"))
        .args(arguments)
        .current_dir(project.path())
        .env("REPRO_TIMEOUT_SECONDS", seconds)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program is built")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test looks at what was written"
)]
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn hostile_parameters_are_run_and_become_no_code() {
    let test = r##"import pytest

@pytest.mark.parametrize("value", ["$(touch OWNED)", "`touch OWNED`;'\"", '"""', "a\\", "\u202etxt", "# x {{ 1 }} <b>"])
def test_x(value):
    assert value == "", value
"##;
    let project = project(test, "");
    let output = run(
        "pytest",
        &["-p", "no:cacheprovider", "test_a.py"],
        project.path(),
    );
    write(&project.path().join("ci.log"), &text(&output.stdout));
    let (json, status) = project.json(&["failures", "ci.log"]);
    let failures = json["logs"][0]["failures"].as_array().unwrap();
    assert_eq!((status, failures.len()), (Some(0), 6));
    for number in 1..=failures.len() {
        let (number, name) = (number.to_string(), format!("h{number}"));
        let (json, _) =
            project.json(&["generate", "ci.log", "--failure", &number, "--name", &name]);
        assert_eq!(json["repros"][0]["verdict"], "same", "{json:#}");
        let dir = project.path().join(ROOT).join(&name);
        for (program, arguments) in [
            ("bash", ["-n", "run_test.sh"].as_slice()),
            ("shellcheck", &["run_test.sh"]),
        ] {
            let output = run(program, arguments, &dir);
            assert!(
                output.status.success(),
                "{}{}",
                text(&output.stdout),
                text(&output.stderr)
            );
        }
        let parsed = run(
            "python3",
            &[
                "-c",
                "import ast, glob; [ast.parse(open(p).read()) for p in glob.glob('tests/*.py')]",
            ],
            &dir,
        );
        assert!(parsed.status.success(), "{}", text(&parsed.stderr));
    }
    assert!(
        !run("find", &[".", "-name", "OWNED"], project.path())
            .stdout
            .starts_with(b".")
    );
}

#[test]
fn a_test_that_leaves_processes_and_prints_without_end_is_bounded() {
    let test = test_that(
        "subprocess.Popen(['setsid', 'sleep', '98765.4']); os.write(1, b'x' * 80 + b'\\n'); [os.write(2, b'y' * 1000000 + b'\\n') for _ in range(100)]",
    );
    let project = project(&test, LOG);
    let (json, _) = project.json(&["generate", "ci.log", "--name", "loud"]);
    assert!(json["repros"][0]["verdict"].is_string(), "{json:#}");
    let dir = project.path().join(ROOT).join("loud");
    let log = dir.join("logs/reproduction.log");
    assert!(log.metadata().unwrap().len() <= 65 << 20);

    // Printed by the repro itself, and past pytest's capture.
    let loud = "import os\n\n\ndef test_loud_repro(capfd):\n    with capfd.disabled():\n        for _ in range(100):\n            os.write(1, b'y' * 1000000 + b'\\n')\n    assert 1 == 2\n";
    write(&dir.join("tests/test_loud_repro.py"), loud);
    let (json, _) = project.json(&["verify", dir.to_str().unwrap()]);
    assert!(json["verdict"].is_string(), "{json:#}");
    let size = log.metadata().unwrap().len();
    assert!((10 << 20..=65 << 20).contains(&size), "{size}");
    let left = run("pgrep", &["-f", "sleep 98765.4"], project.path());
    assert!(left.stdout.is_empty(), "{}", text(&left.stdout));
}

#[test]
fn a_test_that_hangs_is_ended() {
    let project = project(&test_that("time.sleep(1000)"), LOG);
    let started = Instant::now();
    let mut child = start(&project, &["generate", "ci.log", "--name", "slow"], "2");
    // What hangs is not what fails: the slice leaves it out, and fails like CI did.
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let dir = project.path().join(ROOT).join("slow");
    let readme = read(&dir.join("README.md"));
    assert!(readme.contains("assert 1 == 2"), "{readme}");

    let hangs =
        "import time\n\n\ndef test_slow_repro():\n    time.sleep(1000)\n    assert 1 == 2\n";
    write(&dir.join("tests/test_slow_repro.py"), hangs);
    let mut child = start(&project, &["verify", dir.to_str().unwrap()], "2");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let output = read(&dir.join("logs/reproduction.log"));
    assert!(output.contains("it did not end in time"), "{output}");
    assert!(started.elapsed() < Duration::from_secs(90));
}

#[test]
fn killed_in_the_middle_it_leaves_no_folder() {
    let project = project(&test_that("time.sleep(1000)"), LOG);
    let root = project.path().join(ROOT);
    let mut child = start(&project, &["generate", "ci.log", "--name", "cut"], "3");
    let started = Instant::now();
    let is_staged = |root: &Path| names(root).iter().any(|name| name.starts_with(".cut-"));
    while !is_staged(&root) && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(is_staged(&root), "{:?}", names(&root));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!root.join("cut").exists());

    // The next one finds the place free and takes away what was left.
    let (json, status) = project.json(&["generate", "ci.log", "--name", "cut", "--no-run"]);
    assert_eq!(status, Some(0), "{json:#}");
    assert_eq!(names(&root), ["cut"]);
}

#[test]
fn killed_it_takes_along_what_it_runs() {
    let project = project(
        &test_that("subprocess.Popen(['setsid', 'sleep', '98761.2']); time.sleep(1000)"),
        LOG,
    );
    let sleeps = || {
        let found = run("pgrep", &["-f", "sleep 98761.2"], project.path());
        !found.stdout.is_empty()
    };
    let mut child = start(&project, &["generate", "ci.log", "--name", "left"], "600");
    let waits_for = |wanted: bool| {
        let started = Instant::now();
        while sleeps() != wanted && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(50));
        }
        sleeps() == wanted
    };
    assert!(waits_for(true), "the test is never run");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(waits_for(false), "the test's process runs on");
}

#[test]
fn a_full_disk_leaves_no_half_folder_and_is_named() {
    // Files larger than 16 KiB cannot be written, as on a disk that has no more room.
    let log = format!("{}{LOG}", "a line of another step\n".repeat(2000));
    let fills = "open('full', 'w').write('x' * 1000000)";
    let project = project(&test_that(fills), &log);
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
    let program = env!("CARGO_BIN_EXE_reprolens");
    for arguments in [&["--no-run"][..], &[]] {
        let generate = [
            &[
                "-c", limited, "-", program, "generate", "ci.log", "--name", "full",
            ],
            arguments,
        ];
        let output = run("bash", &generate.concat(), project.path());
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(
            told.contains("File too large") && told.contains("ci.log"),
            "{told}"
        );
        assert_eq!(names(&project.path().join(ROOT)), [""; 0], "{told}");
    }
}

#[test]
fn two_at_once_leave_one_whole_folder() {
    let project = project(&test_that("time.sleep(0.3)"), LOG);
    let arguments = ["generate", "ci.log", "--name", "both"];
    let mut children: Vec<Child> = (0..3).map(|_| start(&project, &arguments, "20")).collect();
    let codes: Vec<Option<i32>> = children
        .iter_mut()
        .map(|it| it.wait().unwrap().code())
        .collect();
    assert!(codes.iter().any(|code| *code != Some(2)), "{codes:?}");
    assert_eq!(names(&project.path().join(ROOT)), ["both"], "{codes:?}");
    assert_eq!(
        names(&project.path().join(ROOT).join("both")),
        [
            ".reprolens.json",
            "README.md",
            "logs",
            "run_test.sh",
            "tests"
        ]
    );
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let project = project(&test_that("pass"), LOG);
    write(&project.path().join(".github"), "a file\n");
    let output = project.reprolens(&["generate", "ci.log", "--no-run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains(".github/scripts"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn parts_are_tried_without_harm() {
    let test = "import os\nimport shutil\n\nFOLDER = 'precious'\nNAME = 'kept'\n\n\ndef test_x():\n    path = FOLDER\n    path = os.path.join(path, NAME)\n    shutil.rmtree(path)\n";
    let project = project(test, "");
    let kept = project.path().join("precious/kept");
    write(&kept, "a file, which rmtree refuses\n");
    let pytest = ["-m", "pytest", "-p", "no:cacheprovider", "test_a.py"];
    let log = run("python3", &pytest, project.path());
    write(&project.path().join("ci.log"), &text(&log.stdout));
    let (json, _) = project.json(&["generate", "ci.log", "--name", "harm"]);
    assert_eq!(json["repros"][0]["verdict"], "same", "{json:#}");
    let dir = project.path().join(ROOT).join("harm");
    let (json, _) = project.json(&["minimize", dir.to_str().unwrap()]);
    assert!(kept.exists(), "{json:#}");
    let test = read(&dir.join("tests/test_harm_repro.py"));
    assert!(test.contains("os.path.join(path, NAME)"), "{test}");
}

#[test]
fn a_path_that_the_test_makes_is_no_other_path() {
    let steps: String = (0..20)
        .map(|at| format!("    path = path + '/p{at}'\n"))
        .collect();
    let test = format!(
        "def test_x():\n    path = '/base/shop'\n{steps}    raise ValueError('not a place of this shop at all: ' + path)\n"
    );
    let project = project(&test, "");
    let pytest = ["-m", "pytest", "-p", "no:cacheprovider", "test_a.py"];
    let log = run("python3", &pytest, project.path());
    write(&project.path().join("ci.log"), &text(&log.stdout));
    let (json, _) = project.json(&["generate", "ci.log", "--name", "place"]);
    assert_eq!(json["repros"][0]["verdict"], "same", "{json:#}");
    let dir = project.path().join(ROOT).join("place");
    let test = read(&dir.join("tests/test_place_repro.py"));
    assert!(test.contains("'/p0'") && test.contains("'/p19'"), "{test}");
}

#[test]
fn options_of_a_conftest_that_the_repro_cannot_see_are_known() {
    let project = Project::empty();
    let conftest = "import pytest\n\ndef pytest_addoption(parser):\n    parser.addoption('--device-id', type=int, default=0)\n\n@pytest.fixture\ndef device_id(request):\n    return request.config.getoption('--device-id')\n";
    let test = "def test_device(device_id):\n    assert device_id == 0\n\ndef test_plain():\n    assert sum([1, 2, 3]) == 7\n";
    write(&project.path().join("tests/conftest.py"), conftest);
    write(&project.path().join("tests/test_a.py"), test);
    let arguments = ["tests", "--device-id", "3", "-p", "no:cacheprovider"];
    let output = run("pytest", &arguments, project.path());
    let log = format!("$ pytest tests --device-id 3\n{}", text(&output.stdout));
    write(&project.path().join("ci.log"), &log);
    let (json, status) = project.json(&["generate", "ci.log"]);
    let verdicts: Vec<_> = json["repros"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["verdict"].clone())
        .collect();
    assert_eq!(
        (status, verdicts),
        (Some(0), vec!["same".into(), "same".into()]),
        "{json:#}"
    );
}

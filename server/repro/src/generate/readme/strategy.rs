//! *Fix Strategy*: where to look first, and what to do there, by the kind of failure.

use log::Kind;

use super::mismatch;
use crate::docs;
use crate::generate::Facts;
use crate::quote::MdText;

/// What ends an `import file mismatch`.
const MISMATCH: &str = "Give one of the two files another name, make packages of their folders (`__init__.py`), or have pytest import \
    them by their paths (`--import-mode=importlib`). If the first file is not there any more, remove the `__pycache__` folders.";

/// Where to look, in order: what the traceback supports.
pub(super) fn strategy(facts: &Facts<'_>) -> Vec<String> {
    let failure = &facts.evidence.failure;
    let mut steps = Vec::new();
    // The deepest frame outside of tests, Python and installed packages is where the project's own code failed.
    let own = failure.frames.iter().rev().find_map(|frame| {
        let path = facts.places.of_rootdir(&frame.path)?;
        let is_own = !path.contains("lib/python")
            && !path.contains("site-packages")
            && !path.starts_with('<')
            && !is_test_code(&frame.path, failure.path.as_deref());
        is_own.then_some((frame, path))
    });
    match own {
        Some((frame, path)) => {
            let path = match frame.path.starts_with('/') {
                true => &path,
                false => &frame.path,
            };
            steps.push(format!(
                "Start at {}, the deepest frame of the project's own code.",
                MdText::code(&format!("{path}:{}", frame.line))
            ));
        }
        None => {
            if let (Some(words), Some(frame)) = (&facts.words.location, &failure.location) {
                let place = match facts.slice.failing_line {
                    Some(_) => format!("the marked line ({} in the original)", MdText::code(words)),
                    None => MdText::code(words).to_string(),
                };
                let why = match is_test_code(&frame.path, failure.path.as_deref()) {
                    true => {
                        "the traceback ends in the tests' own code, so look at what the line compares or calls, and at the call of the project's code that made it"
                    }
                    false => {
                        "the traceback ends there, outside of the project; look at what it is given, and by whom"
                    }
                };
                steps.push(format!("Start at {place}: {why}."));
            }
        }
    }
    steps.push(match failure.kind {
        Kind::Assertion | Kind::ShapeMismatch => {
            "Follow the actual value back to where it is made, and decide which is right: it, or what the test expects.".to_owned()
        }
        Kind::UnexpectedPass => {
            "If the code is right now, take the mark away; else find out why the test does not see what is wrong.".to_owned()
        }
        Kind::CollectionError => match mismatch(facts) {
            Some(_) => MISMATCH.to_owned(),
            None if docs::collected(facts.evidence).1 == "collected" => {
                match docs::is_refused(failure) {
                    true => "Change what pytest's message names: it tells what is not allowed.",
                    false => "Make the collection work: no body of a test has run yet.",
                }.to_owned()
            }
            None => "Make the import work: a missing package, a changed name, or code that runs on import.".to_owned(),
        },
        Kind::FixtureError => "Repair the fixture, or what it sets up; then the test itself runs.".to_owned(),
        Kind::Timeout => "Interrupt it (`./run_test.sh -s`, then Ctrl-C) to see where it stands.".to_owned(),
        Kind::Crash => "Run it with `PYTHONFAULTHANDLER=1` or under a debugger to see which call dies.".to_owned(),
        Kind::Unknown => "Run it, and read the error that the log does not show.".to_owned(),
        _ => "Check what the failing line is given (`./run_test.sh --pdb` stops there), and where that comes from.".to_owned(),
    });
    steps
}

/// The tests, and what stands beside them to help them.
fn is_test_code(path: &str, test: Option<&str>) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(path) == test
        || name == "conftest.py"
        || name.starts_with("test_")
        || name.ends_with("_test.py")
        || path
            .split('/')
            .any(|part| matches!(part, "tests" | "test" | "testing"))
}

//! A run of a repro that also finds out which parts of its test the failure does not need.
//!
//! It knows neither how a slice is made nor what a verdict is: whoever asks runs what comes out, and compares.

use std::path::Path;
use std::time::Duration;

use python::reduce::{self, Part};
use repro::Signature;
use runner::{ReduceJob, ReducePart};
use tempfile::TempDir;

use crate::files::{FilesError, folders, write_staged};
use crate::trial;

/// A test to reduce.
pub(crate) struct Request<'a> {
    /// A folder of its own that holds the repro.
    pub(crate) folder: &'a Path,
    /// The test's file in `tests/`.
    pub(crate) test_name: &'a str,
    pub(crate) text: &'a str,
    /// The row that fails; where it is not given, a comment in the text shows it.
    pub(crate) failing: Option<u32>,
    /// The name of the test function.
    pub(crate) function: &'a str,
    /// CI's failure: where the test fails with another exception, nothing is tried.
    pub(crate) expected: &'a Signature,
    /// How long parts may be tried.
    pub(crate) most: Duration,
}

/// What is left.
#[derive(Debug)]
pub(crate) struct Reduced {
    pub(crate) text: String,
    pub(crate) failing: Option<u32>,
    /// Whether each part that is left was tried, and the failure needs it.
    pub(crate) complete: bool,
    /// How long parts were tried.
    pub(crate) took: Duration,
}

/// What a run is to be started with, and where its answer will be.
pub(crate) struct Reduction {
    text: String,
    failing: Option<u32>,
    parts: Vec<Part>,
    scratch: TempDir,
}

const JOB: &str = "job.json";
const ANSWER: &str = "answer.json";

impl Reduction {
    /// `None` where the test has no part that may go.
    pub(crate) fn prepare(request: &Request<'_>) -> Result<Option<Self>, FilesError> {
        let parts = reduce::parts(request.text, request.failing, request.function);
        if parts.is_empty() {
            return Ok(None);
        }
        let written = |path: &Path, text: &str| write_staged(path, text.as_bytes());
        let scratch = folders::scratch()?;
        let plugin = scratch.path().join(runner::REDUCE_PACKAGE);
        for (name, text) in runner::REDUCE_PLUGIN {
            written(&plugin.join(name), text)?;
        }
        // What a candidate loads must not be there already: the imports alone stand elsewhere, under another name.
        let imports = request.folder.join("imports").join("imports_only.py");
        written(&imports, &reduce::imports_only(request.text))?;
        let full = |path: &Path| {
            let full = path.canonicalize();
            full.map_err(|source| FilesError::io("read", path, source))
        };
        let offered: Vec<ReducePart<'_>> = parts.iter().map(offered).collect();
        let message = request.expected.message.as_deref();
        let job = runner::reduce_job(&ReduceJob {
            folder: &full(request.folder)?,
            name: request.test_name,
            imports: &full(&imports)?,
            text: request.text,
            parts: &offered,
            exception: request.expected.exception.as_deref(),
            message: message.filter(|_| !request.expected.message_cut),
            most: request.most,
            out: &scratch.path().join(ANSWER),
        });
        written(&scratch.path().join(JOB), &job)?;
        Ok(Some(Self {
            text: request.text.to_owned(),
            failing: request.failing,
            parts,
            scratch,
        }))
    }

    /// The folder that the plugin is imported from.
    pub(crate) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// What pytest is started with.
    pub(crate) fn arguments() -> [String; 2] {
        [
            "-p".to_owned(),
            format!("{}.plugin", runner::REDUCE_PACKAGE),
        ]
    }

    pub(crate) fn env(&self) -> [(String, String); 2] {
        let job = self.scratch.path().join(JOB).display().to_string();
        [
            (runner::REDUCE_VARIABLE.to_owned(), job),
            trial::python_path(self.scratch.path()),
        ]
    }

    /// The test without what can go, when the run is over; `None` where nothing was found out.
    pub(crate) fn reduced(&self) -> Option<Reduced> {
        let answer = folders::text(&self.scratch.path().join(ANSWER))?;
        let answer = runner::reduced(&answer, self.parts.len())?;
        let (text, failing) = match answer.gone.as_slice() {
            [] => (self.text.clone(), self.failing),
            gone => reduce::without(&self.text, &self.parts, gone, self.failing),
        };
        Some(Reduced {
            text,
            failing,
            complete: answer.complete,
            took: answer.took,
        })
    }
}

fn offered(part: &Part) -> ReducePart<'_> {
    let edits = part.edits.iter();
    ReducePart {
        edits: edits
            .map(|(span, with)| (span.start, span.end, *with))
            .collect(),
        group: part.group,
        careful: part.careful,
    }
}

#[cfg(test)]
mod tests {
    use runner::Runnable;

    use super::*;

    /// Looks at what is left of a test's body.
    #[track_caller]
    fn check(body: &[&str], expected: &[&str]) {
        let body = body.join("\n    ");
        let left = left_of(&format!(
            "import os\nimport shutil\nimport tempfile\n\n\ndef test_it():\n    {body}\n"
        ));
        let (_, left) = left.split_once("def test_it():\n").unwrap();
        let left: Vec<&str> = left.lines().map(|line| &line[4..]).collect();
        assert_eq!(left, expected);
    }

    /// Runs a test with the plugin, in a folder that holds `kept/file`; what is left of it.
    #[track_caller]
    fn left_of(text: &str) -> String {
        let folder = folders::scratch().unwrap();
        let test = folder.path().join("tests").join("test_it.py");
        write_staged(&test, text.as_bytes()).unwrap();
        let kept = folder.path().join("kept").join("file");
        write_staged(&kept, b"").unwrap();
        let signature = Signature {
            exception: Some("ValueError".to_owned()),
            ..Signature::default()
        };
        let reduction = Reduction::prepare(&Request {
            folder: folder.path(),
            test_name: "test_it.py",
            text,
            failing: None,
            function: "test_it",
            expected: &signature,
            most: Duration::from_secs(20),
        })
        .unwrap()
        .expect("the test has parts");
        let mut argv = ["python3", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
            .map(str::to_owned)
            .to_vec();
        argv.push(test.display().to_string());
        argv.extend(Reduction::arguments());
        let runnable = Runnable {
            cwd: folder.path().to_owned(),
            argv,
            env: [trial::quiet_python(), reduction.env().to_vec()].concat(),
            timeout: Duration::from_secs(120),
        };
        let output = folder.path().join("output.log");
        runner::run_blocking(&runnable, &[], &output, 1 << 20, &|| false).unwrap();
        let reduced = reduction
            .reduced()
            .unwrap_or_else(|| panic!("no answer: {}", folders::text(&output).unwrap_or_default()));
        assert!(kept.exists(), "what the whole test does not remove is kept");
        reduced.text
    }

    #[test]
    fn what_the_failure_does_not_need_goes() {
        check(
            &[
                "a = 1",
                "b = a + 1",
                "print(b)",
                "n = 1234567",
                "raise ValueError('n is %d' % n)  # <- fails here",
            ],
            &[
                "n = 1234567",
                "raise ValueError('n is %d' % n)  # noqa: UP031  # <- fails here",
            ],
        );
    }

    #[test]
    fn parts_without_which_a_test_hangs_or_dies_stay() {
        check(
            &[
                "n = 1234567",
                "end = os.abort",
                "end = str",
                "while n % 10:",
                "    n += 1",
                "    print(n)",
                "raise ValueError('n is ' + end(n))  # <- fails here",
            ],
            &[
                "n = 1234567",
                "end = str",
                "while n % 10:",
                "    n += 1",
                "raise ValueError('n is ' + end(n))  # <- fails here",
            ],
        );
    }

    #[test]
    fn no_smaller_test_removes_what_the_whole_does_not() {
        check(
            &[
                "folder = 'kept'",
                "folder = tempfile.mkdtemp()",
                "shutil.rmtree(folder)",
                "gone = not os.path.exists(folder)",
                "raise ValueError('whether the folder is gone: %s, as it should' % gone)  # <- fails here",
            ],
            &[
                "folder = tempfile.mkdtemp()",
                "shutil.rmtree(folder)",
                "gone = not os.path.exists(folder)",
                "raise ValueError('whether the folder is gone: %s, as it should' % gone)  # noqa: UP031  # <- fails here",
            ],
        );
    }

    /// Each writes and reads the same file: side by side, one would read what another one wrote.
    #[test]
    fn no_smaller_test_sees_what_another_one_does() {
        let needed = [
            "with open('kept/file', 'w') as out:",
            "    out.write('1234567')",
            "    out.flush()",
            "    raise ValueError(open('kept/file').read())  # <- fails here",
        ];
        check(
            &[&["unused = 1", "more = 2"][..], &needed].concat(),
            &needed,
        );
    }

    /// pytest collects the base, too, and that fails in another way.
    #[test]
    fn of_several_failures_ci_s_is_the_one() {
        let test = |lines: &str| {
            format!(
                r#"import unittest


class Base(unittest.TestCase):
    def __init__(self, method, size):
        super().__init__(method)

{lines}
class TestIt(Base):
    def __init__(self, method):
        raise ValueError("1234567")  # <- fails here

    def test_it(self):
        pass
"#
            )
        };
        let left = left_of(&test("    def more(self):\n        return 1\n\n"));
        assert!(!left.contains("def more"), "{left}");
    }

    /// As testtools does: pytest has no traceback of it but what the text says.
    #[test]
    fn a_failure_that_a_framework_hands_on_as_text_is_one() {
        let test = |lines: &[&str]| {
            format!(
                r#"import traceback
import unittest


class Printed(Exception):
    pass


class TestIt(unittest.TestCase):
    def run(self, result):
        try:
            self.test_it()
        except ValueError:
            result.addError(self, (Printed, Printed(traceback.format_exc()), None))

    def test_it(self):
{}
"#,
                lines.concat()
            )
        };
        let needed = [
            "        n = 1234567\n",
            "        raise ValueError(n)  # <- fails here",
        ];
        let whole = [&["        a = 1\n", "        print(a)\n"][..], &needed].concat();
        assert_eq!(left_of(&test(&whole)), test(&needed));
    }
}

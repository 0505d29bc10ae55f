//! A repro folder's name, and a folder on disk as what it holds.

use log::Failure;

use crate::{Folder, FolderFile, FolderLog};

/// Longest part of a name that is made from the test's name, and from its parameters.
const LONGEST_FUNCTION: usize = 40;
const LONGEST_PARAMS: usize = 20;

/// A short name for a failure's repro folder: from the test function and its parameters, of `a-z`, `0-9` and `_`.
pub fn name(failure: &Failure) -> String {
    let id = failure.id.split('[').next().unwrap_or_default();
    let last = id.rsplit("::").next().unwrap_or_default();
    // The doctest of a text file is called after the file.
    let last = match id.split_once("::") {
        Some((path, name)) if path.ends_with(name) => name.rsplit_once('.').map_or(name, |it| it.0),
        _ => last,
    };
    let last = last
        .rsplit(['/', '.'])
        .find(|part| part.bytes().any(|it| it.is_ascii_alphabetic()) && *part != "py");
    let function = words(&apart(last.unwrap_or_default()));
    let function = function.strip_prefix("test_").unwrap_or(&function);
    let mut name = cut(function, LONGEST_FUNCTION);
    let mut lossy = name != function;
    if let Some(params) = failure.param_id.as_deref().filter(|it| !it.is_empty()) {
        let plain = words(params);
        let hint = cut(&plain, LONGEST_PARAMS);
        // Two parameter sets must not come to the same name by what was left out.
        lossy |= hint != params.to_ascii_lowercase().replace('-', "_");
        if !hint.is_empty() {
            name = format!("{name}_{hint}");
        }
    }
    if name.is_empty() || name.chars().all(|c| c == '_') {
        name = "failure".to_owned();
        lossy = true;
    }
    if lossy {
        name = format!("{name}_{:04x}", hash(&failure.id) & 0xffff);
    }
    name
}

/// Names for a failure's repro folder, from short to long: of two tests of one name the second takes the next one, with its class or
/// its file, and at last with what its id alone has.
pub fn names(failure: &Failure) -> [String; 3] {
    let short = name(failure);
    let id = failure.id.split('[').next().unwrap_or_default();
    let (around, _) = id.rsplit_once("::").unwrap_or_default();
    let last = around.rsplit("::").next().unwrap_or_default();
    let file = last.rsplit('/').next().unwrap_or_default();
    let around = words(&apart(file.strip_suffix(".py").unwrap_or(file)));
    let around = around.strip_prefix("test_").unwrap_or(&around);
    let around = cut(around, LONGEST_FUNCTION);
    let long = match around.is_empty() {
        true => short.clone(),
        false => format!("{around}_{short}"),
    };
    let own = format!("{short}_{:08x}", hash(&failure.id));
    [short, long, own]
}

/// Lower case, everything else than letters and digits one `_`.
pub(crate) fn words(text: &str) -> String {
    let mut result = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            result.push(c.to_ascii_lowercase());
        } else if !result.is_empty() && !result.ends_with('_') {
            result.push('_');
        }
    }
    result.trim_end_matches('_').to_owned()
}

/// The words of `testReadsHTTPHeader` set apart by `_`.
fn apart(text: &str) -> String {
    let mut result = String::new();
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let word_begins =
            before.is_ascii_uppercase() && chars.peek().is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || word_begins) {
            result.push('_');
        }
        result.push(c);
        before = c;
    }
    result
}

/// At most so many characters, at a word's end where there is one.
fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let cut = &text[..longest];
    let at = cut.rfind('_').filter(|&at| at > longest / 2);
    cut[..at.unwrap_or(longest)].to_owned()
}

/// FNV-1a: the same in every build.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// A folder of the files that the face found in it, `logs/` parsed.
pub fn read(path: &str, files: Vec<FolderFile>, logs: Vec<FolderLog>) -> Folder {
    let mut folder = Folder {
        path: path.to_owned(),
        ..Folder::default()
    };
    for file in files {
        match file.path.as_str() {
            "run_test.sh" => folder.script = Some(file),
            "README.md" => folder.readme = Some(file),
            path if is_test_file(path) => folder.tests.push(file),
            _ => folder.others.push(file),
        }
    }
    for log in logs {
        let name = log.path.rsplit('/').next().unwrap_or(&log.path);
        if name == "reproduction.log" {
            folder.reproduction = Some(log);
        } else if !is_earlier_run(name) {
            folder.logs.push(log);
        }
    }
    folder.tests.sort_by(|a, b| a.path.cmp(&b.path));
    folder.others.sort_by(|a, b| a.path.cmp(&b.path));
    folder.logs.sort_by(|a, b| a.path.cmp(&b.path));
    folder
}

fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/") && path.ends_with(".py")
}

/// `reproduction.3.log`
fn is_earlier_run(name: &str) -> bool {
    name.strip_prefix("reproduction.")
        .and_then(|rest| rest.strip_suffix(".log"))
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn names_are_short_and_tell_the_test() {
        let of = |id: &str| {
            let param_id = id
                .split_once('[')
                .map(|(_, rest)| rest.trim_end_matches(']').to_owned());
            name(&Failure {
                id: id.to_owned(),
                param_id,
                ..Failure::default()
            })
        };
        assert_eq!(
            of("tests/test_a.py::TestX::test_gather[8-DRAM]"),
            "gather_8_dram"
        );
        assert_eq!(of("tests/test_a.py::test_add"), "add");
        assert_eq!(of("tests/test_a.py"), "a");
        assert_eq!(of("docs/usage.rst::usage.rst"), "usage");
        assert_eq!(of("test_b"), "b");
        assert_eq!(
            of("t.py::TestX::testReadsHTTPHeader2"),
            "reads_http_header2"
        );
        assert_eq!(of("nn/test_pruning 1/1"), "pruning_1");
        let long = of("t.py::test_gather[input_shape1-index_shape1--1-DRAM-device_params0]");
        let other = of("t.py::test_gather[input_shape1-index_shape1--1-L1-device_params0]");
        assert_ne!(long, other);
        for hostile in ["", "[", "::", "../../x::$(rm)`[\"\n]", "é::ü[ß]", "....//"] {
            let name = of(hostile);
            assert!(
                !name.is_empty()
                    && name.len() < 80
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
                "{hostile:?}: {name:?}"
            );
        }
    }

    #[test]
    fn tests_of_one_name_have_other_names_too() {
        let of = |id: &str| {
            let [_, long, own] = names(&Failure {
                id: id.to_owned(),
                ..Failure::default()
            });
            (long, own)
        };
        let (long, own) = of("tests/test_a.py::TestX::test_add");
        assert_eq!(long, "x_add");
        assert_eq!(of("tests/test_a.py::test_add").0, "a_add");
        assert_eq!(of("tests/test_a.py").0, "a");
        assert_ne!(own, of("tests/test_b.py::TestX::test_add").1);
    }

    #[test]
    fn files_find_their_place() {
        let file = |path: &str| FolderFile {
            path: path.to_owned(),
            text: Arc::from(""),
            executable: false,
            modified: None,
        };
        let log = |path: &str| FolderLog {
            path: path.to_owned(),
            log: Arc::default(),
            modified: None,
        };
        let folder = read(
            "r/x",
            [
                "run_test.sh",
                "README.md",
                "tests/test_x_repro.py",
                "env.sh",
            ]
            .map(file)
            .to_vec(),
            [
                "logs/ci.log",
                "logs/reproduction.log",
                "logs/reproduction.2.log",
            ]
            .map(log)
            .to_vec(),
        );
        assert!(folder.script.is_some() && folder.readme.is_some());
        assert_eq!((folder.tests.len(), folder.others.len()), (1, 1));
        assert_eq!(
            (folder.logs.len(), folder.reproduction.is_some()),
            (1, true)
        );
    }
}

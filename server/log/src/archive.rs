//! Which files of a GitHub log archive, or of a folder that it was unpacked to, make up one job's log.
//!
//! The layouts: `3_job.txt` beside `job/1_step.txt`, only the one, only the other, and `job/system.txt` beside either. Names
//! of jobs have lost characters that files may not have, and are cut. Files that are none of this are a log each.

use std::collections::BTreeMap;

/// Letters of a job's name that its files keep.
const LONGEST_NAME: usize = 90;

/// One log, in the parts that it is put together from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is called: the file's path, or that of the job's folder.
    pub name: String,
    /// In their order.
    pub parts: Vec<Part>,
}

/// A file of an [`Entry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Index into the given paths.
    pub file: usize,
    /// The name of the step whose output it holds; `None` where the file is a whole log.
    pub step: Option<String>,
}

/// The logs that files make up; `paths` are those of files, with `/`, relative to the archive or folder.
pub fn entries(paths: &[&str]) -> Vec<Entry> {
    let mut folders: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (file, path) in paths.iter().enumerate() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if is_log(name) {
            folders.entry(folder).or_default().push((file, name));
        }
    }
    let mut found = Vec::new();
    for (folder, files) in &folders {
        if is_job(folder, files, &folders) {
            if !has_whole(folder, &folders) {
                found.push(of_steps(folder, files));
            }
            continue;
        }
        let mut files = files.clone();
        files.sort_by_key(|&(_, name)| (numbered(name).map(|(number, _)| number), name));
        found.extend(files.into_iter().map(|(file, _)| Entry {
            name: paths[file].to_owned(),
            parts: vec![Part { file, step: None }],
        }));
    }
    found
}

fn is_log(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, end)| end == "txt" || end == "log")
}

/// Whether a folder's files are the steps of a job: all are numbered, and something says that the numbers are steps'.
fn is_job(
    folder: &str,
    files: &[(usize, &str)],
    folders: &BTreeMap<&str, Vec<(usize, &str)>>,
) -> bool {
    let all = files
        .iter()
        .all(|(_, name)| is_system(name) || numbered(name).is_some());
    let first = |name: &str| {
        let step = numbered(name).map(|(_, step)| step.to_ascii_lowercase());
        matches!(
            step.as_deref(),
            Some("set up job" | "complete job" | "initialize job" | "finalize job")
        )
    };
    let told = files.iter().any(|(_, name)| is_system(name) || first(name));
    !folder.is_empty() && all && (told || has_whole(folder, folders))
}

fn is_system(name: &str) -> bool {
    name == "system.txt"
}

/// Whether the whole log of the job whose folder it is stands beside the folder.
fn has_whole(folder: &str, folders: &BTreeMap<&str, Vec<(usize, &str)>>) -> bool {
    let (parent, job) = folder.rsplit_once('/').unwrap_or(("", folder));
    !folder.is_empty()
        && folders.get(parent).is_some_and(|files| {
            files
                .iter()
                .filter_map(|(_, name)| numbered(name))
                .any(|(_, name)| same_job(name, job))
        })
}

/// Whether two names are one job's: characters were left out or replaced differently, and long ones are cut.
fn same_job(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> Vec<char> {
        name.chars()
            .filter(|it| !(matches!(it, '_' | '/' | '\\' | '"') || ":?*|><".contains(*it)))
            .filter(|it| !it.is_whitespace())
            .collect()
    };
    let (left, right) = (letters(one), letters(other));
    let cut = |name: &str| name.encode_utf16().count() >= LONGEST_NAME - 4;
    left == right
        || (cut(one) && right.starts_with(&left))
        || (cut(other) && left.starts_with(&right))
}

/// A job's steps, in the order of their numbers; what the system wrote is no step.
fn of_steps(folder: &str, files: &[(usize, &str)]) -> Entry {
    let mut steps: Vec<(u32, &str, usize)> = files
        .iter()
        .filter_map(|&(file, name)| {
            let (number, step) = numbered(name)?;
            Some((number, step, file))
        })
        .collect();
    if steps.is_empty() {
        // The runner's own messages are all that there is.
        let parts = files.iter().map(|&(file, _)| Part { file, step: None });
        return Entry {
            name: folder.to_owned(),
            parts: parts.collect(),
        };
    }
    steps.sort_unstable();
    let parts = steps.into_iter().map(|(_, step, file)| Part {
        file,
        step: Some(step.to_owned()),
    });
    Entry {
        name: folder.to_owned(),
        parts: parts.collect(),
    }
}

/// `12_Run tests.txt`: the number and the name. `-1_job.txt` is what a job is called that has no number.
fn numbered(name: &str) -> Option<(u32, &str)> {
    let stem = name.strip_suffix(".txt")?;
    let (number, rest) = stem.split_once('_')?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let fits =
        !digits.is_empty() && digits.len() <= 5 && digits.bytes().all(|it| it.is_ascii_digit());
    (fits && !rest.is_empty()).then(|| (number.parse().unwrap_or(0), rest))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(paths: &[&str], want: Expect) {
        let mut text = String::new();
        for entry in entries(paths) {
            text += &entry.name;
            text += ":";
            for part in entry.parts {
                let step = part.step.map_or(String::new(), |step| format!(" ({step})"));
                text += &format!(" {}{step}", part.file);
            }
            text += "\n";
        }
        want.assert_eq(&text);
    }

    #[test]
    fn whole_jobs_beside_their_steps() {
        check(
            &[
                "build/1_Set up job.txt",
                "build/2_Run tests.txt",
                "0_build.txt",
                "10_test _ linux (3.9, a_b).txt",
                "2_lint.txt",
                "test  linux (3.9, ab)/1_Set up job.txt",
                "lint/system.txt",
                "readme.md",
            ],
            expect![[r#"
                0_build.txt: 2
                2_lint.txt: 4
                10_test _ linux (3.9, a_b).txt: 3
            "#]],
        );
    }

    #[test]
    fn only_steps() {
        check(
            &[
                "run/a/10_Complete job.txt",
                "run/a/2_Run pytest -q.txt",
                "run/a/1_Set up job.txt",
                "run/a/system.txt",
                "run/b/system.txt",
            ],
            expect![[r#"
                run/a: 2 (Set up job) 1 (Run pytest -q) 0 (Complete job)
                run/b: 4
            "#]],
        );
    }

    #[test]
    fn a_cut_name() {
        let long = "x".repeat(88);
        let (file, step) = (
            format!("0_{long}yz and more.txt"),
            format!("{long}yz/1_a.txt"),
        );
        assert_eq!(entries(&[&file, &step]).len(), 1);
    }

    #[test]
    fn files_that_have_nothing_to_do_with_each_other() {
        check(
            &[
                "logs/1_first.txt",
                "logs/2_second.txt",
                "logs/x/run.log",
                "a.txt",
                "b.json",
            ],
            expect![[r#"
                a.txt: 3
                logs/1_first.txt: 0
                logs/2_second.txt: 1
                logs/x/run.log: 2
            "#]],
        );
    }
}

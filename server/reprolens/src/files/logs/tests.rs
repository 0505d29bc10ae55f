//! Archives and folders as GitHub gives them, and some as nobody should.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use expect_test::{Expect, expect};
use tempfile::TempDir;

use super::*;

const MANY: Most = Most {
    files: 1000,
    bytes: 1 << 20,
};

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[expect(clippy::disallowed_methods, reason = "a test makes its files")]
fn saved(bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("logs.zip");
    std::fs::write(&path, bytes).unwrap();
    (dir, path)
}

#[expect(clippy::disallowed_methods, reason = "a test makes its files")]
fn unpacked(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// Each log's name, its steps and its text; or why there is none.
fn shown(sources: Result<Vec<LogSource>, FilesError>, dir: &Path) -> String {
    let mut text = String::new();
    let sources = match sources {
        Ok(sources) => sources,
        Err(error) => return told(&error, dir),
    };
    for source in sources {
        text += &source.name();
        text += ":\n";
        let read = source.read_steps(&mut |piece| {
            match piece {
                Piece::Step(name) => text += &format!("  [{name}]\n"),
                Piece::Bytes(bytes) => {
                    for line in String::from_utf8_lossy(bytes).lines() {
                        text += &format!("  {line}\n");
                    }
                }
            }
            true
        });
        if let Err(error) = read {
            text += &told(&error, dir);
        }
    }
    text.replace(&format!("{}/", dir.display()), "")
}

fn told(error: &FilesError, dir: &Path) -> String {
    let mut text = format!("error: {error}\n");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!("  {error}\n");
        source = error.source();
    }
    text.replace(&format!("{}/", dir.display()), "")
}

/// Both the archive and the folder that it is unpacked to.
#[track_caller]
fn check(files: &[(&str, &str)], want: Expect) {
    let (dir, path) = saved(&zip(files));
    let zipped = shown(archive(&path, MANY), dir.path());
    want.assert_eq(&zipped);
    let dir = unpacked(files);
    let sources = log_sources(dir.path());
    assert_eq!(
        shown(sources, dir.path()),
        zipped.replace("logs.zip!", ""),
        "the folder"
    );
}

#[track_caller]
fn check_bytes(bytes: &[u8], want: Expect) {
    let (dir, path) = saved(bytes);
    want.assert_eq(&shown(archive(&path, MANY), dir.path()));
}

#[test]
fn the_layout_of_old_archives() {
    check(
        &[
            ("0_test (3.9).txt", "whole"),
            ("test (3.9)/1_Set up job.txt", "set up"),
            ("test (3.9)/2_Run pytest.txt", "tests"),
        ],
        expect![[r#"
            logs.zip!0_test (3.9).txt:
              whole
        "#]],
    );
}

#[test]
fn a_whole_log_beside_what_the_system_wrote() {
    check(
        &[
            ("0_test.txt", "whole"),
            ("1_lint.txt", "lint"),
            ("test/system.txt", "system"),
            ("lint/system.txt", "system"),
        ],
        expect![[r#"
            logs.zip!0_test.txt:
              whole
            logs.zip!1_lint.txt:
              lint
        "#]],
    );
}

#[test]
fn steps_alone_keep_their_names_and_order() {
    check(
        &[
            ("test/10_Complete job.txt", "end"),
            ("test/1_Set up job.txt", "set up"),
            ("test/2_Run pytest -q.txt", "a.py::t FAILED"),
            ("test/system.txt", "system"),
        ],
        expect![[r#"
            logs.zip!test:
              [Set up job]
              set up
              [Run pytest -q]
              a.py::t FAILED
              [Complete job]
              end
        "#]],
    );
}

#[test]
fn no_log_in_it() {
    check_bytes(&zip(&[("a.json", "{}")]), expect![""]);
    let (dir, path) = saved(&zip(&[]));
    expect![[r#"
        error: logs.zip holds no log: no .log or .txt file in it
    "#]]
    .assert_eq(&shown(log_sources(&path), dir.path()));
}

#[test]
fn names_that_lead_out_of_the_archive_are_only_names() {
    check_bytes(
        &zip(&[
            ("../../etc/0_passwd.txt", "text"),
            ("/root/1_a.txt", "more"),
        ]),
        expect![[r#"
            logs.zip!../../etc/0_passwd.txt:
              text
            logs.zip!/root/1_a.txt:
              more
        "#]],
    );
}

#[test]
fn an_archive_that_is_cut_or_damaged() {
    let whole = zip(&[("0_test.txt", &"text ".repeat(500))]);
    check_bytes(
        &whole[..whole.len() - 30],
        expect![[r#"
        error: logs.zip is no zip archive that can be read
          invalid Zip archive: Could not find EOCD
    "#]],
    );
    let mut damaged = whole;
    damaged[60] ^= 0x55;
    let (dir, path) = saved(&damaged);
    let text = shown(archive(&path, MANY), dir.path());
    assert!(
        text.contains("error: cannot read logs.zip!0_test.txt"),
        "{text}"
    );
}

#[test]
fn more_files_than_logs_have() {
    let names: Vec<String> = (0..1001).map(|file| format!("{file}.txt")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    check_bytes(
        &zip(&files),
        expect![[r#"
        error: logs.zip holds 1001 files, more than 1000 of which no archive of logs holds
    "#]],
    );
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = zip(&[("0_a.txt", &"0".repeat(3 << 20))]);
    assert!(bomb.len() < 10_000, "{}", bomb.len());
    check_bytes(
        &bomb,
        expect![[r#"
        error: logs.zip holds 3 MB when it is unpacked, more than 1 of which no archive of logs holds
    "#]],
    );
}

#[test]
fn a_bomb_that_says_it_is_small() {
    let mut bomb = zip(&[("0_a.txt", &"0123456789\n".repeat(300_000))]);
    let size = 3_300_000u32.to_le_bytes();
    let places: Vec<usize> = (0..bomb.len() - 4)
        .filter(|&at| bomb[at..at + 4] == size)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bomb[at..at + 4].copy_from_slice(&12u32.to_le_bytes());
    }
    check_bytes(
        &bomb,
        expect![[r#"
        logs.zip!0_a.txt:
        error: cannot read logs.zip!0_a.txt
          File is larger than its declared uncompressed size
    "#]],
    );
}

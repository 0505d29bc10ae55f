//! Logs with lines lost, doubled, cut, moved, and bytes flipped: read without a panic, and every span is a part of the log.

use std::path::PathBuf;

use proptest::prelude::*;
use text::Span;

use crate::{Failure, Frame};

/// What was done to a log.
#[derive(Debug, Clone)]
enum Damage {
    Delete(usize),
    Double(usize),
    Cut(usize, usize),
    Move(usize, usize),
    Flip(usize, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<usize>().prop_map(Damage::Delete),
        any::<usize>().prop_map(Damage::Double),
        (any::<usize>(), any::<usize>()).prop_map(|(line, at)| Damage::Cut(line, at)),
        (any::<usize>(), any::<usize>()).prop_map(|(from, to)| Damage::Move(from, to)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
    ]
}

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn logs() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let mut found = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "log"))
        .collect::<Vec<_>>();
    found.sort();
    found
        .iter()
        .map(|path| {
            let mut log = std::fs::read(path).unwrap();
            log.truncate(40_000);
            log
        })
        .collect()
}

fn damaged(log: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut lines = log
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>();
    for damage in damages {
        let count = lines.len();
        if count < 2 {
            break;
        }
        match *damage {
            Damage::Delete(line) => {
                lines.remove(line % count);
            }
            Damage::Double(line) => {
                let copy = lines[line % count].clone();
                lines.insert(line % count, copy);
            }
            Damage::Cut(line, at) => {
                let line = &mut lines[line % count];
                line.truncate(at % (line.len() + 1));
            }
            Damage::Move(from, to) => {
                let line = lines.remove(from % count);
                lines.insert(to % count, line);
            }
            Damage::Flip(at, byte) => {
                let line = &mut lines[at % count];
                let at = at / count % line.len().max(1);
                if let Some(old) = line.get_mut(at) {
                    *old ^= byte;
                }
            }
        }
    }
    lines.concat()
}

fn spans(failure: &Failure) -> Vec<Span> {
    let frame = |it: &Frame| it.span;
    let mut found = vec![failure.span];
    found.extend(&failure.mentions);
    found.extend(failure.exception.iter().map(|it| it.span));
    found.extend(failure.location.iter().map(frame));
    found.extend(failure.frames.iter().map(frame));
    found.extend(failure.captured.iter().map(|it| it.span));
    found.extend(failure.seed.iter().map(|it| it.span));
    found.extend(failure.falsifying_example.iter().map(|it| it.span));
    for link in &failure.chain {
        found.push(link.exception.span);
        found.extend(link.frames.iter().map(frame));
    }
    found
}

/// Reads, and holds every span to the log: within it, and in text that is valid not inside a character.
fn check(log: &[u8]) -> Result<(), TestCaseError> {
    let found = crate::parse(log);
    let text = std::str::from_utf8(log).ok();
    let mut all = found.failures.iter().flat_map(spans).collect::<Vec<_>>();
    for session in &found.sessions {
        all.push(session.span);
        let facts = [&session.rootdir, &session.configfile, &session.summary];
        all.extend(facts.into_iter().flatten().map(|it| it.span));
        all.extend(session.unfinished.iter().map(|it| it.span));
    }
    for span in all {
        prop_assert!(span.start <= span.end && span.end <= log.len(), "{span:?}");
        if let Some(text) = text {
            prop_assert!(
                text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
                "{span:?}"
            );
        }
    }
    let lines = found.lines;
    prop_assert!(
        found
            .failures
            .iter()
            .all(|it| (1..=lines).contains(&it.line))
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn real_logs(which in any::<usize>(), damages in proptest::collection::vec(damage(), 1..60)) {
        thread_local! {
            static LOGS: Vec<Vec<u8>> = logs();
        }
        let log = LOGS.with(|logs| damaged(&logs[which % logs.len()], &damages));
        check(&log)?;
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        check(&bytes)?;
    }
}

/// A name without its file may be that of several tests.
#[test]
fn same_names_without_ids_stay_apart() {
    let section = |number: u32| {
        format!(
            "_________ test_a __________\nE   ValueError: {number}\nt/x{number}.py:1: ValueError\n"
        )
    };
    let log = format!(
        "======== FAILURES =========\n{}{}2 failed in 0.1s\n",
        section(1),
        section(2)
    );
    let (_, failures) = super::read(log.as_bytes());
    let places = failures
        .iter()
        .filter_map(|it| it.location.as_ref().map(|it| it.path.as_str()))
        .collect::<Vec<_>>();
    assert_eq!(places, ["t/x1.py", "t/x2.py"]);
}

/// As many failures as a log can hold, all of one name: no step of the reading may look at all pairs.
#[test]
fn many_failures_of_one_name() {
    let mut log = String::from(
        "============ test session starts ============\ncollected 30000 items\n\n================= FAILURES ==================\n",
    );
    let count = 30_000;
    for number in 0..count {
        log.push_str(&format!(
            "__________________ test_a ___________________\nE   ValueError: {number}\nt/x{number}.py:1: ValueError\n"
        ));
    }
    log.push_str("========= short test summary info ==========\n");
    for number in 0..count {
        log.push_str(&format!(
            "FAILED t/x{number}.py::test_a - ValueError: {number}\n"
        ));
    }
    log.push_str("=========== 30000 failed in 1.0s ============\n");
    let start = std::time::Instant::now();
    let (_, failures) = super::read(log.as_bytes());
    assert!(failures.len() > 5000, "{}", failures.len());
    assert!(
        failures[100].id == "t/x100.py::test_a",
        "{}",
        failures[100].id
    );
    assert!(start.elapsed().as_secs() < 20);
}

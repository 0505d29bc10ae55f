//! Any bytes are read without a panic, and how they are split does not matter.

#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at what it did not expect"
)]

extern crate reprolens_log as log;

use std::path::Path;

use log::{Limits, Log, Parser, Scout};
use proptest::prelude::*;

/// What the formats and pytest write, to be put together in any order.
const PARTS: &[&str] = &[
    "\u{feff}2024-06-05T12:45:27.3080205Z ",
    "2024-06-05T12:45:27.3080205Z ",
    "2026-01-21T09:47:05.094269Z 00O+",
    "2026-01-21T09:47:05.094269Z 01O ",
    "\n2026-01-21T09:47:05.094269Z 01O+",
    "job\tstep\t2024-06-05T12:45:27.3080205Z ",
    "\n",
    "\r\n",
    "\r",
    "##[group]Run ",
    "##[group] Inputs",
    "##[endgroup]",
    "##[error]Process completed with exit code 1.",
    "##[section]Starting: x",
    "\x1b[36;1mexport A='1'\x1b[0m",
    "shell: /usr/bin/bash -e {0}",
    "env:",
    "with:",
    "  KEY: value",
    "  é:",
    "section_start:1560896352:step_script\r\x1b[0K",
    "section_end:1560896352:step_script\r\x1b[0K",
    "\x1b_bk;t=1745322209921\x07",
    "~~~ Running commands",
    "$ pytest -q tests",
    "+ export 'A=$B'",
    "PATH=/bin",
    "[Pipeline] sh",
    "[1,0]<stdout>:",
    "============================= test session starts ==============================",
    "=================================== FAILURES ===================================",
    "___________________________________ test_a ____________________________________",
    ">       assert 1 == 2",
    "E       assert 1 == 2",
    "tests/test_a.py:3: AssertionError",
    "=========================== short test summary info ============================",
    "FAILED tests/test_a.py::test_a - assert 1 == 2",
    "========================= 1 failed, 2 passed in 0.12s =========================",
    "Traceback (most recent call last):",
    "Fatal Python error: Segmentation fault",
    "tests/test_a.py::test_b[é-1] PASSED [ 50%]",
];

fn limits() -> Limits {
    Limits {
        line: 300,
        kept: 24 << 20,
    }
}

fn whole(bytes: &[u8]) -> Log {
    let mut parser = Parser::new(limits());
    parser.push(bytes);
    parser.finish()
}

/// Read in pieces, as they come or behind a scout.
fn pieces(bytes: &[u8], sizes: &[usize], scouted: bool) -> Log {
    let mut parser = Parser::new(limits());
    let (mut scout, mut lines) = (Scout::new(limits()), Vec::new());
    let mut rest = bytes;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).clamp(1, rest.len());
        let (piece, after) = rest.split_at(size);
        if scouted {
            scout.look(piece, &mut lines);
            parser.push_scouted(piece, &lines);
        } else {
            parser.push(piece);
        }
        rest = after;
    }
    parser.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let log = whole(&bytes);
        prop_assert!(log.steps.iter().all(|step| step.span.end <= bytes.len()));
    }

    #[test]
    fn any_split(
        parts in proptest::collection::vec(0..PARTS.len(), 0..400),
        sizes in proptest::collection::vec(1usize..200, 1..20),
    ) {
        let text: String = parts.iter().map(|&part| PARTS[part]).collect();
        let one = whole(text.as_bytes());
        prop_assert_eq!(&one, &pieces(text.as_bytes(), &sizes, false));
        prop_assert_eq!(&one, &pieces(text.as_bytes(), &sizes, true));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn real_logs_split_and_damaged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        count += 1;
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(120_000);
        let one = whole(&bytes);
        for scouted in [false, true] {
            let many = pieces(&bytes, &[1, 7, 4096, 65_537], scouted);
            assert_eq!(one, many, "{}", path.display());
        }
        let mut state = 0x2545_f491u32;
        for _ in 0..bytes.len() / 200 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = state as usize % bytes.len();
            bytes[at] = state.to_le_bytes()[3];
        }
        whole(&bytes);
    }
    assert!(count > 50);
}

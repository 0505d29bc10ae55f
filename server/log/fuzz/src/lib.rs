//! What every target holds: any bytes behind a format's first lines are read without a panic, however they are split, and
//! every place that the log tells lies within it.

use log::{Limits, Log, Parser, Scout};

/// Small, so that cutting long lines and leaving things out are reached too.
const LIMITS: Limits = Limits {
    line: 400,
    kept: 64 << 10,
};

/// Reads `head` and what the fuzzer made; the first byte of that says where it is split.
pub fn check(head: &str, data: &[u8]) {
    let Some((&split, data)) = data.split_first() else {
        return;
    };
    let mut bytes = head.as_bytes().to_vec();
    bytes.extend_from_slice(data);
    let mut parser = Parser::new(LIMITS);
    parser.push(&bytes);
    let whole = parser.finish();
    assert_eq!(whole, read(&bytes, usize::from(split).max(1)));
    places(&whole, bytes.len());
}

/// The same in pieces, behind a scout.
fn read(bytes: &[u8], piece: usize) -> Log {
    let mut parser = Parser::new(LIMITS);
    let (mut scout, mut lines) = (Scout::new(LIMITS), Vec::new());
    for piece in bytes.chunks(piece.max(1)) {
        scout.look(piece, &mut lines);
        parser.push_scouted(piece, &lines);
    }
    parser.finish()
}

fn places(log: &Log, len: usize) {
    for step in &log.steps {
        assert!(
            step.span.start <= step.span.end && step.span.end <= len + 1,
            "{step:?}"
        );
        assert!(
            step.output.start <= step.output.end && step.output.end <= len + 1,
            "{step:?}"
        );
        assert!(step.line <= log.lines + 1);
    }
    for failure in &log.failures {
        assert!(
            failure.span.start <= failure.span.end && failure.span.end <= len,
            "{failure:?}"
        );
        assert!(
            failure.step.is_none_or(|it| it < log.steps.len()),
            "{failure:?}"
        );
        assert!(
            failure.session.is_none_or(|it| it < log.sessions.len()),
            "{failure:?}"
        );
        for frame in &failure.frames {
            assert!(frame.span.end <= len, "{failure:?}");
        }
        for mention in &failure.mentions {
            assert!(mention.end <= len, "{failure:?}");
        }
    }
}

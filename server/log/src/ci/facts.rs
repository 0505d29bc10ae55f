//! Lines in which a runner says something of its job, wherever they stand.

use crate::line::Line;
use crate::sink::{Sink, fact};

/// What a runner says first: its job begins.
pub(crate) const RUNNER: &str = "Current runner version: ";

/// Takes a line of GitHub's runner or of `actions/checkout`; false if it is none.
pub(crate) fn header(line: &Line<'_>, sink: &mut Sink) -> bool {
    let text = line.text;
    // The first byte tells nearly every other line apart.
    match text.as_bytes().first() {
        Some(b'C') => {
            if let Some(name) = text.strip_prefix("Complete job name: ") {
                let job = sink.job();
                job.name = Some(fact(line, text.len() - name.len()..text.trim_end().len()));
                return true;
            }
            false
        }
        Some(b'J') => match text.strip_prefix("Job defined at: ") {
            Some(rest) => workflow(line, text.len() - rest.len(), sink),
            None => false,
        },
        Some(b'U') => match text.strip_prefix("Uses: ") {
            Some(rest) if rest.contains(".github/workflows/") => {
                workflow(line, text.len() - rest.len(), sink)
            }
            _ => false,
        },
        Some(b'R') => {
            let Some(rest) = text.strip_prefix("Requested labels: ") else {
                return false;
            };
            let mut from = text.len() - rest.len();
            // What the job asked for is better than the image that it got.
            sink.job().runner_labels.clear();
            for label in rest.split(", ") {
                let to = from + label.len();
                sink.job().runner_labels.push(fact(line, from..to));
                from = to + 2;
            }
            true
        }
        Some(b'W') => {
            if let Some(rest) = text.strip_prefix("Working directory is '") {
                let from = text.len() - rest.len();
                let to = from + rest.find('\'').unwrap_or(rest.len());
                sink.job()
                    .checkout
                    .get_or_insert_with(|| fact(line, from..to));
                return true;
            }
            false
        }
        Some(b'H') => {
            if let Some(rest) = text.strip_prefix("HEAD is now at ") {
                let from = text.len() - rest.len();
                let to = from + rest.find(' ').unwrap_or(rest.len());
                sink.job()
                    .commit
                    .get_or_insert_with(|| fact(line, from..to));
                return true;
            }
            false
        }
        // The whole hash, as `git log -1 --format='%H'` or `%H` prints it after the checkout.
        Some(b'\'' | b'0'..=b'9' | b'a'..=b'f') => {
            let hash = text.trim_matches('\'');
            if hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let from = usize::from(text.starts_with('\''));
                let commit = &mut sink.job().commit;
                let short = commit
                    .as_ref()
                    .is_none_or(|known| hash.starts_with(&known.text));
                if short {
                    *commit = Some(fact(line, from..from + 40));
                }
            }
            false
        }
        _ => false,
    }
}

/// `owner/repo/.github/workflows/f.yml@refs/heads/main (sha)`, from `from` on.
fn workflow(line: &Line<'_>, from: usize, sink: &mut Sink) -> bool {
    let text = line.text.trim_end();
    let Some(at) = text[from..].find('@').map(|at| from + at) else {
        return false;
    };
    let end = text[at..].find(" (").map_or(text.len(), |len| at + len);
    let job = sink.job();
    job.workflow = Some(fact(line, from..at));
    job.reference = Some(fact(line, at + 1..end));
    if let Some(inner) = text[end..]
        .strip_prefix(" (")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let start = end + 2;
        job.commit
            .get_or_insert_with(|| fact(line, start..start + inner.len()));
    }
    true
}

/// A line of `Reusable workflow chain:`: the last one is the file that defines the job. False where the chain is over.
pub(crate) fn chain_link(line: &Line<'_>, sink: &mut Sink) -> bool {
    let text = line.text;
    if !text.contains(".github/workflows/") {
        return false;
    }
    let from = if text.starts_with("-> ") { 3 } else { 0 };
    workflow(line, from, sink)
}

/// A line of the group `Operating System`: name, version and edition have one each.
pub(crate) fn system(line: &Line<'_>, sink: &mut Sink) {
    let end = line.text.trim_end().len();
    if end == 0 || end > 80 {
        return;
    }
    let next = fact(line, 0..end);
    let os = &mut sink.job().os;
    match os {
        None => *os = Some(next),
        Some(known) if known.text.len() < 80 => {
            known.text = format!("{} {}", known.text, next.text);
            known.span = known.span.cover(next.span);
        }
        Some(_) => {}
    }
}

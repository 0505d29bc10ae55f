//! Joins what header, section, summary and progress line say of one failure: one [`Failure`] for each test and phase.

mod cut;
mod pair;

use std::collections::{HashMap, HashSet};

use text::Span;

use super::evidence::{Evidence, Mention, Told};
use super::{assertion, classify, exception, ids};
use crate::{Captured, Exception, Failure, Frame, Kind, Phase, UNCAPTURED};

/// The failures of a session, in the order of the log.
pub(crate) fn join(evidence: &mut Evidence) -> Vec<Failure> {
    let mut summary = std::mem::take(&mut evidence.summary);
    let progress = std::mem::take(&mut evidence.progress);
    let told = std::mem::take(&mut evidence.told);
    let mut failures = std::mem::take(&mut evidence.whole);
    split_again(&told, &mut summary);
    files_are_errors(evidence, &mut summary);
    let of_summary = pair::pair(&told, &summary);
    let of_progress = pair::pair(&told, &progress);
    let ran = ran_before(&summary, &progress);
    let of_errors = evidence.phase_of_errors();
    let all_in_summary = evidence
        .counted_failures()
        .is_some_and(|count| count <= summary.len() as u64);
    let mut used_summary = vec![false; summary.len()];
    let mut used_progress = vec![false; progress.len()];
    for (idx, section) in told.into_iter().enumerate() {
        let mention = of_summary[idx].map(|at| &summary[at]);
        let earlier = of_progress[idx].map(|at| &progress[at]);
        if let Some(at) = of_summary[idx] {
            used_summary[at] = true;
        }
        if let Some(at) = of_progress[idx] {
            used_progress[at] = true;
        }
        // `--tb=line` has places in lines, and what a test printed may look like one, or like a section.
        let lone = section.header.name.is_empty() && !section.is_cut;
        let printed = lone || section.doubtful || all_in_summary;
        if printed && mention.is_none() && !summary.is_empty() {
            continue;
        }
        failures.push(of_section(section, mention, earlier));
    }
    let unused = |used: Vec<bool>| move |at: &usize| !used[*at];
    for at in (0..summary.len()).filter(unused(used_summary)) {
        failures.push(of_mention(&summary[at], &ran, of_errors));
    }
    for at in (0..progress.len()).filter(unused(used_progress)) {
        failures.push(of_mention(&progress[at], &ran, of_errors));
    }
    let mut failures = unique(without_survived(stacks_of_workers(failures), evidence));
    if evidence.finished {
        drop_explained_timeouts(&mut failures);
    }
    failures.sort_by_key(|it| it.line);
    failures
}

/// pytest 5.0 has `FAILED` before files that it cannot collect too: more than the totals count.
fn files_are_errors(evidence: &Evidence, summary: &mut [Mention]) {
    let failed = summary.iter().filter(|it| !it.is_error).count() as u64;
    if !evidence.finished || failed <= evidence.counted(&["failed"]) {
        return;
    }
    let is_file = |it: &&mut Mention| it.id.ends_with(".py") && !it.id.contains("::");
    for mention in summary.iter_mut().filter(is_file) {
        mention.is_error = true;
    }
}

/// pytest-timeout prints stacks before the test fails of it; where the run went on, its own section tells more.
fn drop_explained_timeouts(failures: &mut Vec<Failure>) {
    let told = failures
        .iter()
        .filter(|it| it.kind == Kind::Timeout && it.exception.is_some())
        .map(|it| it.id.clone())
        .collect::<Vec<_>>();
    failures.retain(|it| {
        let stacks = it.kind == Kind::Timeout && it.exception.is_none();
        !stacks || !(told.contains(&it.id) || (it.id.is_empty() && !told.is_empty()))
    });
}

/// A session that came to its totals did not crash: what looks so was printed by a test, or by a process of its own. Where
/// tests run in workers, one of them may have.
fn without_survived(failures: Vec<Failure>, evidence: &Evidence) -> Vec<Failure> {
    let is_crash = |it: &Failure| it.kind == Kind::Crash;
    let of_worker = |it: &Failure| is_crash(it) && (it.worker.is_some() || it.frames.is_empty());
    let others = failures.iter().filter(|it| !is_crash(it));
    let others: HashSet<_> = others.map(|it| (it.id.as_str(), it.phase)).collect();
    let counted = evidence.counted_failures();
    let survived = counted.is_some_and(|count| count <= others.len() as u64);
    if survived && !failures.iter().any(of_worker) {
        failures.into_iter().filter(|it| !is_crash(it)).collect()
    } else {
        failures
    }
}

/// A worker that crashes prints its stack without the test's name; xdist's own failure names the test and has no stack.
fn stacks_of_workers(mut failures: Vec<Failure>) -> Vec<Failure> {
    let of_worker = |it: &Failure| {
        it.kind == Kind::Crash
            && it.frames.is_empty()
            && it.exception.as_ref().is_some_and(|it| {
                it.message.contains(" crashed while running ")
                    || it.message.contains("running the test CRASHED with signal")
            })
    };
    if !failures.iter().any(of_worker) {
        return failures;
    }
    let is_stack =
        |it: &Failure| it.kind == Kind::Crash && !it.id_complete && !it.frames.is_empty();
    let (stacks, rest): (Vec<_>, Vec<_>) = failures.drain(..).partition(is_stack);
    failures = rest;
    let mut workers = failures
        .iter()
        .enumerate()
        .filter(|(_, it)| of_worker(it))
        .map(|(idx, it)| (idx, ids::function(&it.id).to_owned()))
        .collect::<Vec<_>>();
    for stack in stacks {
        let runs = |name: &str| stack.frames.iter().any(|it| it.function == name);
        let Some(at) = workers.iter().position(|(_, name)| runs(name)) else {
            failures.push(stack);
            continue;
        };
        let failure = &mut failures[workers.remove(at).0];
        failure.location = stack.location;
        failure.frames = stack.frames;
        failure.mentions.push(stack.span);
    }
    failures
}

/// Parameters can hold what separates an id from its message: then the section's header tells where the id ends.
fn split_again(told: &[Told], summary: &mut [Mention]) {
    for mention in summary {
        let message = mention.message.as_deref();
        let Some(message) = message.filter(|it| it.contains("] - ")) else {
            continue;
        };
        let whole = format!("{} - {message}", mention.id);
        let name = ids::header_name(&whole);
        let least = ids::header_name(&mention.id).len();
        let fits = |title: &&str| {
            title.len() > least
                && name
                    .strip_prefix(*title)
                    .is_some_and(|rest| rest.starts_with(" - "))
        };
        let mut titles = told.iter().map(|it| it.header.name.as_str());
        if let Some(title) = titles.find(fits) {
            let behind = name.len() - title.len();
            let end = whole.len() - behind;
            mention.message = Some(whole[end + " - ".len()..].to_owned());
            mention.id = whole[..end].to_owned();
        }
    }
}

/// The tests whose call was reported before their `ERROR`: that one is of their teardown.
fn ran_before<'a>(summary: &'a [Mention], progress: &'a [Mention]) -> HashSet<&'a str> {
    let failed = summary.iter().filter(|it| !it.is_error);
    let after = progress.iter().filter(|it| !it.is_error || it.after_call);
    failed.chain(after).map(|it| it.id.as_str()).collect()
}

/// The id in `worker 'gw1' crashed while running 'path::test'`.
fn crashed_id(section: &Told) -> Option<&str> {
    let message = section.parsed.exception.as_ref()?.message.as_str();
    let (_, rest) = message.split_once(" crashed while running ")?;
    let quote = rest.chars().next()?;
    let inner = &rest[quote.len_utf8()..];
    inner.rfind(quote).map(|end| &inner[..end])
}

fn of_section(section: Told, mention: Option<&Mention>, earlier: Option<&Mention>) -> Failure {
    let header = &section.header;
    let named = mention
        .map(|it| &it.id)
        .filter(|id| ids::is_whole(id))
        .or(earlier.map(|it| &it.id))
        .or(mention.map(|it| &it.id));
    let collect = header.phase == Phase::Collect;
    let id = match (named, crashed_id(&section)) {
        (_, Some(id)) => id.to_owned(),
        (Some(id), None) => id.clone(),
        (None, None) if collect => header.name.clone(),
        (None, None) if section.is_cut => cut::function(&section.parsed.frames),
        (None, None) => sub_test_base(&header.name).to_owned(),
    };
    let mut parsed = section.parsed;
    let crash = id.len() > 1
        && parsed
            .exception
            .as_ref()
            .is_some_and(|it| it.message.contains(" crashed while running "));
    if let (Some(mention), None) = (mention, &parsed.exception) {
        parsed.exception = mention
            .message
            .as_deref()
            .and_then(|it| of_summary_text(it, mention.span));
    }
    // What `pytest.fail(pytrace=False)` prints can look like a type and its message.
    let is_failed = mention
        .and_then(|it| it.message.as_deref())
        .is_some_and(|it| it == "Failed" || it.starts_with("Failed: "));
    if let Some(exception) = parsed
        .exception
        .as_mut()
        .filter(|it| is_failed && parsed.frames.is_empty() && it.type_name != "Failed")
    {
        exception.message = exception.after_type(&exception.message);
        exception.type_name = "Failed".to_owned();
    }
    if let Some(exception) = parsed
        .exception
        .as_mut()
        .filter(|it| it.type_name.is_empty() && !crash)
    {
        let told = mention
            .and_then(|it| it.message.as_deref())
            .and_then(|it| it.split_once(": "));
        match told.and_then(|(name, _)| exception::split(name, None)) {
            Some((name, "")) => exception.type_name = name.to_owned(),
            // Only `pytest.fail(..., pytrace=False)` and its like show no type.
            _ if parsed.frames.is_empty() && !collect => exception.type_name = "Failed".to_owned(),
            _ => {}
        }
    }
    let path = match id.contains("::") || collect {
        true => Some(ids::path(&id).to_owned()),
        false => test_file(&id, &parsed.frames),
    };
    let (expected, actual) = match (&parsed.doctest, &parsed.exception) {
        (Some((expected, actual)), _) => (Some(expected.clone()), Some(actual.clone())),
        (None, Some(exception)) => assertion::sides(exception, parsed.source.as_deref()),
        (None, None) => (None, None),
    };
    let location = parsed
        .location
        .take()
        .or_else(|| parsed.frames.last().cloned());
    let mut mentions = Vec::new();
    mentions.extend(earlier.map(|it| it.span));
    mentions.extend(mention.map(|it| it.span));
    Failure {
        id_complete: collect || ids::is_whole(&id),
        path,
        param_id: ids::parameters(&id).map(str::to_owned),
        phase: header.phase,
        kind: if crash {
            Kind::Crash
        } else {
            classify::kind(header.phase, parsed.exception.as_ref())
        },
        exception: parsed.exception,
        expected,
        actual,
        location,
        frames: parsed.frames,
        chain: parsed.chain,
        locals: parsed.locals,
        captured: match section.captured.is_empty() {
            true => printed(earlier),
            false => section.captured,
        },
        seed: None,
        falsifying_example: parsed.falsifying,
        duration_seconds: mention
            .and_then(|it| it.seconds)
            .or(earlier.and_then(|it| it.seconds)),
        worker: parsed
            .worker
            .or_else(|| earlier.and_then(|it| it.worker.clone())),
        session: None,
        step: None,
        span: section.span,
        line: section.line,
        mentions,
        id,
    }
}

/// A subtest's failure is one of its test.
fn sub_test_base(name: &str) -> &str {
    // Parameters may hold the same marks: what a subtest adds stands behind them.
    let balanced = |at: &usize| {
        let before = &name[..*at];
        before.matches('[').count() == before.matches(']').count()
    };
    let adds = |mark: &str| {
        name.match_indices(mark)
            .map(|(at, _)| at)
            .find(balanced)
            .map(|at| &name[..at])
    };
    let message = adds(" [").filter(|_| name.ends_with([')', ']']));
    message
        .or_else(|| adds(" (").filter(|_| name.ends_with(')')))
        .unwrap_or(name)
}

/// The file of the frame that is the test function itself.
fn test_file(name: &str, frames: &[Frame]) -> Option<String> {
    let bare = name.split('[').next().unwrap_or(name);
    let function = bare.rsplit('.').next().unwrap_or(bare);
    frames
        .iter()
        .find(|it| it.function == function)
        .map(|it| it.path.clone())
}

/// What the test printed while nothing was captured, as a section.
fn printed(progress: Option<&Mention>) -> Vec<Captured> {
    let section = |span| Captured {
        name: UNCAPTURED.to_owned(),
        span,
    };
    progress
        .and_then(|it| it.printed)
        .map(section)
        .into_iter()
        .collect()
}

fn of_mention(mention: &Mention, ran: &HashSet<&str>, of_errors: Option<Phase>) -> Failure {
    let collect = mention.is_error && !mention.id.contains("::");
    let ran = mention.after_call || ran.contains(mention.id.as_str());
    let phase = match (mention.is_error, ran) {
        (false, _) => Phase::Call,
        (true, _) if collect => Phase::Collect,
        (true, true) => Phase::Teardown,
        (true, false) => of_errors.unwrap_or(Phase::Setup),
    };
    let exception = mention
        .message
        .as_deref()
        .and_then(|it| of_summary_text(it, mention.span));
    let (expected, actual) = exception
        .as_ref()
        .map(|it| assertion::sides(it, None))
        .unwrap_or_default();
    Failure {
        id_complete: collect || ids::is_whole(&mention.id),
        path: (mention.id.contains("::") || collect).then(|| ids::path(&mention.id).to_owned()),
        param_id: ids::parameters(&mention.id).map(str::to_owned),
        phase,
        kind: classify::kind(phase, exception.as_ref()),
        exception,
        expected,
        actual,
        duration_seconds: mention.seconds,
        worker: mention.worker.clone(),
        captured: printed(Some(mention)),
        span: mention.span,
        line: mention.line,
        id: mention.id.clone(),
        ..Failure::default()
    }
}

/// The exception of `Type: message` or `assert a == b` behind an id.
pub(crate) fn of_summary_text(text: &str, span: Span) -> Option<Exception> {
    if matches!(text.trim(), "" | "..." | "…") {
        return None;
    }
    let lines = text.lines().collect::<Vec<_>>();
    let single = lines[0].strip_suffix(']');
    let (type_name, head) =
        if let Some((_, group)) = single.and_then(|it| it.rsplit_once(" [single exception in ")) {
            (group.to_owned(), lines[0])
        } else {
            match exception::split(lines[0], None).or_else(|| exception::dotted(lines[0])) {
                Some((name, message)) => (name.to_owned(), message),
                None if lines[0].starts_with("assert ") || lines[0] == "assert..." => {
                    ("AssertionError".to_owned(), lines[0])
                }
                // `TypeError...`: a narrow terminal cut the message away.
                None if cut_type(lines[0]).is_some() => {
                    (cut_type(lines[0]).unwrap_or_default().to_owned(), "...")
                }
                // What `xfail(strict=True)` fails with when the test passes.
                None if lines[0].starts_with("[XPASS(strict)]") => ("Failed".to_owned(), lines[0]),
                None => (String::new(), lines[0]),
            }
        };
    let mut made = exception::exception(type_name, head, &lines[1..], span);
    made.message = made.message.trim_start().to_owned();
    made.cut = made.message.ends_with("...");
    Some(made)
}

/// The type in `TypeError...`.
fn cut_type(text: &str) -> Option<&str> {
    let (name, message) = exception::split(text.strip_suffix("...")?, None)?;
    // `ExceptionGroup` begins so too.
    (message.is_empty() && !name.ends_with("Exception")).then_some(name)
}

/// One failure for each test and phase: the one that knows most, with the others as its mentions.
fn unique(failures: Vec<Failure>) -> Vec<Failure> {
    let mut order: Vec<Failure> = Vec::with_capacity(failures.len());
    type Key = (String, Phase, Option<(String, u32)>);
    let mut seen: HashMap<Key, usize> = HashMap::new();
    for failure in failures {
        // Without sections, a test's ERROR in the summary and in its progress line may differ in phase only.
        // A name without its file may be that of several tests: then the place tells them apart.
        let place = failure
            .location
            .as_ref()
            .filter(|_| !failure.id_complete)
            .map(|it| (it.path.clone(), it.line));
        let key = (failure.id.clone(), failure.phase, place.clone());
        let same = seen.get(&key).copied().filter(|_| !failure.id.is_empty());
        let loose = same.or_else(|| {
            (failure.exception.is_none()
                && failure.frames.is_empty()
                && failure.phase != Phase::Call)
                .then(|| {
                    let other = if failure.phase == Phase::Setup {
                        Phase::Teardown
                    } else {
                        Phase::Setup
                    };
                    seen.get(&(failure.id.clone(), other, place)).copied()
                })
                .flatten()
        });
        match loose {
            Some(at) => {
                let kept = &mut order[at];
                if kept.exception.is_none() && failure.exception.is_some() {
                    let old = std::mem::replace(kept, failure);
                    kept.mentions.push(old.span);
                    kept.mentions.extend(old.mentions);
                } else {
                    kept.mentions.push(failure.span);
                    kept.mentions.extend(failure.mentions);
                }
            }
            None => {
                seen.insert(key, order.len());
                order.push(failure);
            }
        }
    }
    order
}

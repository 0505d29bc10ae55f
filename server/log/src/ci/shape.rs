//! The shape of a log: which CI wrote it and what stands before its lines. The first lines show it; after that every line is
//! still looked at by itself, as logs are pasted, cut and joined.

use super::numbers::Numbers;
use super::stamp::{self, Stamp};
use crate::Ci;

/// How many lines are held back until the shape is known.
pub(crate) const SNIFFED_LINES: usize = 64;
/// And how many bytes at most.
pub(crate) const SNIFFED_BYTES: usize = 64 << 10;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// What stands before the lines of a log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    pub(crate) ci: Ci,
    /// The form before each line, beside GitHub's and the runner's, which are known at sight.
    stamp: Option<Stamp>,
    /// `gh run view --log`: job TAB step TAB before each line; those of the last line, and where the first TAB is.
    columns: Option<(Vec<u8>, usize)>,
    /// What stands before every line, and nobody's CI wrote: blanks, or the marks of a quotation.
    margin: Vec<u8>,
    /// Whether text begins right behind `[1,0]<stdout>:`; some versions put a blank between.
    rank_is_tight: bool,
    /// Those before the lines, where they are numbered.
    numbers: Option<Numbers>,
    /// GitLab's runner wrote it: a line may go on in the raw line below, behind a prefix with `+`.
    pub(crate) joins: bool,
}

/// What a line begins with.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// Bytes before the text.
    pub(crate) len: usize,
    /// Whether there was a timestamp.
    pub(crate) stamped: bool,
    /// `gh`'s job and step, as ranges of the raw line.
    pub(crate) columns: Option<(std::ops::Range<usize>, std::ops::Range<usize>)>,
    /// Where the timestamp stands.
    pub(crate) stamp: std::ops::Range<usize>,
    /// Whether the line begins with a byte-order mark.
    pub(crate) mark: bool,
}

impl Prefix {
    /// The same in a line that has so many bytes before it.
    fn shift(&mut self, by: usize) {
        let shift = |range: &mut std::ops::Range<usize>| *range = range.start + by..range.end + by;
        self.len += by;
        shift(&mut self.stamp);
        if let Some((job, step)) = &mut self.columns {
            shift(job);
            shift(step);
        }
    }
}

impl Shape {
    /// The shape that a log's first lines show.
    pub(crate) fn of<'a>(lines: &[&'a [u8]]) -> Self {
        let mut shape = Self {
            numbers: Numbers::of(lines),
            ..Self::default()
        };
        let mut numbers = shape.numbers.clone();
        let text = |line: &&'a [u8]| match &mut numbers {
            Some(numbers) => &line[numbers.take(line)..],
            None => *line,
        };
        let lines: Vec<&[u8]> = lines.iter().map(text).collect();
        shape.joins = lines.iter().any(|line| stamp::runner(line).is_some());
        shape.margin = margin(&lines);
        let behind = |line: &&'a [u8]| &line[shape.margin_len(line)..];
        let lines: Vec<&[u8]> = lines.iter().map(behind).collect();
        let lines = lines.as_slice();
        shape.columns = lines
            .iter()
            .any(|line| columns(line).is_some())
            .then(|| (Vec::new(), 0));
        shape.stamp = shape.common_stamp(lines);
        shape.ci = ci(lines);
        shape
    }

    /// The stamp that most lines have.
    fn common_stamp(&self, lines: &[&[u8]]) -> Option<Stamp> {
        let filled: Vec<&[u8]> = lines
            .iter()
            .map(|line| without_mark(line).1)
            .filter(|line| !line.trim_ascii().is_empty())
            .collect();
        let common = Stamp::ALL.into_iter().find(|form| {
            let with = filled
                .iter()
                .filter(|line| form.len(line).is_some())
                .count();
            with * 4 > filled.len() * 3
        })?;
        matches!(common, Stamp::Seven | Stamp::Runner)
            .then_some(None)
            .unwrap_or(Some(common))
    }

    /// Whether the lines have `gh`'s columns: each may be another step's.
    pub(crate) fn has_columns(&self) -> bool {
        self.columns.is_some()
    }

    /// Whether each line is needed to know what the next one's prefix is.
    pub(crate) fn counts(&self) -> bool {
        self.numbers.is_some()
    }

    /// What `raw` begins with.
    pub(crate) fn prefix(&mut self, raw: &[u8]) -> Prefix {
        if self.is_bare(raw) {
            return Prefix::default();
        }
        let number = self.numbers.as_mut().map_or(0, |it| it.take(raw));
        let mut prefix = self.behind_number(&raw[number..]);
        prefix.shift(number);
        prefix
    }

    /// The length of what `raw` begins with, and whether that is a timestamp, where no line is needed to know the next one's.
    pub(crate) fn prefix_len(&mut self, raw: &[u8]) -> (usize, bool) {
        if self.is_bare(raw) {
            return (0, false);
        }
        if let Some(len) = self.only_seven(raw) {
            return (len, true);
        }
        let prefix = self.prefix(raw);
        (prefix.len, prefix.stamped)
    }

    /// Whether nothing stands before a line: by its first byte, where the log's lines have nothing in common.
    fn is_bare(&self, raw: &[u8]) -> bool {
        let begins = matches!(
            raw.first(),
            Some(b'0'..=b'9' | b'_' | b'[' | 0x1b | 0xef | b'\r')
        );
        !begins
            && self.stamp.is_none()
            && self.columns.is_none()
            && self.margin.is_empty()
            && self.numbers.is_none()
    }

    /// Nearly every line of the longest logs begins with GitHub's stamp, and nothing else before the text.
    fn only_seven(&self, raw: &[u8]) -> Option<usize> {
        let len = stamp::seven(raw).filter(|_| self.columns.is_none())?;
        (raw.get(len) != Some(&b'[')).then_some(len)
    }

    /// How much of the margin a line has.
    fn margin_len(&self, raw: &[u8]) -> usize {
        let pairs = raw.iter().zip(&self.margin);
        pairs.take_while(|(one, other)| one == other).count()
    }

    fn behind_number(&mut self, raw: &[u8]) -> Prefix {
        if let Some(len) = self.only_seven(raw) {
            return Prefix {
                len,
                stamped: true,
                stamp: 0..len,
                ..Prefix::default()
            };
        }
        let mut prefix = Prefix::default();
        let margin = self.margin_len(raw);
        let (mark, mut rest) = without_mark(&raw[margin..]);
        prefix.mark = mark > 0;
        prefix.len = margin + mark;
        if let Some((job, step)) = self.columns(rest) {
            let (from, after) = (prefix.len, step + 1);
            prefix.columns = Some((from..from + job, from + job + 1..from + step));
            prefix.len += after;
            let (inner, text) = without_mark(&rest[after..]);
            prefix.mark |= inner > 0;
            prefix.len += inner;
            rest = text;
        }
        let stamp = self.stamp(rest);
        if stamp > 0 {
            prefix.stamped = true;
            prefix.stamp = prefix.len..prefix.len + stamp;
            prefix.len += stamp;
            rest = &rest[stamp..];
        }
        if rest.first() == Some(&b'[')
            && let Some(len) = stamp::rank(rest)
        {
            prefix.len += len;
            match rest.get(len) {
                Some(b' ') if !self.rank_is_tight => prefix.len += 1,
                Some(b' ' | b'\r') | None => {}
                Some(_) => self.rank_is_tight = true,
            }
        }
        prefix
    }

    /// The places of the two TABs. A continuation line has no timestamp behind them, but the same columns as the one before.
    fn columns(&mut self, raw: &[u8]) -> Option<(usize, usize)> {
        let (last, first) = self.columns.as_mut()?;
        if !last.is_empty() && raw.starts_with(last) {
            return Some((*first, last.len() - 1));
        }
        let (one, two) = columns(raw)?;
        last.clear();
        last.extend_from_slice(&raw[..=two]);
        *first = one;
        Some((one, two))
    }

    /// The length of the timestamp that the text begins with.
    fn stamp(&mut self, text: &[u8]) -> usize {
        match text.first() {
            Some(b'0'..=b'9') => {
                if let Some(len) = stamp::seven(text) {
                    return len;
                }
                if let Some((len, _)) = stamp::runner(text) {
                    return len;
                }
            }
            Some(b'_') => {
                if let Some(len) = stamp::bare_buildkite(text) {
                    self.ci = if self.ci == Ci::Plain {
                        Ci::Buildkite
                    } else {
                        self.ci
                    };
                    return len;
                }
            }
            Some(0x1b) if text.starts_with(b"\x1b_bk;t=") => {
                self.ci = if self.ci == Ci::Plain {
                    Ci::Buildkite
                } else {
                    self.ci
                };
                return crate::clean::escape_len(text);
            }
            _ => {}
        }
        match self.stamp {
            None => 0,
            Some(stamp) => stamp.len(text).unwrap_or(0),
        }
    }
}

/// Where the line at the beginning of `bytes` ends: at the first line end that no continuation follows, or that stands
/// behind `limit` bytes. `None` where that is not known yet.
pub(crate) fn joined_end(bytes: &[u8], limit: usize) -> Option<usize> {
    for at in memchr::memchr_iter(b'\n', bytes) {
        let next = &bytes[at + 1..];
        if at >= limit {
            return Some(at);
        }
        if continuation(next).is_some() {
            continue;
        }
        let is_known = next.len() >= CONTINUATION_BYTES || memchr::memchr(b'\n', next).is_some();
        return is_known.then_some(at);
    }
    None
}

/// The length of the prefix of a raw line that goes on from the one before.
pub(crate) fn continuation(raw: &[u8]) -> Option<usize> {
    stamp::runner(raw)
        .filter(|&(_, goes_on)| goes_on)
        .map(|(len, _)| len)
}

/// How many bytes of a raw line tell whether it is a continuation.
const CONTINUATION_BYTES: usize = 32;

/// What stands before each of the lines: blanks, or the marks of a quotation.
fn margin(lines: &[&[u8]]) -> Vec<u8> {
    let begins = |line: &&'_ [u8]| line.iter().take_while(|it| b" \t>".contains(it)).count();
    // Of a line without text, the blanks at the end may be gone.
    let is_filled = |line: &&&[u8]| begins(line) < line.trim_ascii_end().len();
    let mut filled = lines.iter().copied().filter(|line| is_filled(&line));
    let (Some(first), Some(second)) = (filled.next(), filled.next()) else {
        return Vec::new();
    };
    let mut margin = &first[..begins(&first)];
    for line in [second].into_iter().chain(filled) {
        let same = margin
            .iter()
            .zip(line)
            .take_while(|(one, other)| one == other);
        margin = &margin[..same.count()];
    }
    margin.to_vec()
}

/// A byte-order mark; a `?` stands for it in a log that PowerShell saved.
fn without_mark(raw: &[u8]) -> (usize, &[u8]) {
    if let Some(rest) = raw.strip_prefix(BOM) {
        return (3, rest);
    }
    match raw.strip_prefix(b"?") {
        Some(rest) if stamp::seven(rest).is_some() => (1, rest),
        _ => (0, raw),
    }
}

/// `gh run view --log`'s columns, before a timestamp: where the two TABs are.
fn columns(raw: &[u8]) -> Option<(usize, usize)> {
    const LONGEST: usize = 600;
    let head = &raw[..raw.len().min(LONGEST)];
    let mut tabs = memchr::memchr_iter(b'\t', head);
    let (first, second) = (tabs.next()?, tabs.next()?);
    let (_, text) = without_mark(&raw[second + 1..]);
    (first > 0 && second > first + 1 && stamp::seven(text).is_some()).then_some((first, second))
}

/// Which CI service's marks the lines hold.
fn ci(lines: &[&[u8]]) -> Ci {
    let has = |needle: &str| {
        lines
            .iter()
            .any(|line| memchr::memmem::find(line, needle.as_bytes()).is_some())
    };
    let sevens = lines.iter().any(|line| {
        let line = without_mark(line).1;
        stamp::seven(line).is_some() || columns(line).is_some()
    });
    let azure = [
        "##[section]",
        "Agent name: '",
        "/vsts/",
        "##vso[",
        "Task         : ",
    ];
    if has("_bk;t=") || has("buildkite-agent") || has("~~~ Preparing ") || has("~~~ Running ") {
        return Ci::Buildkite;
    }
    if azure.iter().any(|mark| has(mark)) {
        return Ci::Azure;
    }
    if sevens
        || has("##[group]")
        || has("##[error]")
        || has("Current runner version: ")
        || has("Job defined at: ")
    {
        return Ci::GitHub;
    }
    let gitlab = [
        "section_start:",
        "Running with gitlab-runner",
        "$CI_PROJECT_",
        "$CI_JOB_",
        "gitlab-ci",
    ];
    if gitlab.iter().any(|mark| has(mark)) || lines.iter().any(|line| stamp::runner(line).is_some())
    {
        return Ci::GitLab;
    }
    let circle = |line: &&[u8]| {
        line.starts_with(b"#!/bin/bash -eo pipefail") || line.starts_with(b"#!/bin/sh -eo pipefail")
    };
    if lines.first().is_some_and(circle)
        || has("circleci")
        || has("CircleCI")
        || has("Exited with code exit status")
    {
        return Ci::CircleCi;
    }
    let jenkins = [
        "[Pipeline] ",
        "Started by user ",
        "Building in workspace ",
        "Building remotely on ",
        "Started by an SCM change",
        "Running in Durability level",
        "Finished: FAILURE",
    ];
    if jenkins.iter().any(|mark| has(mark)) {
        return Ci::Jenkins;
    }
    // A copy of the web page has neither stamps nor markers, but each step's shell.
    let is_shell = |line: &&[u8]| {
        let line = line.trim_ascii();
        line.starts_with(b"shell: ") && line.ends_with(b"{0}")
    };
    if lines.iter().any(is_shell) {
        return Ci::GitHub;
    }
    if ["/home/runner/work/", "D:\\a\\"]
        .iter()
        .any(|place| has(place))
    {
        return Ci::GitHub;
    }
    Ci::Plain
}

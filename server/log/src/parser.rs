//! Bytes in pieces to lines, and lines to the formats and to the reader of pytest's output.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memchr2, memmem, memrchr};
use text::{OriginKind, Problem, Span, Value};

use crate::ci::shape::{Prefix, SNIFFED_BYTES, SNIFFED_LINES, Shape, continuation, joined_end};
use crate::ci::{Machine, Role};
use crate::clean::{Cleaner, Piece, without_line_end};
use crate::env::{assignment, command, dump, words};
use crate::find::{Ahead, Finder};
use crate::line::Line;
use crate::pytest::{self, Appetite, Reader};
use crate::sink::{Sink, fact};
use crate::{Ci, Limits, Log};

/// Reads a log in pieces of any size, split anywhere.
#[derive(Debug)]
pub struct Parser {
    limits: Limits,
    /// The beginning of a line that is not complete, and how long the line is so far.
    tail: Vec<u8>,
    tail_len: usize,
    /// The first lines, held back until the shape is known.
    held: Option<Vec<u8>>,
    /// The step that the first line belongs to, where a file's name tells it.
    first_step: Option<String>,
    /// The last complete line, if the reader did not see it.
    previous: Option<(Vec<u8>, usize, usize)>,
    lines: Lines,
}

/// Everything behind the splitting into lines.
#[derive(Debug)]
struct Lines {
    limit: usize,
    /// Where the next line begins, and how many lines stand before it.
    at: usize,
    count: u32,
    cut: u32,
    shape: Shape,
    machine: Machine,
    cleaner: Cleaner,
    sink: Sink,
    dump: dump::Gatherer<(u32, Span)>,
    in_session: bool,
    finder: Finder,
    /// The last line that names a test, if the reader did not see it, of bytes that are gone.
    named: Option<Named>,
    /// From where on lines were not yet looked at for names.
    unnamed: usize,
    /// Where the last line stands that went to the reader.
    fed: usize,
}

/// A line that names a test: pytest prints it when the test starts, and a killed run's last one is where it stood.
#[derive(Debug)]
struct Named {
    bytes: Vec<u8>,
    offset: usize,
    len: usize,
    number: u32,
}

impl Parser {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            tail: Vec::new(),
            tail_len: 0,
            held: Some(Vec::new()),
            first_step: None,
            previous: None,
            lines: Lines {
                limit: limits.line.max(64),
                at: 0,
                count: 0,
                cut: 0,
                shape: Shape::default(),
                machine: Machine::default(),
                cleaner: Cleaner::default(),
                sink: Sink::new(Reader::new(limits), limits),
                dump: dump::Gatherer::default(),
                in_session: false,
                finder: Finder::new(),
                named: None,
                unnamed: 0,
                fed: 0,
            },
        }
    }

    /// Takes the next bytes. Large pieces (256 KB and more) are read in place.
    pub fn push(&mut self, bytes: &[u8]) {
        let Some(held) = &mut self.held else {
            self.read(bytes);
            return;
        };
        // The decision must not depend on how the bytes were split: it is made on the first lines, or on the first bytes.
        let room = SNIFFED_BYTES - held.len();
        let mut taken = bytes.len().min(room);
        let before = memchr_iter(b'\n', held).count();
        if let Some(last) = memchr_iter(b'\n', &bytes[..taken])
            .nth(SNIFFED_LINES - 1 - before.min(SNIFFED_LINES - 1))
        {
            taken = last + 1;
        }
        held.extend_from_slice(&bytes[..taken]);
        let lines = memchr_iter(b'\n', held).count();
        if lines >= SNIFFED_LINES || held.len() >= SNIFFED_BYTES {
            self.release();
            self.read(&bytes[taken..]);
        }
    }

    /// What comes next is the output of that step, and begins with a line of its own: a step's file of an archive.
    pub fn step(&mut self, name: &str) {
        if self.held.as_ref().is_some_and(Vec::is_empty) {
            self.first_step = Some(name.to_owned());
            return;
        }
        self.release();
        if self.tail_len > 0 {
            self.complete_tail(false);
        }
        self.previous = None;
        self.lines.tell_kept();
        self.lines.step(name);
    }

    /// The log, when all bytes were taken.
    pub fn finish(mut self) -> Log {
        self.release();
        if self.tail_len > 0 {
            self.complete_tail(false);
        }
        // The last test that was named may be the one that was running when the log stopped.
        self.lines.tell_kept();
        self.lines.finish(self.limits)
    }

    fn release(&mut self) {
        let Some(held) = self.held.take() else {
            return;
        };
        let first: Vec<&[u8]> = held
            .split(|&byte| byte == b'\n')
            .take(SNIFFED_LINES)
            .collect();
        self.lines.shape = Shape::of(&first);
        if let Some(name) = self.first_step.take() {
            self.lines.step(&name);
        }
        self.read(&held);
    }

    fn read(&mut self, mut bytes: &[u8]) {
        if self.lines.shape.joins {
            self.read_joined(bytes);
            return;
        }
        if self.tail_len > 0 {
            let Some(end) = memchr(b'\n', bytes) else {
                self.keep_tail(bytes);
                return;
            };
            self.keep_tail(&bytes[..end]);
            self.complete_tail(true);
            bytes = &bytes[end + 1..];
        }
        let whole = memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (region, rest) = bytes.split_at(whole);
        if !region.is_empty() {
            let previous = self.previous.take();
            self.previous = self.lines.region(region, previous);
        }
        self.keep_tail(rest);
    }

    /// The same where a line may go on in the raw line below: one is complete when the next is seen to begin anew.
    fn read_joined(&mut self, mut bytes: &[u8]) {
        let limit = self.lines.limit;
        if self.tail_len > limit {
            let Some(end) = memchr(b'\n', bytes) else {
                self.tail_len += bytes.len();
                return;
            };
            self.tail_len += end;
            self.complete_tail(true);
            bytes = &bytes[end + 1..];
        }
        self.tail.extend_from_slice(bytes);
        let mut whole = 0;
        while let Some(end) = joined_end(&self.tail[whole..], limit) {
            whole += end + 1;
        }
        let tail = self.tail.split_off(whole);
        let region = std::mem::replace(&mut self.tail, tail);
        self.tail_len = self.tail.len();
        self.tail.truncate(limit + 1);
        if !region.is_empty() {
            let previous = self.previous.take();
            self.previous = self.lines.region(&region, previous);
        }
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        let room = (self.lines.limit + 1).saturating_sub(self.tail.len());
        self.tail.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.tail_len += bytes.len();
    }

    fn complete_tail(&mut self, ended: bool) {
        let mut tail = std::mem::take(&mut self.tail);
        let previous = self.previous.take();
        if self.lines.shape.joins && self.tail_len <= self.lines.limit {
            self.tail_len = 0;
            self.previous = self.lines.region(&tail, previous);
            return;
        }
        self.previous = self.lines.single(&tail, self.tail_len, ended, previous);
        tail.clear();
        self.tail = tail;
        self.tail_len = 0;
    }
}

/// The raw lines of one line, without the prefixes of those that go on.
fn pieces(whole: Piece<'_>) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut offset = whole.offset;
    for raw in whole.bytes.split(|&byte| byte == b'\n') {
        let prefix = match pieces.is_empty() {
            true => 0,
            false => continuation(raw).unwrap_or(0),
        };
        pieces.push(Piece {
            bytes: &raw[prefix..],
            offset: offset + prefix,
        });
        offset += raw.len() + 1;
    }
    pieces
}

/// A line that the reader did not see: its bytes, its offset, its length.
type Unseen = Option<(Vec<u8>, usize, usize)>;

impl Lines {
    /// Complete lines, in place.
    fn region(&mut self, region: &[u8], mut previous: Unseen) -> Unseen {
        let base = self.at;
        let mut at = 0;
        // Where the next literal's line begins; found once for many lines.
        let mut next = None;
        let mut ahead = Ahead::default();
        let mut unseen: Option<(usize, usize)> = None;
        while at < region.len() {
            let everything = self.wants_everything();
            let hit = match next {
                Some(hit) if hit >= at => hit,
                _ if everything => at,
                _ => {
                    let hit = self.finder.line_from(region, at, self.limit, &mut ahead);
                    next = Some(hit);
                    hit
                }
            };
            if self.in_session && !everything && hit > at {
                // Nobody wants the lines before the hit, but the last of them may be wanted with it.
                self.count +=
                    u32::try_from(memchr_iter(b'\n', &region[at..hit]).count()).unwrap_or(u32::MAX);
                let last = memrchr(b'\n', &region[..hit - 1]).map_or(0, |found| found + 1);
                unseen = Some((last.max(at), hit - 1));
                previous = None;
                at = hit;
                self.at = base + at;
                continue;
            }
            let end = if self.shape.joins {
                let last = region.len() - usize::from(region.ends_with(b"\n"));
                joined_end(&region[at..], self.limit).map_or(last, |end| at + end)
            } else {
                memchr(b'\n', &region[at..]).map_or(region.len(), |len| at + len)
            };
            let matters = everything || at == hit;
            if at == hit {
                self.tell_name(region, base, at);
            }
            if matters && let Some((from, to)) = unseen.take() {
                self.before(&region[from..to], base + from, to - from);
            } else if matters && let Some((bytes, offset, len)) = previous.take() {
                self.before(&bytes, offset, len);
            }
            self.at = base + at;
            let seen = self.line(&region[at..end], end - at, matters);
            unseen = (!seen).then_some((at, end));
            previous = None;
            at = end + 1;
            self.at = base + at;
            if matters {
                self.unnamed = self.at;
            }
        }
        if let Some((from, to)) = self.last_name(region, base, region.len()) {
            let after = memchr_iter(b'\n', &region[from..]).count();
            self.named = Some(Named {
                bytes: region[from..to.min(from + self.limit + 1)].to_vec(),
                offset: base + from,
                len: to - from,
                number: (self.count + 1).saturating_sub(u32::try_from(after).unwrap_or(u32::MAX)),
            });
        }
        self.unnamed = base + region.len();
        match unseen {
            Some((from, to)) => {
                let kept = &region[from..to.min(from + self.limit + 1)];
                Some((kept.to_vec(), base + from, to - from))
            }
            None => previous,
        }
    }

    /// Of the lines before `at` that were not looked at, the last that names a test.
    fn last_name(&self, region: &[u8], base: usize, at: usize) -> Option<(usize, usize)> {
        let from = self.unnamed.saturating_sub(base).min(at);
        self.finder.last_name(region, from..at, self.limit)
    }

    /// Tells the reader the last test that was named before a line that matters, at `at`.
    fn tell_name(&mut self, region: &[u8], base: usize, at: usize) {
        let here = self.last_name(region, base, at);
        self.unnamed = base + at;
        let kept = self.named.take();
        if let Some((from, to)) = here {
            let between = memchr_iter(b'\n', &region[from..at]).count();
            let number = self.count + 1 - u32::try_from(between).unwrap_or(self.count);
            let bytes = &region[from..to.min(from + self.limit + 1)];
            self.tell(bytes, base + from, to - from, number);
        } else if let Some(kept) = kept {
            self.tell(&kept.bytes, kept.offset, kept.len, kept.number);
        }
    }

    /// The same where the bytes before are gone.
    fn tell_kept(&mut self) {
        if let Some(kept) = self.named.take() {
            self.tell(&kept.bytes, kept.offset, kept.len, kept.number);
        }
    }

    fn tell(&mut self, bytes: &[u8], offset: usize, len: usize, number: u32) {
        if offset < self.fed {
            return;
        }
        let bytes = &bytes[..bytes.len().min(self.limit)];
        let prefix = self.shape.prefix(bytes);
        let piece = Piece {
            bytes: &bytes[prefix.len.min(bytes.len())..],
            offset: offset + prefix.len,
        };
        let raw = Span::new(offset, offset + len);
        let line = self.cleaner.line(piece, number, raw);
        self.sink.ensure_step(&line);
        self.sink.name(&line);
    }

    /// A line that came in pieces.
    fn single(&mut self, bytes: &[u8], len: usize, ended: bool, previous: Unseen) -> Unseen {
        let everything = self.wants_everything();
        let looked = &bytes[..bytes.len().min(self.limit)];
        let (hit, named) = self.finder.line(looked);
        let matters = everything || hit;
        if hit {
            self.tell_kept();
        }
        if matters && let Some((before, offset, len)) = previous {
            self.before(&before, offset, len);
        }
        let start = self.at;
        let seen = if self.in_session && !matters {
            self.count += 1;
            false
        } else {
            self.line(bytes, len, matters)
        };
        if named && !hit {
            self.named = Some(Named {
                bytes: looked.to_vec(),
                offset: start,
                len,
                number: self.count,
            });
        }
        self.at = start + len + usize::from(ended);
        self.unnamed = self.at;
        (!seen).then(|| (bytes.to_vec(), start, len))
    }

    fn wants_everything(&self) -> bool {
        self.shape.joins
            || self.sink.reader.appetite() == Appetite::Everything
            || self.machine.is_hungry(&self.shape)
    }

    /// The line before one that matters, for the reader alone.
    fn before(&mut self, bytes: &[u8], offset: usize, len: usize) {
        let bytes = &bytes[..bytes.len().min(self.limit)];
        let prefix = self.shape.prefix(bytes);
        let piece = Piece {
            bytes: &bytes[prefix.len.min(bytes.len())..],
            offset: offset + prefix.len,
        };
        let line = self
            .cleaner
            .line(piece, self.count, Span::new(offset, offset + len));
        self.sink.feed(&line);
    }

    /// A line; whether the reader saw it.
    fn line(&mut self, bytes: &[u8], len: usize, matters: bool) -> bool {
        self.count = self.count.saturating_add(1);
        let start = self.at;
        let raw = Span::new(start, start + len);
        let bytes = if bytes.len() > self.limit {
            self.cut += 1;
            &bytes[..self.limit]
        } else {
            bytes
        };
        let prefix = self.shape.prefix(bytes);
        let rest = &bytes[prefix.len.min(bytes.len())..];
        if !matters && !self.tells(rest, &prefix) {
            self.end_dump();
            return false;
        }
        let piece = Piece {
            bytes: rest,
            offset: start + prefix.len,
        };
        // Buildkite's exports put an empty line behind every line.
        if rest.is_empty() && !prefix.stamped && self.shape.ci == Ci::Buildkite {
            return true;
        }
        let mut cleaner = std::mem::take(&mut self.cleaner);
        let number = self.count;
        let mut joined = Vec::new();
        if self.shape.joins && memchr(b'\n', rest).is_some() {
            joined = pieces(piece);
            self.count += u32::try_from(joined.len() - 1).unwrap_or(u32::MAX);
        }
        let line = match joined.is_empty() {
            true => cleaner.line(piece, number, raw),
            false => cleaner.joined(&joined, number, raw),
        };
        let role = self
            .machine
            .line(&mut self.shape, &line, bytes, &prefix, &mut self.sink);
        if role == Role::Output {
            self.output(&line, matters);
        }
        self.cleaner = cleaner;
        role == Role::Structure || matters
    }

    /// Whether a line that holds no literal may tell something all the same.
    fn tells(&mut self, rest: &[u8], prefix: &Prefix) -> bool {
        glance(rest) && (heads(rest) || (prefix.stamped && self.sink.job().started.is_none()))
    }

    /// A line of output: what it tells of the environment, then the reader's.
    fn output(&mut self, line: &Line<'_>, matters: bool) {
        let text = line.text;
        if matters && text.starts_with('=') && text.contains("test session starts") {
            self.sink.ensure_step(line);
            self.in_session = true;
            self.sink.gathered.sessions += 1;
        } else if self.in_session && matters && ends_session(text) {
            self.in_session = false;
        } else if !self.in_session {
            self.environment(line);
        } else if matters {
            self.ended_command(line);
        }
        if matters {
            self.fed = line.raw.start;
            self.sink.ensure_step(line);
            self.sink.feed(line);
        }
    }

    /// Traces, exports, dumps and commands that output shows.
    fn environment(&mut self, line: &Line<'_>) {
        let text = line.text;
        if let Some((name, value)) = assignment(text) {
            self.dump
                .push(name, value, (line.number, line.span(0..text.len())));
            return;
        }
        self.end_dump();
        let whole = || line.span(0..text.len());
        if let Some(trace) = text.strip_prefix("+ ") {
            self.trace(trace, line);
        } else if let Some(rest) = dump::declared(text) {
            for word in words::split(rest) {
                if let Some((name, value)) = assignment(&word) {
                    self.sink.found(
                        OriginKind::Dump,
                        name,
                        Value::printed(value),
                        line.number,
                        whole(),
                    );
                }
            }
        } else if let Some(rest) = text.trim_start().strip_prefix("export ") {
            let rest = rest.trim_end().trim_end_matches(['\\', ';', ' ']);
            let words = words::split(rest);
            if let [word] = words.as_slice()
                && let Some((name, value)) = assignment(word)
                && name != "PATH"
            {
                let value = if value.contains('$') {
                    Value::Unresolved(value.to_owned())
                } else {
                    Value::printed(value)
                };
                self.sink
                    .found(OriginKind::Export, name, value, line.number, whole());
            }
        } else if let Some(at) = dump::told(text)
            && let Some((name, value)) = assignment(&text[at..])
        {
            self.sink.found(
                OriginKind::Dump,
                name,
                Value::printed(value.trim_end()),
                line.number,
                line.span(at..text.len()),
            );
        }
        if let Some(command) = command::shown(line) {
            self.sink.ensure_step(line);
            self.sink.gathered.command(line.number, command);
        }
    }

    /// A shell's note that a signal ended pytest shows its command, unexpanded.
    fn ended_command(&mut self, line: &Line<'_>) {
        let Some(note) = pytest::ended_by_signal(line.text).filter(|it| it.names_pytest()) else {
            return;
        };
        let shown = &line.text[note.command..];
        for word in words::split(shown) {
            let Some((name, value)) = assignment(&word) else {
                break;
            };
            let value = if value.contains('$') {
                Value::Unresolved(value.to_owned())
            } else {
                Value::printed(value)
            };
            let span = line.span(note.command..note.text.len());
            self.sink
                .found(OriginKind::Inline, name, value, line.number, span);
        }
        if let Some(command) = command::shown(line) {
            self.sink.ensure_step(line);
            self.sink.gathered.command(line.number, command);
        }
    }

    /// A line of `set -x`.
    fn trace(&mut self, trace: &str, line: &Line<'_>) {
        let span = line.span(2..line.text.len());
        if let Some(rest) = trace
            .strip_prefix("export ")
            .or_else(|| dump::declared(trace))
        {
            for word in words::split(rest) {
                if let Some((name, value)) = assignment(&word) {
                    self.sink.found(
                        OriginKind::Xtrace,
                        name,
                        Value::printed(value),
                        line.number,
                        span,
                    );
                }
            }
        } else if self.sink.gathered.sessions == 0 && assignment(trace).is_none() {
            let text_end = line.text.trim_end().len().max(2);
            self.sink.gathered.last_trace = Some(fact(line, 2..text_end));
        } else if trace.contains("pytest") {
            for word in words::split(trace) {
                let Some((name, value)) = assignment(&word) else {
                    break;
                };
                self.sink.found(
                    OriginKind::Xtrace,
                    name,
                    Value::printed(value),
                    line.number,
                    span,
                );
            }
        }
    }

    fn end_dump(&mut self) {
        if self.dump.is_empty() {
            return;
        }
        for (name, value, (line, span)) in self.dump.end() {
            self.sink
                .found(OriginKind::Dump, &name, Value::printed(value), line, span);
        }
    }

    /// A step begins whose name is told from outside.
    fn step(&mut self, name: &str) {
        let line = Line {
            number: self.count + 1,
            raw: Span::at(self.at),
            text: "",
            runs: &[],
        };
        self.end_dump();
        self.in_session = false;
        self.machine.step(name, &line, &mut self.sink);
    }

    fn finish(mut self, limits: Limits) -> Log {
        self.end_dump();
        let end = self.at;
        let last = Line {
            number: self.count,
            raw: Span::at(end),
            text: "",
            runs: &[],
        };
        self.machine.finish(&last, &mut self.sink);
        self.sink.end_step(end);
        let mut problems = self.sink.problems();
        if self.cut > 0 {
            problems.push(Problem {
                message: format!(
                    "{} lines are longer than {} bytes; the rest of them is passed over",
                    self.cut, limits.line
                ),
                path: String::new(),
                span: Span::at(0),
            });
        }
        let Sink {
            reader,
            mut steps,
            mut jobs,
            shown,
            ..
        } = self.sink;
        let (mut sessions, failures, left_out) = reader.finish();
        problems.extend(left_out);
        for session in &mut sessions {
            if session.command.is_none() {
                session.command = shown
                    .iter()
                    .rev()
                    .find(|(line, step, _)| Some(*step) == session.step && *line < session.line)
                    .map(|(_, _, command)| command.clone());
            }
        }
        let failing = failures
            .iter()
            .find_map(|failure| failure.step)
            .or_else(|| {
                steps
                    .iter()
                    .position(|step| step.exit_code.is_some_and(|code| code != 0))
            });
        let chosen = failing
            .and_then(|step| steps.get(step))
            .and_then(|step| step.job)
            .unwrap_or(0);
        let job = jobs.get(chosen).cloned().unwrap_or_default();
        if jobs.len() < 2 {
            jobs.clear();
            for step in &mut steps {
                step.job = None;
            }
        }
        let recognised = self.shape.ci != Ci::Plain || !sessions.is_empty() || !failures.is_empty();
        Log {
            ci: self.shape.ci,
            job,
            jobs,
            steps,
            sessions,
            failures,
            problems,
            lines: self.count,
            recognised,
        }
    }
}

/// Whether a line outside pytest's output may tell of the job, of a step or of the environment: by its first bytes.
fn glance(rest: &[u8]) -> bool {
    match rest.first() {
        None => false,
        Some(b'+' | b'#' | b'$' | b'[' | 0x1b) => true,
        Some(b'\'' | b'-') => true,
        Some(b' ') => {
            rest.trim_ascii_start().starts_with(b"export ")
                || memchr::memmem::find(&rest[..rest.len().min(200)], b"env var").is_some()
        }
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => {
            let name = rest
                .iter()
                .take(80)
                .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
                .count();
            rest.get(name) == Some(&b'=')
                || matches!(byte, b'C' | b'J' | b'U' | b'R' | b'W' | b'H' | b'P' | b'E')
                || (name == 40 && rest.len() <= 42)
                || rest.starts_with(b"export ")
                || rest.starts_with(b"declare -x ")
                || (rest[0].is_ascii_digit()
                    && memchr::memmem::find(&rest[..rest.len().min(200)], b" env var").is_some())
        }
        Some(_) => false,
    }
}

/// Whether a line that passed the first glance begins as one that tells does; of some first bytes nearly no line does.
fn heads(rest: &[u8]) -> bool {
    static ENV: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("env"));
    let heads: &[&[u8]] = match rest.first() {
        Some(b'C') => &[
            b"Complete job name: ",
            b"Current runner version: ",
            b"Cleaning up ",
        ],
        Some(b'J') => &[b"Job defined at: "],
        Some(b'U') => &[b"Uses: ", b"Using Docker executor "],
        Some(b'R') => &[b"Requested labels: ", b"Reusable workflow chain:", b"Run "],
        Some(b'W') => &[b"Working directory is '"],
        Some(b'H') => &[b"HEAD is now at "],
        Some(b'P') => &[b"Post job cleanup."],
        Some(b'E') => &[
            b"Evaluate and set ",
            b"Error: ",
            b"ERROR: ",
            b"Exited with ",
        ],
        Some(b'[') => &[b"[Pipeline] "],
        Some(b'#') => &[b"##", b"#!"],
        _ => return true,
    };
    heads.iter().any(|head| rest.starts_with(head))
        || names_value(rest)
        || memchr2(0x1b, b'\r', without_line_end(rest)).is_some()
        || ENV.find(rest).is_some()
}

/// `NAME=`
fn names_value(rest: &[u8]) -> bool {
    let name = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    rest.get(name) == Some(&b'=')
}

/// `===== 3 failed, 12 passed in 4.50s =====`
fn ends_session(text: &str) -> bool {
    text.starts_with('=')
        && text.contains(" in ")
        && text.trim_end().ends_with('=')
        && [
            " passed",
            " failed",
            " error",
            " skipped",
            "no tests ran",
            " warning",
        ]
        .iter()
        .any(|word| text.contains(word))
}

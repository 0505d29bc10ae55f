//! Lines to the formats and to the reader of pytest's output: those that matter, and of the others as little as can be.

mod body;

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};
use text::{Problem, Span};

use self::body::AsTheyAre;
use crate::ci::shape::{Shape, continuation, joined_end};
use crate::ci::{Machine, Role};
use crate::clean::{Cleaner, Piece};
use crate::find::{Ahead, Finder};
use crate::line::Line;
use crate::output::{ENV, Output, tells};
use crate::pytest::{Appetite, Reader, is_inside};
use crate::sink::Sink;
use crate::{Ci, Limits, Log};

/// Everything behind the splitting into lines.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) limit: usize,
    /// Where the next line begins, and how many lines stand before it.
    at: usize,
    count: u32,
    cut: u32,
    pub(crate) shape: Shape,
    machine: Machine,
    cleaner: Cleaner,
    sink: Sink,
    output: Output,
    finder: &'static Finder,
    /// The last line that names a test, if the reader did not see it, of bytes that are gone.
    named: Option<Kept>,
    /// From where on lines were not yet looked at for names.
    unnamed: usize,
    /// Where the last line stands that went to the reader.
    fed: usize,
}

/// A line that the reader did not see, of bytes that are gone.
#[derive(Debug)]
pub(crate) struct Kept {
    /// As far as they are looked at.
    bytes: Vec<u8>,
    offset: usize,
    len: usize,
    number: u32,
    /// Whether it names a test, and is not told of as [`Lines::named`]: pytest prints it when the test starts, and a killed run's
    /// last one is where it stood.
    names: bool,
}

impl Lines {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limit: limits.line_looked_at(),
            at: 0,
            count: 0,
            cut: 0,
            shape: Shape::default(),
            machine: Machine::default(),
            cleaner: Cleaner::default(),
            sink: Sink::new(Reader::new(limits), limits),
            output: Output::default(),
            finder: Finder::get(),
            named: None,
            unnamed: 0,
            fed: 0,
        }
    }

    /// Looks at a log's first lines, of which the shape is known.
    pub(crate) fn begin(&mut self, first: &[&[u8]]) {
        let mut shape = self.shape.clone();
        let mut cleaner = Cleaner::default();
        let texts: Vec<String> = first
            .iter()
            .map(|line| {
                let prefix = shape.prefix(line);
                let piece = Piece {
                    bytes: &line[prefix.len.min(line.len())..],
                    offset: 0,
                };
                cleaner.line(piece, 0, Span::at(0)).text.to_owned()
            })
            .collect();
        if is_inside(texts.iter().map(String::as_str)) {
            self.sink.reader.begin_inside();
        }
    }

    /// Complete lines, in place.
    pub(crate) fn region(
        &mut self,
        region: &[u8],
        mut ahead: Ahead<'_>,
        mut previous: Option<Kept>,
    ) -> Option<Kept> {
        let base = self.at;
        let mut at = 0;
        // Where the next literal's line begins; found once for many lines.
        let mut next = None;
        // Where the next [`ENV`] stands, found once for all lines before it.
        let mut env = None;
        let mut as_they_are = AsTheyAre::default();
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
            if !everything && let Some(last) = self.pass_over(region, at..hit, &mut env) {
                // Nobody wants them, but the last may be wanted with a line that holds a literal.
                at = last.end + 1;
                self.at = base + at;
                unseen = Some((last.start, last.end));
                self.pass_by(previous.take());
                continue;
            }
            let end = if self.shape.joins {
                let last = region.len() - usize::from(region.ends_with(b"\n"));
                joined_end(&region[at..], self.limit).map_or(last, |end| at + end)
            } else {
                memchr(b'\n', &region[at..]).map_or(region.len(), |len| at + len)
            };
            let matters = everything || at == hit;
            if at == hit && (self.unnamed < base + at || self.named.is_some()) {
                self.tell_name(region, base, at);
            }
            if matters && let Some((from, to)) = unseen.take() {
                self.before(&region[from..to], base + from, to - from);
            } else if matters && let Some(kept) = previous.take() {
                self.before(&kept.bytes, kept.offset, kept.len);
            }
            self.at = base + at;
            let seen = self.line(&region[at..end], end - at, matters);
            unseen = (!seen).then_some((at, end));
            self.pass_by(previous.take());
            at = end + 1;
            self.at = base + at;
            if matters {
                self.unnamed = self.at;
            }
            if everything && seen {
                at = self.body(region, at, &mut as_they_are);
            }
        }
        if let Some((from, to)) = self.last_name(region, base, region.len()) {
            let after = memchr_iter(b'\n', &region[from..]).count();
            self.named = Some(Kept {
                bytes: region[from..to.min(from + self.limit + 1)].to_vec(),
                offset: base + from,
                len: to - from,
                number: (self.count + 1).saturating_sub(u32::try_from(after).unwrap_or(u32::MAX)),
                names: true,
            });
        }
        self.unnamed = base + region.len();
        match unseen {
            Some((from, to)) => {
                let kept = &region[from..to.min(from + self.limit + 1)];
                Some(Kept {
                    bytes: kept.to_vec(),
                    offset: base + from,
                    len: to - from,
                    number: self.count,
                    names: false,
                })
            }
            None => previous,
        }
    }

    /// Passes over the first of the lines in a range, which hold no literal, as far as they tell nothing else; gives the last.
    /// The next [`ENV`] stands at `next_env`, once that is known.
    fn pass_over(
        &mut self,
        region: &[u8],
        lines: Range<usize>,
        next_env: &mut Option<usize>,
    ) -> Option<Range<usize>> {
        let mut last = None;
        let (mut at, mut count) = (lines.start, 0_usize);
        if self.output.in_session() && at < lines.end {
            count = memchr_iter(b'\n', &region[lines.clone()]).count();
            let end = lines.end - 1;
            let start = memrchr(b'\n', &region[at..end]).map_or(at, |found| at + found + 1);
            last = Some(start..end);
        } else if at < lines.end {
            let undated = self.sink.job().started.is_none();
            for end in memchr_iter(b'\n', &region[lines.clone()]) {
                let end = lines.start + end;
                let line = &region[at..end];
                // One that is too long is told of.
                if line.len() > self.limit {
                    break;
                }
                let env = match *next_env {
                    Some(known) if known >= at => known,
                    _ => ENV.find(&region[at..]).map_or(region.len(), |it| at + it),
                };
                *next_env = Some(env);
                let (prefix, stamped) = self.shape.prefix_len(line);
                let rest = &line[prefix.min(line.len())..];
                if tells(rest, stamped && undated, env < end) {
                    break;
                }
                last = Some(at..end);
                at = end + 1;
                count += 1;
            }
            if last.is_some() {
                self.output.end_dump(&mut self.sink);
            }
        }
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.count = self.count.saturating_add(count);
        last
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
    pub(crate) fn tell_kept(&mut self) {
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

    /// The line before is not one that somebody may still want, but for the test that it names.
    pub(crate) fn pass_by(&mut self, previous: Option<Kept>) {
        if let Some(kept) = previous.filter(|it| it.names) {
            self.named = Some(kept);
        }
    }

    /// A line that came in pieces.
    pub(crate) fn single(
        &mut self,
        bytes: Vec<u8>,
        len: usize,
        ended: bool,
        previous: Option<Kept>,
    ) -> Option<Kept> {
        let everything = self.wants_everything();
        let looked = &bytes[..bytes.len().min(self.limit)];
        let (hit, names) = self.finder.line(looked);
        let matters = everything || hit;
        if hit {
            self.tell_kept();
        }
        match previous {
            Some(kept) if matters => self.before(&kept.bytes, kept.offset, kept.len),
            previous => self.pass_by(previous),
        }
        let start = self.at;
        let seen = if self.output.in_session() && !matters {
            self.count += 1;
            false
        } else {
            self.line(&bytes, len, matters)
        };
        self.at = start + len + usize::from(ended);
        self.unnamed = self.at;
        let kept = Kept {
            bytes,
            offset: start,
            len,
            number: self.count,
            // What was read needs no second look.
            names: names && !matters,
        };
        if kept.names {
            self.named = None;
        }
        match seen {
            false => Some(kept),
            true => {
                self.pass_by(Some(kept));
                None
            }
        }
    }

    fn wants_everything(&self) -> bool {
        self.shape.joins
            || self.shape.counts()
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
        let dated = prefix.stamped && self.sink.job().started.is_none();
        if !matters && !tells(rest, dated, true) {
            self.output.end_dump(&mut self.sink);
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
        let number = self.count;
        let mut joined = Vec::new();
        if self.shape.joins && memchr(b'\n', rest).is_some() {
            joined = pieces(piece);
            self.count += u32::try_from(joined.len() - 1).unwrap_or(u32::MAX);
        }
        let line = match joined.is_empty() {
            true => self.cleaner.line(piece, number, raw),
            false => self.cleaner.joined(&joined, number, raw),
        };
        let role = self
            .machine
            .line(&mut self.shape, &line, bytes, &prefix, &mut self.sink);
        if role == Role::Output {
            self.output.line(&line, matters, &mut self.sink);
            if matters {
                self.fed = start;
            }
        }
        role == Role::Structure || matters
    }

    /// A step begins whose name is told from outside.
    pub(crate) fn step(&mut self, name: &str) {
        let line = Line {
            number: self.count + 1,
            raw: Span::at(self.at),
            text: "",
            runs: &[],
        };
        self.output.step(&mut self.sink);
        self.machine.step(name, &line, &mut self.sink);
    }

    pub(crate) fn finish(mut self, limits: Limits) -> Log {
        self.output.end_dump(&mut self.sink);
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

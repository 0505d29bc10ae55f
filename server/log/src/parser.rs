//! Bytes in pieces to lines.

use memchr::{memchr, memchr_iter, memrchr};

use crate::ci::shape::{SNIFFED_BYTES, SNIFFED_LINES, Shape, joined_end};
use crate::find::Ahead;
use crate::lines::{Kept, Lines};
use crate::scout::Scouted;
use crate::{Limits, Log};

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
    previous: Option<Kept>,
    lines: Lines,
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
            lines: Lines::new(limits),
        }
    }

    /// Takes the next bytes. Complete lines are read in place: pieces had better be large (64 KB).
    pub fn push(&mut self, bytes: &[u8]) {
        self.take(bytes, None);
    }

    /// The same where a [`Scout`](crate::Scout) that saw all pieces found these lines of this one.
    pub fn push_scouted(&mut self, bytes: &[u8], lines: &[usize]) {
        self.take(bytes, Some(Scouted::new(lines)));
    }

    fn take(&mut self, bytes: &[u8], scouted: Option<Scouted<'_>>) {
        if bytes.is_empty() {
            return;
        }
        let Some(held) = &mut self.held else {
            self.read(bytes, scouted);
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
            let scouted = scouted.map(|scouted| scouted.behind(taken));
            self.read(&bytes[taken..], scouted);
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
        self.lines.pass_by(self.previous.take());
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
        self.lines.pass_by(self.previous.take());
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
        self.lines.begin(&first);
        if let Some(name) = self.first_step.take() {
            self.lines.step(&name);
        }
        self.read(&held, None);
    }

    fn read(&mut self, mut bytes: &[u8], mut scouted: Option<Scouted<'_>>) {
        if self.lines.shape.joins {
            self.read_joined(bytes);
            return;
        }
        if self.tail_len > 0 {
            let Some(end) = memchr(b'\n', bytes) else {
                // It may be as long as is looked at: room for all of that at once needs no copies, and no memory until it is filled.
                self.tail
                    .reserve_exact(self.lines.limit + 1 - self.tail.len());
                self.keep_tail(bytes);
                return;
            };
            self.keep_tail(&bytes[..end]);
            self.complete_tail(true);
            bytes = &bytes[end + 1..];
            scouted = scouted.map(|scouted| scouted.behind(end + 1));
        }
        let whole = memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let (region, rest) = bytes.split_at(whole);
        if !region.is_empty() {
            let previous = self.previous.take();
            self.previous = self.lines.region(region, Ahead::of(scouted), previous);
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
            self.previous = self.lines.region(&region, Ahead::default(), previous);
        }
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        let room = (self.lines.limit + 1).saturating_sub(self.tail.len());
        self.tail.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.tail_len += bytes.len();
    }

    fn complete_tail(&mut self, ended: bool) {
        let tail = std::mem::take(&mut self.tail);
        let len = std::mem::take(&mut self.tail_len);
        let previous = self.previous.take();
        self.previous = if self.lines.shape.joins && len <= self.lines.limit {
            self.lines.region(&tail, Ahead::default(), previous)
        } else {
            self.lines.single(tail, len, ended, previous)
        };
    }
}

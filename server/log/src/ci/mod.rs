//! The formats of CI logs: which lines are a CI service's own, and what they say of job and steps.
//!
//! A format is recognised by content, and every line is still judged by itself: logs are pasted, cut and joined.

mod facts;
mod github;
mod numbers;
pub(crate) mod shape;
mod stamp;
mod transcript;

use shape::{Prefix, Shape};

use crate::Ci;
use crate::line::Line;
use crate::sink::Sink;

/// What a line is to the reader of pytest's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The CI's own.
    Structure,
    Output,
}

/// Literals of which a line must hold one to be a CI's own inside pytest's output.
pub(crate) const TRIGGERS: &[&str] = &[
    "##[",
    "section_start:",
    "section_end:",
    "~~~ ",
    "+++ ",
    "[Pipeline] ",
    "$ ",
    "Post job cleanup.",
    "Cleaning up orphan processes",
    "Complete job name: ",
    "Current runner version: ",
    "exited with ",
    "xit code",
    "exit status ",
    "pytest",
];

/// The formats' state.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    github: github::GitHub,
    transcript: transcript::Transcript,
}

impl Machine {
    /// Whether every line matters now.
    pub(crate) fn is_hungry(&self, shape: &Shape) -> bool {
        shape.has_columns() || self.github.is_hungry() || self.transcript.is_hungry()
    }

    /// Takes a line; `raw` is the whole of it, `line` what it shows.
    pub(crate) fn line(
        &mut self,
        shape: &mut Shape,
        line: &Line<'_>,
        raw: &[u8],
        prefix: &Prefix,
        sink: &mut Sink,
    ) -> Role {
        if let Some((job, step)) = &prefix.columns {
            let column = |range: &std::ops::Range<usize>| {
                String::from_utf8_lossy(&raw[range.clone()]).into_owned()
            };
            self.github.columns(&column(job), &column(step), line, sink);
        }
        if prefix.stamped && sink.job().started.is_none() && !prefix.stamp.is_empty() {
            let stamp = String::from_utf8_lossy(&raw[prefix.stamp.clone()]);
            sink.job().started = Some(crate::Fact {
                text: stamp.trim().to_owned(),
                span: text::Span::new(
                    line.raw.start + prefix.stamp.start,
                    line.raw.start + prefix.stamp.end,
                ),
                line: line.number,
            });
        }
        let has_begun = shape.ci == Ci::GitHub || self.transcript.has_begun();
        if has_begun && !self.is_hungry(shape) && !may_be_mark(line.text, raw, prefix) {
            return Role::Output;
        }
        let text = line.text;
        if shape.ci == Ci::Plain {
            // A step's output as CircleCI serves it has no other mark.
            shape.ci = match text {
                _ if text.starts_with("##[group]") => Ci::GitHub,
                _ if text.starts_with("Exited with code exit status ") => Ci::CircleCi,
                _ => Ci::Plain,
            };
        }
        if shape.ci == Ci::GitHub
            || self.github.is_hungry()
            || (prefix.stamped && text.starts_with("##["))
        {
            if text.starts_with("##[section]") {
                shape.ci = Ci::Azure;
            } else {
                return self.github.line(
                    line,
                    &raw[prefix.len.min(raw.len())..],
                    prefix.stamped,
                    sink,
                );
            }
        }
        self.transcript
            .line(shape.ci, line, &raw[prefix.len.min(raw.len())..], sink)
    }

    /// A step's own file begins.
    pub(crate) fn step(&mut self, name: &str, line: &Line<'_>, sink: &mut Sink) {
        self.github.step(name, line, sink);
    }

    /// The log is over.
    pub(crate) fn finish(&mut self, end: &Line<'_>, sink: &mut Sink) {
        self.github.finish(end, sink);
    }
}

/// Whether a line can be a CI's own, by its first byte: nearly all cannot.
fn may_be_mark(text: &str, raw: &[u8], prefix: &Prefix) -> bool {
    const BEGIN: [bool; 256] = {
        let mut begin = [false; 256];
        // Of GitHub's runner, of the others, of a whole hash, of an exit code.
        let bytes = b"#CEHJPRUW'0123456789abcdef~-+[STtu$s\x1b\xf0";
        let mut at = 0;
        while at < bytes.len() {
            begin[bytes[at] as usize] = true;
            at += 1;
        }
        begin
    };
    let begins = |bytes: &[u8]| bytes.first().is_some_and(|&it| BEGIN[usize::from(it)]);
    begins(text.as_bytes()) || begins(raw.get(prefix.len..).unwrap_or_default())
}

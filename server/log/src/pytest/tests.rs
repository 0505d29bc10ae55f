//! Real logs against their labels, read with a small driver that strips a CI's time and escape sequences.

mod corpus;
mod labels;

use crate::line::Line;
use crate::{Failure, Session};

use super::Reader;

/// The sessions and failures of a log, all lines fed as one step.
pub(super) fn read(log: &str) -> (Vec<Session>, Vec<Failure>) {
    let clean = Cleaner::default();
    let mut reader = Reader::default();
    let mut offset = 0;
    let step = log.contains("##[group]").then_some(0);
    for (idx, raw) in log.split_inclusive('\n').enumerate() {
        let text = clean.clean(raw);
        // Every line is one run from its start: positions inside a line are not what these tests look at.
        let line = Line {
            number: idx as u32 + 1,
            raw: text::Span::new(offset, offset + raw.trim_end().len()),
            text: &text,
            runs: &[(0, offset)],
        };
        reader.line(&line, step);
        if text.starts_with("##[error]Process completed with exit code ") {
            let code = text
                .rsplit([' ', '.'])
                .find(|it| !it.is_empty())
                .and_then(|it| it.parse().ok());
            reader.step_end(step, code);
        }
        offset += raw.len();
    }
    reader.finish()
}

struct Cleaner {
    prefixes: Vec<regex::Regex>,
    escapes: regex::Regex,
}

impl Default for Cleaner {
    fn default() -> Self {
        let regex = |text: &str| regex::Regex::new(text).expect("a valid pattern");
        Self {
            prefixes: vec![
                regex("^\u{feff}"),
                regex("^\u{1b}_bk;t=\\d+\u{7}"),
                regex("^[^\t]+\t[^\t]+\t\u{feff}?(\\d{4}-\\d\\d-\\d\\dT)"),
                regex(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ?(\d\d[OE][ +])?"),
            ],
            escapes: regex("\u{1b}\\[[0-9;?]*[A-Za-z]"),
        }
    }
}

impl Cleaner {
    fn clean(&self, raw: &str) -> String {
        let mut text = raw.trim_end_matches(['\n', '\r']).to_owned();
        for (idx, prefix) in self.prefixes.iter().enumerate() {
            text = prefix
                .replace(&text, if idx == 2 { "$1" } else { "" })
                .into_owned();
        }
        let text = self.escapes.replace_all(&text, "").into_owned();
        text.rsplit('\r').next().unwrap_or_default().to_owned()
    }
}

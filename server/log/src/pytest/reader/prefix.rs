//! What another program writes before each line of pytest's output: `web_1  | `, `#12 3.456 `, `Step #0 - "test": `.
//!
//! There are too many such programs to know them. A prefix is learned where pytest draws a rule behind something and the next
//! line, which only pytest writes there, begins alike: the same but for its numbers. So does unittest.

use crate::line::Line;
use crate::pytest::rules::{self, Section};
use crate::pytest::{ids, unit};

/// Longer ones are not looked for.
const LONGEST: usize = 160;

/// The prefix of the lines that come.
#[derive(Debug, Default)]
pub(super) struct Prefix {
    learned: Option<String>,
    /// One that the next line may confirm, and the rule behind it.
    seen: Option<(String, Heading)>,
}

/// The rule that a prefix was learned at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) width: usize,
    pub(super) section: Option<Section>,
}

impl Prefix {
    /// Looks at a line with one of pytest's headings in it.
    pub(super) fn see(&mut self, text: &str) {
        let Some(at) = text.find("===").filter(|at| (1..=LONGEST).contains(at)) else {
            return;
        };
        let before = &text[..at];
        let rule = &text[at..];
        let heading = rules::rule(rule).map(|rule| Heading {
            width: rule.width,
            section: rules::section(rule.title),
        });
        // unittest draws its rule without a title, above each heading.
        let of_unit = rule.trim_end().bytes().all(|it| it == b'=');
        let heading = heading.or_else(|| {
            of_unit.then(|| Heading {
                width: rule.trim_end().len(),
                section: None,
            })
        });
        self.seen = heading
            .filter(|_| can_be(before))
            .map(|heading| (before.to_owned(), heading));
    }

    /// Whether what stands before `at` can be a prefix, in a line that pytest begins something with. It is taken for one:
    /// the lines that come say whether they have it.
    pub(super) fn stands_before(&mut self, text: &str, at: usize) -> bool {
        let before = &text[..at];
        let can_be = at <= LONGEST && can_be(before);
        if can_be && self.learned.is_none() {
            self.learned = Some(before.to_owned());
        }
        can_be
    }

    /// Whether no line has one, as far as is known.
    pub(super) fn is_none(&self) -> bool {
        self.learned.is_none() && self.seen.is_none()
    }

    /// Lines come that have nothing to do with those before.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// How much of a line is prefix, and the rule before it, where that is known now to be one of pytest's.
    pub(super) fn of(&mut self, line: &Line<'_>) -> (usize, Option<Heading>) {
        let text = line.text;
        if let Some((seen, heading)) = self.seen.take()
            && let Some(len) = alike(&seen, text)
        {
            let rest = &text[len..];
            let is_pytest = rest.starts_with("platform ")
                || unit::is_heading(rest)
                || unit::is_of_trial(rest)
                || (heading.section == Some(Section::Summary) && is_entry(rest))
                || rules::rule(rest).is_some_and(|it| it.mark == '_' && it.left >= 3);
            if is_pytest {
                self.learned = Some(seen);
                return (len, Some(heading));
            }
        }
        let learned = self.learned.as_deref();
        (learned.and_then(|it| alike(it, text)).unwrap_or(0), None)
    }
}

/// `[1,0]<stdout>: ` of a multi-host launcher.
pub(super) fn launcher_prefix(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('[') else {
        return 0;
    };
    let head = &inner[..inner.floor_char_boundary(24)];
    let Some(end) = head.find("]<std") else {
        return 0;
    };
    if end > 12
        || !inner[..end]
            .bytes()
            .all(|it| it.is_ascii_digit() || it == b',')
    {
        return 0;
    }
    let Some(close) = inner[end..].find(">:") else {
        return 0;
    };
    let at = 1 + end + close + 2;
    at + usize::from(text[at..].starts_with(' '))
}

/// A run of pytest inside a test begins behind the test's name. A difference between files is no output of pytest.
fn can_be(before: &str) -> bool {
    !before.contains("::")
        && !before.ends_with(char::is_alphanumeric)
        && !matches!(before.trim_end(), "+" | "-")
}

/// A line of the short summary.
fn is_entry(text: &str) -> bool {
    ["FAILED ", "ERROR "].iter().any(|it| {
        text.strip_prefix(it)
            .is_some_and(|rest| ids::leading_id(rest, false).is_some())
    })
}

/// How much of `text` is `prefix` with other numbers; blanks at its end may be missing where nothing follows.
pub(super) fn alike(prefix: &str, text: &str) -> Option<usize> {
    let (mut want, mut have) = (prefix.as_bytes(), text.as_bytes());
    // A number at its end may have more digits in the text.
    if have.starts_with(want) && !want.last().is_some_and(u8::is_ascii_digit) {
        return Some(want.len());
    }
    while let Some((&first, rest)) = want.split_first() {
        let run: fn(&u8) -> bool = match first {
            b'0'..=b'9' => u8::is_ascii_digit,
            b' ' | b'\t' if !want.trim_ascii().is_empty() => u8::is_ascii_whitespace,
            _ => {
                match have.split_first() {
                    Some((byte, after)) if *byte == first => (want, have) = (rest, after),
                    None if want.trim_ascii().is_empty() => return Some(text.len()),
                    _ => return None,
                }
                continue;
            }
        };
        let len = |bytes: &[u8]| bytes.iter().take_while(|it| run(it)).count();
        let (wanted, found) = (len(want), len(have));
        if found == 0 {
            return None;
        }
        (want, have) = (&want[wanted..], &have[found..]);
    }
    Some(text.len() - have.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_differ_in_their_numbers_only() {
        assert_eq!(alike("#12 3.456 ", "#12 10.4   indented"), Some(9));
        assert_eq!(alike("[ 9.1s] ", "[10.2s] x"), None);
        assert_eq!(alike("web_1  | ", "web_1  | x"), Some(9));
        assert_eq!(alike("web_1  | ", "web_1  |"), Some(8));
        assert_eq!(alike("web_1  | ", "db_1   | x"), None);
        assert_eq!(alike("a  1: ", "a 10: x"), Some(6));
    }
}

//! Lines that name a place: `path:12: in f`, `path:12: ValueError`, `data: path:12:`.

use crate::Frame;
use crate::pytest::block::Block;

/// A line that names a place: `path:12: in f` (short), `path:12: ValueError`, `path:12: ` (long), `path:12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location<'a> {
    pub(crate) path: &'a str,
    pub(crate) line: u32,
    pub(crate) function: Option<&'a str>,
    /// The exception's type, without module.
    pub(crate) hint: Option<&'a str>,
    end: usize,
}

/// The line as a location.
pub(crate) fn location(text: &str) -> Option<Location<'_>> {
    if text.starts_with([' ', '\t', '>', '+', '-', '=', '[']) || text.len() > 4096 {
        return None;
    }
    let text = text.trim_end();
    let (path, line, rest) = path_and_line(text)?;
    let end = text.len() - rest.len();
    let at = Location {
        path,
        line,
        function: None,
        hint: None,
        end,
    };
    if rest.is_empty() {
        // `value = x:12` and the like: only a path stands alone.
        return (!path.contains(" = ") && looks_like_file(path)).then_some(at);
    }
    let rest = rest.strip_prefix(':')?;
    if path.contains(": ") || path.contains(" = ") {
        return None;
    }
    let word = rest.trim();
    if let Some(function) = word.strip_prefix("in ") {
        return Some(Location {
            function: Some(function),
            ..at
        });
    }
    let is_name = word
        .chars()
        .all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
    (is_name && looks_like_file(path)).then_some(Location {
        hint: Some(word).filter(|it| !it.is_empty()),
        ..at
    })
}

/// The last `:<digits>` that is followed by `:` or the end, and what stands before and behind it.
fn path_and_line(text: &str) -> Option<(&str, u32, &str)> {
    for at in memchr::memchr_iter(b':', text.as_bytes()) {
        let rest = &text[at + 1..];
        if !rest.starts_with(|it: char| it.is_ascii_digit()) {
            continue;
        }
        let digits = rest.len()
            - rest
                .trim_start_matches(|it: char| it.is_ascii_digit())
                .len();
        let after = &rest[digits..];
        if (1..=7).contains(&digits) && at > 0 && (after.is_empty() || after.starts_with(':')) {
            return Some((&text[..at], rest[..digits].parse().ok()?, after));
        }
    }
    None
}

fn looks_like_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    (name.contains('.') || path.starts_with('<') || path.contains('/'))
        && !path.contains(['"', '{', '(', '`'])
        && !path.ends_with(' ')
}

/// `data: /path/x.test:437:`: where a plugin's own item stands.
pub(super) fn data_location(text: &str) -> Option<Location<'_>> {
    let (word, rest) = text.trim_end().split_once(": ")?;
    let place = rest.strip_suffix(':')?;
    let (path, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    (word.chars().all(|it| it.is_ascii_alphanumeric()) && looks_like_file(path)).then_some(
        Location {
            path,
            line,
            function: None,
            hint: None,
            end: text.trim_end().len(),
        },
    )
}

pub(super) fn frame(block: &Block, idx: usize, at: &Location<'_>) -> Frame {
    let line = block.line(idx);
    let start = at.path.as_ptr() as usize - line.text.as_ptr() as usize;
    Frame {
        path: at.path.to_owned(),
        line: at.line,
        function: String::new(),
        source: None,
        span: line.span(start.min(at.end)..at.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let found = |text| location(text).map(|it| (it.path, it.line, it.function, it.hint));
        assert_eq!(
            found("a/x.py:12: in test_f"),
            Some(("a/x.py", 12, Some("test_f"), None))
        );
        assert_eq!(
            found("a/x.py:12: ValueError"),
            Some(("a/x.py", 12, None, Some("ValueError")))
        );
        assert_eq!(
            found("C:\\a b\\x.py:12: "),
            Some(("C:\\a b\\x.py", 12, None, None))
        );
        assert_eq!(
            found("<frozen importlib._bootstrap>:1050: in _gcd_import").map(|it| it.1),
            Some(1050)
        );
        assert_eq!(found("x = 'a:12'"), None);
        assert_eq!(found("12:30: now"), None);
        assert_eq!(found("self       = test_x.py:22: AssertionError"), None);
    }
}

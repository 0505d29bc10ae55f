//! Colours, and texts of logs made harmless for a terminal.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};

pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const PLACE: Style = AnsiColor::Cyan.on_default();

/// A text of a log for a terminal: control characters and marks that change the direction of writing are shown as escapes.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let escaped = text.chars().map(|c| {
        if is_harmful(c) {
            Cow::Owned(c.escape_unicode().to_string())
        } else {
            c.to_string().into()
        }
    });
    Cow::Owned(escaped.collect())
}

fn is_harmful(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_are_shown() {
        assert_eq!(
            harmless("a\u{1b}[31mb\u{202e}\tc\n"),
            "a\\u{1b}[31mb\\u{202e}\tc\n"
        );
        assert!(matches!(harmless("é😀"), Cow::Borrowed(_)));
    }
}

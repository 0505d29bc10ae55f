//! Changes of a text, by bytes.

use text::Span;

/// Bytes, and what stands there instead.
pub(crate) type Edit = (Span, String);

/// The text with these edits; of two of which one is in the other, the outer one.
pub(crate) fn applied(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut out = String::new();
    let mut at = 0;
    for (span, instead) in edits {
        if span.start < at {
            continue;
        }
        out.push_str(&text[at..span.start]);
        out.push_str(&instead);
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}

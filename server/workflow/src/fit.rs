//! Whether a text with expressions left in it can have become another one, and how much that says.

use crate::expression::{Piece, pieces};

/// How well a template fits a text: 0 not at all, 100 the same text, between them the part of the text that is literal in
/// the template, at least 1. A cut name (`...`) fits by its start.
pub(crate) fn fit(template: &str, text: &str) -> usize {
    if template == text {
        return 100;
    }
    if let Some(start) = text.strip_suffix("...")
        && !start.is_empty()
        && template.starts_with(start)
    {
        return 95;
    }
    if !becomes(template, text) {
        return 0;
    }
    let literal: usize = pieces(template)
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text, _) => text.trim().len(),
            Piece::Expression { .. } => 0,
        })
        .sum();
    (literal * 100 / text.len().max(1)).clamp(1, 94)
}

/// What is left of the text behind what the template became: the caller's part of `caller / callee`.
pub(crate) fn behind<'t>(template: &str, text: &'t str) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix(template) {
        return Some(rest);
    }
    if !template.contains("${{") {
        return None;
    }
    let mut from = 0;
    while let Some(at) = text[from..].find(" / ") {
        let at = from + at;
        if becomes(template, &text[..at]) {
            return Some(&text[at..]);
        }
        from = at + 3;
    }
    None
}

fn becomes(template: &str, text: &str) -> bool {
    let mut rest = text;
    let mut is_anchored = true;
    let pieces = pieces(template);
    let ends_open = matches!(pieces.last(), Some(Piece::Expression { .. }));
    let count = pieces.len();
    for (idx, piece) in pieces.into_iter().enumerate() {
        let Piece::Literal(literal, _) = piece else {
            is_anchored = false;
            continue;
        };
        if !is_anchored && idx + 1 == count {
            return rest.ends_with(literal);
        }
        match rest.find(literal) {
            Some(0) => rest = &rest[literal.len()..],
            Some(at) if !is_anchored => rest = &rest[at + literal.len()..],
            _ => return false,
        }
        is_anchored = true;
    }
    rest.is_empty() || ends_open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_much_a_fit_says() {
        let table = [
            ("unit", "unit", 100),
            ("unit", "units", 0),
            ("unit (${{ matrix.a }})", "unit (3.11)", 63),
            ("${{ matrix.name }}", "anything", 1),
            ("a long name of a job", "a long name...", 95),
            ("x ${{ a }} y", "x 1 z", 0),
        ];
        for (template, text, expected) in table {
            assert_eq!(fit(template, text), expected, "{template} / {text}");
        }
        assert_eq!(behind("a ${{ x }}", "a 1 / b / c"), Some(" / b / c"));
        assert_eq!(behind("a", "b / c"), None);
    }
}

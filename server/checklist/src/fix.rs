//! Applying fixes to texts.

use std::collections::BTreeMap;

use crate::finding::{Edit, Fix};

/// The new text of a file after the edits of `fixes` that belong to it. Fixes whose edits touch those of an earlier one are
/// left out: checking again finds them anew. The answer's second part is how many were applied.
pub fn apply(path: &str, text: &str, fixes: &[&Fix]) -> (String, usize) {
    // What is taken does not overlap, so only an edit's neighbours can be in its way.
    let mut taken: BTreeMap<usize, Vec<&Edit>> = BTreeMap::new();
    let mut applied = 0;
    for fix in fixes {
        let own: Vec<&Edit> = fix.edits.iter().filter(|edit| edit.path == path).collect();
        let fits = own
            .iter()
            .all(|edit| text.get(edit.span.start..edit.span.end).is_some());
        let free = own.iter().all(|edit| {
            let before = taken.range(..=edit.span.start).next_back();
            let within = taken.range(edit.span.start..edit.span.end.max(edit.span.start + 1));
            let mut near = before
                .into_iter()
                .chain(within)
                .flat_map(|(_, edits)| edits);
            !near.any(|other| overlap(edit, other))
        });
        if fits && free && !own.is_empty() {
            for edit in own {
                taken.entry(edit.span.start).or_default().push(edit);
            }
            applied += 1;
        }
    }
    // Two insertions at one place stay in the order of their findings, before what is replaced there.
    for edits in taken.values_mut() {
        edits.sort_by_key(|edit| edit.span.end);
    }
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in taken.into_values().flatten() {
        result.push_str(&text[at..edit.span.start]);
        result.push_str(&edit.text);
        at = edit.span.end;
    }
    result.push_str(&text[at..]);
    (result, applied)
}

fn overlap(a: &Edit, b: &Edit) -> bool {
    if a.span.is_empty() && b.span.is_empty() {
        // Whole lines can follow each other; a word at the same place would come to stand before them.
        let lines = a.text.ends_with('\n') && b.text.ends_with('\n');
        return a.span == b.span && (!lines || a.text == b.text);
    }
    a.span.start < b.span.end && b.span.start < a.span.end || a.span == b.span
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::Span;

    fn fix(span: Span, text: &str) -> Fix {
        let edit = Edit {
            path: "f".to_owned(),
            span,
            text: text.to_owned(),
        };
        Fix {
            title: String::new(),
            safe: true,
            edits: vec![edit],
            action: None,
        }
    }

    #[test]
    fn overlapping_fixes_wait_for_the_next_round() {
        let (first, second, third) = (
            fix(Span::new(0, 3), "A"),
            fix(Span::new(2, 4), "B"),
            fix(Span::at(5), "!"),
        );
        assert_eq!(
            apply("f", "abcde", &[&first, &second, &third]),
            ("Ade!".to_owned(), 2)
        );
    }

    #[test]
    fn edits_outside_the_text_are_left_out() {
        let beyond = fix(Span::new(3, 9), "x");
        assert_eq!(apply("f", "abc", &[&beyond]), ("abc".to_owned(), 0));
    }
}

//! `{a,b}` and `{1..3}`.

use crate::scan;

/// Words that one `{a,b}` may give.
const ALTERNATIVES: usize = 1000;

/// The words that `{a,b}` and `{1..3}` make of one, each with how far its start lies in it.
pub(super) fn alternatives(word: &str) -> Vec<(String, usize)> {
    let mut done = Vec::new();
    let mut open = vec![word.to_owned()];
    while let Some(word) = open.pop() {
        if done.len() + open.len() > ALTERNATIVES {
            return vec![(word, 0)];
        }
        match braces(&word) {
            Some(words) => open.extend(words.into_iter().rev()),
            None => done.push((word, 0)),
        }
    }
    done
}

/// The first brace expansion of a word carried out.
fn braces(word: &str) -> Option<Vec<String>> {
    let bytes = word.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'{'
            && let Some((end, items)) = brace_items(word, at)
        {
            let words = items
                .into_iter()
                .map(|item| format!("{}{item}{}", &word[..at], &word[end..]))
                .collect();
            return Some(words);
        }
        at = match scan::skip(bytes, at) {
            Some(Ok(end)) => end,
            Some(Err(_)) => return None,
            None => at + 1,
        };
    }
    None
}

/// The items of the braces at `open`, and the offset after them; `None` if they are no expansion.
fn brace_items(word: &str, open: usize) -> Option<(usize, Vec<String>)> {
    let bytes = word.as_bytes();
    let mut at = open + 1;
    let mut depth = 0;
    let mut starts = vec![at];
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b',' if depth == 0 => starts.push(at + 1),
            _ => {
                if let Some(end) = scan::skip(bytes, at) {
                    at = end.ok()?;
                    continue;
                }
            }
        }
        at += 1;
    }
    if bytes.get(at) != Some(&b'}') {
        return None;
    }
    let inner = &word[open + 1..at];
    if starts.len() > 1 {
        let ends = starts[1..].iter().map(|start| start - 1).chain([at]);
        let items = starts.iter().zip(ends);
        return Some((
            at + 1,
            items
                .map(|(&start, end)| word[start..end].to_owned())
                .collect(),
        ));
    }
    let (from, to) = inner.split_once("..")?;
    let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
    if from.abs_diff(to) >= ALTERNATIVES as u64 {
        return None;
    }
    let items: Vec<String> = if from <= to {
        (from..=to).map(|it| it.to_string()).collect()
    } else {
        (to..=from).rev().map(|it| it.to_string()).collect()
    };
    Some((at + 1, items))
}

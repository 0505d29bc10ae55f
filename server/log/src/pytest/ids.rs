//! Node ids in lines: where one ends, and how pytest's section headers shorten them.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memrchr, memrchr2};

use super::exception;

/// Where the node id at the start of `text` ends, if one stands there. A path with spaces is only taken when `spaces`
/// says that something else already told that an id follows.
pub(crate) fn leading_id(text: &str, spaces: bool) -> Option<usize> {
    // Every line outside of failures is asked.
    static SEPARATOR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("::"));
    let separator = SEPARATOR.find(text.as_bytes())?;
    if !is_path(&text[..separator], spaces) {
        return None;
    }
    let names = separator + 2;
    let rest = &text[names..];
    let end = match rest.find(|it: char| it == '[' || it.is_whitespace()) {
        None => rest.len(),
        Some(at) if rest[at..].starts_with('[') => at + parameters_end(&rest[at..]),
        Some(at) => at,
    };
    (end > 0).then_some(names + end)
}

/// Where the parameters that start with the bracket at the start of `text` end. Parameters can hold brackets and spaces,
/// so the first bracket that closes all and stands at the end of a word is taken, and if there is none the last bracket.
fn parameters_end(text: &str) -> usize {
    let mut depth = 0_i32;
    let mut last = None;
    let mut before_outcome = None;
    for (at, it) in text.char_indices() {
        match it {
            '[' => depth += 1,
            ']' => {
                depth -= 1;
                let next = text[at + 1..].chars().next();
                if depth == 0 && next == Some('@') {
                    let group = text[at + 1..].find(char::is_whitespace);
                    return group.map_or(text.len(), |len| at + 1 + len);
                }
                if next.is_none_or(char::is_whitespace) {
                    if depth == 0 {
                        return at + 1;
                    }
                    last = Some(at + 1);
                    if before_outcome.is_none() && is_outcome(&text[at + 1..]) {
                        before_outcome = last;
                    }
                }
            }
            _ => {}
        }
    }
    // What opens and does not close can close in the percentage behind the outcome.
    before_outcome
        .or(last)
        .unwrap_or_else(|| text.trim_end().len())
}

/// Whether an outcome and what follows one in brackets begin `text`.
fn is_outcome(text: &str) -> bool {
    let mut words = text.split_whitespace();
    matches!(
        words.next(),
        Some("PASSED" | "FAILED" | "ERROR" | "SKIPPED" | "XFAIL" | "XPASS" | "RERUN")
    ) && words.next().is_some_and(|it| it.starts_with('['))
}

/// Whether `text` can be the file part of a node id.
fn is_path(text: &str, spaces: bool) -> bool {
    let bytes = text.as_bytes();
    let name = memrchr2(b'/', b'\\', bytes).map_or(0, |at| at + 1);
    let Some(dot) = memrchr(b'.', &bytes[name..]).map(|at| name + at) else {
        return false;
    };
    let extension = &bytes[dot + 1..];
    if !(1..=10).contains(&extension.len())
        || !extension
            .iter()
            .all(|it| it.is_ascii_alphanumeric() || *it == b'_')
        || text.starts_with(char::is_whitespace)
    {
        return false;
    }
    let fits = |it: &u8| match it {
        b'"' | b'\'' | b'(' | b')' | b',' | b'|' | b'<' | b'>' | b'=' | b'`' => false,
        b' ' => spaces,
        it => !it.is_ascii_control(),
    };
    let shown = |it: char| !it.is_control() && (spaces || !it.is_whitespace());
    bytes.iter().all(fits) && (text.is_ascii() || text.chars().all(shown))
}

/// A node id as pytest selects by it: older versions print `()` for the instance of a class.
pub(crate) fn plain(id: &str) -> String {
    match id.contains('(') {
        true => id.replace("::()::", "::"),
        false => id.to_owned(),
    }
}

/// The file part of a node id.
pub(crate) fn path(id: &str) -> &str {
    id.split("::").next().unwrap_or(id)
}

/// Whether an id is one of a test, and not cut.
pub(crate) fn is_whole(id: &str) -> bool {
    match id.find("::") {
        Some(at) => is_path(&id[..at], true) && (!id[at..].contains('[') || id.ends_with(']')),
        None => false,
    }
}

/// What stands in the brackets at the end of an id.
pub(crate) fn parameters(id: &str) -> Option<&str> {
    let id = without_group(id).unwrap_or(id);
    let names = id.find("::").map_or(id, |at| &id[at + 2..]);
    let open = names.find('[')?;
    let inner = &names[open + 1..];
    Some(inner.strip_suffix(']').unwrap_or(inner))
}

/// The test function's name in an id.
pub(crate) fn function(id: &str) -> &str {
    let names = id.split('[').next().unwrap_or(id);
    names.rsplit("::").next().unwrap_or(names)
}

/// The name that pytest's section header has for an id: class, function and parameters, joined by dots.
pub(crate) fn header_name(id: &str) -> String {
    let Some((_, names)) = id.split_once("::") else {
        return id.to_owned();
    };
    match names.find('[') {
        Some(at) => format!("{}{}", names[..at].replace("::", "."), &names[at..]),
        None => names.replace("::", "."),
    }
}

/// An id without the group that xdist writes behind it where it distributes by groups: `x.py::t[a]@group`.
fn without_group(id: &str) -> Option<&str> {
    let names = id.find("::")?;
    let from = id.rfind(']').map_or(names, |at| at + 1).max(names);
    let at = from + id[from..].find('@')?;
    (at > names + 2).then(|| &id[..at])
}

/// Whether a section header of that title can be the one of `id`.
pub(crate) fn header_fits(title: &str, id: &str) -> bool {
    let name = header_name(id);
    title == name
        || without_group(id).is_some_and(|id| title == header_name(id))
        || title
            .strip_prefix("[doctest] ")
            .is_some_and(|it| it == name || it == id)
        || wildcard_equal(title, &name)
}

/// Equality where `***` (CI's mask of a secret) stands for any text.
pub(crate) fn wildcard_equal(left: &str, right: &str) -> bool {
    let masked = |pattern: &str, text: &str| {
        let mut parts = pattern.split("***");
        let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
            return false;
        };
        let mut open = false;
        for part in parts {
            open = true;
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        open && (rest.is_empty() || pattern.ends_with("***"))
    };
    left == right
        || (left.contains("***") && masked(left, right))
        || (right.contains("***") && masked(right, left))
}

/// Whether two spellings of a path can be the same file: one ends with the other, whatever the separators.
pub(crate) fn same_file(left: &str, right: &str) -> bool {
    let mut left = left
        .split(['/', '\\'])
        .filter(|it| !matches!(*it, "" | "." | ".."))
        .rev();
    let mut right = right
        .split(['/', '\\'])
        .filter(|it| !matches!(*it, "" | "." | ".."))
        .rev();
    let mut common = 0;
    loop {
        match (left.next(), right.next()) {
            (Some(one), Some(other)) if one == other => common += 1,
            (Some(_), Some(_)) => return false,
            _ => return common > 0,
        }
    }
}

/// `(0.12s)`-less id and message of a summary entry's text: `path::test[a - b] - ValueError: text`.
pub(crate) fn split_entry(text: &str) -> (&str, Option<&str>) {
    let text = text.trim_end();
    if let Some(end) = leading_id(text, true) {
        let rest = &text[end..];
        if rest.is_empty() {
            return (text, None);
        }
        if let Some(message) = message_of(rest) {
            // `t[a - b] - c] - Error: x`: pytest's messages begin with a type or with `assert`.
            let typed =
                |it: &str| it.starts_with("assert ") || exception::split(it, None).is_some();
            let later = (!typed(message) && text[end..].contains("] - "))
                .then(|| {
                    text.match_indices("] - ")
                        .map(|(at, _)| at + 1)
                        .find(|&at| at > end && typed(&text[at + 3..]))
                })
                .flatten();
            // `t[]] - x] - Error: ']'`: brackets that do not pair can pair with those of the message.
            let earlier = (later.is_none() && !typed(message))
                .then(|| {
                    text.match_indices("] - ")
                        .map(|(at, _)| at + 1)
                        .find(|&at| at < end && typed(&text[at + 3..]))
                })
                .flatten();
            let later = later.or(earlier);
            let opened = message.matches('[').count();
            let cut_id = text.ends_with(']') && message.matches(']').count() > opened;
            return match later {
                Some(at) => (&text[..at], Some(&text[at + 3..])),
                None if cut_id && !typed(message) => (text, None),
                None => (&text[..end], Some(message)),
            };
        }
    }
    // A name with spaces, or with brackets that do not pair: the first ` - ` after which nothing of the id can stand.
    let mut dashes = text
        .match_indices(" - ")
        .map(|(at, _)| at)
        .collect::<Vec<_>>();
    if let Some(cut) = text.strip_suffix(" -") {
        dashes.push(cut.len());
    }
    let bracketed = |at: &&usize| text[..**at].ends_with(']') || !text[..**at].contains('[');
    match dashes.iter().find(bracketed).or(dashes.first()) {
        Some(&at) => (
            text[..at].trim_end(),
            Some(text.get(at + 3..).unwrap_or_default()),
        ),
        None => (text, None),
    }
}

fn message_of(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    rest.strip_prefix("- ")
        .or(if rest == "-" { Some("") } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_end_where_their_parameters_end() {
        let id = |text: &'static str| leading_id(text, false).map(|end| &text[..end]);
        assert_eq!(
            id("a/x.py::T::t[a b-[1, 2]]   Metal | INFO"),
            Some("a/x.py::T::t[a b-[1, 2]]")
        );
        assert_eq!(id("a/x.py::t PASSED"), Some("a/x.py::t"));
        assert_eq!(id("tt::exception"), None);
        assert_eq!(id("Running a/x.py::t"), None);
        assert_eq!(id("x.py::t[[] FAILED"), Some("x.py::t[[]"));
        assert_eq!(id("x.py::t[cut"), Some("x.py::t[cut"));
        assert_eq!(id("x.py::t[[] FAILED    [ 73%]"), Some("x.py::t[[]"));
        assert_eq!(id("x.py::t[[] b] FAILED [ 73%]"), Some("x.py::t[[] b]"));
    }

    #[test]
    fn entries_split_after_the_id() {
        assert_eq!(
            split_entry("x.py::t[a - b] - E: c - d"),
            ("x.py::t[a - b]", Some("E: c - d"))
        );
        assert_eq!(split_entry("x.py::t"), ("x.py::t", None));
        assert_eq!(split_entry("x.py::t - "), ("x.py::t", Some("")));
        assert_eq!(
            split_entry("some dir/x.py - ImportError: a"),
            ("some dir/x.py", Some("ImportError: a"))
        );
        assert_eq!(split_entry("x.py::t[]] - E"), ("x.py::t[]]", Some("E")));
        assert_eq!(
            split_entry("x.py::t[]] - x] - ValueError: ']] - x'"),
            ("x.py::t[]] - x]", Some("ValueError: ']] - x'"))
        );
    }

    #[test]
    fn headers_fit_their_ids() {
        assert!(header_fits("T.t[a::b]", "p/x.py::T::t[a::b]"));
        assert!(header_fits("[doctest] m.f", "m.py::m.f"));
        assert!(header_fits(
            "[doctest] README.rst",
            "docs/README.rst::README.rst"
        ));
        assert!(header_fits("t[***-1]", "x.py::t[secret-1]"));
        assert!(header_fits("T.t[a@b]", "x.py::T::t[a@b]@one group"));
        assert!(header_fits("t", "x.py::t@one"));
        assert!(!header_fits("t", "x.py::T::t"));
        assert_eq!(parameters("x.py::t[a@b]@one group"), Some("a@b"));
        assert_eq!(parameters("x.py::t[a@b]"), Some("a@b"));
        assert!(same_file("/home/a/p/x.py", "p\\x.py"));
        assert!(!same_file("q/x.py", "p/x.py"));
    }
}

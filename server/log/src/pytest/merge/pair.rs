//! Which line of a summary or of progress is about which section.

use std::collections::HashMap;

use super::{crashed_id, cut};
use crate::pytest::evidence::{Mention, Told};
use crate::pytest::ids;
use crate::{Exception, Phase};

/// For each section the index of the mention that is about the same failure. Both come in the order in which pytest
/// reported, so of several that fit the first free one is it, unless the places in the section name another file.
pub(super) fn pair(told: &[Told], mentions: &[Mention]) -> Vec<Option<usize>> {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (idx, mention) in mentions.iter().enumerate() {
        by_name
            .entry(ids::header_name(&mention.id))
            .or_default()
            .push(idx);
    }
    let mut free = vec![true; mentions.len()];
    let mut found = vec![None; told.len()];
    for (idx, section) in told.iter().enumerate() {
        let name = section
            .header
            .name
            .strip_prefix("[doctest] ")
            .unwrap_or(&section.header.name);
        let empty = Vec::new();
        let candidates = by_name.get(name).unwrap_or(&empty);
        let fits = |at: &&usize| free[**at] && mentions[**at].is_error == section.is_error;
        let best = candidates
            .iter()
            .filter(fits)
            .find(|at| in_file(section, &mentions[**at].id));
        if let Some(&at) = best.or_else(|| candidates.iter().find(fits)) {
            free[at] = false;
            found[idx] = Some(at);
        }
    }
    let few = told.len().min(mentions.len()) <= 2000;
    for (idx, section) in told.iter().enumerate().filter(|_| few) {
        if found[idx].is_some() {
            continue;
        }
        let fits = |at: &usize| {
            free[*at]
                && mentions[*at].is_error == section.is_error
                && (ids::header_fits(&section.header.name, &mentions[*at].id)
                    || crashed_id(section).is_some_and(|id| id == mentions[*at].id)
                    || cut_fits(&section.header.name, &mentions[*at].id)
                    || class_of(section, &mentions[*at].id)
                    || own_name(section, &mentions[*at].id)
                    || sub_test(&section.header.name, &mentions[*at].id))
        };
        if let Some(at) = (0..mentions.len()).find(fits) {
            free[at] = false;
            found[idx] = Some(at);
        }
    }
    // pytest-sugar's summary says `FAILED` of errors too.
    for (idx, section) in told.iter().enumerate() {
        if found[idx].is_none()
            && section.is_error
            && let Some(candidates) = by_name.get(section.header.name.as_str())
            && let Some(&at) = candidates.iter().find(|at| free[**at])
        {
            free[at] = false;
            found[idx] = Some(at);
        }
    }
    cut::pair(told, mentions, &mut free, &mut found);
    lines_of_tb_line(told, mentions, &mut free, &mut found);
    // Items of plugins have headers that their ids do not show. Where as many are left on both sides, order tells.
    for is_error in [false, true] {
        let left = (0..told.len())
            .filter(|&idx| {
                found[idx].is_none()
                    && !told[idx].is_cut
                    && told[idx].is_error == is_error
                    && told[idx].header.phase != Phase::Collect
            })
            .collect::<Vec<_>>();
        let rest = (0..mentions.len())
            .filter(|&at| free[at] && mentions[at].is_error == is_error)
            .collect::<Vec<_>>();
        if left.len() == rest.len() {
            for (idx, at) in left.into_iter().zip(rest) {
                if told[idx].header.name.is_empty() || !looks_like_function(&told[idx].header.name)
                {
                    free[at] = false;
                    found[idx] = Some(at);
                }
            }
        }
    }
    found
}

/// `--tb=line` shows a place and a message, in the order of the entries: an entry fits whose message begins so.
fn lines_of_tb_line(
    told: &[Told],
    mentions: &[Mention],
    free: &mut [bool],
    found: &mut [Option<usize>],
) {
    /// Entries that are looked at for one line: those between have no line.
    const AHEAD: usize = 50;
    let mut from = 0;
    // Entries that have no line: `pytest.fail(pytrace=False)` has no place.
    let mut lineless = [false, true].map(|is_error| {
        let lines = told.iter().enumerate().filter(|(idx, it)| {
            it.header.name.is_empty()
                && !it.is_cut
                && it.is_error == is_error
                && found[*idx].is_none()
        });
        let entries =
            (0..mentions.len()).filter(|&at| free[at] && mentions[at].is_error == is_error);
        entries.count().saturating_sub(lines.count())
    });
    for (idx, section) in told.iter().enumerate() {
        if !section.header.name.is_empty() || section.is_cut || found[idx].is_some() {
            continue;
        }
        let Some(exception) = &section.parsed.exception else {
            continue;
        };
        let shows = |mention: &Mention| shows(exception, mention);
        let ahead = (from..mentions.len())
            .filter(|&at| free[at] && mentions[at].is_error == section.is_error)
            .take(AHEAD);
        let same_file = |at: usize| in_file(section, &mentions[at].id);
        let exact = ahead
            .clone()
            .find(|&at| shows(&mentions[at]) == Some(true) && same_file(at));
        // An entry with a long id has no message: it can be it, if nothing speaks against.
        let loose = ahead
            .clone()
            .find(|&at| shows(&mentions[at]) != Some(false));
        // No more entries can be passed over than have no line.
        let lineless = &mut lineless[usize::from(section.is_error)];
        let passed = |it: usize| ahead.clone().take_while(|&at| at != it).count();
        let next = [exact, loose]
            .into_iter()
            .flatten()
            .map(|at| (at, passed(at)))
            .find(|(_, passed)| passed <= lineless);
        match next {
            Some((_, passed)) => *lineless -= passed,
            None => *lineless += 1,
        }
        let next = next.map(|(at, _)| at);
        if let Some(at) = next {
            free[at] = false;
            found[idx] = Some(at);
            from = at + 1;
        }
    }
}

/// Whether an entry's message is how one of an exception begins; `None` where the entry has none.
pub(super) fn shows(exception: &Exception, mention: &Mention) -> Option<bool> {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = exception.message.lines().next().unwrap_or_default();
    let whole = exception.after_type(first);
    let message = mention.message.as_deref()?.trim();
    let message = plain(message.lines().next().unwrap_or_default());
    let message = message.strip_suffix(':').unwrap_or(&message);
    let head = message.trim_end_matches("...").trim_end();
    let is_same = |it: &&str| {
        let it = plain(it);
        it.strip_suffix(':').unwrap_or(&it) == message
            || (head.len() < message.len() && it.starts_with(head))
    };
    Some(
        [first, whole.as_str(), exception.type_name.as_str()]
            .iter()
            .any(is_same),
    )
}

/// A header of plain function names fits by its name or not at all.
fn looks_like_function(name: &str) -> bool {
    let bare = name.split('[').next().unwrap_or(name);
    !bare.is_empty()
        && bare
            .chars()
            .all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'))
        && !bare.contains(".py")
}

/// A summary entry that the log cuts inside its id.
fn cut_fits(title: &str, id: &str) -> bool {
    id.contains("::") && id.contains('[') && !id.ends_with(']') && {
        let name = ids::header_name(id);
        name.len() > 4 && title.starts_with(name.trim_end_matches("..."))
    }
}

/// A class that cannot be collected: the header names its file alone.
fn class_of(section: &Told, id: &str) -> bool {
    section.header.phase == Phase::Collect
        && id
            .strip_prefix(section.header.name.as_str())
            .is_some_and(|rest| rest.starts_with("::"))
}

/// Items in the collectors of a plugin (`x.py::describe_a::t`) can have headers of their own names. Those of a class, whose
/// name begins with a capital letter, have not.
fn own_name(section: &Told, id: &str) -> bool {
    let name = section.header.name.as_str();
    let before = id.strip_suffix(name).and_then(|it| it.strip_suffix("::"));
    let within = before.and_then(|it| it.split_once("::"));
    within.is_some_and(|(_, names)| !names.starts_with(char::is_uppercase)) && in_file(section, id)
}

/// `T.test [message] (i=0)` is a part of `T.test`.
fn sub_test(title: &str, id: &str) -> bool {
    let name = ids::header_name(id);
    title
        .strip_prefix(name.as_str())
        .is_some_and(|rest| rest.starts_with(" [") || rest.starts_with(" ("))
}

/// Whether a place in the section is in the file of `id`.
fn in_file(section: &Told, id: &str) -> bool {
    let path = ids::path(id);
    section
        .parsed
        .frames
        .iter()
        .any(|it| ids::same_file(&it.path, path))
}

//! Which set of each parametrization an id names.
//!
//! The id is the sets' ids joined by `-`, and an id may itself hold `-`: so all ways to cut are tried, level by level, and
//! the cheapest is taken. A way costs nothing where all ids are known. Ties are no answer.

use std::collections::{HashMap, HashSet};

use super::ids::Part;
use super::parametrize::{Parametrization, Set};

/// The cost of a part that could be any text.
const ANY: u32 = 20;

/// So many states are looked at; an id that needs more is not understood.
const MAX_STATES: usize = 200_000;

/// What was found for one parametrization.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Match {
    /// The set; `None` where several could be meant.
    pub(crate) index: Option<usize>,
    /// Its part of the id.
    pub(crate) id: String,
}

/// The sets that an id names, one per parametrization and in their order, and how improbable that is.
#[derive(Debug, Clone)]
pub(crate) struct Best {
    pub(crate) cost: u32,
    pub(crate) matches: Vec<Match>,
}

impl Best {
    pub(crate) fn is_complete(&self) -> bool {
        self.matches.iter().all(|found| found.index.is_some())
    }
}

/// The sets that `id` names; `None` where the id does not fit.
pub(crate) fn find(parametrizations: &[Parametrization<'_>], id: &str) -> Option<Best> {
    let mut search = Search {
        parametrizations,
        id,
        known: HashMap::new(),
        states: 0,
    };
    search.best(0, Some(0))
}

struct Search<'a, 's> {
    parametrizations: &'a [Parametrization<'s>],
    id: &'a str,
    known: HashMap<(usize, Option<usize>), Option<Best>>,
    states: usize,
}

impl Search<'_, '_> {
    /// The cheapest way from a level and a place in the id; `None` as place is behind the end.
    fn best(&mut self, level: usize, at: Option<usize>) -> Option<Best> {
        if level == self.parametrizations.len() {
            return at.is_none().then(|| Best {
                cost: 0,
                matches: Vec::new(),
            });
        }
        if let Some(known) = self.known.get(&(level, at)) {
            return known.clone();
        }
        let found = at.and_then(|start| self.search(level, start));
        self.known.insert((level, at), found.clone());
        found
    }

    fn search(&mut self, level: usize, start: usize) -> Option<Best> {
        let parametrization = &self.parametrizations[level];
        let id = self.id;
        let rest = &id[start..];
        let mut best: Option<Best> = None;
        for end in ends(rest) {
            self.states += 1;
            if self.states > MAX_STATES {
                return best;
            }
            let text = &rest[..end];
            let Some((index, cost)) = choose(parametrization, text, &mut self.states) else {
                continue;
            };
            let next = (end < rest.len()).then(|| start + end + 1);
            let Some(after) = self.best(level + 1, next) else {
                continue;
            };
            let cost = cost + after.cost;
            let this = Match {
                index,
                id: text.to_owned(),
            };
            match &mut best {
                Some(best) if best.cost < cost => {}
                Some(best) if best.cost == cost => {
                    // Two ways at the same cost: only what they agree on is known.
                    let other = std::iter::once(&this).chain(&after.matches);
                    for (mine, other) in best.matches.iter_mut().zip(other) {
                        if mine.index != other.index {
                            mine.index = None;
                        }
                    }
                }
                _ => {
                    let mut matches = vec![this];
                    matches.extend(after.matches);
                    best = Some(Best { cost, matches });
                }
            }
        }
        best
    }
}

/// The places where a part of an id may end: before each `-`, and at its end.
fn ends(rest: &str) -> impl Iterator<Item = usize> {
    rest.match_indices('-')
        .map(|(at, _)| at)
        .chain([rest.len()])
}

/// The set that a text stands for and the cost of taking it so.
fn choose(
    parametrization: &Parametrization<'_>,
    text: &str,
    states: &mut usize,
) -> Option<(Option<usize>, u32)> {
    let Some(sets) = &parametrization.sets else {
        return Some(position(parametrization, text));
    };
    let mut best: Option<(Option<usize>, u32)> = None;
    let mut likeliest = 0;
    for (index, set) in sets.iter().enumerate() {
        *states += 1;
        let Some(cost) = fits(set, text, states) else {
            continue;
        };
        let likeness = if cost < ANY {
            0
        } else {
            words_in_common(set, text)
        };
        match best {
            Some((_, cheapest)) if cheapest < cost => {}
            Some((_, cheapest)) if cheapest == cost && likeness < likeliest => {}
            Some((_, cheapest)) if cheapest == cost && likeness == likeliest => {
                best = Some((None, cost));
            }
            _ => {
                best = Some((Some(index), cost));
                likeliest = likeness;
            }
        }
    }
    best
}

/// How many words of a set's values an id that only code can make has: `ttnn.L1_MEMORY_CONFIG` is `MemoryConfig(L1)`. A number alone
/// may count the sets.
fn words_in_common(set: &Set<'_>, text: &str) -> usize {
    let words = |text: &str| -> HashSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.contains(char::is_alphabetic))
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let of_values = set.values.iter().filter_map(|item| item.code);
    let of_values: HashSet<String> = of_values
        .flat_map(|code| words(code.module.source(code.node)))
        .collect();
    of_values.intersection(&words(text)).count()
}

/// The index that the text itself tells: `values3`, `a3-b3`, `a3-any-thing`.
fn position(parametrization: &Parametrization<'_>, text: &str) -> (Option<usize>, u32) {
    if parametrization.ids_are_made {
        return (None, ANY);
    }
    let names = &parametrization.names;
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() < names.len() {
        return (None, 3 * ANY);
    }
    let index = |part: &&str, name: &String| number(part.strip_prefix(name.as_str())?);
    if parts.len() == names.len() {
        let mut indexes = parts
            .iter()
            .zip(names)
            .filter_map(|(part, name)| index(part, name));
        return match indexes.next() {
            Some(first) if indexes.all(|other| other == first) => (Some(first), 2),
            _ => (None, ANY - 1),
        };
    }
    // Some value holds a `-`: only the ends are sure to be where they seem.
    let ends = [
        parts.first().zip(names.first()),
        parts.last().zip(names.last()),
    ];
    let found = ends
        .into_iter()
        .flatten()
        .find_map(|(part, name)| index(part, name));
    match found {
        Some(found) => (Some(found), 3),
        None => (None, ANY),
    }
}

fn number(text: &str) -> Option<usize> {
    let plain = text == "0" || !text.starts_with('0');
    (plain && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// What it costs to take a text as a set's id; `None` where it is not.
fn fits(set: &Set<'_>, text: &str, states: &mut usize) -> Option<u32> {
    if !set.ids.is_empty() {
        return set
            .ids
            .iter()
            .position(|id| id == text)
            .map(|place| u32::from(place > 0));
    }
    fits_parts(&set.parts, Some(text), states)
}

fn fits_parts(parts: &[Part], text: Option<&str>, states: &mut usize) -> Option<u32> {
    *states += 1;
    if *states > MAX_STATES {
        return None;
    }
    let Some((first, others)) = parts.split_first() else {
        return text.is_none().then_some(0);
    };
    let text = text?;
    let mut best: Option<u32> = None;
    for end in ends(text) {
        let piece = &text[..end];
        let next = (end < text.len()).then(|| &text[end + 1..]);
        // Whether the others can fit at all is seen only below; an exact part that does not fit is cheap to rule out first.
        let Some(own) = cost(first, piece) else {
            continue;
        };
        if others.is_empty() && next.is_some() {
            continue;
        }
        if let Some(after) = fits_parts(others, next, states) {
            best = Some(best.map_or(own + after, |best| best.min(own + after)));
        }
    }
    best
}

fn cost(part: &Part, text: &str) -> Option<u32> {
    match part {
        Part::Exact(texts) => texts
            .iter()
            .position(|known| known == text)
            .map(|place| u32::from(place > 0)),
        Part::Open(guesses) => Some(
            guesses
                .iter()
                .filter(|(guess, _)| is_like(guess, text))
                .map(|(_, cost)| *cost)
                .min()
                .unwrap_or(ANY),
        ),
    }
}

/// Whether a text is what a guess says; a `*` in a guess is any text, and letter case does not count then.
fn is_like(guess: &str, text: &str) -> bool {
    match guess.split_once('*') {
        None => guess == text,
        Some((before, after)) => {
            let text = text.to_ascii_lowercase();
            text.len() >= before.len() + after.len()
                && text.starts_with(&before.to_ascii_lowercase())
                && text.ends_with(&after.to_ascii_lowercase())
        }
    }
}

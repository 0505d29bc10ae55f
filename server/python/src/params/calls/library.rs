//! Calls of the standard library: of `itertools`, of `re`.

use super::MAX_ITEMS;
use crate::params::evaluate::{Env, Evaluator};
use crate::params::value::{Item, Value};
use crate::source::Arguments;

/// More of each is not gone through.
const MAX_REPEAT: usize = 8;
const MAX_CHOSEN: usize = 4;
const MAX_CHOICES: usize = 20;

impl<'s> Evaluator<'_, 's> {
    pub(super) fn external(
        &self,
        env: &Env<'s>,
        name: &str,
        values: &[Item<'s>],
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        let lists = || {
            let lists = values.iter().map(|item| self.iterate(&item.value));
            lists.collect::<Option<Vec<_>>>()
        };
        let items = match (name, arguments.keywords.as_slice()) {
            ("itertools.product", []) => product(&lists()?)?,
            ("itertools.product", [("repeat", count)]) => {
                let count = usize::try_from(self.value(env, *count).integer()?).ok()?;
                let count = Some(count).filter(|it| *it <= MAX_REPEAT)?;
                product(&vec![lists()?; count].concat())?
            }
            ("itertools.chain", []) => lists()?.concat(),
            ("itertools.permutations" | "itertools.combinations", []) => {
                let [items, count] = values else {
                    return None;
                };
                let items = self.iterate(&items.value)?;
                let count = usize::try_from(count.value.integer()?).ok()?;
                chosen(&items, count, name.ends_with("combinations"))?
            }
            ("re.compile", _) => match &values.first()?.value {
                Value::Str(pattern) => return Some(Value::Regex(pattern.clone())),
                _ => return None,
            },
            _ => return None,
        };
        Some(Value::List(items))
    }
}

fn product<'s>(lists: &[Vec<Item<'s>>]) -> Option<Vec<Item<'s>>> {
    let rows = rows(lists.len(), |row| (0..lists[row.len()].len()).collect())?;
    let columns = |row: Vec<usize>| {
        let columns = lists.iter().zip(row);
        tuple(columns.map(|(list, at)| list[at].clone()))
    };
    Some(rows.into_iter().map(columns).collect())
}

/// `count` of the items, in each order or in their own alone.
fn chosen<'s>(items: &[Item<'s>], count: usize, ordered: bool) -> Option<Vec<Item<'s>>> {
    if count > MAX_CHOSEN || items.len() > MAX_CHOICES {
        return None;
    }
    let rows = rows(count, |row| {
        let from = row.last().filter(|_| ordered).map_or(0, |last| last + 1);
        let others = (from..items.len()).filter(|at| !row.contains(at));
        others.collect()
    })?;
    let columns = |row: Vec<usize>| tuple(row.into_iter().map(|at| items[at].clone()));
    Some(rows.into_iter().map(columns).collect())
}

fn tuple<'s>(items: impl Iterator<Item = Item<'s>>) -> Item<'s> {
    Item::made(Value::Tuple(items.collect()))
}

/// All rows of so many places, with what may stand `behind` the beginning of one; `None` where they are too many.
fn rows(width: usize, behind: impl Fn(&[usize]) -> Vec<usize>) -> Option<Vec<Vec<usize>>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..width {
        let longer = rows.iter().flat_map(|row| {
            let next = behind(row).into_iter();
            next.map(|at| row.iter().copied().chain([at]).collect())
        });
        rows = longer.take(MAX_ITEMS + 1).collect();
        if rows.len() > MAX_ITEMS {
            return None;
        }
    }
    Some(rows)
}

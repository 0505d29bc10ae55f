//! Names of a block that may be parts of each other: what changes the one may be seen through the other.

use std::collections::BTreeMap;

use crate::slice::facts::Names;
use crate::slice::tree::Statement;

/// The group of each name that is related to another.
#[derive(Debug, Default)]
pub(super) struct Groups(BTreeMap<String, usize>);

impl Groups {
    /// By the block's own assignments and these pairs; `fixed` names are never changed.
    pub(super) fn new(block: &[Statement], pairs: &[(String, String)], fixed: &Names) -> Self {
        let aliases = block
            .iter()
            .flat_map(|statement| &statement.facts().aliases);
        let aliases =
            aliases.filter(|(left, right)| !fixed.contains(left) && !fixed.contains(right));
        let pairs: Vec<&(String, String)> = pairs.iter().chain(aliases).collect();
        let mut parents: BTreeMap<&str, &str> = BTreeMap::new();
        for (left, right) in &pairs {
            let (a, b) = (head(&parents, left), head(&parents, right));
            parents.entry(b).or_insert(b);
            parents.insert(a, b);
        }
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for name in pairs.iter().flat_map(|(left, right)| [left, right]) {
            let next = numbers.len();
            let number = *numbers.entry(head(&parents, name)).or_insert(next);
            groups.insert(name.clone(), number);
        }
        Self(groups)
    }

    /// Whether a change of `name` may be seen through one of `others`.
    pub(super) fn reaches(&self, name: &str, others: &Names) -> bool {
        self.0
            .get(name)
            .is_some_and(|group| others.iter().any(|other| self.0.get(other) == Some(group)))
    }
}

/// The name that stands for a name's group.
fn head<'a>(parents: &BTreeMap<&'a str, &'a str>, name: &'a str) -> &'a str {
    let mut name = name;
    while let Some(parent) = parents.get(name)
        && *parent != name
    {
        name = parent;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn related(pairs: &[(&str, &str)], name: &str, other: &str) -> bool {
        let pairs: Vec<(String, String)> = pairs
            .iter()
            .map(|(left, right)| ((*left).to_owned(), (*right).to_owned()))
            .collect();
        let groups = Groups::new(&[], &pairs, &Names::new());
        groups.reaches(name, &Names::from([other.to_owned()]))
    }

    #[test]
    fn a_change_is_seen_through_every_name_of_the_group() {
        let pairs = [("a", "b"), ("c", "d"), ("b", "c"), ("x", "y")];
        assert!(related(&pairs, "a", "d"));
        assert!(related(&pairs, "d", "a"));
        assert!(!related(&pairs, "a", "x"));
        assert!(!related(&pairs, "unknown", "a"));
    }

    #[test]
    fn names_that_hold_each_other_end() {
        let pairs = [("a", "b"), ("b", "a"), ("a", "a")];
        assert!(related(&pairs, "a", "b"));
    }
}

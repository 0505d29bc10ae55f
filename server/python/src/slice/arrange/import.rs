//! One import statement: its section, its names, its place in the order, its text.

use std::cmp::{Ordering, Reverse};

use tree_sitter::Node;

use super::super::stdlib::is_stdlib;
use super::{is_import, line_end};
use crate::source::{Module, named_children, walk};

/// A longer statement has a line for each name.
const WIDTH: usize = 88;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Future,
    Standard,
    Others,
    Relative,
}

impl Section {
    pub(super) fn of(module: &str) -> Self {
        match module {
            "__future__" => Self::Future,
            _ if module.starts_with('.') => Self::Relative,
            _ if is_stdlib(module) => Self::Standard,
            _ => Self::Others,
        }
    }
}

/// A name that a statement imports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    pub(super) alias: Option<&'a str>,
}

#[derive(Clone)]
pub(super) struct Import<'a> {
    pub(super) section: Section,
    /// Empty for `import x`.
    pub(super) module: &'a str,
    pub(super) members: Vec<Member<'a>>,
    pub(super) comments: Vec<&'a str>,
}

impl<'a> Import<'a> {
    /// `None` for another statement, and for one with comments inside.
    pub(super) fn read(module: &'a Module, statement: Node<'a>) -> Option<Self> {
        if !is_import(statement) {
            return None;
        }
        let mut has_comment = false;
        walk(statement, |node| {
            has_comment |= node.kind() == "comment";
            true
        });
        let from = statement.child_by_field_name("module_name");
        let source = match statement.kind() {
            "future_import_statement" => "__future__",
            _ => from.map_or("", |from| module.source(from)),
        };
        let names = named_children(statement).into_iter();
        let members = names
            .filter(|node| Some(*node) != from)
            .map(|node| match node.kind() {
                "dotted_name" | "wildcard_import" => Some(Member {
                    name: module.source(node),
                    alias: None,
                }),
                "aliased_import" => Some(Member {
                    name: module.field(node, "name"),
                    alias: Some(module.field(node, "alias")),
                }),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?;
        let name = match source {
            "" => members.first()?.name,
            source => source,
        };
        let end = statement.end_byte();
        let comment = module.text[end..line_end(&module.text, end)].trim();
        (!has_comment).then(|| Self {
            section: Section::of(name),
            module: source,
            members,
            comments: if comment.is_empty() {
                Vec::new()
            } else {
                vec![comment]
            },
        })
    }

    /// `import a.b as b` as `from a import b`.
    pub(super) fn without_alias(self) -> Self {
        if let ([member], "") = (self.members.as_slice(), self.module)
            && let Some((module, name)) = member.name.rsplit_once('.')
            && member.alias == Some(name)
        {
            let member = Member { name, alias: None };
            return Self {
                module,
                members: vec![member],
                ..self
            };
        }
        self
    }

    pub(super) fn is_star(&self) -> bool {
        self.members.iter().any(|member| member.name == "*")
    }

    pub(super) fn written(&self) -> String {
        let names: Vec<String> = self.members.iter().map(Member::written).collect();
        let comments: String = self.comments.iter().map(|it| format!("  {it}")).collect();
        if self.module.is_empty() {
            return format!("import {}{comments}", names.join(", "));
        }
        let from = format!("from {} import ", self.module);
        let single = format!("{from}{}{comments}", names.join(", "));
        if single.chars().count() <= WIDTH || self.is_star() {
            return single;
        }
        let lines: String = names.iter().map(|name| format!("    {name},\n")).collect();
        format!("{from}({comments}\n{lines})")
    }

    pub(super) fn order(&self, other: &Self) -> Ordering {
        let dots = |it: &Self| Reverse(it.module.chars().take_while(|c| *c == '.').count());
        let style = |it: &Self| (it.section, !it.module.is_empty(), dots(it));
        let path = |it: &Self| it.module.trim_start_matches('.').to_owned();
        style(self)
            .cmp(&style(other))
            .then_with(|| by_name(&path(self), &path(other)))
            .then_with(|| match (self.members.first(), other.members.first()) {
                // `import x` is ordered by names alone.
                (Some(one), Some(two)) if self.module.is_empty() => {
                    by_name(one.name, two.name).then_with(|| by_alias(*one, *two))
                }
                (Some(one), Some(two)) => one.order(two),
                (one, two) => one.is_some().cmp(&two.is_some()),
            })
    }
}

impl Member<'_> {
    fn written(&self) -> String {
        match self.alias {
            Some(alias) => format!("{} as {alias}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Constants, then classes, then all others.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let kind = |name: &str| {
            let upper = name.chars().any(char::is_uppercase);
            match name.chars().next() {
                Some('*') => 0,
                _ if name.len() > 1 && upper && !name.chars().any(char::is_lowercase) => 1,
                Some(first) if first.is_uppercase() => 2,
                _ => 3,
            }
        };
        kind(self.name)
            .cmp(&kind(other.name))
            .then_with(|| by_name(self.name, other.name))
            .then_with(|| by_alias(*self, *other))
    }
}

fn by_alias(one: Member<'_>, two: Member<'_>) -> Ordering {
    let none = one.alias.is_some().cmp(&two.alias.is_some());
    none.then_with(|| natural(one.alias.unwrap_or_default(), two.alias.unwrap_or_default()))
}

/// In the order of the alphabet, and capitals first where nothing else differs.
fn by_name(one: &str, two: &str) -> Ordering {
    natural(&one.to_lowercase(), &two.to_lowercase()).then_with(|| natural(one, two))
}

/// By characters, but numbers by their values: `x9` before `x10`. A number that begins with a zero is a fraction: `x01` before
/// `x1`, as isort has it.
fn natural(one: &str, two: &str) -> Ordering {
    let (mut one, mut two) = (one, two);
    loop {
        let (left, right) = (digits(one), digits(two));
        if left.is_empty() || right.is_empty() {
            let mut chars = (one.chars(), two.chars());
            let order = match (chars.0.next(), chars.1.next()) {
                (None, None) => return Ordering::Equal,
                (left, right) => left.cmp(&right),
            };
            if order != Ordering::Equal {
                return order;
            }
            (one, two) = (chars.0.as_str(), chars.1.as_str());
            continue;
        }
        let is_fraction = left.starts_with('0') || right.starts_with('0');
        let order = match is_fraction {
            true => left.cmp(right),
            false => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
        };
        if order != Ordering::Equal {
            return order;
        }
        (one, two) = (&one[left.len()..], &two[right.len()..]);
    }
}

/// The number that a text begins with.
fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

//! Imports that stand together, as isort and ruff arrange them by default: `__future__`, the standard library, and all others, a
//! blank line between the sections; `import x` before `from x import y`; the names of one module in one statement.
//!
//! For a repro, the package under test is a dependency as any other. Imports stay behind what they stand behind: each group of
//! them is arranged for itself.

use std::cmp::{Ordering, Reverse};

use text::Span;
use tree_sitter::Node;

use super::idle::applied;
use super::shake::MARKS;
use super::stdlib::is_stdlib;
use crate::source::{Module, named_children, span, walk};

/// A longer statement has a line for each name.
const WIDTH: usize = 88;

/// The text with the imports of its outermost level arranged. A group with the import that fails stays: what runs before it may
/// be the reason.
pub(crate) fn arranged(text: &str) -> String {
    let module = Module::parse("", text.into());
    if module.root().has_error() {
        return text.to_owned();
    }
    let mut groups: Vec<Vec<Node<'_>>> = Vec::new();
    let mut open = false;
    for statement in module.statements() {
        let is_import = is_import(statement);
        match groups.last_mut().filter(|_| open && is_import) {
            Some(group) => group.push(statement),
            None if is_import => groups.push(vec![statement]),
            None => {}
        }
        open = is_import;
    }
    let edits = groups.iter().filter_map(|group| edit(&module, group));
    applied(text, edits.collect())
}

/// `from x import a, b` as two statements, so that each goes by itself; [`arranged`] puts them together again.
pub(crate) fn one_name_a_line(text: &str) -> String {
    let module = Module::parse("", text.into());
    let mut edits = Vec::new();
    for statement in module.statements() {
        let Some(import) = Import::read(&module, statement) else {
            continue;
        };
        if import.members.len() > 1
            && import.comments.is_empty()
            && stands_alone(&module, statement)
        {
            let lines = import.members.iter().map(|member| {
                let one = Import {
                    members: vec![*member],
                    ..import.clone()
                };
                one.written()
            });
            edits.push((span(statement), lines.collect::<Vec<_>>().join("\n")));
        }
    }
    applied(text, edits)
}

fn is_import(statement: Node<'_>) -> bool {
    matches!(
        statement.kind(),
        "import_statement" | "import_from_statement" | "future_import_statement"
    )
}

/// The change that arranges a group of imports and the blank lines behind it; `None` where there is none, or where it holds
/// what is not understood.
fn edit(module: &Module, group: &[Node<'_>]) -> Option<(Span, String)> {
    let (first, last) = (group.first()?, group.last()?);
    let text = &*module.text;
    let end = line_end(text, last.end_byte());
    let between = |from: usize, to: usize| {
        let rest = text.get(from..to).unwrap_or_default();
        rest.lines().skip(1).all(|line| line.trim().is_empty())
    };
    let apart = group
        .windows(2)
        .all(|pair| between(pair[0].end_byte(), pair[1].start_byte()));
    let alone = group
        .iter()
        .all(|statement| stands_alone(module, *statement));
    if !apart || !alone || text[first.start_byte()..end].contains(MARKS) {
        return None;
    }
    let imports = group
        .iter()
        .map(|statement| Import::read(module, *statement))
        .collect::<Option<Vec<_>>>()?;
    let mut written = String::new();
    let mut section = None;
    for import in merged(imports)? {
        if section.is_some_and(|section| section != import.section) {
            written.push('\n');
        }
        section = Some(import.section);
        written.push_str(&import.written());
        written.push('\n');
    }
    let rest = &text[end..];
    let behind = rest.trim_start_matches(['\n', '\r', ' ', '\t']);
    let mut to = end;
    if behind.is_empty() {
        written.pop();
    } else {
        to = text.len() - behind.len();
        written.push_str(&"\n".repeat(blank_lines(behind)));
    }
    Some((Span::new(first.start_byte(), to), written))
}

/// How many blank lines stand between imports and what follows them.
fn blank_lines(behind: &str) -> usize {
    let is_comment = |line: &&str| line.starts_with('#');
    let comments = behind.lines().take_while(is_comment).count();
    // A comment with a blank line behind it stands for itself.
    let next = behind.lines().nth(comments).unwrap_or_default();
    let definition = ["def ", "class ", "async def ", "@"]
        .iter()
        .any(|start| next.starts_with(start));
    1 + usize::from(definition)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Future,
    Standard,
    Others,
    Relative,
}

impl Section {
    fn of(module: &str) -> Self {
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
struct Member<'a> {
    name: &'a str,
    alias: Option<&'a str>,
}

#[derive(Clone)]
struct Import<'a> {
    section: Section,
    /// Empty for `import x`.
    module: &'a str,
    members: Vec<Member<'a>>,
    comments: Vec<&'a str>,
}

impl<'a> Import<'a> {
    /// `None` for another statement, and for one with comments inside.
    fn read(module: &'a Module, statement: Node<'a>) -> Option<Self> {
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

    fn is_star(&self) -> bool {
        self.members.iter().any(|member| member.name == "*")
    }

    fn written(&self) -> String {
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

    fn order(&self, other: &Self) -> Ordering {
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
    fn order(&self, other: &Self) -> Ordering {
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

/// One statement for each module, and one for each name that gets another one; sorted. `None` where a comment would stand behind
/// more names than its author wrote it for.
fn merged(imports: Vec<Import<'_>>) -> Option<Vec<Import<'_>>> {
    let mut merged: Vec<Import<'_>> = Vec::new();
    for import in imports {
        let single = |member: &Member<'_>| import.module.is_empty() || member.alias.is_some();
        for (index, member) in import.members.iter().enumerate() {
            let known = merged.iter_mut().find(|known| {
                let same = |it: &Member<'_>| it == member;
                let joins = !single(member)
                    && known.members.iter().all(|it| it.alias.is_none())
                    && known.is_star() == import.is_star();
                known.module == import.module && (known.members.iter().any(same) || joins)
            });
            match known {
                Some(known) if known.members.contains(member) && import.comments.is_empty() => {}
                Some(known) => {
                    let joins_own = index > 0 && known.comments == import.comments;
                    let is_plain = known.comments.is_empty() && import.comments.is_empty();
                    if !joins_own && !is_plain {
                        return None;
                    }
                    known.members.push(*member);
                }
                None => merged.push(Import {
                    section: match import.module {
                        "" => Section::of(member.name),
                        module => Section::of(module),
                    },
                    members: vec![*member],
                    comments: match index {
                        0 => import.comments.clone(),
                        _ => Vec::new(),
                    },
                    ..import
                }),
            }
        }
    }
    for import in &mut merged {
        import.members.sort_by(Member::order);
    }
    merged.sort_by(Import::order);
    Some(merged)
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

/// Whether no other statement shares the rows of one.
pub(super) fn stands_alone(module: &Module, statement: Node<'_>) -> bool {
    let text = &*module.text;
    let end = statement.end_byte();
    let behind = text[end..line_end(text, end)].trim();
    statement.start_position().column == 0 && (behind.is_empty() || behind.starts_with('#'))
}

fn line_end(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::write::MARK;
    use super::{arranged, one_name_a_line};

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let arranged = arranged(text);
        assert_eq!(super::arranged(&arranged), arranged);
        let by_name = super::arranged(&one_name_a_line(&arranged));
        assert_eq!(by_name, arranged, "names are put together again");
        expected.assert_eq(&arranged.replace(MARK, " #!"));
    }

    #[test]
    fn sections_modules_and_names_are_sorted() {
        check(
            "\
from shop import ZERO, price, Basket, x10, x9, x01, T, basket, _hidden, Ab, aB
import shop.tests.x10, shop.tests.x9
import os
from . import near
from .. import further
from __future__ import unicode_literals
from os import path as p
from os.path import join
from os import getcwd
import shop as s
import shop
import Alpha
import zlib
from __future__ import annotations
from shop import price as cost, Basket as B
from _pytest import fixtures
from shop import *
import alpha

SIZE = 3
",
            expect![[r#"
                from __future__ import annotations, unicode_literals

                import os
                import zlib
                from os import getcwd
                from os import path as p
                from os.path import join

                import Alpha
                import alpha
                import shop
                import shop as s
                import shop.tests.x9
                import shop.tests.x10
                from _pytest import fixtures
                from shop import *
                from shop import ZERO, Ab, Basket, T, _hidden, aB, basket, price, x01, x9, x10
                from shop import Basket as B
                from shop import price as cost

                from .. import further
                from . import near

                SIZE = 3
            "#]],
        );
    }

    #[test]
    fn names_that_do_not_fit_have_a_line_each() {
        check(
            "\
from shop import a_name_of_some_length, another_name_of_some_length, one_more_name_of_it
from shop import (
    short,
)
from warehouse import (a_name_of_some_length,
    another_name_of_some_length)  # noqa: F401
from depot import a  # why
class A:
    pass
",
            expect![[r#"
                from depot import a  # why
                from shop import (
                    a_name_of_some_length,
                    another_name_of_some_length,
                    one_more_name_of_it,
                    short,
                )
                from warehouse import a_name_of_some_length, another_name_of_some_length  # noqa: F401


                class A:
                    pass
            "#]],
        );
    }

    #[test]
    fn imports_stay_behind_what_they_stand_behind() {
        check(
            "\
import zlib
import sys
sys.path.insert(0, 'x')
import shop
import ast
# Two lines.

sys.path.pop()
import b
# why
import a
sys.path.pop()
import b; import a
if sys:
    import b
    import a
",
            expect![[r#"
                import sys
                import zlib

                sys.path.insert(0, 'x')
                import ast

                import shop

                # Two lines.

                sys.path.pop()
                import b
                # why
                import a
                sys.path.pop()
                import b; import a
                if sys:
                    import b
                    import a
            "#]],
        );
    }

    #[test]
    fn what_a_comment_or_the_failure_is_of_stays() {
        let failing = format!("import b\nimport a{MARK}\n\n\ndef test_one():\n    pass\n");
        for text in [
            &failing,
            "import b\nfrom a import b  # why\nfrom a import a\n",
        ] {
            assert_eq!(arranged(text), text);
        }
    }
}

//! Imports that stand together, as isort and ruff arrange them by default: `__future__`, the standard library, and all others, a
//! blank line between the sections; `import x` before `from x import y`; the names of one module in one statement.
//!
//! For a repro, the package under test is a dependency as any other. Imports stay behind what they stand behind: each group of
//! them is arranged for itself.

mod failing;
mod import;

use text::Span;
use tree_sitter::Node;

pub(crate) use self::failing::failing_import;
use self::import::{Import, Member, Section};
use super::write::is_marked;
use crate::edits::{Edit, applied};
use crate::source::{Module, span};

/// The text with the imports of its outermost level arranged. A group with the import that fails stays: what runs before it may
/// be the reason.
pub(crate) fn arranged(text: &str) -> String {
    let module = Module::generated(text);
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
    let module = Module::generated(text);
    let mut edits = Vec::new();
    for statement in module.statements() {
        let Some(import) = Import::read(&module, statement) else {
            continue;
        };
        if import.members.len() > 1 && import.comments.is_empty() && module.stands_alone(statement)
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
fn edit(module: &Module, group: &[Node<'_>]) -> Option<Edit> {
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
        .all(|statement| module.stands_alone(*statement));
    if !apart || !alone || is_marked(module, Span::new(first.start_byte(), last.end_byte())) {
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

/// One statement for each module, and one for each name that gets another one; sorted. `None` where a comment would stand behind
/// more names than its author wrote it for.
fn merged(imports: Vec<Import<'_>>) -> Option<Vec<Import<'_>>> {
    let mut merged: Vec<Import<'_>> = Vec::new();
    for import in imports.into_iter().map(Import::without_alias) {
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
import shop.till as till
import shop.till as cash
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
                import shop.till as cash
                from _pytest import fixtures
                from shop import *
                from shop import ZERO, Ab, Basket, T, _hidden, aB, basket, price, till, x01, x9, x10
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

//! What linters are told of the import that fails: it stays as its author wrote it, though nothing reads its names.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::import::{Import, Member};
use super::{is_import, line_end};
use crate::slice::write::MARK;
use crate::source::{Module, walk};

/// The text with a `noqa` on the failing line, where that is an import with names that nothing reads (F401) or that isort would
/// write in another way (I001). What was said there to the project's linters goes.
pub(crate) fn failing_import(text: &str) -> String {
    let Some(mark) = text.find(MARK) else {
        return text.to_owned();
    };
    let module = Module::generated(text);
    let mut found = None;
    walk(module.root(), |node| {
        let is_around = node.start_byte() <= mark && mark < line_end(text, node.end_byte());
        if is_around && is_import(node) {
            found = found.or(Some(node));
        }
        is_around
    });
    let Some(statement) = found else {
        return text.to_owned();
    };
    let start = text[..mark].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..mark];
    let code = match line.rsplit_once('#') {
        Some((code, comment)) if comment.trim_start().starts_with("noqa") => code.trim_end(),
        _ => line,
    };
    let mut codes = Vec::new();
    if !reads_all(&module, statement) {
        codes.push("F401");
    }
    if !is_sorted(&module, statement) {
        codes.push("I001");
    }
    let noqa = match codes.is_empty() {
        true => String::new(),
        false => format!("  # noqa: {}", codes.join(", ")),
    };
    format!("{}{code}{noqa}{}", &text[..start], &text[mark..])
}

/// Whether other code reads each name that a statement binds.
fn reads_all(module: &Module, statement: Node<'_>) -> bool {
    let Some(import) = Import::read(module, statement) else {
        return false;
    };
    let mut read = BTreeSet::new();
    walk(module.root(), |node| {
        if node.kind() == "identifier" {
            read.insert(module.source(node));
        }
        node != statement
    });
    import.is_star()
        || import.members.iter().all(|member| {
            let package = member.name.split('.').next();
            let bound = member.alias.or(package).unwrap_or_default();
            read.contains(bound)
        })
}

/// Whether a statement on one row is as isort would write it.
fn is_sorted(module: &Module, statement: Node<'_>) -> bool {
    let source = module.source(statement);
    let Some(mut import) = Import::read(module, statement).filter(|_| !source.contains('\n'))
    else {
        return true;
    };
    import.comments.clear();
    import.members.sort_by(Member::order);
    let is_one = import.members.len() == 1 || !import.module.is_empty();
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    is_one && plain(&import.written()) == plain(source)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::super::write::MARK;
    use super::failing_import;

    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let marked = text.replace(" #!", MARK);
        expected.assert_eq(&failing_import(&marked).replace(MARK, " #!"));
    }

    #[test]
    fn names_that_nothing_reads() {
        check(
            "import shop.cart #!\n\nshop()\n",
            expect![[r#"
                import shop.cart #!

                shop()
            "#]],
        );
        check(
            "def load():\n    from shop import Cart as C #!\n    Cart()\n",
            expect![[r#"
                def load():
                    from shop import Cart as C  # noqa: F401 #!
                    Cart()
            "#]],
        );
        check(
            "from shop import ( #!\n    Cart,  # why\n)\n",
            expect![[r#"
                from shop import (  # noqa: F401 #!
                    Cart,  # why
                )
            "#]],
        );
    }

    #[test]
    fn one_directive_stands_for_all() {
        check(
            "from shop import till, Cart  # noqa: E402 #!\n",
            expect![[r#"
                from shop import till, Cart  # noqa: F401, I001 #!
            "#]],
        );
        check(
            "import till, cart  # first # noqa #!\n\ncart(till)\n",
            expect![[r#"
                import till, cart  # first  # noqa: I001 #!

                cart(till)
            "#]],
        );
    }

    #[test]
    fn what_fails_is_another_statement() {
        let text = "import shop\n\nshop.cart()  # noqa #!\n";
        check(
            text,
            expect![[r#"
            import shop

            shop.cart()  # noqa #!
        "#]],
        );
    }
}

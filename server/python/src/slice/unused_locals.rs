//! Names that a function binds and nothing reads, as linters report them (F841).

mod unpacked;

use std::collections::{BTreeMap, BTreeSet};

use text::Span;
use tree_sitter::Node;

use self::unpacked::with_underscores;
use super::write::{MARK, PATH, is_marked};
use crate::edits::{Edit, applied};
use crate::model::Level;
use crate::source::{Module, in_name, is_label, named_children, span, walk};

/// What removes one name may leave another unread: so often at most.
const ROUNDS: usize = 8;

pub(crate) const NOQA: &str = "  # noqa: F841";

/// The text without local names that nothing reads: assignments go, as far as the level allows it of what they call; `as name` goes.
/// What has to stay is marked for linters; unpacked names begin with an underscore.
pub(crate) fn unused_locals(text: &str, level: Level) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let Some(next) = round(&text, level) else {
            break;
        };
        text = next;
    }
    with_underscores(&text)
}

/// What becomes of a binding.
enum Change {
    /// The statement goes.
    Statement,
    /// From the first offset to the second: the name with its `=` or `as`.
    Name(usize, usize),
    Noqa,
}

fn round(text: &str, level: Level) -> Option<String> {
    let module = Module::generated(text);
    if module.root().has_error() {
        return None;
    }
    let mut changes: BTreeMap<usize, (Node<'_>, Change)> = BTreeMap::new();
    walk(module.root(), |node| {
        if node.kind() == "function_definition" {
            for (statement, change) in unread(&module, node, level) {
                changes
                    .entry(statement.start_byte())
                    .or_insert((statement, change));
            }
        }
        true
    });
    let goes = |node: &Node<'_>| {
        let change = changes.get(&node.start_byte());
        matches!(change, Some((_, Change::Statement)))
    };
    let mut edits: Vec<Edit> = Vec::new();
    for (statement, change) in changes.values() {
        match change {
            Change::Statement => {
                let siblings = statement.parent().map(named_children).unwrap_or_default();
                let is_first = siblings.first() == Some(statement);
                let instead = if is_first && siblings.iter().all(goes) {
                    let column = statement.start_position().column;
                    format!("{}pass\n", " ".repeat(column))
                } else {
                    String::new()
                };
                edits.push((module.rows(span(*statement)), instead));
            }
            Change::Name(from, to) => edits.push((Span::new(*from, *to), String::new())),
            Change::Noqa => {
                // Linters look at the name's row, or behind the string that begins on it.
                let row = statement.start_position().row;
                let row = match module.begins_in_string(row + 1) {
                    true => statement.end_position().row,
                    false => row,
                };
                let line = module.lines.line(text, u32::try_from(row).ok()?)?;
                let shown = line.of(text);
                let shown = [MARK, PATH]
                    .iter()
                    .find_map(|mark| shown.strip_suffix(mark))
                    .unwrap_or(shown);
                let edit = (Span::at(line.start + shown.len()), NOQA.to_owned());
                if !shown.ends_with('\\') && !edits.contains(&edit) {
                    edits.push(edit);
                }
            }
        }
    }
    (!edits.is_empty()).then(|| applied(text, edits))
}

/// The bindings of a function that nothing in it reads, and what becomes of each.
fn unread<'t>(module: &Module, function: Node<'t>, level: Level) -> Vec<(Node<'t>, Change)> {
    let mut bound: BTreeMap<&str, Vec<(Node<'t>, Change)>> = BTreeMap::new();
    let mut sites: BTreeSet<usize> = BTreeSet::new();
    let Some(body) = function.child_by_field_name("body") else {
        return Vec::new();
    };
    walk(body, |node| {
        if matches!(
            node.kind(),
            "function_definition" | "class_definition" | "lambda"
        ) {
            return false;
        }
        if let Some((name, statement, change)) = binding(module, node, level) {
            sites.insert(name.start_byte());
            bound
                .entry(module.source(name))
                .or_default()
                .push((statement, change));
        }
        true
    });
    if bound.is_empty() {
        return Vec::new();
    }
    let reads = Reads::of(module, function, |node| sites.contains(&node.start_byte()));
    let unread = bound.into_iter().filter(|(name, _)| !reads.reads(name));
    unread
        .flat_map(|(name, bindings)| {
            // `table.query("a > @limit")`
            let is_told = reads.is_told(name);
            bindings.into_iter().map(move |(statement, change)| {
                (statement, if is_told { Change::Noqa } else { change })
            })
        })
        .filter(|(statement, change)| {
            let rows = module.rows(span(*statement)).of(&module.text);
            !matches!(change, Change::Noqa) || !rows.contains("# noqa")
        })
        .collect()
}

/// What a function reads, with what is in it.
pub(super) struct Reads<'m> {
    names: BTreeSet<&'m str>,
    in_strings: String,
    /// It may read any name: by `locals()`, `eval(text)`.
    sees_all: bool,
}

impl<'m> Reads<'m> {
    /// The names that stand anywhere but where `is_site` says that they are bound.
    pub(super) fn of(
        module: &'m Module,
        function: Node<'_>,
        is_site: impl Fn(Node<'_>) -> bool,
    ) -> Self {
        let mut reads = Self {
            names: BTreeSet::new(),
            in_strings: String::new(),
            sees_all: false,
        };
        walk(function, |node| {
            match node.kind() {
                "identifier" if !is_site(node) && !is_label(node) => {
                    let name = module.source(node);
                    reads.sees_all |= matches!(name, "locals" | "vars" | "exec" | "eval");
                    reads.names.insert(name);
                }
                "string_content" => {
                    reads.in_strings.push_str(module.source(node));
                    reads.in_strings.push(' ');
                }
                _ => {}
            }
            true
        });
        reads
    }

    pub(super) fn reads(&self, name: &str) -> bool {
        self.sees_all || self.names.contains(name) || name == "_" || name.starts_with("__")
    }

    /// Whether a string has the name as a word.
    pub(super) fn is_told(&self, name: &str) -> bool {
        let mut words = self.in_strings.split(|c| !in_name(c));
        words.any(|word| word == name)
    }
}

/// The name that a node binds where linters ask for a reader, its statement, and what becomes of it.
fn binding<'t>(
    module: &Module,
    node: Node<'t>,
    level: Level,
) -> Option<(Node<'t>, Node<'t>, Change)> {
    let is_kept =
        |statement: Node<'_>| level > Level::Conservative || is_marked(module, span(statement));
    match node.kind() {
        "assignment" => {
            let name = node
                .child_by_field_name("left")
                .filter(|it| it.kind() == "identifier")?;
            let value = node.child_by_field_name("right")?;
            let statement = node
                .parent()
                .filter(|it| it.kind() == "expression_statement")?;
            let change = if is_kept(statement) || !module.stands_alone(statement) {
                Change::Noqa
            } else if !has_effects(value) {
                Change::Statement
            } else if level == Level::Smallest && value.kind() != "assignment" {
                Change::Name(name.start_byte(), value.start_byte())
            } else {
                Change::Noqa
            };
            Some((name, statement, change))
        }
        "as_pattern" => {
            let target = node.child_by_field_name("alias")?;
            let name = target.named_child(0).unwrap_or(target);
            let value = node.named_child(0)?;
            if name.kind() != "identifier" {
                return None;
            }
            let around = node.parent()?;
            if !matches!(around.kind(), "with_item" | "except_clause") {
                return None;
            }
            let on_one_row = value.end_position().row == name.end_position().row;
            let change = match is_kept(node) || !on_one_row {
                true => Change::Noqa,
                false => Change::Name(value.end_byte(), name.end_byte()),
            };
            Some((name, node, change))
        }
        _ => None,
    }
}

fn has_effects(value: Node<'_>) -> bool {
    let mut found = false;
    walk(value, |node| {
        found |= matches!(
            node.kind(),
            "call" | "await" | "yield" | "named_expression" | "assignment"
        );
        !found
    });
    found
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::write::MARK;
    use super::unused_locals;
    use crate::model::Level;

    #[track_caller]
    fn check(level: Level, text: &str, expected: Expect) {
        expected.assert_eq(&unused_locals(text, level).replace(MARK, " #!"));
    }

    const TEXT: &str = "\
def test_one(device):
    size = 3
    wide = size + 1
    made = make(
        size,
    )
    with raises(ValueError) as caught:
        try:
            alone = device.mode
        except OSError as error:
            pass
    limit = 5
    used = [part for part in device]
    failing = run(used)  #\u{1}
    table.query('a > @limit', 'wider')

    class Shape:
        sides = 4
";

    #[test]
    fn a_value_on_a_row_of_its_own_stays() {
        check(
            Level::Smallest,
            "def test_one():\n    made = \\\n        make(\n            1)\n    run()  #\u{1}\n",
            expect![[r#"
                def test_one():
                    make(
                            1)
                    run() #!
            "#]],
        );
    }

    #[test]
    fn they_go_with_what_only_they_read() {
        check(
            Level::Smallest,
            TEXT,
            expect![[r#"
                def test_one(device):
                    size = 3
                    make(
                        size,
                    )
                    with raises(ValueError):
                        try:
                            pass
                        except OSError:
                            pass
                    limit = 5  # noqa: F841
                    used = [part for part in device]
                    failing = run(used)  # noqa: F841 #!
                    table.query('a > @limit', 'wider')

                    class Shape:
                        sides = 4
            "#]],
        );
    }

    #[test]
    fn calls_keep_their_names_where_less_may_change() {
        check(
            Level::Conservative,
            TEXT,
            expect![[r#"
                def test_one(device):
                    size = 3
                    made = make(  # noqa: F841
                        size,
                    )
                    with raises(ValueError):
                        try:
                            pass
                        except OSError:
                            pass
                    limit = 5  # noqa: F841
                    used = [part for part in device]
                    failing = run(used)  # noqa: F841 #!
                    table.query('a > @limit', 'wider')

                    class Shape:
                        sides = 4
            "#]],
        );
        check(
            Level::Body,
            TEXT,
            expect![[r#"
                def test_one(device):
                    size = 3
                    wide = size + 1  # noqa: F841
                    made = make(  # noqa: F841
                        size,
                    )
                    with raises(ValueError) as caught:  # noqa: F841
                        try:
                            alone = device.mode  # noqa: F841
                        except OSError as error:  # noqa: F841
                            pass
                    limit = 5  # noqa: F841
                    used = [part for part in device]
                    failing = run(used)  # noqa: F841 #!
                    table.query('a > @limit', 'wider')

                    class Shape:
                        sides = 4
            "#]],
        );
    }

    #[test]
    fn what_may_read_all_names_keeps_them() {
        for text in [
            "def f():\n    a = 1\n    return locals()\n",
            "def f():\n    a = 1\n    def g():\n        return a\n    return g\n",
            "def f():\n    global a\n    a = 1\n",
            "def f(:\n    a = 1\n",
        ] {
            assert_eq!(unused_locals(text, Level::Smallest), text);
        }
    }
}

//! Which definitions and assignments may go at all, and by which names they are needed.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{Around, MAX_DEPTH, Place, Shaker, Unit, assignment, is_dunder, words_of};
use crate::model::Level;
use crate::slice::write::RAN;
use crate::slice::{methods, tree};
use crate::source::{Arguments, decorators, named_children, undecorated, walk};

impl Shaker<'_> {
    /// Whoever reads the fields of a class (a model's columns) goes by their kinds: the first of each stays.
    pub(super) fn keep_kinds(&mut self, fields: &[Node<'_>], from: usize) {
        let kind = |field: &Node<'_>| {
            let (_, value) = assignment(self.module, *field)?;
            let row = tree::rows(*field).0;
            (value.kind() == "call").then(|| (self.module.field(value, "function"), row))
        };
        let mut kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (callee, row) in fields.iter().filter_map(kind) {
            kinds.entry(callee).or_default().push(row);
        }
        let unit_at = |units: &[Unit], row: usize| {
            units[from..]
                .iter()
                .position(|unit| matches!(unit.place, Place::Rows(first, _) if first == row))
                .map(|at| from + at)
        };
        let mut by_row: Vec<(Vec<usize>, bool)> = Vec::new();
        for rows in kinds.into_values() {
            let ids: Vec<usize> = rows
                .into_iter()
                .filter_map(|row| unit_at(&self.units, row))
                // What nobody reaches has no name.
                .filter(|id| !self.units[*id].names.is_empty())
                .collect();
            let represented = ids.iter().any(|id| !self.units[*id].removable);
            by_row.push((ids, represented));
        }
        for (ids, represented) in by_row {
            if let (Some(first), false) = (ids.first(), represented) {
                self.units[*first].removable = false;
            }
        }
    }

    pub(super) fn around_members(&self, class: Node<'_>) -> Around {
        let bases: Vec<&str> = class
            .child_by_field_name("superclasses")
            .map(|bases| {
                named_children(bases)
                    .into_iter()
                    .map(|base| self.module.source(base))
                    .collect()
            })
            .unwrap_or_default();
        let ordered = !decorators(class).is_empty()
            || bases.iter().any(|base| {
                [
                    "Enum",
                    "Flag",
                    "Tuple",
                    "Dict",
                    "Struct",
                    "Model)",
                    "metaclass",
                ]
                .iter()
                .any(|word| base.contains(word))
            });
        let foreign = self.foreign_bases(&bases, 0);
        let by_name = self.module.text.contains("getattr(");
        Around::Class {
            ordered,
            foreign: !foreign.is_empty(),
            called: foreign
                .iter()
                .any(|base| by_name || !self.is_test_case(base)),
        }
    }

    /// The bases that come from elsewhere, and those of bases that stand in the text, but for `unittest`'s.
    fn foreign_bases<'s>(&'s self, bases: &[&'s str], depth: usize) -> Vec<&'s str> {
        let mut foreign = Vec::new();
        for base in bases {
            if matches!(*base, "object" | "ABC" | "abc.ABC") {
                continue;
            }
            if !self.classes.contains(*base) {
                foreign.push(*base);
                continue;
            }
            let statements = self.module.statements().into_iter().map(undecorated);
            let class = statements
                .filter(|it| it.kind() == "class_definition")
                .find(|it| self.module.field(*it, "name") == *base);
            let above = class.and_then(|it| it.child_by_field_name("superclasses"));
            if let Some(above) = above.filter(|_| depth < MAX_DEPTH) {
                let above: Vec<&str> = named_children(above)
                    .into_iter()
                    .map(|it| self.module.source(it))
                    .collect();
                let more = self.foreign_bases(&above, depth + 1);
                foreign.extend(more.into_iter().filter(|it| !self.is_test_case(it)));
            }
        }
        foreign
    }

    /// Whether a base is `unittest`'s own, by whatever name it is imported.
    fn is_test_case(&self, base: &str) -> bool {
        let (of, name) = match base.rsplit_once('.') {
            Some((module, name)) => (self.imported("", module), Some(name.to_owned())),
            None => (Some("unittest".to_owned()), self.imported("unittest", base)),
        };
        of.as_deref() == Some("unittest")
            && name.is_some_and(|it| matches!(&*it, "TestCase" | "IsolatedAsyncioTestCase"))
    }

    /// What a name stands for that is imported from a module; from none: the module that it stands for.
    fn imported(&self, from: &str, name: &str) -> Option<String> {
        let imports = self.module.statements().into_iter().filter(|statement| {
            let of = self.module.field(*statement, "module_name");
            statement.kind().starts_with("import_") && of == from
        });
        let names = imports.flat_map(|statement| {
            let of = statement.child_by_field_name("module_name");
            let children = named_children(statement).into_iter();
            children.filter(move |child| Some(*child) != of)
        });
        names
            .map(|part| match part.kind() {
                "aliased_import" => (
                    self.module.field(part, "alias"),
                    self.module.field(part, "name"),
                ),
                _ => (self.module.source(part), self.module.source(part)),
            })
            .find(|(bound, _)| *bound == name)
            .map(|(_, of)| of.to_owned())
    }

    pub(super) fn function_may_go(&self, function: Node<'_>, name: &str, around: Around) -> bool {
        if is_dunder(name) || methods::is_setup(name) || name.starts_with("pytest_") {
            return false;
        }
        // What the test hands to the product is called by names that only the product mentions.
        let body = function.child_by_field_name("body");
        let behind = body.map_or(function.start_byte(), |body| body.start_byte());
        if self.module.text[function.start_byte()..behind].contains(RAN) {
            return false;
        }
        let plain = decorators(function).iter().all(|decorator| {
            let text = self.module.source(*decorator).trim_start_matches('@');
            let last = text.rsplit('.').next().unwrap_or_default();
            matches!(
                last.trim(),
                "staticmethod"
                    | "classmethod"
                    | "property"
                    | "abstractmethod"
                    | "setter"
                    | "deleter"
                    | "cached_property"
                    | "abstractproperty"
                    | "contextmanager"
                    | "asynccontextmanager"
                    | "coroutine"
                    | "inlineCallbacks"
            ) || (text.contains("fixture") && !text.contains("autouse"))
        });
        match around {
            Around::Class {
                foreign, called, ..
            } => {
                let kept = called || foreign && is_of_test_case(name);
                plain && (!kept || self.level == Level::Smallest)
            }
            Around::Settings => false,
            Around::Module | Around::Function => plain,
        }
    }

    pub(super) fn assignment_may_go(&self, name: &str, value: Node<'_>, around: Around) -> bool {
        if is_dunder(name) || matches!(name, "pytestmark" | "pytest_plugins") {
            return false;
        }
        let smallest = self.level == Level::Smallest;
        let text = self.module.source(value);
        let calls = text.contains('(');
        match around {
            Around::Module => smallest || !calls,
            Around::Function => smallest || !calls,
            Around::Settings | Around::Class { ordered: true, .. } => false,
            Around::Class { foreign: true, .. } => {
                smallest && value.kind() == "call" && !text.contains("primary_key")
            }
            Around::Class { .. } => smallest || !calls,
        }
    }

    /// `@pytest.fixture(name="C")`
    pub(super) fn names_in_decorators(&self, definition: Node<'_>, names: &mut BTreeSet<String>) {
        for decorator in decorators(definition) {
            if self.module.source(decorator).contains("name") {
                walk(decorator, |node| {
                    if node.kind() == "string" {
                        names.extend(words_of(self.module.source(node)));
                    }
                    true
                });
            }
        }
    }

    /// `_c = fixture_of(name="C")`
    pub(super) fn name_in_call(&self, value: Node<'_>, names: &mut BTreeSet<String>) {
        if value.kind() == "call"
            && let Some(name) = Arguments::of(self.module, value).keyword("name")
            && name.kind() == "string"
        {
            names.extend(words_of(self.module.source(name)));
        }
    }

    /// `__tablename__ = "student"`: what others may call it.
    pub(super) fn table_names(&self, class: Node<'_>, names: &mut BTreeSet<String>) {
        let Some(body) = class.child_by_field_name("body") else {
            return;
        };
        for member in named_children(body) {
            if let Some((name, value)) = assignment(self.module, member)
                && is_dunder(&name)
                && value.kind() == "string"
            {
                names.extend(words_of(self.module.source(value)));
            }
        }
    }
}

/// Whether `unittest.TestCase` has a method of this name that it calls itself, and that a test class may have overridden.
fn is_of_test_case(name: &str) -> bool {
    matches!(
        name,
        "run"
            | "debug"
            | "id"
            | "shortDescription"
            | "countTestCases"
            | "defaultTestResult"
            | "doCleanups"
            | "doClassCleanups"
            | "addCleanup"
            | "addTypeEqualityFunc"
            | "fail"
            | "failureException"
            | "skipTest"
            | "subTest"
            | "assertTrue"
            | "assertFalse"
            | "assertIn"
            | "assertNotIn"
            | "assertIsInstance"
            | "assertSequenceEqual"
            | "assertMultiLineEqual"
            | "assertListEqual"
            | "assertTupleEqual"
            | "assertSetEqual"
            | "assertDictEqual"
            | "_addSkip"
            | "_baseAssertEqual"
            | "_callSetUp"
            | "_callTearDown"
            | "_callTestMethod"
            | "_callCleanup"
            | "_formatMessage"
            | "_getAssertEqualityFunc"
            | "_truncateMessage"
    )
}

//! What Python 2 needed and Python 3 does without: `class A(object)`, `super(A, self)`, `u"..."`, loops that hand on what another generator yields,
//! and imports of what Python 3 has without them. What fails stays as it is shown.

use std::collections::BTreeSet;

use text::Span;
use tree_sitter::Node;

use super::write::{is_in_marked, is_marked};
use crate::edits::{Edit, applied};
use crate::source::{Module, decorated, named_children, span, walk};

/// By module: the names that are Python 3's builtins, as pyupgrade lists them.
const BUILTINS: [(&str, &str); 5] = [
    ("builtins", IN_BUILTINS),
    ("six.moves.builtins", IN_BUILTINS),
    ("io", " open "),
    ("six", " callable next "),
    ("six.moves", " filter input map range zip "),
];

const IN_BUILTINS: &str = " ascii bytes chr dict filter hex input int isinstance list map max min next object oct open pow range \
round str super zip ";

/// Futures that have come with Python 3.
const FUTURES: &str = " absolute_import division generator_stop generators nested_scopes print_function unicode_literals \
with_statement ";

/// The text without those; `from` imports have one name each.
pub(super) fn without_python2(text: &str) -> String {
    let module = Module::generated(text);
    if module.root().has_error() {
        return text.to_owned();
    }
    let told = told(&module);
    let mut edits: Vec<Edit> = Vec::new();
    let mut bases: Vec<Edit> = Vec::new();
    let mut is_own = true;
    walk(module.root(), |node| {
        match node.kind() {
            "future_import_statement" | "import_from_statement" => {
                let goes = is_old(&module, node, &told) && !is_marked(&module, span(node));
                if goes {
                    edits.push((module.rows(span(node)), String::new()));
                }
                return !goes;
            }
            "string_start"
                if module.source(node).starts_with(['u', 'U']) && !is_in_marked(&module, node) =>
            {
                let at = node.start_byte();
                edits.push((Span::new(at, at + 1), String::new()));
            }
            "for_statement" => {
                if let Some(from) = handed_on(&module, node) {
                    let before = Span::new(node.start_byte(), from.start_byte());
                    edits.push((before, "yield from ".to_owned()));
                    edits.push((Span::new(from.end_byte(), node.end_byte()), String::new()));
                }
            }
            "class_definition" => bases.extend(without_object(&module, node)),
            "call" => edits.extend(super_of_itself(&module, node)),
            "identifier" => is_own &= module.source(node) != "object" || is_read(node),
            _ => {}
        }
        true
    });
    if is_own {
        edits.append(&mut bases);
    }
    applied(text, edits).trim_start_matches('\n').to_owned()
}

/// The names that texts end in: a patch may look for them in the module.
fn told(module: &Module) -> BTreeSet<&str> {
    let mut told = BTreeSet::new();
    walk(module.root(), |node| {
        if node.kind() == "string_content" {
            told.extend(module.source(node).rsplit('.').next());
        }
        true
    });
    told
}

/// Whether an import of the outermost level is one of a builtin or an old future. A builtin that a text names as the module's stays.
fn is_old(module: &Module, statement: Node<'_>, told: &BTreeSet<&str>) -> bool {
    let name = module.field(statement, "name");
    let is_in = |names: &str| names.contains(&format!(" {name} "));
    let count = named_children(statement).len();
    let listed = if statement.kind() == "future_import_statement" {
        count == 1 && is_in(FUTURES)
    } else {
        let from = module.field(statement, "module_name");
        let known = BUILTINS.iter().find(|(module, _)| *module == from);
        count == 2 && known.is_some_and(|(_, names)| is_in(names)) && !told.contains(name)
    };
    let is_outermost = statement.parent().is_some_and(|it| it.kind() == "module");
    listed && is_outermost && module.stands_alone(statement)
}

/// What a loop yields every element of, where it does nothing else and nothing else reads its variable.
fn handed_on<'t>(module: &Module, node: Node<'t>) -> Option<Node<'t>> {
    let variable = module.field(node, "left");
    let from = node.child_by_field_name("right")?;
    let body = node.child_by_field_name("body")?;
    let written = module.source(node);
    let [statement] = named_children(body)[..] else {
        return None;
    };
    let yielded = module.source(statement).strip_prefix("yield ")?;
    let function = std::iter::successors(Some(node), Node::parent)
        .find(|it| matches!(it.kind(), "function_definition" | "class_definition"))?;
    let mut count = 0;
    walk(function, |node| {
        count += usize::from(node.kind() == "identifier" && module.source(node) == variable);
        true
    });
    let is_plain = written.starts_with("for ") && !written.contains('#');
    let goes = is_plain
        && yielded == variable
        && count == 2
        && node.child_by_field_name("alternative").is_none()
        && from.kind() != "expression_list"
        && module.source(function).starts_with("def ")
        && !is_marked(module, span(node));
    goes.then_some(from)
}

/// `super(A, self)` in a method of `A`, without what Python 3 knows.
fn super_of_itself(module: &Module, call: Node<'_>) -> Option<Edit> {
    let list = call.child_by_field_name("arguments")?;
    let [class, instance] = named_children(list)[..] else {
        return None;
    };
    let mut around = std::iter::successors(Some(call), Node::parent);
    let function = around.find(|it| matches!(it.kind(), "function_definition" | "lambda"))?;
    let parameters = named_children(function.child_by_field_name("parameters")?);
    let first = parameters.first().map(|it| module.source(*it));
    let block = decorated(function).parent()?;
    let owner = block
        .parent()
        .filter(|it| it.kind() == "class_definition")?;
    let goes = module.field(call, "function") == "super"
        && module.field(owner, "name") == module.source(class)
        && first == Some(module.source(instance))
        && instance.kind() == "identifier"
        && !is_in_marked(module, call);
    goes.then(|| (span(list), "()".to_owned()))
}

/// A class without `object` as its last base.
fn without_object(module: &Module, class: Node<'_>) -> Option<Edit> {
    let list = class.child_by_field_name("superclasses")?;
    let bases = named_children(list);
    let (last, others) = bases.split_last()?;
    let is_plain = |base: &Node<'_>| matches!(base.kind(), "identifier" | "attribute");
    let own_comment = module.source(list).contains('#');
    let header = Span::new(class.start_byte(), list.end_byte());
    if module.source(*last) != "object"
        || own_comment
        || !others.iter().all(is_plain)
        || is_marked(module, header)
    {
        return None;
    }
    let others: Vec<&str> = others.iter().map(|base| module.source(*base)).collect();
    let written = match others.as_slice() {
        [] => String::new(),
        others => format!("({})", others.join(", ")),
    };
    Some((span(list), written))
}

/// Whether a name is read there, and certainly not bound.
fn is_read(name: Node<'_>) -> bool {
    name.parent().is_some_and(|parent| {
        let is = |field: &str| {
            let child = parent.child_by_field_name(field);
            child.is_some_and(|it| it.id() == name.id())
        };
        match parent.kind() {
            "argument_list" | "comparison_operator" | "list" | "tuple" | "attribute" => true,
            "keyword_argument" | "call" => true,
            "assignment" | "default_parameter" => is("right") || is("value"),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::write::MARK;
    use super::without_python2;

    #[test]
    fn what_python_3_does_without_goes() {
        let text = format!(
            "\
from __future__ import annotations
from __future__ import division

from six.moves import range
from six.moves import reduce
from builtins import object
from builtins import str
from io import open
from six import next as following


class A(object):
    text = u'a' U\"b\" b'c'


class B(A, object):
    pass


class C(object, metaclass=Meta):
    pass


class D(object):{MARK}
    pass


def test_one(kind=object):
    assert patch('test_a.open', u'x') == f(
        u'y',{MARK}
        u'z',
    )
    with u'open'.join(a):
        run(u'a'){MARK}
    if u'b':
        run(){MARK}
    elif run(u'c'):{MARK}
        run(u'd')
"
        );
        expect![[r#"
            from __future__ import annotations

            from six.moves import reduce
            from io import open
            from six import next as following


            class A:
                text = 'a' "b" b'c'


            class B(A):
                pass


            class C(object, metaclass=Meta):
                pass


            class D(object): #!
                pass


            def test_one(kind=object):
                assert patch('test_a.open', u'x') == f(
                    u'y', #!
                    u'z',
                )
                with 'open'.join(a):
                    run(u'a') #!
                if 'b':
                    run() #!
                elif run(u'c'): #!
                    run('d')
        "#]]
        .assert_eq(&without_python2(&text).replace(MARK, " #!"));
    }

    #[test]
    fn a_loop_that_hands_on_is_none() {
        let text = format!(
            "\
def one(things):
    for thing in things:
        yield thing
    for other, in things:
        yield other


def two(things, names):
    for thing in things[
        1:
    ]:
        yield thing
    for name in names: yield name
    for part in u'ab':
        yield part
    for other in a, b:
        yield other


def three(things):
    for thing in things:
        yield thing
    return thing


async def four(things):
    for thing in things:
        yield thing


def five(things):
    for thing in things:{MARK}
        yield thing
"
        );
        expect![[r#"
            def one(things):
                yield from things
                for other, in things:
                    yield other


            def two(things, names):
                yield from things[
                    1:
                ]
                yield from names
                yield from 'ab'
                for other in a, b:
                    yield other


            def three(things):
                for thing in things:
                    yield thing
                return thing


            async def four(things):
                for thing in things:
                    yield thing


            def five(things):
                for thing in things: #!
                    yield thing
        "#]]
        .assert_eq(&without_python2(&text).replace(MARK, " #!"));
    }

    #[test]
    fn a_method_knows_its_class() {
        let text = format!(
            "\
class A(B):
    def setup(self):
        super(A, self).setup()
        super(B, self).setup()
        super(A, other).setup()

    @classmethod
    def make(cls):
        super(A, cls).make(){MARK}

        def inner(self):
            super(A, self).setup()

        return super(A, cls).make()
"
        );
        expect![[r#"
            class A(B):
                def setup(self):
                    super().setup()
                    super(B, self).setup()
                    super(A, other).setup()

                @classmethod
                def make(cls):
                    super(A, cls).make() #!

                    def inner(self):
                        super(A, self).setup()

                    return super().make()
        "#]]
        .assert_eq(&without_python2(&text).replace(MARK, " #!"));
    }

    #[test]
    fn another_object_is_a_base() {
        for text in [
            "from shop import object\n\n\nclass A(object):\n    pass\n",
            "def f(object):\n    class A(object):\n        pass\n",
            "for object in things:\n    class A(object):\n        pass\n",
        ] {
            assert_eq!(without_python2(text), text);
        }
    }
}

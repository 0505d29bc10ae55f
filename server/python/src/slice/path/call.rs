//! A call that a function's body can stand for.

use tree_sitter::Node;

use super::Step;
use crate::slice::facts::{Facts, Names};
use crate::slice::write::Writer;
use crate::source::{Arguments, Module, decorators, is_label, named_children, undecorated, walk};

/// A function that asks who calls it is another one elsewhere.
const LOOKS_AROUND: [&str; 7] = [
    "locals",
    "globals",
    "vars",
    "super",
    "_getframe",
    "currentframe",
    "__class__",
];

pub(super) struct Call<'t> {
    call: Node<'t>,
    /// All of it is the call, but for what its value is for.
    pub(super) statement: Node<'t>,
    pub(super) caller: Node<'t>,
}

impl<'t> Call<'t> {
    /// The call of the function or method that an identifier names.
    pub(super) fn at(module: &Module, mention: Node<'t>) -> Option<Self> {
        let mut callee = mention;
        let parent = mention.parent()?;
        if parent.kind() == "attribute" {
            let object = parent.child_by_field_name("object")?;
            let own = parent.child_by_field_name("attribute") == Some(mention);
            if !own || module.source(object) != "self" {
                return None;
            }
            callee = parent;
        }
        let call = callee.parent().filter(|it| it.kind() == "call")?;
        if call.child_by_field_name("function") != Some(callee) {
            return None;
        }
        let mut value = call;
        let mut statement = call.parent()?;
        if statement.kind() == "await" {
            value = statement;
            statement = statement.parent()?;
        }
        if statement.kind() == "assignment" && statement.child_by_field_name("right") == Some(value)
        {
            statement = statement.parent()?;
        }
        let is_all = match statement.kind() {
            "expression_statement" => statement.named_child_count() == 1,
            "return_statement" => true,
            "assert_statement" => statement.named_child(0) == Some(value),
            _ => false,
        };
        is_all.then_some(Self {
            call,
            statement,
            caller: statement,
        })
    }

    /// Whether it is called on `self`.
    pub(super) fn is_of_method(&self) -> bool {
        let callee = self.call.child_by_field_name("function");
        callee.is_some_and(|it| it.kind() == "attribute")
    }

    /// Whether it stands in a loop, or in what is called by itself.
    pub(super) fn is_repeated(&self) -> bool {
        let mut node = self.statement;
        while let Some(parent) = node.parent() {
            if parent == self.caller {
                return false;
            }
            if matches!(
                parent.kind(),
                "for_statement" | "while_statement" | "lambda" | "function_definition"
            ) {
                return true;
            }
            node = parent;
        }
        true
    }

    /// The parameters of the function as assignments in front of its body; where a parameter is another name of a local, the body
    /// gets that name, as far as the failing row stays as it is. `None` where the body would not do the same in the caller.
    pub(super) fn as_assignments(
        &self,
        module: &'t Module,
        step: &Step<'t>,
        failing: Option<usize>,
        writer: &mut Writer<'t>,
    ) -> Option<Vec<String>> {
        let function = step.function;
        let inner = function.child_by_field_name("body")?;
        if !decorators(function).is_empty() || !may_move(module, inner, step.row) {
            return None;
        }
        let awaited = self.call.parent()?.kind() == "await";
        if awaited != is_async(module, function) || (awaited && !is_async(module, self.caller)) {
            return None;
        }
        let pairs = self.pairs(module, function)?;
        let facts = Facts::of(module, inner);
        let around = self.facts_of_caller(module)?;
        let own: Names = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut bound = Names::new();
        let mut lines = Vec::new();
        for (name, value) in &pairs {
            let source = module.source(*value);
            if !facts.uses.contains(*name) {
                if value.kind() == "call" {
                    return None;
                }
                continue;
            }
            if source == *name {
                continue;
            }
            let is_alias = value.kind() == "identifier"
                && !facts.binds.contains(*name)
                && !facts.binds.contains(source)
                && !own.contains(source)
                && rename(module, inner, name, source, failing, writer);
            if is_alias {
                continue;
            }
            // An argument reads names as they were before the call.
            let used = Facts::of(module, *value).uses;
            let other = |it: &String| {
                bound.contains(it) || (facts.binds.contains(it) && !around.binds.contains(it))
            };
            if source.contains('\n') || used.iter().any(other) {
                return None;
            }
            bound.insert((*name).to_owned());
            lines.push(format!("{name} = {source}"));
        }
        bound.extend(facts.binds.iter().cloned());
        let hides = facts
            .free()
            .iter()
            .any(|name| name != "self" && !own.contains(name) && around.binds.contains(name));
        let hidden = bound.iter().any(|name| {
            !name.contains('.')
                && (around.uses.contains(name) && !around.binds.contains(name)
                    || around.kept.contains(name))
        });
        (!hides && !hidden).then_some(lines)
    }

    /// Each parameter of the function with what the call gives for it.
    fn pairs(&self, module: &'t Module, function: Node<'t>) -> Option<Vec<(&'t str, Node<'t>)>> {
        let given = Arguments::of(module, self.call);
        if given.unpacked {
            return None;
        }
        let mut parameters = named_children(function.child_by_field_name("parameters")?);
        if self.is_of_method() {
            let first = (!parameters.is_empty()).then(|| parameters.remove(0))?;
            if module.source(first) != "self" {
                return None;
            }
        }
        let mut positional = given.positional.iter();
        let mut pairs = Vec::new();
        for parameter in parameters {
            let (name, default) = match parameter.kind() {
                "identifier" => (parameter, None),
                "default_parameter" | "typed_default_parameter" => (
                    parameter.child_by_field_name("name")?,
                    parameter.child_by_field_name("value"),
                ),
                "typed_parameter" => (parameter.named_child(0)?, None),
                "keyword_separator" | "positional_separator" => continue,
                _ => return None,
            };
            if name.kind() != "identifier" {
                return None;
            }
            let name = module.source(name);
            let value = positional.next().copied().or_else(|| given.keyword(name));
            let plain = default.filter(|it| {
                matches!(
                    it.kind(),
                    "integer" | "float" | "string" | "none" | "true" | "false" | "attribute"
                )
            });
            pairs.push((name, value.or(plain)?));
        }
        let all_named = given
            .keywords
            .iter()
            .all(|(name, _)| pairs.iter().any(|(known, _)| known == name));
        (positional.next().is_none() && all_named).then_some(pairs)
    }

    fn facts_of_caller(&self, module: &'t Module) -> Option<Around> {
        let mut binds = Names::new();
        let mut uses = Names::new();
        let mut kept = Names::new();
        let parameters = self.caller.child_by_field_name("parameters")?;
        walk(parameters, |node| {
            if node.kind() == "identifier" {
                binds.insert(module.source(node).to_owned());
            }
            true
        });
        let facts = Facts::of(module, self.caller.child_by_field_name("body")?);
        binds.extend(facts.binds);
        // The call's own statement ends with the failure: what it reads, it reads before.
        walk(self.caller.child_by_field_name("body")?, |node| {
            if node == self.statement {
                return false;
            }
            if node.kind() == "identifier" {
                uses.insert(module.source(node).to_owned());
            }
            if matches!(node.kind(), "lambda" | "function_definition") {
                kept.extend(Facts::of(module, node).uses);
            }
            true
        });
        Some(Around { binds, uses, kept })
    }
}

/// Names of the caller, without the call's own statement.
struct Around {
    binds: Names,
    uses: Names,
    /// Names that functions inside of it read when they are called.
    kept: Names,
}

/// Whether a body does the same elsewhere: it returns nowhere but on the row that it fails on, and does not look around.
fn may_move(module: &Module, body: Node<'_>, row: usize) -> bool {
    let mut may = true;
    walk(body, |node| {
        match node.kind() {
            "return_statement" => {
                let (first, last) = crate::slice::tree::rows(node);
                may &= first <= row && row <= last;
            }
            "yield" | "global_statement" | "nonlocal_statement" => may = false,
            "identifier" => may &= !LOOKS_AROUND.contains(&module.source(node)),
            _ => {}
        }
        !matches!(
            node.kind(),
            "function_definition" | "lambda" | "class_definition"
        )
    });
    may
}

/// Gives a body the caller's name of a parameter; not where the failing row or a function in it has it.
fn rename<'t>(
    module: &'t Module,
    body: Node<'t>,
    name: &str,
    other: &str,
    failing: Option<usize>,
    writer: &mut Writer<'t>,
) -> bool {
    let mut places = Vec::new();
    let mut may = true;
    walk(body, |node| {
        if matches!(
            node.kind(),
            "function_definition" | "lambda" | "class_definition"
        ) {
            may &= !Facts::of(module, node).uses.contains(name);
            return false;
        }
        if node.kind() == "identifier" && module.source(node) == name && !is_label(node) {
            let mut statement = node;
            while !crate::source::is_statement(statement) {
                let Some(parent) = statement.parent() else {
                    break;
                };
                statement = parent;
            }
            let (first, last) = crate::slice::tree::rows(undecorated(statement));
            let fails = failing.is_some_and(|row| first <= row && row <= last);
            let is_line = fails
                && named_children(statement)
                    .iter()
                    .all(|it| it.kind() != "block");
            may &= !is_line && node.parent().is_none_or(|it| it.kind() != "interpolation");
            places.push((node.start_byte(), node.end_byte()));
        }
        true
    });
    if may {
        for (start, end) in places {
            writer.edit(start, end, other);
        }
    }
    may
}

fn is_async(module: &Module, function: Node<'_>) -> bool {
    module.source(function).starts_with("async")
}

//! Whether a statement changes what the failing line needs.

use super::{Cutter, patched};
use crate::model::Level;
use crate::slice::effects::{self, Weight};
use crate::slice::facts::{self, Call, Facts, Names};
use crate::slice::methods;
use crate::slice::tree::{Kind, Statement};

impl Cutter<'_> {
    pub(super) fn block_matters(&self, statement: &Statement, live: &Names) -> bool {
        self.matters_by(statement, live)
            || statement
                .clauses()
                .iter()
                .flat_map(|clause| &clause.body)
                .any(|inner| match inner.clauses().is_empty() {
                    true => self.matters(inner, live),
                    false => self.block_matters(inner, live),
                })
    }

    fn matters_by(&self, statement: &Statement, live: &Names) -> bool {
        let facts = statement.facts();
        facts.binds.iter().any(|name| live.contains(name))
            || (!self.hints.types_only && facts.stores.iter().any(|name| self.watched(name, live)))
    }

    /// Whether a simple statement (or definition) changes what is needed.
    pub(super) fn matters(&self, statement: &Statement, live: &Names) -> bool {
        if self.matters_by(statement, live) {
            return true;
        }
        let facts = statement.facts();
        if patched::sets_up(facts, &self.patched) {
            return true;
        }
        if !facts.outer.is_empty() {
            return self.level > Level::Smallest
                || facts.outer.iter().any(|name| live.contains(name));
        }
        match statement.kind {
            Kind::Function => self.registers(statement, live),
            Kind::Class | Kind::Import => false,
            Kind::Assert => self.asserts_matter(facts, live),
            Kind::Expression if effects::is_assertion(facts) => self.asserts_matter(facts, live),
            Kind::Expression => facts.yields || self.effect_matters(facts, live, true),
            _ => self.effect_matters(facts, live, false),
        }
    }

    /// Whether a function's decorator hands it to something that is needed, which may call it then.
    fn registers(&self, function: &Statement, live: &Names) -> bool {
        let header = function.clauses().first().map(|clause| clause.header);
        let decorated = header.is_some_and(|header| function.span.start < header.start);
        // Calls in the function are not among its facts, those in its decorators are.
        let called = function
            .facts()
            .calls
            .iter()
            .filter_map(|call| call.root.as_ref());
        let named = function.facts().attributes.iter().map(|(root, _)| root);
        decorated
            && self.level > Level::Smallest
            && called.chain(named).any(|root| self.changes(root, live))
    }

    fn is_called_back(&self, live: &Names) -> bool {
        self.called_back.iter().any(|name| live.contains(name))
    }

    fn asserts_matter(&self, facts: &Facts, live: &Names) -> bool {
        self.level > Level::Smallest
            && facts.calls.iter().any(|call| {
                call.path == "next"
                    || (!effects::is_pure(&call.method)
                        && call
                            .root
                            .as_ref()
                            .is_some_and(|root| self.changes(root, live)))
            })
    }

    fn effect_matters(&self, facts: &Facts, live: &Names, is_statement: bool) -> bool {
        let observed = effects::observes(live);
        facts.calls.iter().any(|call| {
            let conservative = self.level > Level::Smallest;
            if observed && (effects::weight(call) != Weight::None || effects::is_output(call)) {
                // It may write, log or send what is looked at later.
                return true;
            }
            let mut handed = call.arguments.iter();
            if handed.any(|it| self.closures.contains_key(it)) && self.is_called_back(live) {
                return true;
            }
            if effects::runs_beside(call) && self.beside.iter().any(|it| live.contains(it)) {
                return true;
            }
            let is_awaited = |root: &String| self.beside.contains(root);
            if self.starts
                && is_statement
                && effects::is_mutator(&call.method)
                && call.root.as_ref().is_some_and(is_awaited)
            {
                // What runs beside the test may have waited for it.
                return true;
            }
            match effects::weight(call) {
                Weight::None => return false,
                Weight::World => return true,
                Weight::Random if conservative => return true,
                _ if self.hints.types_only => return false,
                _ => {}
            }
            if is_statement && self.acts_on_instance(&call.path, live) {
                return true;
            }
            if is_statement
                && self.is_of_base(call)
                && live.iter().any(|it| is_part_of_instance(it))
            {
                return true;
            }
            let acts = is_statement || !effects::is_pure(&call.method);
            if conservative && acts && self.is_called_back(live) {
                return true;
            }
            // What is called on a part of the test's instance may reach all of it: through a callback, or by a method that sets it up.
            if conservative
                && acts
                && call.root.as_deref().is_some_and(is_of_instance)
                && live.iter().any(|name| is_part_of_instance(name))
            {
                return true;
            }
            if let Some(root) = &call.root
                && self.changes(root, live)
                && (is_statement
                    || effects::is_mutator(&call.method)
                    || (conservative && !effects::is_pure(&call.method)))
            {
                return true;
            }
            if !is_statement {
                return conservative
                    && effects::is_mutator(&call.method)
                    && call.arguments.iter().any(|name| self.changes(name, live));
            }
            if call.arguments.iter().any(|name| self.changes(name, live)) {
                return true;
            }
            let about_locals = call
                .root
                .as_ref()
                .is_some_and(|root| !self.fixed.contains(root))
                || call.arguments.iter().any(|name| !self.fixed.contains(name));
            !about_locals && (conservative || effects::is_mutator(&call.method))
        })
    }

    /// `self.interpreter(code)`: what is called may keep something of the call. Methods of the class are no such things.
    fn acts_on_instance(&self, path: &str, live: &Names) -> bool {
        is_attribute_of_instance(path) && live.contains(path) && !self.methods.contains_key(path)
    }

    /// `Base.setUp(self)`: what a base does to the instance.
    fn is_of_base(&self, call: &Call) -> bool {
        let given = call.arguments.iter().any(|it| facts::is_instance(it));
        let root = call.root.as_ref();
        given
            && root.is_some_and(|root| self.fixed.contains(root))
            && (methods::is_setup(&call.method) || self.level > Level::Smallest)
    }

    /// A name that a call may change: needed, or part of something needed, and no import, function or class.
    fn changes(&self, name: &str, live: &Names) -> bool {
        !self.fixed.contains(name) && name != "self" && name != "cls" && self.watched(name, live)
    }

    fn watched(&self, name: &str, live: &Names) -> bool {
        live.contains(name) || self.groups.reaches(name, live)
    }
}

/// Whether a name is that of the test's instance or class, or of a part of it.
fn is_of_instance(name: &str) -> bool {
    facts::is_instance(name.split('.').next().unwrap_or_default())
}

/// Whether a name is that of an attribute of the test's instance or class.
fn is_part_of_instance(name: &str) -> bool {
    name.contains('.') && is_of_instance(name)
}

/// `self.name` and no more.
fn is_attribute_of_instance(path: &str) -> bool {
    let name = path.strip_prefix("self.").or(path.strip_prefix("cls."));
    name.is_some_and(|name| !name.contains('.'))
}

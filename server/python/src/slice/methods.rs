//! The class around a sliced test: kept where the test uses it, with the members that it uses.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::Builder;
use super::cut::Cut;
use super::facts::{self, Facts, Names};
use super::tree::{Kind, Statement};
use super::uses_of;
use crate::model::{CriterionPhase, Level};
use crate::params::value::Code;
use crate::source::Module;

const SETUP: [&str; 10] = [
    "setUp",
    "setUpClass",
    "setup_method",
    "setup_class",
    "setup",
    "asyncSetUp",
    "setUpTestData",
    "__init__",
    "setup_module",
    "asyncSetUpClass",
];

const TEARDOWN: [&str; 6] = [
    "tearDown",
    "tearDownClass",
    "teardown_method",
    "teardown_class",
    "teardown",
    "asyncTearDown",
];

/// Methods that call each other are followed so far.
const METHOD_DEPTH: usize = 4;

impl<'s> Builder<'_, 's, '_> {
    /// Whether the test cannot stand without its class.
    pub(super) fn class_is_needed(
        &self,
        module: &'s Module,
        class: &Statement,
        uses_self: bool,
    ) -> bool {
        let in_setup = self.frame_in(module, class) && self.criterion.phase != CriterionPhase::Call;
        uses_self
            || in_setup
            || self.fails_in_set_up()
            || !self.class_decorators(module, class).is_empty()
            || matches!(
                self.criterion.phase,
                CriterionPhase::Teardown | CriterionPhase::Collect
            )
            || self.level == Level::Whole
            || (self.level > Level::Smallest
                && members(class)
                    .iter()
                    .any(|member| is_fixture(module, member)))
            || members(class)
                .iter()
                .any(|member| self.requested.contains(&member.name) && is_fixture(module, member))
    }

    /// Whether a frame of the log is in a member of the class that is no test.
    fn frame_in(&self, module: &Module, class: &Statement) -> bool {
        let mut members = members(class)
            .iter()
            .filter(|it| it.kind == Kind::Function && !it.name.starts_with("test"));
        members.any(|it| self.bring.row_in(module, it).is_some())
    }

    /// The decorators of a class that do more than to mark it, to multiply its tests or to skip them, each with its line end.
    fn class_decorators(&self, module: &'s Module, class: &Statement) -> String {
        let node = class_node(module, class);
        node.map(crate::source::decorators)
            .unwrap_or_default()
            .into_iter()
            .filter(|decorator| !self.stands_for_marks(module, *decorator))
            .map(|decorator| module.source(decorator))
            .filter(|source| {
                let name = source.split('(').next().unwrap_or_default();
                let is_idle = name.contains("mark.") || matches!(name, "ddt" | "ddt.ddt");
                !is_idle && !self.only_skips(name)
            })
            .map(|source| format!("@{source}\n"))
            .collect()
    }

    /// The class with the members that `test` needs and `test` itself. The class stands in `module`, which is another file than
    /// the test's function where that is inherited.
    pub(super) fn class_around(
        &mut self,
        module: &'s Module,
        class: &Statement,
        test: &str,
        body: &str,
    ) -> String {
        let decorators = self.class_decorators(module, class);
        let header = class
            .clauses()
            .first()
            .map_or("", |clause| clause.header.of(&module.text))
            .to_owned();
        // `super(TestShop, self)` and `TestShop.limit` are about the class itself.
        let own = Names::from([class.name.clone()]);
        let instance_names = |text: &str| {
            let code = Module::generated(text);
            instance_names(&code, code.root(), &class.name)
        };
        let mut needed = instance_names(body);
        needed.extend(self.overridden(module, class));
        let mut kept: BTreeSet<usize> = BTreeSet::new();
        let mut texts: BTreeMap<usize, String> = BTreeMap::new();
        let external_base =
            header.contains('(') && !header.contains("TestCase)") && !header.contains("(object)");
        for _ in 0..8 {
            let before = (needed.len(), kept.len());
            for member in members(class) {
                if let Some(text) = self.member(module, member, &needed, &header, external_base) {
                    if texts.get(&member.id()) == Some(&text) {
                        continue;
                    }
                    needed.extend(instance_names(&text));
                    needed.extend(names_of_body(module, member));
                    if is_fixture(module, member) {
                        let requests = self.requests_of(module, member);
                        for request in &requests {
                            self.bring_fixture(request, 0);
                        }
                        needed.extend(requests);
                    }
                    kept.insert(member.id());
                    texts.insert(member.id(), text);
                }
            }
            if before == (needed.len(), kept.len()) {
                break;
            }
        }
        let mut text = format!("{decorators}{}", header.trim_end());
        text.push('\n');
        let mut first = true;
        let plain = header.replace("class ", "class _");
        let mut all = format!("{decorators}{}", plain.trim_end());
        all.push_str("\n    pass\n");
        self.bring.needs_of(module, &all, &own);
        for member in texts.values() {
            let definition = member.starts_with("def ")
                || member.starts_with('@')
                || member.starts_with("async ")
                || member.starts_with("class ");
            if !first && definition {
                text.push('\n');
            }
            let lines: Vec<String> = member.split('\n').map(str::to_owned).collect();
            text.push_str(&super::indented(&lines));
            text.push('\n');
            self.bring.needs_of(
                module,
                &format!("class _:\n{}", super::indented(&lines)),
                &own,
            );
            first = false;
        }
        if !first {
            text.push('\n');
        }
        let lines: Vec<String> = test.split('\n').map(str::to_owned).collect();
        text.push_str(&super::indented(&lines));
        text
    }

    /// The methods that a class and its bases in the workspace have besides tests, as `self.name`, with the attributes of the instance
    /// that each uses, by itself or by others.
    pub(super) fn methods_of(
        &self,
        module: &'s Module,
        class: &Statement,
    ) -> BTreeMap<String, Names> {
        let node = class_node(module, class);
        let classes = node.map(|node| self.project.method_resolution_order(Code { module, node }));
        let mut methods: BTreeMap<String, Names> = BTreeMap::new();
        for code in classes.into_iter().flatten() {
            for member in crate::source::body(code.node) {
                let member = crate::source::undecorated(member);
                let name = code.module.field(member, "name");
                let is_test = name.starts_with("test") && *name != self.test.function;
                if member.kind() != "function_definition" || is_test {
                    continue;
                }
                let used = instance_names(code.module, member, &class.name);
                let used = used.iter().map(|it| format!("self.{it}"));
                methods
                    .entry(format!("self.{name}"))
                    .or_default()
                    .extend(used);
            }
        }
        for _ in 0..METHOD_DEPTH {
            let known = methods.clone();
            for used in methods.values_mut() {
                let more: Vec<&Names> = used.iter().filter_map(|it| known.get(it)).collect();
                let more: Names = more.into_iter().flatten().cloned().collect();
                used.extend(more);
            }
            if known == methods {
                break;
            }
        }
        methods
    }

    /// Attributes of the instance that its methods, tests apart, make of others, and methods that give one: what happens to the one is
    /// seen in the other.
    pub(super) fn parts_of_instance(
        &self,
        module: &'s Module,
        class: &Statement,
    ) -> Vec<(String, String)> {
        let node = class_node(module, class);
        let classes = node.map(|node| self.project.method_resolution_order(Code { module, node }));
        let mut pairs = Vec::new();
        for code in classes.into_iter().flatten() {
            for member in crate::source::body(code.node) {
                let member = crate::source::undecorated(member);
                let name = code.module.field(member, "name");
                if member.kind() != "function_definition" || name.starts_with("test") {
                    continue;
                }
                pairs.extend(Facts::of_all(code.module, crate::source::body(member)).aliases);
                crate::source::walk(member, |node| {
                    if node.kind() == "return_statement" {
                        let given = crate::source::named_children(node);
                        let of = given.first().and_then(|it| facts::root(code.module, *it));
                        pairs.extend(of.map(|of| (format!("self.{name}"), of)));
                    }
                    true
                });
            }
        }
        pairs.retain(|(of, part)| of.starts_with("self.") && part.starts_with("self."));
        pairs
    }

    /// The names that the class's bases in the workspace define or ask for, tests apart: what a class has of them is used by the
    /// bases.
    fn overridden(&self, module: &'s Module, class: &Statement) -> Names {
        let Some(node) = class_node(module, class) else {
            return Names::new();
        };
        let bases = self
            .project
            .method_resolution_order(Code { module, node })
            .into_iter()
            .skip(1);
        bases
            .flat_map(|base| {
                let scope = self.project.scope_of(base.module, base.node);
                let names = scope.bindings.iter().map(|binding| binding.name.to_owned());
                let asked = instance_names(base.module, base.node, &class.name);
                names.chain(asked).collect::<Vec<String>>()
            })
            .filter(|name| !name.starts_with("test"))
            .collect()
    }

    /// The text of a member, as far as it is needed.
    fn member(
        &mut self,
        module: &'s Module,
        member: &Statement,
        needed: &Names,
        header: &str,
        external_base: bool,
    ) -> Option<String> {
        let name = member.name.as_str();
        let cut = match member.kind {
            Kind::Docstring => return None,
            Kind::Function if name.starts_with("test") && name == self.test.function => {
                return None;
            }
            Kind::Function if SETUP.contains(&name) => {
                Some(self.cut_setup(module, member, needed)?)
            }
            Kind::Function if TEARDOWN.contains(&name) => {
                let ends = self.criterion.phase == CriterionPhase::Teardown;
                (ends || self.level == Level::Whole).then_some(None)?
            }
            Kind::Function => {
                let text = member.span.of(&module.text);
                let is_fixture = is_fixture(module, member);
                let uses_needed = || needed.iter().any(|it| text.contains(&format!("self.{it}")));
                let is_asked = needed.contains(name)
                    || is_fixture && self.requested.iter().any(|it| it == name)
                    || is_fixture
                        && text.contains("autouse")
                        && (self.level > Level::Smallest || uses_needed());
                is_asked.then(|| self.bring.executed(module, member))?
            }
            _ if self.attribute_stays(member, needed, header, external_base) => None,
            _ => return None,
        };
        let mut lines = Vec::new();
        let writer = self.bring.writer(module);
        if member.kind == Kind::Function {
            writer.definition(member, cut.as_ref(), 0, &mut lines);
        } else {
            writer.whole(member, 0, &mut lines);
        }
        Some(lines.join("\n"))
    }

    /// What the class needs of a setup; `None` where that is nothing.
    fn cut_setup(&self, module: &'s Module, setup: &Statement, needed: &Names) -> Option<Cut> {
        let body = &setup.clauses().first()?.body;
        let row = self.bring.row_in(module, setup);
        let of_instance = |name: &String| [format!("self.{name}"), format!("cls.{name}")];
        let cut = self.bring.cut(module, body, |cutter| {
            match row {
                Some(row) => cutter.keep_to_row(body, row),
                None => cutter.keep_to_end(body, needed.iter().flat_map(of_instance).collect()),
            };
        });
        body.iter().any(|inner| cut.keeps(inner)).then_some(cut)
    }

    /// Whether a member that is no function stays.
    fn attribute_stays(
        &self,
        member: &Statement,
        needed: &Names,
        header: &str,
        external_base: bool,
    ) -> bool {
        const SPECIAL: [&str; 4] = ["maxDiff", "longMessage", "databases", "fixtures"];
        let binds = &member.facts().binds;
        let is_config = external_base && self.level > Level::Smallest && member.assigns.is_some();
        let is_bound = |name: &String| {
            needed.contains(name)
                || SPECIAL.contains(&name.as_str())
                || header.contains(name.as_str())
        };
        !binds.contains("pytestmark")
            && (is_config
                || binds.iter().any(is_bound)
                || self.level >= Level::Body && member.kind == Kind::Simple)
    }
}

/// Whether the runner calls a method by its name.
pub(super) fn is_setup(name: &str) -> bool {
    let of_module = ["setUpModule", "setup_function"];
    SETUP.contains(&name)
        || TEARDOWN.contains(&name)
        || of_module.contains(&name)
        || name == "runTest"
}

fn class_node<'s>(module: &'s Module, class: &Statement) -> Option<Node<'s>> {
    module
        .enclosing(module.line_of(class.span.start))
        .into_iter()
        .map(crate::source::undecorated)
        .rfind(|node| {
            node.kind() == "class_definition" && module.field(*node, "name") == class.name
        })
}

fn members<'a, 't>(class: &'a Statement<'t>) -> &'a [Statement<'t>] {
    class.clauses().first().map_or(&[], |clause| &clause.body)
}

fn is_fixture(module: &Module, member: &Statement) -> bool {
    member.kind == Kind::Function && head(module, member).contains("fixture")
}

/// The names that a member reads while the class's body runs: not those that its own body reads when it is called.
fn names_of_body(module: &Module, member: &Statement) -> Names {
    match member.kind {
        Kind::Function | Kind::Class => uses_of(&format!("{}\n    pass", head(module, member))),
        _ => member.facts().uses.clone(),
    }
}

/// A definition's decorators and its header.
fn head<'m>(module: &'m Module, member: &Statement) -> &'m str {
    let clause = member.clauses().first();
    let head = clause.map(|clause| text::Span::new(member.span.start, clause.header.end));
    head.map_or("", |head| head.of(&module.text))
}

/// The attributes of `self`, `cls` and the class that a piece of code names, in methods too.
fn instance_names(module: &Module, code: Node<'_>, class: &str) -> Names {
    let mut names = Names::new();
    crate::source::walk(code, |node| {
        if node.kind() == "attribute" {
            let object = module.field(node, "object");
            if super::facts::is_instance(object) || object == class {
                names.insert(module.field(node, "attribute").to_owned());
            }
        }
        true
    });
    names
}

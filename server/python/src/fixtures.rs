//! Fixtures: which ones a test uses, by pytest's rules of visibility and order.

mod plugins;
pub(crate) mod requests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use tree_sitter::Node;

use self::plugins::{entry_points, named_plugins};
use self::requests::requested;
use crate::items::Found;
use crate::marks::MarkUse;
use crate::model::Fixture;
use crate::params::evaluate::{Env, Evaluator};
use crate::params::value::{Code, Value};
use crate::project::{Project, Resolved, ancestors, join, split};
use crate::scope::BindingKind;
use crate::source::{Arguments, Module, decorated, decorators, span};

/// A fixture as its decorator says it.
#[derive(Debug, Clone)]
pub(crate) struct Definition<'s> {
    pub(crate) name: String,
    pub(crate) function: Code<'s>,
    pub(crate) class: Option<Node<'s>>,
    pub(crate) scope: String,
    pub(crate) autouse: bool,
    pub(crate) params: Option<Node<'s>>,
    pub(crate) ids: Option<Node<'s>>,
    pub(crate) requests: Vec<String>,
}

impl Definition<'_> {
    pub(crate) fn model(&self) -> Fixture {
        Fixture {
            name: self.name.clone(),
            path: Some(self.function.module.path.clone()),
            span: span(decorated(self.function.node)),
            scope: self.scope.clone(),
            autouse: self.autouse,
            requests: self.requests.clone(),
            param: None,
        }
    }
}

/// A place that fixtures are registered at: a module (plugin, conftest, test file) or a class with its bases.
#[derive(Debug, Clone, Copy)]
enum Level<'s> {
    Module(&'s Module),
    Class(Code<'s>),
}

type Definitions<'s> = Rc<Vec<Definition<'s>>>;

/// The fixtures that one test can see.
pub(crate) struct Visible<'p, 's> {
    project: &'p Project<'s>,
    evaluator: &'p Evaluator<'p, 's>,
    /// From the widest to the narrowest.
    levels: Vec<Level<'s>>,
    own: RefCell<HashMap<(*const Module, usize), Definitions<'s>>>,
}

/// The fixtures that a test uses.
#[derive(Debug, Default)]
pub(crate) struct Closure<'s> {
    /// Names in the order of set-up, each with its definitions, the widest first; none for pytest's own and those of plugins.
    pub(crate) used: Vec<(String, Vec<Definition<'s>>)>,
}

/// The conftest files above a file, the outermost first.
pub(crate) fn conftests<'s>(project: &Project<'s>, path: &str) -> Vec<&'s Module> {
    let mut chain: Vec<&'s Module> = ancestors(split(path).0)
        .filter_map(|folder| project.module(&join(folder, "conftest.py")))
        .collect();
    chain.reverse();
    chain
}

impl<'p, 's> Visible<'p, 's> {
    pub(crate) fn new(
        project: &'p Project<'s>,
        evaluator: &'p Evaluator<'p, 's>,
        found: &Found<'s>,
    ) -> Self {
        let conftests = conftests(project, &found.module.path);
        let mut levels: Vec<Level<'s>> = Vec::new();
        let named = conftests.iter().chain([&found.module]);
        let mut plugins: Vec<String> = named
            .flat_map(|module| named_plugins(project, evaluator, module))
            .collect();
        plugins.extend(entry_points(project));
        for plugin in plugins {
            if let Some(Resolved::Module(module)) = project.import(&found.module.path, &plugin, 0) {
                levels.push(Level::Module(module));
            }
        }
        levels.extend(conftests.into_iter().map(Level::Module));
        levels.push(Level::Module(found.module));
        levels.extend(found.classes.iter().copied().map(Level::Class));
        Self {
            project,
            evaluator,
            levels,
            own: RefCell::default(),
        }
    }

    /// All fixtures of a name that the test can see, the widest first.
    pub(crate) fn definitions(&self, name: &str) -> Vec<Definition<'s>> {
        self.levels
            .iter()
            .filter_map(|level| self.at_level(*level, name))
            .collect()
    }

    fn at_level(&self, level: Level<'s>, name: &str) -> Option<Definition<'s>> {
        match level {
            Level::Module(module) => self.in_module(module, name, 4),
            Level::Class(class) => self
                .project
                .method_resolution_order(class)
                .into_iter()
                .find_map(|class| {
                    let own = self.own(class.module, Some(class.node));
                    own.iter().rfind(|it| it.name == name).cloned()
                }),
        }
    }

    fn in_module(&self, module: &'s Module, name: &str, hops: usize) -> Option<Definition<'s>> {
        let hops = hops.checked_sub(1)?;
        let own = self.own(module, None);
        if let Some(definition) = own.iter().rfind(|it| it.name == name) {
            return Some(definition.clone());
        }
        // Imported by its name, or with all names of a module.
        let scope = self.project.scope(module);
        if let Some(binding) = scope.get(name) {
            if !matches!(binding.kind, BindingKind::Import { .. }) {
                return None;
            }
            let Resolved::Definition(definition) = self.project.lookup(module, name)? else {
                return None;
            };
            let BindingKind::Function(function) = definition.binding.kind else {
                return None;
            };
            let own = self.own(definition.module, None);
            return own
                .iter()
                .find(|it| it.function.node.id() == function.id())
                .cloned();
        }
        scope.stars.iter().rev().find_map(|(from, level)| {
            match self.project.import(&module.path, from, *level)? {
                Resolved::Module(other) => self.in_module(other, name, hops),
                _ => None,
            }
        })
    }

    /// The fixtures that a module or class itself defines.
    fn own(&self, module: &'s Module, class: Option<Node<'s>>) -> Definitions<'s> {
        let key = (
            std::ptr::from_ref(module),
            class.map_or(0, |class| class.id()),
        );
        if let Some(own) = self.own.borrow().get(&key) {
            return own.clone();
        }
        let mut found = Vec::new();
        // Most modules that are looked at have none.
        if module.text.contains("fixture") {
            let scope = match class {
                Some(class) => self.project.scope_of(module, class),
                None => self.project.scope(module),
            };
            for binding in &scope.bindings {
                if let BindingKind::Function(function) = binding.kind
                    && let Some(definition) = self.parse(module, class, function)
                {
                    found.push(definition);
                }
            }
        }
        let own = Rc::new(found);
        self.own.borrow_mut().insert(key, own.clone());
        own
    }

    fn parse(
        &self,
        module: &'s Module,
        class: Option<Node<'s>>,
        function: Node<'s>,
    ) -> Option<Definition<'s>> {
        let call = decorators(function).into_iter().find_map(|decorator| {
            let call = (decorator.kind() == "call").then_some(decorator);
            let callee = match call {
                Some(call) => call.child_by_field_name("function")?,
                None => decorator,
            };
            let source = module.source(callee);
            if !source.contains("fixture") {
                return None;
            }
            let name = self.project.external_name(module, callee)?;
            let is_fixture = matches!(
                name.as_str(),
                "pytest.fixture"
                    | "pytest.yield_fixture"
                    | "_pytest.fixtures.fixture"
                    | "pytest_asyncio.fixture"
                    | "pytest_twisted.async_fixture"
                    | "pytest_twisted.async_yield_fixture"
            );
            is_fixture.then_some(call)
        })?;
        let env = Env::new(module, class);
        let arguments = call
            .map(|call| Arguments::of(module, call))
            .unwrap_or_default();
        let value = |keyword: &str| {
            arguments
                .keyword(keyword)
                .map(|node| self.evaluator.value(&env, node))
        };
        let scope = arguments
            .get(0, "scope")
            .map(|node| self.evaluator.value(&env, node));
        Some(Definition {
            name: match value("name") {
                Some(Value::Str(name)) => name,
                _ => module.field(function, "name").to_owned(),
            },
            function: Code {
                module,
                node: function,
            },
            class,
            scope: match scope {
                Some(Value::Str(scope)) => scope,
                _ => "function".to_owned(),
            },
            autouse: matches!(value("autouse"), Some(Value::Bool(true))),
            params: arguments
                .get(1, "params")
                .filter(|node| node.kind() != "none"),
            ids: arguments.keyword("ids"),
            requests: requested(module, function, class.is_some()),
        })
    }

    /// The fixtures that a test uses, in the order of set-up. Newer versions of pytest (9) go depth first.
    pub(crate) fn closure(
        &self,
        initial: &[String],
        direct: &[String],
        depth_first: bool,
    ) -> Closure<'s> {
        let mut used: Vec<(String, Vec<Definition<'s>>)> = Vec::new();
        let define = |name: &str| {
            if direct.iter().any(|other| other == name) {
                Vec::new()
            } else {
                self.definitions(name)
            }
        };
        let mut queue: Vec<String> = initial.to_vec();
        if depth_first {
            queue.reverse();
            while let Some(name) = queue.pop() {
                if used.iter().any(|(other, _)| *other == name) {
                    continue;
                }
                let definitions = define(&name);
                for definition in &definitions {
                    queue.extend(definition.requests.iter().rev().cloned());
                }
                used.push((name, definitions));
            }
        } else {
            let mut at = 0;
            while at < queue.len() {
                let name = queue[at].clone();
                at += 1;
                if used.iter().any(|(other, _)| *other == name) {
                    continue;
                }
                let definitions = define(&name);
                for definition in definitions.iter().rev() {
                    queue.extend(definition.requests.iter().cloned());
                    if !definition.requests.contains(&name) {
                        break;
                    }
                }
                used.push((name, definitions));
            }
        }
        used.sort_by_key(|(name, definitions)| {
            scope_rank(
                definitions
                    .last()
                    .map_or(own_scope(name), |it| it.scope.as_str()),
            )
        });
        Closure { used }
    }

    /// The names that a test asks for: of autouse fixtures, of `usefixtures`, of its arguments.
    pub(crate) fn initial(&self, found: &Found<'s>, marks: &[MarkUse<'s>]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for level in &self.levels {
            let mut autouse: Vec<String> = Vec::new();
            match level {
                Level::Module(module) => self.autouse(module, &mut autouse, 3),
                Level::Class(class) => {
                    for class in self.project.method_resolution_order(*class) {
                        let own = self.own(class.module, Some(class.node));
                        autouse
                            .extend(own.iter().filter(|it| it.autouse).map(|it| it.name.clone()));
                    }
                }
            }
            autouse.sort();
            names.extend(autouse);
        }
        for mark in marks.iter().filter(|mark| mark.name == "usefixtures") {
            let env = Env::new(mark.code.module, mark.class);
            for argument in Arguments::of(mark.code.module, mark.code.node).positional {
                if let Value::Str(name) = self.evaluator.value(&env, argument) {
                    names.push(name);
                }
            }
        }
        if let Some(function) = found.function
            && found.kind != crate::ItemKind::TestCase
        {
            names.extend(requested(
                function.module,
                function.node,
                found.owner.is_some(),
            ));
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn autouse(&self, module: &'s Module, names: &mut Vec<String>, hops: usize) {
        let own = self.own(module, None);
        names.extend(own.iter().filter(|it| it.autouse).map(|it| it.name.clone()));
        if hops == 0 {
            return;
        }
        let scope = self.project.scope(module);
        for (from, level) in &scope.stars {
            if let Some(Resolved::Module(other)) = self.project.import(&module.path, from, *level)
                && other.text.contains("autouse")
            {
                self.autouse(other, names, hops - 1);
            }
        }
    }
}

fn scope_rank(scope: &str) -> u8 {
    match scope {
        "session" => 0,
        "package" => 1,
        "module" => 2,
        "class" => 3,
        _ => 4,
    }
}

/// The scope of a fixture of pytest itself.
pub(crate) fn own_scope(name: &str) -> &'static str {
    match name {
        "pytestconfig"
        | "tmp_path_factory"
        | "tmpdir_factory"
        | "doctest_namespace"
        | "record_testsuite_property"
        | "session_mocker"
        | "testrun_uid"
        | "worker_id" => "session",
        "module_mocker" => "module",
        "class_mocker" => "class",
        _ => "function",
    }
}

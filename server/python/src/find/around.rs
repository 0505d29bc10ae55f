//! What runs around a test: its fixtures, its setup and teardown functions.

use crate::fixtures::requests::requested_by_value;
use crate::fixtures::{self, Closure, Definition, Visible};
use crate::items::Found;
use crate::model::{Fixture, ItemKind, Param, Setup};
use crate::params::value::Code;
use crate::project::{Project, Resolved};
use crate::scope::BindingKind;
use crate::source::{decorated, span};

/// The fixtures as the model has them; a fixture's parameter moves from the test's list to the fixture, too.
pub(super) fn used_fixtures<'s>(
    closure: &Closure<'s>,
    found: &Found<'s>,
    visible: &Visible<'_, 's>,
    params: &mut [Param],
) -> Vec<Fixture> {
    let param_of = |name: &str| {
        params
            .iter()
            .find(|param| param.indirect && param.name == name)
            .cloned()
    };
    let is_direct = |name: &str| {
        params
            .iter()
            .any(|param| !param.indirect && param.name == name)
    };
    let mut fixtures: Vec<Fixture> = Vec::new();
    let mut add = |name: &str, definitions: &[Definition<'s>]| {
        if name == "request" || is_direct(name) {
            return;
        }
        if definitions.is_empty() {
            fixtures.push(Fixture {
                name: name.to_owned(),
                scope: fixtures::own_scope(name).to_owned(),
                ..Fixture::default()
            });
            return;
        }
        // A fixture that requests the one that it overrides brings it along, before it.
        let mut chain = Vec::new();
        for definition in definitions.iter().rev() {
            chain.push(definition.model());
            if !definition.requests.iter().any(|request| request == name) {
                break;
            }
        }
        if let Some(with_params) = definitions
            .iter()
            .rev()
            .position(|it| it.params.is_some())
            .filter(|at| *at < chain.len())
            .or(Some(0))
        {
            chain[with_params].param = param_of(name);
        }
        chain.reverse();
        fixtures.extend(chain);
    };
    for (name, definitions) in &closure.used {
        add(name, definitions);
    }
    if let Some(function) = found.function {
        for name in requested_by_value(function) {
            if !closure.used.iter().any(|(other, _)| *other == name) {
                add(&name, &visible.definitions(&name));
            }
        }
    }
    fixtures
}

/// The setup and teardown functions that run around the test without being fixtures, in their order.
pub(super) fn setups<'s>(project: &Project<'s>, found: &Found<'s>) -> Vec<Setup> {
    let mut setups = Vec::new();
    let mut add = |code: Code<'s>, name: &str, class: Option<&str>| {
        setups.push(Setup {
            name: name.to_owned(),
            class: class.map(str::to_owned),
            path: code.module.path.clone(),
            span: span(decorated(code.node)),
            is_teardown: name.to_ascii_lowercase().starts_with("teardown")
                || name.starts_with("asyncTearDown")
                || name.starts_with("addCleanup"),
        });
    };
    let in_module: &[&str] = if found.classes.is_empty() {
        &[
            "setUpModule",
            "setup_module",
            "setup_function",
            "setup",
            "teardown_function",
            "teardown",
            "tearDownModule",
            "teardown_module",
        ]
    } else {
        &[
            "setUpModule",
            "setup_module",
            "tearDownModule",
            "teardown_module",
        ]
    };
    for name in in_module {
        if let Some(Resolved::Definition(definition)) = project.lookup(found.module, name)
            && let BindingKind::Function(node) = definition.binding.kind
            && definition.binding.statement.kind() == "function_definition"
        {
            let code = Code {
                module: definition.module,
                node,
            };
            add(code, name, None);
        }
    }
    if let Some(class) = found.classes.last() {
        let names: &[&str] = if found.kind == ItemKind::TestCase {
            &[
                "setUpClass",
                "setUpTestData",
                "setup_method",
                "setUp",
                "asyncSetUp",
                "asyncTearDown",
                "tearDown",
                "teardown_method",
                "tearDownClass",
            ]
        } else {
            &[
                "setup_class",
                "setup_method",
                "setup",
                "teardown",
                "teardown_method",
                "teardown_class",
            ]
        };
        for name in names {
            if let Some((owner, binding)) = project.member(*class, name)
                && let BindingKind::Function(node) = binding.kind
            {
                let code = Code {
                    module: owner.module,
                    node,
                };
                if !owner.module.is_fixture(node) {
                    add(code, name, Some(owner.module.field(owner.node, "name")));
                }
            }
        }
    }
    setups
}

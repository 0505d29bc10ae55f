//! From a node id to the test: file, class, function, parameters, marks, fixtures.

mod around;
mod doctest;
mod expanded;
mod generated;
mod hooks;
mod parametrized;
mod place;
mod sets;

use text::{Problem, Workspace};

use crate::fixtures::Visible;
use crate::items;
use crate::marks::{self, MarkUse};
use crate::model::{ItemKind, NotFound, Observed, Test};
use crate::params::evaluate::Evaluator;
use crate::project::{Project, Sources};
use crate::source::{Module, span};

use parametrized::Parametrized;
use place::{NodeId, rendered_id};

/// The test that a node id names. The id's path may be relative to any of `roots` (the root of pytest's session, its working
/// directory, both relative to the workspace; the workspace's own root is tried too).
pub fn find(workspace: &dyn Workspace, roots: &[String], id: &str) -> Result<Test, NotFound> {
    let sources = Sources::new(workspace);
    let project = Project::new(&sources, roots);
    find_in(&project, id)
}

/// The same with what a run of the test told: which sets its parameters are of, and the parameters that only code makes.
pub fn find_observed(
    project: &Project<'_>,
    id: &str,
    observed: &Observed,
) -> Result<Test, NotFound> {
    find_by(project, id, Some(observed))
}

/// The same in a project that is read already: for many ids at once.
pub fn find_in(project: &Project<'_>, id: &str) -> Result<Test, NotFound> {
    find_by(project, id, None)
}

fn find_by(project: &Project<'_>, id: &str, observed: Option<&Observed>) -> Result<Test, NotFound> {
    match find_python(project, id, observed) {
        Err(NotFound::File) if place::is_other_file(project, id) => Err(NotFound::NoPython),
        found => found,
    }
}

fn find_python(
    project: &Project<'_>,
    id: &str,
    observed: Option<&Observed>,
) -> Result<Test, NotFound> {
    let conftest = place::conftest(project, id);
    let id = NodeId::parse(conftest.as_deref().unwrap_or(id));
    let Some(printed) = id.path else {
        return place::find_by_name(project, &id);
    };
    let modules = place::files(project, printed);
    let mut missing = NotFound::File;
    for path in modules {
        let Some(module) = project.module(&path) else {
            continue;
        };
        match test(project, module, &id, observed) {
            Ok(test) => return Ok(test),
            Err(why) if missing == NotFound::File => missing = why,
            Err(_) => {}
        }
    }
    Err(missing)
}

fn test<'s>(
    project: &Project<'s>,
    module: &'s Module,
    id: &NodeId<'_>,
    observed: Option<&Observed>,
) -> Result<Test, NotFound> {
    let found = match items::find(project, module, &id.names) {
        Ok(found) => found,
        Err(why) => match doctest::doctest(project, module, id) {
            Some(test) => return Ok(test),
            None => return Err(why),
        },
    };
    let evaluator = Evaluator::new(project);
    let mut test = Test {
        path: module.path.clone(),
        classes: found
            .classes
            .iter()
            .map(|class| class.module.field(class.node, "name").to_owned())
            .collect(),
        function: match &found.source_name {
            Some(name) => name.clone(),
            None => id
                .names
                .last()
                .map_or(String::new(), |name| (*name).to_owned()),
        },
        span: span(found.statement.node),
        defined_in: (!std::ptr::eq(found.statement.module, module))
            .then(|| found.statement.module.path.clone()),
        kind: found.kind,
        param_id: id.param.map(str::to_owned),
        problems: module.problems(),
        ..Test::default()
    };
    test.id = rendered_id(&module.path, &id.names, id.param);
    if found.kind == ItemKind::Module {
        return Ok(test);
    }
    let marks = marks::of(project, &found);
    test.marks = marks.iter().map(MarkUse::model).collect();
    if let Some(name) = id.names.last().filter(|_| found.source_name.is_some()) {
        test.params = expanded::params(&evaluator, &found, name);
    }
    let visible = Visible::new(project, &evaluator, &found);
    let hook = hooks::id_hook(project, module);
    let parametrized = Parametrized::new(&evaluator, &found, &marks, &visible, hook);
    let generated = hooks::generates(project, &found);
    match id.param {
        Some(param_id) => {
            let place = sets::Place {
                project,
                module,
                hook,
                observed,
            };
            sets::choose(&mut test, &place, param_id, generated, &parametrized);
            if let Some(observed) = observed {
                sets::add_observed(&mut test, &found, observed);
            }
        }
        None => {
            test.param_sets = sets::sets(parametrized.all(hook, false).iter());
        }
    }
    let closure = &parametrized.closure;
    test.fixtures = around::used_fixtures(closure, &found, &visible, &mut test.params);
    test.setups = around::setups(project, &found);
    if generated {
        test.problems.push(Problem {
            message: "pytest_generate_tests makes parameters by code; those of it are only known from a run".to_owned(),
            path: module.path.clone(),
            span: test.span,
        });
    }
    Ok(test)
}

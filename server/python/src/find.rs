//! From a node id to the test: file, class, function, parameters, marks, fixtures.

mod around;
mod doctest;
mod expanded;
mod generated;
mod hooks;
mod place;
mod sets;

use text::{Problem, Workspace};

use crate::fixtures::Visible;
use crate::items;
use crate::marks::{self, MarkUse};
use crate::model::{ItemKind, NotFound, Observed, Test};
use crate::params::evaluate::{Env, Evaluator};
use crate::params::parametrize::{self, IdHook, Parametrization};
use crate::project::{Project, Sources};
use crate::source::{Module, span};

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
    let visible = Visible::new(project, &evaluator, &found);
    let initial = visible.initial(&found, &marks);
    let of_marks = |hook: Option<IdHook<'s>>| -> Vec<Parametrization<'s>> {
        if found.kind == ItemKind::TestCase {
            return Vec::new();
        }
        marks
            .iter()
            .filter(|mark| mark.name == "parametrize")
            .filter_map(|mark| {
                let env = Env::new(mark.code.module, mark.class);
                parametrize::of_mark(&evaluator, &env, mark.code.node, hook)
            })
            .collect()
    };
    let hook = hooks::id_hook(project, module);
    let used: Vec<String> = visible
        .closure(&initial, &[], false)
        .used
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let given = |hook: Option<IdHook<'s>>| {
        let mut given = generated::parametrizations(&evaluator, &found, &used, hook);
        given.extend(of_marks(hook));
        given
    };
    let by_marks = given(hook);
    let direct: Vec<String> = by_marks
        .iter()
        .flat_map(|it| it.names.iter().zip(&it.indirect))
        .filter(|(_, indirect)| !**indirect)
        .map(|(name, _)| name.clone())
        .collect();
    let mark_names: Vec<String> = by_marks.iter().flat_map(|it| it.names.clone()).collect();
    let breadth_first = visible.closure(&initial, &direct, false);
    let generated = hooks::generates(project, &found);
    let all = |hook: Option<IdHook<'s>>, depth_first: bool| {
        let newer = depth_first.then(|| visible.closure(&initial, &direct, true));
        let closure = newer.as_ref().unwrap_or(&breadth_first);
        // Those of hooks come first in an id, then those of fixtures, marks last.
        let mut all = generated::parametrizations(&evaluator, &found, &used, hook);
        all.extend(sets::fixture_params(&evaluator, closure, &mark_names, hook));
        all.extend(of_marks(hook));
        all
    };
    if let Some(name) = id.names.last().filter(|_| found.source_name.is_some()) {
        test.params = expanded::params(&evaluator, &found, name);
    }
    match id.param {
        Some(param_id) => {
            let place = sets::Place {
                project,
                module,
                hook,
                observed,
            };
            sets::choose(&mut test, place, param_id, generated, all);
            if let Some(observed) = observed {
                sets::add_observed(&mut test, &found, observed);
            }
        }
        None => {
            test.param_sets = sets::sets(all(hook, false).iter());
        }
    }
    test.fixtures = around::used_fixtures(&breadth_first, &found, &visible, &mut test.params);
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

//! From a node id to the test: file, class, function, parameters, marks, fixtures.

use text::{Problem, Workspace};

use crate::fixtures::{self, Closure, Visible};
use crate::items::{self, Found};
use crate::marks::{self, MarkUse};
use crate::model::{Fixture, ItemKind, NotFound, Param, Setup, Test};
use crate::params::evaluate::{Env, Evaluator};
use crate::params::matching::{self, Best};
use crate::params::parametrize::{self, IdHook, Parametrization};
use crate::params::value::Code;
use crate::project::{Project, Sources, join, normalize};
use crate::scope::BindingKind;
use crate::source::{Module, span};

/// So many files are looked through for a test whose file the log does not name.
const MAX_FILES: usize = 4_000;

/// So many folders are looked through for a conftest whose hook may have made an id.
const MAX_FOLDERS: usize = 300;

/// The test that a node id names. The id's path may be relative to any of `roots` (the root of pytest's session, its working
/// directory, both relative to the workspace; the workspace's own root is tried too).
pub fn find(workspace: &dyn Workspace, roots: &[String], id: &str) -> Result<Test, NotFound> {
    let sources = Sources::new(workspace);
    let project = Project::new(&sources, roots);
    find_in(&project, id)
}

/// The same in a project that is read already: for many ids at once.
pub fn find_in(project: &Project<'_>, id: &str) -> Result<Test, NotFound> {
    let id = NodeId::parse(id);
    let Some(printed) = id.path else {
        return find_by_name(project, &id);
    };
    let modules = files(project, printed);
    let mut missing = NotFound::File;
    for path in modules {
        let Some(module) = project.module(&path) else {
            continue;
        };
        match test(project, module, &id) {
            Ok(test) => return Ok(test),
            Err(why) if missing == NotFound::File => missing = why,
            Err(_) => {}
        }
    }
    Err(missing)
}

/// A node id in its parts.
#[derive(Debug)]
struct NodeId<'i> {
    path: Option<&'i str>,
    names: Vec<&'i str>,
    param: Option<&'i str>,
}

impl<'i> NodeId<'i> {
    fn parse(id: &'i str) -> Self {
        let id = id.trim();
        let (path, rest) = match id.find(".py::") {
            // A parameter may look like a path.
            Some(at) if !id[..at].contains('[') || !id[..at].contains("::") => {
                (Some(&id[..at + 3]), &id[at + 5..])
            }
            _ if id.ends_with(".py") && !id.contains("::") => (Some(id), ""),
            _ => (None, id),
        };
        let (names, param) = match rest.find('[') {
            Some(at) => {
                let inner = &rest[at + 1..];
                (&rest[..at], Some(inner.strip_suffix(']').unwrap_or(inner)))
            }
            None => (rest, None),
        };
        let is_separator = path.is_some() || names.contains("::");
        let parts: Vec<&str> = if is_separator {
            names.split("::").collect()
        } else {
            names.split('.').collect()
        };
        Self {
            path,
            // `()` stood between class and function before pytest 6.
            names: parts
                .into_iter()
                .filter(|name| !name.is_empty() && *name != "()")
                .collect(),
            param,
        }
    }
}

/// The files of the workspace that a printed path may mean.
fn files(project: &Project<'_>, printed: &str) -> Vec<String> {
    let printed = printed.replace('\\', "/");
    let mut found: Vec<String> = Vec::new();
    for root in &project.roots {
        // `../tests/test_x.py` is relative to the working directory.
        if let Some(path) = normalize(&join(root, &printed))
            && project.sources.is_file(&path)
            && !found.contains(&path)
        {
            found.push(path);
        }
    }
    if found.is_empty() {
        // A path of another machine: its end may be a path here.
        let mut rest = printed.as_str();
        while let Some((_, after)) = rest.split_once('/') {
            rest = after;
            for root in &project.roots {
                if let Some(path) = normalize(&join(root, rest))
                    && project.sources.is_file(&path)
                {
                    return vec![path];
                }
            }
        }
    }
    found
}

/// A test whose file is not named: `TestClass.test_name[param]`.
fn find_by_name(project: &Project<'_>, id: &NodeId<'_>) -> Result<Test, NotFound> {
    let Some(first) = id.names.first() else {
        return Err(NotFound::File);
    };
    let mut missing = NotFound::File;
    let mut folders: Vec<String> = project.roots.iter().rev().cloned().collect();
    let mut looked_at = 0;
    let mut seen = std::collections::HashSet::new();
    while let Some(folder) = folders.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        for entry in project.sources.list(&folder) {
            looked_at += 1;
            if looked_at > MAX_FILES {
                return Err(missing);
            }
            let path = join(&folder, entry.trim_end_matches('/'));
            if entry.ends_with('/') {
                if !entry.starts_with('.')
                    && !matches!(
                        entry.as_str(),
                        "node_modules/" | "venv/" | "__pycache__/" | "build/"
                    )
                {
                    folders.push(path);
                }
                continue;
            }
            if !entry.ends_with(".py") {
                continue;
            }
            // The first name stands in the file; the others may be inherited.
            let holds = project
                .sources
                .text(&path)
                .is_some_and(|text| text.contains(first));
            if holds && let Some(module) = project.module(&path) {
                match test(project, module, id) {
                    Ok(test) if test.kind != ItemKind::Doctest => return Ok(test),
                    Ok(_) => {}
                    Err(why) => missing = why,
                }
            }
        }
    }
    Err(missing)
}

fn test<'s>(project: &Project<'s>, module: &'s Module, id: &NodeId<'_>) -> Result<Test, NotFound> {
    let found = match items::find(project, module, &id.names) {
        Ok(found) => found,
        Err(why) => match doctest(project, module, id) {
            Some(test) => return Ok(test),
            None => return Err(why),
        },
    };
    let evaluator = Evaluator::new(project);
    let mut test = Test {
        path: module.path.clone(),
        classes: id.names[..found.classes.len()]
            .iter()
            .map(|name| (*name).to_owned())
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
    let hook = id_hook(project, module);
    let by_marks = of_marks(hook);
    let direct: Vec<String> = by_marks
        .iter()
        .flat_map(|it| it.names.iter().zip(&it.indirect))
        .filter(|(_, indirect)| !**indirect)
        .map(|(name, _)| name.clone())
        .collect();
    let mark_names: Vec<String> = by_marks.iter().flat_map(|it| it.names.clone()).collect();
    let breadth_first = visible.closure(&initial, &direct, false);
    let generated = generates(project, &found);
    // Parametrized fixtures come first in an id, marks after them.
    let all = |hook: Option<IdHook<'s>>, depth_first: bool| {
        let newer = depth_first.then(|| visible.closure(&initial, &direct, true));
        let closure = newer.as_ref().unwrap_or(&breadth_first);
        let mut all = fixture_params(&evaluator, closure, &mark_names, hook);
        all.extend(of_marks(hook));
        all
    };
    match id.param {
        Some(param_id) => choose(&mut test, project, module, hook, param_id, generated, all),
        None => {
            test.param_sets = sets(all(hook, false).iter());
        }
    }
    test.fixtures = used_fixtures(&breadth_first, &found, &visible, &mut test.params);
    test.setups = setups(project, &found);
    if generated {
        test.problems.push(Problem {
            message: "pytest_generate_tests makes parameters by code; those of it are only known from a run".to_owned(),
            path: module.path.clone(),
            span: test.span,
        });
    }
    Ok(test)
}

fn rendered_id(path: &str, names: &[&str], param: Option<&str>) -> String {
    let mut id = path.to_owned();
    for name in names {
        id.push_str("::");
        id.push_str(name);
    }
    if let Some(param) = param {
        id.push_str(&format!("[{param}]"));
    }
    id
}

/// How many sets a test has in all.
fn sets<'a, 's: 'a>(
    parametrizations: impl Iterator<Item = &'a Parametrization<'s>>,
) -> Option<usize> {
    let mut count = 1usize;
    for parametrization in parametrizations {
        count = count.checked_mul(parametrization.sets.as_ref()?.len())?;
    }
    Some(count)
}

/// A way to take the id: these parametrizations, these sets of them.
type Attempt<'s> = (Vec<Parametrization<'s>>, Option<Best>);

/// The cost up to which a way to take the id is not doubted.
const SURE: u32 = 6;

/// Finds the set that the id names and writes its parameters into the test.
fn choose<'s>(
    test: &mut Test,
    project: &Project<'s>,
    module: &'s Module,
    hook: Option<IdHook<'s>>,
    param_id: &str,
    generated: bool,
    parametrizations: impl Fn(Option<IdHook<'s>>, bool) -> Vec<Parametrization<'s>>,
) {
    let (mut all, mut best): Attempt<'s> = attempt(param_id, parametrizations(hook, false));
    test.param_sets = sets(all.iter());
    let is_sure = |best: &Option<Best>| {
        best.as_ref()
            .is_some_and(|best| best.is_complete() && best.cost <= SURE)
    };
    let mut consider = |other: Attempt<'s>, best: &mut Option<Best>| {
        let rank = |it: &Best| (it.cost, !it.is_complete());
        let is_better = match (&other.1, best.as_ref()) {
            (Some(other), Some(best)) => rank(other) < rank(best),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if is_better {
            (all, *best) = other;
        }
    };
    if !is_sure(&best) {
        // Another version of pytest orders fixtures in another way.
        consider(attempt(param_id, parametrizations(hook, true)), &mut best);
    }
    if !is_sure(&best) {
        // pytest calls the hook of every conftest that it has read by then, also of one beside the test's folder.
        let mut hooks = other_hooks(project, module);
        if hook.is_some() {
            hooks.insert(0, None);
        }
        for hook in hooks {
            for depth_first in [false, true] {
                let other = attempt(param_id, parametrizations(hook, depth_first));
                consider(other, &mut best);
            }
        }
    }
    if best.is_none() {
        // Code made a part of the id: `pytest_generate_tests`, or a plugin.
        test.param_sets = None;
        for hook in [hook, None] {
            for at_end in [false, true] {
                let mut all = parametrizations(hook, false);
                let place = if at_end { all.len() } else { 0 };
                all.insert(place, made_by_code());
                let other = attempt(param_id, all);
                let is_plausible = other
                    .1
                    .as_ref()
                    .is_some_and(|best| generated || is_of_plugin(&best.matches[place].id));
                if is_plausible {
                    consider(other, &mut best);
                }
            }
        }
    }
    let matches = best.map(|best| best.matches);
    if generated {
        test.param_sets = None;
    }
    let Some(matches) = matches else {
        test.problems.push(Problem {
            message: format!(
                "no set of parameters has the id [{param_id}] here; the parameters are not known"
            ),
            path: test.path.clone(),
            span: test.span,
        });
        for parametrization in &all {
            test.params.extend(parametrization.params(None, None));
        }
        return;
    };
    for (parametrization, found) in all.iter().zip(&matches) {
        let id = Some(found.id.as_str());
        test.params.extend(parametrization.params(found.index, id));
        if found.index.is_none() {
            let names = parametrization.names.join(", ");
            test.problems.push(Problem {
                message: format!(
                    "which value of {names} the id {:?} means is not known from the source",
                    found.id
                ),
                path: test.path.clone(),
                span: test.span,
            });
        }
        let set = found
            .index
            .and_then(|index| parametrization.sets.as_ref()?.get(index));
        for code in set.map(|set| set.marks.as_slice()).unwrap_or_default() {
            let mut of_set = Vec::new();
            marks::add(project, *code, None, &mut of_set);
            test.marks.extend(of_set.iter().map(MarkUse::model));
        }
    }
}

fn attempt<'s>(param_id: &str, all: Vec<Parametrization<'s>>) -> Attempt<'s> {
    let best = matching::find(&all, param_id);
    (all, best)
}

/// A parametrization of which nothing is seen.
fn made_by_code<'s>() -> Parametrization<'s> {
    Parametrization {
        names: Vec::new(),
        indirect: Vec::new(),
        values: None,
        sets: None,
        fixture: None,
        ids_are_made: true,
        values_hold: false,
    }
}

/// Whether a part of an id looks like one that a known plugin makes: anyio's backends, pytest-repeat's `1-3`.
fn is_of_plugin(id: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    matches!(id, "asyncio" | "trio" | "curio" | "asyncio+uvloop")
        || id
            .split_once('-')
            .is_some_and(|(step, count)| is_number(step) && is_number(count))
}

/// The parametrizations of the fixtures that a test uses.
fn fixture_params<'s>(
    evaluator: &Evaluator<'_, 's>,
    closure: &Closure<'s>,
    by_marks: &[String],
    hook: Option<IdHook<'s>>,
) -> Vec<Parametrization<'s>> {
    let mut made = Vec::new();
    for (name, definitions) in &closure.used {
        if by_marks.contains(name) {
            continue;
        }
        for definition in definitions.iter().rev() {
            if let Some(params) = definition.params {
                let env = Env::new(definition.function.module, definition.class);
                made.push(parametrize::of_fixture(
                    evaluator,
                    &env,
                    name,
                    params,
                    definition.ids,
                    hook,
                ));
                break;
            }
            if !definition.requests.contains(name) {
                break;
            }
        }
    }
    made
}

/// The fixtures as the model has them; a fixture's parameter moves from the test's list to the fixture, too.
fn used_fixtures<'s>(
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
    let mut add = |name: &str, definitions: &[crate::fixtures::Definition<'s>]| {
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
        for name in fixtures::requested_by_value(function) {
            if !closure.used.iter().any(|(other, _)| *other == name) {
                add(&name, &visible.definitions(&name));
            }
        }
    }
    fixtures
}

/// The hook by which a conftest makes ids, the nearest one.
fn id_hook<'s>(project: &Project<'s>, module: &'s Module) -> Option<IdHook<'s>> {
    fixtures::conftests(project, &module.path)
        .into_iter()
        .rev()
        .filter(|conftest| conftest.text.contains("pytest_make_parametrize_id"))
        .find_map(|conftest| hook_of(project, conftest))
}

/// The hooks of conftests that are not above the test's file, and at last none.
fn other_hooks<'s>(project: &Project<'s>, module: &'s Module) -> Vec<Option<IdHook<'s>>> {
    let above: Vec<&str> = fixtures::conftests(project, &module.path)
        .into_iter()
        .map(|conftest| conftest.path.as_str())
        .collect();
    let mut hooks = Vec::new();
    let mut folders: Vec<String> = project.roots.clone();
    let mut at = 0;
    while at < folders.len().min(MAX_FOLDERS) {
        let folder = folders[at].clone();
        at += 1;
        let path = join(&folder, "conftest.py");
        if !above.contains(&path.as_str())
            && project.sources.is_file(&path)
            && project
                .sources
                .text(&path)
                .is_some_and(|text| text.contains("pytest_make_parametrize_id"))
            && let Some(conftest) = project.module(&path)
            && let Some(hook) = hook_of(project, conftest)
        {
            hooks.push(Some(hook));
        }
        for name in project.sources.list(&folder) {
            if let Some(name) = name.strip_suffix('/')
                && !name.starts_with('.')
            {
                let below = join(&folder, name);
                if !folders.contains(&below) {
                    folders.push(below);
                }
            }
        }
    }
    hooks
}

fn hook_of<'s>(project: &Project<'s>, conftest: &'s Module) -> Option<IdHook<'s>> {
    match project
        .scope(conftest)
        .get("pytest_make_parametrize_id")?
        .kind
    {
        BindingKind::Function(node) => Some(IdHook {
            function: Code {
                module: conftest,
                node,
            },
        }),
        _ => None,
    }
}

/// Whether code makes parameters for the test: a `pytest_generate_tests` of its class, file or conftests.
fn generates<'s>(project: &Project<'s>, found: &Found<'s>) -> bool {
    let name = "pytest_generate_tests";
    fixtures::conftests(project, &found.module.path)
        .into_iter()
        .chain([found.module])
        .any(|module| module.text.contains(name) && project.scope(module).get(name).is_some())
        || found
            .classes
            .last()
            .is_some_and(|class| project.member(*class, name).is_some())
}

/// The setup and teardown functions that run around the test without being fixtures, in their order.
fn setups<'s>(project: &Project<'s>, found: &Found<'s>) -> Vec<Setup> {
    let mut setups = Vec::new();
    let mut add = |code: Code<'s>, name: &str, class: Option<&str>| {
        setups.push(Setup {
            name: name.to_owned(),
            class: class.map(str::to_owned),
            path: code.module.path.clone(),
            span: span(crate::source::decorated(code.node)),
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
        if let Some(crate::project::Resolved::Definition(definition)) =
            project.lookup(found.module, name)
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
                let is_fixture = crate::source::decorators(node)
                    .into_iter()
                    .any(|decorator| owner.module.source(decorator).contains("fixture"));
                if !is_fixture {
                    add(code, name, Some(owner.module.field(owner.node, "name")));
                }
            }
        }
    }
    setups
}

/// A doctest: `module.path.Class.method`, or the file's own name.
fn doctest<'s>(project: &Project<'s>, module: &'s Module, id: &NodeId<'_>) -> Option<Test> {
    let [name] = id.names.as_slice() else {
        return None;
    };
    let stem = module.path.trim_end_matches(".py").replace('/', ".");
    let parts: Vec<&str> = name.split('.').collect();
    // The name begins with the module's own name, as it is imported.
    let package = stem.trim_end_matches(".__init__");
    let inside = (0..parts.len())
        .rev()
        .map(|at| (parts[..=at].join("."), &parts[at + 1..]))
        .find(|(head, _)| package == head || package.ends_with(&format!(".{head}")))
        .map(|(_, inside)| inside)?;
    let node = match inside {
        [] => module.root(),
        [first, others @ ..] => {
            let scope = project.scope(module);
            let mut binding = scope.get(first)?.clone();
            for other in others {
                let BindingKind::Class(class) = binding.kind else {
                    break;
                };
                binding = project.scope_of(module, class).get(other)?.clone();
            }
            binding.statement
        }
    };
    Some(Test {
        id: rendered_id(&module.path, &id.names, None),
        path: module.path.clone(),
        function: (*name).to_owned(),
        span: span(node),
        kind: ItemKind::Doctest,
        param_sets: Some(1),
        problems: module.problems(),
        ..Test::default()
    })
}

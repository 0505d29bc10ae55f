//! Which of a test's parameter sets its id names.

use text::Problem;

use super::hooks;
use crate::fixtures::Closure;
use crate::fixtures::requests::requested;
use crate::items::Found;
use crate::marks::{self, MarkUse};
use crate::model::{Observed, Param, Test};
use crate::params::evaluate::{Env, Evaluator};
use crate::params::matching::{self, Best};
use crate::params::parametrize::{self, IdHook, Parametrization};
use crate::project::Project;
use crate::source::Module;

/// How many sets a test has in all.
pub(super) fn sets<'a, 's: 'a>(
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

/// What is known besides the parametrizations themselves.
pub(super) struct Place<'a, 's> {
    pub(super) project: &'a Project<'s>,
    pub(super) module: &'s Module,
    pub(super) hook: Option<IdHook<'s>>,
    pub(super) observed: Option<&'a Observed>,
}

/// Finds the set that the id names and writes its parameters into the test.
pub(super) fn choose<'s>(
    test: &mut Test,
    place: Place<'_, 's>,
    param_id: &str,
    generated: bool,
    parametrizations: impl Fn(Option<IdHook<'s>>, bool) -> Vec<Parametrization<'s>>,
) {
    let Place {
        project,
        module,
        hook,
        observed,
    } = place;
    let observed_index = |parametrization: &Parametrization<'s>| {
        let indices = &observed?.indices;
        let found = indices
            .iter()
            .find(|(name, _)| parametrization.names.contains(name));
        found.map(|(_, index)| *index)
    };
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
        let mut hooks = hooks::other_hooks(project, module);
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
            let index = observed_index(parametrization);
            test.params.extend(parametrization.params(index, None));
        }
        return;
    };
    for (parametrization, found) in all.iter().zip(&matches) {
        let id = Some(found.id.as_str());
        // Where an id may stand for several sets, a run knows which.
        let index = found.index.or_else(|| observed_index(parametrization));
        test.params.extend(parametrization.params(index, id));
        if index.is_none() && !parametrization.names.is_empty() {
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
        let set = index.and_then(|index| parametrization.sets.as_ref()?.get(index));
        for code in set.map(|set| set.marks.as_slice()).unwrap_or_default() {
            let mut of_set = Vec::new();
            marks::add(project, *code, None, &mut of_set);
            test.marks.extend(of_set.iter().map(MarkUse::model));
        }
    }
}

/// Adds the arguments of the test whose values only a run told: those that a hook's code gave.
pub(super) fn add_observed(test: &mut Test, found: &Found<'_>, observed: &Observed) {
    let Some(function) = found.function else {
        return;
    };
    let arguments = requested(function.module, function.node, found.owner.is_some());
    for (name, value) in &observed.params {
        let is_known = test.params.iter().any(|param| param.name == *name);
        if !is_known && arguments.contains(name) {
            test.params.push(Param {
                name: name.clone(),
                value: Some(value.clone()),
                path: test.path.clone(),
                span: test.span,
                ..Param::default()
            });
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
pub(super) fn fixture_params<'s>(
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

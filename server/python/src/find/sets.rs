//! Which of a test's parameter sets its id names.

use text::Problem;

use super::hooks;
use super::parametrized::Parametrized;
use crate::fixtures::Closure;
use crate::fixtures::requests::requested;
use crate::items::Found;
use crate::marks::{self, MarkUse};
use crate::model::{Observed, Param, Test};
use crate::params::evaluate::{Env, Evaluator};
use crate::params::matching::{self, Best, Match};
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
struct Attempt<'s> {
    all: Vec<Parametrization<'s>>,
    best: Option<Best>,
}

/// The cost up to which a way to take the id is not doubted.
const SURE: u32 = 6;

impl<'s> Attempt<'s> {
    fn of(param_id: &str, all: Vec<Parametrization<'s>>) -> Self {
        let best = matching::find(&all, param_id);
        Self { all, best }
    }

    fn is_sure(&self) -> bool {
        let sure = |best: &Best| best.is_complete() && best.cost <= SURE;
        self.best.as_ref().is_some_and(sure)
    }

    /// The better one of two.
    fn or(self, other: Self) -> Self {
        let rank = |it: &Best| (it.cost, !it.is_complete());
        match (&self.best, &other.best) {
            (Some(best), Some(new)) if rank(new) < rank(best) => other,
            (None, Some(_)) => other,
            _ => self,
        }
    }
}

/// What is known besides the parametrizations themselves.
pub(super) struct Place<'a, 's> {
    pub(super) project: &'a Project<'s>,
    pub(super) module: &'s Module,
    pub(super) hook: Option<IdHook<'s>>,
    pub(super) observed: Option<&'a Observed>,
}

impl<'s> Place<'_, 's> {
    /// The set that a run took.
    fn observed_index(&self, parametrization: &Parametrization<'s>) -> Option<usize> {
        let indices = &self.observed?.indices;
        let found = indices
            .iter()
            .find(|(name, _)| parametrization.names.contains(name));
        found.map(|(_, index)| *index)
    }
}

/// Finds the set that the id names and writes its parameters into the test.
pub(super) fn choose<'s>(
    test: &mut Test,
    place: &Place<'_, 's>,
    param_id: &str,
    generated: bool,
    parametrized: &Parametrized<'_, 's>,
) {
    let first = Attempt::of(param_id, parametrized.all(place.hook, false));
    test.param_sets = sets(first.all.iter());
    let mut attempt = by_another_order(first, place, param_id, parametrized);
    if attempt.best.is_none() {
        attempt = with_a_part_by_code(attempt, place, param_id, generated, parametrized);
        test.param_sets = None;
    }
    if generated {
        test.param_sets = None;
    }
    let Attempt { all, best } = attempt;
    let Some(Best { matches, .. }) = best else {
        test.problems.push(Problem {
            message: format!(
                "no set of parameters has the id [{param_id}] here; the parameters are not known"
            ),
            path: test.path.clone(),
            span: test.span,
        });
        for parametrization in &all {
            let index = place.observed_index(parametrization);
            test.params.extend(parametrization.params(index, None));
        }
        return;
    };
    for (parametrization, found) in all.iter().zip(&matches) {
        write(test, place, parametrization, found);
    }
}

/// Other versions of pytest, and other hooks, give other ids.
fn by_another_order<'s>(
    mut attempt: Attempt<'s>,
    place: &Place<'_, 's>,
    param_id: &str,
    parametrized: &Parametrized<'_, 's>,
) -> Attempt<'s> {
    let other = |hook, depth_first| Attempt::of(param_id, parametrized.all(hook, depth_first));
    if !attempt.is_sure() {
        attempt = attempt.or(other(place.hook, true));
    }
    if !attempt.is_sure() {
        // pytest calls the hook of every conftest that it has read by then, also of one beside the test's folder.
        let mut hooks = hooks::other_hooks(place.project, place.module);
        if place.hook.is_some() {
            hooks.insert(0, None);
        }
        for hook in hooks {
            for depth_first in [false, true] {
                attempt = attempt.or(other(hook, depth_first));
            }
        }
    }
    attempt
}

/// Code made a part of the id: `pytest_generate_tests`, or a plugin.
fn with_a_part_by_code<'s>(
    mut attempt: Attempt<'s>,
    place: &Place<'_, 's>,
    param_id: &str,
    generated: bool,
    parametrized: &Parametrized<'_, 's>,
) -> Attempt<'s> {
    for hook in [place.hook, None] {
        for at_end in [false, true] {
            let mut all = parametrized.all(hook, false);
            let at = if at_end { all.len() } else { 0 };
            all.insert(at, made_by_code());
            let other = Attempt::of(param_id, all);
            let plausible = |best: &Best| generated || is_of_plugin(&best.matches[at].id);
            if other.best.as_ref().is_some_and(plausible) {
                attempt = attempt.or(other);
            }
        }
    }
    attempt
}

/// What one parametrization gives the test.
fn write<'s>(
    test: &mut Test,
    place: &Place<'_, 's>,
    parametrization: &Parametrization<'s>,
    found: &Match,
) {
    // Where an id may stand for several sets, a run knows which.
    let observed = || place.observed_index(parametrization);
    let index = found.index.or_else(observed);
    let params = parametrization.params(index, Some(found.id.as_str()));
    test.params.extend(params);
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
        marks::add(place.project, *code, None, &mut of_set);
        test.marks.extend(of_set.iter().map(MarkUse::model));
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

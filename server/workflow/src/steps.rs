//! The steps of a GitHub job as they run: composite actions taken apart, and what earlier steps write to `$GITHUB_ENV`.

use std::sync::Arc;

use log::Step;
use shell::AssignmentKind;
use text::{OriginKind, Span, Value};

use crate::data::Data;
use crate::environment::{Environment, layer};
use crate::expression::{self, Contexts};
use crate::files::{Files, YamlFile, normal};
use crate::fit::fit;
use crate::yaml::Node;

/// How deep composite actions may use each other, as GitHub bounds it.
const MAX_DEPTH: usize = 10;
/// How many steps of a job are looked at.
const MAX_STEPS: usize = 2_000;

/// One step, of the job or of an action that the job uses.
pub(crate) struct Flat {
    pub(crate) file: Arc<YamlFile>,
    pub(crate) node: Arc<Node>,
    /// The action's inputs, for a step of one.
    inputs: Option<Data>,
    /// Whether it runs at all: `if:` of its own and of the steps around it.
    condition: Option<bool>,
    /// `env:` of the steps around it.
    outer: Vec<(Arc<YamlFile>, Arc<Node>, Option<Data>)>,
}

impl Flat {
    pub(crate) fn contexts(&self, job: &Contexts) -> Contexts {
        within(job, self.inputs.as_ref())
    }

    /// The step's own `env:` and that of the steps around it, over what is set so far.
    pub(crate) fn layers(&self, contexts: &mut Contexts, environment: &mut Environment) {
        for (file, node, inputs) in &self.outer {
            let mut inner = within(contexts, inputs.as_ref());
            layer(file, node, OriginKind::StepEnv, &mut inner, environment);
        }
        if let Some(node) = self.node.get("env") {
            let mut inner = self.contexts(contexts);
            layer(
                &self.file,
                node,
                OriginKind::StepEnv,
                &mut inner,
                environment,
            );
        }
        environment.show(contexts);
    }
}

fn within(job: &Contexts, inputs: Option<&Data>) -> Contexts {
    let mut contexts = job.clone();
    if let Some(inputs) = inputs {
        contexts.set("inputs", inputs.clone());
    }
    contexts
}

/// The steps of a job in the order in which they run.
pub(crate) fn flatten(
    file: &Arc<YamlFile>,
    job: &Node,
    contexts: &Contexts,
    files: &Files<'_>,
) -> Vec<Flat> {
    let steps = job.get("steps").map_or(&[][..], |steps| steps.items());
    let mut walk = Walk {
        files,
        contexts,
        checkouts: checkouts(steps),
        found: Vec::new(),
        open: Vec::new(),
    };
    walk.steps(file, steps, None, Some(true), &[]);
    walk.found
}

struct Walk<'a, 'w> {
    files: &'a Files<'w>,
    contexts: &'a Contexts,
    checkouts: Vec<String>,
    found: Vec<Flat>,
    /// The actions that are being taken apart.
    open: Vec<String>,
}

impl Walk<'_, '_> {
    fn steps(
        &mut self,
        file: &Arc<YamlFile>,
        steps: &[Arc<Node>],
        inputs: Option<&Data>,
        condition: Option<bool>,
        outer: &[(Arc<YamlFile>, Arc<Node>, Option<Data>)],
    ) {
        for node in steps {
            if self.found.len() >= MAX_STEPS {
                return;
            }
            let contexts = within(self.contexts, inputs);
            let condition = match (condition, runs(node, &contexts)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            self.found.push(Flat {
                file: Arc::clone(file),
                node: Arc::clone(node),
                inputs: inputs.cloned(),
                condition,
                outer: outer.to_vec(),
            });
            let Some(uses) = node.get("uses").and_then(|uses| uses.text()) else {
                continue;
            };
            let Some(action) = self.action(uses) else {
                continue;
            };
            let path = action.source.path.clone();
            if self.open.len() >= MAX_DEPTH || self.open.contains(&path) {
                continue;
            }
            let Some(root) = action.root().cloned() else {
                continue;
            };
            let inputs_of_action = action_inputs(&root, node, &contexts);
            let mut outer = outer.to_vec();
            if let Some(env) = node.get("env") {
                outer.push((Arc::clone(file), Arc::clone(env), inputs.cloned()));
            }
            let inner = root.at(&["runs", "steps"]).cloned();
            self.open.push(path);
            self.steps(
                &action,
                inner.as_ref().map_or(&[][..], |steps| steps.items()),
                Some(&inputs_of_action),
                condition,
                &outer,
            );
            self.open.pop();
        }
    }

    /// The file of an action of this repository: `./.github/actions/x`, or `owner/repo/.github/actions/x@ref`.
    fn action(&self, uses: &str) -> Option<Arc<YamlFile>> {
        let mut folder = if uses.starts_with("./") {
            normal(uses)?
        } else {
            let repository = match self.contexts.get("github") {
                Some(Data::Map(github)) => github.get("repository")?.printed()?,
                _ => return None,
            };
            let rest = uses.strip_prefix(repository.as_str())?.strip_prefix('/')?;
            normal(rest.split('@').next()?)?
        };
        if let Some(rest) = self.checkouts.iter().find_map(|path| {
            let rest = folder.strip_prefix(path.as_str())?;
            rest.strip_prefix('/')
        }) {
            folder = rest.to_owned();
        }
        ["action.yml", "action.yaml"]
            .iter()
            .find_map(|name| self.files.yaml(&format!("{folder}/{name}")))
    }
}

/// Where the job checks this repository out, other than into the workspace itself: `with: path` of `actions/checkout`.
fn checkouts(steps: &[Arc<Node>]) -> Vec<String> {
    let checkout = |step: &Arc<Node>| {
        let uses = step.get("uses")?.text()?;
        if !uses.starts_with("actions/checkout") || step.at(&["with", "repository"]).is_some() {
            return None;
        }
        normal(step.at(&["with", "path"])?.text()?)
    };
    steps.iter().filter_map(checkout).collect()
}

fn action_inputs(action: &Node, step: &Node, contexts: &Contexts) -> Data {
    let given = step.get("with").map_or(&[][..], |with| with.entries());
    let mut inputs: Vec<(String, Data)> = given
        .iter()
        .map(|entry| {
            let filled = expression::fill(&Data::from_node(&entry.value), contexts);
            // An action's inputs are texts, whatever was given.
            let text = filled.printed().map_or(filled, Data::text);
            (entry.key.clone(), text)
        })
        .collect();
    let declared = action.get("inputs").map_or(&[][..], |it| it.entries());
    for entry in declared {
        if !inputs
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(&entry.key))
        {
            let default = entry.value.get("default").map_or(Data::text(""), |node| {
                expression::fill(&Data::from_node(node), contexts)
            });
            inputs.push((entry.key.clone(), default));
        }
    }
    Data::map(inputs, false)
}

fn runs(node: &Node, contexts: &Contexts) -> Option<bool> {
    let Some(condition) = node.get("if") else {
        return Some(true);
    };
    let text = condition.text()?.trim();
    let text = text
        .strip_prefix("${{")
        .and_then(|inner| inner.strip_suffix("}}"))
        .unwrap_or(text);
    expression::evaluate(text, contexts).truthy()
}

/// The environment that the log prints for a step, before the step itself changes it; `None` where it shows no block.
pub(crate) fn printed(step: &Step) -> Option<Vec<(&str, &Value)>> {
    let mut found = Vec::new();
    for variable in &step.env {
        if variable.origin.kind == OriginKind::LogEnvBlock {
            found.push((variable.name.as_str(), &variable.value));
        } else if let Some((value, _)) = variable
            .overridden
            .iter()
            .find(|(_, origin)| origin.kind == OriginKind::LogEnvBlock)
        {
            found.push((variable.name.as_str(), value));
        }
    }
    (!found.is_empty() || step.shell.is_some()).then_some(found)
}

/// How many variables a job shares with the log's step, and how many the log contradicts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Agreement {
    pub(crate) same: usize,
    pub(crate) other: usize,
}

/// The environment of file and job against what the log printed.
pub(crate) fn agreement(
    file: &YamlFile,
    job: &Node,
    contexts: &Contexts,
    step: Option<&Step>,
) -> Agreement {
    let Some(printed) = step.and_then(printed) else {
        return Agreement::default();
    };
    let mut contexts = contexts.clone();
    let mut environment = Environment::default();
    let workflow = file.root().and_then(|root| root.get("env"));
    for (node, kind) in [
        (workflow, OriginKind::WorkflowEnv),
        (job.get("env"), OriginKind::JobEnv),
    ] {
        if let Some(node) = node {
            layer(file, node, kind, &mut contexts, &mut environment);
        }
    }
    against(&environment, &printed)
}

fn against(environment: &Environment, printed: &[(&str, &Value)]) -> Agreement {
    let mut agreement = Agreement::default();
    for variable in &environment.variables {
        let shown = printed.iter().find(|(name, _)| *name == variable.name);
        let agrees = shown.is_some_and(|(_, value)| match (&variable.value, *value) {
            (Value::Unresolved(template), value) => fit(template, value.text()) > 0,
            (_, Value::Masked(_)) => true,
            (own, value) => own.text().trim() == value.text().trim(),
        });
        if agrees {
            agreement.same += 1;
        } else {
            agreement.other += 1;
        }
    }
    agreement
}

/// The step of the configuration that is the log's: by script, action or name, then by its environment, then by order.
pub(crate) fn own(flats: &[Flat], logged: &Step, contexts: &Contexts) -> Option<usize> {
    let shown = printed(logged);
    let mut best: Option<(usize, usize)> = None;
    for (idx, flat) in flats.iter().enumerate() {
        let inner = flat.contexts(contexts);
        let weight = |key: &str, text: &str| {
            flat.node.get(key).and_then(|it| it.text()).map_or(0, |it| {
                fit(
                    expression::expand(it, &inner).text().trim_end(),
                    text.trim_end(),
                )
            })
        };
        let script = logged.script.as_deref().map_or(0, |it| weight("run", it));
        let action = logged
            .uses
            .as_ref()
            .map_or(0, |uses| weight("uses", &uses.action));
        let heading = logged.name.strip_prefix("Run ").unwrap_or(&logged.name);
        let name = weight("name", heading).max(weight("name", &logged.name));
        let base = script * 3 + action * 3 + name;
        if base == 0 || flat.condition == Some(false) {
            continue;
        }
        let mut score = base * 100;
        if let (Some(shown), Some(env)) = (&shown, flat.node.get("env")) {
            let mut environment = Environment::default();
            layer(
                &flat.file,
                env,
                OriginKind::StepEnv,
                &mut inner.clone(),
                &mut environment,
            );
            let agreement = against(&environment, shown);
            score = (score + agreement.same * 500).saturating_sub(agreement.other * 2_000);
        }
        if score > 0 && best.is_none_or(|(known, _)| score > known) {
            best = Some((score, idx));
        }
    }
    best.map(|(_, idx)| idx)
}

/// What the steps before the log's write to `$GITHUB_ENV`.
pub(crate) fn written(
    flats: &[Flat],
    contexts: &mut Contexts,
    environment: &mut Environment,
    files: &Files<'_>,
    cwd: Option<&str>,
) {
    for flat in flats {
        let Some(node) = flat.node.get("run") else {
            continue;
        };
        let Some(run) = node.text() else { continue };
        let may_write = ["GITHUB_ENV", ".sh", "source "]
            .iter()
            .any(|word| run.contains(word));
        let is_bash = flat
            .node
            .get("shell")
            .and_then(|shell| shell.text())
            .is_none_or(|shell| shell.contains("sh") && !shell.contains("pwsh"));
        if !may_write || !is_bash || flat.condition == Some(false) {
            continue;
        }
        let mut own = environment.clone();
        let mut inner = contexts.clone();
        flat.layers(&mut inner, &mut own);
        let script = expression::expand(run, &flat.contexts(&inner));
        let env = own.pairs();
        let read = |name: &str| files.script(name, "");
        let evaluation = shell::evaluate(
            &script.text(),
            &shell::Context {
                env: &env,
                arguments: &[],
                cwd,
                read: &read,
            },
        );
        for assignment in evaluation.assignments {
            if assignment.kind != AssignmentKind::GithubEnv {
                continue;
            }
            let is_certain = flat.condition == Some(true) && !assignment.conditional;
            let value = match assignment.value {
                Value::Known(text) if !is_certain => {
                    Value::Unresolved(format!("{text}, on a condition"))
                }
                value => value,
            };
            let origin = if assignment.path.is_empty() {
                let at = node.scalar().map_or(node.span.start, |scalar| {
                    scalar.source_offset(script.template_offset(assignment.span.start))
                });
                flat.file.source.origin(OriginKind::GithubEnv, Span::at(at))
            } else {
                match files.source(&assignment.path) {
                    Some(source) => source.origin(OriginKind::GithubEnv, assignment.span),
                    None => continue,
                }
            };
            environment.set(&assignment.name, value, origin);
        }
        environment.show(contexts);
    }
}

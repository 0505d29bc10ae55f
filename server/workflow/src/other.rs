//! Azure Pipelines, Buildkite, CircleCI and Jenkins, as far as their configuration is static data: the step whose commands the
//! log shows, and the variables of everything around it.

use std::sync::Arc;

use log::{Ci, Log};
use text::{OriginKind, Span, Value};

use crate::candidates::Candidate;
use crate::environment::Environment;
use crate::expression::Contexts;
use crate::files::{Files, YamlFile};
use crate::matrix::Leg;
use crate::yaml::Node;

const MAX_DEPTH: usize = 24;
/// How many nodes one file's walk visits: aliases make a small file a large one.
const MAX_VISITS: usize = 50_000;

/// Where each service keeps its configuration.
fn paths(ci: Ci, files: &Files<'_>) -> Vec<String> {
    let folder = |folder: &str| -> Vec<String> {
        let names = files.workspace.list(folder);
        names
            .into_iter()
            .filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"))
            .take(200)
            .map(|name| format!("{folder}/{name}"))
            .collect()
    };
    match ci {
        Ci::Azure => {
            let mut paths = vec![
                "azure-pipelines.yml".to_owned(),
                "azure-pipelines.yaml".to_owned(),
            ];
            for name in [".azure-pipelines", "azure-pipelines", ".azure"] {
                paths.extend(folder(name));
            }
            paths
        }
        Ci::Buildkite => folder(".buildkite"),
        Ci::CircleCi => vec![".circleci/config.yml".to_owned()],
        _ => Vec::new(),
    }
}

/// The steps whose commands stand in the log.
pub(crate) fn find(log: &Log, step: Option<usize>, files: &Files<'_>) -> Vec<Candidate> {
    let step = step.map(|idx| &log.steps[idx]);
    let mut shown: Vec<String> = Vec::new();
    if let Some(step) = step {
        let script = step.script.as_deref().unwrap_or_default().lines();
        shown.extend(script.map(|line| line.trim().to_owned()));
        shown.extend(step.command.as_ref().map(|it| it.source.trim().to_owned()));
    }
    shown.retain(|line| !line.is_empty());
    if log.ci == Ci::Jenkins {
        return jenkins(&shown, files).into_iter().collect();
    }
    let mut found = Vec::new();
    for path in paths(log.ci, files) {
        let Some(file) = files.yaml(&path) else {
            continue;
        };
        let mut walk = Walk {
            file: &file,
            shown: &shown,
            left: MAX_VISITS,
            found: &mut found,
        };
        for root in &file.roots {
            walk.node(root, "", &mut Vec::new());
        }
    }
    found
}

struct Walk<'a> {
    file: &'a Arc<YamlFile>,
    shown: &'a [String],
    left: usize,
    found: &'a mut Vec<Candidate>,
}

impl Walk<'_> {
    fn node(&mut self, node: &Arc<Node>, name: &str, around: &mut Vec<Arc<Node>>) {
        if self.left == 0 || around.len() >= MAX_DEPTH {
            return;
        }
        self.left -= 1;
        if node.items().is_empty() && node.entries().is_empty() {
            return;
        }
        around.push(Arc::clone(node));
        let mut lines = Vec::new();
        for key in ["script", "bash", "command", "commands", "run"] {
            let Some(script) = node.get(key) else {
                continue;
            };
            for (text, _) in script.strings() {
                lines.extend(text.lines().map(str::trim).filter(|it| !it.is_empty()));
            }
        }
        let hits = lines
            .iter()
            .filter(|line| self.shown.iter().any(|shown| shown == *line))
            .count();
        if hits > 0 {
            self.found.push(Candidate {
                file: Arc::clone(self.file),
                job: name.to_owned(),
                line: self.file.source.line(node.span.start),
                node: Arc::clone(node),
                leg: Leg::new(),
                contexts: Contexts::default(),
                why: vec![format!(
                    "{hits} of the {} lines of a step's commands stand in the log",
                    lines.len()
                )],
                problems: Vec::new(),
                score: hits * 10_000 / lines.len().max(1) + hits,
                is_firm: true,
                around: around.clone(),
            });
        }
        for item in node.items() {
            let own = ["job", "label", "key", "displayName", "stage"]
                .iter()
                .find_map(|key| item.get(key)?.text())
                .unwrap_or(name)
                .to_owned();
            self.node(item, &own, around);
        }
        for entry in node.entries() {
            let is_container = matches!(
                entry.key.as_str(),
                "steps" | "jobs" | "stages" | "run" | "env" | "variables" | "environment"
            );
            let own = if is_container { name } else { &entry.key };
            self.node(&entry.value, own, around);
        }
        around.pop();
    }
}

/// The variables around a step, the outermost first.
pub(crate) fn resolve(candidate: &Candidate, ci: Ci, environment: &mut Environment) {
    let file = &candidate.file;
    let depth = candidate.around.len();
    for (level, node) in candidate.around.iter().enumerate() {
        let kind = match level {
            0 => OriginKind::WorkflowEnv,
            level if level + 1 == depth => OriginKind::StepEnv,
            _ => OriginKind::JobEnv,
        };
        for key in ["variables", "env", "environment"] {
            let Some(block) = node.get(key) else { continue };
            let is_azure_variable = key == "variables" && ci == Ci::Azure;
            let mut put = |name: &str, node: &Node, span: Span| {
                let name = if is_azure_variable {
                    name.to_uppercase().replace(['.', ' '], "_")
                } else {
                    name.to_owned()
                };
                environment.set(&name, value(node, ci), file.source.origin(kind, span));
            };
            for entry in block.entries() {
                put(
                    &entry.key,
                    &entry.value,
                    entry.key_span.cover(entry.value.span),
                );
            }
            for item in block.items() {
                match (item.get("name").and_then(|it| it.text()), item.get("value")) {
                    (Some(name), Some(value)) => put(name, value, item.span),
                    // CircleCI's list of single pairs.
                    _ => {
                        for entry in item.entries() {
                            if ci == Ci::CircleCi {
                                put(&entry.key, &entry.value, item.span);
                            }
                        }
                    }
                }
            }
        }
    }
}

fn value(node: &Node, ci: Ci) -> Value {
    let Some(text) = node.text() else {
        return if node.is_null() {
            Value::Known(String::new())
        } else {
            Value::Unresolved("a value of several parts".to_owned())
        };
    };
    let depends = match ci {
        Ci::Azure => text.contains("$(") || text.contains("${{") || text.contains("$["),
        Ci::Buildkite => text.contains('$'),
        _ => text.contains("<<"),
    };
    // How each service prints a number or a flag without quotes is its own matter.
    let is_odd = node.scalar().is_some_and(|scalar| scalar.plain)
        && (text.contains('.') || text.starts_with('0') && text.len() > 1)
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'x' | 'o'))
        || matches!(text, "yes" | "no" | "on" | "off" | "True" | "False")
            && node.scalar().is_some_and(|scalar| scalar.plain);
    if depends || is_odd {
        Value::Unresolved(text.to_owned())
    } else {
        Value::printed(text)
    }
}

/// A declarative `Jenkinsfile`: the blocks are found by their braces alone.
fn jenkins(shown: &[String], files: &Files<'_>) -> Option<Candidate> {
    let file = files.plain("Jenkinsfile")?;
    let text = &file.source.text;
    let at = shown
        .iter()
        .filter(|line| line.len() > 3)
        .find_map(|line| text.find(line.trim_start_matches("+ ")))?;
    Some(Candidate {
        line: file.source.line(at),
        file,
        job: "Jenkinsfile".to_owned(),
        node: Arc::new(Node::null(at)),
        leg: Leg::new(),
        contexts: Contexts::default(),
        why: vec!["a command of the Jenkinsfile stands in the log".to_owned()],
        problems: Vec::new(),
        score: 1,
        is_firm: true,
        around: Vec::new(),
    })
}

/// An open block of a Jenkinsfile: whether it is an environment's, and the variables that hold in it.
type Block = (bool, Vec<(String, Value, usize)>);

/// `environment { NAME = 'value' }` of the blocks around the command.
pub(crate) fn jenkins_environment(candidate: &Candidate, environment: &mut Environment) {
    let source = &candidate.file.source;
    let at = candidate.node.span.start;
    let mut offset = 0;
    // For each open block: whether it is an environment's, and the variables that it sets.
    let mut open: Vec<Block> = vec![(false, Vec::new())];
    for line in source.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        if start > at {
            break;
        }
        let code = line.trim();
        if code.starts_with("//") {
            continue;
        }
        if open
            .last()
            .is_some_and(|(is_environment, _)| *is_environment)
            && let Some((name, value)) = code.split_once('=')
        {
            let name = name.trim().to_owned();
            let value = groovy(value.trim());
            let parent = open.len().saturating_sub(2);
            open[parent].1.push((name, value, start));
            continue;
        }
        for (idx, c) in code.char_indices() {
            match c {
                '{' => {
                    let is_environment = code[..idx].trim_end().ends_with("environment");
                    open.push((is_environment, Vec::new()));
                }
                '}' if open.len() > 1 => {
                    open.pop();
                }
                _ => {}
            }
        }
        if open.len() > 1_000 {
            return;
        }
    }
    for (level, (_, variables)) in open.into_iter().enumerate() {
        let kind = if level < 2 {
            OriginKind::WorkflowEnv
        } else {
            OriginKind::JobEnv
        };
        for (name, value, start) in variables {
            environment.set(&name, value, source.origin(kind, Span::at(start)));
        }
    }
}

fn groovy(text: &str) -> Value {
    let literal = ['\'', '"'].iter().find_map(|quote| {
        let inner = text.strip_prefix(*quote)?.strip_suffix(*quote)?;
        let is_plain = !inner.contains(['\\', *quote]) && (*quote == '\'' || !inner.contains('$'));
        is_plain.then_some(inner)
    });
    match literal {
        Some(text) => Value::printed(text),
        None => Value::Unresolved(text.to_owned()),
    }
}

//! `.gitlab-ci.yml`: local includes, `extends`, `!reference`, `default`, and the job whose commands the log shows.

mod matrix;
mod value;

use std::sync::Arc;

use log::Log;
use text::{OriginKind, Problem, Span, Value};

use crate::candidates::Candidate;
use crate::container;
use crate::data::Data;
use crate::environment::Environment;
use crate::expression::Contexts;
use crate::files::{Files, YamlFile, normal};
use crate::matrix::Leg;
use crate::yaml::Node;
use crate::{Container, JobConfiguration, Obstacle, ObstacleKind};
use value::{expand_references, in_text, number};

const ROOT: &str = ".gitlab-ci.yml";
/// As GitLab bounds them.
const MAX_INCLUDES: usize = 150;
const MAX_EXTENDS: usize = 11;
const MAX_LINES: usize = 10_000;
/// Keys of the file that are no jobs.
const RESERVED: [&str; 14] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "pages",
    "spec",
    "types",
    "true",
];

type Part = (Arc<YamlFile>, Arc<Node>);

/// The whole configuration: the included files first, the file itself last; what comes later wins.
pub(crate) struct Pipeline {
    roots: Vec<Part>,
    problems: Vec<Problem>,
}

impl Pipeline {
    pub(crate) fn read(files: &Files<'_>) -> Option<Self> {
        files.yaml(ROOT)?;
        let mut pipeline = Self {
            roots: Vec::new(),
            problems: Vec::new(),
        };
        pipeline.include(ROOT, files, &mut Vec::new());
        Some(pipeline)
    }

    fn include(&mut self, path: &str, files: &Files<'_>, seen: &mut Vec<String>) {
        if seen.len() >= MAX_INCLUDES || seen.iter().any(|known| known == path) {
            return;
        }
        seen.push(path.to_owned());
        let Some(file) = files.yaml(path) else { return };
        for root in &file.roots {
            let Some(include) = root.get("include") else {
                continue;
            };
            let items: Vec<&Arc<Node>> = match include.items() {
                [] => vec![include],
                items => items.iter().collect(),
            };
            for item in items {
                let local = item.get("local").unwrap_or(item);
                for (name, span) in local.strings() {
                    if name.contains("://")
                        || (item.get("local").is_none() && !item.entries().is_empty())
                    {
                        continue;
                    }
                    match normal(name) {
                        Some(pattern) if pattern.contains('*') => {
                            for name in matching(&pattern, files) {
                                self.include(&name, files, seen);
                            }
                        }
                        Some(name) if files.yaml(&name).is_some() => {
                            self.include(&name, files, seen);
                        }
                        _ => self.problems.push(Problem {
                            message: format!("the included file `{name}` is missing"),
                            path: path.to_owned(),
                            span,
                        }),
                    }
                }
            }
        }
        for root in &file.roots {
            self.roots.push((Arc::clone(&file), Arc::clone(root)));
        }
    }

    /// What has that key at the top, the winning one last.
    fn all(&self, key: &str) -> Vec<Part> {
        self.roots
            .iter()
            .filter_map(|(file, root)| Some((Arc::clone(file), Arc::clone(root.get(key)?))))
            .collect()
    }

    /// A job and what it extends, the lowest first.
    fn chain(
        &self,
        job: &str,
        span: Span,
        open: &mut Vec<String>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Part> {
        if open.iter().any(|known| known == job) || open.len() >= MAX_EXTENDS {
            problems.push(Problem {
                message: format!("`{job}` extends itself, or too many jobs extend each other"),
                path: ROOT.to_owned(),
                span,
            });
            return Vec::new();
        }
        open.push(job.to_owned());
        let own = self.all(job);
        let mut chain = Vec::new();
        for (_, node) in &own {
            let Some(extends) = node.get("extends") else {
                continue;
            };
            for (parent, span) in extends.strings() {
                if chain.len() < MAX_LINES {
                    chain.extend(self.chain(parent, span, open, problems));
                }
            }
        }
        chain.extend(own);
        open.pop();
        chain
    }

    fn job(&self, job: &str, problems: &mut Vec<Problem>) -> Vec<Part> {
        self.chain(job, Span::at(0), &mut Vec::new(), problems)
    }

    /// The value of a job's key: its own, what it extends, then `default:` and the top of the file.
    fn key(&self, chain: &[Part], key: &str) -> Option<Part> {
        let own = chain
            .iter()
            .rev()
            .find_map(|(file, node)| Some((Arc::clone(file), Arc::clone(node.get(key)?))));
        own.or_else(|| {
            let defaults = self.all("default");
            defaults
                .iter()
                .rev()
                .find_map(|(file, node)| Some((Arc::clone(file), Arc::clone(node.get(key)?))))
        })
        .or_else(|| self.all(key).pop())
    }

    /// The commands of a list of scripts, references followed.
    fn lines(&self, node: &Node, depth: usize, into: &mut Vec<String>) {
        if depth > 10 || into.len() > MAX_LINES {
            return;
        }
        if node.tag.as_deref() == Some("!reference") {
            let path: Vec<&str> = node.strings().into_iter().map(|(text, _)| text).collect();
            if let Some((_, node)) = self.reference(&path) {
                self.lines(&node, depth + 1, into);
            }
            return;
        }
        match node.text() {
            Some(text) => into.push(text.to_owned()),
            None => {
                for item in node.items() {
                    self.lines(item, depth + 1, into);
                }
            }
        }
    }

    fn reference(&self, path: &[&str]) -> Option<Part> {
        let (job, keys) = path.split_first()?;
        self.job(job, &mut Vec::new())
            .iter()
            .rev()
            .find_map(|(file, node)| Some((Arc::clone(file), Arc::clone(node.at(keys)?))))
    }

    /// `before_script` and `script` of a job as one script.
    fn script(&self, chain: &[Part]) -> Vec<String> {
        let mut lines = Vec::new();
        for key in ["before_script", "script"] {
            if let Some((_, node)) = self.key(chain, key) {
                self.lines(&node, 0, &mut lines);
            }
        }
        lines
    }
}

/// GitLab's log does not name its job: the one whose commands the log shows.
/// The files that `folder/*.yml` names, and with `**` those of the folders within
/// (<https://docs.gitlab.com/ci/yaml/#includelocal>).
fn matching(pattern: &str, files: &Files<'_>) -> Vec<String> {
    let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let (start, end) = name.split_once('*').unwrap_or((name, ""));
    let deep = end.starts_with('*');
    let end = end.trim_start_matches('*');
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for name in files.workspace.list(&folder) {
            let Some(path) = normal(&format!("{folder}/{name}")) else {
                continue;
            };
            if name.ends_with('/') {
                if deep && open.len() + found.len() < MAX_INCLUDES {
                    open.push(path);
                }
            } else if name.len() >= start.len() + end.len()
                && name.starts_with(start)
                && name.ends_with(end)
            {
                found.push(path);
            }
        }
    }
    found
}

pub(crate) fn find(log: &Log, step: Option<usize>, files: &Files<'_>) -> Vec<Candidate> {
    let Some(pipeline) = Pipeline::read(files) else {
        return Vec::new();
    };
    let shown = step
        .and_then(|idx| log.steps[idx].script.clone())
        .unwrap_or_default();
    let shown: std::collections::HashSet<&str> = shown
        .lines()
        .map(|line| {
            line.trim()
                .trim_end_matches(" # collapsed multi-line command")
        })
        .collect();
    let mut found: Vec<Candidate> = Vec::new();
    // The last one that says something of a job is where a person would look for it.
    for (file, root) in pipeline.roots.iter().rev() {
        for entry in root.entries() {
            if entry.key.starts_with('.')
                || RESERVED.contains(&entry.key.as_str())
                || found.iter().any(|known| known.job == entry.key)
            {
                continue;
            }
            let mut problems = pipeline.problems.clone();
            let chain = pipeline.job(&entry.key, &mut problems);
            let script = pipeline.script(&chain);
            // Of a command of several lines the log shows the first.
            let is_shown = |command: &&String| {
                command
                    .lines()
                    .next()
                    .is_some_and(|line| !line.trim().is_empty() && shown.contains(line.trim()))
            };
            let hits = script.iter().filter(is_shown).count();
            if hits == 0 {
                continue;
            }
            let count = script.len().max(1);
            found.push(Candidate {
                file: Arc::clone(file),
                job: entry.key.clone(),
                line: file.source.line(entry.key_span.start),
                node: Arc::clone(&entry.value),
                leg: Leg::new(),
                contexts: Contexts::default(),
                why: vec![format!(
                    "{hits} of its {count} script lines stand in the log"
                )],
                problems,
                score: hits * 10_000 / count + hits,
                is_firm: true,
                around: Vec::new(),
            });
        }
    }
    found
}

/// The variables, image, services and script of a job.
pub(crate) fn resolve(
    candidate: &Candidate,
    log: &Log,
    files: &Files<'_>,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) -> Option<String> {
    let pipeline = Pipeline::read(files)?;
    let chain = pipeline.job(&candidate.job, &mut Vec::new());
    let inherit = pipeline
        .key(&chain, "inherit")
        .and_then(|(_, node)| node.get("variables").cloned());
    let inherits = |name: &str| match &inherit {
        None => true,
        Some(node) if node.items().is_empty() => node.text() != Some("false"),
        Some(node) => node.strings().iter().any(|(known, _)| *known == name),
    };
    for (file, node) in pipeline.all("variables") {
        for entry in node.entries().iter().filter(|entry| inherits(&entry.key)) {
            set(
                &file,
                entry,
                OriginKind::WorkflowEnv,
                &pipeline,
                environment,
            );
        }
    }
    for (file, node) in &chain {
        let Some(variables) = node.get("variables") else {
            continue;
        };
        let (file, variables) = match variables.tag.as_deref() {
            Some("!reference") => {
                let path: Vec<&str> = variables.strings().iter().map(|(text, _)| *text).collect();
                match pipeline.reference(&path) {
                    Some(part) => part,
                    None => continue,
                }
            }
            _ => (Arc::clone(file), Arc::clone(variables)),
        };
        for entry in variables.entries() {
            set(&file, entry, OriginKind::JobEnv, &pipeline, environment);
        }
    }
    matrix::fill(&pipeline, &chain, log, environment, answer);
    on_condition(&pipeline, &chain, environment);
    expand_references(log, environment);
    if let Some((file, node)) = pipeline.key(&chain, "image") {
        let name = node.get("name").unwrap_or(&node);
        answer.container = Some(Container {
            image: in_text(name.text().unwrap_or_default(), environment),
            options: None,
            volumes: Vec::new(),
            origin: file.source.origin(OriginKind::Container, node.span),
        });
        if let Some(options) = node.at(&["docker", "options"]).and_then(|it| it.text()) {
            let origin = file.source.origin(OriginKind::Container, node.span);
            container::options(options, &origin, environment, answer);
        }
    }
    if let Some((file, node)) = pipeline.key(&chain, "services") {
        for item in node.items() {
            let name = item.get("name").unwrap_or(item).text().unwrap_or_default();
            answer.obstacles.push(Obstacle {
                kind: ObstacleKind::Service,
                what: format!("service {name}"),
                why: "tests that connect to it fail without it".to_owned(),
                stand_in: format!("start it before the test: `docker run {name}`"),
                origin: file.source.origin(OriginKind::JobEnv, item.span),
            });
        }
    }
    if answer.runner_labels.is_empty()
        && let Some((file, node)) = pipeline.key(&chain, "tags")
    {
        for (tag, span) in node.strings() {
            let origin = file.source.origin(OriginKind::JobEnv, span);
            answer.runner_labels.push((tag.to_owned(), origin));
        }
    }
    let lines = pipeline.script(&chain);
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn set(
    file: &Arc<YamlFile>,
    entry: &crate::yaml::Entry,
    kind: OriginKind,
    pipeline: &Pipeline,
    environment: &mut Environment,
) {
    let span = entry.key_span.cover(entry.value.span);
    let origin = file.source.origin(kind, span);
    let mut node = Arc::clone(entry.value.get("value").unwrap_or(&entry.value));
    if node.tag.as_deref() == Some("!reference") {
        let path: Vec<&str> = node.strings().into_iter().map(|(text, _)| text).collect();
        let Some((_, found)) = pipeline.reference(&path) else {
            let text = format!("!reference [{}]", path.join(", "));
            environment.set(&entry.key, Value::Unresolved(text), origin);
            return;
        };
        node = Arc::clone(found.get("value").unwrap_or(&found));
    }
    let value = match Data::from_node(&node) {
        Data::Number(_) => number(node.text().unwrap_or_default()),
        data => data.to_value(),
    };
    let is_raw = entry.value.get("expand").and_then(|it| it.text()) == Some("false");
    match value {
        Value::Known(text) if is_raw => {
            environment.set(&entry.key, Value::Known(text.replace('$', "$$")), origin);
        }
        value => environment.set(&entry.key, value, origin),
    }
}

/// `rules: variables`: they hold where the rule does, which the log does not say.
fn on_condition(pipeline: &Pipeline, chain: &[Part], environment: &mut Environment) {
    let of_job = pipeline.key(chain, "rules");
    let of_all = pipeline
        .all("workflow")
        .pop()
        .and_then(|(file, node)| Some((file, Arc::clone(node.get("rules")?))));
    for (file, rules) in of_all.into_iter().chain(of_job) {
        for rule in rules.items() {
            let variables = rule.get("variables").map_or(&[][..], |it| it.entries());
            for entry in variables {
                let text = entry.value.text().unwrap_or_default();
                let span = entry.key_span.cover(entry.value.span);
                environment.set(
                    &entry.key,
                    Value::Unresolved(format!("{text}, where a rule holds")),
                    file.source.origin(OriginKind::JobEnv, span),
                );
            }
        }
    }
}

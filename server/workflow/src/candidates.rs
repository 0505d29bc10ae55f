//! Which jobs of the configuration a log can be of, best first.

use std::sync::Arc;

use log::{Ci, Log};
use text::{Problem, Span};

use crate::contexts;
use crate::data::Data;
use crate::expression::{self, Contexts};
use crate::files::{Files, YamlFile, normal};
use crate::fit::{self, fit};
use crate::gitlab;
use crate::job_list;
use crate::matrix::{self, Leg};
use crate::other;
use crate::steps;
use crate::yaml::Node;

/// From this fit on a name or script tells something: less of it is literal, and it could have become anything.
const FIRM: usize = 20;
/// How deep reusable workflows may call each other, as GitHub bounds it.
const MAX_CALLS: usize = 10;
/// How many problems of files that were only looked through are told.
const MAX_PROBLEMS: usize = 50;
/// How many workflow files one search opens, the same one again counted again.
const MAX_VISITS: usize = 2_000;
/// How many candidates are resolved.
const MAX_CANDIDATES: usize = 12;

/// A job that may be the log's.
pub(crate) struct Candidate {
    pub(crate) file: Arc<YamlFile>,
    pub(crate) job: String,
    pub(crate) line: u32,
    pub(crate) node: Arc<Node>,
    pub(crate) leg: Leg,
    pub(crate) contexts: Contexts,
    pub(crate) why: Vec<String>,
    pub(crate) problems: Vec<Problem>,
    /// How well name and script fit; the configuration's environment against the log's is weighed later.
    pub(crate) score: usize,
    /// Whether something of the log names it: a template that could have become anything names nothing.
    pub(crate) is_firm: bool,
    /// What lies around the step, the outermost first, for services whose jobs have no fixed place.
    pub(crate) around: Vec<Arc<Node>>,
}

/// The candidates, and what is wrong with the configuration that was looked through.
pub(crate) fn find(
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
) -> (Vec<Candidate>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut found = match log.ci {
        Ci::GitHub => github(log, step, files, &mut problems),
        Ci::GitLab => gitlab::find(log, step, files),
        Ci::Plain => Vec::new(),
        _ => other::find(log, step, files),
    };
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
    found.truncate(MAX_CANDIDATES);
    problems.truncate(MAX_PROBLEMS);
    (found, problems)
}

/// `.github/workflows/f.yml` of `owner/repo/.github/workflows/f.yml@ref`, or of `./.github/workflows/f.yml`.
pub(crate) fn workflow_path(uses: &str) -> Option<String> {
    let uses = uses.split('@').next()?;
    let at = uses.find(".github/workflows/")?;
    normal(&uses[at..])
}

fn github(
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Candidate> {
    let named = log
        .job
        .workflow
        .as_ref()
        .and_then(|fact| workflow_path(&fact.text));
    let name = log.job.name.as_ref().map(|fact| fact.text.trim());
    let mut paths: Vec<String> = files
        .workspace
        .list(".github/workflows")
        .into_iter()
        .filter(|file| file.ends_with(".yml") || file.ends_with(".yaml"))
        .map(|file| format!(".github/workflows/{file}"))
        .collect();
    // The log prints every input of a called workflow. Where it does not, its caller has to say them.
    let is_called = name.is_some_and(|name| name.contains(" / ")) && log.job.inputs.is_empty();
    if let Some(named) = &named
        && paths.contains(named)
    {
        if is_called {
            paths.sort_by_key(|path| path != named);
        } else {
            paths = vec![named.clone()];
        }
    }
    let words: Vec<&str> = name
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 2)
        .collect();
    let script = step.and_then(|idx| log.steps[idx].script.as_deref());
    let mut found = Vec::new();
    let mut visits = 0;
    for path in &paths {
        let Some(text) = files.workspace.read(path) else {
            continue;
        };
        let may_match = named.as_ref() == Some(path)
            || words.is_empty()
            || text.contains("matrix")
            || text.contains("uses: ./.github/workflows/")
            || words.iter().any(|word| text.contains(word));
        if !may_match {
            continue;
        }
        let mut search = Search {
            log,
            files,
            script,
            is_named: named.as_ref() == Some(path),
            step: step.map(|idx| &log.steps[idx]),
            found: &mut found,
            problems,
            visits: &mut visits,
        };
        search.workflow(path, name, &contexts::of_log(log), &mut Vec::new(), &[]);
    }
    found
}

struct Search<'s, 'w> {
    log: &'s Log,
    files: &'s Files<'w>,
    script: Option<&'s str>,
    is_named: bool,
    step: Option<&'s log::Step>,
    found: &'s mut Vec<Candidate>,
    problems: &'s mut Vec<Problem>,
    visits: &'s mut usize,
}

/// A job of a workflow, and what is known of the log's job there.
struct Job<'j> {
    file: &'j Arc<YamlFile>,
    id: &'j str,
    span: Span,
    node: &'j Arc<Node>,
    /// What is left of the log's name behind the jobs that call.
    name: Option<&'j str>,
    notes: &'j [String],
}

impl Job<'_> {
    fn problem(&self, message: String, span: Span) -> Problem {
        Problem {
            message,
            path: self.file.source.path.clone(),
            span,
        }
    }
}

impl Search<'_, '_> {
    fn workflow(
        &mut self,
        path: &str,
        name: Option<&str>,
        contexts: &Contexts,
        chain: &mut Vec<String>,
        notes: &[String],
    ) {
        *self.visits += 1;
        if *self.visits > MAX_VISITS {
            return;
        }
        let Some(file) = self.files.yaml(path) else {
            return;
        };
        let Some(jobs) = file.root().and_then(|root| root.get("jobs")).cloned() else {
            return;
        };
        let is_top = chain.is_empty();
        chain.push(path.to_owned());
        // Without its caller or the log's word, an input may be anything, whatever its default.
        let contexts = if is_top && self.log.job.inputs.is_empty() {
            contexts.clone()
        } else {
            contexts::with_defaults(&file, contexts)
        };
        for entry in jobs.entries() {
            let job = Job {
                file: &file,
                id: &entry.key,
                span: entry.key_span,
                node: &entry.value,
                name,
                notes,
            };
            self.job(&job, &contexts, chain);
        }
        chain.pop();
    }

    fn job(&mut self, job: &Job<'_>, contexts: &Contexts, chain: &mut Vec<String>) {
        let matrix_node = job.node.at(&["strategy", "matrix"]);
        let (legs, cut) = matrix::legs(matrix_node, contexts);
        let too_many = matrix_node.filter(|_| cut).map(|node| {
            let most = matrix::MAX_LEGS;
            let message = format!("the matrix has more than {most} legs; the rest is left out");
            job.problem(message, node.span)
        });
        let uses = job.node.get("uses").and_then(|uses| uses.text());
        let called = uses.and_then(workflow_path);
        let mut best: Option<Candidate> = None;
        for leg in legs {
            let is_open = matrix_node.is_some()
                && leg
                    .iter()
                    .all(|(_, value, _)| matches!(value, Data::Unknown(_)));
            let mut contexts = contexts.clone();
            let matrix = match is_open && leg.is_empty() {
                true => Data::map(Vec::new(), true),
                false => matrix::context(&leg),
            };
            contexts.set("matrix", matrix);
            if let Some(called) = &called {
                self.call(job, called, &leg, &contexts, chain);
                continue;
            }
            let listed = is_open.then(|| self.listed(job, &contexts)).flatten();
            if let Some(leg) = &listed {
                contexts.set("matrix", matrix::context(leg));
            }
            let Some(candidate) = self.candidate(job, listed.unwrap_or(leg), contexts) else {
                continue;
            };
            match &mut best {
                Some(known) if candidate.score == known.score => {
                    matrix::blur(&mut known.leg, &candidate.leg);
                    known.contexts.set("matrix", matrix::context(&known.leg));
                }
                Some(known) if candidate.score < known.score => {}
                _ => best = Some(candidate),
            }
        }
        if let Some(candidate) = &mut best {
            candidate.problems.extend(too_many);
        }
        self.found.extend(best);
    }

    /// A job that calls a workflow, if the rest of the log's name may be one of its jobs.
    fn call(
        &mut self,
        job: &Job<'_>,
        called: &str,
        leg: &Leg,
        contexts: &Contexts,
        chain: &mut Vec<String>,
    ) {
        let shown = display_names(job.id, job.node, leg, contexts);
        let behind = |name: &'_ str| {
            let mut rests = shown.iter().map(|shown| fit::behind(shown, name));
            rests.find_map(|rest| Some(rest?.strip_prefix(" / ")?.to_owned()))
        };
        let Some(rest) = job.name.and_then(behind) else {
            return;
        };
        let path = &job.file.source.path;
        let problem = if chain.iter().any(|it| it == called) {
            format!("`{called}` ends up calling itself")
        } else if chain.len() >= MAX_CALLS {
            format!("workflows call each other more than {MAX_CALLS} deep")
        } else if self.files.yaml(called).is_none() {
            format!("the called workflow `{called}` is missing")
        } else {
            let inner = contexts::of_call(job.node, contexts, self.log);
            let mut notes = job.notes.to_vec();
            notes.push(format!("job `{}` of {path} calls {called}", job.id));
            self.workflow(called, Some(&rest), &inner, chain, &notes);
            return;
        };
        let span = job.node.get("uses").map_or(job.span, |uses| uses.span);
        self.problems.push(job.problem(problem, span));
    }

    /// A workflow that the log names as the one called: its jobs have the last part of the name.
    fn last_part<'j>(&self, job: &Job<'j>) -> Option<&'j str> {
        let (_, last) = job.name?.rsplit_once(" / ")?;
        self.is_named.then_some(last)
    }

    /// The leg of a matrix that is only known when the job runs, from the list that the workspace has of its jobs.
    fn listed(&self, job: &Job<'_>, contexts: &Contexts) -> Option<Leg> {
        let name = self.last_part(job).or(job.name)?;
        let inputs = contexts.get("inputs").and_then(Data::to_json);
        let inputs = inputs.map(|it| it.to_string()).unwrap_or_default();
        let texts = [&*inputs, &*job.file.source.text];
        Some(job_list::leg(self.files, job.node, name, &texts)?.leg)
    }

    /// One leg of a job, if its name or a script of it fits.
    fn candidate(&self, job: &Job<'_>, leg: Leg, contexts: Contexts) -> Option<Candidate> {
        let shown = display_names(job.id, job.node, &leg, &contexts);
        let best_fit = |name: &str| shown.iter().map(|shown| fit(shown, name)).max();
        let part = self.last_part(job).and_then(best_fit);
        let by_name = job.name.and_then(best_fit).max(part).unwrap_or(0);
        let by_script = self.script.map_or(0, |script| {
            let steps = job.node.get("steps").map_or(&[][..], |steps| steps.items());
            let scripts = steps.iter().filter_map(|step| step.get("run")?.text());
            let fits = scripts.map(|run| {
                let run = expression::expand(run, &contexts).text();
                fit(run.trim_end(), script.trim_end())
            });
            fits.max().unwrap_or(0)
        });
        if by_name == 0 && by_script == 0 {
            return None;
        }
        let agreement = steps::agreement(job.file, job.node, &contexts, self.step);
        let mut why = job.notes.to_vec();
        if self.is_named {
            why.push("the log names the workflow file".to_owned());
        }
        if by_name > 0 {
            let name = job.name.unwrap_or_default();
            why.push(format!("the job's name gives \"{name}\""));
        }
        if by_script > 0 {
            why.push("a step of it has the log's script".to_owned());
        }
        let score = usize::from(self.is_named) * 100_000
            + by_name * 500
            + by_script * 200
            + agreement.same.min(50) * 100;
        Some(Candidate {
            file: Arc::clone(job.file),
            job: job.id.to_owned(),
            line: job.file.source.line(job.span.start),
            node: Arc::clone(job.node),
            leg,
            contexts,
            why,
            problems: Vec::new(),
            score: score.saturating_sub(agreement.other.min(50) * 400),
            is_firm: self.is_named
                || by_name >= FIRM
                || by_script >= FIRM
                || agreement.same > agreement.other,
            around: Vec::new(),
        })
    }
}

/// The names under which GitHub may show a leg.
fn display_names(id: &str, node: &Node, leg: &Leg, contexts: &Contexts) -> Vec<String> {
    let mut leaves = Vec::new();
    leg.iter()
        .for_each(|(_, value, _)| value.leaves(&mut leaves));
    let leaves: Vec<String> = leaves
        .into_iter()
        .flatten()
        .filter(|leaf| !leaf.is_empty())
        .collect();
    let base = match node.get("name").and_then(|name| name.text()) {
        Some(template) => expression::expand(template, contexts)
            .text()
            .trim()
            .to_owned(),
        None => id.to_owned(),
    };
    let with_leg = format!("{base} ({})", leaves.join(", "));
    if leaves.is_empty() {
        vec![base]
    } else {
        vec![base, with_leg]
    }
}

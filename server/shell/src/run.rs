//! Follows a parsed script: what each statement does to the variables, and which commands run.
//!
//! Where a condition is not known, every branch is followed from the same state, and the states are joined: a variable that
//! then has one value in all of them keeps it, every other one becomes unresolved. All work is paid for from one [`Budget`],
//! so that no script takes longer than a bounded time.

mod assign;
mod builtin;
mod command;
mod condition;
mod control;
mod github_env;
mod output;
mod programs;
mod state;
mod written;

use std::rc::Rc;

use text::{Problem, Span, Value};

use crate::syntax::{AndOr, Joint, Kind, List, Node, Pipeline, Script};
use crate::{Context, Evaluation, VariableRead, parse};
pub(crate) use output::{Piece, Sink};
pub(crate) use state::{Function, Lookup, State, Status};

/// Statements, expansions and environment entries that one evaluation may cost.
const BUDGET: usize = 1_000_000;

/// Commands and assignments kept.
const KEPT: usize = 5_000;

/// How deep calls, sourced files and substitutions may nest, statements' own nesting included.
const DEPTH: usize = 120;

/// A text that is run, and where its spans lie in the file that the caller knows.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) text: Rc<str>,
    pub(crate) script: Script,
    /// The sourced file; empty for the script itself.
    pub(crate) path: String,
    /// What `$0` and `${BASH_SOURCE[0]}` are, where known.
    pub(crate) name: Option<String>,
    map: Map,
}

#[derive(Debug, Clone, Copy)]
enum Map {
    /// A part of the file that starts there.
    Shift(usize),
    /// A text that stands nowhere as it is (`eval`, `bash -c`): all of it is that span.
    Fixed(Span),
}

impl Source {
    pub(crate) fn span(&self, span: Span) -> Span {
        match self.map {
            Map::Shift(offset) => span.shifted(offset),
            Map::Fixed(span) => span,
        }
    }
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    Next,
    Break(u32),
    Continue(u32),
    Return,
    Exit,
}

pub(crate) struct Machine<'a> {
    pub(crate) ctx: &'a Context<'a>,
    pub(crate) state: State,
    pub(crate) result: Evaluation,
    pub(crate) reads: Vec<VariableRead>,
    /// Within how many branches and loops of which it is not known whether they run.
    pub(crate) conditional: u32,
    /// Within how many conditions, where a failure does not end the script.
    guarded: u32,
    /// Within how many `$( )`.
    pub(crate) substitutions: u32,
    /// How many `$( )` have run.
    pub(crate) substituted: usize,
    depth: usize,
    budget: usize,
    pub(crate) sinks: Vec<Sink>,
    github_env: github_env::GithubEnv,
    /// Files that are being read, against cycles.
    files: Vec<String>,
    written: written::WrittenFiles,
    /// The status that a command is supposed to end with: see [`crate::script`].
    pub(crate) supposed: Option<&'a dyn Fn(&crate::Command) -> i32>,
    /// The name of the variable that is being assigned: an append to itself counts as empty where it is not known.
    pub(crate) assigning: Option<String>,
    /// Whether an expansion since this was last cleared took a name that nothing is known of for unset.
    pub(crate) assumed: bool,
    /// Whether an expansion since this was last cleared was `${name:-value}` or the like of the name that is assigned.
    pub(crate) overridable: bool,
    /// Where the script ended before its end.
    pub(crate) ended_at: Option<Span>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(ctx: &'a Context<'a>) -> Self {
        Self {
            ctx,
            state: State::new(ctx),
            result: Evaluation::default(),
            reads: Vec::new(),
            conditional: 0,
            guarded: 0,
            substitutions: 0,
            substituted: 0,
            depth: 0,
            budget: BUDGET,
            sinks: Vec::new(),
            github_env: github_env::GithubEnv::default(),
            files: Vec::new(),
            written: written::WrittenFiles::default(),
            supposed: None,
            assigning: None,
            assumed: false,
            overridable: false,
            ended_at: None,
        }
    }

    /// Runs the whole script, and the trap that it leaves for its end.
    pub(crate) fn run(&mut self, script: &str, name: Option<&str>) {
        let source = self.source(script, "", name.map(str::to_owned), Map::Shift(0));
        self.list(&source.script.list, &source);
        if let Some((text, span)) = self.state.trap.take() {
            let status = self.state.status;
            let inner = self.source(&text, "", name.map(str::to_owned), Map::Fixed(span));
            if self.list(&inner.script.list, &inner) != Flow::Exit {
                self.state.status = status;
            }
        }
        self.finish_github_env();
    }

    fn source(&mut self, text: &str, path: &str, name: Option<String>, map: Map) -> Rc<Source> {
        self.pay(text.len() / 16);
        let script = parse::parse(text);
        let mut source = Source {
            text: Rc::from(text),
            script,
            path: path.to_owned(),
            name,
            map,
        };
        for (message, span) in std::mem::take(&mut source.script.problems) {
            let span = source.span(span);
            self.problem(message, path, span);
        }
        Rc::new(source)
    }

    /// Runs a text that stands at `span` of `outer`: `eval`, `bash -c`, a backquoted command.
    pub(crate) fn run_text(&mut self, text: &str, outer: &Rc<Source>, span: Span) -> Flow {
        let source = self.source(
            text,
            &outer.path,
            outer.name.clone(),
            Map::Fixed(outer.span(span)),
        );
        self.list(&source.script.list, &source)
    }

    /// Runs a part of `outer`: the inside of `$( )`.
    pub(crate) fn run_part(&mut self, part: Span, outer: &Rc<Source>) -> Flow {
        let map = match outer.map {
            Map::Shift(offset) => Map::Shift(offset + part.start),
            fixed => fixed,
        };
        let text = part.of(&outer.text).to_owned();
        let source = self.source(&text, &outer.path, outer.name.clone(), map);
        self.list(&source.script.list, &source)
    }

    pub(crate) fn list(&mut self, list: &List, source: &Rc<Source>) -> Flow {
        if self.depth >= DEPTH {
            self.stop("the script calls or nests too deeply", source, Span::at(0));
        }
        self.depth += 1;
        let mut flow = Flow::Next;
        for statement in list {
            flow = self.statement(statement, source);
            if flow != Flow::Next {
                break;
            }
        }
        self.depth -= 1;
        flow
    }

    fn statement(&mut self, statement: &AndOr, source: &Rc<Source>) -> Flow {
        if statement.background {
            let kept = self.state.clone();
            self.and_or(statement, source);
            self.state = kept;
            self.state.status = Status::Known(0);
            return Flow::Next;
        }
        self.and_or(statement, source)
    }

    fn and_or(&mut self, statement: &AndOr, source: &Rc<Source>) -> Flow {
        let last = statement.rest.len();
        let mut flow = self.pipeline(&statement.first, source, last > 0);
        for (at, (joint, next)) in statement.rest.iter().enumerate() {
            if flow != Flow::Next {
                return flow;
            }
            let guarded = at + 1 < last;
            let runs = match (joint, self.state.status) {
                (Joint::And, Status::Known(code)) => Some(code == 0),
                (Joint::Or, Status::Known(code)) => Some(code != 0),
                // What comes before `&&` is expected to work, as under `set -e`.
                (Joint::And, Status::Ordinary) => Some(true),
                (_, _) => None,
            };
            flow = match runs {
                Some(true) => self.pipeline(next, source, guarded),
                Some(false) => Flow::Next,
                None => {
                    let skipped = match joint {
                        Joint::And => Status::Undecided,
                        Joint::Or => Status::Known(0),
                    };
                    self.branches(
                        2,
                        |machine, branch| {
                            if branch == 0 {
                                machine.pipeline(next, source, guarded)
                            } else {
                                machine.state.status = skipped;
                                Flow::Next
                            }
                        },
                        source,
                    )
                }
            };
        }
        flow
    }

    fn pipeline(&mut self, pipeline: &Pipeline, source: &Rc<Source>, guarded: bool) -> Flow {
        self.guarded += u32::from(guarded || pipeline.negated);
        let mut flow = match &pipeline.parts[..] {
            [node] => self.node(node, source),
            parts => {
                self.pipe(parts, source);
                Flow::Next
            }
        };
        self.guarded -= u32::from(guarded || pipeline.negated);
        if pipeline.negated {
            self.state.status = match self.state.status {
                Status::Known(0) => Status::Known(1),
                Status::Known(_) => Status::Known(0),
                Status::Ordinary | Status::Undecided => Status::Undecided,
            };
        } else if let Status::Known(code) = self.state.status
            && code != 0
            && flow == Flow::Next
            && !guarded
            && self.guarded == 0
            && self.state.options.errexit
        {
            let spans = pipeline.parts.iter().map(|node| node.span);
            let span = spans.reduce(Span::cover).unwrap_or(Span::at(0));
            self.ended_at = Some(source.span(span));
            flow = Flow::Exit;
        }
        flow
    }

    /// Each part runs in a shell of its own; the status is the last one's, or with `pipefail` the last that failed.
    fn pipe(&mut self, parts: &[Node], source: &Rc<Source>) {
        let before = self.state.clone();
        let mut statuses = Vec::new();
        let to_github_env = self.pipes_to_github_env(parts, source);
        for (at, part) in parts.iter().enumerate() {
            self.pay(before.len());
            self.state = before.clone();
            self.guarded += 1;
            let last = at + 1 == parts.len();
            if to_github_env.is_some_and(|tee| at < tee) {
                self.sinks.push(Sink::default());
                self.node(part, source);
                let sink = self.sinks.pop().unwrap_or_default();
                self.feed_github_env(sink, source, part.span);
            } else if last {
                self.node(part, source);
            } else {
                self.sinks.push(Sink::default());
                self.node(part, source);
                self.sinks.pop();
            }
            self.guarded -= 1;
            statuses.push(self.state.status);
        }
        self.state = before;
        let failed = statuses
            .iter()
            .rev()
            .find(|it| !matches!(it, Status::Known(0) | Status::Ordinary));
        self.state.status = match (self.state.options.pipefail, failed) {
            (true, Some(&failed)) => failed,
            (_, _) => statuses.last().copied().unwrap_or(Status::Known(0)),
        };
        self.state.pipe_statuses = statuses;
    }

    /// One command of any kind, its redirections included.
    pub(crate) fn node(&mut self, node: &Node, source: &Rc<Source>) -> Flow {
        if !self.pay(1) {
            return Flow::Exit;
        }
        if let Kind::Simple(simple) = &node.kind {
            return self.simple(simple, node, source);
        }
        self.redirected(node, source, |machine| machine.compound(node, source))
    }

    fn compound(&mut self, node: &Node, source: &Rc<Source>) -> Flow {
        match &node.kind {
            Kind::Simple(simple) => self.simple(simple, node, source),
            Kind::Group(list) => self.list(list, source),
            Kind::Subshell(list) => self.subshell(|machine| machine.list(list, source)),
            Kind::If(branches, otherwise) => self.if_(branches, otherwise.as_ref(), source),
            Kind::For {
                name,
                words,
                body,
                select,
            } => self.for_(name, words.as_deref(), body, *select, source),
            Kind::Count { header, body } => self.count(header, body, source),
            Kind::While {
                condition,
                body,
                until,
            } => self.while_(condition, body, *until, source),
            Kind::Case { word, arms } => self.case(*word, arms, source),
            Kind::Function { name, body } => {
                let function = Function {
                    body: Rc::clone(body),
                    source: Rc::clone(source),
                };
                self.state.functions.insert(name.clone(), Rc::new(function));
                self.state.status = Status::Known(0);
                Flow::Next
            }
            Kind::Test(span) => {
                let answer = self.test_brackets(*span, source);
                self.state.status = Status::of(answer);
                Flow::Next
            }
            Kind::Arithmetic(span) => {
                let value = self.arithmetic(span.of(&source.text), source, span.start);
                self.state.status = Status::of(value.map(|value| value != 0));
                Flow::Next
            }
        }
    }

    /// Runs something of which only the output and the status remain.
    pub(crate) fn subshell(&mut self, run: impl FnOnce(&mut Self) -> Flow) -> Flow {
        self.pay(self.state.len());
        let kept = self.state.clone();
        run(self);
        let status = self.state.status;
        self.state = kept;
        self.state.status = status;
        Flow::Next
    }

    /// Takes `cost` from the budget; `false` once it is used up, and everything ends.
    pub(crate) fn pay(&mut self, cost: usize) -> bool {
        if self.budget == 0 {
            return false;
        }
        self.budget = self.budget.saturating_sub(cost.max(1));
        if self.budget == 0 {
            self.problem(
                "the script does too much to be followed to its end; what comes after is left out"
                    .to_owned(),
                "",
                Span::at(0),
            );
        }
        self.budget > 0
    }

    fn stop(&mut self, message: &str, source: &Rc<Source>, span: Span) {
        if self.budget > 0 {
            self.problem(message.to_owned(), &source.path, source.span(span));
        }
        self.budget = 0;
    }

    pub(crate) fn problem(&mut self, message: String, path: &str, span: Span) {
        if self.result.problems.len() < 100 {
            self.result.problems.push(Problem {
                message,
                path: path.to_owned(),
                span,
            });
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        self.pay(value.text().len() / 64);
        self.state.set(name, value);
    }
}

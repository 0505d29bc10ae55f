//! Simple commands: their words and inline variables, functions and scripts that they call.

use std::rc::Rc;

use text::{Span, Value};

use super::{Flow, KEPT, Machine, Map, Sink, Source, Status};
use crate::expand::Field;
use crate::pytest::command_word;
use crate::syntax::{Node, Simple};
use crate::{Assignment, AssignmentKind, Command, Word};

/// How deep functions and scripts may call each other.
const CALLS: usize = 24;

/// A simple command with its words expanded.
pub(super) struct Call<'a> {
    pub(super) fields: Vec<Field>,
    pub(super) words: Vec<Word>,
    pub(super) simple: &'a Simple,
    pub(super) node: &'a Node,
    pub(super) inline: Vec<Assignment>,
    pub(super) source: &'a Rc<Source>,
}

impl Machine<'_> {
    pub(super) fn simple(&mut self, simple: &Simple, node: &Node, source: &Rc<Source>) -> Flow {
        self.redirected(node, source, |machine| {
            machine.simple_inner(simple, node, source)
        })
    }

    /// Runs a command; what it prints goes where its redirections say.
    pub(super) fn redirected(
        &mut self,
        node: &Node,
        source: &Rc<Source>,
        run: impl FnOnce(&mut Self) -> Flow,
    ) -> Flow {
        let to_github_env = self.writes_github_env(&node.redirects, source);
        let hidden = to_github_env || self.hides_output(&node.redirects);
        if !hidden {
            return run(self);
        }
        self.sinks.push(Sink::default());
        let flow = run(self);
        let sink = self.sinks.pop().unwrap_or_default();
        if to_github_env {
            self.feed_github_env(sink, source, node.span);
        } else {
            self.write_file(&sink, node, source);
        }
        flow
    }

    fn simple_inner(&mut self, simple: &Simple, node: &Node, source: &Rc<Source>) -> Flow {
        let Some(first) = simple.words.first() else {
            let substituted = self.substituted;
            for set in &simple.assignments {
                if let Some(assignment) = self.assign(set, source) {
                    self.keep(assignment);
                }
            }
            // The status of `A=$(command)` is the command's.
            if self.substituted == substituted {
                self.state.status = Status::Known(0);
            }
            return Flow::Next;
        };
        let keyword = first.span.of(&source.text);
        if matches!(
            keyword,
            "export" | "declare" | "typeset" | "local" | "readonly"
        ) {
            self.declare(keyword, &simple.words[1..], source);
            return Flow::Next;
        }
        if keyword == "unset" {
            self.unset(&simple.words[1..], source);
            return Flow::Next;
        }
        self.assumed = false;
        let mut fields = Vec::new();
        for word in &simple.words {
            fields.extend(self.fields(word.span, source));
        }
        let assumed = self.assumed;
        let before: Vec<_> = simple
            .assignments
            .iter()
            .map(|set| (set.name.clone(), self.state.variable(&set.name).cloned()))
            .collect();
        let mut inline = Vec::new();
        for set in &simple.assignments {
            if let Some(mut assignment) = self.assign(set, source) {
                self.state.export(&set.name);
                assignment.exported = true;
                assignment.kind = AssignmentKind::Export;
                inline.push(assignment);
            }
        }
        self.assumed = assumed;
        let call = Call {
            words: fields.iter().map(Field::word).collect(),
            fields,
            simple,
            node,
            inline,
            source,
        };
        let flow = self.call(&call);
        for (name, variable) in before.into_iter().rev() {
            self.state.restore(&name, variable);
        }
        flow
    }

    fn call(&mut self, call: &Call<'_>) -> Flow {
        let Some(name) = call.words.first() else {
            // `$EMPTY`: nothing is run.
            self.state.status = Status::Known(0);
            return Flow::Next;
        };
        let name = match name {
            Word::Known(name) => name.clone(),
            Word::Unresolved(_) => {
                self.record(call);
                self.unknown_output(call);
                return Flow::Next;
            }
        };
        if let Some(function) = self.state.functions.get(&name).cloned() {
            return self.call_function(&function, call);
        }
        if let Some(flow) = self.builtin(&name, call) {
            return flow;
        }
        self.record(call);
        let supposed = self.state.status;
        self.script(call);
        if self.supposed.is_some() {
            self.state.status = supposed;
        }
        if name == "exec" {
            return if call.words.len() > 1 {
                Flow::Exit
            } else {
                Flow::Next
            };
        }
        Flow::Next
    }

    fn call_function(&mut self, function: &super::Function, call: &Call<'_>) -> Flow {
        if self.state.locals.len() >= CALLS {
            self.problem(
                format!(
                    "`{}` calls itself too deeply, so it is not followed",
                    call.words[0].text()
                ),
                &call.source.path,
                call.source.span(call.node.span),
            );
            self.state.status = Status::Ordinary;
            return Flow::Next;
        }
        let arguments = call.fields[1..].iter().map(Field::value).collect();
        let positional = std::mem::replace(&mut self.state.positional, arguments);
        self.state.locals.push(Vec::new());
        self.state.status = Status::Known(0);
        let flow = self.node(&function.body, &function.source);
        for (name, variable) in self
            .state
            .locals
            .pop()
            .unwrap_or_default()
            .into_iter()
            .rev()
        {
            self.state.restore(&name, variable);
        }
        self.state.positional = positional;
        match flow {
            Flow::Exit => Flow::Exit,
            _ => Flow::Next,
        }
    }

    /// Keeps the command, and gives it the status that it is supposed to have.
    pub(super) fn record(&mut self, call: &Call<'_>) {
        let last = self.result.commands.last().map(|it| &it.environment);
        let mut environment = self.state.environment(last);
        self.pay(environment.len());
        let bytes: usize = environment
            .iter()
            .map(|(name, value)| name.len() + value.text().len())
            .sum();
        self.pay(bytes / 64);
        let mut env = call.inline.clone();
        let open = self.wrapped_environment(call, &mut env, &mut environment);
        let span = call.node.span;
        let command = Command {
            argv: call.words.clone(),
            env,
            environment,
            open,
            cwd: self.state.cwd.clone().filter(|it| !it.is_empty()),
            conditional: self.conditional > 0,
            options: self.state.options,
            source: command_text(call),
            path: call.source.path.clone(),
            span: call.source.span(span),
        };
        self.state.status = match self.supposed {
            Some(supposed) => Status::Known(supposed(&command)),
            None => Status::Ordinary,
        };
        if self.result.commands.len() < KEPT {
            self.result.commands.push(command);
        }
    }

    /// Follows what an external command runs: `bash -c '...'`, `bash script`, `./script`; through wrappers too.
    fn script(&mut self, call: &Call<'_>) {
        let at = command_word(&call.words);
        let (Some(Word::Known(program)), Some(rest)) =
            (call.words.get(at), call.words.get(at + 1..))
        else {
            self.unknown_output(call);
            return;
        };
        let name = program.rsplit('/').next().unwrap_or(program);
        if matches!(name, "bash" | "sh" | "dash" | "zsh") {
            let mut next = 0;
            let mut text = None;
            let mut errexit = false;
            while let Some(word) = rest.get(next).map(Word::text) {
                if word == "-o" || word == "+o" || word == "-O" {
                    next += 2;
                } else if word.starts_with("--") {
                    next += 1;
                } else if let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty()) {
                    errexit |= letters.contains('e');
                    // `-eo pipefail`: the last letter takes the next word.
                    next += 1 + usize::from(letters.ends_with('o'));
                    if letters.contains('c') {
                        text = rest.get(next);
                        next += 1;
                        break;
                    }
                } else {
                    break;
                }
            }
            match (text, rest.get(next)) {
                (Some(Word::Known(text)), _) => {
                    let arguments = rest.get(next + 1..).unwrap_or_default();
                    self.nested(Some(text.clone()), None, arguments, errexit, call);
                }
                (Some(Word::Unresolved(_)), _) => self.unknown_output(call),
                (None, Some(file)) => {
                    let arguments = rest.get(next + 1..).unwrap_or_default();
                    self.nested(None, Some(file), arguments, errexit, call);
                }
                (None, None) => match self.document_text(&call.node.redirects, call.source) {
                    Some(text) => self.nested(Some(text), None, &[], errexit, call),
                    None => self.unknown_output(call),
                },
            }
            return;
        }
        if program.contains('/') && !name.starts_with("python") {
            self.nested(None, Some(&call.words[at]), rest, false, call);
            return;
        }
        if at > 0
            && let Some(function) = self.state.functions.get(program).cloned()
            && call.words[..at]
                .iter()
                .all(|it| matches!(it.text(), "time" | "command" | "builtin"))
        {
            let inner = Call {
                fields: call.fields[at..].to_vec(),
                words: call.words[at..].to_vec(),
                inline: call.inline.clone(),
                ..*call
            };
            self.call_function(&function, &inner);
            return;
        }
        self.unknown_output(call);
    }

    /// Runs a text or a file in a shell of its own.
    fn nested(
        &mut self,
        text: Option<String>,
        file: Option<&Word>,
        arguments: &[Word],
        errexit: bool,
        call: &Call<'_>,
    ) {
        let read = match (text, file) {
            (Some(text), _) => {
                let map = Map::Fixed(call.source.span(call.node.span));
                Some((text, call.source.path.clone(), map))
            }
            (None, Some(file)) => self.read_file(file),
            (None, None) => None,
        };
        let file = file.map(Word::text);
        let Some((text, path, map)) = read else {
            self.unknown_output(call);
            return;
        };
        // A program that is no shell script is not ours to follow.
        if file.is_some()
            && text.starts_with("#!")
            && !text.lines().next().is_some_and(|it| it.contains("sh"))
        {
            self.unknown_output(call);
            return;
        }
        if !self.enter(file, call) {
            return;
        }
        let name = file.map(str::to_owned).or_else(|| call.source.name.clone());
        let source = self.source(&text, &path, name, map);
        let values = arguments
            .iter()
            .map(|word| match word {
                Word::Known(text) => Value::printed(text),
                Word::Unresolved(text) => Value::Unresolved(text.clone()),
            })
            .skip(usize::from(file.is_none()))
            .collect();
        self.subshell(|machine| {
            machine.state.options = crate::ShellOptions {
                errexit,
                ..Default::default()
            };
            machine.state.positional = values;
            machine.state.functions.clear();
            machine.state.locals.clear();
            machine.state.trap = None;
            if let Some(outer) = machine.result.commands.last() {
                machine.state.inherit(&outer.environment, outer.open);
            }
            machine.list(&source.script.list, &source)
        });
        self.leave(file);
    }

    /// `source file`, here and now.
    pub(super) fn source_file(&mut self, call: &Call<'_>) -> Flow {
        let read = call.words.get(1);
        let read = read.and_then(|word| Some((word.text().to_owned(), self.read_file(word)?)));
        let Some((file, (text, path, map))) = read else {
            self.state.open |= may_set_variables(call);
            self.state.status = Status::Ordinary;
            return Flow::Next;
        };
        if !self.enter(Some(&file), call) {
            return Flow::Next;
        }
        let source = self.source(&text, &path, Some(file.clone()), map);
        let arguments: Vec<Value> = call.fields[2..].iter().map(Field::value).collect();
        let positional = self.state.positional.clone();
        if !arguments.is_empty() {
            self.state.positional = arguments;
        }
        self.state.status = Status::Known(0);
        let flow = self.list(&source.script.list, &source);
        self.state.positional = positional;
        self.leave(Some(&file));
        match flow {
            Flow::Exit => Flow::Exit,
            _ => Flow::Next,
        }
    }

    /// The text of a file, the file where its lines stand, and how. What the script wrote itself stands where it wrote it.
    fn read_file(&self, file: &Word) -> Option<(String, String, Map)> {
        if let Some(written) = self.written_file(file) {
            return written;
        }
        let Word::Known(file) = file else { return None };
        let (text, path) = (self.ctx.read)(file)?;
        Some((text, path, Map::Shift(0)))
    }

    fn enter(&mut self, file: Option<&str>, call: &Call<'_>) -> bool {
        let Some(file) = file else { return self.pay(1) };
        if self.files.iter().any(|it| it == file) || self.files.len() >= CALLS {
            self.problem(
                format!("`{file}` reads itself, so it is not followed again"),
                &call.source.path,
                call.source.span(call.node.span),
            );
            return false;
        }
        self.files.push(file.to_owned());
        true
    }

    fn leave(&mut self, file: Option<&str>) {
        if file.is_some() {
            self.files.pop();
        }
    }

    /// Something was printed that nobody knows.
    pub(super) fn unknown_output(&mut self, call: &Call<'_>) {
        if !self.sinks.is_empty() {
            let written = call.node.span.of(&call.source.text).to_owned();
            self.print(super::Piece::Unknown(written), call.node.span, call.source);
        }
    }
}

/// The command as written, without its redirections at the end.
fn command_text(call: &Call<'_>) -> String {
    let simple = call.simple;
    let sets = simple.assignments.iter().map(|it| it.span);
    let words = simple.words.iter().map(|it| it.span);
    let span = sets
        .chain(words)
        .reduce(Span::cover)
        .unwrap_or(call.node.span);
    span.of(&call.source.text).to_owned()
}

/// Whether a sourced file that cannot be read may set variables that a test reads: not one beside the script, which is not
/// there, and not what switches a Python environment on.
fn may_set_variables(call: &Call<'_>) -> bool {
    let folder = call.source.name.as_deref().map(crate::path::dirname);
    match call.words.get(1) {
        Some(Word::Known(file)) => {
            let is_outside =
                file.starts_with('/') && folder.is_none_or(|it| !file.starts_with(&it));
            is_outside && !switches_environment(file)
        }
        Some(Word::Unresolved(file)) => !switches_environment(file),
        None => false,
    }
}

/// Whether a file to source, or a command whose output is, belongs to a manager of environments: `PATH` is all that it sets.
pub(super) fn switches_environment(text: &str) -> bool {
    const MANAGERS: [&str; 9] = [
        "activate",
        "conda",
        "mamba",
        "pyenv",
        "brew",
        "ssh-agent",
        "nvm",
        "fnm",
        "sdkman",
    ];
    MANAGERS.iter().any(|manager| text.contains(manager))
}

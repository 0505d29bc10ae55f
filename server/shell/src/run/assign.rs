//! What sets variables: plain and inline assignments, `export`, `declare`, `local`, `readonly`, `unset`.

use std::rc::Rc;

use text::{Span, Value};

use super::{KEPT, Lookup, Machine, Source, Status};
use crate::path::is_name;
use crate::syntax::{Argument, Set, SetValue};
use crate::{Assignment, AssignmentKind};

impl Machine<'_> {
    /// `name=value`, kept in the state; gives what was set, for arrays nothing.
    pub(super) fn assign(&mut self, set: &Set, source: &Rc<Source>) -> Option<Assignment> {
        let value = self.value_of(set, source);
        self.assign_value(set, value, source)
    }

    /// The value of an assignment to a single variable, and whether it gives way to the caller's; nothing is set.
    fn value_of(&mut self, set: &Set, source: &Rc<Source>) -> Option<(Value, bool)> {
        let SetValue::Word(word) = set.value else {
            return None;
        };
        self.assumed = false;
        self.overridable = false;
        let outer = self.assigning.replace(set.name.clone());
        let value = self.single(word, source);
        self.assigning = outer;
        Some((value, self.overridable))
    }

    fn assign_value(
        &mut self,
        set: &Set,
        value: Option<(Value, bool)>,
        source: &Rc<Source>,
    ) -> Option<Assignment> {
        let span = source.span(set.span);
        let word = match &set.value {
            SetValue::Array(words) => {
                let mut values = match self.state.lookup(&set.name) {
                    Lookup::Array(values) if set.append => values.to_vec(),
                    Lookup::Value(value) if set.append => vec![value],
                    _ => Vec::new(),
                };
                for &word in words {
                    values.extend(self.fields(word, source).into_iter().map(|it| it.value()));
                }
                self.pay(values.len());
                self.state.set_array(&set.name, values);
                return None;
            }
            SetValue::Word(word) => *word,
        };
        let (mut value, overridable) = value?;
        if let Some(index) = set.index {
            self.assign_element(&set.name, index, value, source);
            return None;
        }
        if set.append {
            value = match (self.state.lookup(&set.name), value) {
                (
                    Lookup::Value(Value::Known(before) | Value::Masked(before)),
                    Value::Known(after) | Value::Masked(after),
                ) => Value::printed(format!("{before}{after}")),
                (Lookup::Unset | Lookup::Absent, value) => value,
                (_, _) => Value::Unresolved(format!("${}{}", set.name, word.of(&source.text))),
            };
        }
        self.set(&set.name, value.clone());
        Some(Assignment {
            name: set.name.clone(),
            value,
            exported: self.state.is_exported(&set.name),
            conditional: self.conditional > 0,
            kind: if self.state.options.allexport {
                AssignmentKind::Export
            } else {
                AssignmentKind::Plain
            },
            overridable,
            path: source.path.clone(),
            span,
            value_span: source.span(word),
        })
    }

    fn assign_element(&mut self, name: &str, index: Span, value: Value, source: &Rc<Source>) {
        let mut values = match self.state.lookup(name) {
            Lookup::Array(values) => values.to_vec(),
            Lookup::Value(value) => vec![value],
            Lookup::Unset | Lookup::Absent => Vec::new(),
        };
        self.pay(values.len());
        let at = self.arithmetic(index.of(&source.text), source, index.start);
        match at.and_then(|at| usize::try_from(at).ok()) {
            Some(at) if at < values.len() => {
                values[at] = value;
                self.state.set_array(name, values);
            }
            Some(at) if at == values.len() => {
                values.push(value);
                self.state.set_array(name, values);
            }
            // Gaps and names as indices are not kept apart here.
            _ => self.set(name, Value::Unresolved(format!("${{{name}[@]}}"))),
        }
    }

    /// `${name:=value}`.
    pub(crate) fn assign_default(
        &mut self,
        name: &str,
        value: Value,
        value_span: Span,
        length: usize,
        source: &Rc<Source>,
    ) {
        if !is_name(name) {
            return;
        }
        self.set(name, value.clone());
        let start = value_span.end + 1;
        let span = Span::new(start.saturating_sub(length), start);
        let assignment = Assignment {
            name: name.to_owned(),
            value,
            exported: self.state.is_exported(name),
            conditional: self.conditional > 0,
            kind: AssignmentKind::Plain,
            overridable: true,
            path: source.path.clone(),
            span: source.span(span),
            value_span: source.span(value_span),
        };
        self.keep(assignment);
    }

    pub(super) fn keep(&mut self, assignment: Assignment) {
        // What a substitution sets ends with it.
        if self.substitutions == 0 && self.result.assignments.len() < KEPT {
            self.result.assignments.push(assignment);
        }
    }

    /// `export`, `declare`, `typeset`, `local`, `readonly` with what follows.
    pub(super) fn declare(&mut self, keyword: &str, arguments: &[Argument], source: &Rc<Source>) {
        let mut exports = keyword == "export";
        let mut unexports = false;
        let mut functions = false;
        let mut array = false;
        let mut global = keyword == "export" || keyword == "readonly";
        let mut items = Vec::new();
        for argument in arguments {
            let text = argument.span.of(&source.text);
            if argument.set.is_none() && text.starts_with('-') && text.len() > 1 && items.is_empty()
            {
                exports |= text.contains('x');
                unexports |= keyword == "export" && text.contains('n');
                functions |= text.contains('f') || text.contains('p');
                array |= text.contains('a') || text.contains('A');
                global |= text.contains('g');
                continue;
            }
            if text == "+x" {
                unexports = true;
                continue;
            }
            items.push(argument);
        }
        self.state.status = Status::Known(0);
        if functions {
            return;
        }
        // All words are expanded before the first is set: in `export A=1 B=$A`, B gets the old A.
        let mut declared = Vec::new();
        for argument in items {
            for (name, set) in self.declared(argument, source) {
                let value = set.as_ref().and_then(|set| self.value_of(set, source));
                declared.push((name, set, value, argument));
            }
        }
        for (name, set, value, argument) in declared {
            if !global && !self.state.locals.is_empty() {
                let before = self.state.variable(&name).cloned();
                if let Some(frame) = self.state.locals.last_mut()
                    && !frame.iter().any(|(it, _)| *it == name)
                {
                    frame.push((name.clone(), before));
                    if set.is_none() {
                        self.state.unset(&name);
                    }
                }
            }
            if array && set.is_none() && self.state.lookup(&name) == Lookup::Absent {
                self.state.set_array(&name, Vec::new());
            }
            match set {
                Some(set) => self.declare_value(&set, value, exports && !unexports, source),
                None if unexports => self.state.unexport(&name),
                None if exports => self.export_name(&name, argument.span, source),
                None => {}
            }
        }
    }

    /// The names of one word of `export`: `A`, `A=value`, or what `$NAMES` gives.
    fn declared(&mut self, argument: &Argument, source: &Rc<Source>) -> Vec<(String, Option<Set>)> {
        if let Some(set) = &argument.set {
            return vec![(set.name.clone(), Some(set.clone()))];
        }
        let text = argument.span.of(&source.text);
        let (name, value) = match text.split_once('=') {
            Some((name, _)) => (name, Some(name.len() + 1)),
            None => (text, None),
        };
        let (name, append) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if is_name(name) {
            let set = value.map(|offset| Set {
                name: name.to_owned(),
                index: None,
                append,
                value: SetValue::Word(Span::new(argument.span.start + offset, argument.span.end)),
                span: argument.span,
            });
            return vec![(name.to_owned(), set)];
        }
        let mut names = Vec::new();
        for field in self.fields(argument.span, source) {
            let Some(text) = field.known() else {
                self.problem(
                    format!("what `{text}` sets is not known"),
                    &source.path,
                    source.span(argument.span),
                );
                self.state.open = true;
                continue;
            };
            match text.split_once('=') {
                Some((name, value)) if is_name(name) => {
                    let value = Value::printed(value);
                    self.set(name, value.clone());
                    self.state.export(name);
                    let assignment = Assignment {
                        name: name.to_owned(),
                        value,
                        exported: true,
                        conditional: self.conditional > 0,
                        kind: AssignmentKind::Export,
                        overridable: false,
                        path: source.path.clone(),
                        span: source.span(argument.span),
                        value_span: source.span(argument.span),
                    };
                    self.keep(assignment);
                }
                Some(_) => {}
                None => {
                    if is_name(&text) {
                        names.push((text, None));
                    }
                }
            }
        }
        names
    }

    fn declare_value(
        &mut self,
        set: &Set,
        value: Option<(Value, bool)>,
        exports: bool,
        source: &Rc<Source>,
    ) {
        let assignment = self.assign_value(set, value, source);
        if exports {
            self.state.export(&set.name);
        }
        let Some(mut assignment) = assignment else {
            return;
        };
        if exports {
            assignment.kind = AssignmentKind::Export;
        }
        assignment.exported = self.state.is_exported(&set.name);
        self.keep(assignment);
    }

    /// `export A` of what was set before.
    fn export_name(&mut self, name: &str, span: Span, source: &Rc<Source>) {
        self.state.export(name);
        let Lookup::Value(value) = self.state.lookup(name) else {
            return;
        };
        // The value stands where it was set.
        let set = self
            .result
            .assignments
            .iter()
            .rev()
            .find(|it| it.name == name && it.value == value)
            .map(|it| (it.value_span, it.overridable, it.path.clone()));
        let here = source.span(span);
        let (value_span, overridable, path) = match set {
            Some(set) if set.2 == source.path => set,
            _ => (here, false, source.path.clone()),
        };
        let assignment = Assignment {
            name: name.to_owned(),
            value,
            exported: true,
            conditional: self.conditional > 0,
            kind: AssignmentKind::Export,
            overridable,
            path,
            span: here,
            value_span,
        };
        self.keep(assignment);
    }

    pub(super) fn unset(&mut self, arguments: &[Argument], source: &Rc<Source>) {
        self.state.status = Status::Known(0);
        // `unset -f name` is for functions.
        let mut options = arguments.iter().map(|it| it.span.of(&source.text));
        if options.any(|it| it.starts_with('-') && it.contains('f')) {
            return;
        }
        for argument in arguments {
            for field in self.fields(argument.span, source) {
                let Some(name) = field.known() else { continue };
                if !is_name(&name) {
                    continue;
                }
                self.state.unset(&name);
                let span = source.span(argument.span);
                let assignment = Assignment {
                    name,
                    value: Value::Known(String::new()),
                    exported: false,
                    conditional: self.conditional > 0,
                    kind: AssignmentKind::Unset,
                    overridable: false,
                    path: source.path.clone(),
                    span,
                    value_span: Span::at(span.end),
                };
                self.keep(assignment);
            }
        }
    }
}

//! What a shell knows at one moment: variables, functions, options, directory.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use text::{Span, Value};

use super::Source;
use crate::syntax::Node;
use crate::{Context, ShellOptions};

/// Bytes of one variable's value that are kept; a longer one is not known.
pub(crate) const LONGEST: usize = 64 << 10;

/// Variables as a command gets them, in the order of first assignment.
pub(crate) type Environment = Vec<(String, Value)>;

/// Elements of one array that are kept.
const ELEMENTS: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) struct State {
    variables: HashMap<String, Variable>,
    next: usize,
    /// `None` where it is not known; relative where only the way from the start is.
    pub(crate) cwd: Option<String>,
    /// A `cd` went somewhere that is not known.
    pub(crate) lost: bool,
    pub(crate) previous: Option<String>,
    pub(crate) directories: Vec<Option<String>>,
    pub(crate) positional: Vec<Value>,
    pub(crate) options: ShellOptions,
    pub(crate) status: Status,
    pub(crate) pipe_statuses: Vec<Status>,
    pub(crate) functions: HashMap<String, Rc<Function>>,
    /// Names that `local` of the running functions hides, with what they were.
    pub(crate) locals: Vec<Vec<(String, Option<Variable>)>>,
    /// `trap '...' EXIT`.
    pub(crate) trap: Option<(String, Span)>,
    /// Variables were exported of which the names are not known.
    pub(crate) open: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variable {
    pub(crate) content: Content,
    pub(crate) exported: bool,
    /// The order of first assignment.
    order: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Value(Value),
    Array(Rc<[Value]>),
    /// Known to be unset.
    Unset,
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) body: Rc<Node>,
    pub(crate) source: Rc<Source>,
}

/// A command's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Known(i32),
    /// Of a command that is expected to work: what follows `&&` is not in doubt.
    Ordinary,
    /// Of a test of which the answer is not known.
    Undecided,
}

impl Status {
    pub(crate) fn of(answer: Option<bool>) -> Self {
        match answer {
            Some(true) => Self::Known(0),
            Some(false) => Self::Known(1),
            None => Self::Undecided,
        }
    }
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lookup {
    Value(Value),
    Array(Rc<[Value]>),
    Unset,
    /// Neither the environment that was given nor the script says anything of it.
    Absent,
}

impl State {
    pub(crate) fn new(ctx: &Context<'_>) -> Self {
        let mut state = Self {
            variables: HashMap::new(),
            next: 0,
            cwd: ctx.cwd.map(str::to_owned),
            lost: false,
            previous: None,
            directories: Vec::new(),
            positional: ctx.arguments.iter().cloned().map(Value::printed).collect(),
            options: ShellOptions::default(),
            status: Status::Known(0),
            pipe_statuses: Vec::new(),
            functions: HashMap::new(),
            locals: Vec::new(),
            trap: None,
            open: false,
        };
        for (name, value) in ctx.env {
            state.set(name, value.clone());
            state.export(name);
        }
        state
    }

    /// How much a copy costs.
    pub(crate) fn len(&self) -> usize {
        self.variables.len() + self.functions.len() + self.positional.len()
    }

    pub(crate) fn set(&mut self, name: &str, value: Value) {
        let value = match value {
            value if value.text().len() > LONGEST => Value::Unresolved(format!("${name}")),
            value => value,
        };
        self.put(name, Content::Value(value));
    }

    pub(crate) fn set_array(&mut self, name: &str, mut values: Vec<Value>) {
        let content = if values.len() > ELEMENTS {
            values.clear();
            Content::Value(Value::Unresolved(format!("${{{name}[@]}}")))
        } else {
            Content::Array(values.into())
        };
        self.put(name, content);
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.put(name, Content::Unset);
        if let Some(variable) = self.variables.get_mut(name) {
            variable.exported = false;
        }
    }

    fn put(&mut self, name: &str, content: Content) {
        let exported = self.options.allexport;
        if let Some(variable) = self.variables.get_mut(name) {
            variable.content = content;
            variable.exported |= exported;
            return;
        }
        let variable = Variable {
            content,
            exported,
            order: self.next,
        };
        self.next += 1;
        self.variables.insert(name.to_owned(), variable);
    }

    pub(crate) fn export(&mut self, name: &str) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.exported = true;
        }
    }

    pub(crate) fn unexport(&mut self, name: &str) {
        if let Some(variable) = self.variables.get_mut(name) {
            variable.exported = false;
        }
    }

    pub(crate) fn is_exported(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|it| it.exported)
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Puts a variable back to what it was.
    pub(crate) fn restore(&mut self, name: &str, variable: Option<Variable>) {
        match variable {
            Some(variable) => {
                self.variables.insert(name.to_owned(), variable);
            }
            None => {
                self.variables.remove(name);
            }
        }
    }

    pub(crate) fn lookup(&self, name: &str) -> Lookup {
        match self.variables.get(name).map(|it| &it.content) {
            Some(Content::Value(value)) => Lookup::Value(value.clone()),
            Some(Content::Array(values)) => Lookup::Array(Rc::clone(values)),
            Some(Content::Unset) => Lookup::Unset,
            None => Lookup::Absent,
        }
    }

    /// The exported variables, in the order of first assignment; shared with `last`, where that holds the same: nearly every
    /// command runs in the environment of the one before.
    pub(crate) fn environment(&self, last: Option<&Arc<Environment>>) -> Arc<Environment> {
        let mut exported: Vec<_> = self
            .variables
            .iter()
            .filter(|(_, variable)| variable.exported)
            .filter_map(|(name, variable)| match &variable.content {
                Content::Value(value) => Some((variable.order, name, value)),
                // bash does not export arrays.
                Content::Array(_) | Content::Unset => None,
            })
            .collect();
        exported.sort_by_key(|&(order, _, _)| order);
        let exported = exported.into_iter().map(|(_, name, value)| (name, value));
        match last {
            Some(last) if exported.clone().eq(last.iter().map(|it| (&it.0, &it.1))) => {
                Arc::clone(last)
            }
            _ => {
                let owned = exported.map(|(name, value)| (name.clone(), value.clone()));
                Arc::new(owned.collect())
            }
        }
    }

    /// Takes a command's environment for its own: what a shell sees that the command starts.
    pub(crate) fn inherit(&mut self, environment: &Environment, open: bool) {
        for variable in self.variables.values_mut() {
            variable.exported = false;
        }
        for (name, value) in environment {
            self.set(name, value.clone());
            self.export(name);
        }
        self.open = open;
    }

    /// Joins the state of another branch into this one: what differs is not known afterwards.
    pub(crate) fn join(&mut self, other: Self) {
        for (name, ours) in &mut self.variables {
            if !other.variables.contains_key(name) {
                ours.join_content(&Content::Unset, name);
            }
        }
        for (name, theirs) in other.variables {
            match self.variables.get_mut(&name) {
                Some(ours) => ours.join(&theirs, &name),
                None => {
                    let mut variable = theirs;
                    variable.join_content(&Content::Unset, &name);
                    self.variables.insert(name, variable);
                }
            }
        }
        self.next = self.next.max(other.next);
        for (name, function) in other.functions {
            self.functions.entry(name).or_insert(function);
        }
        if self.cwd != other.cwd || self.lost != other.lost {
            self.cwd = None;
            self.lost = true;
        }
        if self.positional != other.positional {
            self.positional.clear();
        }
        if self.status != other.status {
            self.status = Status::Undecided;
        }
        self.options = self.options.both(other.options);
        self.trap = self.trap.take().or(other.trap);
        self.open |= other.open;
    }
}

impl Variable {
    fn join(&mut self, other: &Self, name: &str) {
        self.exported |= other.exported;
        if self.content != other.content {
            self.join_content(&other.content, name);
        }
    }

    fn join_content(&mut self, other: &Content, name: &str) {
        if self.content == *other {
            return;
        }
        // What one way appends to a list of arguments may be absent, or others; what comes before it is there on both. Where
        // the lists part, the first way's are kept as what is likely: `cmd=(pytest)`, and without one `cmd=(python3 -m pytest)`.
        if let (
            Self {
                content: Content::Array(ours),
                ..
            },
            Content::Array(theirs),
        ) = (&*self, other)
        {
            let common = ours.iter().zip(theirs.iter());
            let common = common.take_while(|(ours, theirs)| ours == theirs).count();
            let likely = if ours.len() == common { theirs } else { ours };
            let mut values = likely[..common].to_vec();
            let rest = likely[common..].iter();
            values.extend(rest.map(|it| Value::Unresolved(it.text().to_owned())));
            self.content = Content::Array(values.into());
            return;
        }
        let ours = self.content.describe(name);
        let theirs = other.describe(name);
        // An expression that was joined before already names this alternative.
        let text = if ours.split(" or ").any(|it| it == theirs) {
            ours
        } else if theirs.split(" or ").any(|it| it == ours) {
            theirs
        } else if ours.len() + theirs.len() > 1000 {
            format!("${name}")
        } else {
            format!("{ours} or {theirs}")
        };
        self.content = Content::Value(Value::Unresolved(text));
    }
}

impl Content {
    fn describe(&self, name: &str) -> String {
        match self {
            Self::Value(value) if value.text().is_empty() => "\"\"".to_owned(),
            Self::Value(value) => value.text().to_owned(),
            Self::Array(_) => format!("${{{name}[@]}}"),
            Self::Unset => "unset".to_owned(),
        }
    }
}

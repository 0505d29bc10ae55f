//! What a parameter is: a variable, an element, an argument, or what the shell itself tells.

use std::rc::Rc;

use text::Value;

use crate::run::{Lookup, Machine, Source, Status};

/// What a parameter is.
pub(super) enum Found {
    One(Value),
    /// `$@`, `${array[@]}`.
    Many(Vec<Value>),
    Unset,
    /// Nothing is known of it.
    Absent,
}

impl Machine<'_> {
    pub(super) fn find(&mut self, name: &str, index: Option<&str>, source: &Rc<Source>) -> Found {
        if let Some(index) = index {
            return self.element(name, index, source);
        }
        if let Ok(number) = name.parse::<usize>() {
            return match number.checked_sub(1) {
                None => match &source.name {
                    Some(name) => Found::One(Value::Known(name.clone())),
                    None => Found::Absent,
                },
                Some(at) => match self.state.positional.get(at) {
                    Some(value) => Found::One(value.clone()),
                    None => Found::Unset,
                },
            };
        }
        match name {
            "@" | "*" => Found::Many(self.state.positional.clone()),
            "#" => Found::One(Value::Known(self.state.positional.len().to_string())),
            "?" => match self.state.status {
                Status::Known(code) => Found::One(Value::Known(code.to_string())),
                Status::Ordinary | Status::Undecided => Found::Absent,
            },
            "PWD" => match &self.state.cwd {
                Some(cwd) if cwd.starts_with('/') => Found::One(Value::Known(cwd.clone())),
                _ => Found::Absent,
            },
            "BASH_SOURCE" => match &source.name {
                Some(name) => Found::One(Value::Known(name.clone())),
                None => Found::Absent,
            },
            name => match self.state.lookup(name) {
                Lookup::Value(value) => Found::One(value),
                Lookup::Array(values) => match values.first() {
                    Some(value) => Found::One(value.clone()),
                    None => Found::Unset,
                },
                Lookup::Unset => Found::Unset,
                Lookup::Absent => Found::Absent,
            },
        }
    }

    fn element(&mut self, name: &str, index: &str, source: &Rc<Source>) -> Found {
        let values: Vec<Value> = match (name, self.state.lookup(name)) {
            ("BASH_SOURCE", _) => return self.find(name, None, source),
            ("PIPESTATUS", _) => self
                .state
                .pipe_statuses
                .iter()
                .map(|status| match status {
                    Status::Known(code) => Value::Known(code.to_string()),
                    _ => Value::Unresolved("${PIPESTATUS}".to_owned()),
                })
                .collect(),
            (_, Lookup::Value(value)) => vec![value],
            (_, Lookup::Array(values)) => values.to_vec(),
            (_, Lookup::Unset) => Vec::new(),
            (_, Lookup::Absent) => return Found::Absent,
        };
        if matches!(index, "@" | "*") {
            return Found::Many(values);
        }
        let Some(mut at) = self.arithmetic(index, source, 0) else {
            return Found::Absent;
        };
        if at < 0 {
            at += i64::try_from(values.len()).unwrap_or(0);
        }
        match usize::try_from(at).ok().and_then(|at| values.get(at)) {
            Some(value) => Found::One(value.clone()),
            None => Found::Unset,
        }
    }
}

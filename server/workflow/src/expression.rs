//! `${{ }}`: evaluated with what is known, kept as written where something is not.
//!
//! The grammar is `github-actions-expressions`'; the evaluation is three-valued: an unknown operand makes the result unknown
//! unless the other operand decides it.

mod function;

use std::cmp::Ordering;
use std::sync::Arc;

use github_actions_expressions::{
    Expr, SpannedExpr,
    literal::Literal,
    op::{BinExpr, BinOp, UnOp},
};
use text::Value;

use crate::data::Data;

/// What the names of an expression stand for: `inputs`, `matrix`, ...
#[derive(Debug, Clone, Default)]
pub(crate) struct Contexts {
    entries: Vec<(&'static str, Data)>,
}

impl Contexts {
    pub(crate) fn set(&mut self, name: &'static str, value: Data) {
        match self.entries.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.entries.push((name, value)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Data> {
        self.entries
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// A text with its expressions filled in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Expanded {
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// As written, from that offset of the template on.
    Literal(String, usize),
    /// What an expression at that offset gave.
    Filled(String, usize),
    /// An expression that is not known, `${{ }}` included.
    Unknown(String, usize),
}

impl Expanded {
    /// The text; expressions that are not known stand in it as written.
    pub(crate) fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text, _) | Part::Filled(text, _) | Part::Unknown(text, _) => {
                    text.as_str()
                }
            })
            .collect()
    }

    pub(crate) fn is_known(&self) -> bool {
        !self
            .parts
            .iter()
            .any(|part| matches!(part, Part::Unknown(..)))
    }

    /// The place in the template of an offset into the text.
    pub(crate) fn template_offset(&self, offset: usize) -> usize {
        let mut passed = 0;
        let mut last = 0;
        for part in &self.parts {
            let (Part::Literal(text, at) | Part::Filled(text, at) | Part::Unknown(text, at)) = part;
            last = *at;
            if offset < passed + text.len() {
                return match part {
                    Part::Filled(..) => *at,
                    _ => at + (offset - passed),
                };
            }
            passed += text.len();
        }
        last
    }

    pub(crate) fn value(&self) -> Value {
        if self.is_known() {
            Value::printed(self.text())
        } else {
            Value::Unresolved(self.text())
        }
    }
}

/// Fills in the expressions of a text.
pub(crate) fn expand(template: &str, contexts: &Contexts) -> Expanded {
    let mut parts = Vec::new();
    for piece in pieces(template) {
        match piece {
            Piece::Literal(text, at) => parts.push(Part::Literal(text.to_owned(), at)),
            Piece::Expression { inner, whole, at } => {
                let value = evaluate(inner, contexts);
                parts.push(match (value.printed(), value) {
                    (Some(text), _) => Part::Filled(text, at),
                    // A value that is known in part says more than its name.
                    (None, Data::Unknown(text)) if is_partial(&text) => {
                        Part::Unknown(text.to_string(), at)
                    }
                    _ => Part::Unknown(whole.to_owned(), at),
                });
            }
        }
    }
    Expanded { parts }
}

/// A text that may be one whole expression, which then gives a value of any type.
pub(crate) fn data(template: &str, contexts: &Contexts) -> Data {
    let trimmed = template.trim();
    if let [Piece::Expression { inner, .. }] = pieces(trimmed)[..] {
        return match evaluate(inner, contexts) {
            Data::Unknown(text) if is_partial(&text) => Data::Unknown(text),
            Data::Unknown(_) => Data::unknown(trimmed),
            known => known,
        };
    }
    match expand(template, contexts).value() {
        Value::Known(text) | Value::Masked(text) => Data::text(text),
        Value::Unresolved(text) => Data::unknown(text),
    }
}

/// A value of the configuration with every expression in it filled in.
pub(crate) fn fill(value: &Data, contexts: &Contexts) -> Data {
    match value {
        Data::Text(text) if text.contains("${{") => data(text, contexts),
        Data::List(items) => Data::List(items.iter().map(|item| fill(item, contexts)).collect()),
        Data::Map(map) => Data::map(
            map.entries
                .iter()
                .map(|(key, item)| (key.clone(), fill(item, contexts)))
                .collect(),
            map.open,
        ),
        other => other.clone(),
    }
}

/// Whether what is not known is a text with expressions in it, not one expression's own words.
fn is_partial(text: &str) -> bool {
    text.contains("${{")
}

/// Evaluates an expression, without its `${{ }}`.
pub(crate) fn evaluate(expression: &str, contexts: &Contexts) -> Data {
    let unknown = || Data::unknown(format!("${{{{ {} }}}}", expression.trim()));
    if expression.len() > 21_000 {
        return unknown();
    }
    match Expr::parse(expression.trim()) {
        Ok(parsed) => match (Evaluator { contexts }).expr(&parsed) {
            Data::Unknown(text) if is_partial(&text) => Data::Unknown(text),
            Data::Unknown(_) => unknown(),
            known => known,
        },
        Err(_) => unknown(),
    }
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Piece<'t> {
    Literal(&'t str, usize),
    Expression {
        inner: &'t str,
        whole: &'t str,
        at: usize,
    },
}

/// Splits a template at its expressions. A quoted `}}` does not end one.
pub(crate) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = 0;
    let mut from = 0;
    while let Some(found) = template[from..].find("${{") {
        let start = from + found;
        let Some(end) = expression_end(template, start + 3) else {
            break;
        };
        if literal < start {
            pieces.push(Piece::Literal(&template[literal..start], literal));
        }
        pieces.push(Piece::Expression {
            inner: &template[start + 3..end],
            whole: &template[start..end + 2],
            at: start,
        });
        literal = end + 2;
        from = literal;
    }
    if literal < template.len() {
        pieces.push(Piece::Literal(&template[literal..], literal));
    }
    pieces
}

fn expression_end(template: &str, start: usize) -> Option<usize> {
    let bytes = template.as_bytes();
    let mut quoted = false;
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

struct Evaluator<'c> {
    contexts: &'c Contexts,
}

impl Evaluator<'_> {
    fn expr(&self, expr: &SpannedExpr<'_>) -> Data {
        let unknown = || Data::unknown(expr.origin.raw);
        match &expr.inner {
            Expr::Literal(literal) => match literal {
                Literal::Number(value) => Data::Number(*value),
                Literal::String(value) => Data::text(value),
                Literal::Boolean(value) => Data::Bool(*value),
                Literal::Null => Data::Null,
            },
            Expr::Call(call) => {
                let args: Vec<Data> = call.args.iter().map(|arg| self.expr(arg)).collect();
                function::call(call.func, &args).unwrap_or_else(unknown)
            }
            Expr::Identifier(name) => self
                .contexts
                .get(name.as_str())
                .cloned()
                .unwrap_or_else(unknown),
            Expr::Context(context) => {
                let mut parts = context.parts.iter();
                let Some(head) = parts.next() else {
                    return unknown();
                };
                parts.fold(self.expr(head), |value, part| {
                    self.select(&value, part, expr.origin.raw)
                })
            }
            Expr::BinExpr(BinExpr { lhs, op, rhs }) => {
                self.binary(lhs, op, rhs).unwrap_or_else(unknown)
            }
            Expr::UnExpr {
                op: UnOp::Not,
                expr: inner,
            } => match self.expr(inner).truthy() {
                Some(value) => Data::Bool(!value),
                None => unknown(),
            },
            Expr::Index(_) | Expr::Star => unknown(),
        }
    }

    /// One step down: `.name`, `['name']`, `[0]`, `.*`.
    fn select(&self, value: &Data, part: &SpannedExpr<'_>, raw: &str) -> Data {
        let unknown = || Data::unknown(raw);
        let key = match &part.inner {
            Expr::Identifier(name) => Data::text(name.as_str()),
            Expr::Index(index) if matches!(index.inner, Expr::Star) => {
                return star(value).unwrap_or_else(unknown);
            }
            Expr::Star => return star(value).unwrap_or_else(unknown),
            Expr::Index(index) => self.expr(index),
            _ => return unknown(),
        };
        match (value, &key) {
            (Data::Unknown(_), _) | (_, Data::Unknown(_)) => unknown(),
            (Data::Map(map), key) => match map.get(&key.printed().unwrap_or_default()) {
                Some(found) => found.clone(),
                None if map.open => unknown(),
                None => Data::Null,
            },
            (Data::List(items), Data::Number(index)) => {
                let index = *index as usize;
                items.get(index).cloned().unwrap_or(Data::Null)
            }
            // `list.*.name`: what every item has under that name.
            (Data::List(items), Data::Text(_)) => {
                let found = items.iter().filter_map(|item| match item {
                    Data::Map(_) => Some(self.select(item, part, raw)),
                    _ => None,
                });
                Data::List(found.collect())
            }
            _ => Data::Null,
        }
    }

    /// `None` where the result is not known.
    fn binary(&self, lhs: &SpannedExpr<'_>, op: &BinOp, rhs: &SpannedExpr<'_>) -> Option<Data> {
        let left = self.expr(lhs);
        match op {
            BinOp::And => {
                return if left.truthy()? {
                    Some(self.expr(rhs))
                } else {
                    Some(left)
                };
            }
            BinOp::Or => {
                return if left.truthy()? {
                    Some(left)
                } else {
                    Some(self.expr(rhs))
                };
            }
            _ => {}
        }
        let right = self.expr(rhs);
        let result = match op {
            BinOp::Eq => equal(&left, &right)?,
            BinOp::Neq => !equal(&left, &right)?,
            BinOp::Gt => compare(&left, &right)? == Some(Ordering::Greater),
            BinOp::Ge => matches!(
                compare(&left, &right)?,
                Some(Ordering::Greater | Ordering::Equal)
            ),
            BinOp::Lt => compare(&left, &right)? == Some(Ordering::Less),
            BinOp::Le => matches!(
                compare(&left, &right)?,
                Some(Ordering::Less | Ordering::Equal)
            ),
            BinOp::And | BinOp::Or => return None,
        };
        Some(Data::Bool(result))
    }
}

/// `.*`: the values of a list or map.
fn star(value: &Data) -> Option<Data> {
    match value {
        Data::List(_) => Some(value.clone()),
        Data::Map(map) if !map.open => Some(Data::List(
            map.entries.iter().map(|(_, item)| item.clone()).collect(),
        )),
        _ => None,
    }
}

/// GitHub's loose equality: texts in any case, other types as numbers. `None` where it is not known.
pub(crate) fn equal(left: &Data, right: &Data) -> Option<bool> {
    match (left, right) {
        (Data::Unknown(_), _) | (_, Data::Unknown(_)) => None,
        (Data::Text(left), Data::Text(right)) => Some(left.to_lowercase() == right.to_lowercase()),
        (Data::List(left), Data::List(right)) => Some(Arc::ptr_eq(left, right)),
        (Data::Map(left), Data::Map(right)) => Some(Arc::ptr_eq(left, right)),
        (Data::Null, Data::Null) => Some(true),
        _ => Some(as_number(left)? == as_number(right)?),
    }
}

fn compare(left: &Data, right: &Data) -> Option<Option<Ordering>> {
    match (left, right) {
        (Data::Text(left), Data::Text(right)) => {
            Some(Some(left.to_lowercase().cmp(&right.to_lowercase())))
        }
        _ => Some(as_number(left)?.partial_cmp(&as_number(right)?)),
    }
}

fn as_number(value: &Data) -> Option<f64> {
    Some(match value {
        Data::Null => 0.0,
        Data::Bool(value) => f64::from(u8::from(*value)),
        Data::Number(value) => *value,
        Data::Text(text) => match text.trim() {
            "" => 0.0,
            text => match text.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).map_or(f64::NAN, |value| value as f64),
                None => text.parse().unwrap_or(f64::NAN),
            },
        },
        Data::List(_) | Data::Map(_) => f64::NAN,
        Data::Unknown(_) => return None,
    })
}

#[cfg(test)]
mod tests;

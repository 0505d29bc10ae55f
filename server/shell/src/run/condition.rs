//! `[ ]`, `test` and `[[ ]]`: decided where all that they look at is known.

use std::rc::Rc;

use text::Span;

use super::{Lookup, Machine, Source};
use crate::expand::Field;
use crate::parse::lex_test;

/// How deep parentheses and `!` may nest.
const DEPTH: usize = 30;

/// A term of a condition.
enum Token {
    /// A word as it stands, not quoted: an operator, if it is one.
    Sign(String),
    Word(Option<String>, Span),
}

struct Terms<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    double: bool,
}

impl Machine<'_> {
    /// `[ words ]`, without the brackets.
    pub(super) fn test_words(&mut self, fields: &[Field], source: &Rc<Source>) -> Option<bool> {
        let tokens: Vec<Token> = fields
            .iter()
            .map(|field| match field.known() {
                Some(text) if is_sign(&text) => Token::Sign(text),
                text => Token::Word(text, Span::at(0)),
            })
            .collect();
        // With one word, even an operator is a word.
        if let [Token::Sign(_)] = &tokens[..] {
            return Some(true);
        }
        if tokens.is_empty() {
            return Some(false);
        }
        let mut terms = Terms {
            tokens: &tokens,
            at: 0,
            depth: 0,
            double: false,
        };
        let answer = self.or(&mut terms, source);
        if terms.at == tokens.len() {
            answer
        } else {
            None
        }
    }

    /// What stands between `[[` and `]]`.
    pub(super) fn test_brackets(&mut self, span: Span, source: &Rc<Source>) -> Option<bool> {
        self.assumed = false;
        let mut tokens = Vec::new();
        for (part, sign) in lex_test(span.of(&source.text)) {
            let part = part.shifted(span.start);
            let text = part.of(&source.text);
            if sign || is_sign(text) {
                tokens.push(Token::Sign(text.to_owned()));
                continue;
            }
            let value = self.single(part, source);
            tokens.push(Token::Word(value.known().map(str::to_owned), part));
        }
        let mut terms = Terms {
            tokens: &tokens,
            at: 0,
            depth: 0,
            double: true,
        };
        let answer = self.or(&mut terms, source);
        let all = terms.at == tokens.len();
        if self.assumed || !all { None } else { answer }
    }

    fn or(&mut self, terms: &mut Terms<'_>, source: &Rc<Source>) -> Option<bool> {
        let mut answer = self.and(terms, source);
        while terms.take("||") || !terms.double && terms.take("-o") {
            let right = self.and(terms, source);
            answer = match (answer, right) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        answer
    }

    fn and(&mut self, terms: &mut Terms<'_>, source: &Rc<Source>) -> Option<bool> {
        let mut answer = self.not(terms, source);
        while terms.take("&&") || !terms.double && terms.take("-a") {
            let right = self.not(terms, source);
            answer = match (answer, right) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        answer
    }

    fn not(&mut self, terms: &mut Terms<'_>, source: &Rc<Source>) -> Option<bool> {
        terms.depth += 1;
        if terms.depth > DEPTH {
            terms.at = terms.tokens.len() + 1;
            return None;
        }
        let answer = if terms.take("!") {
            self.not(terms, source).map(|it| !it)
        } else if terms.take("(") {
            let answer = self.or(terms, source);
            if terms.take(")") { answer } else { None }
        } else {
            self.term(terms, source)
        };
        terms.depth -= 1;
        answer
    }

    fn term(&mut self, terms: &mut Terms<'_>, source: &Rc<Source>) -> Option<bool> {
        let binary = matches!(terms.tokens.get(terms.at + 1), Some(Token::Sign(sign)) if is_binary(sign))
            && terms.tokens.len() > terms.at + 2;
        if binary {
            let left = terms.text(terms.at);
            let Some(Token::Sign(operator)) = terms.tokens.get(terms.at + 1) else {
                return None;
            };
            let right = terms.text(terms.at + 2);
            let place = match terms.tokens.get(terms.at + 2) {
                Some(Token::Word(_, span)) => *span,
                _ => Span::at(0),
            };
            terms.at += 3;
            if terms.double && matches!(operator.as_str(), "=" | "==" | "!=") {
                let pattern = if place.is_empty() {
                    return None;
                } else {
                    self.pattern(place, source)?
                };
                let matches = pattern.matches(&left?)?;
                return Some(matches == (operator != "!="));
            }
            return compare(operator, &left?, &right?);
        }
        let token = terms.tokens.get(terms.at)?;
        if let Token::Sign(sign) = token
            && sign.len() == 2
            && sign.starts_with('-')
            && terms.at + 1 < terms.tokens.len()
        {
            let word = terms.text(terms.at + 1);
            terms.at += 2;
            return match sign.as_str() {
                "-z" => word.map(|it| it.is_empty()),
                "-n" => word.map(|it| !it.is_empty()),
                "-v" => match self.state.lookup(&word?) {
                    Lookup::Value(_) | Lookup::Array(_) => Some(true),
                    Lookup::Unset => Some(false),
                    Lookup::Absent => None,
                },
                // Files are the machine's.
                _ => None,
            };
        }
        let word = terms.text(terms.at);
        terms.at += 1;
        word.map(|it| !it.is_empty())
    }
}

impl Terms<'_> {
    fn take(&mut self, sign: &str) -> bool {
        let here = matches!(self.tokens.get(self.at), Some(Token::Sign(it)) if it == sign);
        self.at += usize::from(here);
        here
    }

    fn text(&self, at: usize) -> Option<String> {
        match self.tokens.get(at)? {
            Token::Sign(text) => Some(text.clone()),
            Token::Word(text, _) => text.clone(),
        }
    }
}

fn is_sign(text: &str) -> bool {
    matches!(text, "!" | "(" | ")" | "&&" | "||" | "-a" | "-o")
        || is_binary(text)
        || text.len() == 2 && text.starts_with('-') && text.as_bytes()[1].is_ascii_alphabetic()
}

fn is_binary(text: &str) -> bool {
    matches!(
        text,
        "=" | "=="
            | "!="
            | "=~"
            | "<"
            | ">"
            | "-eq"
            | "-ne"
            | "-lt"
            | "-le"
            | "-gt"
            | "-ge"
            | "-nt"
            | "-ot"
            | "-ef"
    )
}

fn compare(operator: &str, left: &str, right: &str) -> Option<bool> {
    match operator {
        "=" | "==" => return Some(left == right),
        "!=" => return Some(left != right),
        "<" => return Some(left < right),
        ">" => return Some(left > right),
        _ => {}
    }
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (left, right) = (number(left)?, number(right)?);
    Some(match operator {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        "-ge" => left >= right,
        _ => return None,
    })
}

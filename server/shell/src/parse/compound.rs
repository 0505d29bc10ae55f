//! Commands that hold others: functions, branches, loops, tests.

use std::rc::Rc;

use text::Span;

use super::Parser;
use crate::syntax::{Arm, Kind, List};

impl Parser<'_> {
    pub(super) fn compound(&mut self) -> Option<Kind> {
        if self.starts("((")
            && let Some(inner) = self.double_parentheses()
        {
            return Some(Kind::Arithmetic(inner));
        }
        if self.peek() == Some(b'(') {
            self.at += 1;
            let list = self.list();
            self.close(")");
            return Some(Kind::Subshell(list));
        }
        let word = self.reserved_word();
        match word {
            "{" => {
                self.at += 1;
                let list = self.list();
                self.close("}");
                Some(Kind::Group(list))
            }
            "[[" => Some(self.test()),
            "if" => Some(self.if_()),
            "for" | "select" => self.for_(word == "select"),
            "while" | "until" => {
                self.at += word.len();
                let condition = self.list();
                let body = self.do_group();
                Some(Kind::While {
                    condition,
                    body,
                    until: word == "until",
                })
            }
            "case" => self.case(),
            "function" => {
                self.at += word.len();
                self.space();
                let name = self.word()?.of(self.text).to_owned();
                self.space();
                if self.peek() == Some(b'(') {
                    self.at += 1;
                    self.space();
                    self.close(")");
                }
                self.function(name)
            }
            _ => {
                let name = self.function_name()?;
                self.function(name)
            }
        }
    }

    /// `name ()`; leaves the place unchanged if it is not that.
    pub(super) fn function_name(&mut self) -> Option<String> {
        let start = self.at;
        let length = self.bytes[start..]
            .iter()
            .take(200)
            .position(|it| b" \t\n\r;&|()<>\"'$=\\`".contains(it))?;
        self.at += length;
        self.space();
        if length > 0 && self.peek() == Some(b'(') {
            self.at += 1;
            self.space();
            if self.peek() == Some(b')') {
                self.at += 1;
                return Some(self.text[start..start + length].to_owned());
            }
        }
        self.at = start;
        None
    }

    pub(super) fn function(&mut self, name: String) -> Option<Kind> {
        self.space_and_lines();
        let body = Rc::new(self.command()?);
        Some(Kind::Function { name, body })
    }

    pub(super) fn if_(&mut self) -> Kind {
        let mut branches = Vec::new();
        let mut otherwise = None;
        self.at += "if".len();
        loop {
            let condition = self.list();
            self.close("then");
            let body = self.list();
            branches.push((condition, body));
            if self.keyword("elif") {
                self.at += "elif".len();
                continue;
            }
            if self.keyword("else") {
                self.at += "else".len();
                otherwise = Some(self.list());
            }
            self.close("fi");
            return Kind::If(branches, otherwise);
        }
    }

    pub(super) fn for_(&mut self, select: bool) -> Option<Kind> {
        self.at += if select { "select" } else { "for" }.len();
        self.space();
        if self.starts("((")
            && let Some(inner) = self.double_parentheses()
        {
            let mut ends = inner
                .of(self.text)
                .match_indices(';')
                .map(|(at, _)| inner.start + at);
            let first = ends.next().unwrap_or(inner.end);
            let second = ends.next().unwrap_or(inner.end);
            let header = [
                Span::new(inner.start, first),
                Span::new((first + 1).min(inner.end), second),
                Span::new((second + 1).min(inner.end), inner.end),
            ];
            let body = self.do_group();
            return Some(Kind::Count { header, body });
        }
        let name = self.word()?.of(self.text).to_owned();
        self.space_and_lines();
        let mut words = None;
        if self.keyword("in") {
            self.at += 2;
            let mut list = Vec::new();
            loop {
                self.space();
                match self.word() {
                    Some(word) => list.push(word),
                    None => break,
                }
            }
            words = Some(list);
        }
        let body = self.do_group();
        Some(Kind::For {
            name,
            words,
            body,
            select,
        })
    }

    pub(super) fn do_group(&mut self) -> List {
        self.space_and_lines();
        if self.peek() == Some(b';') {
            self.at += 1;
            self.space_and_lines();
        }
        if self.keyword("{") {
            self.at += 1;
            let list = self.list();
            self.close("}");
            return list;
        }
        self.close("do");
        let list = self.list();
        self.close("done");
        list
    }

    pub(super) fn case(&mut self) -> Option<Kind> {
        self.at += "case".len();
        self.space();
        let word = self.word()?;
        self.space_and_lines();
        self.close("in");
        let mut arms = Vec::new();
        loop {
            self.space_and_lines();
            if self.at >= self.bytes.len() || self.keyword("esac") {
                break;
            }
            let start = self.at;
            if self.peek() == Some(b'(') {
                self.at += 1;
            }
            let mut patterns = Vec::new();
            loop {
                self.space();
                match self.word() {
                    Some(pattern) => patterns.push(pattern),
                    None => break,
                }
                self.space();
                if self.peek() != Some(b'|') {
                    break;
                }
                self.at += 1;
            }
            self.close(")");
            let body = self.list();
            let falls_through = self.starts(";&") || self.starts(";;&");
            while matches!(self.peek(), Some(b';' | b'&')) {
                self.at += 1;
            }
            arms.push(Arm {
                patterns,
                body,
                falls_through,
            });
            if self.at == start {
                break;
            }
        }
        self.close("esac");
        Some(Kind::Case { word, arms })
    }

    pub(super) fn test(&mut self) -> Kind {
        self.at += 2;
        let start = self.at;
        loop {
            self.space_and_lines();
            let at = self.at;
            if self.keyword("]]") {
                self.at += 2;
                return Kind::Test(Span::new(start, at));
            }
            if at >= self.bytes.len() {
                self.problem("`[[` without `]]`", start);
                return Kind::Test(Span::new(start, at));
            }
            if self.word().is_none() {
                self.at += 1;
            }
        }
    }
}

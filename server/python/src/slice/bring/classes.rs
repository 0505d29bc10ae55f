//! A class that comes along: without its tests, and with what the run went through of its methods.

use std::collections::BTreeSet;

use super::Bring;
use crate::model::Level;
use crate::slice::cut::{Cut, executed, only_branch};
use crate::slice::tree::{Kind, Statement};
use crate::source::{Module, in_name};

impl<'s> Bring<'s, '_> {
    /// What the run went through of a method; `None` where that is not known, or for more than the smallest slice.
    pub(in crate::slice) fn executed(&self, module: &'s Module, method: &Statement) -> Option<Cut> {
        let is_told = self.level == Level::Smallest && !method.facts().yields;
        if method.kind != Kind::Function || !is_told {
            return None;
        }
        let (ran, _) = self.traced(&module.path);
        executed(&method.clauses().first()?.body, &ran)
    }

    /// Whether a function that the failure goes through calls a test.
    fn is_called(&self, test: &Statement) -> bool {
        self.rows.iter().any(|(path, rows)| {
            let Some(module) = self.project.module(path) else {
                return false;
            };
            let mut functions = rows
                .iter()
                .filter_map(|row| module.function_at(u32::try_from(row + 1).ok()?));
            functions.any(|it| crate::slice::called::calls(module.source(it), &test.name))
        })
    }

    /// Whether a line of test code that ran names an attribute: then what is left of that code tells whether it is needed.
    fn is_named(&self, attribute: &str) -> bool {
        let files = self.observed.into_iter().flat_map(|it| &it.lines);
        let mut files = files.filter(|(path, _)| self.is_test_code(path));
        files.any(|(path, lines)| {
            let module = self.project.module(path);
            let mut lines = lines.iter().filter_map(|line| module?.line_text(*line));
            lines.any(|line| {
                line.split('.').skip(1).any(|rest| {
                    let behind = rest.strip_prefix(attribute);
                    behind.is_some_and(|it| !it.starts_with(in_name))
                })
            })
        })
    }

    /// What a class has of its members: of an `if`, the block that its body went through when the run imported it.
    fn members<'a, 't>(
        &self,
        class: &'a [Statement<'t>],
        ran: &BTreeSet<usize>,
    ) -> Vec<&'a Statement<'t>> {
        let of_member = |member: &'a Statement<'t>| match only_branch(member, ran) {
            Some(block) if self.level == Level::Smallest => block.iter().collect(),
            _ => vec![member],
        };
        class.iter().flat_map(of_member).collect()
    }

    /// A class without its tests.
    pub(super) fn class(&self, module: &'s Module, statement: &Statement, lines: &mut Vec<String>) {
        let mut writer = self.writer(module);
        let Some(clause) = statement.clauses().first() else {
            return writer.whole(statement, 0, lines);
        };
        let is_test = |member: &Statement| {
            member.kind == Kind::Function
                && member.name.starts_with("test")
                && !self.is_called(member)
        };
        let (ran, _) = self.traced(&module.path);
        let members = self.members(&clause.body, &ran);
        let cuts: Vec<Option<Cut>> = members
            .iter()
            .map(|member| self.executed(module, member))
            .collect();
        for member in &members {
            let inner = member.clauses().iter().flat_map(|clause| &clause.body);
            let mut rows = inner.flat_map(|inner| inner.rows.0..=inner.rows.1);
            let is_method = member.kind == Kind::Function;
            if is_method && rows.any(|row| ran.contains(&row)) && !self.is_named(&member.name) {
                writer.ran(member);
            }
        }
        let is_own = members.len() == clause.body.len()
            && members
                .iter()
                .zip(&clause.body)
                .all(|(it, own)| it.id() == own.id());
        let is_whole = is_own && cuts.iter().all(Option::is_none);
        if is_whole && !clause.body.iter().any(is_test) {
            return writer.whole(statement, 0, lines);
        }
        writer.span(
            statement.span.start,
            clause.header.end,
            statement.span.start,
            0,
            lines,
        );
        let before = lines.len();
        for (member, cut) in members.into_iter().zip(cuts) {
            if member.kind == Kind::Docstring || is_test(member) {
                continue;
            }
            if member.kind == Kind::Function && lines.len() > before {
                lines.push(String::new());
            }
            match cut {
                Some(cut) => writer.definition(member, Some(&cut), 4, lines),
                None => writer.whole(member, 4, lines),
            }
        }
        if lines.len() == before {
            lines.push("    pass".to_owned());
        }
    }
}

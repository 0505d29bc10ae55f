//! What a script writes to `$GITHUB_ENV`: `NAME=value` lines, and `NAME<<END`, lines, `END`.

use std::rc::Rc;

use text::{Span, Value};

use super::{Machine, Piece, Sink, Source};
use crate::path::is_name;
use crate::syntax::{Kind, Node, Operator, Redirect};
use crate::{Assignment, AssignmentKind};

/// What was written so far and belongs to no finished line.
#[derive(Debug, Default)]
pub(super) struct GithubEnv {
    line: Vec<Piece>,
    span: Option<Span>,
    path: String,
    /// A value of several lines: name, end mark, lines, where it starts.
    open: Option<(String, String, Vec<Piece>, Span)>,
}

impl Machine<'_> {
    pub(super) fn writes_github_env(&self, redirects: &[Redirect], source: &Rc<Source>) -> bool {
        redirects.iter().any(|redirect| {
            matches!(
                redirect.operator,
                Operator::Append | Operator::Write | Operator::Both
            ) && names_github_env(redirect.target.of(&source.text))
        })
    }

    /// Whether what the command prints goes to a file.
    pub(super) fn hides_output(&self, redirects: &[Redirect]) -> bool {
        redirects.iter().any(|redirect| {
            matches!(
                redirect.operator,
                Operator::Append | Operator::Write | Operator::Both
            ) && matches!(redirect.descriptor, None | Some(1))
        })
    }

    /// The part of a pipeline that is `tee -a "$GITHUB_ENV"`.
    pub(super) fn pipes_to_github_env(&self, parts: &[Node], source: &Rc<Source>) -> Option<usize> {
        parts.iter().position(|part| match &part.kind {
            Kind::Simple(simple) => {
                let mut words = simple.words.iter().map(|it| it.span.of(&source.text));
                words.next() == Some("tee") && words.any(names_github_env)
            }
            _ => false,
        })
    }

    pub(super) fn feed_github_env(&mut self, sink: Sink, source: &Rc<Source>, _span: Span) {
        self.github_env.path.clone_from(&source.path);
        for (piece, span) in sink.pieces {
            let Piece::Known(text) = piece else {
                self.github_env.line.push(piece);
                self.github_env.cover(span);
                continue;
            };
            for part in text.split_inclusive('\n') {
                self.github_env.cover(span);
                let content = part.strip_suffix('\n').unwrap_or(part);
                if !content.is_empty() {
                    self.github_env.line.push(Piece::Known(content.to_owned()));
                }
                if part.ends_with('\n') {
                    self.github_env_line();
                }
            }
        }
    }

    pub(super) fn finish_github_env(&mut self) {
        self.github_env_line();
        if let Some((name, end, _, span)) = self.github_env.open.take() {
            self.problem(
                format!("the value of `{name}` is not ended by a line `{end}`"),
                "",
                span,
            );
        }
    }

    fn github_env_line(&mut self) {
        let line = std::mem::take(&mut self.github_env.line);
        let span = self.github_env.span.take().unwrap_or(Span::at(0));
        if let Some((name, end, mut lines, start)) = self.github_env.open.take() {
            if matches!(&line[..], [Piece::Known(text)] if text.trim_end() == end) {
                if lines.last() == Some(&Piece::Known("\n".to_owned())) {
                    lines.pop();
                }
                self.keep_github_env(name, &lines, start.cover(span));
                return;
            }
            lines.extend(line);
            lines.push(Piece::Known("\n".to_owned()));
            self.github_env.open = Some((name, end, lines, start));
            return;
        }
        let Some(Piece::Known(first)) = line.first() else {
            if !line.is_empty() {
                self.problem(
                    "what is written to `$GITHUB_ENV` here is not known".to_owned(),
                    "",
                    span,
                );
            }
            return;
        };
        let assignment = first.find('=');
        let document = first.find("<<");
        match (assignment, document) {
            (at, Some(mark)) if at.is_none_or(|at| mark < at) => {
                let name = first[..mark].to_owned();
                // An end mark that is made up on the way (`EOF_$RANDOM`) is the same text at both ends.
                let mut end = first[mark + 2..].to_owned();
                end.extend(line[1..].iter().map(Piece::text));
                if is_name(&name) {
                    self.github_env.open =
                        Some((name, end.trim_end().to_owned(), Vec::new(), span));
                }
            }
            (Some(at), _) if is_name(&first[..at]) => {
                let name = first[..at].to_owned();
                let mut pieces = vec![Piece::Known(first[at + 1..].to_owned())];
                pieces.extend_from_slice(&line[1..]);
                self.keep_github_env(name, &pieces, span);
            }
            _ => {}
        }
    }

    fn keep_github_env(&mut self, name: String, pieces: &[Piece], span: Span) {
        let text: String = pieces.iter().map(Piece::text).collect();
        let known = pieces.iter().all(|it| matches!(it, Piece::Known(_)));
        let value = if known {
            Value::printed(text)
        } else {
            Value::Unresolved(text)
        };
        let assignment = Assignment {
            name,
            value,
            exported: false,
            conditional: self.conditional > 0,
            kind: AssignmentKind::GithubEnv,
            overridable: false,
            path: self.github_env.path.clone(),
            span,
            value_span: span,
        };
        self.keep(assignment);
    }
}

impl GithubEnv {
    fn cover(&mut self, span: Span) {
        self.span = Some(match self.span {
            Some(own) => own.cover(span),
            None => span,
        });
    }
}

fn names_github_env(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'']);
    matches!(word, "$GITHUB_ENV" | "${GITHUB_ENV}")
}

//! Kept statements as text again, at another depth, otherwise as their author wrote them.

use std::collections::{BTreeMap, BTreeSet};

use text::Span;
use tree_sitter::Node;

use super::cut::Cut;
use super::tree::{Kind, Statement};
use crate::source::{Module, is_statement, named_children};

/// Stands at the end of the failing line while the text is put together. Untrusted text cannot hold it: it is taken out of what is read.
pub(super) const MARK: &str = "  #\u{1}";

/// Stands at the end of the other lines that the failure goes through, so that no later step drops them.
pub(super) const PATH: &str = "  #\u{2}";

/// The ends of lines that the failure goes through.
pub(super) const MARKS: [char; 2] = ['\u{1}', '\u{2}'];

/// Stands at the end of the header of a method that the run went through, whoever called it.
pub(super) const RAN: &str = "  #\u{3}";

pub(super) struct Writer<'a> {
    module: &'a Module,
    /// Replacements on one row: start, end, text.
    edits: BTreeMap<usize, (usize, String)>,
    mark: Option<usize>,
    /// Rows of the frames above it.
    path: Vec<usize>,
    /// Rows of headers that are marked with [`RAN`].
    ran: BTreeSet<usize>,
    /// A row whose assigned name nothing reads.
    noqa: Option<usize>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(module: &'a Module) -> Self {
        Self {
            module,
            edits: BTreeMap::new(),
            mark: None,
            path: Vec::new(),
            ran: BTreeSet::new(),
            noqa: None,
        }
    }

    /// Marks the row that fails.
    pub(super) fn mark(&mut self, row: Option<usize>) {
        self.mark = row;
    }

    /// Marks the rows of the calls that lead to it.
    pub(super) fn path(&mut self, rows: &[usize]) {
        self.path = rows.to_vec();
    }

    /// Marks a method that the run went through.
    pub(super) fn ran(&mut self, method: &Statement) {
        self.ran
            .extend(method.clauses().first().map(|it| it.header_row));
    }

    /// Tells linters that the statement at an offset keeps its unused name: it is the line that fails.
    pub(super) fn noqa(&mut self, at: usize) {
        self.noqa = Some(self.module.lines.line_of(at) as usize);
    }

    pub(super) fn edit(&mut self, start: usize, end: usize, text: &str) {
        self.edits.insert(start, (end, text.to_owned()));
    }

    /// The statements of a block that are kept; all of them without a cut.
    pub(super) fn block(
        &self,
        block: &[Statement],
        cut: Option<&Cut>,
        indent: usize,
        out: &mut Vec<String>,
    ) {
        let before = out.len();
        self.statements(block, cut, indent, out);
        if out.len() == before {
            out.push(format!("{}pass", " ".repeat(indent)));
        }
    }

    pub(super) fn statements(
        &self,
        block: &[Statement],
        cut: Option<&Cut>,
        indent: usize,
        out: &mut Vec<String>,
    ) {
        for statement in block {
            let Some(cut) = cut else {
                if statement.kind != Kind::Docstring {
                    self.whole(statement, indent, out);
                }
                continue;
            };
            let id = statement.id();
            if let Some(lines) = cut.dissolved.get(&id) {
                out.extend(
                    lines
                        .iter()
                        .map(|line| format!("{}{line}", " ".repeat(indent))),
                );
                for clause in statement.clauses() {
                    self.statements(&clause.body, Some(cut), indent, out);
                }
            } else if cut.whole.contains(&id) {
                self.whole(statement, indent, out);
            } else if cut.partly.contains(&id) {
                let last = statement
                    .clauses()
                    .iter()
                    .rposition(|clause| clause.body.iter().any(|inner| cut.keeps(inner)))
                    .unwrap_or(0);
                for clause in &statement.clauses()[..=last] {
                    self.span(
                        clause.header.start,
                        clause.header.end,
                        statement.id(),
                        indent,
                        out,
                    );
                    self.block(&clause.body, Some(cut), indent + 4, out);
                }
            }
        }
    }

    /// A statement with all that is in it.
    pub(super) fn whole(&self, statement: &Statement, indent: usize, out: &mut Vec<String>) {
        self.span(
            statement.span.start,
            statement.span.end,
            statement.span.start,
            indent,
            out,
        );
    }

    /// A definition with its decorators and header, and what is kept of its body.
    pub(super) fn definition(
        &self,
        statement: &Statement,
        cut: Option<&Cut>,
        indent: usize,
        out: &mut Vec<String>,
    ) {
        let Some(clause) = statement.clauses().first() else {
            return self.whole(statement, indent, out);
        };
        self.span(
            statement.span.start,
            clause.header.end,
            statement.span.start,
            indent,
            out,
        );
        self.block(&clause.body, cut, indent + 4, out);
    }

    /// The text from `start` to `end` (and a comment behind it on its last row), moved from the column of `base` to `indent`.
    pub(super) fn span(
        &self,
        start: usize,
        end: usize,
        base: usize,
        indent: usize,
        out: &mut Vec<String>,
    ) {
        let text = &*self.module.text;
        let lines = &self.module.lines;
        let first = lines.line_of(start) as usize;
        let last = lines.line_of(end) as usize;
        let column = lines
            .line(text, lines.line_of(base))
            .map_or(0, |line| base - line.start);
        let mark = self
            .mark
            .filter(|row| (first..=last).contains(row))
            .map(|row| self.markable(row, last));
        let path: Vec<usize> = self
            .path
            .iter()
            .filter(|row| (first..=last).contains(*row))
            .map(|row| self.markable(*row, last))
            .collect();
        let mut in_string = false;
        for row in first..=last {
            let Some(line) = u32::try_from(row)
                .ok()
                .and_then(|row| lines.line(text, row))
            else {
                break;
            };
            let from = line.start.max(start).min(line.end);
            let mut to = line.end.min(end).max(from);
            if row == last
                && text
                    .get(to..line.end)
                    .is_some_and(|rest| rest.trim_start().starts_with('#'))
            {
                to = line.end;
            }
            let piece = self.edited(from, to);
            let mut written = if row == first {
                format!("{}{piece}", " ".repeat(indent))
            } else if in_string {
                piece
            } else {
                format!("{}{}", " ".repeat(indent), outdented(&piece, column))
            };
            in_string = row < last && self.module.begins_in_string(row + 1);
            if !in_string {
                written.truncate(written.trim_end().len());
            }
            if self.noqa == Some(row) && self.markable(row, last) == row {
                written.push_str("  # noqa: F841");
            }
            if mark == Some(row) {
                written.push_str(MARK);
            } else if path.contains(&row) {
                written.push_str(PATH);
            } else if self.ran.contains(&row) {
                written.push_str(RAN);
            }
            out.push(written);
        }
    }

    /// The first row from `row` on that can end in a comment.
    fn markable(&self, row: usize, last: usize) -> usize {
        (row..last)
            .find(|row| {
                let line = u32::try_from(*row + 1).ok();
                !self.module.begins_in_string(row + 1)
                    && !line
                        .and_then(|line| self.module.line_text(line))
                        .is_some_and(|text| text.trim_end().ends_with('\\'))
            })
            .unwrap_or(last)
    }

    fn edited(&self, from: usize, to: usize) -> String {
        let text = &*self.module.text;
        let mut written = String::new();
        let mut at = from;
        for (start, (end, replacement)) in self.edits.range(from..to) {
            if *end > to || *start < at {
                continue;
            }
            written.push_str(&text[at..*start]);
            written.push_str(replacement);
            at = *end;
        }
        written.push_str(text.get(at..to).unwrap_or_default());
        written.replace(['\u{1}', '\u{2}', '\u{3}'], "")
    }
}

/// A line without its first columns, as far as they are blank; a tab goes to the next eighth one, as Python reads it.
fn outdented(line: &str, columns: usize) -> String {
    let mut at = 0;
    let mut rest = line;
    while at < columns {
        if let Some(after) = rest.strip_prefix(' ') {
            (at, rest) = (at + 1, after);
        } else if let Some(after) = rest.strip_prefix('\t') {
            (at, rest) = ((at / 8 + 1) * 8, after);
        } else {
            break;
        }
    }
    format!("{}{rest}", " ".repeat(at.saturating_sub(columns)))
}

/// Whether the failure goes through a line that these bytes are on.
pub(super) fn is_marked(module: &Module, span: Span) -> bool {
    module.rows(span).of(&module.text).contains(MARKS)
}

/// Whether the failure goes through the statement that a node is in, or its branch or decorator, wherever in it, but for its block.
pub(super) fn is_in_marked(module: &Module, node: Node<'_>) -> bool {
    let is_part = |it: &Node<'_>| {
        let parts = ["decorator", "elif_clause", "except_clause", "case_clause"];
        parts.contains(&it.kind()) || is_statement(*it)
    };
    let mut around = std::iter::successors(Some(node), Node::parent);
    let around = around.find(is_part).unwrap_or(node);
    let block = named_children(around)
        .into_iter()
        .find(|it| it.kind() == "block");
    let end = block.map_or(around.end_byte(), |block| block.start_byte());
    let header = &module.text[around.start_byte()..end];
    is_marked(
        module,
        Span::new(
            around.start_byte(),
            around.start_byte() + header.trim_end().len(),
        ),
    )
}

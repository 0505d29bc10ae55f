//! The text without the units that nothing needs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Place, Shaker};
use crate::slice::write::MARKS;
use crate::source::{decorated, named_children, walk};

impl Shaker<'_> {
    pub(super) fn text(&self) -> String {
        let mut gone = BTreeSet::new();
        let mut lists: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for unit in &self.units {
            let owner_lives = unit.owner.is_none_or(|owner| self.units[owner].live);
            match &unit.place {
                Place::Rows(first, last) if owner_lives && !unit.live => {
                    gone.extend(*first..=*last);
                    self.comment_above(*first, &mut gone);
                }
                Place::Argument(call, range) if owner_lives => {
                    let list = lists.entry(*call).or_default();
                    if unit.live {
                        list.push(&self.module.text[range.clone()]);
                    }
                }
                _ => {}
            }
        }
        let passes = self.empty_blocks(&gone);
        let mut replaced: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for (call, arguments) in lists {
            let range = self.calls[call].clone();
            let lines = &self.module.lines;
            let (first, last) = (lines.line_of(range.start), lines.line_of(range.end));
            let written = format!("({})", arguments.join(", "));
            let column = lines
                .line(&self.module.text, first)
                .map_or(0, |line| range.start - line.start);
            let all = self
                .units
                .iter()
                .filter(|unit| matches!(unit.place, Place::Argument(of, _) if of == call))
                .count();
            let changed = arguments.len() != all;
            if changed && column + written.len() < 88 {
                let start = lines
                    .line(&self.module.text, first)
                    .map_or(0, |line| line.start);
                let end = lines
                    .line(&self.module.text, last)
                    .map_or(0, |line| line.end);
                let line = format!(
                    "{}{written}{}",
                    &self.module.text[start..range.start],
                    &self.module.text[range.end..end]
                );
                replaced.insert(first as usize, (last as usize, line));
            } else if changed {
                for unit in &self.units {
                    if let Place::Argument(of, range) = &unit.place
                        && *of == call
                        && !unit.live
                    {
                        let row = lines.line_of(range.start) as usize;
                        let alone = self.module.line_text(row as u32 + 1).is_some_and(|line| {
                            line.trim().trim_end_matches(',') == &self.module.text[range.clone()]
                        });
                        if alone {
                            gone.insert(row);
                        }
                    }
                }
            }
        }
        self.lines(&gone, &passes, &replaced)
    }

    /// Comments that stand right above what goes.
    fn comment_above(&self, first: usize, gone: &mut BTreeSet<usize>) {
        let mut row = first;
        while row > 0 {
            row -= 1;
            let line = u32::try_from(row + 1).ok();
            let text = line
                .and_then(|line| self.module.line_text(line))
                .unwrap_or_default();
            if !text.trim_start().starts_with('#') || text.contains(MARKS) {
                break;
            }
            gone.insert(row);
        }
    }

    /// Blocks of which nothing stays: the row of their first statement, and its column.
    fn empty_blocks(&self, gone: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
        let mut passes = BTreeMap::new();
        walk(self.module.root(), |node| {
            if node.kind() == "block" {
                let statements = named_children(node);
                let all_gone = statements
                    .iter()
                    .all(|statement| gone.contains(&statement.start_position().row));
                let header_stays = decorated(node)
                    .parent()
                    .is_some_and(|parent| !gone.contains(&parent.start_position().row));
                if let (Some(first), true, true) = (statements.first(), all_gone, header_stays) {
                    let start = first.start_position();
                    passes.insert(start.row, start.column);
                }
            }
            true
        });
        passes
    }

    fn lines(
        &self,
        gone: &BTreeSet<usize>,
        passes: &BTreeMap<usize, usize>,
        replaced: &BTreeMap<usize, (usize, String)>,
    ) -> String {
        let mut out: Vec<&str> = Vec::new();
        let pass: BTreeMap<usize, String> = passes
            .iter()
            .map(|(row, column)| (*row, format!("{}pass", " ".repeat(*column))))
            .collect();
        let mut removed = false;
        let mut skip_to = 0;
        for (row, line) in self.module.text.split('\n').enumerate() {
            if row < skip_to {
                continue;
            }
            if let Some(pass) = pass.get(&row) {
                out.push(pass);
                removed = true;
                continue;
            }
            if gone.contains(&row) {
                removed = true;
                continue;
            }
            if let Some((last, text)) = replaced.get(&row) {
                out.push(text);
                skip_to = last + 1;
                continue;
            }
            if removed && line.trim().is_empty() {
                // One gap where there were two, and none behind a header.
                let before = out.last().copied().unwrap_or_default();
                if before.trim().is_empty() || before.trim_end().ends_with(':') {
                    continue;
                }
            } else {
                if removed && !line.starts_with([' ', '\t', ')', ']', '}']) {
                    // Behind what went: two lines before the next definition.
                    while out.last().is_some_and(|line| line.trim().is_empty()) {
                        out.pop();
                    }
                    let definition = ["def ", "class ", "@", "async def "]
                        .iter()
                        .any(|start| line.starts_with(start));
                    let behind_block = out.last().is_some_and(|line| line.starts_with([' ', '\t']));
                    let behind_import = out.last().is_some_and(|line| {
                        line.starts_with("import ") || line.starts_with("from ")
                    });
                    let behind_decorator = out.last().is_some_and(|line| line.starts_with('@'));
                    if !out.is_empty() && !behind_decorator {
                        if definition || behind_block {
                            out.extend(["", ""]);
                        } else if behind_import {
                            out.push("");
                        }
                    }
                }
                removed = false;
            }
            out.push(line);
        }
        let mut text = out.join("\n");
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

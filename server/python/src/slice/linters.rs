//! What linters find in lines that stay as their author wrote them: those of ruff's default rules that tests meet most.
//!
//! Where another spelling is what a person would write and cannot change what fails, the line is written so ([`modern`]). All
//! other lines keep their meaning, and a `noqa` names the rule ([`excused`]): only where the rule fires, as an idle one is a finding too.

mod calls;
mod formats;
mod imports;
mod spelling;
mod statements;
mod types;

use std::collections::{BTreeMap, HashMap};

use text::Span;
use tree_sitter::Node;

pub(crate) use self::spelling::modern;
use super::write::MARKS;
use crate::edits::{Edit, applied};
use crate::reduce::FAILS_HERE;
use crate::source::{Module, dotted, named_children, walk};

/// A module, and what its names stand for.
struct Code<'t> {
    module: &'t Module,
    /// By name: the full path of what is imported.
    imported: BTreeMap<&'t str, String>,
}

/// Where a rule fires for a node: the node whose row linters name.
type Finds = for<'t> fn(&Code<'t>, Node<'t>) -> Option<Node<'t>>;

/// By rule: the kinds of nodes that it looks at.
const RULES: &[(&str, &[&str], Finds)] = &[
    (
        "B006",
        &["default_parameter", "typed_default_parameter"],
        statements::mutable_default,
    ),
    ("B009", &["call"], calls::getattr_of_a_name),
    ("B010", &["call"], calls::setattr_of_a_name),
    (
        "B015",
        &["expression_statement"],
        statements::idle_comparison,
    ),
    ("B017", &["call"], calls::raises_anything),
    (
        "B018",
        &["expression_statement"],
        statements::idle_expression,
    ),
    ("BLE001", &["except_clause"], statements::catches_all),
    ("C400", &["call"], calls::list_of_generator),
    ("C401", &["call"], calls::set_of_generator),
    ("C403", &["call"], calls::set_of_list),
    ("C405", &["call"], spelling::set_of_literal),
    ("C406", &["call"], calls::dict_of_literal),
    ("C408", &["call"], spelling::empty_or_keywords),
    ("C409", &["call"], calls::tuple_of_literal),
    ("C410", &["call"], calls::list_of_literal),
    ("C419", &["call"], calls::any_of_list),
    ("DTZ003", &["call"], calls::utcnow),
    ("DTZ004", &["call"], calls::utcfromtimestamp),
    ("E722", &["except_clause"], statements::bare_except),
    (
        "F401",
        &["import_statement", "import_from_statement"],
        imports::unread,
    ),
    ("PERF402", &["for_statement"], statements::copied_list),
    ("PIE808", &["call"], spelling::range_from_zero),
    (
        "PLR0124",
        &["comparison_operator"],
        statements::compared_with_itself,
    ),
    ("PT014", &["list", "tuple"], statements::same_case_again),
    ("RUF007", &["call"], calls::zip_with_next),
    ("RUF012", &["assignment"], statements::mutable_class_value),
    ("RUF015", &["subscript"], statements::first_of_list),
    ("S102", &["call"], calls::exec),
    ("S110", &["except_clause"], statements::caught_and_passed),
    ("S112", &["except_clause"], statements::caught_and_continued),
    (
        "SIM118",
        &["comparison_operator", "for_statement", "for_in_clause"],
        statements::in_keys,
    ),
    ("SIM201", &["not_operator"], statements::not_equal),
    ("SIM202", &["not_operator"], statements::not_unequal),
    ("TRY002", &["raise_statement"], statements::raises_exception),
    ("UP006", &["identifier", "attribute"], types::old_generic),
    ("UP007", &["subscript", "generic_type"], types::union),
    ("UP012", &["call"], calls::encoded_as_utf8),
    ("UP030", &["call"], formats::counted_fields),
    ("UP031", &["binary_operator"], formats::percent),
    ("UP032", &["call"], formats::format_call),
    ("UP035", &["import_from_statement"], types::old_import),
    ("UP045", &["subscript", "generic_type"], types::optional),
];

/// The text with a `noqa` at the end of each row that a rule fires at.
pub(crate) fn excused(text: &str) -> String {
    let module = Module::generated(text);
    if module.root().has_error() {
        return text.to_owned();
    }
    let code = Code::of(&module);
    let mut by_kind: HashMap<&str, Vec<(&str, Finds)>> = HashMap::new();
    for (rule, kinds, finds) in RULES {
        for kind in *kinds {
            by_kind.entry(kind).or_default().push((rule, *finds));
        }
    }
    let mut found: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    walk(module.root(), |node| {
        for (rule, finds) in by_kind.get(node.kind()).into_iter().flatten() {
            if let Some(at) = finds(&code, node) {
                let row = at.start_position().row;
                found.entry(row).or_default().push(rule);
            }
        }
        true
    });
    applied(text, tell(&module, found))
}

/// The edits that name the rules at the end of these rows.
pub(super) fn tell<'m>(module: &'m Module, found: BTreeMap<usize, Vec<&'m str>>) -> Vec<Edit> {
    let mut by_end: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (row, rules) in found {
        let ends = by_end.entry(row_of(module, row)).or_default();
        ends.extend(rules);
    }
    let edits = by_end.into_iter().filter_map(|(row, rules)| {
        let line = module.lines.line(&module.text, u32::try_from(row).ok()?)?;
        Some(with_rules(line, line.of(&module.text), rules))
    });
    edits.collect()
}

/// The row that linters read what is said of this one on: where the text on it ends, or what a backslash takes on.
fn row_of(module: &Module, mut row: usize) -> usize {
    let goes_on = |row: usize| {
        let line = u32::try_from(row + 1).ok();
        let line = line.and_then(|line| module.line_text(line));
        module.begins_in_string(row + 1) || line.is_some_and(|line| line.trim_end().ends_with('\\'))
    };
    while goes_on(row) {
        row += 1;
    }
    row
}

/// A row with these rules named, beside those that are named there.
fn with_rules<'s>(line: Span, shown: &'s str, mut rules: Vec<&'s str>) -> Edit {
    let of_failure = format!("  {FAILS_HERE}");
    let marks = MARKS.map(|mark| format!("  #{mark}"));
    let marks = marks.iter().chain([&of_failure]);
    let mark = marks.filter_map(|mark| shown.find(mark.as_str())).min();
    let code = &shown[..mark.unwrap_or(shown.len())];
    let (code, told) = match code.rsplit_once("  # noqa: ") {
        Some((code, told)) => (code, told),
        None => (code, ""),
    };
    rules.extend(told.split(", ").filter(|it| !it.is_empty()));
    rules.sort_unstable();
    rules.dedup();
    let end = line.start + shown[..mark.unwrap_or(shown.len())].len();
    let edit = format!("  # noqa: {}", rules.join(", "));
    (Span::new(line.start + code.len(), end), edit)
}

/// The text without what its author said to linters: of what is left of the file, little of it holds. The failing line stays where more
/// follows on it, as it is compared.
pub(crate) fn without_noqa(text: &str) -> String {
    if !text.to_ascii_lowercase().contains("noqa") {
        return text.to_owned();
    }
    let module = Module::generated(text);
    let mut edits: Vec<Edit> = Vec::new();
    walk(module.root(), |node| {
        if node.kind() == "comment" {
            edits.extend(noqa(&module, node));
        }
        true
    });
    applied(text, edits)
}

/// What a comment says to linters, with the blanks before it.
fn noqa(module: &Module, comment: Node<'_>) -> Option<Edit> {
    let source = module.source(comment);
    let parts: Vec<(usize, &str)> = source
        .match_indices('#')
        .map(|(at, _)| (at, source[at + 1..].split('#').next().unwrap_or_default()))
        .collect();
    let index = parts.iter().position(|(_, part)| {
        let word = part.trim_start().get(..4).unwrap_or_default();
        word.eq_ignore_ascii_case("noqa")
    })?;
    let (at, part) = parts[index];
    let is_mark = |it: &&(usize, &str)| {
        it.1.starts_with(MARKS) || FAILS_HERE.strip_prefix('#') == Some(it.1.trim_end())
    };
    let rest = &parts[index + 1..];
    if rest.iter().any(|it| is_mark(&it)) && !rest.iter().all(|it| is_mark(&it)) {
        return None;
    }
    let from = comment.start_byte() + at;
    let before = &module.text[..from];
    let blank = before.trim_end_matches([' ', '\t']);
    let (start, end) = match rest.first() {
        // `# noqa # type: ignore`
        Some(next) if !is_mark(&next) => (from, comment.start_byte() + next.0),
        // `# noqa  #\u{1}`: the blanks before the mark are the mark's.
        Some(_) => (blank.len(), from + 1 + part.trim_end().len()),
        None if blank.ends_with('\n') => {
            return Some((module.rows(crate::source::span(comment)), String::new()));
        }
        None => (blank.len(), from + 1 + part.trim_end().len()),
    };
    Some((Span::new(start, end), String::new()))
}

impl<'t> Code<'t> {
    fn of(module: &'t Module) -> Self {
        let mut imported = BTreeMap::new();
        walk(module.root(), |node| {
            let from = match node.kind() {
                "import_statement" => "",
                "import_from_statement" => module.field(node, "module_name"),
                _ => return true,
            };
            for name in named_children(node) {
                let is_from = Some(name) == node.child_by_field_name("module_name");
                let (source, alias) = match name.kind() {
                    "aliased_import" => (module.field(name, "name"), module.field(name, "alias")),
                    _ => (module.source(name), module.source(name)),
                };
                let path = match from {
                    "" if source == alias => {
                        source.split('.').next().unwrap_or_default().to_owned()
                    }
                    "" => source.to_owned(),
                    from => format!("{from}.{source}"),
                };
                let bound = alias.split('.').next().unwrap_or_default();
                if !is_from {
                    imported.insert(bound, path);
                }
            }
            false
        });
        Self { module, imported }
    }

    fn source(&self, node: Node<'_>) -> &'t str {
        self.module.source(node)
    }

    fn field(&self, node: Node<'_>, name: &str) -> &'t str {
        self.module.field(node, name)
    }

    /// `typing.List` for `List` and `t.List`, as they are imported.
    fn path(&self, node: Node<'_>) -> Option<String> {
        let written = dotted(self.module, node)?;
        let (first, rest) = written.split_once('.').unwrap_or((&written, ""));
        let path = self.imported.get(first)?;
        Some(match rest {
            "" => path.clone(),
            rest => format!("{path}.{rest}"),
        })
    }

    /// Whether a node is a plain name, and which.
    fn is_name(&self, node: Node<'_>, names: &[&str]) -> bool {
        node.kind() == "identifier" && names.contains(&self.source(node))
    }

    /// Whether a call is one of a builtin of these names.
    fn calls(&self, node: Node<'_>, names: &[&str]) -> bool {
        let function = node.child_by_field_name("function");
        node.kind() == "call" && function.is_some_and(|it| self.is_name(it, names))
    }
}

#[cfg(test)]
mod tests;

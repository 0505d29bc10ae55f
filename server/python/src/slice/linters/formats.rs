//! Texts that are put together by `%` and `.format`.

use tree_sitter::Node;

use super::Code;
use crate::source::{Arguments, named_children, unparenthesized, walk};

/// `"%s" % a`: where linters see how to write it otherwise, and where they see that only its author can.
pub(super) fn percent<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let left = unparenthesized(node.child_by_field_name("left")?);
    let right = unparenthesized(node.child_by_field_name("right")?);
    let takes = [
        "attribute",
        "call",
        "concatenated_string",
        "dictionary",
        "ellipsis",
        "false",
        "float",
        "identifier",
        "integer",
        "none",
        "string",
        "subscript",
        "true",
        "tuple",
    ];
    let texts = literals(code, left).filter(|_| code.field(node, "operator") == "%")?;
    let conversions = texts.into_iter().map(conversions);
    let conversions = conversions.collect::<Option<Vec<_>>>()?.concat();
    let is_dictionary = right.kind() == "dictionary";
    if conversions.iter().any(|it| !it.has_format(is_dictionary)) {
        return Some(left);
    }
    takes.contains(&right.kind()).then_some(node)
}

/// `"{}".format(a)`, where an f-string holds the same.
pub(super) fn format_call<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let function = call.child_by_field_name("function")?;
    let text = unparenthesized(function.child_by_field_name("object")?);
    if code.field(function, "attribute") != "format" {
        return None;
    }
    let arguments = Arguments::of(code.module, call);
    let count = arguments.positional.len() + arguments.keywords.len();
    let texts = literals(code, text)?;
    if arguments.unpacked || count == 0 {
        return None;
    }
    let keywords = arguments.keywords.iter().map(|(_, value)| value);
    let has_text = arguments.positional.iter().chain(keywords).any(|value| {
        let mut found = false;
        walk(*value, |node| {
            found |= node.kind() == "string" || node.kind() == "await";
            true
        });
        found
    });
    let fields = fields(&texts.concat())?;
    let mut next = 0;
    let mut used: Vec<Node<'_>> = Vec::new();
    for field in &fields {
        let name = field.split(['.', '[']).next().unwrap_or_default();
        let value = match name.parse::<usize>() {
            Ok(index) => arguments.positional.get(index).copied(),
            Err(_) if name.is_empty() => {
                next += 1;
                arguments.positional.get(next - 1).copied()
            }
            Err(_) => arguments.keyword(name),
        }?;
        let is_plain = matches!(value.kind(), "identifier" | "attribute" | "integer");
        if used.contains(&value) && !is_plain {
            return None;
        }
        used.push(value);
    }
    (!has_text).then_some(call)
}

/// `"{0} {1}".format(a, b)`, which counts as Python does.
pub(super) fn counted_fields<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let function = call.child_by_field_name("function")?;
    let text = unparenthesized(function.child_by_field_name("object")?);
    if code.field(function, "attribute") != "format" {
        return None;
    }
    let fields = fields(&literals(code, text)?.concat())?;
    let arguments = Arguments::of(code.module, call);
    let mut named = fields.iter().map(|it| it.split(['.', '[']).next());
    let counts = (0..fields.len()).all(|at| named.next().flatten() == Some(&*at.to_string()));
    let is_whole = !arguments.unpacked && arguments.keywords.is_empty();
    (counts && is_whole && fields.len() == arguments.positional.len() && !fields.is_empty())
        .then_some(call)
}

/// The text between the quotes of plain literals that stand together.
fn literals<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Vec<&'t str>> {
    let parts = match node.kind() {
        "string" => vec![node],
        "concatenated_string" => named_children(node),
        _ => return None,
    };
    let inside = parts.into_iter().map(|part| {
        let source = code.source(part);
        let quoted = source.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let prefix = source[..source.len() - quoted.len()].to_ascii_lowercase();
        let width = if quoted.starts_with("\"\"\"") || quoted.starts_with("'''") {
            3
        } else {
            1
        };
        let is_plain = !prefix.contains(['b', 'f', 't']);
        is_plain
            .then(|| quoted.get(width..quoted.len() - width))
            .flatten()
    });
    inside.collect()
}

/// What a `%` begins: `%(name)-5s`.
#[derive(Clone)]
struct Conversion<'s> {
    key: Option<&'s str>,
    flags: &'s str,
    width: &'s str,
    kind: char,
}

impl Conversion<'_> {
    /// Whether `.format` has the same for any value.
    fn has_format(&self, of_dictionary: bool) -> bool {
        let is_plain = self.flags.is_empty() && self.width.is_empty();
        let has_width = self.width.starts_with(|c: char| c.is_ascii_digit());
        match self.kind {
            '%' => true,
            'd' | 'i' | 'u' | 'c' => false,
            'r' | 'a' if !is_plain => false,
            's' if has_width => false,
            _ => {
                !self.width.contains('*')
                    && self.key != Some("")
                    && (self.key.is_some() || !of_dictionary)
            }
        }
    }
}

/// The conversions of a text; `None` where a `%` begins none.
fn conversions(text: &str) -> Option<Vec<Conversion<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let (key, after) = match after.strip_prefix('(').and_then(|it| it.split_once(')')) {
            Some((key, after)) => (Some(key), after),
            None => (None, after),
        };
        let (flags, after) = cut(after, |c| "#0- +".contains(c));
        let (width, after) = cut(after, |c| c.is_ascii_digit() || "*.".contains(c));
        let (_, after) = cut(after, |c| "hlL".contains(c));
        let kind = after.chars().next()?;
        if !"diouxXeEfFgGcrsa%".contains(kind) {
            return None;
        }
        found.push(Conversion {
            key,
            flags,
            width,
            kind,
        });
        rest = &after[1..];
    }
    Some(found)
}

/// A text's beginning of such characters, and the rest.
fn cut(text: &str, is_in: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_in(c)).unwrap_or(text.len()))
}

/// The names of the fields of a format; `None` where one holds another one, or it is none.
fn fields(text: &str) -> Option<Vec<String>> {
    let plain = text.replace("{{", "").replace("}}", "");
    let mut fields = Vec::new();
    let mut rest = plain.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let (field, after) = after.split_once('}')?;
        if field.contains('{') {
            return None;
        }
        fields.push(
            field
                .split(['!', ':'])
                .next()
                .unwrap_or_default()
                .to_owned(),
        );
        rest = after;
    }
    Some(fields)
}

//! Exceptions as pytest and Python print them: the type taken off the front of the message.

use text::Span;

use super::block::Block;
use crate::{Exception, Frame};

/// An exception out of printed lines, and the frame that a syntax error names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Printed {
    pub(crate) exception: Exception,
    pub(crate) syntax: Option<Frame>,
}

/// The exception that lines (without their markers and indent) tell of. `hint` is the short type name where another line
/// tells it (`path:12: ValueError`).
pub(crate) fn of_lines(lines: &[&str], hint: Option<&str>, span: Span) -> Option<Printed> {
    let first = lines.iter().position(|it| !it.trim().is_empty())?;
    let lines = &lines[first..];
    if let Some(printed) = syntax_error(lines, span) {
        return Some(printed);
    }
    let (type_name, head) = match split(lines[0], hint) {
        Some((type_name, message)) => (type_name.to_owned(), message),
        None if (lines[0].starts_with("fixture '") && lines[0].contains("' not found"))
            || lines[0].starts_with("recursive dependency involving fixture '") =>
        {
            ("FixtureLookupError".to_owned(), lines[0])
        }
        None if hint.is_none()
            && lines[1..].iter().all(|it| it.trim().is_empty())
            && is_dotted(lines[0].trim_end()) =>
        {
            (lines[0].trim_end().to_owned(), "")
        }
        None => match dotted(lines[0]).filter(|_| hint.is_none()) {
            Some((type_name, message)) => (type_name.to_owned(), message),
            None => (hint.unwrap_or("AssertionError").to_owned(), lines[0]),
        },
    };
    // Behind a type alone stand its notes: a message, even an empty line, would stand behind a colon.
    let bare = head.is_empty() && !lines[0].trim_end().ends_with(':');
    let rest = if bare { &[] } else { &lines[1..] };
    Some(Printed {
        exception: exception(type_name, head, rest, span),
        syntax: None,
    })
}

/// An exception out of the parts of its message.
pub(crate) fn exception(type_name: String, head: &str, rest: &[&str], span: Span) -> Exception {
    let mut message = head.trim_end().to_owned();
    for line in rest {
        message.push('\n');
        message.push_str(line.trim_end());
    }
    message.truncate(message.trim_end().len());
    Exception {
        type_name,
        message,
        cut: false,
        span,
    }
}

/// `pkg.Wrong: text` in its parts, if the text begins with a type.
pub(crate) fn split<'a>(text: &'a str, hint: Option<&str>) -> Option<(&'a str, &'a str)> {
    let text = text.trim_end();
    let end = text
        .find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.')))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name_part = name.rsplit('.').next().unwrap_or(name);
    let fits = is_type(name_part)
        || hint.is_some_and(|hint| hint == name_part)
        || (name.contains('.') && name_part.starts_with(char::is_uppercase));
    if !fits
        || name.starts_with('.')
        || name.ends_with('.')
        || name.starts_with(|it: char| it.is_ascii_digit())
    {
        return rest_of_local(text);
    }
    match rest.strip_prefix(':') {
        Some(message) if message.is_empty() || message.starts_with(' ') => {
            Some((name, message.strip_prefix(' ').unwrap_or(message)))
        }
        None if rest.is_empty() => Some((name, "")),
        _ => rest_of_local(text),
    }
}

/// `pkg.module.wrong: text`: pytest prints the type before the message of all but plain assertions.
pub(crate) fn dotted(text: &str) -> Option<(&str, &str)> {
    let (name, message) = text.split_once(": ")?;
    is_dotted(name).then_some((name, message))
}

/// `pkg.module.wrong`: names joined by dots.
fn is_dotted(name: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|it: char| it.is_alphabetic() || it == '_')
            && part.chars().all(|it| it.is_alphanumeric() || it == '_')
    };
    name.contains('.') && name.split('.').all(is_name)
}

/// `test_x.test_f.<locals>.Wrong: text`.
fn rest_of_local(text: &str) -> Option<(&str, &str)> {
    let at = text.find(".<locals>.")?;
    let name = text.find(": ").map_or(text, |end| &text[..end]);
    (at < name.len() && !name.contains(' ')).then(|| {
        (
            name,
            text[name.len()..].strip_prefix(": ").unwrap_or_default(),
        )
    })
}

/// Whether a word looks like the name of an exception class.
fn is_type(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "Error",
        "Exception",
        "Warning",
        "Exit",
        "Interrupt",
        "Failed",
        "Failure",
        "Group",
        "Timeout",
        "Fault",
        "Abort",
        "Expired",
        "Skipped",
        "XFailed",
        "StopIteration",
        "NotFound",
        "NotImplemented",
        "DoesNotExist",
        "Fail",
        "Canceled",
        "Cancelled",
        "Flaky",
        "Refused",
        "Denied",
        "Invalid",
        "MultipleFailures",
        "NotSupported",
        "FixtureLookup",
        "Exists",
        "Mismatch",
        "Missing",
        "Conflict",
        "Forbidden",
        "BadRequest",
        "Unauthorized",
        "Unsatisfiable",
        "UnsatisfiedAssumption",
        "StopAsyncIteration",
        "Unsupported",
        "Violation",
        "Overflow",
        "Underflow",
        "Inexact",
        "DivisionByZero",
        "Empty",
        "Full",
    ];
    name.starts_with(|it: char| it.is_uppercase() || it == '_')
        && (ENDS.iter().any(|end| name.ends_with(end))
            || matches!(name, "Http404" | "Redirect" | "GeneratorExit"))
}

/// `File "x.py", line 7` / source / caret / `SyntaxError: invalid syntax`.
fn syntax_error(lines: &[&str], span: Span) -> Option<Printed> {
    let (path, line, function) = super::traceback::file_line(lines[0])?;
    if !function.is_empty() {
        return None;
    }
    let named = lines.iter().position(|it| {
        split(it, None).is_some_and(|(name, _)| {
            matches!(
                name.rsplit('.').next(),
                Some("SyntaxError" | "IndentationError" | "TabError")
            )
        })
    })?;
    let (type_name, message) = split(lines[named], None)?;
    let source = lines
        .get(1)
        .filter(|_| named > 1)
        .map(|it| it.trim().to_owned());
    Some(Printed {
        exception: exception(type_name.to_owned(), message, &lines[named + 1..], span),
        syntax: Some(Frame {
            path: path.to_owned(),
            line,
            function: String::new(),
            source,
            span,
        }),
    })
}

/// The text of an `E` line behind its marker; `None` for other lines.
pub(crate) fn marked(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('E')?;
    (rest.trim().is_empty() || rest.starts_with("  ") || rest.starts_with('\t')).then_some(rest)
}

/// The exception that `E` lines tell of.
pub(crate) fn of_marked(block: &Block, lines: &[usize], hint: Option<&str>) -> Option<Printed> {
    let texts = lines
        .iter()
        .filter_map(|&idx| marked(block.text(idx)))
        .collect::<Vec<_>>();
    let indent = texts
        .iter()
        .filter(|it| !it.trim().is_empty())
        .map(|it| it.len() - it.trim_start_matches(' ').len())
        .min()?;
    let stripped = texts
        .iter()
        .map(|it| it.get(indent..).unwrap_or_default())
        .collect::<Vec<_>>();
    let span = block.span_of(*lines.first()?..*lines.last()? + 1);
    of_lines(&stripped, hint, span)
}

//! Hover and definition in a log: what failed and how, and the line that a frame names.

use std::fmt::Write;

use text::Span;
use tower_lsp::ls_types::{Hover, HoverContents, Location, MarkupContent, MarkupKind};

use super::environment;
use super::log_file::{LogFile, title};
use crate::lsp::convert::line_start;
use crate::lsp::markdown;
use crate::lsp::places::Places;

/// The failure that the line tells of.
pub(crate) fn hover(file: &LogFile<'_>, offset: usize) -> Option<Hover> {
    let index = failure_at(file, offset)?;
    let failure = &file.log.failures[index];
    let mut text = format!("**{}**\n\n", markdown::code(&title(failure)));
    if let Some(exception) = &failure.exception {
        let _ = writeln!(text, "{}\n", markdown::code(&exception.type_name));
        text.push_str(&markdown::block("text", exception.message.trim_end()));
    }
    for (name, value) in [("Expected", &failure.expected), ("Actual", &failure.actual)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{name}: {}\n", markdown::code(value));
        }
    }
    if let Some(location) = &failure.location {
        let place = format!("{}:{}", location.path, location.line);
        let _ = writeln!(text, "At {}\n", markdown::code(&place));
    }
    if let Some(step) = failure.step.and_then(|step| file.log.steps.get(step)) {
        let _ = writeln!(
            text,
            "Step {} (line {})\n",
            markdown::code(&step.name),
            step.line
        );
    }
    if let Some(known) = file.environment_of(index) {
        let mut kinds: Vec<(&str, usize)> = Vec::new();
        for variable in environment::variables(&known) {
            let kind = variable.origin.kind.name();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
        if !kinds.is_empty() {
            let parts: Vec<String> = kinds
                .iter()
                .map(|(kind, count)| format!("{count} from {kind}"))
                .collect();
            let _ = writeln!(text, "Environment: {}", parts.join(", "));
        }
    }
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text,
        }),
        range: None,
    })
}

/// The workspace's line that a frame under the cursor names.
pub(crate) fn definition(file: &LogFile<'_>, offset: usize) -> Option<Location> {
    let places = Places::new(&file.workspace, &file.log);
    let line = line_around(file, offset);
    let frames = file.log.failures.iter().flat_map(|failure| {
        let chained = failure.chain.iter().flat_map(|link| &link.frames);
        let all = failure
            .frames
            .iter()
            .chain(&failure.location)
            .chain(chained);
        all.map(|frame| (failure.session, frame))
    });
    frames
        .filter(|(_, frame)| !frame.span.is_empty() && meets(frame.span, line))
        .find_map(|(session, frame)| {
            let path = places.absolute(session, &frame.path)?;
            let uri = crate::lsp::convert::uri(&path)?;
            Some(Location::new(uri, line_start(frame.line)))
        })
}

/// The innermost failure of an offset; a mention of one (short summary, progress) comes before a section that holds it.
fn failure_at(file: &LogFile<'_>, offset: usize) -> Option<usize> {
    let line = line_around(file, offset);
    let all = || file.log.failures.iter().enumerate();
    let mentioned =
        all().find(|(_, failure)| failure.mentions.iter().any(|mention| meets(*mention, line)));
    let inside = || {
        all()
            .filter(|(_, failure)| {
                failure.span.touches(offset) || meets(file.positions.line(failure.line), line)
            })
            .min_by_key(|(_, failure)| failure.span.len())
    };
    mentioned.or_else(inside).map(|(index, _)| index)
}

fn line_around(file: &LogFile<'_>, offset: usize) -> Span {
    file.positions
        .line(file.positions.text.lines().line_of(offset) + 1)
}

fn meets(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

//! A log's outline, folding, and links.

use std::fmt::Write;

use text::Span;
use tower_lsp::ls_types::{
    DocumentLink, DocumentSymbol, FoldingRange, FoldingRangeKind, SymbolKind, Uri,
};

use super::log_file::{LogFile, short_title, summary};
use crate::lsp::convert::Positions;
use crate::lsp::places::Places;

/// Steps with the failures in them, and failures that are in no step.
pub(crate) fn symbols(file: &LogFile<'_>) -> Vec<DocumentSymbol> {
    let log = &file.log;
    let failures = |step: Option<usize>| -> Vec<DocumentSymbol> {
        let own = log.failures.iter().filter(|failure| failure.step == step);
        own.map(|failure| {
            symbol(
                file.positions,
                short_title(failure),
                Some(summary(failure)),
                SymbolKind::EVENT,
                failure.span,
                failure.line,
                Vec::new(),
            )
        })
        .collect()
    };
    let mut symbols: Vec<DocumentSymbol> = log
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let detail = step.exit_code.map(|code| format!("exit code {code}"));
            let children = failures(Some(index));
            symbol(
                file.positions,
                step.name.clone(),
                detail,
                SymbolKind::NAMESPACE,
                step.span,
                step.line,
                children,
            )
        })
        .collect();
    symbols.extend(failures(None));
    symbols
}

/// A symbol must hold its children and its own selection, or the client throws all of them away.
fn symbol(
    positions: Positions<'_>,
    name: String,
    detail: Option<String>,
    kind: SymbolKind,
    span: Span,
    line: u32,
    children: Vec<DocumentSymbol>,
) -> DocumentSymbol {
    let selection = positions.line(line);
    let mut range = positions.range(span.cover(selection));
    for child in &children {
        range.start = range.start.min(child.range.start);
        range.end = range.end.max(child.range.end);
    }
    let name = if name.trim().is_empty() {
        "(without a name)".to_owned()
    } else {
        name
    };
    #[expect(deprecated, reason = "the field has no other value and no default")]
    DocumentSymbol {
        name,
        detail,
        kind,
        tags: None,
        deprecated: None,
        range,
        selection_range: positions.range(selection),
        children: (!children.is_empty()).then_some(children),
    }
}

/// CI groups, steps, and failures.
pub(crate) fn folding(file: &LogFile<'_>) -> Vec<FoldingRange> {
    let text = &file.positions.text.text;
    let lines = file.positions.text.lines();
    let mut folds: Vec<(u32, u32)> = groups(text)
        .into_iter()
        .chain(file.log.steps.iter().map(|step| step.span))
        .chain(file.log.failures.iter().map(|failure| failure.span))
        .map(|span| {
            // A span ends after its last line's end, that is at the start of the next line.
            let end = span.start + span.of(text).trim_end().len();
            (lines.line_of(span.start), lines.line_of(end))
        })
        .filter(|(start, end)| start < end)
        .collect();
    folds.sort_unstable();
    // Clients show one fold a line: the largest.
    folds.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = earlier.1.max(later.1);
        }
        same
    });
    folds
        .into_iter()
        .map(|(start_line, end_line)| FoldingRange {
            start_line,
            end_line,
            kind: Some(FoldingRangeKind::Region),
            ..FoldingRange::default()
        })
        .collect()
}

/// From each group mark to the mark that ends it: GitHub and Azure write `##[group]` and `##[endgroup]`, GitLab
/// `section_start:TIME:NAME` and `section_end:TIME:NAME`. A group without an end ends before the next one.
fn groups(text: &str) -> Vec<Span> {
    const MARKS: [(&str, bool); 4] = [
        ("##[group]", true),
        ("##[endgroup]", false),
        ("section_start:", true),
        ("section_end:", false),
    ];
    let mut marks: Vec<(usize, bool)> = MARKS
        .iter()
        .flat_map(|(mark, starts)| {
            memchr::memmem::find_iter(text.as_bytes(), mark).map(move |at| (at, *starts))
        })
        .collect();
    marks.sort_unstable();
    let mut groups = Vec::new();
    let mut open = Vec::new();
    for (at, starts) in marks {
        if starts {
            open.push(at);
        } else if let Some(start) = open.pop() {
            groups.push(Span::new(start, at));
        }
    }
    groups
}

/// Links on the frames of tracebacks, and on the workflow's file.
pub(crate) fn links(file: &LogFile<'_>, tooltips: bool) -> Vec<DocumentLink> {
    let places = Places::new(&file.workspace, &file.log);
    let text = &file.positions.text.text;
    let mut links: Vec<(Span, Uri, String)> = Vec::new();
    for failure in &file.log.failures {
        let chained = failure.chain.iter().flat_map(|link| &link.frames);
        for frame in failure
            .frames
            .iter()
            .chain(&failure.location)
            .chain(chained)
        {
            let Some(target) = places.absolute(failure.session, &frame.path) else {
                continue;
            };
            let Some(span) = path_span(text, frame.span, &frame.path) else {
                continue;
            };
            if let Some(uri) = at_line(&target, frame.line) {
                links.push((
                    span,
                    uri,
                    format!("Open {} at line {}", target.display(), frame.line),
                ));
            }
        }
    }
    if let Some(workflow) = &file.log.job.workflow
        && let Some(at) = workflow.text.find(".github/")
        && let Some(target) = places.absolute(None, &workflow.text[at..])
        && let Some(span) = path_span(text, workflow.span, &workflow.text)
        && let Some(uri) = at_line(&target, 1)
    {
        links.push((span, uri, "Open the workflow".to_owned()));
    }
    links.sort_by_key(|(span, ..)| *span);
    links.dedup_by_key(|(span, ..)| *span);
    links
        .into_iter()
        .map(|(span, target, tooltip)| DocumentLink {
            range: file.positions.range(span),
            target: Some(target),
            tooltip: Some(tooltip).filter(|_| tooltips),
            data: None,
        })
        .collect()
}

/// Where the path itself is printed within the span that names it; the whole span's first line where it is written otherwise
/// (with escape sequences in it).
pub(crate) fn path_span(text: &str, span: Span, printed: &str) -> Option<Span> {
    let within = span.of(text);
    if within.is_empty() {
        return None;
    }
    match within.find(printed) {
        Some(at) => Some(Span::new(at, at + printed.len()).shifted(span.start)),
        None => Some(Span::new(0, within.lines().next()?.len()).shifted(span.start)),
    }
}

/// The URI of a line: `#L3` is what editors and forges understand.
fn at_line(path: &std::path::Path, line: u32) -> Option<Uri> {
    let mut text = crate::lsp::convert::uri(path)?.as_str().to_owned();
    if line > 1 {
        // Writing to a string cannot fail.
        let _ = write!(text, "#L{line}");
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_github_and_gitlab() {
        let text = "x ##[group]Run a\nx b\nx ##[endgroup]\nsection_start:1:build\r\nb\nsection_end:1:build\r\n##[group]left open\n";
        let found: Vec<&str> = groups(text).into_iter().map(|span| span.of(text)).collect();
        assert_eq!(
            found,
            ["##[group]Run a\nx b\nx ", "section_start:1:build\r\nb\n"]
        );
    }
}

//! Every failure of a log as a diagnostic.

use tower_lsp::ls_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString,
};

use super::log_file::{LogFile, short_title, summary};
use crate::lsp::convert::{self, line_start};
use crate::lsp::places::Places;

/// The name that clients show with a diagnostic.
pub(crate) const SOURCE: &str = "reprolens";

pub(crate) fn diagnostics(file: &LogFile<'_>) -> Vec<Diagnostic> {
    let places = Places::new(&file.workspace, &file.log);
    let failures = file.log.failures.iter().map(|failure| {
        let line = places.failing_line(failure).and_then(|(path, frame)| {
            Some(DiagnosticRelatedInformation {
                location: Location::new(convert::uri(&path)?, line_start(frame.line)),
                message: frame
                    .source
                    .clone()
                    .unwrap_or_else(|| "the failing line".to_owned()),
            })
        });
        Diagnostic {
            range: file.positions.line_range(failure.line),
            severity: Some(DiagnosticSeverity::ERROR),
            code: Some(NumberOrString::String(failure.kind.name().to_owned())),
            source: Some(SOURCE.to_owned()),
            message: format!("{}: {}", short_title(failure), summary(failure)),
            related_information: line.map(|line| vec![line]),
            ..Diagnostic::default()
        }
    });
    let problems = file.log.problems.iter().map(|problem| Diagnostic {
        range: file.positions.range(problem.span),
        severity: Some(DiagnosticSeverity::INFORMATION),
        source: Some(SOURCE.to_owned()),
        message: problem.message.clone(),
        ..Diagnostic::default()
    });
    failures.chain(problems).collect()
}

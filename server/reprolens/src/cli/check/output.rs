//! Findings as text, JSON, SARIF and workflow annotations.

use std::io::Write;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use checklist::{Finding, Severity};
use serde_json::{Value, json};
use text::LineIndex;

use super::Format;
use crate::checked::Checked;
use crate::cli::style::harmless;

pub(super) fn write(
    format: Format,
    checked: &[Checked],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        Format::Text => text(checked, out),
        Format::Json => json(checked, out),
        Format::Sarif => sarif(checked, out),
        Format::Github => github(checked, out),
    }
}

fn path(folder: &Checked, finding: &Finding) -> String {
    let path = &folder.folder.path;
    if path.is_empty() {
        finding.path.clone()
    } else {
        format!("{path}/{}", finding.path)
    }
}

/// The text that the finding's span is of; empty for a log or a file that is not there.
fn source<'a>(folder: &'a Checked, finding: &Finding) -> &'a str {
    let own = &folder.folder;
    let mut files = own
        .script
        .iter()
        .chain(&own.tests)
        .chain(&own.readme)
        .chain(&own.others);
    files
        .find(|file| file.path == finding.path)
        .map_or("", |file| &file.text)
}

/// Line and column of start and end, 1-based, columns in characters.
fn range(folder: &Checked, finding: &Finding) -> [usize; 4] {
    if let Some(line) = folder.line_of_log(finding) {
        let line = line as usize;
        return [line, 1, line, 1];
    }
    let text = source(folder, finding);
    let lines = LineIndex::new(text);
    let place = |offset: usize| {
        let offset = text.floor_char_boundary(offset.min(text.len()));
        let line = lines.line_of(offset);
        let start = lines.line(text, line).map_or(0, |it| it.start);
        (
            line as usize + 1,
            text[start.min(offset)..offset].chars().count() + 1,
        )
    };
    let (start, end) = (place(finding.span.start), place(finding.span.end));
    [start.0, start.1, end.0, end.1]
}

fn text(checked: &[Checked], out: &mut dyn Write) -> anyhow::Result<()> {
    let renderer = Renderer::styled();
    let mut counts = [0usize; 4];
    for folder in checked {
        for finding in &folder.findings {
            counts[finding.severity as usize] += 1;
            let level = match finding.severity {
                Severity::Error => Level::ERROR,
                Severity::Warning => Level::WARNING,
                Severity::Information => Level::INFO,
                Severity::Hint => Level::NOTE,
            };
            let path = path(folder, finding);
            let message = harmless(&finding.message);
            let source = source(folder, finding);
            let title = level.primary_title(&*message).id(finding.rule.id);
            let fits = source.get(finding.span.start..finding.span.end).is_some();
            if source.is_empty() || !fits || harmless(source).len() != source.len() {
                let origin = annotate_snippets::Origin::path(&path);
                let origin = match folder.line_of_log(finding) {
                    Some(line) => origin.line(line as usize),
                    None => origin,
                };
                let report = [title.element(origin)];
                writeln!(out, "{}\n", renderer.render(&report))?;
                continue;
            }
            let snippet = Snippet::source(source)
                .path(&path)
                .annotation(AnnotationKind::Primary.span(finding.span.into()));
            let report = [title.element(snippet)];
            writeln!(out, "{}\n", renderer.render(&report))?;
        }
    }
    let plural =
        |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let folders = plural(checked.len(), "folder");
    let total: usize = counts.iter().sum();
    if total == 0 {
        writeln!(out, "{folders} checked, nothing found")?;
        return Ok(());
    }
    let findings = checked.iter().flat_map(|it| &it.findings);
    let fixable = findings
        .filter(|it| it.fix.as_ref().is_some_and(|fix| fix.safe))
        .count();
    let parts = [
        (counts[0], "error"),
        (counts[1], "warning"),
        (counts[2], "information"),
        (counts[3], "hint"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|it| it.0 > 0)
        .map(|it| {
            if it.1 == "information" {
                format!("{} information", it.0)
            } else {
                plural(it.0, it.1)
            }
        })
        .collect();
    writeln!(out, "{folders} checked: {}", parts.join(", "))?;
    if fixable > 0 {
        writeln!(out, "{fixable} can be fixed with `reprolens check --fix`")?;
    }
    Ok(())
}

fn json(checked: &[Checked], out: &mut dyn Write) -> anyhow::Result<()> {
    let folders: Vec<Value> = checked
        .iter()
        .map(|folder| json!({"path": folder.folder.path, "findings": findings(folder)}))
        .collect();
    writeln!(out, "{}", json!({"version": 1, "folders": folders}))?;
    Ok(())
}

/// The findings of one folder, in JSON.
pub(crate) fn findings(folder: &Checked) -> Vec<Value> {
    folder
        .findings
        .iter()
        .map(|finding| {
            let [line, column, end_line, end_column] = range(folder, finding);
            json!({
                "rule": finding.rule.id, "name": finding.rule.name, "severity": finding.severity.name(),
                "message": finding.message, "path": path(folder, finding),
                "start": {"line": line, "column": column}, "end": {"line": end_line, "column": end_column},
                "fix": finding.fix.as_ref().map(|fix| json!({"title": fix.title, "safe": fix.safe})),
            })
        })
        .collect()
}

fn sarif(checked: &[Checked], out: &mut dyn Write) -> anyhow::Result<()> {
    let level = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information | Severity::Hint => "note",
    };
    let rules: Vec<Value> = checklist::rules()
        .map(|info| {
            let first = info.page.trim_start().lines().next().unwrap_or_default();
            let page = checklist::page(info.id).unwrap_or_default();
            json!({
                "id": info.id, "name": info.name, "shortDescription": {"text": first},
                "help": {"text": page, "markdown": page}, "defaultConfiguration": {"level": level(info.severity)},
            })
        })
        .collect();
    let found = checked
        .iter()
        .flat_map(|folder| folder.findings.iter().map(move |it| (folder, it)));
    let results: Vec<Value> = found
        .map(|(folder, finding)| {
            let [line, column, end_line, end_column] = range(folder, finding);
            json!({
                "ruleId": finding.rule.id,
                "ruleIndex": checklist::rules().position(|info| info.id == finding.rule.id),
                "level": level(finding.severity), "message": {"text": finding.message},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": uri(&path(folder, finding)), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column},
                }}],
            })
        })
        .collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "reprolens", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints", "results": results,
        }],
    });
    writeln!(out, "{report}")?;
    Ok(())
}

/// A relative path as a URI.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn github(checked: &[Checked], out: &mut dyn Write) -> anyhow::Result<()> {
    let data = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    for folder in checked {
        for finding in &folder.findings {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Information | Severity::Hint => "notice",
            };
            let [line, column, end_line, end_column] = range(folder, finding);
            // GitHub takes columns only where both are on one line.
            let columns = if line == end_line {
                format!(",col={column},endColumn={end_column}")
            } else {
                String::new()
            };
            let file = property(&path(folder, finding));
            let title = property(&format!("{} {}", finding.rule.id, finding.rule.name));
            writeln!(
                out,
                "::{command} file={file},line={line},endLine={end_line}{columns},title={title}::{}",
                data(&finding.message)
            )?;
        }
    }
    Ok(())
}

//! Code lenses of a log: a line on top with its totals, and the commands of each failure.

use log::Log;
use tower_lsp::ls_types::{CodeLens, Command};

use super::environment;
use super::log_file::LogFile;
use crate::choose;
use crate::lsp::commands::{self, command, failure_arguments};
use crate::lsp::places::Places;

/// The lenses, in the order of the log.
pub(crate) fn lenses(file: &LogFile<'_>) -> Vec<CodeLens> {
    let log = &file.log;
    if !log.recognised && log.failures.is_empty() {
        return Vec::new();
    }
    let mut lenses = Vec::new();
    let repros = choose::one_of_each(&[log]).len();
    if repros > 1 {
        let title = format!("Generate all {repros} repros");
        let all = command(title, commands::GENERATE, vec![file.uri.as_str().into()]);
        lenses.push(lens(file, 1, all));
    }
    // Behind it: it is long.
    let totals = command(
        totals(log),
        commands::SHOW_LOG,
        vec![file.uri.as_str().into()],
    );
    lenses.push(lens(file, 1, totals));
    let places = Places::new(&file.workspace, log);
    for index in 0..log.failures.len() {
        let line = log.failures[index].line;
        lenses.extend(
            failure_commands(file, &places, index)
                .into_iter()
                .map(|it| lens(file, line, it)),
        );
    }
    lenses
}

/// What can be done with one failure; the same commands are code actions on its lines.
pub(crate) fn failure_commands(
    file: &LogFile<'_>,
    places: &Places<'_>,
    index: usize,
) -> Vec<Command> {
    let log = &file.log;
    let failure = &log.failures[index];
    let arguments = || failure_arguments(file.uri, log, index);
    let mut all = vec![command(
        "Generate minimal repro".to_owned(),
        commands::GENERATE,
        arguments(),
    )];
    if places.failing_line(failure).is_some() {
        all.push(command(
            "Open failing line".to_owned(),
            commands::OPEN_FAILING_LINE,
            arguments(),
        ));
    }
    let known = file.environment_of(index);
    let variables = known.map_or(0, |known| environment::variables(&known).count());
    let title = format!("Environment ({variables})");
    all.push(command(title, commands::SHOW_ENVIRONMENT, arguments()));
    all
}

/// `3 failed, 12 passed | build / test (3.11) | .github/workflows/ci.yml`
fn totals(log: &Log) -> String {
    let mut counts: Vec<(&str, u64)> = Vec::new();
    for (name, count) in log.sessions.iter().flat_map(|session| &session.totals) {
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum += count,
            None => counts.push((name, *count)),
        }
    }
    let counted: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let failures = match log.failures.len() {
        0 => "no failure found".to_owned(),
        1 => "1 failure".to_owned(),
        several => format!("{several} failures"),
    };
    let mut parts = vec![if counted.is_empty() {
        failures
    } else {
        format!("{failures} ({})", counted.join(", "))
    }];
    parts.extend(
        log.job
            .name
            .as_ref()
            .map(|name| format!("job {}", name.text)),
    );
    parts.extend(
        log.job
            .workflow
            .as_ref()
            .map(|workflow| workflow.text.clone()),
    );
    parts.join(" | ")
}

fn lens(file: &LogFile<'_>, line: u32, command: Command) -> CodeLens {
    CodeLens {
        range: file.positions.line_range(line),
        command: Some(command),
        data: None,
    }
}

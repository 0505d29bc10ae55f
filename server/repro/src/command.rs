//! CI's pytest command as the repro runs it: what decides the outcome stays, what chooses tests or reports goes, with its reason.

use log::Kind;
use shell::{Launcher, PytestCommand};

use crate::places::{self, Places, WORKSPACE};
use crate::quote::ShellWord;
use crate::{Config, Evidence, ini};

/// The repro's pytest command.
#[derive(Debug, Clone, Default)]
pub(crate) struct Command {
    pub(crate) launcher: Launcher,
    /// Options and their values, one line of the script each.
    pub(crate) arguments: Vec<String>,
    /// Parts of CI's command that were left out, and why.
    pub(crate) dropped: Vec<(String, &'static str)>,
}

/// CI's command: the very session's, else the configuration's, else the step's.
pub(crate) fn of(evidence: &Evidence) -> Option<&PytestCommand> {
    let session = evidence.session.as_ref().and_then(|it| it.command.as_ref());
    let configured = evidence
        .configurations
        .first()
        .and_then(|it| it.command.as_ref())
        .map(|(command, _)| command);
    let step = evidence.step.as_ref().and_then(|it| it.command.as_ref());
    let mut all = [session, configured, step].into_iter().flatten();
    // Where the log shows only a script that runs pytest somehow, `argv` is empty.
    all.find(|command| !command.argv.is_empty())
}

/// Whether CI's import mode was `importlib`, by these arguments or by the configuration's `addopts`.
pub(crate) fn imports_by_importlib(evidence: &Evidence, arguments: &[String]) -> bool {
    let names_it = |word: &String| word.contains("importlib");
    arguments.iter().any(names_it)
        || evidence.ini.as_ref().is_some_and(|(path, text)| {
            ini::words(path, text, "addopts").is_some_and(|words| words.iter().any(names_it))
        })
}

/// Seconds after which the script ends a run.
pub(crate) fn bound(config: &Config) -> u32 {
    config.max_seconds.max(60)
}

pub(crate) fn build(evidence: &Evidence, config: &Config, places: &Places) -> Command {
    let mut command = Command::default();
    let original = of(evidence);
    command.launcher = original.map_or(Launcher::Program, |it| it.launcher);
    if let Some((path, _)) = &evidence.ini
        && let Some(path) = places::relative(path)
    {
        let path = ShellWord::below(WORKSPACE, &path);
        command.arguments.push(format!("-c {path}"));
    }
    command.arguments.push(format!(
        "--rootdir {}",
        ShellWord::below(WORKSPACE, &places.rootdir)
    ));
    if let Some(add_opts) = add_opts(evidence, original) {
        command.add_opts(add_opts);
    }
    let limit = bound(config).saturating_sub(10);
    if let Some(original) = original {
        for flag in &original.outcome_flags {
            command.outcome(flag, evidence, limit, places);
        }
        for flag in &original.reporting_flags {
            command.reporting(flag);
        }
        for flag in &original.selection_flags {
            command.drop(flag, "the repro is one test");
        }
        if !original.wrapper.is_empty() {
            command.drop(&original.wrapper, "a wrapper around pytest");
        }
    } else {
        command.arguments.push("-v".to_owned());
    }
    command.import_mode(evidence, config);
    command.doctest(evidence);
    command.hang(evidence, limit);
    command.seed(evidence);
    command.join_verbose();
    // pytest's cache would be written into the workspace; a configuration that sets its folder needs its plugin.
    let cache_is_used = evidence
        .ini
        .as_ref()
        .is_some_and(|(_, text)| text.contains("cache_dir") || text.contains("cacheprovider"));
    let is_told = command
        .arguments
        .iter()
        .any(|argument| argument.contains("cacheprovider"));
    if !cache_is_used && !is_told {
        command.arguments.push("-p no:cacheprovider".to_owned());
    }
    command
}

impl Command {
    fn drop(&mut self, flag: &[String], why: &'static str) {
        self.dropped.push((flag.join(" "), why));
    }

    fn outcome(&mut self, flag: &[String], evidence: &Evidence, limit: u32, places: &Places) {
        if let Some(why) = why_not(flag) {
            self.drop(flag, why);
            return;
        }
        if is_add_opts(flag) {
            return;
        }
        if name(flag) == "--timeout" && evidence.failure.kind == Kind::Timeout {
            let seconds = value(flag).and_then(|value| value.parse::<f64>().ok());
            if seconds.is_none_or(|seconds| seconds > f64::from(limit)) {
                self.drop(
                    flag,
                    "shortened: the test hangs, so that a shorter bound shows the same",
                );
                self.arguments.push(format!("--timeout={limit}"));
                return;
            }
        }
        // An expression that was never resolved would be taken literally.
        if flag
            .iter()
            .any(|word| word.contains("${{") || word.contains("$(") || word.contains("***"))
        {
            self.drop(flag, "its value is not known");
            return;
        }
        let words: Vec<String> = flag
            .iter()
            .map(|word| places.word(word).to_string())
            .collect();
        self.arguments.push(words.join(" "));
    }

    fn reporting(&mut self, flag: &[String]) {
        if is_verbose(flag) || is_shown(flag) {
            let words: Vec<String> = flag
                .iter()
                .map(|word| ShellWord::new(word).to_string())
                .collect();
            self.arguments.push(words.join(" "));
        } else {
            self.drop(flag, "it only reports");
        }
    }

    /// `addopts` without what chooses tests, reports to files, or starts workers: written anew only where there is such a thing.
    fn add_opts(&mut self, add_opts: AddOpts) {
        let Some(options) = classify(add_opts.words) else {
            return;
        };
        let mut kept: Vec<&String> = Vec::new();
        let mut disturbing = Vec::new();
        for flag in &options.outcome_flags {
            match why_not(flag) {
                Some(why) => disturbing.push((flag, why)),
                None => kept.extend(flag),
            }
        }
        for flag in &options.reporting_flags {
            match writes_or_measures(flag) {
                true => disturbing.push((flag, "it writes a report")),
                false => kept.extend(flag),
            }
        }
        for flag in &options.selection_flags {
            match name(flag) {
                "-x" | "--exitfirst" | "--maxfail" | "--ignore" | "--ignore-glob" => {
                    kept.extend(flag);
                }
                _ => disturbing.push((flag, "the repro is one test")),
            }
        }
        if disturbing.is_empty() && !add_opts.overrides {
            return;
        }
        let kept = shlex::try_join(kept.iter().map(|word| word.as_str())).unwrap_or_default();
        self.arguments
            .push(format!("-o {}", ShellWord::new(&format!("addopts={kept}"))));
        for (flag, why) in disturbing {
            self.drop(flag, why);
        }
    }

    /// A docstring is a test only where pytest is told so.
    fn doctest(&mut self, evidence: &Evidence) {
        const MODULES: &str = "--doctest-modules";
        let test = evidence.test.as_ref();
        let is_doctest = test.is_ok_and(|test| test.kind == python::ItemKind::Doctest);
        if is_doctest && !self.arguments.iter().any(|it| it == MODULES) {
            self.arguments.push(MODULES.to_owned());
        }
    }

    /// With `importlib`, pytest 7 makes a module name of the test's path below rootdir, and a name that begins with a dot is a
    /// relative import to it (`TypeError: the 'package' argument is required`): nothing below `.github` can be collected.
    /// `append` leaves what CI could import as it was, and adds only behind it.
    fn import_mode(&mut self, evidence: &Evidence, config: &Config) {
        let is_hidden = config.root.split('/').any(|part| part.starts_with('.'));
        if config.runs_original || !is_hidden || !imports_by_importlib(evidence, &self.arguments) {
            return;
        }
        const MODE: &str = "--import-mode";
        self.arguments
            .retain(|argument| !argument.starts_with(MODE));
        self.dropped.push((
            format!("{MODE}=importlib"),
            "pytest 7 cannot import a file of a folder whose name begins with a dot that way",
        ));
        self.arguments.push(format!("{MODE}=append"));
    }

    /// A test that hangs is ended before the script's own bound ends pytest, so that the output tells where it stood.
    fn hang(&mut self, evidence: &Evidence, limit: u32) {
        if evidence.failure.kind != Kind::Timeout {
            return;
        }
        let is_told = |option: &str| self.arguments.iter().any(|it| it.starts_with(option));
        if is_told("--timeout=") || is_told("--timeout ") {
            return;
        }
        let configured = evidence
            .ini
            .as_ref()
            .and_then(|(path, text)| ini::words(path, text, "timeout"));
        let has_plugin = evidence.session.as_ref().is_some_and(|session| {
            session
                .plugins
                .iter()
                .any(|plugin| plugin.starts_with("timeout"))
        });
        self.arguments
            .push(match configured.is_some() && has_plugin {
                true => format!("--timeout={limit}"),
                false => format!("-o faulthandler_timeout={limit}"),
            });
    }

    /// `-v -v` as `-vv`.
    fn join_verbose(&mut self) {
        let count = self.arguments.iter().filter(|it| *it == "-v").count();
        if count > 1
            && let Some(first) = self.arguments.iter().position(|it| it == "-v")
        {
            self.arguments[first] = format!("-{}", "v".repeat(count.min(4)));
            self.arguments.retain(|it| it != "-v");
        }
    }

    /// pytest-randomly reseeds before each test: the seed of CI's header gives CI's values.
    fn seed(&mut self, evidence: &Evidence) {
        let Some(session) = &evidence.session else {
            return;
        };
        let is_told = self
            .arguments
            .iter()
            .any(|argument| argument.contains("randomly"));
        let has_plugin = session
            .plugins
            .iter()
            .any(|plugin| plugin.starts_with("randomly"));
        let seed = session.seed.as_ref().map(|seed| {
            seed.text
                .rsplit(|c: char| !c.is_ascii_digit())
                .next()
                .unwrap_or_default()
        });
        if let Some(seed) = seed.filter(|seed| !seed.is_empty() && has_plugin && !is_told) {
            self.arguments.push(format!("--randomly-seed={seed}"));
        }
    }
}

/// `addopts` as CI had it.
struct AddOpts {
    words: Vec<String>,
    /// They are of the command line, which the configuration's do not stand behind.
    overrides: bool,
}

/// Of the command line, else of the configuration.
fn add_opts(evidence: &Evidence, original: Option<&PytestCommand>) -> Option<AddOpts> {
    let flags = original.map_or(&[][..], |it| &it.outcome_flags).iter();
    if let Some(flag) = flags.rev().find(|flag| is_add_opts(flag)) {
        let (_, words) = value(flag)?.split_once('=')?;
        return Some(AddOpts {
            words: shlex::split(words).unwrap_or_default(),
            overrides: true,
        });
    }
    let (path, text) = evidence.ini.as_ref()?;
    Some(AddOpts {
        words: ini::words(path, text, "addopts")?,
        overrides: false,
    })
}

/// `-o addopts=...`
fn is_add_opts(flag: &[String]) -> bool {
    matches!(name(flag), "-o" | "--override-ini")
        && value(flag).is_some_and(|value| value.trim_start().starts_with("addopts"))
}

/// The words of `addopts` or `PYTEST_ADDOPTS` in their parts.
pub(crate) fn classify(words: Vec<String>) -> Option<PytestCommand> {
    let mut argv = vec![shell::Word::Known("pytest".to_owned())];
    argv.extend(words.into_iter().map(shell::Word::Known));
    shell::pytest_command(&shell::Command {
        argv,
        ..shell::Command::default()
    })
}

/// Why an option that can decide the outcome does not go along.
pub(crate) fn why_not(flag: &[String]) -> Option<&'static str> {
    Some(match name(flag) {
        "-n"
        | "--numprocesses"
        | "--maxprocesses"
        | "--max-worker-restart"
        | "--dist"
        | "--tx"
        | "--px"
        | "-d"
        | "-f"
        | "--rsyncdir"
        | "--rsyncignore"
        | "--testrunuid"
        | "--workers"
        | "--tests-per-worker"
        | "--parallel-threads"
        | "--loadscope-reorder"
        | "--no-loadscope-reorder"
        | "--looponfail" => "one test needs no workers",
        "--reruns" | "--reruns-delay" | "--only-rerun" | "--rerun-except" | "--force-flaky"
        | "--max-runs" | "--min-passes" | "--flake-finder" | "--flake-runs" | "--count"
        | "--fail-on-flaky" => "one run shows a deterministic failure",
        "-m" => "the repro test has no marks to choose by",
        "-c" | "--config-file" | "--rootdir" | "--confcutdir" => {
            "the script names these folders itself"
        }
        "--basetemp" => "it would empty a folder of this machine",
        "--setup-plan" | "--setup-only" | "--setuponly" | "--setupplan" | "--pdb" | "--trace" => {
            "the test has to run through"
        }
        "--mypy" | "--mypy-only" | "--flake8" | "--pylint" | "--black" | "--isort" | "--ruff"
        | "--ruff-format" | "--pycodestyle" | "--pydocstyle" | "--pep8" | "--nbval"
        | "--nbval-lax" | "--nbmake" | "--codeblocks" | "--markdown-docs" => {
            "it adds checks of its own beside the test"
        }
        "-p" => {
            let plugin = value(flag).unwrap_or_default();
            match plugin {
                "xdist" | "xdist.plugin" | "no:xdist" => "one test needs no workers",
                "pytest_cov" | "pytest_cov.plugin" | "no:cov" => {
                    "it has nothing to do with the outcome"
                }
                _ => return None,
            }
        }
        _ => return None,
    })
}

/// Whether it writes files, measures, or is of a plugin that only reports.
fn writes_or_measures(flag: &[String]) -> bool {
    let name = name(flag);
    let pytests_own = [
        "-v",
        "-q",
        "-l",
        "-s",
        "-r",
        "--tb",
        "--color",
        "--code-highlight",
        "--show-capture",
        "--capture",
        "--verbosity",
        "--durations",
        "--durations-min",
        "--verbose",
        "--quiet",
        "--showlocals",
        "--no-showlocals",
        "--no-header",
        "--full-trace",
        "--fulltrace",
        "--disable-warnings",
        "--disable-pytest-warnings",
        "--log-cli-level",
        "--log-format",
        "--log-date-format",
        "--log-cli-format",
        "--log-cli-date-format",
        "--log-auto-indent",
        "--console-output-style",
        "--force-short-summary",
        "--no-fold-skipped",
        "--xfail-tb",
        "--doctest-report",
        "--no-cov",
    ];
    !pytests_own.contains(&name)
}

fn is_verbose(flag: &[String]) -> bool {
    matches!(name(flag), "-v" | "--verbose" | "--verbosity")
}

/// Options of the output that the comparison with CI's log profits from, or that change what the test sees.
fn is_shown(flag: &[String]) -> bool {
    match name(flag) {
        "-l" | "--showlocals" | "-s" | "--capture" | "--full-trace" | "--fulltrace" => true,
        "--tb" => !matches!(value(flag), Some("no" | "line") | None),
        _ => false,
    }
}

/// `--timeout` of `--timeout=5`, `-n` of `-n4`.
fn name(flag: &[String]) -> &str {
    let word = flag.first().map_or("", String::as_str);
    if word.starts_with("--") {
        return word.split('=').next().unwrap_or(word);
    }
    match word.char_indices().nth(2) {
        Some((at, _)) => &word[..at],
        None => word,
    }
}

fn value(flag: &[String]) -> Option<&str> {
    if let Some(value) = flag.get(1) {
        return Some(value);
    }
    let word = flag.first()?;
    match word.starts_with("--") {
        true => word.split_once('=').map(|(_, value)| value),
        false => word.get(2..).filter(|value| !value.is_empty()),
    }
}

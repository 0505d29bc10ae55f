//! GitLab, Azure, Buildkite, CircleCI, Jenkins, Travis and plain terminals: sections, groups, and commands echoed behind a
//! prompt, each run when it was shown.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Role;
use crate::Ci;
use crate::clean::ESCAPE;
use crate::line::Line;
use crate::sink::{Sink, fact};

static SECTION_START: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("section_start:"));
static SECTION_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("section_end:"));
/// Buildkite's last line.
static ENDED: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("Error: The command exited with status "));

/// Lines of a script that CircleCI shows before its output begins.
const LONGEST_HEAD: u32 = 40;

#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// Lines left of a script whose end nothing marks.
    head: u32,
    /// A script block is open: Azure's `Script contents:`, Buildkite's lines behind the first `$`.
    block: bool,
    seen: bool,
}

impl Transcript {
    pub(crate) fn is_hungry(&self) -> bool {
        self.head > 0 || self.block
    }

    /// Whether a line was seen: the first one may be a shebang.
    pub(crate) fn has_begun(&self) -> bool {
        self.seen
    }

    pub(crate) fn line(&mut self, ci: Ci, line: &Line<'_>, raw: &[u8], sink: &mut Sink) -> Role {
        let text = line.text;
        let known = self
            .head(line, sink)
            .or_else(|| section_mark(ci, line, raw, sink));
        if let Some(role) = known {
            return role;
        }
        if opens_or_ends_step(ci, line, sink) {
            self.block = false;
            return Role::Structure;
        }
        if ci == Ci::Azure && text == "Script contents:" {
            self.block = true;
            return Role::Structure;
        }
        if self.block {
            self.block = !is_behind_script(text);
            if self.block {
                self.echoed(line, 0, sink);
                return Role::Structure;
            }
        }
        if let Some(code) = exit_code(text) {
            last_exit(code, sink);
            sink.exit(code);
            return Role::Structure;
        }
        if let Some(from) = prompt(text) {
            self.echoed(line, from, sink);
            self.block = ci == Ci::Buildkite
                && sink
                    .current()
                    .is_some_and(|step| step.name.starts_with("Running "));
        } else if let Some(rest) = text.strip_prefix("Using Docker executor with image ") {
            let from = text.len() - rest.len();
            let to = from + rest.find(" ...").unwrap_or(rest.len());
            sink.job().image = Some(fact(line, from..to));
        }
        Role::Output
    }

    /// A line of the script that CircleCI shows first.
    fn head(&mut self, line: &Line<'_>, sink: &mut Sink) -> Option<Role> {
        let first = !std::mem::replace(&mut self.seen, true);
        let text = line.text;
        if first && (text.starts_with("#!/bin/bash -eo") || text.starts_with("#!/bin/sh -eo")) {
            self.head = LONGEST_HEAD;
            return Some(Role::Structure);
        }
        if self.head == 0 {
            return None;
        }
        self.head -= 1;
        if text.is_empty() || text.contains("=====") || line.raw.len() > 400 {
            self.head = 0;
            return None;
        }
        self.echoed(line, 0, sink);
        Some(Role::Output)
    }

    /// A line of a script that runs now.
    fn echoed(&mut self, line: &Line<'_>, from: usize, sink: &mut Sink) {
        sink.ensure_step(line);
        sink.gathered.transcript = true;
        sink.gathered.script.push(line, from);
        if sink.gathered.sessions == 0 {
            sink.gathered.last_prompt =
                Some(fact(line, from..line.text.trim_end().len().max(from)));
        }
    }
}

/// The mark of a section of GitLab's. It stands first, behind an escape sequence at most, or behind the end of the section before.
fn section_mark(ci: Ci, line: &Line<'_>, raw: &[u8], sink: &mut Sink) -> Option<Role> {
    if raw.first() != Some(&ESCAPE) && !raw.starts_with(b"section_") {
        return None; // Nearly every line.
    }
    if let Some(name) = section(raw, &SECTION_START, 400) {
        sink.start_step(&name, line);
        sink.output_begins(line);
        sink.gathered.transcript = true;
        return None;
    }
    let name = section(raw, &SECTION_END, 40)?;
    // A test can print such a line: the runner ends what it began.
    let open = sink.current().is_some_and(|step| step.name == name);
    if open {
        sink.end_step(line.raw.start);
    }
    if !open && ci != Ci::GitLab {
        return None;
    }
    // The job's end stands behind it on the same line.
    if let Some(code) = exit_code(line.text) {
        last_exit(code, sink);
    }
    Some(Role::Structure)
}

/// A line by which Azure, Buildkite or Jenkins tells that a step begins or ends.
fn opens_or_ends_step(ci: Ci, line: &Line<'_>, sink: &mut Sink) -> bool {
    let text = line.text;
    if let Some(name) = text.strip_prefix("##[section]Starting: ") {
        sink.start_step(name.trim(), line);
        sink.output_begins(line);
        return true;
    }
    if text.starts_with("##[section]Finishing: ") {
        sink.end_step(line.raw.start);
        return true;
    }
    let groups = ["~~~ ", "--- ", "+++ "];
    if ci == Ci::Buildkite
        && let Some(name) = groups.iter().find_map(|mark| text.strip_prefix(mark))
    {
        // Groups that the script opens go on in its shell.
        let script = std::mem::take(&mut sink.gathered.script);
        let inherits = !text.starts_with("~~~ ");
        sink.start_step(name.trim(), line);
        sink.output_begins(line);
        if inherits {
            sink.gathered.script = script;
            sink.gathered.transcript = true;
        }
        return true;
    }
    if ci == Ci::Jenkins
        && let Some(name) = text.strip_prefix("[Pipeline] ")
    {
        if matches!(name, "sh" | "bat" | "powershell") {
            sink.start_step(name, line);
            sink.output_begins(line);
        }
        return true;
    }
    false
}

/// Whether a line is none of the script that was shown before it.
fn is_behind_script(text: &str) -> bool {
    BEHIND_SCRIPT.iter().any(|it| text.starts_with(it))
        || text.contains("===== ")
        || exit_code(text).is_some()
}

/// What no line of a script begins with: groups, and what pytest and Python begin with.
const BEHIND_SCRIPT: [&str; 9] = [
    "=====",
    "INTERNALERROR>",
    "~~~ ",
    "--- ",
    "+++ ",
    "^^^ +++",
    "Traceback (most recent call last):",
    "ImportError while loading conftest",
    "ERROR: ",
];

/// The name in GitLab's `section_start:1560896352:step_script[collapsed=true]`, whose mark is within the first bytes.
fn section(raw: &[u8], mark: &Finder<'_>, within: usize) -> Option<String> {
    let at = mark.find(&raw[..raw.len().min(within)])?;
    // A failing test's coloured lines begin with one too, and go on with what the test printed.
    let mut before = &raw[..at];
    while before.first() == Some(&ESCAPE) {
        before = &before[crate::clean::escape_len(before).clamp(1, before.len())..];
    }
    if !before.is_empty() && !before.starts_with(b"section_") {
        return None;
    }
    let rest = &raw[at + mark.needle().len()..];
    let colon = rest.iter().take(16).position(|&byte| byte == b':')?;
    let name = &rest[colon + 1..];
    let end = name
        .iter()
        .position(|&byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')))
        .unwrap_or(name.len());
    (end > 0).then(|| String::from_utf8_lossy(&name[..end]).into_owned())
}

/// Where the command behind a prompt begins.
fn prompt(text: &str) -> Option<usize> {
    if text.len() > 2 && text.starts_with("$ ") {
        return Some(2);
    }
    // Travis writes its marks before the prompt, on the same line.
    if !text.starts_with("travis_") {
        return None;
    }
    let at = text.find("$ ").filter(|&at| at < 200)?;
    let head = &text[..at];
    (head.contains("travis_time:") || head.contains("travis_fold:")).then_some(at + 2)
}

/// The code that the job ended with is that of its last command of pytest.
fn last_exit(code: i32, sink: &mut Sink) {
    let mut steps = sink.steps.iter_mut().rev();
    if let Some(step) = steps.find(|step| step.command.is_some()) {
        step.exit_code.get_or_insert(code);
    }
}

/// The exit code in the words of each service.
fn exit_code(text: &str) -> Option<i32> {
    let code = |rest: &str| {
        let digits = rest.trim_start_matches(['\'', '"']);
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        digits[..end].parse().ok()
    };
    // The first byte tells nearly every other line apart.
    if !matches!(
        text.as_bytes().first(),
        Some(b'E' | b'u' | b'#' | b'T' | 0xf0)
    ) {
        return None;
    }
    for head in [
        "ERROR: Job failed: exit code ",
        "ERROR: Job failed: exit status ",
        "ERROR: script returned exit code ",
        "Exited with code exit status ",
        "user command error: exit status ",
        "##[error]Bash exited with code ",
        "##[error]PowerShell exited with code ",
        "##[error]Cmd.exe exited with code ",
    ] {
        if let Some(rest) = text.strip_prefix(head) {
            return code(rest);
        }
    }
    if let Some(at) = ENDED.find(text.as_bytes()) {
        return code(&text[at + ENDED.needle().len()..]);
    }
    let rest = text.strip_prefix("The command \"")?;
    let at = rest.rfind("\" exited with ")?;
    code(&rest[at + "\" exited with ".len()..])
}

//! A pytest command line in its parts: how it was started, what it selects, what decides its outcome.

mod launcher;
mod options;

use crate::{Command, Launcher, PytestCommand, Word};
use launcher::Start;
pub(crate) use launcher::command_word;
use options::{Arity, Class};

/// The pytest command in `argv`, through launchers and wrappers that are plain prefixes (`python -m pytest`, `coverage run -m
/// pytest`, `xvfb-run`, `timeout 60`, `poetry run`, ...); `None` if it runs no pytest.
///
/// An option that is neither pytest's nor a well-known plugin's is taken to decide the outcome. The word after it is its
/// value, unless it starts with `-` or looks like a path of tests (holds `/` or `::`, ends in `.py`, is `.`, or starts with
/// `test`).
pub fn pytest_command(command: &Command) -> Option<PytestCommand> {
    // Scripts hold many commands: whatever starts it, its name is in one of the words.
    let named = |word: &Word| word.text().contains("test");
    if !command.argv.iter().any(named) {
        return None;
    }
    let start = launcher::find(&command.argv)?;
    let Start {
        launcher,
        word,
        arguments,
        directory,
    } = start;
    let words: Vec<String> = texts(&command.argv);
    let mut parts = Parts::default();
    parts.split(&words[arguments..]);
    Some(PytestCommand {
        source: command.source.clone(),
        argv: words[word..].to_vec(),
        launcher,
        wrapper: words[..word].to_vec(),
        outcome_flags: parts.outcome,
        reporting_flags: parts.reporting,
        selection_flags: parts.selection,
        paths: parts.paths,
        cwd: match directory {
            Some(directory) => Some(crate::path::join(command.cwd.as_deref(), &directory)),
            None => command.cwd.clone(),
        },
        path: command.path.clone(),
        span: command.span,
    })
}

impl PytestCommand {
    /// All words as they ran, wrappers included.
    pub fn words(&self) -> Vec<String> {
        let mut words = self.wrapper.clone();
        words.extend_from_slice(&self.argv);
        words
    }

    /// The words that run the same pytest without the wrappers: where a wrapper started the module itself (`coverage run -m
    /// pytest`), with `python` in its place.
    pub fn direct(&self) -> Vec<String> {
        let mut words = Vec::with_capacity(self.argv.len() + 1);
        if self.launcher == Launcher::Module
            && self.argv.first().is_some_and(|it| it.starts_with('-'))
        {
            words.push("python".to_owned());
        }
        words.extend_from_slice(&self.argv);
        // hatch's `environment:pytest` is a name that only hatch knows.
        if self.wrapper.iter().any(|it| it == "hatch")
            && let Some(first) = words.first_mut()
            && let Some((_, program)) = first.rsplit_once(':')
        {
            *first = program.to_owned();
        }
        words
    }
}

fn texts(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.text().to_owned()).collect()
}

#[derive(Default)]
struct Parts {
    outcome: Vec<Vec<String>>,
    reporting: Vec<Vec<String>>,
    selection: Vec<Vec<String>>,
    paths: Vec<String>,
}

impl Parts {
    fn split(&mut self, arguments: &[String]) {
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(word) = rest.next() {
            if word == "--" {
                self.paths.extend(rest.map(str::to_owned));
                return;
            }
            if word.starts_with("--") {
                self.long(word, &mut rest);
            } else if word.len() > 1 && word.starts_with('-') {
                self.short(word, &mut rest);
            } else if !word.is_empty() {
                self.paths.push(word.to_owned());
            }
        }
    }

    fn long<'a>(&mut self, word: &str, rest: &mut (impl Iterator<Item = &'a str> + Clone)) {
        if let Some((name, _)) = word.split_once('=') {
            let class = options::long(name).map_or(Class::Outcome, |(class, _)| class);
            self.push(class, vec![word.to_owned()]);
            return;
        }
        let (class, arity) = options::long(word).unwrap_or((Class::Outcome, Arity::Unknown));
        let mut flag = vec![word.to_owned()];
        let count = match arity {
            Arity::None => 0,
            Arity::One => 1,
            Arity::Two => 2,
            Arity::Optional => usize::from(peek(rest).is_some_and(|it| !it.starts_with('-'))),
            Arity::Unknown => usize::from(
                peek(rest).is_some_and(|it| !it.starts_with('-') && !is_like_a_path(it)),
            ),
        };
        flag.extend(rest.take(count).map(str::to_owned));
        self.push(class, flag);
    }

    /// `-xvs` is three options; `-n2` and `-k name` are one, with its value.
    fn short<'a>(&mut self, word: &str, rest: &mut (impl Iterator<Item = &'a str> + Clone)) {
        // Options of one dash and several letters do not exist in pytest; some wrappers pass `-Xfoo` on, which stays whole.
        for (at, letter) in word.char_indices().skip(1) {
            let name = format!("-{letter}");
            let (class, arity) = options::short(letter).unwrap_or((Class::Outcome, Arity::None));
            if arity != Arity::One {
                self.push(class, vec![name]);
                continue;
            }
            let attached = &word[at + letter.len_utf8()..];
            let mut flag = vec![name];
            if attached.is_empty() {
                flag.extend(rest.next().map(str::to_owned));
            } else {
                flag = vec![format!("-{letter}{attached}")];
            }
            self.push(class, flag);
            return;
        }
    }

    fn push(&mut self, class: Class, flag: Vec<String>) {
        match class {
            Class::Outcome => self.outcome.push(flag),
            Class::Reporting => self.reporting.push(flag),
            Class::Selection => self.selection.push(flag),
        }
    }
}

fn peek<'a>(rest: &(impl Iterator<Item = &'a str> + Clone)) -> Option<&'a str> {
    rest.clone().next()
}

fn is_like_a_path(word: &str) -> bool {
    word == "."
        || word.contains('/')
        || word.contains("::")
        || word.ends_with(".py")
        || word.starts_with("test")
}

//! Where pytest starts in a command's words: launchers, and the wrappers that are plain prefixes.
//!
//! A wrapper is known by its name and by which of its options take a word. An unknown program counts as one only where what it
//! runs is unmistakable: after `--`, or as `python -m pytest`.

mod wrappers;

use self::wrappers::{wrapped, wrappers_of};
use crate::{Launcher, Word};

/// Where pytest starts.
pub(super) struct Start {
    pub(super) launcher: Launcher,
    /// The launcher's word.
    pub(super) word: usize,
    /// pytest's first argument.
    pub(super) arguments: usize,
    /// A directory that a wrapper changes to (`env -C dir`, `uv run --directory dir`).
    pub(super) directory: Option<String>,
}

/// `coverage run`'s options that take a word.
const COVERAGE: &str = "--source --source-pkgs --omit --include --rcfile --data-file --context --concurrency --debug -d";

/// Modules that run another module, `-m` after their own options: `python -m coverage run -m pytest`.
const MODULE_RUNNERS: &str = "cProfile profile trace debugpy torch.distributed.run torch.distributed.launch mpi4py mpi4py.futures \
                              memray pyinstrument kernprof line_profiler viztracer faulthandler pdb ddtrace";

/// How many wrappers are looked through: no real command has more.
const DEPTH: usize = 16;

/// Where pytest starts in the words; `None` if it does not.
pub(super) fn find(words: &[Word]) -> Option<Start> {
    let mut at = 0;
    let mut directory = None;
    for _ in 0..DEPTH {
        while is_assignment(words.get(at)?.text()) && at > 0 {
            at += 1;
        }
        let name = program(words.get(at)?.text());
        if is_pytest(name) {
            return Some(Start {
                launcher: Launcher::Program,
                word: at,
                arguments: at + 1,
                directory,
            });
        }
        if is_python(words, at) {
            match python(words, at)? {
                Next::Pytest { word, arguments } => {
                    return Some(Start {
                        launcher: Launcher::Module,
                        word,
                        arguments,
                        directory,
                    });
                }
                Next::Word(next) => at = next,
            }
            continue;
        }
        if name == "coverage" || name.starts_with("coverage-") || name == "coverage3" {
            match coverage(words, at + 1)? {
                Next::Pytest { word, arguments } => {
                    return Some(Start {
                        launcher: Launcher::Module,
                        word,
                        arguments,
                        directory,
                    });
                }
                Next::Word(next) => at = next,
            }
            continue;
        }
        // `command -v pytest` only asks where it is.
        if name == "command" && matches!(words.get(at + 1).map(Word::text), Some("-v" | "-V")) {
            return None;
        }
        let mut wrappers = wrappers_of(name).iter();
        let wrapped = wrappers.find_map(|wrapper| wrapped(wrapper, words, at + 1));
        match wrapped {
            Some((Next::Pytest { word, arguments }, changed)) => {
                return Some(Start {
                    launcher: Launcher::Module,
                    word,
                    arguments,
                    directory: changed.or(directory),
                });
            }
            Some((Next::Word(next), changed)) => {
                at = next;
                directory = changed.or(directory);
            }
            None => return unknown(words, at, directory),
        }
    }
    None
}

/// The word of the command that wrappers run in the end; 0 where there is none of them.
pub(crate) fn command_word(words: &[Word]) -> usize {
    let mut at = 0;
    for _ in 0..DEPTH {
        let Some(word) = words.get(at) else { break };
        let name = program(word.text());
        let mut wrappers = wrappers_of(name).iter();
        let next = wrappers.find_map(|wrapper| wrapped(wrapper, words, at + 1));
        match next {
            Some((Next::Word(next), _)) if next < words.len() => at = next,
            _ => break,
        }
    }
    at
}

/// What a prefix goes on with.
enum Next {
    /// `-m pytest` at `word`, with the launcher before it where there is one.
    Pytest { word: usize, arguments: usize },
    /// Another command.
    Word(usize),
}

/// Python's own options, up to `-m pytest` or a script that is pytest's.
fn python(words: &[Word], launcher: usize) -> Option<Next> {
    let mut at = launcher + 1;
    loop {
        let word = words.get(at)?.text();
        if !word.starts_with('-') || word == "-" {
            // `python /usr/bin/pytest`, `python pytest.py`.
            let script = program(word);
            return (is_pytest(script) || script == "pytest.py").then_some(Next::Word(at));
        }
        if word.starts_with("--") {
            at += if word == "--check-hash-based-pycs" {
                2
            } else {
                1
            };
            continue;
        }
        // The letters of one dash, of which some take the rest of the word or the next word. `py -3.11` is Windows' launcher.
        let letters = &word[1..];
        match letters.find(['c', 'm', 'W', 'X', 'Q']) {
            None => at += 1,
            Some(letter) => {
                let attached = &letters[letter + 1..];
                let next = if attached.is_empty() { at + 2 } else { at + 1 };
                match letters.as_bytes()[letter] {
                    b'c' => return None,
                    b'm' => {
                        let module = if attached.is_empty() {
                            words.get(at + 1)?.text()
                        } else {
                            attached
                        };
                        return module_run(words, launcher, module, next);
                    }
                    _ => at = next,
                }
            }
        }
    }
}

/// What `python -m module` runs; `arguments` is the word after the module.
fn module_run(words: &[Word], launcher: usize, module: &str, arguments: usize) -> Option<Next> {
    if matches!(module, "pytest" | "py.test") {
        return Some(Next::Pytest {
            word: launcher,
            arguments,
        });
    }
    if module == "coverage" {
        return coverage(words, arguments);
    }
    if contains(MODULE_RUNNERS, module) {
        return module_option(words, arguments);
    }
    // `python -m poetry run pytest`: the module's program, with the same arguments.
    wrappers_of(module)
        .iter()
        .filter(|wrapper| !wrapper.subcommands.is_empty())
        .find_map(|wrapper| wrapped(wrapper, words, arguments))
        .map(|(next, _)| next)
}

/// `coverage run [options] -m pytest`, or a script that is pytest's; `at` is the word after `coverage`.
fn coverage(words: &[Word], mut at: usize) -> Option<Next> {
    if words.get(at)?.text() != "run" {
        return None;
    }
    at += 1;
    loop {
        let word = words.get(at)?.text();
        if word == "-m" || word == "--module" {
            let module = words.get(at + 1)?.text();
            return matches!(module, "pytest" | "py.test").then_some(Next::Pytest {
                word: at,
                arguments: at + 2,
            });
        }
        if !word.starts_with('-') {
            return is_pytest(program(word)).then_some(Next::Word(at));
        }
        at += if contains(COVERAGE, word) { 2 } else { 1 };
    }
}

/// The first `-m` from `at` on, if its module is pytest.
fn module_option(words: &[Word], at: usize) -> Option<Next> {
    let option = at
        + words
            .get(at..)?
            .iter()
            .position(|word| matches!(word.text(), "-m" | "--module"))?;
    let module = words.get(option + 1)?.text();
    matches!(module, "pytest" | "py.test").then_some(Next::Pytest {
        word: option,
        arguments: option + 2,
    })
}

/// An unknown program: pytest after `--`, or `python -m pytest` as its first word that is no option.
fn unknown(words: &[Word], at: usize, directory: Option<String>) -> Option<Start> {
    let rest = words.get(at + 1..)?;
    // The script of an interpreter or shell gets those words as its own arguments.
    let after = rest.iter().position(|word| word.text() == "--");
    let first = rest.iter().position(|word| !word.text().starts_with('-'));
    let candidates = [after.map(|it| (it + 1, true)), first.map(|it| (it, false))];
    candidates.into_iter().flatten().find_map(|(it, bare)| {
        let next = at + 1 + it;
        let word = words.get(next)?.text();
        if bare && is_pytest(program(word)) {
            return Some(Start {
                launcher: Launcher::Program,
                word: next,
                arguments: next + 1,
                directory: directory.clone(),
            });
        }
        if !is_python(words, next) || TALKERS.contains(&program(words[at].text())) {
            return None;
        }
        match python(words, next)? {
            Next::Pytest { word, arguments } => Some(Start {
                launcher: Launcher::Module,
                word,
                arguments,
                directory: directory.clone(),
            }),
            Next::Word(_) => None,
        }
    })
}

/// Programs that take a command's words and do not run it.
const TALKERS: [&str; 14] = [
    "echo", "printf", "which", "type", "hash", "man", "grep", "cat", "ls", "rm", "alias", "export",
    "test", "[",
];

/// A program's name without its folder, the suffix that Windows adds, and the environment that hatch puts before it.
fn program(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    match name.rsplit_once(':') {
        Some((environment, name)) if !environment.is_empty() && !environment.contains(':') => name,
        _ => name,
    }
}

fn is_pytest(name: &str) -> bool {
    matches!(name, "pytest" | "py.test")
        || ["pytest-", "pytest", "py.test-"].iter().any(|prefix| {
            name.strip_prefix(prefix).is_some_and(|version| {
                version.starts_with(|c: char| c.is_ascii_digit())
                    && version.chars().all(|c| c.is_ascii_digit() || c == '.')
            })
        })
}

/// `python`, `python3.11`, `py`, `pypy3`, ...; an unknown word (`$PYTHON`) is one if `-m` follows.
fn is_python(words: &[Word], at: usize) -> bool {
    let Some(word) = words.get(at) else {
        return false;
    };
    if let Word::Unresolved(_) = word {
        return words[at + 1..]
            .iter()
            .take_while(|it| it.text().starts_with('-'))
            .any(|it| it.text() == "-m");
    }
    let name = program(word.text());
    let version = |prefix: &str| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            rest.chars().all(|c| {
                c.is_ascii_digit() || matches!(c, '.' | '-' | 'w' | 'd' | 'm' | 't' | 'b' | 'g')
            })
        })
    };
    name == "py" || version("python") || version("pypy") || version("graalpy")
}

/// `A=b`, and `"A=$b"` of which the value is not known.
fn is_assignment(word: &str) -> bool {
    word.trim_start_matches(['"', '\''])
        .split_once('=')
        .is_some_and(|(name, _)| crate::path::is_name(name))
}

fn contains(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|it| it == word)
}

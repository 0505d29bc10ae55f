//! The header of a session: what pytest says of itself before the first test.

use crate::line::Line;
use crate::{Fact, Session};

/// Takes one line of the header into the session. False when the header is over.
pub(crate) fn take(session: &mut Session, line: &Line<'_>) -> bool {
    let text = line.text.trim();
    if text.starts_with("collecting") || text.starts_with("collected ") {
        return false;
    }
    let gateway = text.starts_with("gw") && (text.contains(" [") || text.contains(" ok"));
    if gateway || (text.contains(" worker") && collected(text).is_some()) {
        return false;
    }
    if let Some(rest) = text.strip_prefix("platform ") {
        platform(session, rest);
    } else if let Some(rest) = text.strip_prefix("rootdir: ") {
        let (rootdir, configfile) = match rest
            .split_once(", configfile: ")
            .or_else(|| rest.split_once(", inifile: "))
        {
            Some((rootdir, config)) => (rootdir, Some(config)),
            None => (rest.trim_end_matches(", inifile:"), None),
        };
        session.rootdir = Some(fact(line, rootdir));
        if let Some(config) = configfile {
            let (config, testpaths) = match config.split_once(", testpaths: ") {
                Some((config, paths)) => (config, Some(paths)),
                None => (config, None),
            };
            let config = config.trim_end_matches(',');
            session.configfile = (!config.is_empty()).then(|| fact(line, config));
            session.testpaths = testpaths.map(str::to_owned).or(session.testpaths.take());
        }
    } else if let Some(rest) = text
        .strip_prefix("configfile: ")
        .or_else(|| text.strip_prefix("inifile: "))
    {
        session.configfile = Some(fact(line, rest.split(" (WARNING").next().unwrap_or(rest)));
    } else if let Some(rest) = text.strip_prefix("testpaths: ") {
        session.testpaths = Some(rest.to_owned());
    } else if let Some(rest) = text.strip_prefix("plugins: ") {
        session.plugins.extend(rest.split(", ").map(str::to_owned));
    } else if let Some(rest) = text
        .strip_prefix("Using --randomly-seed=")
        .or_else(|| text.strip_prefix("Using --random-order-seed="))
    {
        session.seed = Some(fact(line, rest));
    } else if let Some((_, rest)) = text.split_once("random seed: ") {
        session.seed = Some(fact(line, rest));
    }
    true
}

/// What a session has to run, as the line behind its header tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Collected {
    pub(crate) items: u64,
    /// Of the files.
    pub(crate) errors: u64,
    pub(crate) skipped: u64,
    pub(crate) deselected: u64,
}

/// `collected 84 items / 7 errors / 2 deselected / 1 skipped`, `2 workers [84 items]`, `gw0 [84] / gw1 [84]`.
pub(crate) fn collected(text: &str) -> Option<Collected> {
    let text = text.trim().trim_start_matches("collecting ...").trim();
    let Some(rest) = text.strip_prefix("collected ") else {
        let (workers, rest) = text.split_once(" [")?;
        let is_xdist = workers.starts_with("gw")
            || workers.ends_with(" workers")
            || workers.ends_with(" worker");
        let digits = rest.split([' ', ']']).next().filter(|_| is_xdist)?;
        return Some(Collected {
            items: digits.parse().ok()?,
            ..Collected::default()
        });
    };
    let mut found = Collected::default();
    for part in rest.split(" / ") {
        let (number, word) = part.split_once(' ')?;
        let number = number.parse().ok()?;
        match word {
            "item" | "items" => found.items = number,
            "error" | "errors" => found.errors = number,
            "skipped" => found.skipped = number,
            "deselected" => found.deselected = number,
            "selected" => {}
            _ => return None,
        }
    }
    Some(found)
}

/// `linux -- Python 3.11.7, pytest-7.4.4, pluggy-1.6.0 -- /usr/bin/python`.
fn platform(session: &mut Session, rest: &str) {
    let (platform, rest) = rest.split_once(" -- ").unwrap_or((rest, ""));
    session.platform = Some(platform.to_owned());
    for part in rest.split(" -- ").next().unwrap_or_default().split(", ") {
        if let Some(version) = part.strip_prefix("Python ") {
            session.python = Some(version.to_owned());
        } else if let Some(version) = part.strip_prefix("pytest-") {
            session.pytest = Some(version.to_owned());
        }
    }
}

/// `Test session starts (platform: linux, Python 3.6.9, pytest 5.3.5, pytest-sugar 0.9.2)`.
pub(crate) fn sugar(session: &mut Session, text: &str) -> bool {
    let Some(inner) = text.trim().strip_prefix("Test session starts (platform: ") else {
        return false;
    };
    let mut parts = inner.trim_end_matches(')').split(", ");
    session.platform = parts.next().map(str::to_owned);
    for part in parts {
        match part.split_once(' ') {
            Some(("Python", version)) => session.python = Some(version.to_owned()),
            Some(("pytest", version)) => session.pytest = Some(version.to_owned()),
            _ => {}
        }
    }
    true
}

/// A part of a line as a fact.
pub(crate) fn fact(line: &Line<'_>, part: &str) -> Fact {
    let text = part.trim();
    let start = (text.as_ptr() as usize).wrapping_sub(line.text.as_ptr() as usize);
    let span = if start <= line.text.len() {
        line.span(start..start + text.len())
    } else {
        line.raw
    };
    Fact {
        text: text.to_owned(),
        span,
        line: line.number,
    }
}

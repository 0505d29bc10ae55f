//! `tests/corpus`: what pytest itself recorded of the failures whose log is read. Not pydantic: its record leaves two of the
//! log's 22 failures out.

use std::path::PathBuf;

use serde_json::Value;

use super::super::{classify, ids};
use super::read;

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn case(name: &str) -> (Vec<u8>, Value) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/corpus")
        .join(name);
    let log = std::fs::read(folder.join("ci.log")).unwrap();
    let truth = std::fs::read_to_string(folder.join("truth.json")).unwrap();
    (log, serde_json::from_str(&truth).unwrap())
}

#[track_caller]
fn check(name: &str) {
    let (log, truth) = case(name);
    let (_, failures) = read(&log);
    let unstable = truth["unstable"].as_array().cloned().unwrap_or_default();
    let mut left = failures
        .iter()
        .filter(|it| !unstable.iter().any(|id| id == &it.id))
        .collect::<Vec<_>>();
    let mut report = String::new();
    for wanted in truth["failures"].as_array().unwrap() {
        let id = wanted["nodeid"].as_str().unwrap();
        let Some(at) = left
            .iter()
            .position(|it| it.id == id && it.phase.name() == wanted["phase"])
        else {
            report.push_str(&format!("missed {id} {}\n", wanted["phase"]));
            continue;
        };
        let failure = left.remove(at);
        let exception = failure.exception.clone().unwrap_or_default();
        if classify::short_type(&exception.type_name) != wanted["exception"]["type"] {
            report.push_str(&format!(
                "{id}: type {} {}\n",
                wanted["exception"]["type"], exception.type_name
            ));
        }
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        let message = squeeze(exception.message.lines().next().unwrap_or_default());
        let fits = [
            &wanted["exception"]["message"],
            &wanted["displayed"]["crash"]["message"],
        ]
        .iter()
        .any(|it| {
            let text = it.as_str().unwrap_or_default();
            let prefix = format!("{}: ", exception.type_name);
            let text = text.strip_prefix(prefix.as_str()).unwrap_or(text);
            squeeze(text.lines().next().unwrap_or_default()) == message
        });
        if !fits {
            report.push_str(&format!(
                "{id}: message {} {message}\n",
                wanted["exception"]["message"]
            ));
        }
        let at = |place: &Value, path: &str, line: u32| {
            place["line"].as_u64() == Some(line.into())
                && ids::same_file(place["path"].as_str().unwrap_or_default(), path)
        };
        let location = failure.location.clone().unwrap_or_default();
        // Some records tell the place by its source alone.
        let by_source = wanted["crash"]["line"].is_null()
            && (wanted["crash"]["source"].as_str() == location.source.as_deref()
                || location.path.starts_with("<frozen "));
        if !by_source
            && ![&wanted["displayed"]["crash"], &wanted["crash"]]
                .iter()
                .any(|it| at(it, &location.path, location.line))
        {
            report.push_str(&format!(
                "{id}: crash {} {}:{}\n",
                wanted["crash"], location.path, location.line
            ));
        }
        let test = &wanted["deepest_test_frame"];
        if !test["line"].is_null() && !failure.frames.iter().any(|it| at(test, &it.path, it.line)) {
            report.push_str(&format!("{id}: test line {test}\n"));
        }
    }
    for failure in left {
        report.push_str(&format!(
            "invented {} {}\n",
            failure.id,
            failure.phase.name()
        ));
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn attrs() {
    check("attrs");
}

#[test]
fn furl() {
    check("furl");
}

#[test]
fn jinja2() {
    check("jinja2");
}

#[test]
fn marshmallow_sqlalchemy() {
    check("marshmallow-sqlalchemy");
}

#[test]
fn networkx() {
    check("networkx");
}

#[test]
fn freezegun() {
    check("freezegun");
}

#[test]
fn pyjwt() {
    check("pyjwt");
}

#[test]
fn toolz() {
    check("toolz");
}

#[test]
fn werkzeug() {
    check("werkzeug");
}

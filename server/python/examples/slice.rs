//! Slices by JSON lines on standard input, for measuring on real projects; no part of the product.
//!
//! A line: `{"root", "level", "observed", "test": {...}, "criterion": {...}}`; the answer: `{"code", "failing_line", "notes", "micros"}`.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for measuring"
)]

use std::io::BufRead;
use std::sync::Arc;

use reprolens_python as python;
use serde_json::{Value, json};

struct Folder(std::path::PathBuf);

impl text::Workspace for Folder {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        let bytes = std::fs::read(self.0.join(path)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(folder)) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                if entry.path().is_dir() {
                    name + "/"
                } else {
                    name
                }
            })
            .collect();
        names.sort();
        names
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn criterion(value: &Value) -> python::Criterion {
    python::Criterion {
        frames: value["frames"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|frame| python::CriterionFrame {
                path: text_of(frame, "path"),
                line: frame["line"].as_u64().unwrap_or(0) as u32,
                function: text_of(frame, "function"),
                source: frame["source"].as_str().map(str::to_owned),
            })
            .collect(),
        phase: match value["phase"].as_str() {
            Some("setup") => python::CriterionPhase::Setup,
            Some("teardown") => python::CriterionPhase::Teardown,
            Some("collect") => python::CriterionPhase::Collect,
            _ => python::CriterionPhase::Call,
        },
        exception: value["exception"].as_str().map(str::to_owned),
        message: value["message"].as_str().map(str::to_owned),
        falsifying_example: value["example"].as_str().map(str::to_owned),
        destination: text_of(value, "destination"),
        name: text_of(value, "name"),
        ..python::Criterion::default()
    }
}

fn observed(value: &Value) -> Option<python::Observed> {
    let pairs = |key: &str| {
        let pairs = value[key].as_object().into_iter().flatten();
        pairs
            .filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())))
            .collect()
    };
    let lines = value["lines"].as_object()?.iter();
    Some(python::Observed {
        lines: lines
            .map(|(path, rows)| {
                let rows = rows.as_array().into_iter().flatten();
                let rows = rows.filter_map(Value::as_u64).map(|row| row as u32);
                (path.clone(), rows.collect())
            })
            .collect(),
        params: pairs("params"),
        indices: Vec::new(),
        fixtures: pairs("fixtures"),
        iterations: value["iterations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let text = |at: usize| Some(entry[at].as_str()?.to_owned());
                Some((text(0)?, entry[1].as_u64()? as u32, text(2)?, text(3)?))
            })
            .collect(),
    })
}

/// By `find`; where it finds nothing, from what pytest said.
fn test(workspace: &Folder, value: &Value) -> python::Test {
    let id = text_of(value, "id");
    if let Ok(test) = python::find(workspace, &[text_of(value, "rootdir")], &id) {
        return test;
    }
    let (path, rest) = id.split_once("::").unwrap_or((&id, ""));
    let names = rest.split('[').next().unwrap_or_default();
    let mut classes: Vec<String> = names.split("::").map(str::to_owned).collect();
    let function = classes.pop().unwrap_or_default();
    python::Test {
        id: id.clone(),
        path: path.to_owned(),
        kind: if function.is_empty() {
            python::ItemKind::Module
        } else {
            python::ItemKind::Function
        },
        classes,
        function,
        params: value["params"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| python::Param {
                name: name.clone(),
                value: value.as_str().map(str::to_owned),
                path: path.to_owned(),
                ..python::Param::default()
            })
            .collect(),
        ..python::Test::default()
    }
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let value: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let workspace = Folder(text_of(&value, "root").into());
        let test = test(&workspace, &value["test"]);
        let level = python::Level::ALL[value["level"].as_u64().unwrap_or(1) as usize];
        let start = std::time::Instant::now();
        let slice = python::slice(
            &python::project::Sources::new(&workspace),
            &test,
            &criterion(&value["criterion"]),
            observed(&value["observed"]).as_ref(),
            level,
        );
        let micros = start.elapsed().as_micros() as u64;
        let answer = json!({
            "code": slice.code, "failing_line": slice.failing_line, "notes": slice.notes, "micros": micros,
            "no_rewrite": slice.no_rewrite,
            "found": format!("{test:?}"),
        });
        println!("{answer}");
    }
}

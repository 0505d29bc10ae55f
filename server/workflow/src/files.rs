//! The workspace's files as configuration: each read and parsed once for all joins that are given the same [`Files`].

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use text::{LineIndex, Origin, OriginKind, Problem, Span, Workspace};

use crate::yaml::{self, Node};

/// Longer files are no configuration that a person wrote.
const MAX_FILE: usize = 4 << 20;

/// A text file and its lines.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: Arc<str>,
    lines: LineIndex,
}

impl Source {
    pub(crate) fn origin(&self, kind: OriginKind, span: Span) -> Origin {
        Origin {
            kind,
            path: self.path.clone(),
            line: self.lines.line_of(span.start) + 1,
            span,
        }
    }

    pub(crate) fn line(&self, offset: usize) -> u32 {
        self.lines.line_of(offset) + 1
    }
}

/// A YAML file.
#[derive(Debug)]
pub(crate) struct YamlFile {
    pub(crate) source: Source,
    pub(crate) roots: Vec<Arc<Node>>,
    pub(crate) problems: Vec<Problem>,
}

impl YamlFile {
    pub(crate) fn root(&self) -> Option<&Arc<Node>> {
        self.roots.first()
    }
}

/// The CI configuration of a workspace, each file parsed at the first request and believed from then on.
pub struct Files<'w> {
    pub(crate) workspace: &'w dyn Workspace,
    yaml: RefCell<HashMap<String, Option<Arc<YamlFile>>>>,
}

impl<'w> Files<'w> {
    pub fn new(workspace: &'w dyn Workspace) -> Self {
        Self {
            workspace,
            yaml: RefCell::default(),
        }
    }

    pub(crate) fn source(&self, path: &str) -> Option<Source> {
        let text = self.workspace.read(path)?;
        let lines = LineIndex::new(&text);
        Some(Source {
            path: path.to_owned(),
            text,
            lines,
        })
    }

    pub(crate) fn yaml(&self, path: &str) -> Option<Arc<YamlFile>> {
        if let Some(known) = self.yaml.borrow().get(path) {
            return known.clone();
        }
        let file = self.read_yaml(path).map(Arc::new);
        self.yaml.borrow_mut().insert(path.to_owned(), file.clone());
        file
    }

    /// A file that is no YAML.
    pub(crate) fn plain(&self, path: &str) -> Option<Arc<YamlFile>> {
        let source = self.source(path)?;
        if source.text.len() > MAX_FILE {
            return None;
        }
        Some(Arc::new(YamlFile {
            source,
            roots: Vec::new(),
            problems: Vec::new(),
        }))
    }

    fn read_yaml(&self, path: &str) -> Option<YamlFile> {
        let source = self.source(path)?;
        let problem = |message: String, span| Problem {
            message,
            path: path.to_owned(),
            span,
        };
        if source.text.len() > MAX_FILE {
            let problems = vec![problem(
                "this file is too long to be configuration; it is not read".to_owned(),
                Span::at(0),
            )];
            return Some(YamlFile {
                source,
                roots: Vec::new(),
                problems,
            });
        }
        let documents = yaml::parse(&source.text);
        let problems = documents
            .problems
            .into_iter()
            .map(|(message, span)| problem(message, span))
            .collect();
        Some(YamlFile {
            source,
            roots: documents.roots,
            problems,
        })
    }

    /// The script that a command names: relative to the folder it runs in, to the checkout, or as the longest end of an
    /// absolute path that the workspace holds (a container mounts the checkout elsewhere).
    pub(crate) fn script(&self, name: &str, folder: &str) -> Option<(String, String)> {
        let name = name.trim_start_matches("./");
        let joined = normal(&format!("{folder}/{name}"));
        let mut tries = vec![joined, normal(name)];
        let mut rest = name;
        while let Some((_, tail)) = rest.split_once('/') {
            if tries.len() > 24 {
                break;
            }
            tries.push(normal(tail));
            rest = tail;
        }
        tries.into_iter().flatten().find_map(|path| {
            let text = self.workspace.read(&path)?;
            Some((text.to_string(), path))
        })
    }
}

/// A path without `.`, `..` and doubled slashes; `None` where it leaves the workspace.
pub(crate) fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        None
    } else {
        Some(parts.join("/"))
    }
}

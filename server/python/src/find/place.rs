//! Where the file of a node id is in the workspace, and what the id's parts are.

use std::collections::HashSet;

use crate::model::{ItemKind, NotFound, Test};
use crate::project::{Project, join, normalize};

/// So many files are looked through for a test whose file the log does not name.
const MAX_FILES: usize = 4_000;

/// A node id in its parts.
#[derive(Debug)]
pub(super) struct NodeId<'i> {
    pub(super) path: Option<&'i str>,
    pub(super) names: Vec<&'i str>,
    pub(super) param: Option<&'i str>,
}

impl<'i> NodeId<'i> {
    pub(super) fn parse(id: &'i str) -> Self {
        let id = id.trim();
        let (path, rest) = match id.find(".py::") {
            // A parameter may look like a path.
            Some(at) if !id[..at].contains('[') || !id[..at].contains("::") => {
                (Some(&id[..at + 3]), &id[at + 5..])
            }
            _ if id.ends_with(".py") && !id.contains("::") => (Some(id), ""),
            _ => text_file(id).map_or((None, id), |(path, name)| (Some(path), name)),
        };
        let (names, param) = match rest.find('[') {
            Some(at) => (&rest[..at], Some(parameters(&rest[at + 1..]))),
            // No name in Python holds `@`: xdist writes the group of a test behind its id.
            None => (rest.split('@').next().unwrap_or(rest), None),
        };
        let is_separator = path.is_some() || names.contains("::");
        let parts: Vec<&str> = if is_separator {
            names.split("::").collect()
        } else {
            names.split('.').collect()
        };
        Self {
            path,
            // `()` stood between class and function before pytest 6.
            names: parts
                .into_iter()
                .filter(|name| !name.is_empty() && *name != "()")
                .collect(),
            param,
        }
    }
}

/// The path and the name of a text file's doctest: `docs/usage.rst::usage.rst`.
fn text_file(id: &str) -> Option<(&str, &str)> {
    let (path, name) = id.split_once("::")?;
    let file = path.rsplit(['/', '\\']).next()?;
    (file == name && name.contains('.')).then_some((path, name))
}

/// The parameters in what stands behind their bracket, without xdist's group: `a-1]@group`.
fn parameters(inner: &str) -> &str {
    let close = inner.rfind("]@").filter(|_| !inner.ends_with(']'));
    match close {
        Some(at) => &inner[..at],
        None => inner.strip_suffix(']').unwrap_or(inner),
    }
}

pub(super) fn rendered_id(path: &str, names: &[&str], param: Option<&str>) -> String {
    let mut id = path.to_owned();
    for name in names {
        id.push_str("::");
        id.push_str(name);
    }
    if let Some(param) = param {
        id.push_str(&format!("[{param}]"));
    }
    id
}

/// The file that pytest imports before any other of a folder, where an id is a folder's: its import is what failed.
pub(super) fn conftest(project: &Project<'_>, id: &str) -> Option<String> {
    let folder = id.trim().trim_end_matches('/');
    if folder.is_empty() || folder.contains("::") {
        return None;
    }
    let paths = project.roots.iter().filter_map(|root| {
        let path = normalize(&join(root, folder))?;
        Some(join(&path, "conftest.py"))
    });
    paths.into_iter().find(|path| project.sources.is_file(path))
}

/// Whether an id is of a file of the workspace that is no Python: `tests/cases.yaml::case: simple`.
pub(super) fn is_other_file(project: &Project<'_>, id: &str) -> bool {
    let printed = id.split("::").next().unwrap_or(id).trim();
    !printed.ends_with(".py") && !files(project, printed).is_empty()
}

/// The files of the workspace that a printed path may mean.
pub(super) fn files(project: &Project<'_>, printed: &str) -> Vec<String> {
    let printed = printed.replace('\\', "/");
    let mut found: Vec<String> = Vec::new();
    for root in &project.roots {
        // `../tests/test_x.py` is relative to the working directory.
        if let Some(path) = normalize(&join(root, &printed))
            && project.sources.is_file(&path)
            && !found.contains(&path)
        {
            found.push(path);
        }
    }
    if found.is_empty() {
        // A path of another machine: its end may be a path here.
        let mut rest = printed.as_str();
        while let Some((_, after)) = rest.split_once('/') {
            rest = after;
            for root in &project.roots {
                if let Some(path) = normalize(&join(root, rest))
                    && project.sources.is_file(&path)
                {
                    return vec![path];
                }
            }
        }
    }
    found
}

/// A test whose file is not named: `TestClass.test_name[param]`.
pub(super) fn find_by_name(project: &Project<'_>, id: &NodeId<'_>) -> Result<Test, NotFound> {
    let Some(first) = id.names.first() else {
        return Err(NotFound::File);
    };
    let mut missing = NotFound::File;
    let mut folders: Vec<String> = project.roots.iter().rev().cloned().collect();
    let mut looked_at = 0;
    let mut seen = HashSet::new();
    while let Some(folder) = folders.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        for entry in project.sources.list(&folder) {
            looked_at += 1;
            if looked_at > MAX_FILES {
                return Err(missing);
            }
            let path = join(&folder, entry.trim_end_matches('/'));
            if entry.ends_with('/') {
                if !entry.starts_with('.')
                    && !matches!(
                        entry.as_str(),
                        "node_modules/" | "venv/" | "__pycache__/" | "build/"
                    )
                {
                    folders.push(path);
                }
                continue;
            }
            if !entry.ends_with(".py") {
                continue;
            }
            // The first name stands in the file; the others may be inherited.
            let holds = project
                .sources
                .text(&path)
                .is_some_and(|text| text.contains(first));
            if holds && let Some(module) = project.module(&path) {
                match super::test(project, module, id, None) {
                    Ok(test) if test.kind != ItemKind::Doctest => return Ok(test),
                    Ok(_) => {}
                    Err(why) => missing = why,
                }
            }
        }
    }
    Err(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_and_no_python() {
        let fixture = text::fixture::Fixture::parse(
            "//- tests/cases.yaml\nname: simple\n//- docs/usage.rst\n>>> 1\n1\n",
        );
        for id in ["tests/cases.yaml::case: simple", "docs/usage.rst"] {
            assert_eq!(crate::find(&fixture, &[], id), Err(NotFound::NoPython));
        }
        let gone = crate::find(&fixture, &[], "tests/gone.yaml::case");
        assert_eq!(gone, Err(NotFound::File));
    }

    #[test]
    fn groups_of_xdist_are_no_part_of_an_id() {
        let parts = |id: &'static str| {
            let it = NodeId::parse(id);
            (it.path, it.names, it.param)
        };
        assert_eq!(
            parts("a/x.py::T::t[b@c]@one group"),
            (Some("a/x.py"), vec!["T", "t"], Some("b@c"))
        );
        assert_eq!(
            parts("a/x.y.rst::x.y.rst"),
            (Some("a/x.y.rst"), vec!["x.y.rst"], None)
        );
        assert_eq!(parts("a/x.py::t@one"), (Some("a/x.py"), vec!["t"], None));
        assert_eq!(
            parts("a/x.py::t[b@c]"),
            (Some("a/x.py"), vec!["t"], Some("b@c"))
        );
        assert_eq!(
            parts("a/x.py::t[b]@c]"),
            (Some("a/x.py"), vec!["t"], Some("b]@c"))
        );
    }
}

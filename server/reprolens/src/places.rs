//! Paths that a log prints, found in the workspace.
//!
//! They are those of CI's machine: absolute below its checkout, or relative to pytest's root or to the folder that it was
//! started in. No path from a log is followed outside the workspace.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Where the paths of one log are in the workspace.
pub(crate) struct Places<'a> {
    is_file: Box<dyn Fn(&str) -> bool + 'a>,
    checkout: Option<&'a str>,
    /// Folders of the workspace that relative paths can start from; the workspace itself is the last.
    roots: Vec<String>,
    /// A log names the same few files again and again.
    known: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(
        is_file: Box<dyn Fn(&str) -> bool + 'a>,
        log: &'a log::Log,
        session: Option<&log::Session>,
    ) -> Self {
        let checkout = log
            .job
            .checkout
            .as_ref()
            .map(|fact| fact.text.trim_end_matches('/'));
        let cwd = session
            .and_then(|session| session.command.as_ref())
            .and_then(|command| command.cwd.as_deref());
        let rootdir = session
            .and_then(|session| session.rootdir.as_ref())
            .map(|fact| fact.text.as_str());
        let mut roots: Vec<String> = [cwd, rootdir]
            .into_iter()
            .flatten()
            .filter_map(|path| below(path, checkout))
            .collect();
        roots.push(String::new());
        roots.dedup();
        Self {
            is_file,
            checkout,
            roots,
            known: RefCell::default(),
        }
    }

    /// Folders of the workspace that node ids can be relative to, the likeliest first.
    pub(crate) fn roots(&self) -> &[String] {
        &self.roots
    }

    /// The file that a printed path is, relative to the workspace.
    pub(crate) fn find(&self, printed: &str) -> Option<String> {
        if let Some(known) = self.known.borrow().get(printed) {
            return known.clone();
        }
        let found = self.look(&printed.replace('\\', "/"));
        self.known
            .borrow_mut()
            .insert(printed.to_owned(), found.clone());
        found
    }

    fn look(&self, printed: &str) -> Option<String> {
        if let Some(rest) = self
            .checkout
            .and_then(|checkout| printed.strip_prefix(checkout)?.strip_prefix('/'))
        {
            return self.at("", rest);
        }
        let is_relative = !printed.starts_with('/') && !printed.contains(':');
        if is_relative
            && let Some(found) = self.roots.iter().find_map(|root| self.at(root, printed))
        {
            return Some(found);
        }
        self.by_end(printed, if is_relative { 1 } else { 2 })
    }

    /// A file whose path ends like the printed one does, by the longest such end of at least `least` parts. What lies in
    /// an installed package is not the workspace's, however its path ends.
    fn by_end(&self, printed: &str, least: usize) -> Option<String> {
        let parts: Vec<&str> = printed.split('/').filter(|part| !part.is_empty()).collect();
        if parts.len() > 64
            || parts
                .iter()
                .any(|part| matches!(*part, "site-packages" | "dist-packages"))
        {
            return None;
        }
        (1..parts.len())
            .take_while(|first| parts.len() - first >= least)
            .find_map(|first| self.at("", &parts[first..].join("/")))
    }

    fn at(&self, root: &str, path: &str) -> Option<String> {
        let joined = format!("{root}/{path}");
        let mut parts = Vec::new();
        for component in Path::new(joined.trim_start_matches('/')).components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str()?),
                Component::CurDir => {}
                Component::ParentDir => {
                    parts.pop()?;
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        let path = parts.join("/");
        (!path.is_empty() && !path.contains('\0') && (self.is_file)(&path)).then_some(path)
    }
}

/// A folder of CI's machine, relative to its checkout.
fn below(path: &str, checkout: Option<&str>) -> Option<String> {
    let path = path.trim_end_matches('/');
    if !path.starts_with('/') && !path.contains(':') {
        return Some(path.trim_start_matches("./").to_owned())
            .filter(|path| !path.is_empty() && path != ".");
    }
    let rest = path.strip_prefix(checkout?)?;
    rest.strip_prefix('/').map(str::to_owned)
}

/// The id that a test has in this workspace: a parameter's part of it can be the path of a file in CI's checkout.
pub(crate) fn id_here(id: &str, checkout: Option<&str>, workspace: &str) -> String {
    let (Some(checkout), Some((test, parameters))) = (checkout, id.split_once('[')) else {
        return id.to_owned();
    };
    let checkout = format!("{}/", checkout.trim_end_matches('/'));
    let here = format!("{}/", workspace.trim_end_matches('/'));
    format!("{test}[{}", parameters.replace(&checkout, &here))
}

#[cfg(test)]
mod tests {
    use super::id_here;

    #[test]
    fn a_path_of_the_checkout_in_an_id_is_one_of_this_workspace() {
        let here = |id| id_here(id, Some("/home/runner/work/a/a"), "/repo");
        assert_eq!(
            here(
                "tests/test_a.py::test_a[/home/runner/work/a/a/x.rst-/home/runner/work/a/a/x.html]"
            ),
            "tests/test_a.py::test_a[/repo/x.rst-/repo/x.html]"
        );
        assert_eq!(here("tests/test_a.py::test_a"), "tests/test_a.py::test_a");
        assert_eq!(id_here("a.py::t[/x/y]", None, "/repo"), "a.py::t[/x/y]");
    }
}

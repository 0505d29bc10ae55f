//! Paths that a log prints, found in the workspace.
//!
//! They are those of CI's machine. No path from a log is followed outside the workspace.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::overlay::Overlay;

/// Where the paths of one log are in the workspace.
pub(crate) struct Places<'a> {
    workspace: &'a Overlay<'a>,
    checkout: Option<&'a str>,
    /// A log names the same few files again and again.
    known: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(workspace: &'a Overlay<'a>, log: &'a log::Log) -> Self {
        Self {
            workspace,
            checkout: log.job.checkout.as_ref().map(|fact| fact.text.as_str()),
            known: RefCell::default(),
        }
    }

    /// The file that a printed path is, relative to the workspace.
    pub(crate) fn find(&self, printed: &str) -> Option<String> {
        if let Some(known) = self.known.borrow().get(printed) {
            return known.clone();
        }
        let found = self.look(printed);
        self.known
            .borrow_mut()
            .insert(printed.to_owned(), found.clone());
        found
    }

    /// The same, as an absolute path.
    pub(crate) fn absolute(&self, printed: &str) -> Option<PathBuf> {
        self.find(printed)
            .map(|path| self.workspace.absolute(&path))
    }

    fn look(&self, printed: &str) -> Option<String> {
        let printed = printed.replace('\\', "/");
        if let Some(checkout) = self.checkout
            && let Some(rest) = printed.strip_prefix(checkout.trim_end_matches('/'))
            && let Some(found) = self.at(rest.trim_start_matches('/'))
        {
            return Some(found);
        }
        if !Path::new(&printed).has_root() && !printed.contains(':') {
            return self.at(&printed).or_else(|| self.by_end(&printed, 1));
        }
        self.by_end(&printed, 2)
    }

    /// A file whose path ends like the printed one does, by the longest such end of at least `least` parts. What lies in
    /// an installed package is not the workspace's, however its path ends.
    fn by_end(&self, printed: &str, least: usize) -> Option<String> {
        let parts: Vec<&str> = printed.split('/').filter(|part| !part.is_empty()).collect();
        if parts
            .iter()
            .any(|part| matches!(*part, "site-packages" | "dist-packages"))
            || parts.len() > 64
        {
            return None;
        }
        (1..parts.len())
            .take_while(|first| parts.len() - first >= least)
            .find_map(|first| self.at(&parts[first..].join("/")))
    }

    fn at(&self, path: &str) -> Option<String> {
        let mut parts = Vec::new();
        for component in Path::new(path).components() {
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
        (!path.is_empty() && !path.contains('\0') && self.workspace.is_file(&path)).then_some(path)
    }
}

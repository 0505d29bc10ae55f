//! What is read of one workspace, parsed once for all failures that are asked about together.
//!
//! Nothing in it is looked at again: it lives as long as one question, and whoever writes to the workspace makes a new one.

use std::sync::{Mutex, PoisonError};

use python::project::Sources;
use text::Workspace;

/// A workspace with the files of it that are parsed already.
pub(crate) struct Reading<'w> {
    pub(crate) workspace: &'w dyn Workspace,
    pub(crate) configuration: workflow::Files<'w>,
    pub(crate) python: Sources<'w>,
}

impl<'w> Reading<'w> {
    pub(crate) fn new(workspace: &'w dyn Workspace) -> Self {
        Self {
            workspace,
            configuration: workflow::Files::new(workspace),
            python: Sources::new(workspace),
        }
    }
}

/// A reading for each of several threads: a file is parsed at most once by each.
pub(crate) struct Readings<'w> {
    workspace: &'w dyn Workspace,
    idle: Mutex<Vec<Reading<'w>>>,
}

impl<'w> Readings<'w> {
    pub(crate) fn new(workspace: &'w dyn Workspace) -> Self {
        Self {
            workspace,
            idle: Mutex::default(),
        }
    }

    /// Lends one that nobody else uses meanwhile. One that a panic came through does not come back.
    pub(crate) fn lend<R>(&self, ask: impl FnOnce(&Reading<'w>) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let reading = known.unwrap_or_else(|| Reading::new(self.workspace));
        let answer = ask(&reading);
        idle().push(reading);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// One file, and how often it was read.
    struct Counted(AtomicUsize);

    impl Workspace for Counted {
        fn read(&self, path: &str) -> Option<Arc<str>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            (path == "test_a.py").then(|| Arc::from("def test_a(): ...\n"))
        }

        fn list(&self, folder: &str) -> Vec<String> {
            if folder.is_empty() {
                vec!["test_a.py".to_owned()]
            } else {
                Vec::new()
            }
        }
    }

    #[test]
    fn a_file_is_read_once_for_all_who_borrow_the_reading_in_turn() {
        let workspace = Counted(AtomicUsize::new(0));
        let readings = Readings::new(&workspace);
        for _ in 0..3 {
            let found = readings.lend(|reading| reading.python.module("test_a.py").is_some());
            assert!(found);
        }
        assert_eq!(workspace.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn two_at_once_have_one_each() {
        let workspace = Counted(AtomicUsize::new(0));
        let readings = Readings::new(&workspace);
        readings.lend(|outer| {
            readings.lend(|inner| assert!(!std::ptr::eq(outer, inner)));
        });
        assert_eq!(readings.idle.lock().unwrap().len(), 2);
    }
}

//! Results that were computed from files of the workspace, kept as long as these files stay the same.
//!
//! The computation reads through a [`Traced`] workspace, which notes what was asked for. So nobody has to know beforehand what
//! a result depends on: not even a file that was looked for and was not there is forgotten.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use text::Workspace;

use super::cache::Stamp;
use super::overlay::Overlay;

/// Results that are kept of one kind.
const KEPT: usize = 128;

/// Results by what they are of (`S`). One is believed if its key (`K`) and all files that it was made from are as they were.
#[derive(Debug)]
pub(crate) struct Memo<S, K, V>(Mutex<BTreeMap<S, Kept<K, V>>>);

#[derive(Debug)]
struct Kept<K, V> {
    key: K,
    read: Arc<BTreeMap<String, Stamp>>,
    value: V,
}

impl<S, K, V> Default for Memo<S, K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: Ord, K: PartialEq, V: Clone> Memo<S, K, V> {
    pub(crate) fn get(
        &self,
        of: S,
        key: K,
        workspace: &Overlay<'_>,
        compute: impl FnOnce(&Traced<'_>) -> V,
    ) -> V {
        let known = self
            .lock()
            .get(&of)
            .filter(|kept| kept.key == key)
            .map(|kept| (kept.read.clone(), kept.value.clone()));
        // Not under the lock: this looks at the disk.
        if let Some((read, value)) = known
            && read
                .iter()
                .all(|(path, stamp)| workspace.stamp(path) == *stamp)
        {
            return value;
        }
        let traced = Traced {
            workspace,
            read: Mutex::default(),
        };
        let value = compute(&traced);
        let read = traced
            .read
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut kept = self.lock();
        if kept.len() >= KEPT && !kept.contains_key(&of) {
            kept.pop_first();
        }
        kept.insert(
            of,
            Kept {
                key,
                read: Arc::new(read),
                value: value.clone(),
            },
        );
        value
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<S, Kept<K, V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A workspace that notes what is read of it.
pub(crate) struct Traced<'a> {
    workspace: &'a Overlay<'a>,
    read: Mutex<BTreeMap<String, Stamp>>,
}

impl Traced<'_> {
    /// The stamp is taken before the reading: what changes between the two is then read again the next time.
    fn note(&self, path: &str) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if !read.contains_key(path) {
            read.insert(path.to_owned(), self.workspace.stamp(path));
        }
    }
}

impl Workspace for Traced<'_> {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.note(path);
        self.workspace.read(path)
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.note(folder);
        self.workspace.list(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::state::State;
    use std::cell::Cell;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test writes the files that it reads"
    )]
    fn a_result_is_computed_again_when_a_file_that_it_asked_for_changes() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a", "one");
        let snapshot = State::default().snapshot();
        let workspace = Overlay::new(folder.path(), &snapshot);
        let memo: Memo<(), u8, usize> = Memo::default();
        let times = Cell::new(0);
        let get = |key: u8| {
            memo.get((), key, &workspace, |files| {
                times.set(times.get() + 1);
                let length = |path: &str| files.read(path).map_or(0, |text| text.len());
                length("a") + length("missing") + files.list("inner").len()
            })
        };
        assert_eq!((get(1), get(1), times.get()), (3, 3, 1));
        assert_eq!((get(2), times.get()), (3, 2));
        write("a", "three");
        assert_eq!((get(2), times.get()), (5, 3));
        write("missing", "x");
        assert_eq!((get(2), times.get()), (6, 4));
        write("unrelated", "x");
        assert_eq!((get(2), times.get()), (6, 4));
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        write("inner/b", "x");
        assert_eq!((get(2), times.get()), (7, 5));
    }
}

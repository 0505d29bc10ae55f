//! What is worth keeping between requests. It holds nothing that could not be computed again, and nothing of it is believed
//! without looking whether what it was made of is still the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use repro::Evidence;

use super::memo::Memo;
use super::state::Settings;
use crate::checked::{About, Checked};
use crate::config::{Config, ConfigError};
use crate::files::{FilesError, LogSource};

/// Parsed logs that are kept: those of the repro folders and the ones that a person looks through.
const KEPT: usize = 256;

/// A value that is the same only if it is the very same one.
#[derive(Debug)]
pub(crate) struct Same<T: ?Sized>(pub(crate) Arc<T>);

impl<T: ?Sized> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What tells that a file or folder is the one that it was.
#[derive(Debug, Clone)]
pub(crate) enum Stamp {
    /// The text that a client has open.
    Open(Arc<str>),
    /// Two files of one place with the same length, the same time and the same identity are the same.
    Disk(Option<OnDisk>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OnDisk {
    length: u64,
    modified: Option<SystemTime>,
    /// A file that was replaced has another number, and one that was written within the clock's tick another change time.
    identity: (u64, i64),
}

impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Open(a), Self::Open(b)) => Arc::ptr_eq(a, b),
            (Self::Disk(a), Self::Disk(b)) => a == b,
            _ => false,
        }
    }
}

impl Stamp {
    pub(crate) fn of_disk(path: &Path) -> Self {
        Self::Disk(path.metadata().ok().map(|metadata| OnDisk {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(&metadata),
        }))
    }
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> (u64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ino(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> (u64, i64) {
    (0, 0)
}

/// Whether the evidence of a folder is still right, beside the files that it was read from.
#[derive(Debug, PartialEq)]
pub(crate) struct EvidenceOf {
    pub(crate) log: Same<log::Log>,
    pub(crate) about: About,
    pub(crate) config: Same<Config>,
}

/// Which part of a log an environment belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StepOf {
    pub(crate) log: String,
    pub(crate) step: Option<usize>,
    pub(crate) session: Option<usize>,
}

type EnvironmentOf = (Same<log::Log>, Same<Config>);

/// What was found in a folder, and the configuration that it was checked for.
type CheckedFor = (Arc<Config>, Arc<Checked>);

#[derive(Debug, Default)]
pub(crate) struct Caches {
    logs: Mutex<BTreeMap<PathBuf, Entry>>,
    /// By workspace folder.
    pub(crate) configurations: Memo<PathBuf, Same<Settings>, Result<Arc<Config>, Arc<ConfigError>>>,
    /// By repro folder.
    pub(crate) evidence: Memo<PathBuf, EvidenceOf, Option<Arc<Evidence>>>,
    /// By step of a log.
    pub(crate) environments: Memo<StepOf, EnvironmentOf, Option<Arc<Evidence>>>,
    /// The logs that somebody asked for without waiting for them.
    asked: Mutex<BTreeMap<PathBuf, Asked>>,
    checked: Mutex<BTreeMap<PathBuf, CheckedFor>>,
}

#[derive(Debug)]
struct Asked {
    stamp: Stamp,
    turn: Turn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Waiting,
    Reading,
    Over,
}

#[derive(Debug)]
struct Entry {
    stamp: Stamp,
    used: u64,
    log: Arc<log::Log>,
}

impl Caches {
    /// The log of a file, however large: it is read in pieces.
    pub(crate) fn log(&self, path: &Path) -> Result<Arc<log::Log>, FilesError> {
        let source = LogSource::File(path.to_owned());
        Ok(self.log_of(&source, &|| false)?.unwrap_or_default())
    }

    /// The log of a source; `None` where it was cancelled.
    pub(crate) fn log_of(
        &self,
        source: &LogSource,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<Arc<log::Log>>, FilesError> {
        let place = source.place();
        let stamp = place.as_ref().map(|(_, file)| Stamp::of_disk(file));
        if let (Some((name, _)), Some(stamp)) = (&place, &stamp)
            && let Some(log) = self.kept(name, stamp)
        {
            return Ok(Some(log));
        }
        // Not under the lock: a log of a gigabyte must not hold up the others.
        let Some(log) = source.parse(&mut |_| !cancelled())?.map(Arc::new) else {
            return Ok(None);
        };
        if let (Some((name, _)), Some(stamp)) = (place, stamp) {
            self.keep(&name, stamp, log.clone());
        }
        Ok(Some(log))
    }

    /// The log of a file, for what need not be complete at once: one that was never read is left for [`Self::read_asked`].
    pub(crate) fn log_if_read(&self, path: &Path) -> Option<Arc<log::Log>> {
        let stamp = Stamp::of_disk(path);
        if let Some(log) = self.kept(path, &stamp) {
            return Some(log);
        }
        let is_over = {
            let mut asked = self.asked();
            match asked.get(path) {
                Some(it) if it.stamp == stamp => it.turn == Turn::Over,
                _ => {
                    if asked.len() >= KEPT {
                        asked.retain(|path, _| path.exists());
                    }
                    let turn = Turn::Waiting;
                    asked.insert(path.to_owned(), Asked { stamp, turn });
                    false
                }
            }
        };
        // It was read and could not be kept: to leave it for later again would never end.
        is_over.then(|| self.log(path).ok()).flatten()
    }

    /// Whether [`Self::read_asked`] has something to do.
    pub(crate) fn has_asked(&self) -> bool {
        self.asked().values().any(|it| it.turn == Turn::Waiting)
    }

    /// Reads the logs that were asked for, and says whether there were any.
    pub(crate) fn read_asked(&self) -> bool {
        let waiting: Vec<PathBuf> = self
            .asked()
            .iter_mut()
            .filter(|(_, it)| it.turn == Turn::Waiting)
            .map(|(path, it)| {
                it.turn = Turn::Reading;
                path.clone()
            })
            .collect();
        for path in &waiting {
            // What cannot be read has no failures; whoever opens it is told why.
            drop(self.log(path));
            if let Some(it) = self.asked().get_mut(path) {
                it.turn = Turn::Over;
            }
        }
        !waiting.is_empty()
    }

    fn asked(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn logs(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Entry>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, path: &Path, stamp: &Stamp) -> Option<Arc<log::Log>> {
        let mut logs = self.logs();
        let now = next(&logs);
        let entry = logs.get_mut(path).filter(|entry| entry.stamp == *stamp)?;
        entry.used = now;
        Some(entry.log.clone())
    }

    fn keep(&self, path: &Path, stamp: Stamp, log: Arc<log::Log>) {
        let mut logs = self.logs();
        let used = next(&logs);
        logs.insert(path.to_owned(), Entry { stamp, used, log });
        if logs.len() > KEPT {
            let oldest = logs
                .iter()
                .min_by_key(|(_, entry)| entry.used)
                .map(|(path, _)| path.clone());
            if let Some(oldest) = oldest {
                logs.remove(&oldest);
            }
        }
    }

    /// What was found in a folder the last time, if `is_same` says that nothing of it changed.
    pub(crate) fn checked(
        &self,
        dir: &Path,
        config: &Arc<Config>,
        is_same: impl FnOnce(&Checked) -> bool,
    ) -> Option<Arc<Checked>> {
        let kept = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, checked) = kept.get(dir)?;
        (Arc::ptr_eq(known, config) && is_same(checked)).then(|| checked.clone())
    }

    pub(crate) fn keep_checked(&self, config: Arc<Config>, checked: Arc<Checked>) {
        let mut kept = self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(&checked.dir) {
            kept.pop_first();
        }
        kept.insert(checked.dir.clone(), (config, checked));
    }
}

fn next(logs: &BTreeMap<PathBuf, Entry>) -> u64 {
    let last = logs.values().map(|entry| entry.used).max();
    last.unwrap_or_default() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test writes the file that it reads"
    )]
    fn a_file_that_changed_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("build.log");
        let caches = Caches::default();
        std::fs::write(&path, "one\n").unwrap();
        let first = caches.log(&path).unwrap();
        assert!(Arc::ptr_eq(&first, &caches.log(&path).unwrap()));
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert!(!Arc::ptr_eq(&first, &caches.log(&path).unwrap()));
        std::fs::remove_file(&path).unwrap();
        assert!(caches.log(&path).is_err());
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test writes the file that it reads"
    )]
    fn a_log_that_need_not_be_there_at_once_is_read_later_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("build.log");
        let caches = Caches::default();
        std::fs::write(&path, "one\n").unwrap();
        assert!(caches.log_if_read(&path).is_none() && caches.has_asked());
        assert!(caches.read_asked() && !caches.has_asked());
        assert!(!caches.read_asked());
        assert!(caches.log_if_read(&path).is_some());
        std::fs::write(&path, "one\ntwo\n").unwrap();
        assert!(caches.log_if_read(&path).is_none() && caches.has_asked());
        std::fs::remove_file(&path).unwrap();
        assert!(caches.read_asked());
        assert!(caches.log_if_read(&path).is_none());
    }
}

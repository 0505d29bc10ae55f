//! Logs of the disk, parsed once as long as the file stays the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::files::{FilesError, LogSource};

/// Parsed logs that are kept: those of a few repro folders and the ones that a person looks through.
const KEPT: usize = 32;

/// What is worth keeping between requests. It holds nothing that could not be computed again.
#[derive(Debug, Default)]
pub(crate) struct Caches {
    logs: Mutex<BTreeMap<PathBuf, Entry>>,
}

#[derive(Debug)]
struct Entry {
    stamp: Stamp,
    used: u64,
    log: Arc<log::Log>,
}

/// Two files of the same length, changed at the same time, are the same.
type Stamp = (u64, Option<SystemTime>);

impl Caches {
    /// The log of a file, however large: it is read in pieces.
    pub(crate) fn log(&self, path: &Path) -> Result<Arc<log::Log>, FilesError> {
        let stamp = path
            .metadata()
            .map(|metadata| (metadata.len(), metadata.modified().ok()))
            .unwrap_or_default();
        if let Some(log) = self.kept(path, stamp) {
            return Ok(log);
        }
        // Not under the lock: a log of a gigabyte must not hold up the others.
        let mut parser = log::Parser::new(log::Limits::default());
        LogSource::File(path.to_owned()).read(&mut |piece| parser.push(piece))?;
        let log = Arc::new(parser.finish());
        self.keep(path, stamp, log.clone());
        Ok(log)
    }

    fn kept(&self, path: &Path, stamp: Stamp) -> Option<Arc<log::Log>> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let now = logs
            .values()
            .map(|entry| entry.used)
            .max()
            .unwrap_or_default()
            + 1;
        let entry = logs.get_mut(path).filter(|entry| entry.stamp == stamp)?;
        entry.used = now;
        Some(entry.log.clone())
    }

    fn keep(&self, path: &Path, stamp: Stamp, log: Arc<log::Log>) {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let used = logs
            .values()
            .map(|entry| entry.used)
            .max()
            .unwrap_or_default()
            + 1;
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
}

//! The only place of the program that reads and writes the disk.

pub(crate) mod folders;
mod logs;
mod read_ahead;
pub(crate) mod repro_folder;
mod workspace;
mod write;

pub(crate) use logs::{LogSource, log_sources};
pub(crate) use workspace::{DiskWorkspace, enclosing_work_tree};
pub(crate) use write::{make_executable, write_atomically, write_staged};

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file could not be read or written.
#[derive(Debug, Error)]
pub(crate) enum FilesError {
    #[error("cannot {action} {}", path.display())]
    Io {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} is no zip archive that can be read", path.display())]
    Zip {
        path: PathBuf,
        source: zip::result::ZipError,
    },
    #[error("{} holds {why}", path.display())]
    TooLarge { path: PathBuf, why: String },
    #[error("{} holds no log: no .log or .txt file in it", path.display())]
    NoLogs { path: PathBuf },
}

impl FilesError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

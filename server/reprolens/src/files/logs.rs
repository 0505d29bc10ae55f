//! Where logs come from: a file, standard input, a folder, or a zip archive as GitHub gives it; read in pieces.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::FilesError;

/// How much is read at a time.
const CHUNK: usize = 1 << 20;

/// Bytes that one log of an archive may unpack to: deflate makes a thousand bytes of one, so a small archive can be a bomb.
const UNPACKED: u64 = 4 << 30;

/// One log to read.
#[derive(Debug, Clone)]
pub(crate) enum LogSource {
    Stdin,
    File(PathBuf),
    /// An entry of a zip archive.
    Entry {
        archive: PathBuf,
        name: String,
    },
}

impl LogSource {
    /// How the log is named to a person: its path, `-`, or `archive.zip!entry`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Entry { archive, name } => format!("{}!{name}", archive.display()),
        }
    }

    /// Bytes to read, where known.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::File(path) => path.metadata().ok().map(|metadata| metadata.len()),
            Self::Stdin | Self::Entry { .. } => None,
        }
    }

    /// Hands the log's bytes to `sink`, piece by piece.
    pub(crate) fn read(&self, sink: &mut dyn FnMut(&[u8])) -> Result<(), FilesError> {
        let failed = |source| FilesError::io("read", Path::new(&self.name()), source);
        match self {
            Self::Stdin => pump(io::stdin().lock(), sink).map_err(failed),
            Self::File(path) => pump(open(path)?, sink).map_err(failed),
            Self::Entry { archive, name } => {
                let mut zip = open_zip(archive)?;
                let entry = zip.by_name(name).map_err(|source| FilesError::Zip {
                    path: archive.clone(),
                    source,
                })?;
                pump(entry.take(UNPACKED), sink).map_err(failed)
            }
        }
    }
}

/// The logs that an argument names, in order.
pub(crate) fn log_sources(argument: &Path) -> Result<Vec<LogSource>, FilesError> {
    if argument == Path::new("-") {
        return Ok(vec![LogSource::Stdin]);
    }
    let metadata = argument
        .metadata()
        .map_err(|source| FilesError::io("read", argument, source))?;
    let sources = if metadata.is_dir() {
        folder(argument)
    } else if is_zip(argument)? {
        archive(argument)?
    } else {
        vec![LogSource::File(argument.to_owned())]
    };
    if sources.is_empty() {
        return Err(FilesError::NoLogs {
            path: argument.to_owned(),
        });
    }
    Ok(sources)
}

/// The `.log` and `.txt` files below a folder.
fn folder(path: &Path) -> Vec<LogSource> {
    let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .build()
        .filter_map(|entry| entry.ok().map(ignore::DirEntry::into_path))
        .filter(|path| path.is_file() && is_log_name(path))
        .collect();
    files.sort_unstable();
    files.into_iter().map(LogSource::File).collect()
}

fn archive(path: &Path) -> Result<Vec<LogSource>, FilesError> {
    let zip = open_zip(path)?;
    // An entry whose name is no text can be no log of GitHub's.
    let readable = zip
        .file_names()
        .filter_map(Result::ok)
        .map(std::borrow::Cow::into_owned);
    let mut names: Vec<String> = readable
        .filter(|name| is_log_name(Path::new(name)))
        .collect();
    names.sort_unstable();
    Ok(names
        .into_iter()
        .map(|name| LogSource::Entry {
            archive: path.to_owned(),
            name,
        })
        .collect())
}

fn is_log_name(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "log" || extension == "txt")
}

fn is_zip(path: &Path) -> Result<bool, FilesError> {
    let mut magic = [0; 4];
    let mut file = open(path)?;
    Ok(file.read_exact(&mut magic).is_ok() && magic == *b"PK\x03\x04")
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads logs"
)]
fn open(path: &Path) -> Result<File, FilesError> {
    File::open(path).map_err(|source| FilesError::io("read", path, source))
}

fn open_zip(path: &Path) -> Result<zip::ZipArchive<File>, FilesError> {
    zip::ZipArchive::new(open(path)?).map_err(|source| FilesError::Zip {
        path: path.to_owned(),
        source,
    })
}

fn pump(mut reader: impl Read, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => sink(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

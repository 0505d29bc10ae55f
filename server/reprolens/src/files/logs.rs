//! Where logs come from: a file, standard input, a folder, or a zip archive as GitHub gives it; read in pieces.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use log::decode::Decoder;

use super::FilesError;
use super::read_ahead::ReadAhead;

/// How much is read at a time: so much that it is still in the processor's own cache when it is parsed.
const CHUNK: usize = 64 << 10;

/// What an archive of logs may hold. Deflate makes a thousand bytes of one, so a small archive can be a bomb.
const MOST: Most = Most {
    files: 100_000,
    bytes: 16 << 30,
};

#[derive(Debug, Clone, Copy)]
struct Most {
    files: usize,
    /// Unpacked, all together.
    bytes: u64,
}

type Archive = zip::ZipArchive<Arc<File>>;

/// A file of a log, and the step that it holds where it is a step's.
pub(crate) type FilePart = (PathBuf, Option<String>);

/// One log to read.
#[derive(Debug, Clone)]
pub(crate) enum LogSource {
    Stdin,
    File(PathBuf),
    /// A job's steps, a file each.
    Steps {
        folder: PathBuf,
        parts: Vec<FilePart>,
    },
    /// A job of a zip archive: one entry, or one for each step.
    Entry {
        path: PathBuf,
        /// Its list of files is read once for all of its jobs.
        archive: Archive,
        name: String,
        parts: Vec<(String, Option<String>)>,
    },
}

/// What a log is handed out in.
#[derive(Debug, Clone, Copy)]
enum Piece<'a> {
    /// What comes next is that step's output.
    Step(&'a str),
    Bytes(&'a [u8]),
}

impl LogSource {
    /// How the log is named to a person: its path, `-`, or `archive.zip!entry`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Steps { folder, .. } => folder.display().to_string(),
            Self::Entry { path, name, .. } => format!("{}!{name}", path.display()),
        }
    }

    /// A name that no other source has, and the file that tells whether the log is as it was; `None` where no single file does.
    pub(crate) fn place(&self) -> Option<(PathBuf, &Path)> {
        match self {
            Self::File(path) => Some((path.clone(), path)),
            Self::Entry { path, .. } => Some((PathBuf::from(self.name()), path)),
            Self::Stdin | Self::Steps { .. } => None,
        }
    }

    /// Bytes to read, where known.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::File(path) => path.metadata().ok().map(|metadata| metadata.len()),
            Self::Stdin | Self::Steps { .. } | Self::Entry { .. } => None,
        }
    }

    /// Parses the log. `watch` sees its bytes as they come, and says whether to go on; `None` where it did not.
    pub(crate) fn parse(
        &self,
        watch: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<log::Log>, FilesError> {
        let limits = log::Limits::default();
        // What is read at once needs no second thread.
        if let Self::File(path) = self
            && self.size().is_none_or(|size| size > CHUNK as u64)
        {
            let failed = |source| FilesError::io("read", path, source);
            let ahead = ReadAhead::start(open(path)?, limits).map_err(failed)?;
            return parse_ahead(ahead, log::Parser::new(limits), watch).map_err(failed);
        }
        let mut parser = log::Parser::new(limits);
        let whole = self.read_steps(&mut |piece| match piece {
            Piece::Step(name) => {
                parser.step(name);
                true
            }
            Piece::Bytes(bytes) => {
                parser.push(bytes);
                watch(bytes)
            }
        })?;
        Ok(whole.then(|| parser.finish()))
    }

    /// Hands the log's bytes to `sink`, piece by piece.
    pub(crate) fn read(&self, sink: &mut dyn FnMut(&[u8])) -> Result<(), FilesError> {
        self.read_steps(&mut |piece| {
            if let Piece::Bytes(bytes) = piece {
                sink(bytes);
            }
            true
        })?;
        Ok(())
    }

    /// Hands the log's bytes to `sink`, and the names of its steps where they have a file each, as long as that wants more;
    /// returns whether it did to the end.
    fn read_steps(&self, sink: &mut dyn FnMut(Piece<'_>) -> bool) -> Result<bool, FilesError> {
        let failed = |source| FilesError::io("read", Path::new(&self.name()), source);
        match self {
            Self::Stdin => pump(io::stdin().lock(), sink).map_err(failed),
            Self::File(path) => pump(open(path)?, sink).map_err(failed),
            Self::Steps { parts, .. } => {
                for (path, step) in parts {
                    let goes_on = step.as_ref().is_none_or(|step| sink(Piece::Step(step)))
                        && pump(open(path)?, sink).map_err(failed)?;
                    if !goes_on {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Entry {
                path,
                archive,
                parts,
                ..
            } => {
                let mut archive = archive.clone();
                for (name, step) in parts {
                    let unreadable = |source| FilesError::Zip {
                        path: path.clone(),
                        source,
                    };
                    let entry = archive.by_name(name).map_err(unreadable)?;
                    // None unpacks to more than it says, and what all say was added up when the archive was opened.
                    let goes_on = step.as_ref().is_none_or(|step| sink(Piece::Step(step)))
                        && pump(entry, sink).map_err(failed)?;
                    if !goes_on {
                        return Ok(false);
                    }
                }
                Ok(true)
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
        archive(argument, MOST)?
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

/// The logs of the `.log` and `.txt` files below a folder.
fn folder(path: &Path) -> Vec<LogSource> {
    let mut files: Vec<PathBuf> = ignore::WalkBuilder::new(path)
        .standard_filters(false)
        .build()
        .filter_map(|entry| entry.ok().map(ignore::DirEntry::into_path))
        .filter(|path| path.is_file())
        .collect();
    files.sort_unstable();
    let names: Vec<String> = files
        .iter()
        .map(|file| {
            let name = file.strip_prefix(path).unwrap_or(file).to_string_lossy();
            name.replace(std::path::MAIN_SEPARATOR, "/")
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let of = |entry: log::archive::Entry| match entry.parts.as_slice() {
        [part] => LogSource::File(files[part.file].clone()),
        _ => LogSource::Steps {
            folder: path.join(&entry.name),
            parts: entry
                .parts
                .into_iter()
                .map(|part| (files[part.file].clone(), part.step))
                .collect(),
        },
    };
    log::archive::entries(&names).into_iter().map(of).collect()
}

fn archive(path: &Path, most: Most) -> Result<Vec<LogSource>, FilesError> {
    let mut zip = open_zip(path)?;
    let too_large = |why| FilesError::TooLarge {
        path: path.to_owned(),
        why,
    };
    if zip.len() > most.files {
        return Err(too_large(format!(
            "{} files, more than {} of which no archive of logs holds",
            zip.len(),
            most.files
        )));
    }
    // An entry that cannot be read is told of when its log is.
    let sizes = (0..zip.len()).filter_map(|file| Some(zip.by_index_raw(file).ok()?.size()));
    let said = sizes.fold(0, u64::saturating_add);
    if said > most.bytes {
        return Err(too_large(format!(
            "{} MB when it is unpacked, more than {} of which no archive of logs holds",
            said >> 20,
            most.bytes >> 20
        )));
    }
    // An entry whose name is no text can be no log of GitHub's.
    let mut names: Vec<String> = zip
        .file_names()
        .filter_map(Result::ok)
        .map(std::borrow::Cow::into_owned)
        .collect();
    names.sort_unstable();
    let shown: Vec<&str> = names.iter().map(String::as_str).collect();
    let of = |entry: log::archive::Entry| LogSource::Entry {
        path: path.to_owned(),
        archive: zip.clone(),
        parts: entry
            .parts
            .into_iter()
            .map(|part| (names[part.file].clone(), part.step))
            .collect(),
        name: entry.name,
    };
    Ok(log::archive::entries(&shown).into_iter().map(of).collect())
}

fn is_zip(path: &Path) -> Result<bool, FilesError> {
    let mut magic = [0; 4];
    let mut file = open(path)?;
    // An archive without entries has its end alone.
    Ok(file.read_exact(&mut magic).is_ok() && matches!(&magic, b"PK\x03\x04" | b"PK\x05\x06"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that reads logs"
)]
fn open(path: &Path) -> Result<File, FilesError> {
    File::open(path).map_err(|source| FilesError::io("read", path, source))
}

fn open_zip(path: &Path) -> Result<Archive, FilesError> {
    zip::ZipArchive::new(Arc::new(open(path)?)).map_err(|source| FilesError::Zip {
        path: path.to_owned(),
        source,
    })
}

/// Parses a file that is read ahead.
fn parse_ahead(
    mut ahead: ReadAhead,
    mut parser: log::Parser,
    watch: &mut dyn FnMut(&[u8]) -> bool,
) -> io::Result<Option<log::Log>> {
    let mut decoder = Decoder::default();
    while let Some(piece) = ahead.next()? {
        let bytes = piece.bytes();
        let decoded = decoder.push(bytes);
        // What is decoded has other lines than those that were found.
        if matches!(decoded, Cow::Borrowed(all) if all.len() == bytes.len()) {
            parser.push_scouted(bytes, &piece.lines);
        } else {
            parser.push(&decoded);
        }
        if !watch(&decoded) {
            return Ok(None);
        }
        ahead.give_back(piece);
    }
    let rest = decoder.finish();
    parser.push(&rest);
    Ok(watch(&rest).then(|| parser.finish()))
}

fn pump(mut reader: impl Read, sink: &mut dyn FnMut(Piece<'_>) -> bool) -> io::Result<bool> {
    let mut chunk = vec![0; CHUNK];
    let mut decoder = Decoder::default();
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(sink(Piece::Bytes(&decoder.finish()))),
            Ok(count) => {
                if !sink(Piece::Bytes(&decoder.push(&chunk[..count]))) {
                    return Ok(false);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;

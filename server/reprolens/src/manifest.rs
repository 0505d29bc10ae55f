//! `.reprolens.json` of a repro folder: which failure it is about, and what was generated, so that what a person edited since
//! is never overwritten.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::{FilesError, folders, write_atomically};

/// The file's name in a repro folder.
pub(crate) const NAME: &str = ".reprolens.json";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Manifest {
    pub(crate) version: u32,
    /// The node id in CI's log, and the phase that it failed in.
    pub(crate) failure: String,
    pub(crate) phase: String,
    pub(crate) level: u8,
    /// SHA-256 of each generated file, by path relative to the folder.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    /// The manifest of a folder; an empty one where there is none, or none that can be read.
    pub(crate) fn read(folder: &Path) -> Self {
        folders::text(&folder.join(NAME))
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts and numbers are always JSON");
        text + "\n"
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), FilesError> {
        write_atomically(&folder.join(NAME), self.text().as_bytes())
    }

    /// Whether the folder was not generated, as far as is known.
    pub(crate) fn is_of_none(&self) -> bool {
        self.failure.is_empty()
    }

    /// Whether the folder was generated for that failure.
    pub(crate) fn is_about(&self, failure: &log::Failure) -> bool {
        self.failure == failure.id && self.phase == failure.phase.name()
    }

    /// Whether the file's text is what was generated.
    pub(crate) fn made(&self, path: &str, text: &str) -> bool {
        self.files
            .get(path)
            .is_some_and(|known| *known == digest(text))
    }
}

pub(crate) fn digest(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

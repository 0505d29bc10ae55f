//! Tests are text: the parser of fixtures, for every stage's tests.
//!
//! ```text
//! //- .github/workflows/ci.yml          starts a file; without such a line the fixture is one file, with an empty path
//! export TT_METAL_HOME=/work<|>         <|> is the cursor
//!        ^^^^^^^^^^^^^ ENV005: ...       under the line: a span and a text; the row is taken out of the file
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Span, Workspace};

/// A parsed fixture. It is a [`Workspace`], so it can be handed to a stage as it is.
#[derive(Debug, Clone, Default)]
pub struct Fixture {
    pub files: Vec<File>,
}

/// One file of a fixture.
#[derive(Debug, Clone, Default)]
pub struct File {
    pub path: String,
    /// The text without cursor marks and annotation rows.
    pub text: String,
    /// Offsets of the `<|>` marks.
    pub cursors: Vec<usize>,
    /// The annotation rows, in order.
    pub annotations: Vec<(Span, String)>,
}

impl Fixture {
    #[track_caller]
    pub fn parse(fixture: &str) -> Self {
        let fixture = fixture.strip_prefix('\n').unwrap_or(fixture);
        let mut files: Vec<File> = Vec::new();
        for line in fixture.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix("//- ") {
                files.push(File {
                    path: path.trim().to_owned(),
                    ..File::default()
                });
                continue;
            }
            if files.is_empty() {
                files.push(File::default());
            }
            let file = files.last_mut().expect("one was pushed");
            match annotation(line) {
                Some((carets, text)) if !file.text.is_empty() => {
                    let start = previous_line_start(&file.text);
                    file.annotations
                        .push((carets.shifted(start), text.to_owned()));
                }
                _ => file.push_line(line),
            }
        }
        Self { files }
    }

    /// The file of that path.
    #[track_caller]
    pub fn file(&self, path: &str) -> &File {
        self.files
            .iter()
            .find(|file| file.path == path)
            .unwrap_or_else(|| panic!("the fixture has no file {path:?}"))
    }

    /// The file and offset of the first cursor.
    #[track_caller]
    pub fn cursor(&self) -> (&File, usize) {
        self.files
            .iter()
            .find_map(|file| Some((file, *file.cursors.first()?)))
            .expect("the fixture has no cursor `<|>`")
    }
}

impl File {
    fn push_line(&mut self, line: &str) {
        let mut rest = line;
        while let Some(at) = rest.find("<|>") {
            self.text.push_str(&rest[..at]);
            self.cursors.push(self.text.len());
            rest = &rest[at + "<|>".len()..];
        }
        self.text.push_str(rest);
    }
}

impl Workspace for Fixture {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| Arc::from(file.text.as_str()))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{}/", folder.trim_end_matches('/'))
        };
        let mut names = BTreeMap::new();
        for file in &self.files {
            if let Some(rest) = file.path.strip_prefix(&prefix) {
                let name = rest.find('/').map_or(rest, |at| &rest[..=at]);
                names.insert(name.to_owned(), ());
            }
        }
        names.into_keys().collect()
    }
}

/// `     ^^^^ text` gives the carets' columns (in bytes) and the text.
fn annotation(line: &str) -> Option<(Span, &str)> {
    let line = line.trim_end_matches(['\n', '\r']);
    let start = line.len() - line.trim_start_matches(' ').len();
    let carets = line[start..].len() - line[start..].trim_start_matches('^').len();
    let text = line[start + carets..].strip_prefix(' ')?;
    (carets > 0).then_some((Span::new(start, start + carets), text))
}

fn previous_line_start(text: &str) -> usize {
    text.trim_end_matches('\n')
        .rfind('\n')
        .map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_cursors_and_annotations() {
        let fixture = Fixture::parse(
            "\n//- a/run.sh\nexport A=<|>1\n       ^ E1: no\ncd x\n//- b.py\nx = 1\n",
        );
        assert_eq!(fixture.file("a/run.sh").text, "export A=1\ncd x\n");
        assert_eq!(
            fixture.file("a/run.sh").annotations,
            [(Span::new(7, 8), "E1: no".to_owned())]
        );
        assert_eq!(fixture.cursor().1, 9);
        assert_eq!(fixture.list(""), ["a/", "b.py"]);
        assert_eq!(fixture.read("b.py").as_deref(), Some("x = 1\n"));
    }
}

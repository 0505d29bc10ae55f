//! What was captured behind a traceback, while it comes in.

use text::Span;

use crate::Captured;

/// Sections behind a traceback, while they come in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sections {
    pub(crate) done: Vec<Captured>,
    open: Option<Captured>,
}

impl Sections {
    /// Opens the section of that title; `at` is where its heading stands.
    pub(crate) fn open(&mut self, title: &str, at: Span) {
        self.close();
        self.open = Some(Captured {
            name: title.to_owned(),
            span: at,
        });
    }

    /// The title of the open section.
    pub(crate) fn name(&self) -> Option<&str> {
        self.open.as_ref().map(|open| open.name.as_str())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(crate) fn grow(&mut self, to: Span) {
        if let Some(open) = &mut self.open {
            open.span = open.span.cover(to);
        }
    }

    pub(crate) fn close(&mut self) {
        self.done.extend(self.open.take());
    }
}

//! The shape of a script: statements, with words left as spans of the text.
//!
//! The parser is our own. tree-sitter's grammar for bash was tried first; it reads `A=1 B=2`, a line end, `pytest` as one
//! command with inline variables, and ends a here-document at an indented delimiter, both without an error in the tree: it
//! would silently change what is exported.

use std::rc::Rc;

use text::Span;

use crate::scan::Delimiter;

/// Statements in the order in which they stand.
pub(crate) type List = Vec<AndOr>;

/// `a && b || c`.
#[derive(Debug)]
pub(crate) struct AndOr {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Joint, Pipeline)>,
    /// It ends in `&`.
    pub(crate) background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    And,
    Or,
}

/// `! a | b`.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) negated: bool,
    pub(crate) parts: Vec<Node>,
}

/// A command of any kind with its redirections.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) redirects: Vec<Redirect>,
    pub(crate) span: Span,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Simple(Simple),
    Group(List),
    Subshell(List),
    /// Conditions and what they guard, and the `else` part.
    If(Vec<(List, List)>, Option<List>),
    For {
        name: String,
        /// `None` without `in`: the positional arguments.
        words: Option<Vec<Span>>,
        body: List,
        /// `select`: what is chosen is not known.
        select: bool,
    },
    /// `for ((a; b; c))`.
    Count {
        header: [Span; 3],
        body: List,
    },
    While {
        condition: List,
        body: List,
        until: bool,
    },
    Case {
        word: Span,
        arms: Vec<Arm>,
    },
    Function {
        name: String,
        body: Rc<Node>,
    },
    /// What stands between `[[` and `]]`.
    Test(Span),
    /// What stands between `((` and `))`.
    Arithmetic(Span),
}

#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) patterns: Vec<Span>,
    pub(crate) body: List,
    /// `;&` or `;;&`: what follows may run too.
    pub(crate) falls_through: bool,
}

#[derive(Debug)]
pub(crate) struct Simple {
    pub(crate) assignments: Vec<Set>,
    pub(crate) words: Vec<Argument>,
}

/// A word of a command, or an assignment to an array as `export A=(x)` and `declare -a A=(x)` take it.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) span: Span,
    pub(crate) set: Option<Set>,
}

/// `name=value`, `name+=value`, `name[index]=value`, `name=(words)`.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) index: Option<Span>,
    pub(crate) append: bool,
    pub(crate) value: SetValue,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum SetValue {
    Word(Span),
    Array(Vec<Span>),
}

#[derive(Debug)]
pub(crate) struct Redirect {
    pub(crate) descriptor: Option<u32>,
    pub(crate) operator: Operator,
    pub(crate) target: Span,
    /// Index into [`Script::documents`].
    pub(crate) document: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Write,
    Append,
    Read,
    /// `&>`, `&>>`.
    Both,
    /// `>&`, `<&`.
    Duplicate,
    HereDocument,
    HereString,
}

/// A here-document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) delimiter: Delimiter,
    pub(crate) body: Span,
}

/// A parsed text.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) list: List,
    pub(crate) documents: Vec<Document>,
    /// What was not understood, and where.
    pub(crate) problems: Vec<(String, Span)>,
}

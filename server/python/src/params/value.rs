//! Values that are known without running: a literal subset of Python's, and how Python prints them.

use tree_sitter::Node;

use crate::source::Module;

/// A value, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) enum Value<'s> {
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    Bytes(Vec<u8>),
    List(Vec<Item<'s>>),
    Tuple(Vec<Item<'s>>),
    Dict(Vec<(Item<'s>, Item<'s>)>),
    /// A function or class of the workspace: its `__name__`.
    Named(String, Code<'s>),
    /// A class or function of the builtins, by name.
    Builtin(String),
    /// A member of an enum: class, member, value, and whether str or int is mixed in.
    Enum(String, String, Box<Item<'s>>, bool),
    Regex(String),
    /// `pytest.param(values, id=..., marks=...)`.
    Param(Vec<Item<'s>>, Option<String>, Vec<Code<'s>>, bool),
    /// A `lambda`.
    Lambda(Code<'s>),
    /// From outside the workspace: the full dotted name.
    External(String),
    /// Not known, but certainly no value that pytest makes an id from: a set, an instance of a plain class.
    Opaque,
    Unknown,
}

/// A place in a file: a node and its module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code<'s> {
    pub(crate) module: &'s Module,
    pub(crate) node: Node<'s>,
}

/// A value and the expression that it was read from, if that expression stands for it where it is written (an expression with a
/// comprehension's variable in it does not).
#[derive(Debug, Clone)]
pub(crate) struct Item<'s> {
    pub(crate) value: Value<'s>,
    pub(crate) code: Option<Code<'s>>,
}

impl<'s> Item<'s> {
    pub(crate) fn made(value: Value<'s>) -> Self {
        Self { value, code: None }
    }
}

impl<'s> Value<'s> {
    /// The elements of a list or tuple.
    pub(crate) fn elements(&self) -> Option<&[Item<'s>]> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(value) => !value.is_empty(),
            Self::Bytes(value) => !value.is_empty(),
            Self::List(items) | Self::Tuple(items) => !items.is_empty(),
            Self::Dict(pairs) => !pairs.is_empty(),
            _ => return None,
        })
    }

    /// Whether two values are equal; `None` where that is not known.
    pub(crate) fn equals(&self, other: &Self) -> Option<bool> {
        Some(match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Builtin(a), Self::Builtin(b)) => a == b,
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                for (a, b) in a.iter().zip(b) {
                    if !a.value.equals(&b.value)? {
                        return Some(false);
                    }
                }
                true
            }
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a == b,
                _ if a.is_plain() && b.is_plain() => false,
                _ => return None,
            },
        })
    }

    pub(crate) fn number(&self) -> Option<f64> {
        Some(match self {
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Int(value) => *value as f64,
            Self::Float(value) => *value,
            _ => return None,
        })
    }

    pub(crate) fn integer(&self) -> Option<i128> {
        match self {
            Self::Bool(value) => Some(i128::from(*value)),
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::None
                | Self::Bool(_)
                | Self::Int(_)
                | Self::Float(_)
                | Self::Str(_)
                | Self::Bytes(_)
                | Self::List(_)
                | Self::Tuple(_)
                | Self::Dict(_)
        )
    }

    /// `str(value)`.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Str(text) => Some(text.clone()),
            Self::Enum(class, member, _, false) => Some(format!("{class}.{member}")),
            _ => self.repr(),
        }
    }

    /// `repr(value)`, where that is an expression for the value.
    pub(crate) fn repr(&self) -> Option<String> {
        self.repr_bounded(12)
    }

    fn repr_bounded(&self, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let joined = |items: &[Item<'s>]| -> Option<String> {
            let parts: Option<Vec<String>> = items
                .iter()
                .map(|item| item.value.repr_bounded(depth))
                .collect();
            Some(parts?.join(", "))
        };
        Some(match self {
            Self::None => "None".to_owned(),
            Self::Bool(true) => "True".to_owned(),
            Self::Bool(false) => "False".to_owned(),
            Self::Int(value) => value.to_string(),
            Self::Float(value) => float_repr(*value),
            Self::Str(value) => str_repr(value),
            Self::Bytes(value) => bytes_repr(value),
            Self::List(items) => format!("[{}]", joined(items)?),
            Self::Tuple(items) if items.len() == 1 => format!("({},)", joined(items)?),
            Self::Tuple(items) => format!("({})", joined(items)?),
            Self::Dict(pairs) => {
                let mut parts = Vec::new();
                for (key, value) in pairs {
                    parts.push(format!(
                        "{}: {}",
                        key.value.repr_bounded(depth)?,
                        value.value.repr_bounded(depth)?
                    ));
                }
                format!("{{{}}}", parts.join(", "))
            }
            _ => return None,
        })
    }
}

/// A float as Python prints it: the shortest digits, an exponent below 1e-4 and from 1e16 on.
pub(crate) fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

/// A string as Python's `repr` prints it; what is not ASCII stays as it is where it prints.
pub(crate) fn str_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if is_unprintable(c) => out.push_str(&escaped_char(c)),
            _ => out.push(c),
        }
    }
    out.push(quote);
    out
}

fn is_unprintable(c: char) -> bool {
    matches!(c as u32, 0..=0x1f | 0x7f..=0xa0 | 0xad | 0x200b..=0x200f | 0x2028..=0x202f | 0x2060..=0x206f | 0xe000..=0xf8ff | 0xfeff | 0xfff0..=0xfffb | 0xe0000..=0x10ffff)
        || (c.is_whitespace() && c != ' ')
}

fn bytes_repr(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    let mut out = format!("b{quote}");
    for &byte in bytes {
        match byte {
            _ if char::from(byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..=0x7e if byte != b'\\' => out.push(char::from(byte)),
            _ => out.push_str(&escaped_char(char::from(byte))),
        }
    }
    out.push(quote);
    out
}

fn escaped_char(c: char) -> String {
    match c as u32 {
        _ if matches!(c, '\\' | '\n' | '\r' | '\t') => c.escape_default().collect(),
        code @ 0..=0xff => format!("\\x{code:02x}"),
        code @ 0x100..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// A string in an id: what is not printable ASCII is escaped (`unicode_escape`, which doubles backslashes too).
pub(crate) fn ascii_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' if c != '\\' => out.push(c),
            _ => out.push_str(&escaped_char(c)),
        }
    }
    out
}

/// Bytes in an id: escaped, but a backslash stays single.
pub(crate) fn bytes_escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&escaped_char(char::from(byte))),
        }
    }
    out
}

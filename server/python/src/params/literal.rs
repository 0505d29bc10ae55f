//! Literals of Python: numbers, and strings with their escapes.

use tree_sitter::Node;

use super::value::Value;
use crate::source::Module;

pub(crate) fn integer<'s>(source: &str) -> Value<'s> {
    let digits: String = source.chars().filter(|c| *c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    let parsed = if let Some(hex) = lower.strip_prefix("0x") {
        i128::from_str_radix(hex, 16)
    } else if let Some(octal) = lower.strip_prefix("0o") {
        i128::from_str_radix(octal, 8)
    } else if let Some(binary) = lower.strip_prefix("0b") {
        i128::from_str_radix(binary, 2)
    } else {
        lower.parse()
    };
    parsed.map_or(Value::Unknown, Value::Int)
}

pub(crate) fn float<'s>(source: &str) -> Value<'s> {
    let digits: String = source.chars().filter(|c| *c != '_').collect();
    digits.parse().map_or(Value::Unknown, Value::Float)
}

/// The prefix of a `string` node, lower case: `r`, `b`, `f`, `rb`, ...
pub(crate) fn prefix(module: &Module, string: Node<'_>) -> String {
    let source = module.source(string);
    let end = source.find(['"', '\'']).unwrap_or(0);
    source[..end].to_ascii_lowercase()
}

/// The text of a part of a string literal, its escapes replaced; `None` where an escape is not known (`\N{...}`).
pub(crate) fn unescaped(source: &str, raw: bool) -> Option<String> {
    // Python reads every line end in a source file as `\n`.
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    if raw || !source.contains('\\') {
        return Some(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(c),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '0'..='7' => {
                let more = rest
                    .bytes()
                    .take(2)
                    .take_while(|byte| (b'0'..=b'7').contains(byte))
                    .count();
                let digits = format!("{c}{}", &rest[..more]);
                rest = &rest[more..];
                out.push(char::from_u32(u32::from_str_radix(&digits, 8).ok()?)?);
            }
            'x' | 'u' | 'U' => {
                let count = match c {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits = rest.get(..count)?;
                if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                rest = &rest[count..];
                out.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
            }
            'N' => return None,
            _ => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out.push_str(rest);
    Some(out)
}

//! The environment and the command of a step, from what its part of the log shows: echoed scripts, `set -x` traces, dumps,
//! options of `docker`, and the command lines that wrappers print.
//!
//! It knows no CI format: the formats say which lines are script and which are output.

pub(crate) mod command;
pub(crate) mod docker;
pub(crate) mod dump;
pub(crate) mod script;
pub(crate) mod settle;
pub(crate) mod words;

use text::{Origin, OriginKind, Span, Value, Variable};

/// `NAME`, as a shell allows it.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `NAME=value` to its two parts.
pub(crate) fn assignment(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_at(name_len(text.as_bytes()));
    let value = rest.strip_prefix('=').filter(|_| is_name(name))?;
    Some((name, value))
}

/// How many bytes of a name come first. Every line outside of sessions is asked: one look into a table for each byte.
pub(crate) fn name_len(bytes: &[u8]) -> usize {
    const IN_NAMES: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 128 {
            let it = byte as u8;
            table[byte] = it.is_ascii_alphanumeric() || it == b'_';
            byte += 1;
        }
        table
    };
    let end = bytes.iter().position(|&byte| !IN_NAMES[usize::from(byte)]);
    end.unwrap_or(bytes.len())
}

pub(crate) fn origin(kind: OriginKind, line: u32, span: Span) -> Origin {
    Origin {
        kind,
        path: String::new(),
        line,
        span,
    }
}

/// Puts a later value over an earlier one of the same name.
pub(crate) fn set(variables: &mut Vec<Variable>, name: &str, value: Value, origin: Origin) {
    match variables.iter_mut().find(|variable| variable.name == name) {
        Some(variable) if variable.value == value => {}
        Some(variable) => {
            let earlier = std::mem::replace(&mut variable.value, value);
            let place = std::mem::replace(&mut variable.origin, origin);
            // A loop that sets a variable again and again says no more by its hundredth time.
            variable.overridden.truncate(7);
            variable.overridden.insert(0, (earlier, place));
        }
        None => variables.push(Variable {
            name: name.to_owned(),
            value,
            origin,
            overridden: Vec::new(),
        }),
    }
}

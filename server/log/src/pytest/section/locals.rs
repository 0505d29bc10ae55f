//! Locals of `--showlocals`, and the arguments above a function's source.

use crate::Local;

/// `name = value`.
pub(super) fn local(text: &str) -> Option<Local> {
    let is_part = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.' | b'@' | b'*');
    let bytes = text.as_bytes();
    let mut end = bytes.iter().position(|&it| !is_part(it))?;
    if !bytes[end].is_ascii() {
        end =
            text.find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.' | '@' | '*')))?;
    }
    if bytes[end] != b' ' {
        return None;
    }
    let value = text[end..].trim_start_matches(' ').strip_prefix("= ")?;
    let name = &text[..end];
    (!name.is_empty() && !name.starts_with(|it: char| it.is_ascii_digit())).then(|| Local {
        name: name.to_owned(),
        value: value.trim_end().to_owned(),
        frame: None,
    })
}

/// pytest joins short arguments of a function on one line: `a = 1, b = 'x'`.
pub(super) fn arguments(local: Local, joined: bool) -> Vec<Local> {
    if !joined || !local.value.contains(", ") {
        return vec![local];
    }
    let mut found = vec![Local {
        value: String::new(),
        ..local.clone()
    }];
    for part in local.value.split(", ") {
        match (self::local(part), found.last_mut()) {
            (Some(next), Some(last)) if !last.value.is_empty() => found.push(next),
            (_, Some(last)) if last.value.is_empty() => last.value = part.to_owned(),
            (_, Some(last)) => {
                last.value.push_str(", ");
                last.value.push_str(part);
            }
            (_, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_arguments() {
        let found = arguments(local("a = 1, b = 'x, y', c = f(d, e)").unwrap(), true);
        let shown = found
            .iter()
            .map(|it| format!("{}={}", it.name, it.value))
            .collect::<Vec<_>>();
        assert_eq!(shown, ["a=1", "b='x, y'", "c=f(d, e)"]);
    }
}

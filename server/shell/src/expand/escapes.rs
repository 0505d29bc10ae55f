//! Backslashes: in backquotes, and in `$'...'`.

/// In backquotes a backslash stands before `$`, `` ` `` and `\` only.
pub(super) fn unescape_backquoted(text: &str, quoted: bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes = |next: &char| matches!(next, '$' | '`' | '\\') || quoted && *next == '"';
        match chars.next_if(|next| c == '\\' && escapes(next)) {
            Some(next) => result.push(next),
            None => result.push(c),
        }
    }
    result
}

/// The text of `$'...'`. Bytes that make no UTF-8 are replaced.
pub(crate) fn ansi_c(text: &str) -> String {
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            bytes.push(b'\\');
            break;
        };
        let simple = match c {
            'a' => Some(7),
            'b' => Some(8),
            'e' | 'E' => Some(27),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            '\\' | '\'' | '"' | '?' => u8::try_from(c).ok(),
            _ => None,
        };
        if let Some(byte) = simple {
            bytes.push(byte);
            rest = &rest[1..];
            continue;
        }
        let (skip, radix, longest) = match c {
            'x' => (1, 16, 2),
            'u' => (1, 16, 4),
            'U' => (1, 16, 8),
            '0'..='7' => (0, 8, 3),
            _ => (0, 0, 0),
        };
        let digits = rest[skip..]
            .chars()
            .take(longest)
            .take_while(|it| it.is_digit(radix.max(2)))
            .count();
        if digits == 0 {
            bytes.push(b'\\');
            bytes.extend_from_slice(c.to_string().as_bytes());
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let number = u32::from_str_radix(&rest[skip..skip + digits], radix).unwrap_or(0);
        rest = &rest[skip + digits..];
        if c == 'u' || c == 'U' {
            let c = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
            bytes.extend_from_slice(c.to_string().as_bytes());
        } else {
            bytes.push(number.to_le_bytes()[0]);
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    // bash's strings end at a NUL.
    let end = bytes.iter().position(|&it| it == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

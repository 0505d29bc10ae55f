//! Where quoted texts and expansions end, in bytes. Shared by the parser, which steps over them, and by expansion, which looks
//! into them. Everything here is linear, and nests no deeper than [`DEPTH`].

/// How deep quotes and expansions may nest; deeper ones count as unclosed.
const DEPTH: usize = 60;

/// The offset after the quoted text or expansion that starts at `at`; `None` if none starts there. `Err` if it is not closed.
pub(crate) fn skip(text: &[u8], at: usize) -> Option<Result<usize, Unclosed>> {
    skip_nested(text, at, false, 0)
}

/// The same, within double quotes: single quotes mean nothing there.
pub(crate) fn skip_in_quotes(text: &[u8], at: usize) -> Option<Result<usize, Unclosed>> {
    skip_nested(text, at, true, 0)
}

/// A quote or expansion has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclosed;

fn skip_nested(
    text: &[u8],
    at: usize,
    quoted: bool,
    depth: usize,
) -> Option<Result<usize, Unclosed>> {
    if depth > DEPTH {
        return Some(Err(Unclosed));
    }
    let depth = depth + 1;
    Some(match text.get(at)? {
        b'\\' => Ok((at + 2).min(text.len())),
        b'\'' if !quoted => find(text, at + 1, b'\'').ok_or(Unclosed),
        b'"' if !quoted => double(text, at + 1, depth),
        b'`' => escaped(text, at + 1, b'`'),
        b'$' => match text.get(at + 1)? {
            b'\'' if !quoted => escaped(text, at + 2, b'\''),
            b'"' if !quoted => double(text, at + 2, depth),
            b'{' if text.get(at + 2) == Some(&b'{') => expression(text, at + 3),
            b'{' => braces(text, at + 2, quoted, depth),
            b'(' => parentheses(text, at + 2, depth),
            b'[' => find(text, at + 2, b']').ok_or(Unclosed),
            _ => return None,
        },
        b'<' | b'>' if !quoted && text.get(at + 1) == Some(&b'(') => {
            parentheses(text, at + 2, depth)
        }
        _ => return None,
    })
}

fn find(text: &[u8], from: usize, byte: u8) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.iter()
        .position(|&it| it == byte)
        .map(|at| from + at + 1)
}

/// After the next `end` that has no backslash before it.
fn escaped(text: &[u8], mut at: usize, end: u8) -> Result<usize, Unclosed> {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if byte == end => return Ok(at + 1),
            _ => at += 1,
        }
    }
    Err(Unclosed)
}

/// After the closing double quote.
fn double(text: &[u8], mut at: usize, depth: usize) -> Result<usize, Unclosed> {
    while let Some(&byte) = text.get(at) {
        if byte == b'"' {
            return Ok(at + 1);
        }
        at = match skip_nested(text, at, true, depth) {
            Some(end) => end?,
            None => at + 1,
        };
    }
    Err(Unclosed)
}

/// After a CI expression `${{ ... }}`, which is no bash: its own strings are in single quotes.
fn expression(text: &[u8], mut at: usize) -> Result<usize, Unclosed> {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\'' => at = find(text, at + 1, b'\'').ok_or(Unclosed)?,
            b'}' if text.get(at + 1) == Some(&b'}') => return Ok(at + 2),
            b'\n' => return Err(Unclosed),
            _ => at += 1,
        }
    }
    Err(Unclosed)
}

/// After the `}` of `${`.
fn braces(text: &[u8], mut at: usize, quoted: bool, depth: usize) -> Result<usize, Unclosed> {
    while let Some(&byte) = text.get(at) {
        if byte == b'}' {
            return Ok(at + 1);
        }
        at = match skip_nested(text, at, quoted && byte != b'"', depth) {
            Some(end) => end?,
            None => at + 1,
        };
    }
    Err(Unclosed)
}

/// After the `)` of `$(`, past nested parentheses, comments and here-documents.
fn parentheses(text: &[u8], mut at: usize, depth: usize) -> Result<usize, Unclosed> {
    let mut open = 1;
    let mut documents: Vec<Delimiter> = Vec::new();
    while let Some(&byte) = text.get(at) {
        match byte {
            b'(' => open += 1,
            b')' => {
                open -= 1;
                if open == 0 {
                    return Ok(at + 1);
                }
            }
            b'#' if at > 0 && matches!(text[at - 1], b' ' | b'\t' | b'\n' | b';') => {
                while text.get(at).is_some_and(|&it| it != b'\n') {
                    at += 1;
                }
                continue;
            }
            b'\n' if !documents.is_empty() => {
                at += 1;
                for delimiter in documents.drain(..) {
                    at = document(text, at, &delimiter).1;
                }
                continue;
            }
            b'<' if text.get(at..at + 3) == Some(b"<<<") => at += 2,
            b'<' if text.get(at + 1) == Some(&b'<') => {
                let (delimiter, end) = delimiter(text, at + 2);
                if !delimiter.word.is_empty() {
                    documents.push(delimiter);
                    at = end;
                    continue;
                }
            }
            _ => {
                if let Some(end) = skip_nested(text, at, false, depth) {
                    at = end?;
                    continue;
                }
            }
        }
        at += 1;
    }
    Err(Unclosed)
}

/// The word that ends a here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delimiter {
    pub(crate) word: Vec<u8>,
    /// It was quoted: the document is literal.
    pub(crate) literal: bool,
    /// `<<-`: tabs at the start of lines do not count.
    pub(crate) dedent: bool,
}

/// The delimiter after `<<`, and the offset after it.
pub(crate) fn delimiter(text: &[u8], mut at: usize) -> (Delimiter, usize) {
    let mut delimiter = Delimiter {
        word: Vec::new(),
        literal: false,
        dedent: false,
    };
    if text.get(at) == Some(&b'-') {
        delimiter.dedent = true;
        at += 1;
    }
    while matches!(text.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    while let Some(&byte) = text.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
            b'\'' | b'"' => {
                delimiter.literal = true;
                let Some(end) = find(text, at + 1, byte) else {
                    return (delimiter, at + 1);
                };
                delimiter.word.extend_from_slice(&text[at + 1..end - 1]);
                at = end;
            }
            b'\\' => {
                delimiter.literal = true;
                delimiter.word.extend(text.get(at + 1));
                at = (at + 2).min(text.len());
            }
            _ => {
                delimiter.word.push(byte);
                at += 1;
            }
        }
    }
    (delimiter, at)
}

/// The end of a here-document's body that starts at `at`, and the offset after its last line.
pub(crate) fn document(text: &[u8], mut at: usize, delimiter: &Delimiter) -> (usize, usize) {
    while at < text.len() {
        let end = find(text, at, b'\n').unwrap_or(text.len());
        let mut line = &text[at..end];
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if delimiter.dedent {
            let tabs = line.iter().take_while(|&&it| it == b'\t').count();
            line = &line[tabs..];
        }
        if line == delimiter.word {
            return (at, end);
        }
        at = end;
    }
    (text.len(), text.len())
}

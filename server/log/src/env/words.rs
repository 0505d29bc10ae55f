//! The words of a trace line, as bash's `set -x` quotes them, and of option texts.

/// Splits at blanks; understands `'...'`, `"..."`, `$'...'` and `\`. What is not closed ends with the text.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                word.extend(chars.by_ref().take_while(|&c| c != '\''));
            }
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi(&mut chars, word.get_or_insert_default());
            }
            '"' => {
                let word = word.get_or_insert_default();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                            None => {}
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(chars.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The inside of `$'...'`, up to its end.
fn ansi(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut String) {
    while let Some(c) = chars.next() {
        match c {
            '\'' => return,
            '\\' => match chars.next() {
                Some('n') => word.push('\n'),
                Some('t') => word.push('\t'),
                Some('r') => word.push('\r'),
                Some('E' | 'e') => word.push('\x1b'),
                Some('x') => {
                    let mut code = 0;
                    let mut digits = 0;
                    while digits < 2
                        && let Some(digit) = chars.peek().and_then(|c| c.to_digit(16))
                    {
                        code = code * 16 + digit;
                        digits += 1;
                        chars.next();
                    }
                    word.extend(char::from_u32(code));
                }
                Some(c) => word.push(c),
                None => {}
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_a_trace() {
        assert_eq!(
            split(r#"export 'LD_PRELOAD=/usr/$LIB/x.so' A=$'a\nb\x41' "c d" e\ f '' "#),
            [
                "export",
                "LD_PRELOAD=/usr/$LIB/x.so",
                "A=a\nbA",
                "c d",
                "e f",
                ""
            ]
        );
        assert_eq!(split("a 'b"), ["a", "b"]);
    }
}

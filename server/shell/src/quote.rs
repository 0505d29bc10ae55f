//! Writing a word that bash reads back as it was, whatever it holds.

use std::fmt;

/// A word of a script that we write. Its only constructor quotes, so that no text of a log becomes syntax.
///
/// Everything that does not show as itself (line ends, control characters, invisible and right-to-left marks) is written as an
/// escape: who reads the script sees what it does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShellWord(String);

impl ShellWord {
    /// Quotes `text`. A NUL cannot be in an argument or a variable: it is left out.
    pub fn new(text: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-+./:,@%=".contains(c);
        // `=` first or `A=` before a command would be an assignment; as a value or an argument it is a word like any other.
        if !text.is_empty() && text.chars().all(plain) {
            return Self(text.to_owned());
        }
        if !text.chars().any(hides) {
            return Self(format!("'{}'", text.replace('\'', r"'\''")));
        }
        let mut word = String::from("$'");
        for c in text.chars() {
            match c {
                '\0' => {}
                '\n' => word.push_str("\\n"),
                '\t' => word.push_str("\\t"),
                '\r' => word.push_str("\\r"),
                '\'' => word.push_str("\\'"),
                '\\' => word.push_str("\\\\"),
                // Three digits, so that a digit after it is none of its own. `\u` would go through the locale.
                c if c.is_ascii() && hides(c) => word.push_str(&format!("\\{:03o}", u32::from(c))),
                // Its bytes, for the same reason: in the locale C, bash does not know `\u202e`.
                c if hides(c) => {
                    let mut bytes = [0; 4];
                    for byte in c.encode_utf8(&mut bytes).bytes() {
                        word.push_str(&format!("\\{byte:03o}"));
                    }
                }
                c => word.push(c),
            }
        }
        word.push('\'');
        Self(word)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShellWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a reader would not see the character, or see others in another order.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202f}'
                | '\u{205f}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

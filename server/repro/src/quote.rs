//! Untrusted text made harmless: each type's only constructors quote, so a template cannot take a log's text as it is.

use std::fmt;

use serde::{Serialize, Serializer};

/// A word of bash: quoted, whatever it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellWord(String);

/// Text inside a Python docstring that `"""` delimits: one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocText(String);

/// Text of one line of a comment, in bash, Python or Markdown alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentText(String);

/// Markdown: one line of inline code, a fenced block, or escaped prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MdText(String);

impl ShellWord {
    pub fn new(text: &str) -> Self {
        // NUL cannot be in an environment or an argument.
        let text = text.replace('\0', "");
        if text.is_empty() {
            return Self("''".to_owned());
        }
        let is_bare = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@%=".contains(c);
        if text.chars().all(is_bare) && !text.starts_with(['=', '~']) {
            return Self(text);
        }
        if text.chars().any(is_unseen) {
            return Self(ansi_c(&text));
        }
        // In single quotes they look like a mistake, to shellcheck and to people; a quote of that kind ends them.
        if text.contains(['$', '`', '\'', '\\']) {
            return Self(format!("\"{}\"", in_double_quotes(&text, false)));
        }
        Self(format!("'{text}'"))
    }

    /// `"${NAME:-value}"`: what the caller has set wins. `None` where the value cannot stand there as a person would write it.
    pub fn default_of(name: &str, value: &str) -> Option<Self> {
        if !is_name(name) || value.contains('\0') || value.chars().any(is_unseen) {
            return None;
        }
        Some(Self(format!(
            "\"${{{name}:-{}}}\"",
            in_double_quotes(value, true)
        )))
    }

    /// The value with each of `folders`, where it stands as a whole path or as the start of one, replaced by `$variable`.
    pub fn with_folders(value: &str, folders: &[String], variable: &str) -> Option<Self> {
        if !is_name(variable) || value.contains('\0') || value.chars().any(is_unseen) {
            return None;
        }
        let mut folders: Vec<String> = folders
            .iter()
            .map(|folder| folder.trim_end_matches('/'))
            .filter(|folder| value.contains(folder))
            .map(regex::escape)
            .filter(|folder| folder.len() > 1)
            .collect();
        if folders.is_empty() {
            return None;
        }
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.len()));
        let pattern = regex::Regex::new(&folders.join("|")).ok()?;
        let mut quoted = String::new();
        let mut copied = 0;
        let mut replaced = false;
        for found in pattern.find_iter(value) {
            let before = value[..found.start()].chars().next_back();
            let after = value[found.end()..].chars().next();
            if before.is_some_and(is_path_char) && !is_after_flag(&value[..found.start()])
                || after.is_some_and(|c| c != '/' && is_path_char(c))
            {
                continue;
            }
            quoted.push_str(&in_double_quotes(&value[copied..found.start()], false));
            // `${X}` reads better as `$X` where nothing that could belong to the name follows.
            if matches!(after, None | Some('/' | ':')) {
                quoted.push_str(&format!("${variable}"));
            } else {
                quoted.push_str(&format!("${{{variable}}}"));
            }
            copied = found.end();
            replaced = true;
        }
        quoted.push_str(&in_double_quotes(&value[copied..], false));
        replaced.then(|| Self(format!("\"{quoted}\"")))
    }

    /// The path `relative` below the folder that `variable` holds.
    pub fn below(variable: &str, relative: &str) -> Self {
        let relative = relative.replace('\0', "");
        if relative.is_empty() {
            Self(format!("\"${variable}\""))
        } else if relative.chars().any(is_unseen) {
            Self(format!("\"${variable}\"/{}", ansi_c(&relative)))
        } else {
            Self(format!(
                "\"${variable}/{}\"",
                in_double_quotes(&relative, false)
            ))
        }
    }

    /// `"${NAME:+$NAME/folder}"`: a folder below the caller's, nothing where the caller has not set it.
    pub fn below_callers(name: &'static str, folder: &'static str) -> Self {
        match folder {
            "" => Self(format!("\"${{{name}:-}}\"")),
            folder => Self(format!("\"${{{name}:+${name}{folder}}}\"")),
        }
    }

    /// Two words as one.
    pub fn then(self, next: &Self) -> Self {
        match (self.0.strip_suffix('"'), next.0.strip_prefix('"')) {
            (Some(first), Some(second)) if is_one_quoted(&self.0) && is_one_quoted(&next.0) => {
                Self(format!("{first}{second}"))
            }
            _ => Self(format!("{}{}", self.0, next.0)),
        }
    }

    /// The word, and after it what the caller has in `name`, if anything.
    pub fn before_callers(self, name: &str, separator: char) -> Self {
        debug_assert!(is_name(name) && ":, ".contains(separator));
        let bare = self.0.trim_matches('\'');
        let is_plain = !bare.contains(['"', '\'', '\\', '$', '`']);
        let first = match is_plain {
            true => Self(format!("\"{bare}\"")),
            false => self,
        };
        first.then(&Self(format!("\"${{{name}:+{separator}${name}}}\"")))
    }

    /// `"${NAME:?set NAME: ...}"`: the script ends with that sentence if the caller has not set it.
    pub fn required(name: &str, sentence: &'static str) -> Option<Self> {
        is_name(name).then(|| Self(format!("\"${{{name}:?set {name}: {sentence}}}\"")))
    }
}

impl DocText {
    /// The same for a raw docstring (`r"""`), in which a backslash is one.
    pub fn raw(text: &str, longest: usize) -> Self {
        let text = one_line(text, longest).replace("\"\"\"", "'''");
        Self(match text.ends_with(['"', '\\']) {
            true => format!("{text} "),
            false => text,
        })
    }

    /// At most `longest` characters, of which a mark says that there were more.
    pub fn new(text: &str, longest: usize) -> Self {
        let text = one_line(text, longest);
        // No backslash and no quote is left that could end the docstring or escape its end.
        let text = text.replace('\\', r"\\").replace("\"\"\"", r#"\"\"\""#);
        Self(match text.strip_suffix('"') {
            Some(rest) => format!("{rest}\\\""),
            None => text,
        })
    }
}

impl CommentText {
    pub fn new(text: &str, longest: usize) -> Self {
        Self(one_line(text, longest))
    }
}

impl MdText {
    /// Inline code.
    pub fn code(text: &str) -> Self {
        let text = one_line(text, 400);
        if text.is_empty() {
            return Self("(empty)".to_owned());
        }
        let ticks = "`".repeat(longest_run(&text, '`') + 1);
        let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
            " "
        } else {
            ""
        };
        Self(format!("{ticks}{pad}{text}{pad}{ticks}"))
    }

    /// Inline code in a table, whose cells end at `|`, also inside code.
    pub fn cell(text: &str) -> Self {
        Self(Self::code(text).0.replace('|', r"\|"))
    }

    /// A fenced block.
    pub fn block(text: &str, language: &'static str) -> Self {
        let visible: String = text
            .lines()
            .take(60)
            .map(|line| {
                let content = line.trim_start_matches(' ');
                let indent = " ".repeat((line.len() - content.len()).min(80));
                format!("{indent}{}\n", one_line(content, 400))
            })
            .collect();
        let fence = "`".repeat(longest_run(&visible, '`').max(2) + 1);
        Self(format!("{fence}{language}\n{visible}{fence}"))
    }

    /// Prose with every character that Markdown or HTML reads escaped.
    pub fn prose(text: &str) -> Self {
        let mut escaped = String::new();
        for c in one_line(text, 400).chars() {
            match c {
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '&' => escaped.push_str("&amp;"),
                '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' | '$' => {
                    escaped.push('\\');
                    escaped.push(c);
                }
                c => escaped.push(c),
            }
        }
        Self(escaped)
    }
}

macro_rules! quoted {
    ($($name:ident),*) => {$(
        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )*};
}
quoted!(ShellWord, DocText, CommentText, MdText);

/// Whether it is one pair of double quotes and what is in them.
fn is_one_quoted(word: &str) -> bool {
    let Some(inner) = word
        .strip_prefix('"')
        .and_then(|word| word.strip_suffix('"'))
    else {
        return false;
    };
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            '"' if !escaped => return false,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    !escaped
}

/// Whether bash takes it as a variable's name.
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// One line without anything that a person cannot see, cut at `longest` characters.
pub fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for (count, c) in text.trim().chars().enumerate() {
        if count >= longest {
            line.push_str("...");
            break;
        }
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            c if is_unseen(c) => line.push_str(&c.escape_unicode().to_string().replace('\\', "")),
            c => line.push(c),
        }
    }
    line.trim_end().to_owned()
}

/// Control characters (line ends and tabs too), and those that change how the text around them is shown.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

fn ansi_c(text: &str) -> String {
    let mut quoted = "$'".to_owned();
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str(r"\n"),
            '\t' => quoted.push_str(r"\t"),
            '\r' => quoted.push_str(r"\r"),
            '\'' => quoted.push_str(r"\'"),
            '\\' => quoted.push_str(r"\\"),
            c if is_unseen(c) => {
                let mut buffer = [0; 4];
                // Bytes in octal, three digits each: a digit that follows cannot join in.
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    quoted.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// `brace`: inside `${NAME:-...}`, where a `}` would end it.
fn in_double_quotes(text: &str, brace: bool) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') || (brace && c == '}') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

/// Whether the text ends in a flag of one letter that takes a path at once: `-I/usr`.
fn is_after_flag(text: &str) -> bool {
    let mut back = text.chars().rev();
    back.next().is_some_and(|c| c.is_ascii_alphabetic())
        && back.next() == Some('-')
        && back.next().is_none_or(char::is_whitespace)
}

fn is_path_char(c: char) -> bool {
    c.is_alphanumeric() || "_-./+~@".contains(c)
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_needed() {
        for (text, word) in [
            ("a/b:c", "a/b:c"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", "\"it's\""),
            ("$(rm -rf /)`x`", r#""\$(rm -rf /)\`x\`""#),
            ("a\nb", r"$'a\nb'"),
            ("\u{202e}x\u{1b}1", r"$'\342\200\256x\0331'"),
            ("~root", "'~root'"),
        ] {
            assert_eq!(ShellWord::new(text).as_str(), word);
        }
    }

    #[test]
    fn folders_of_ci_become_the_workspace() {
        let folders = ["/w/repo".to_owned()];
        let word = |value| ShellWord::with_folders(value, &folders, "W").map(|word| word.0);
        assert_eq!(
            word("/w/repo/src:/w/repo").as_deref(),
            Some("\"$W/src:$W\"")
        );
        assert_eq!(word("/w/repository"), None);
        assert_eq!(word("x/w/repo"), None);
        assert_eq!(
            word("-O2 -I/w/repo/a$b").as_deref(),
            Some("\"-O2 -I$W/a\\$b\"")
        );
    }

    #[test]
    fn docstrings_cannot_be_left() {
        assert_eq!(DocText::new("a\"\"\"b\\", 80).as_str(), r#"a\"\"\"b\\"#);
        assert_eq!(DocText::new("say \"hi\"", 80).as_str(), r#"say "hi\""#);
        assert_eq!(DocText::new("abcdef", 3).as_str(), "abc...");
    }

    #[test]
    fn markdown_stays_text() {
        assert_eq!(MdText::code("a`b|c").as_str(), "``a`b|c``");
        assert_eq!(MdText::cell("a`b|c").as_str(), r"``a`b\|c``");
        assert_eq!(
            MdText::prose("<img> *x* [y](z)").as_str(),
            r"&lt;img&gt; \*x\* \[y\](z)"
        );
        assert_eq!(
            MdText::block("x\n```\ny", "text").as_str(),
            "````text\nx\n```\ny\n````"
        );
    }
}

//! Text of logs as Markdown: whatever it holds, it is shown and never read as markup.

/// Plain text within a line: what could start markup there is escaped, and nothing else, as some clients show the source.
pub(crate) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>&|~#!$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

/// Text in code quotes on one line, with as many backticks as it takes.
pub(crate) fn code(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let quotes = "`".repeat(longest_run(&line) + 1);
    let line = line.trim();
    // A backtick at a side would join the quotes; a space there is taken off again.
    let is_open = line.is_empty() || line.starts_with('`') || line.ends_with('`');
    let space = if is_open { " " } else { "" };
    format!("{quotes}{space}{line}{space}{quotes}")
}

/// Text as a code block, fenced by more backticks than it holds.
pub(crate) fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let text: String = text
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect();
    format!("{fence}{language}\n{text}\n{fence}\n\n")
}

/// A cell of a table.
pub(crate) fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(text("a*b_[c]"), "a\\*b\\_\\[c\\]");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(block("text", "x\n```\ny"), "````text\nx\n```\ny\n````\n\n");
        assert_eq!(cell("a|b"), "`a\\|b`");
    }
}

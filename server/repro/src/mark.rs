//! The mark of the failing line, put where it cannot change what the code means.

use crate::MARK;

/// The code with the mark at the end of the 0-based line, or above it where a comment cannot stand at its end.
pub(crate) fn mark(code: &str, line: Option<u32>) -> String {
    let Some(line) = line.map(|line| line as usize) else {
        return code.to_owned();
    };
    let lines: Vec<&str> = code.split_inclusive('\n').collect();
    let Some(marked) = lines.get(line) else {
        return code.to_owned();
    };
    let states = states(&lines);
    let content = marked.trim_end_matches(['\n', '\r']);
    // A docstring's example is code too.
    let is_example = content.trim_start().starts_with(">>> ");
    if is_example || states.get(line + 1) == Some(&State::Code) {
        let end = &marked[content.len()..];
        let before: String = lines[..line].concat();
        let after: String = lines[line + 1..].concat();
        return format!("{before}{}  {MARK}{end}{after}", content.trim_end());
    }
    // Above the statement: at the next line up that no string and no backslash has begun before.
    let above = (0..=line)
        .rev()
        .find(|&at| states.get(at) == Some(&State::Code))
        .unwrap_or(0);
    let indent = &content[..content.len() - content.trim_start().len()];
    let before: String = lines[..above].concat();
    let after: String = lines[above..].concat();
    format!("{before}{indent}{MARK}\n{after}")
}

/// What a line begins in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Code,
    /// In a string that began before, or after a backslash.
    Within,
}

/// The state at the start of each line, and at the end.
fn states(lines: &[&str]) -> Vec<State> {
    let mut states = Vec::with_capacity(lines.len() + 1);
    // The open string's quote, and whether it is one of three.
    let mut open: Option<(u8, bool)> = None;
    let mut continued = false;
    for line in lines {
        states.push(if open.is_some() || continued {
            State::Within
        } else {
            State::Code
        });
        continued = false;
        let bytes = line.trim_end_matches(['\n', '\r']).as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match open {
                Some(_) if byte == b'\\' => at += 1,
                Some((quote, true)) if bytes[at..].starts_with(&[quote; 3]) => {
                    open = None;
                    at += 2;
                }
                Some((quote, false)) if byte == quote => open = None,
                Some(_) => {}
                None => match byte {
                    b'#' => break,
                    b'\\' if at + 1 == bytes.len() => continued = true,
                    b'"' | b'\'' => {
                        let long = bytes[at..].starts_with(&[byte; 3]);
                        open = Some((byte, long));
                        at += if long { 2 } else { 0 };
                    }
                    _ => {}
                },
            }
            at += 1;
        }
        // A short string ends with its line, unless a backslash takes it on.
        if let Some((_, false)) = open
            && !bytes.ends_with(b"\\")
        {
            open = None;
        }
    }
    states.push(if open.is_some() || continued {
        State::Within
    } else {
        State::Code
    });
    states
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(code: &str, line: u32, expected: Expect) {
        expected.assert_eq(&mark(code, Some(line)));
    }

    #[test]
    fn a_comment_never_gets_into_a_string() {
        check(
            "def f():\n    g('#')\n",
            1,
            expect![[r#"
            def f():
                g('#')  # <- fails here
        "#]],
        );
        check(
            "def f():\n    g(  # why\n        1)\n",
            1,
            expect![[r#"
            def f():
                g(  # why  # <- fails here
                    1)
        "#]],
        );
        check(
            "def f():\n    g('''a\n  # b''')\n",
            1,
            expect![[r#"
            def f():
                # <- fails here
                g('''a
              # b''')
        "#]],
        );
        check(
            "def f():\n    assert 1 == \\\n        2\n",
            1,
            expect![[r#"
            def f():
                # <- fails here
                assert 1 == \
                    2
        "#]],
        );
        check(
            "x = '''\na\n'''\nf(\"\\\"\")\n",
            3,
            expect![[r#"
            x = '''
            a
            '''
            f("\"")  # <- fails here
        "#]],
        );
        check(
            "def f():\n    r\"\"\"\n    >>> g()\n    1\n    \"\"\"\n",
            2,
            expect![[r#"
            def f():
                r"""
                >>> g()  # <- fails here
                1
                """
        "#]],
        );
        check("f()", 0, expect!["f()  # <- fails here"]);
        check(
            "f()\n",
            9,
            expect![[r#"
            f()
        "#]],
        );
    }
}

use repro::FolderFile;
use text::Span;

use crate::finding::{Edit, Fix};
use crate::rule::{Findings, Rule};
use crate::view::View;

rule! {
    /// `run_test.sh` does not start with a bash shebang.
    ///
    /// ## Why
    /// Without it the caller's shell reads the script, and `pipefail` or arrays fail there.
    ///
    /// ## Example
    /// ```repro
    /// //- run_test.sh
    /// set -euo pipefail
    /// ^^^^^^^^^^^^^^^^^ RUN003: the script has no bash shebang; add `#!/usr/bin/env bash` as its first line
    /// ```
    ///
    /// ## Fine
    /// ```repro
    /// //- run_test.sh
    /// #!/usr/bin/env -S bash -e
    /// set -uo pipefail
    /// ```
    NoShebang = "RUN003", "no-shebang", Warning
}

const SHEBANG: &str = "#!/usr/bin/env bash";

impl Rule for NoShebang {
    fn check(&self, subject: &View<'_>, findings: &mut Findings<'_>) {
        let Some(script) = &subject.folder.script else {
            return;
        };
        if let Some((place, message, fix)) = hidden(script) {
            findings.push(&script.path, place, message, Some(fix));
            return;
        }
        let first_line = script.text.lines().next().unwrap_or_default();
        let line = Span::new(0, first_line.len());
        let edit = |span, text| Edit {
            path: script.path.clone(),
            span,
            text,
        };
        let (message, edit) = match first_line.strip_prefix("#!") {
            Some(interpreter) if names_bash(interpreter) => return,
            Some(interpreter) => (
                format!(
                    "the script is run by `{}`, but it is written for bash; use `{SHEBANG}`",
                    interpreter.trim()
                ),
                edit(line, SHEBANG.to_owned()),
            ),
            None => (
                format!("the script has no bash shebang; add `{SHEBANG}` as its first line"),
                edit(Span::at(0), format!("{SHEBANG}\n")),
            ),
        };
        let fix = Fix {
            title: format!("Use {SHEBANG}"),
            safe: true,
            edits: vec![edit],
            action: None,
        };
        findings.push(&script.path, line, message, Some(fix));
    }
}

/// What hides a shebang from the system: it looks for `#!` as the first bytes, and for a program named `bash\r`.
fn hidden(script: &FolderFile) -> Option<(Span, &'static str, Fix)> {
    let text = &*script.text;
    if let Some(rest) = text
        .strip_prefix('\u{feff}')
        .filter(|it| it.starts_with("#!"))
    {
        let mark = Span::new(0, text.len() - rest.len());
        let message = "a byte order mark stands before the shebang, so that it is none; remove it";
        let fix = Fix::edit("Remove the byte order mark", true, &script.path, mark, "");
        return Some((mark, message, fix));
    }
    let (first, _) = text.strip_prefix("#!")?.split_once("\r\n")?;
    if first.contains('\n') {
        return None;
    }
    let message = "lines end in CR LF, so that the system looks for `bash\\r`; let them end in LF";
    let whole = Span::new(0, text.len());
    let fix = Fix::edit(
        "Let lines end in LF",
        true,
        &script.path,
        whole,
        text.replace("\r\n", "\n"),
    );
    Some((Span::new(0, 2 + first.len()), message, fix))
}

/// Whether a shebang's text runs bash: `/bin/bash`, `/usr/bin/env bash`, `/usr/bin/env -S bash -e`.
fn names_bash(interpreter: &str) -> bool {
    interpreter
        .split_whitespace()
        .take(3)
        .any(|word| word.rsplit('/').next() == Some("bash"))
}

#[cfg(test)]
mod tests {
    use crate::testing::check_fix;
    use expect_test::expect;

    #[test]
    fn what_windows_editors_add() {
        for start in ["\u{feff}#!/bin/bash\n", "#!/bin/bash\r\n"] {
            check_fix(
                "RUN003",
                &format!("//- run_test.sh\n{start}pytest a_repro.py\n"),
                expect![[r#"
                    #!/bin/bash
                    pytest a_repro.py
                "#]],
            );
        }
    }
}

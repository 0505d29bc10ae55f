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

/// Whether a shebang's text runs bash: `/bin/bash`, `/usr/bin/env bash`, `/usr/bin/env -S bash -e`.
fn names_bash(interpreter: &str) -> bool {
    interpreter
        .split_whitespace()
        .take(3)
        .any(|word| word.rsplit('/').next() == Some("bash"))
}

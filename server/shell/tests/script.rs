//! What a `run_test.sh` does: its shebang, what it exports, and what becomes of pytest's exit status.

use expect_test::{Expect, expect};
use reprolens_shell as shell;
use shell::script::{after_failure, inspect};
use shell::{Command, Context, pytest_command};

fn context() -> Context<'static> {
    Context {
        env: &[],
        arguments: &[],
        cwd: None,
        read: &|_| None,
    }
}

fn is_pytest(command: &Command) -> bool {
    pytest_command(command).is_some()
}

/// The exit status and where the script ends when pytest fails, and what still runs.
#[track_caller]
fn check_status(script: &str, expect: Expect) {
    let after = after_failure(script, Some("./run_test.sh"), &context(), &is_pytest);
    let text = match after {
        None => "no pytest".to_owned(),
        Some(after) => {
            let rest: Vec<&str> = after.commands.iter().map(|it| it.source.as_str()).collect();
            let end = after.ended_at.map_or("the end", |span| span.of(script));
            format!(
                "{:?} at {end}; then {rest:?}; reads {}",
                after.status,
                after.status_reads.len()
            )
        }
    };
    expect.assert_eq(&text);
}

#[test]
fn last_command() {
    check_status(
        "set -e\ncd x\npytest \"$@\"\n",
        expect![[r#"EndsThere at pytest "$@"; then []; reads 0"#]],
    );
    check_status(
        "pytest \"$@\"\n",
        expect!["Kept at the end; then []; reads 0"],
    );
}

#[test]
fn status_kept_in_a_variable() {
    check_status(
        "set +e\npytest -x\nTEST_RESULT=$?\nif [ $TEST_RESULT -eq 0 ]; then echo PASSED; else echo FAILED; fi\nexit $TEST_RESULT\n",
        expect![[
            r#"Kept at exit $TEST_RESULT; then ["echo FAILED", "exit $TEST_RESULT"]; reads 1"#
        ]],
    );
    check_status(
        "status=0\npytest || status=$?\necho $status\nexit \"$status\"",
        expect![[r#"Kept at exit "$status"; then ["echo $status", "exit \"$status\""]; reads 1"#]],
    );
}

#[test]
fn dead_code_after_set_e() {
    check_status(
        "set -euo pipefail\npytest -x\nTEST_RESULT=$?\nexit $TEST_RESULT\n",
        expect!["EndsThere at pytest -x; then []; reads 0"],
    );
}

#[test]
fn lost_in_a_pipe() {
    check_status(
        "set -e\npytest | tee log\n",
        expect![[r#"Lost at the end; then ["tee log"]; reads 0"#]],
    );
    check_status(
        "set -eo pipefail\npytest | tee log\necho done\n",
        expect![[r#"EndsThere at pytest | tee log; then ["tee log"]; reads 0"#]],
    );
    check_status(
        "pytest | tee log\nexit ${PIPESTATUS[0]}",
        expect![[
            r#"Kept at exit ${PIPESTATUS[0]}; then ["tee log", "exit ${PIPESTATUS[0]}"]; reads 1"#
        ]],
    );
}

#[test]
fn lost_by_what_follows() {
    check_status(
        "pytest\necho done\n",
        expect![[r#"Lost at the end; then ["echo done"]; reads 0"#]],
    );
    check_status(
        "set -e\npytest || true\n",
        expect!["Lost at the end; then []; reads 0"],
    );
    check_status(
        "pytest || exit 1\n",
        expect![[r#"Replaced(1) at exit 1; then ["exit 1"]; reads 0"#]],
    );
    check_status(
        "if pytest; then echo ok; else echo no; exit 1; fi\n",
        expect![[r#"Replaced(1) at exit 1; then ["echo no", "exit 1"]; reads 0"#]],
    );
    check_status(
        "if ! pytest; then echo no; fi\n",
        expect![[r#"Lost at the end; then ["echo no"]; reads 0"#]],
    );
    check_status(
        "pytest &\nwait\n",
        expect![[r#"Lost at the end; then ["wait"]; reads 0"#]],
    );
}

#[test]
fn in_a_function_under_a_trap() {
    check_status(
        "set -e\ncleanup() { rm -rf x; }\ntrap cleanup EXIT\nrun() { timeout 60 python -m pytest \"$@\"; }\nrun \"$@\"\necho never\n",
        expect![[r#"EndsThere at timeout 60 python -m pytest "$@"; then ["rm -rf x"]; reads 0"#]],
    );
    check_status(
        "#!/bin/bash -e\n[ -d venv ] && . venv/bin/activate\nexec pytest\n",
        expect!["Kept at the end; then []; reads 0"],
    );
    check_status("echo nothing\n", expect!["no pytest"]);
}

#[test]
fn a_whole_script() {
    let text = r#"#!/usr/bin/env bash
set -euo pipefail
SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export HOME_DIR="${HOME_DIR:-/work}"
export TOKEN="${TOKEN:?set it}"
MODE=fast
export MODE
for candidate in "${VIRTUAL_ENV:-}" .venv venv; do
  if [[ -f "$candidate/bin/activate" ]]; then
    source "$candidate/bin/activate"
    break
  fi
done
cd "$SCRIPT_DIR"
pytest tests/test_x_repro.py "$@"
"#;
    let script = inspect(text, Some("/r/x/run_test.sh"), &context());
    let shebang = script.shebang.as_ref().map(|it| it.is_bash());
    let mut out = format!("bash: {shebang:?}\n");
    for it in script.exports() {
        out += &format!(
            "{} = {:?} overridable {} `{}`\n",
            it.name,
            it.value,
            it.overridable,
            it.value_span.of(text)
        );
    }
    for it in script.activations() {
        out += &format!("activates {}\n", it.source);
    }
    for it in script.forwards() {
        out += &format!("forwards {}\n", it.span.of(text));
    }
    for it in &script.reads {
        out += &format!("reads {} {:?} `{}`\n", it.name, it.kind, it.span.of(text));
    }
    let last = script
        .evaluation
        .commands
        .last()
        .expect("there are commands");
    out += &format!("{} in {:?}, {:?}\n", last.source, last.cwd, last.options);
    expect![[r#"
        bash: Some(true)
        HOME_DIR = Known("/work") overridable true `"${HOME_DIR:-/work}"`
        TOKEN = Unresolved("\"${TOKEN:?set it}\"") overridable false `"${TOKEN:?set it}"`
        MODE = Known("fast") overridable false `fast`
        activates source "$candidate/bin/activate"
        forwards $@
        reads BASH_SOURCE Plain `${BASH_SOURCE[0]}`
        reads HOME_DIR Default `${HOME_DIR:-/work}`
        reads TOKEN Required `${TOKEN:?set it}`
        reads VIRTUAL_ENV Default `${VIRTUAL_ENV:-}`
        reads candidate Plain `$candidate`
        reads candidate Plain `$candidate`
        reads SCRIPT_DIR Plain `$SCRIPT_DIR`
        reads @ Plain `$@`
        pytest tests/test_x_repro.py "$@" in Some("/r/x"), ShellOptions { errexit: true, pipefail: true, nounset: true, allexport: false, xtrace: false }
    "#]].assert_eq(&out);
}

#[test]
fn pytest_is_seen_however_it_is_run() {
    let forms = [
        "cmd=(python -m pytest -x)\n\"${cmd[@]}\" t.py \"$@\"",
        "cmd=(pytest)\ncommand -v pytest >/dev/null || cmd=(python3 -m pytest)\n\"${cmd[@]}\" t.py",
        "cmd=(pytest)\nif ! command -v pytest; then cmd=(python3 -m pytest); fi\n${cmd[@]} t.py",
        "limit=()\nif command -v timeout; then limit=(timeout --kill-after=10 \"${S:-9}\"); fi\n\"${limit[@]}\" pytest t.py",
        "run() { timeout 60 pytest \"$@\"; }\nrun t.py",
        "exec pytest t.py",
        "if ! pytest t.py; then exit 1; fi",
        "timeout 60 pytest t.py || exit 1",
        "bash -c 'pytest t.py'",
        "timeout 60 bash -c \"cd x && pytest t.py\"",
        "command pytest t.py",
        "PYTHON=\"${PYTHON:-python3}\"\n\"$PYTHON\" -m pytest t.py",
        "\"$PYTHON\" -m pytest t.py",
        "$(command -v python3) -m pytest t.py",
        "uv run pytest t.py",
        "uv run --with pytest -- pytest t.py",
        "PYTEST=pytest\n$PYTEST t.py",
        "PYTEST=\"python -m pytest\"\n$PYTEST t.py",
        "PYTEST=\"${PYTEST:-pytest}\"\n\"$PYTEST\" t.py",
        "CMD=\"pytest t.py\"\neval \"$CMD\"",
        "env \"A=$B\" pytest t.py",
        "vars=(A=1 \"B=$X\")\nenv \"${vars[@]}\" timeout 9 pytest t.py",
        "for t in t.py; do pytest $t; done",
        "(cd x; pytest t.py)",
        "{ pytest t.py; } 2>&1 | tee log",
        "time pytest t.py",
        "! pytest t.py",
        "while ! pytest t.py; do :; done",
        "status=0; pytest t.py || status=$?",
        "out=$(pytest t.py 2>&1)",
        "main() { local args=(\"$@\"); python -m pytest \"${args[@]}\"; }\nmain t.py",
        "docker exec box pytest t.py",
        "conda run -n env pytest t.py",
        "./venv/bin/pytest t.py",
        "stdbuf -oL pytest t.py &\nwait $!",
        "case $1 in a) pytest t.py;; esac",
        "set -- -x \"$@\"\npytest t.py \"$@\"",
        "nohup python3 -u -m pytest t.py > log &",
        "trap 'echo done' EXIT\npytest t.py",
        "xargs -a list pytest",
        "sudo -E env PATH=\"$PATH\" pytest t.py",
        "cat <<EOF\npytest other.py\nEOF\npytest t.py",
        "function go { pytest t.py; }; go",
    ];
    let seen = forms.map(|form| {
        let script = inspect(form, Some("/repro/run_test.sh"), &context());
        let commands = script.evaluation.commands.iter();
        let pytest: Vec<String> = commands
            .filter_map(|command| Some(pytest_command(command)?.words().join(" ")))
            .collect();
        format!("{:50} -> {}", form.replace('\n', "; "), pytest.join(" | "))
    });
    expect![[r#"
        cmd=(python -m pytest -x); "${cmd[@]}" t.py "$@"   -> python -m pytest -x t.py
        cmd=(pytest); command -v pytest >/dev/null || cmd=(python3 -m pytest); "${cmd[@]}" t.py -> python3 -m pytest t.py
        cmd=(pytest); if ! command -v pytest; then cmd=(python3 -m pytest); fi; ${cmd[@]} t.py -> python3 -m pytest t.py
        limit=(); if command -v timeout; then limit=(timeout --kill-after=10 "${S:-9}"); fi; "${limit[@]}" pytest t.py -> timeout --kill-after=10 9 pytest t.py
        run() { timeout 60 pytest "$@"; }; run t.py        -> timeout 60 pytest t.py
        exec pytest t.py                                   -> exec pytest t.py
        if ! pytest t.py; then exit 1; fi                  -> pytest t.py
        timeout 60 pytest t.py || exit 1                   -> timeout 60 pytest t.py
        bash -c 'pytest t.py'                              -> pytest t.py
        timeout 60 bash -c "cd x && pytest t.py"           -> pytest t.py
        command pytest t.py                                -> command pytest t.py
        PYTHON="${PYTHON:-python3}"; "$PYTHON" -m pytest t.py -> python3 -m pytest t.py
        "$PYTHON" -m pytest t.py                           -> "$PYTHON" -m pytest t.py
        $(command -v python3) -m pytest t.py               -> $(command -v python3) -m pytest t.py
        uv run pytest t.py                                 -> uv run pytest t.py
        uv run --with pytest -- pytest t.py                -> uv run --with pytest -- pytest t.py
        PYTEST=pytest; $PYTEST t.py                        -> pytest t.py
        PYTEST="python -m pytest"; $PYTEST t.py            -> python -m pytest t.py
        PYTEST="${PYTEST:-pytest}"; "$PYTEST" t.py         -> pytest t.py
        CMD="pytest t.py"; eval "$CMD"                     -> pytest t.py
        env "A=$B" pytest t.py                             -> env "A=$B" pytest t.py
        vars=(A=1 "B=$X"); env "${vars[@]}" timeout 9 pytest t.py -> env A=1 "B=$X" timeout 9 pytest t.py
        for t in t.py; do pytest $t; done                  -> pytest t.py
        (cd x; pytest t.py)                                -> pytest t.py
        { pytest t.py; } 2>&1 | tee log                    -> pytest t.py
        time pytest t.py                                   -> time pytest t.py
        ! pytest t.py                                      -> pytest t.py
        while ! pytest t.py; do :; done                    -> pytest t.py
        status=0; pytest t.py || status=$?                 -> pytest t.py
        out=$(pytest t.py 2>&1)                            -> pytest t.py
        main() { local args=("$@"); python -m pytest "${args[@]}"; }; main t.py -> python -m pytest t.py
        docker exec box pytest t.py                        -> docker exec box pytest t.py
        conda run -n env pytest t.py                       -> conda run -n env pytest t.py
        ./venv/bin/pytest t.py                             -> ./venv/bin/pytest t.py
        stdbuf -oL pytest t.py &; wait $!                  -> stdbuf -oL pytest t.py
        case $1 in a) pytest t.py;; esac                   -> 
        set -- -x "$@"; pytest t.py "$@"                   -> pytest t.py -x
        nohup python3 -u -m pytest t.py > log &            -> nohup python3 -u -m pytest t.py
        trap 'echo done' EXIT; pytest t.py                 -> pytest t.py
        xargs -a list pytest                               -> xargs -a list pytest
        sudo -E env PATH="$PATH" pytest t.py               -> sudo -E env PATH="$PATH" pytest t.py
        cat <<EOF; pytest other.py; EOF; pytest t.py       -> pytest t.py
        function go { pytest t.py; }; go                   -> pytest t.py"#]].assert_eq(&seen.join("\n"));
}

"""CI configuration and reprolens' own configuration in the editor."""

import shutil
import subprocess

from editor import REPO, Editor
from example import FILES, ROOT


def line(path, text):
    return next(number for number, each in enumerate(path.read_text().splitlines()) if text in each)


def at(path, text):
    number = line(path, text)
    column = path.read_text().splitlines()[number].index(text)
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": number, "character": column}}


def hovered(editor, path, text):
    found = editor.ask("textDocument/hover", at(path, text))["result"]
    return found and found["contents"]["value"]


def referenced(editor, path, text):
    params = {**at(path, text), "context": {"includeDeclaration": True}}
    found = editor.ask("textDocument/references", params)["result"] or []
    return [(each["uri"], each["range"]["start"]["line"]) for each in found]


def test_a_workflow_knows_its_failures_and_its_repros(tmp_path):
    workspace = tmp_path / "minitensor"
    shutil.copytree(REPO / "tests/examples/minitensor", workspace)
    subprocess.run(["git", "init", "-q", workspace], check=True)
    log = workspace / "logs/unit-tests-blackhole.log"
    workflow = next(path for path in (workspace / ".github/workflows").iterdir() if "ARCH_NAME" in path.read_text())
    editor = Editor(workspace, {"views": True, "trusted": False})
    editor.open(workflow)
    assert editor.lenses(workflow) == []
    editor.open(log)
    (place, command), = editor.lenses(workflow)
    assert command["title"] == "Failed in CI (2 failures, unit-tests-blackhole.log): generate minimal repros"
    job = workflow.read_text().splitlines()[place].strip()
    assert job.endswith(":"), job
    assert "- log `unit-tests-blackhole.log`: `blackhole`" in hovered(editor, workflow, "ARCH_NAME")
    assert referenced(editor, workflow, "ARCH_NAME") == []
    done = editor.job_done(editor.execute(command["command"].removeprefix("reprolens."), *command["arguments"])["job"])
    script = next((workspace / ROOT).glob("*/run_test.sh"))
    name = script.parent.name
    assert done["folder"] == script.parent.as_uri()
    assert [each["title"] for _, each in editor.lenses(workflow)][1:] == [f"Verify {name} (never run)"]
    assert f"- repro `{name}`: `blackhole`; run_test.sh sets `blackhole`" in hovered(editor, workflow, "ARCH_NAME")
    exported = (script.as_uri(), line(script, "export ARCH_NAME="))
    assert referenced(editor, workflow, "ARCH_NAME") == [exported, (workflow.as_uri(), line(workflow, "ARCH_NAME"))]
    # From the script too.
    editor.open(script)
    assert referenced(editor, script, "ARCH_NAME=") == [exported]
    # What the job gets from a script that it calls.
    called = workspace / "tests/scripts/run_unit_tests.sh"
    editor.open(called)
    assert f"repro `{name}`" in hovered(editor, called, "MINITENSOR_FAST_DISPATCH")
    # A line that sets nothing.
    assert hovered(editor, workflow, "jobs:") is None
    assert editor.end() == 0


def test_a_configuration_that_cannot_be_used_is_a_problem_where_it_stands(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    own = tmp_path / "reprolens.toml"
    own.write_text("max-lines = 40\nmaxlines = 30\n")
    editor = Editor(tmp_path)

    def problem(wanted):
        with editor.changed:
            found = lambda: wanted(editor.published.get(own.as_uri(), (None, []))[1])  # noqa: E731
            assert editor.changed.wait_for(found, 10), editor.published
            return editor.published[own.as_uri()][1]

    editor.notice(lambda it: it["method"] == "window/showMessage" and "unknown key `maxlines`" in it["params"]["message"])
    # Not open: it is in the list of problems all the same.
    editor.open(tmp_path / "build.log")
    (found,) = problem(len)
    assert found["message"] == "reprolens.toml: unknown key `maxlines`; did you mean `max-lines`?"
    assert found["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 8}}
    # Open, while it is typed.
    editor.open(own, text='checklist.select = ["EMV"]\n')
    (found,) = problem(lambda found: found and "no rule is called `EMV`" in found[0]["message"])
    assert found["range"]["start"] == {"line": 0, "character": 20}
    change = {"textDocument": {"uri": own.as_uri(), "version": 2}, "contentChanges": [{"text": "max-lines = 40\n"}]}
    editor.send("textDocument/didChange", change)
    problem(lambda found: not found)
    assert editor.end() == 0

"""A client that asks for diagnostics itself, and one that resolves actions."""

import time

import pytest

from editor import Editor
from example import ROOT

PULLS = {"textDocument": {"diagnostic": {}}, "workspace": {"diagnostics": {"refreshSupport": True}, "workspaceEdit": {"documentChanges": True}}}


@pytest.fixture
def editor(workspace):
    resolves = {"codeAction": {"resolveSupport": {"properties": ["edit"]}}}
    editor = Editor(workspace, textDocument={**PULLS["textDocument"], **resolves}, workspace=PULLS["workspace"])
    yield editor
    assert editor.end() == 0


def codes(editor, path):
    report = editor.ask("textDocument/diagnostic", {"textDocument": {"uri": path.as_uri()}})["result"]
    assert report["kind"] == "full"
    return {found["code"] for found in report["items"]}


def test_open_documents_are_asked_for_and_a_change_elsewhere_asks_to_ask_again(editor, workspace):
    script = workspace / ROOT / "area/run_test.sh"
    editor.open(script)
    assert {"ENV001", "RUN003"} <= codes(editor, script)
    editor.quiet(0.5)
    # Files that are not open are published all the same; an open one never twice.
    assert script.as_uri() not in editor.published
    assert script.with_name("README.md").as_uri() in editor.published
    editor.asked.clear()
    (script.parent / "logs/job.log").unlink()
    editor.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": (script.parent / "logs/job.log").as_uri(), "type": 3}]})
    deadline = time.monotonic() + 5
    while "workspace/diagnostic/refresh" not in editor.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "workspace/diagnostic/refresh" in editor.asked
    assert "ENV001" not in codes(editor, script)


def test_what_was_published_while_it_was_not_open_is_taken_back_when_it_is(editor, workspace):
    script = workspace / ROOT / "area/run_test.sh"
    editor.open(script.parent / "logs/job.log")
    editor.quiet(0.5)
    assert "ENV001" in {found["code"] for found in editor.published[script.as_uri()][1]}
    editor.open(script)
    assert "ENV001" in codes(editor, script)
    editor.quiet(0.5)
    assert editor.published[script.as_uri()][1] == []
    # Closed, it is published again.
    editor.send("textDocument/didClose", {"textDocument": {"uri": script.as_uri()}})
    editor.quiet(0.5)
    assert "ENV001" in {found["code"] for found in editor.published[script.as_uri()][1]}


def test_an_action_is_resolved_for_the_text_that_it_was_offered_for(editor, workspace):
    script = workspace / ROOT / "area/run_test.sh"
    editor.open(script)
    at = {"line": 0, "character": 0}
    params = {
        "textDocument": {"uri": script.as_uri()},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "only": ["source.fixAll"]},
    }
    (action,) = editor.ask("textDocument/codeAction", params)["result"]
    assert "edit" not in action
    resolved = editor.ask("codeAction/resolve", action)["result"]
    assert "#!" in str(resolved["edit"])
    document = {"uri": script.as_uri(), "version": 2}
    editor.send("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "export A=2\n"}]})
    assert editor.ask("codeAction/resolve", action)["error"]["code"] == -32801

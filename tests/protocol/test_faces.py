"""Both faces find the same: what the command line prints of repro folders is what an editor gets published."""

import json
import pathlib
import shutil
import subprocess

import pytest

from conftest import REPO, SERVER
from editor import Editor

ROOT = ".github/scripts/reproduce-deterministic-failures"
PROJECTS = {"minitensor": REPO / "tests/examples/minitensor", "pricing": REPO / "tests/checklist/pricing"}
SEVERITIES = ["error", "warning", "information", "hint"]


def placed(project, tmp_path):
    """The project with the hand-made folders of it, and a CI log in each."""
    workspace = tmp_path / project
    shutil.copytree(PROJECTS[project], workspace)
    subprocess.run(["git", "init", "-q", workspace], check=True)
    log = next((workspace / "logs").iterdir())
    for folder in sorted((REPO / "tests/checklist/folders" / project).iterdir()):
        into = workspace / ROOT / folder.name
        shutil.copytree(folder, into, ignore=shutil.ignore_patterns("expected.txt"))
        (into / "logs").mkdir(exist_ok=True)
        shutil.copy(log, into / "logs" / log.name)
    return workspace


def by_command_line(workspace):
    command = [SERVER, "check", "--format", "json", "--workspace", workspace]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return sorted(
        (found["path"], found["rule"], found["severity"], found["message"], found["start"]["line"])
        for folder in json.loads(output.stdout)["folders"]
        for found in folder["findings"]
    )


def by_editor(workspace):
    editor = Editor(workspace)
    # One file of each folder: the others are published though they are not open.
    for folder in sorted((workspace / ROOT).iterdir()):
        path = next(path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "logs")
        editor.open(path)
    editor.quiet()
    published = editor.published
    editor.end()
    return sorted(
        (
            str(pathlib.Path(uri.removeprefix("file://")).relative_to(workspace)),
            found["code"],
            SEVERITIES[found["severity"] - 1],
            found["message"],
            found["range"]["start"]["line"] + 1,
        )
        for uri, (_, all_found) in published.items()
        for found in all_found
    )


@pytest.mark.parametrize("project", PROJECTS)
def test_the_command_line_and_the_editor_find_the_same(project, tmp_path):
    workspace = placed(project, tmp_path)
    expected = by_command_line(workspace)
    assert len(expected) > 10
    assert by_editor(workspace) == expected


def test_fixing_a_folder_by_command_is_what_check_fix_does(tmp_path):
    by_hand, by_line = placed("pricing", tmp_path / "a"), placed("pricing", tmp_path / "b")
    subprocess.run([SERVER, "check", "--fix", "--workspace", by_line], stdout=subprocess.DEVNULL, check=False)
    editor = Editor(by_hand)
    for folder in sorted((by_hand / ROOT).iterdir()):
        editor.execute("fix", folder.as_uri())
    editor.quiet(0.5)
    editor.end()
    changed = 0
    for path in sorted(path for path in (by_line / ROOT).rglob("*") if path.is_file()):
        other = by_hand / path.relative_to(by_line)
        assert other.read_text() == path.read_text(), path
        assert other.stat().st_mode == path.stat().st_mode, path
        original = REPO / "tests/checklist/folders/pricing" / path.relative_to(by_line / ROOT)
        changed += original.exists() and original.read_text() != path.read_text()
    assert changed > 2

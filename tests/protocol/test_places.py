"""Where logs come from and what they are about: outside of the workspace, in one of several folders, in an archive."""

import time
import zipfile

from editor import Editor
from example import FILES, LOG, ROOT


def made(folder):
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def generated(editor, *arguments):
    done = editor.job_done(editor.execute("generate", *arguments)["job"])
    assert not done["failed"], done
    return done["folder"]


def test_a_log_of_another_folder_is_about_the_workspace_that_has_its_tests(tmp_path):
    workspace, elsewhere = made(tmp_path / "project"), tmp_path / "Downloads"
    elsewhere.mkdir()
    log = elsewhere / "build.log"
    log.write_text(LOG)
    editor = Editor(workspace, {"views": True, "trusted": False})
    editor.open(log)
    assert "Open failing line" in [command["title"] for _, command in editor.lenses(log)]
    assert editor.execute("openFailingLine", log.as_uri(), 1)["uri"] == (workspace / "tests/test_area.py").as_uri()
    folder = generated(editor, log.as_uri(), 1)
    assert folder.startswith((workspace / ROOT).as_uri())
    assert not (elsewhere / ".github").exists()
    assert editor.end() == 0


def test_of_several_folders_the_one_that_has_the_tests(tmp_path):
    workspace, other = made(tmp_path / "project"), tmp_path / "docs"
    other.mkdir()
    log = other / "build.log"
    log.write_text(LOG)
    editor = Editor(other, {"views": True, "trusted": False})
    added = {"added": [{"uri": workspace.as_uri(), "name": "p"}], "removed": []}
    editor.send("workspace/didChangeWorkspaceFolders", {"event": added})
    assert generated(editor, log.as_uri(), 1).startswith((workspace / ROOT).as_uri())
    # Without it the log is about the folder that it lies in.
    editor.send("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": added["added"]}})
    assert generated(editor, log.as_uri(), 1).startswith((other / ROOT).as_uri())
    assert editor.end() == 0


def test_an_archive_and_a_folder_of_logs(tmp_path):
    workspace = made(tmp_path)
    second = LOG.replace("test_area", "test_other").replace("assert 7 == 12", "assert 8 == 12")
    with zipfile.ZipFile(tmp_path / "logs_17.zip", "w") as archive:
        archive.writestr("0_build.txt", LOG)
        archive.writestr("1_other.txt", second)
    (tmp_path / "unpacked").mkdir()
    with zipfile.ZipFile(tmp_path / "logs_17.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    editor = Editor(workspace, {"views": True, "trusted": False})
    for name in ("logs_17.zip", "unpacked"):
        uri = (tmp_path / name).as_uri()
        failures = editor.execute("failures", uri)["failures"]
        assert [(each["number"], each["id"].rpartition("::")[2]) for each in failures] == [(1, "test_area"), (2, "test_other")]
        assert failures[1]["log"].endswith("1_other.txt")
        assert "ARCH_NAME" in editor.execute("showEnvironment", uri, "other")["markdown"]
        done = editor.job_done(editor.execute("generate", uri, "tests/")["job"])
        assert "2 failures' ids hold" in done["message"]
        assert generated(editor, uri, 2).endswith("/other")
    done = editor.job_done(editor.execute("generate", (tmp_path / "logs_17.zip").as_uri())["job"])
    assert done["message"].startswith("2 repros written"), done
    assert editor.end() == 0


def test_each_session_of_a_log_has_its_own_folder(tmp_path):
    """One step runs pytest in two packages of the repository: the same printed path is two files."""
    workspace = made(tmp_path)
    for package in ("one", "two"):
        (tmp_path / package / "tests").mkdir(parents=True)
        (tmp_path / package / "tests/test_only.py").write_text("def test_area():\n" * 9)
    second = LOG.replace("rootdir: /home/runner/work/shapes/shapes", "rootdir: /home/runner/work/shapes/shapes/two")
    first = LOG.replace("rootdir: /home/runner/work/shapes/shapes", "rootdir: /home/runner/work/shapes/shapes/one")
    checkout = "2024-05-01T10:00:00.0000000Z Working directory is '/home/runner/work/shapes/shapes'\n"
    log = tmp_path / "two.log"
    log.write_text(checkout + (first + second).replace("tests/test_area.py", "tests/test_only.py"))
    editor = Editor(workspace)
    places = [editor.execute("openFailingLine", log.as_uri(), number)["uri"] for number in (1, 2)]
    assert places == [(tmp_path / package / "tests/test_only.py").as_uri() for package in ("one", "two")]
    assert editor.end() == 0


def test_without_any_folder_what_is_no_file_cannot_be_written_next_to(tmp_path):
    editor = Editor(tmp_path, {"views": True})
    editor.send("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [{"uri": tmp_path.as_uri(), "name": "w"}]}})
    document = {"uri": "untitled:Untitled-1", "languageId": "log", "version": 1, "text": LOG}
    editor.send("textDocument/didOpen", {"textDocument": document})
    done = editor.job_done(editor.execute("generate", "untitled:Untitled-1")["job"])
    assert done["failed"] and "open the folder of the project first" in done["message"]
    assert editor.end() == 0


def test_a_test_does_not_wait_for_the_logs_that_its_lenses_are_about(tmp_path):
    workspace = made(tmp_path)
    log = workspace / ROOT / "other/logs/build.log"
    log.parent.mkdir(parents=True)
    log.write_text(LOG)
    editor = Editor(workspace, workspace={"codeLens": {"refreshSupport": True}})
    test = workspace / "tests/test_area.py"
    titles = lambda: [command["title"] for _, command in editor.lenses(test)]  # noqa: E731
    editor.open(test)
    assert titles() == ["Reproduce"]
    deadline = time.monotonic() + 20
    while "workspace/codeLens/refresh" not in editor.asked and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "workspace/codeLens/refresh" in editor.asked
    assert titles() == ["Failed in CI: generate minimal repro", "Reproduce"]
    assert editor.end() == 0

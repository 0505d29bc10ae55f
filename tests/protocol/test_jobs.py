"""Jobs on the example project: a test run from its lens, a repro verified, a running job cancelled, a large log."""

import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from conftest import REPO
from editor import Editor

LOG = "logs/unit-tests-blackhole.log"
TEST = "tests/unit_tests/operations/test_gather.py"
ROOT = ".github/scripts/reproduce-deterministic-failures"


@pytest.fixture
def project(tmp_path):
    workspace = tmp_path / "minitensor"
    shutil.copytree(REPO / "tests/examples/minitensor", workspace)
    subprocess.run(["git", "init", "-q", workspace], check=True)
    return workspace


@pytest.fixture
def editor(project):
    # The repro's environment is the one that these tests run in.
    editor = Editor(project, options={"views": True}, env={"VIRTUAL_ENV": sys.prefix})
    yield editor
    editor.process.kill()
    editor.process.wait()


def command(lenses, title):
    return next(command for _, command in lenses if command["title"].startswith(title))


def run(editor, lens):
    return editor.ask("workspace/executeCommand", {"command": lens["command"], "arguments": lens["arguments"]})["result"]["job"]


def test_a_test_run_from_its_lens_becomes_a_repro(editor, project):
    test = project / TEST
    editor.open(test)
    done = editor.job_done(run(editor, command(editor.lenses(test), "Reproduce")))
    assert (done["verdict"], done["failed"]) == ("same", False), done
    (folder,) = (project / ROOT).iterdir()
    assert sorted(path.name for path in (folder / "logs").iterdir()) == ["local.log", "reproduction.log"]
    repro = next((folder / "tests").glob("test_*_repro.py"))
    editor.open(repro)
    assert command(editor.lenses(repro), "Verify")["title"] == "Verify (fails like CI)"
    # The bug is fixed: the lens tells it after the next run.
    operations = project / "minitensor/operations.py"
    text = operations.read_text().replace("width // cores", "-(-width // cores)").replace('!= "1"', '== "never"')
    operations.write_text(text.replace("(core + 1) * columns_per_core)", "min(width, (core + 1) * columns_per_core))"))
    done = editor.job_done(run(editor, command(editor.lenses(repro), "Verify")))
    assert done["verdict"] == "passed", done
    assert command(editor.lenses(repro), "Verify")["title"] == "Verify (passed)"
    # The workspace's test knows the log that the repro folder holds.
    assert command(editor.lenses(test), "Failed in CI")["title"].startswith("Failed in CI (")


def test_the_lens_of_a_log_makes_one_repro_of_failures_that_are_the_same(editor, project):
    log = project / LOG
    editor.open(log)
    lenses = editor.lenses(log)
    environment = command(lenses, "Environment (")
    page = editor.execute("showEnvironment", *environment["arguments"])["markdown"]
    count = int(environment["title"].split("(")[1].rstrip(")"))
    assert page.count("\n| `") == count > 3 and "unit-tests.yaml" in page
    done = editor.job_done(editor.execute("generate", log.as_uri())["job"])
    assert (done["verdict"], done["cancelled"]) == ("same", False), done
    assert len(list((project / ROOT).iterdir())) == 1
    assert not [found for _, all_found in editor.published.values() for found in all_found if found["severity"] == 1 and found["code"] != "failure" and not str(found["code"]).islower()]


@pytest.mark.parametrize("after", [0, 0.1, 0.6])
def test_a_cancelled_job_ends_with_its_children_and_leaves_nothing(editor, project, after):
    # Each run of a test takes longer than this test does.
    (project / "sitecustomize.py").write_text("")
    (project / "conftest.py").open("a").write("\nimport time\ntime.sleep(300)\n")
    filler = "2026-11-20T00:00:00.0000000Z building target number 1234 of a long list, with nothing to see\n"
    text = (project / LOG).read_text()
    large = project / "large.log"
    large.write_text(text + filler * (60_000_000 // len(filler)))
    job = editor.execute("generate", "large.log", 1)["job"]
    time.sleep(after)
    editor.execute("cancel", job)
    done = editor.job_done(job, 20)
    assert done["cancelled"], done
    assert not [path for path in (project / ROOT).rglob("*") if path.is_file()]
    assert children(editor.process.pid) == []


def test_a_job_dies_with_the_server(editor, project):
    (project / "conftest.py").open("a").write("\nimport time\ntime.sleep(300)\n")
    editor.execute("generate", LOG, 1)
    deadline = time.monotonic() + 20
    while not (started := children(editor.process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert started
    assert editor.end() == 0
    deadline = time.monotonic() + 5
    while any(os.path.exists(f"/proc/{pid}") for pid in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in started)


def test_a_60_mb_log_from_the_disk(editor, project):
    filler = "2026-11-20T00:00:00.0000000Z building target number 1234 of a long list, with nothing to see\n"
    large = project / "large.log"
    large.write_text(filler * (60_000_000 // len(filler)) + (project / LOG).read_text())
    assert len(editor.execute("failures", "large.log")["failures"]) == 2
    done = editor.job_done(editor.execute("generate", "large.log", "DRAM")["job"])
    assert (done["verdict"], done["failed"]) == ("same", False), done


def children(pid):
    """The processes below one."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        below = parents.get(left.pop(), [])
        found += below
        left += below
    return found

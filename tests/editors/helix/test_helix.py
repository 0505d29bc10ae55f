"""A real Helix in a terminal of its own. Helix shows no lenses: their actions are code actions on the failure's line.

EDITORS_DIR and REPROLENS are set by tests/run-editors.
"""

import os
import pathlib
import re
import subprocess
import sys
import time

import pexpect
import pyte
import pytest

EDITORS = pathlib.Path(os.environ["EDITORS_DIR"])
ROOT = ".github/scripts/reproduce-deterministic-failures"
ROWS, COLUMNS = 40, 160
# Drawn below the failure's line; the message behind it is wrapped.
DIAGNOSTIC = r"└─test_gather"
# The repro's test is what is shown.
REPRO = r"NOR +\S+_repro\.py"


class Screen(pyte.Screen):
    def report_device_status(self, mode, **_):
        """Helix asks for the colour scheme in a form that pyte does not know; a terminal may leave it unanswered."""


class Helix:
    def __init__(self, home: pathlib.Path, workspace: pathlib.Path, *arguments: str):
        config = home / "config" / "helix"
        config.mkdir(parents=True)
        readme = (pathlib.Path(__file__).parents[3] / "editors" / "README.md").read_text()
        # The configuration that the documentation gives, with this test's server.
        languages = re.search(r"languages\.toml.*?```toml\n(.*?)```", readme, re.S)[1]
        (config / "languages.toml").write_text(languages.replace('"reprolens"\nargs', f'"{os.environ["REPROLENS"]}"\nargs'))
        environment = os.environ | {"XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache"), "TERM": "xterm-256color"}
        self.screen = Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.child = pexpect.spawn(
            str(EDITORS / "helix" / "hx"), [*arguments], cwd=workspace, env=environment, dimensions=(ROWS, COLUMNS), timeout=10
        )

    def text(self) -> str:
        try:
            while True:
                self.stream.feed(self.child.read_nonblocking(65536, timeout=0.1))
        except pexpect.TIMEOUT:
            return "\n".join(self.screen.display)

    def wait(self, wanted: str, seconds: float = 30) -> str:
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            if re.search(wanted, text):
                return text
            assert time.monotonic() < end, f"timed out: {wanted} in\n{text}"

    def keys(self, keys: str) -> None:
        self.child.send(keys)

    def command(self, text: str) -> None:
        self.keys(f":{text}\r")

    def action(self, title: str) -> None:
        """Opens the code actions at the cursor, and takes one."""
        end = time.monotonic() + 30
        while title not in (text := self.text()):
            assert time.monotonic() < end, f"no action {title} in\n{text}"
            self.keys("\x1b")
            time.sleep(0.5)
            self.keys(" a")
            time.sleep(0.5)
        for _ in range(20):
            row = next(row for row, line in enumerate(self.screen.display) if title in line)
            column = self.screen.display[row].index(title)
            if self.screen.buffer[row][column].reverse:
                break
            self.keys("\x1b[B")
            time.sleep(0.2)
            self.text()
        self.keys("\r")


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / "minitensor"
    subprocess.run([sys.executable, pathlib.Path(__file__).parents[1] / "workspace.py", path], check=True)
    subprocess.run(["git", "init", "-q", path], check=True)
    return path


@pytest.fixture
def helix(tmp_path, workspace):
    started = Helix(tmp_path, workspace, "logs/unit-tests-blackhole.log:61")
    yield started
    started.command("quit-all!")
    started.child.close(force=True)


def repro(workspace):
    return next(path for path in (workspace / ROOT).iterdir() if not path.name.startswith("."))


def test_the_action_of_the_lens_makes_a_verified_repro(helix, workspace):
    helix.wait(DIAGNOSTIC)
    helix.action("Generate minimal repro")
    helix.wait(REPRO)
    assert "Result: FAILED" in (repro(workspace) / "logs" / "reproduction.log").read_text()
    assert os.access(repro(workspace) / "run_test.sh", os.X_OK)


def test_the_command_takes_a_part_of_the_id(helix, workspace):
    helix.wait(DIAGNOSTIC)
    helix.command('lsp-workspace-command reprolens.generate "logs/unit-tests-blackhole.log" "L1"')
    helix.wait(REPRO)
    assert "-L1-" in (repro(workspace) / "run_test.sh").read_text()


def test_a_finding_is_shown_and_its_fix_taken(helix, workspace):
    helix.wait(DIAGNOSTIC)
    helix.action("Generate minimal repro")
    helix.wait(REPRO)
    script = repro(workspace) / "run_test.sh"
    lines = script.read_text().splitlines(keepends=True)
    script.write_text("".join(line for line in lines if not line.startswith("export ARCH_NAME=")))
    helix.command(f"open {script}")
    helix.wait(r"run_test\.sh .*● 1")
    helix.keys("]d")
    helix.wait(r"ARCH_NAME is not set")
    helix.action("Export ARCH_NAME")
    helix.wait(r"run_test\.sh \[\+\]")
    helix.command("write")
    helix.wait(r"written")
    assert re.search(r'^export ARCH_NAME="?blackhole', script.read_text(), re.M)

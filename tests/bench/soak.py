"""A long session of random editing, requests, cancels and file changes: python3 tests/bench/soak.py [SECONDS] [SEED].

REPROLENS names the binary. At the end nothing may have failed, the server's texts are the client's, what is published is what a
fresh server publishes for the same files and documents, and the memory does not grow from the middle to the end of the session.
A short session of it is in the protocol tests.
"""

import pathlib
import random
import sys
import tempfile
import time

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/protocol"))
from editor import Editor  # noqa: E402
from example import FILES, LOG, ROOT  # noqa: E402

WORKFLOW = """\
name: ci
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    env:
      AREA_MODE: product
    steps:
      - run: pytest tests
        env:
          ARCH_NAME: wormhole_b0
"""
SCRIPT = '#!/usr/bin/env bash\nset -e\nexport ARCH_NAME=wormhole_b0\n. ./more.sh\npytest "$(dirname "$0")/tests/test_area_repro.py" "$@"\n'
REPRO = (
    '"""x\n\nOriginal failure: tests/test_area.py::test_area\n"""\nfrom shapes import area\n\n\n'
    "def test_area_repro():\n    assert area(3, 4) == 12  # <- fails here\n"
)
PIECES = ["\n", "export X=1\n", "é", "😀", "# reprolens: ignore\n", "'", "$(", "FAILED tests/test_area.py::test_area - x\n", "", "def test_b():\n    pass\n", "\r\n"]
REQUESTS = ["codeLens", "documentSymbol", "foldingRange", "documentLink", "hover", "definition", "completion", "codeAction", "references"]


def position(text, offset):
    """As UTF-16; lines end at LF, CR LF and CR."""
    before = text[:offset]
    line, start, at = 0, 0, 0
    while at < len(before):
        if before[at] == "\r" and text[at + 1 : at + 2] == "\n":
            # Between the two of a line end there is no position.
            if at + 1 >= len(before):
                return {"line": line, "character": len(before[start:at].encode("utf-16-le")) // 2}
            at += 1
        if before[at] in "\r\n":
            line, start = line + 1, at + 1
        at += 1
    return {"line": line, "character": len(before[start:].encode("utf-16-le")) // 2}


class Session:
    def __init__(self, root, seed):
        self.root, self.random = root, random.Random(seed)
        more = {
            ".github/workflows/ci.yml": WORKFLOW,
            "reprolens.toml": "max-lines = 40\nchecklist.ignore = [\"DOC003\"]\n",
            f"{ROOT}/area/run_test.sh": SCRIPT,
            f"{ROOT}/area/more.sh": "export AREA_MODE=product\n",
            f"{ROOT}/area/tests/test_area_repro.py": REPRO,
            f"{ROOT}/area/README.md": "# area\n",
            f"{ROOT}/other/logs/job.txt": LOG,
            f"{ROOT}/other/run_test.sh": "pytest\n",
        }
        self.files = {**FILES, **more}
        for name, text in self.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, newline="")
        self.client = Editor(root)
        self.open, self.version, self.waiting, self.requests = {}, 0, [], 0

    def uri(self, name):
        return (self.root / name).as_uri()

    def open_document(self, name, client=None):
        path = self.root / name
        text = self.open[name] if client else (path.read_bytes().decode() if path.exists() else self.files[name])
        self.open[name] = text
        language = "log" if name.endswith((".log", ".txt")) else "python" if name.endswith(".py") else "shellscript"
        self.version += 1
        document = {"uri": self.uri(name), "languageId": language, "version": self.version, "text": text}
        (client or self.client).send("textDocument/didOpen", {"textDocument": document})

    def edit(self, name):
        text = self.open[name]
        start = self.random.randint(0, len(text))
        if text[start - 1 : start + 1] == "\r\n":
            start -= 1
        end = min(len(text), start + self.random.choice([0, 0, 0, 1, 5, 40]))
        if text[end - 1 : end + 1] == "\r\n":
            end += 1
        piece = self.random.choice(PIECES)
        if len(text) > 6000:
            piece, start, end = self.files[name], 0, len(text)
        change = {"range": {"start": position(text, start), "end": position(text, end)}, "text": piece}
        if self.random.random() < 0.05:
            change, piece, start, end = {"text": self.files[name]}, self.files[name], 0, len(text)
        self.open[name] = text[:start] + piece + text[end:]
        self.version += 1
        document = {"uri": self.uri(name), "version": self.version}
        self.client.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def touch_disk(self):
        name = self.random.choice(sorted(self.files))
        path = self.root / name
        kind = self.random.random()
        if kind < 0.3 and path.exists():
            path.unlink()
        elif kind < 0.6:
            path.write_text(self.files[name], newline="")
        elif path.exists():
            # A log that grows, a file that is appended to.
            with path.open("a", newline="") as file:
                file.write(self.random.choice(PIECES))
        changes = [{"uri": path.as_uri(), "type": 2}]
        if self.random.random() < 0.7:
            self.client.send("workspace/didChangeWatchedFiles", {"changes": changes})

    def ask(self):
        name = self.random.choice(sorted(self.files))
        document = {"uri": self.uri(name)}
        at = {"line": self.random.randint(0, 40), "character": self.random.randint(0, 60)}
        method = "textDocument/" + self.random.choice(REQUESTS)
        params = {"textDocument": document, "position": at, "range": {"start": at, "end": at}, "context": {"diagnostics": [], "triggerKind": 1, "includeDeclaration": True}}
        kind = self.random.random()
        if kind < 0.1:
            command = self.random.choice(["failures", "repros", "showEnvironment", "openFailingLine", "showLog"])
            number = self.client.request("workspace/executeCommand", {"command": f"reprolens.{command}", "arguments": [self.uri(name), 1]})
        elif kind < 0.13:
            # Takes long enough to be cancelled.
            arguments = [self.uri(f"{ROOT}/area")]
            number = self.client.request("workspace/executeCommand", {"command": "reprolens.verify", "arguments": arguments})
            self.client.send("workspace/didChangeWatchedFiles", {"changes": []})
            self.client.request("workspace/executeCommand", {"command": "reprolens.cancel", "arguments": []})
        else:
            number = self.client.request(method, params)
        self.requests += 1
        if self.random.random() < 0.3:
            self.client.send("$/cancelRequest", {"id": number})
        self.waiting.append(number)
        while len(self.waiting) > 20:
            self.check(self.client.wait(self.waiting.pop(0)))

    @staticmethod
    def check(answer):
        # Cancelled, or refused with a reason: a file that is not there, a log without failures.
        code = answer.get("error", {}).get("code")
        assert code in (None, -32800, -32801, -32803), answer

    def step(self):
        closed = sorted(set(self.files) - set(self.open))
        kind = self.random.random()
        if kind < 0.08 and closed:
            self.open_document(self.random.choice(closed))
        elif kind < 0.12 and self.open:
            name = self.random.choice(sorted(self.open))
            del self.open[name]
            self.client.send("textDocument/didClose", {"textDocument": {"uri": self.uri(name)}})
        elif kind < 0.6 and self.open:
            self.edit(self.random.choice(sorted(self.open)))
        elif kind < 0.68:
            self.touch_disk()
        else:
            self.ask()

    def finish(self):
        for number in self.waiting:
            self.check(self.client.wait(number))
        self.client.ask("workspace/executeCommand", {"command": "reprolens.cancel", "arguments": []})
        time.sleep(1)
        for name, text in self.open.items():
            held = self.client.ask("reprolens/text", {"uri": self.uri(name)})["result"]
            assert held and held["text"] == text, f"{name}: the server has another text"
        self.client.quiet()
        mine = shown(self.client)
        fresh = Editor(self.root)
        for name in sorted(self.open):
            self.open_document(name, fresh)
        fresh.quiet()
        other = shown(fresh)
        fresh.end()
        for uri in sorted(mine.keys() | other.keys()):
            assert mine.get(uri, []) == other.get(uri, []), f"{uri}:\n{mine.get(uri)}\nfresh:\n{other.get(uri)}"
        assert not self.client.trouble, self.client.trouble
        return sum(map(len, mine.values()))


def shown(client):
    return {uri: found for uri, (_, found) in client.published.items() if found}


def soak(root, seconds, seed, pause=0.002, tell=lambda _: None):
    """Returns figures; raises where anything is wrong."""
    session = Session(root, seed)
    started, steps, memory = time.monotonic(), 0, []
    next_look = 0
    while (now := time.monotonic() - started) < seconds:
        session.step()
        steps += 1
        time.sleep(pause)
        if now >= next_look:
            memory.append(session.client.megabytes())
            tell(f"{now:.0f} s: {steps} steps, {session.requests} requests, {memory[-1]:.1f} MB")
            next_look = now + seconds / 20
    diagnostics = session.finish()
    last = session.client.megabytes()
    status = session.client.end()
    assert status == 0, f"exit status {status}"
    return {"steps": steps, "requests": session.requests, "diagnostics": diagnostics, "memory": memory, "last": last}


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as root:
        figures = soak(pathlib.Path(root), seconds, seed, tell=print)
    memory = figures["memory"]
    half = memory[len(memory) // 2 :]
    print(f"{figures['steps']} steps, {figures['requests']} requests, {figures['diagnostics']} diagnostics at the end as a fresh server's")
    print(f"memory: {memory[len(memory) // 4]:.1f} MB after a quarter, at most {max(half):.1f} MB in the second half, {figures['last']:.1f} MB at the end")
    assert figures["last"] < memory[len(memory) // 4] * 1.5 + 10, "the memory grows"


if __name__ == "__main__":
    main()

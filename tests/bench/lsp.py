"""Figures of the language server: python3 tests/bench/lsp.py [--files 50000]. REPROLENS names the binary (a release build).

Prints the first lens after process start in a workspace of many files, the lenses of a 5 MB log after opening, keystroke ->
published diagnostics in a repro folder with a 5 MB log, and the memory then; beside ruff's server doing the like in the same
run, and beside an empty request's round trip, which tells how busy the machine is.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tests/protocol"))
from example import FILES, LOG, ROOT  # noqa: E402

SERVER = os.environ.get("REPROLENS", str(REPO / "target/release/reprolens"))
RUFF = os.environ.get("RUFF", str(REPO / ".editors/clients/bin/ruff"))


class Server:
    def __init__(self, command, root):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.last = 0
        folders = [{"uri": root.as_uri(), "name": "w"}]
        self.ask("initialize", {"capabilities": {}, "processId": os.getpid(), "rootUri": root.as_uri(), "workspaceFolders": folders})
        self.send("initialized", {})

    def send(self, method, params, **more):
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        size = 0
        while (head := self.process.stdout.readline()) not in (b"\r\n", b""):
            if head.lower().startswith(b"content-length:"):
                size = int(head.split(b":")[1])
        return json.loads(self.process.stdout.read(size))

    def until(self, wanted):
        while True:
            message = self.receive()
            if wanted(message):
                return message

    def ask(self, method, params):
        self.last += 1
        self.send(method, params, id=self.last)
        return self.until(lambda message: message.get("id") == self.last and "method" not in message)

    def open(self, path, language, text):
        self.send("textDocument/didOpen", {"textDocument": {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}})

    def published(self, path, version=None):
        def wanted(message):
            params = message.get("params", {})
            return (
                message.get("method") == "textDocument/publishDiagnostics"
                and params["uri"] == path.as_uri()
                and version in (None, params.get("version"))
            )

        return self.until(wanted)

    def megabytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def cpu(self):
        """Milliseconds that the process computed: what a busy machine does not change."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.ask("shutdown", None)
        self.send("exit", None)
        self.process.wait(10)


def percentiles(times):
    times = sorted(times)
    return f"p50 {times[len(times) // 2]:.1f} ms, p99 {times[len(times) * 99 // 100]:.1f} ms, most {times[-1]:.1f} ms"


def keystrokes(server, path, count=300, pause=0.0):
    """From a change to the diagnostics of exactly that version. With a pause, one server's typing takes as long as another's: what
    else the machine does then meets both."""
    times = []
    for version in range(2, count + 2):
        time.sleep(pause)
        at = {"line": 0, "character": 0}
        change = {"range": {"start": at, "end": at}, "text": "#"}
        document = {"uri": path.as_uri(), "version": version}
        start = time.perf_counter()
        server.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        server.published(path, version)
        times.append(since(start))
    return times


WORKFLOW = """\
name: ci
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
        env:
          ARCH_NAME: wormhole_b0
"""

QUIET = 25  # ms: publish.rs


def since(start):
    return (time.perf_counter() - start) * 1000


def large_log(size):
    filler = "2024-05-01T10:00:00.0000000Z building target number 1234 of a long list, with nothing to see\n"
    return filler * ((size - len(LOG)) // len(filler)) + LOG


def main():
    count = int(sys.argv[sys.argv.index("--files") + 1]) if "--files" in sys.argv else 50_000
    workflows = 50
    log = large_log(5_000_000)
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for file, text in FILES.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text)
        (root / ROOT / "area/logs/job.log").write_text(log)
        for index in range(count):
            if index % 500 == 0:
                (root / f"src/p{index // 500}").mkdir(parents=True)
            (root / f"src/p{index // 500}/m{index}.py").write_text("x = 1\n")

        for index in range(workflows):
            path = root / f".github/workflows/w{index}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(WORKFLOW.replace("test:", f"test{index or ''}:"))

        server = Server([SERVER, "server"], root)
        server.open(root / "build.log", "log", LOG)
        server.ask("textDocument/codeLens", {"textDocument": {"uri": (root / "build.log").as_uri()}})
        print(f"first lens after process start, {count} files, {workflows} workflows: {since(server.started):.0f} ms")
        server.end()

        ruff = Server([RUFF, "server"], root)
        test = root / "tests/test_area.py"
        ruff.open(test, "python", "import os\n" + test.read_text())
        ruff.published(test)
        print(f"ruff: first diagnostics after process start, the same workspace: {since(ruff.started):.0f} ms")
        print(f"ruff: keystroke to diagnostics: {percentiles(keystrokes(ruff, test, pause=QUIET / 1000))}")
        ruff.end()

        server = Server([SERVER, "server"], root)
        large = root / "large.log"
        document = {"uri": large.as_uri(), "languageId": "log", "version": 1, "text": log}
        message = {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}
        body = json.dumps(message).encode()
        start, before = time.perf_counter(), server.cpu()
        server.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        answer = server.ask("textDocument/codeLens", {"textDocument": {"uri": large.as_uri()}})
        took, computed = since(start), server.cpu() - before
        print(f"lenses of a 5 MB log after opening: {took:.0f} ms, computing {computed:.0f} ms ({len(answer['result'])} lenses)")
        script = root / ROOT / "area/run_test.sh"
        server.open(script, "shellscript", "export A=1\n")
        server.published(script)
        before = server.cpu()
        beyond = [each - QUIET for each in keystrokes(server, script)]
        computed = (server.cpu() - before) / len(beyond)
        print(f"keystroke to diagnostics, beyond the quiet period of {QUIET} ms: {percentiles(beyond)}; computing {computed:.1f} ms each")
        print(f"memory then: {server.megabytes():.0f} MB")
        empty = []
        for _ in range(300):
            time.sleep(QUIET / 1000)
            start = time.perf_counter()
            server.ask("textDocument/hover", {"textDocument": {"uri": "file:///none.log"}, "position": {"line": 0, "character": 0}})
            empty.append(since(start))
        print(f"an empty request: {percentiles(empty)}")
        server.end()

main()

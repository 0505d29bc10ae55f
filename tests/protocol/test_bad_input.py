"""Bad input, by hand on the pipe: what no client library would send."""

import json
import os
import shutil
import subprocess
import time

import pytest

from conftest import SERVER
from example import ROOT


class Pipe:
    def __init__(self, process_id=None):
        self.process = subprocess.Popen([SERVER, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.last = 0

    def raw(self, body):
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def send(self, method, params=None, **more):
        self.raw(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    def receive(self):
        size = 0
        while (head := self.process.stdout.readline()) not in (b"\r\n", b""):
            if head.lower().startswith(b"content-length:"):
                size = int(head.split(b":")[1])
        return json.loads(self.process.stdout.read(size))

    def ask(self, method, params=None):
        self.last += 1
        self.send(method, params, id=self.last)
        while True:
            message = self.receive()
            if message.get("id") == self.last and "method" not in message:
                return message

    def initialize(self, **params):
        answer = self.ask("initialize", {"capabilities": {}, **params})
        self.send("initialized", {})
        return answer["result"]["capabilities"]

    def ended(self, seconds=5):
        try:
            return self.process.wait(seconds) is not None
        except subprocess.TimeoutExpired:
            return False


@pytest.fixture
def pipe():
    pipe = Pipe()
    yield pipe
    pipe.process.kill()
    pipe.process.wait()


URI = "file:///nowhere/build.log"


def alive(pipe):
    answer = pipe.ask("textDocument/codeLens", {"textDocument": {"uri": "file:///nowhere/else.log"}})
    assert answer["result"] == []


def test_requests_before_initialize_are_refused(pipe):
    assert pipe.ask("textDocument/hover", {})["error"]["code"] == -32002
    pipe.initialize()
    alive(pipe)
    assert "error" in pipe.ask("initialize", {"capabilities": {}})
    alive(pipe)


def test_malformed_messages_are_answered(pipe):
    pipe.initialize()
    pipe.raw(b"{not json")
    assert pipe.receive()["error"]["code"] in (-32700, -32600)
    alive(pipe)
    assert pipe.ask("textDocument/hover", {"wrong": 1})["error"]["code"] == -32602
    assert pipe.ask("textDocument/codeLens", [1, 2])["error"]["code"] == -32602
    assert pipe.ask("no/such/method", {})["error"]["code"] == -32601
    alive(pipe)


def test_unknown_documents_and_wrong_ranges(pipe):
    pipe.initialize()
    at = {"textDocument": {"uri": URI}, "position": {"line": 4_000_000_000, "character": 4_000_000_000}}
    for method in ("textDocument/hover", "textDocument/definition"):
        assert pipe.ask(method, at)["result"] is None
    change = {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"}
    pipe.send("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [change]})
    pipe.send("textDocument/didClose", {"textDocument": {"uri": URI}})
    pipe.send("textDocument/didOpen", {"textDocument": {"uri": URI, "languageId": "log", "version": 1, "text": "a\n"}})
    assert pipe.ask("textDocument/hover", at)["result"] is None
    pipe.send("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [change]})
    assert pipe.ask("reprolens/text", {"uri": URI})["result"] is None
    pipe.send("textDocument/didChange", {"textDocument": {"uri": URI, "version": 3}, "contentChanges": [{"text": "b"}]})
    assert pipe.ask("reprolens/text", {"uri": URI})["result"] == {"version": 3, "text": "b"}
    alive(pipe)


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file:///", "file:relative", "http://x/y.log", "file:///a%00b.log"])
def test_documents_that_are_no_files(pipe, uri):
    pipe.initialize()
    text = "FAILED tests/test_a.py::test_b - x\n"
    pipe.send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "log", "version": 1, "text": text}})
    for method in ("codeLens", "documentLink", "documentSymbol", "foldingRange"):
        answer = pipe.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}})
        assert "result" in answer, answer


def test_commands_that_cannot_be_done_say_why(pipe):
    pipe.initialize()
    for command, arguments in [
        ("reprolens.generate", []),
        ("reprolens.generate", ["file:///nowhere/build.log"]),
        ("reprolens.generate", [7, {}]),
        ("reprolens.verify", ["file:///nowhere"]),
        ("reprolens.showRule", ["XYZ"]),
        ("reprolens.nothing", []),
    ]:
        answer = pipe.ask("workspace/executeCommand", {"command": command, "arguments": arguments})
        assert answer["error"]["message"], command
    alive(pipe)


def test_a_client_that_takes_no_edits_is_told_of_the_command(pipe, workspace):
    pipe.initialize(workspaceFolders=[{"uri": workspace.as_uri(), "name": "w"}])
    folder = workspace / ROOT / "area"
    before = (folder / "run_test.sh").read_text()
    answer = pipe.ask("workspace/executeCommand", {"command": "reprolens.fix", "arguments": [folder.as_uri()]})
    assert f"reprolens check --fix {folder}" in answer["error"]["message"]
    assert (folder / "run_test.sh").read_text() == before
    alive(pipe)


def test_untrusted_workspaces_run_nothing(pipe):
    pipe.initialize(initializationOptions={"trusted": False})
    for command in ("run", "verify", "minimize", "reproduce"):
        answer = pipe.ask("workspace/executeCommand", {"command": f"reprolens.{command}", "arguments": ["x"]})
        assert "not trusted" in answer["error"]["message"]


def test_positions_are_bytes_where_the_client_counts_so(pipe):
    found = pipe.initialize(capabilities={"general": {"positionEncodings": ["utf-8", "utf-16"]}})
    assert found["positionEncoding"] == "utf-8"
    uri = "file:///nowhere/run_test.sh"
    pipe.send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "sh", "version": 1, "text": "é😀x"}})
    change = {"range": {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 7}}, "text": "y"}
    pipe.send("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]})
    assert pipe.ask("reprolens/text", {"uri": uri})["result"]["text"] == "é😀y"


def test_a_client_that_never_answers_stops_nothing(pipe):
    everything = {
        "workspace": {
            "configuration": True,
            "didChangeWatchedFiles": {"dynamicRegistration": True},
            "codeLens": {"refreshSupport": True},
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    }
    pipe.initialize(capabilities=everything)
    for _ in range(200):
        pipe.send("workspace/didChangeConfiguration", {"settings": {}})
    alive(pipe)


def test_exit_ends_it_though_the_input_stays_open(pipe):
    pipe.initialize()
    pipe.ask("shutdown")
    assert pipe.ask("textDocument/hover", {})["error"]["code"] == -32600
    pipe.send("exit")
    assert pipe.ended()
    assert pipe.process.returncode == 0


def test_exit_without_shutdown_is_no_success(pipe):
    pipe.initialize()
    pipe.send("exit")
    assert pipe.ended()
    assert pipe.process.returncode == 1


def test_messages_in_the_wrong_order(pipe):
    document = {"uri": URI, "languageId": "log", "version": 5, "text": "a\n"}
    # Before the session: dropped, and nothing of it stays.
    pipe.send("textDocument/didOpen", {"textDocument": document})
    pipe.send("initialized", {})
    pipe.initialize()
    assert pipe.ask("reprolens/text", {"uri": URI})["result"] is None
    pipe.send("textDocument/didSave", {"textDocument": {"uri": URI}})
    pipe.send("textDocument/didClose", {"textDocument": {"uri": URI}})
    pipe.send("textDocument/didOpen", {"textDocument": document})
    # Opened twice, and a version that goes back: the last text counts.
    pipe.send("textDocument/didOpen", {"textDocument": {**document, "text": "b\n"}})
    pipe.send("textDocument/didChange", {"textDocument": {"uri": URI, "version": 3}, "contentChanges": [{"text": "c"}]})
    assert pipe.ask("reprolens/text", {"uri": URI})["result"] == {"version": 3, "text": "c"}
    pipe.send("$/cancelRequest", {"id": 4711})
    pipe.send("window/workDoneProgress/cancel", {"token": 4711})
    pipe.send("window/workDoneProgress/cancel", {"token": "no such"})
    pipe.send("no/such/notification", {})
    alive(pipe)


@pytest.mark.parametrize("method", ["codeLens", "codeAction", "hover", "definition", "documentLink", "documentSymbol", "foldingRange", "completion", "diagnostic"])
def test_parameters_that_are_none(pipe, method):
    pipe.initialize()
    for params in (None, [], 7, {}, {"textDocument": {"uri": 1}}, {"textDocument": {"uri": "::"}, "position": {"line": -1, "character": "x"}}):
        answer = pipe.ask(f"textDocument/{method}", params)
        assert answer.get("error", {}).get("code") in (-32602, -32600, None), (params, answer)
    alive(pipe)


def published(pipe, path, wanted, seconds=8):
    """Diagnostics of a file as wanted; what comes in between is passed over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = pipe.receive()
        params = message.get("params", {})
        if message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == path.as_uri() and wanted(params["diagnostics"]):
            return params["diagnostics"]
    raise AssertionError("not published")


def opened(pipe, path):
    text = path.read_text()
    pipe.send("textDocument/didOpen", {"textDocument": {"uri": path.as_uri(), "languageId": "x", "version": 1, "text": text}})


def codes(diagnostics):
    return {each.get("code") for each in diagnostics}


def test_files_that_vanish_and_come_back_though_the_client_tells_nothing(pipe, workspace):
    pipe.initialize(workspaceFolders=[{"uri": workspace.as_uri(), "name": "w"}])
    folder = workspace / ROOT / "area"
    script, log = folder / "run_test.sh", folder / "logs/job.log"
    opened(pipe, script)
    published(pipe, script, lambda found: "ENV001" in codes(found))
    text = log.read_text()
    log.unlink()
    published(pipe, script, lambda found: "ENV001" not in codes(found))
    log.write_text(text)
    published(pipe, script, lambda found: "ENV001" in codes(found))
    # The whole folder: what is open stays the client's.
    shutil.rmtree(folder)
    published(pipe, script, lambda found: "ENV001" not in codes(found))
    assert pipe.ask("textDocument/codeLens", {"textDocument": {"uri": script.as_uri()}})["result"] is not None
    answer = pipe.ask("workspace/executeCommand", {"command": "reprolens.verify", "arguments": [script.as_uri()]})
    # Refused at once, or by the job.
    assert "job" in answer.get("result", {}) or answer["error"]["message"]
    alive(pipe)


def test_a_log_that_grows_on_the_disk(pipe, workspace):
    pipe.initialize(workspaceFolders=[{"uri": workspace.as_uri(), "name": "w"}])
    log = workspace / "build.log"
    half = log.read_text().index("short test summary")
    text = log.read_text()
    log.write_text(text[: half // 2])

    def failures():
        answer = pipe.ask("workspace/executeCommand", {"command": "reprolens.failures", "arguments": ["build.log"]})
        return len(answer["result"]["failures"])

    assert failures() == 0
    with log.open("a") as file:
        file.write(text[half // 2 :])
    assert failures() == 1


def test_a_workspace_that_cannot_be_written(pipe, workspace):
    pipe.initialize(workspaceFolders=[{"uri": workspace.as_uri(), "name": "w"}])
    # Where the folder should be made there is a file: the same for every user, also for root.
    scripts = workspace / ".github/scripts"
    shutil.rmtree(scripts)
    scripts.write_text("")
    before = sorted(path for path in workspace.rglob("*"))
    answer = pipe.ask("workspace/executeCommand", {"command": "reprolens.generate", "arguments": ["build.log", 1]})
    assert "job" in answer["result"]
    while (message := pipe.receive()).get("method") != "window/showMessage":
        pass
    assert message["params"]["type"] == 1 and str(scripts) in message["params"]["message"]
    assert sorted(path for path in workspace.rglob("*")) == before
    alive(pipe)


def test_the_end_of_the_input_ends_it(pipe):
    pipe.initialize()
    pipe.process.stdin.close()
    assert pipe.ended()


def test_it_ends_with_its_parent():
    parent = subprocess.Popen(["sleep", "60"])
    pipe = Pipe()
    try:
        pipe.initialize(processId=parent.pid)
        time.sleep(0.6)
        assert pipe.process.poll() is None
        parent.kill()
        parent.wait()
        assert pipe.ended()
    finally:
        pipe.process.kill()
        pipe.process.wait()


def test_a_signal_ends_it(pipe):
    pipe.initialize()
    os.kill(pipe.process.pid, 15)
    assert pipe.ended()

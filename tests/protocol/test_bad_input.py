"""Bad input, by hand on the pipe: what no client library would send."""

import json
import os
import subprocess
import time

import pytest

from conftest import SERVER


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
    pipe.send("exit")
    assert pipe.ended()


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

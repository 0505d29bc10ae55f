"""An editor of a few lines: it speaks to the server on a pipe, reads on a thread of its own, and applies the edits that it is given.

What a client library does not let through (malformed messages, answers that never come) is `test_bad_input`'s.
"""

import json
import os
import pathlib
import subprocess
import threading
import urllib.parse

REPO = pathlib.Path(__file__).resolve().parents[2]
SERVER = os.environ.get("REPROLENS", str(REPO / "target/debug/reprolens"))


def path_of(uri):
    return pathlib.Path(urllib.parse.unquote(uri.removeprefix("file://")))


class Editor:
    def __init__(self, root, options=None, env=None, **more):
        environment = {**os.environ, **(env or {})}
        self.process = subprocess.Popen([SERVER, "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.answers, self.published, self.trouble, self.notices, self.asked, self.last = {}, {}, [], [], [], 0
        self.changed = threading.Condition()
        self.writing = threading.Lock()
        self.ended = False
        threading.Thread(target=self.read, daemon=True).start()
        capabilities = {"workspace": {"applyEdit": True, "configuration": True, "workspaceEdit": {"documentChanges": True}}, "window": {"workDoneProgress": True}}
        for part, abilities in more.items():
            capabilities[part] = {**capabilities.get(part, {}), **abilities}
        folders = [{"uri": root.as_uri(), "name": "w"}]
        self.ask("initialize", {"capabilities": capabilities, "processId": os.getpid(), "workspaceFolders": folders, "initializationOptions": options})
        self.send("initialized", {})

    def read(self):
        output = self.process.stdout
        while True:
            size = 0
            while (head := output.readline()) not in (b"\r\n", b""):
                if head.lower().startswith(b"content-length:"):
                    size = int(head.split(b":")[1])
            if not size:
                with self.changed:
                    self.ended = True
                    self.changed.notify_all()
                return
            self.take(json.loads(output.read(size)))

    def take(self, message):
        method, params = message.get("method"), message.get("params") or {}
        if method and "id" in message:
            result = None
            if method == "workspace/configuration":
                result = [None] * len(params["items"])
            elif method == "workspace/applyEdit":
                self.apply(params["edit"])
                result = {"applied": True}
            self.asked.append(method)
            self.write({"jsonrpc": "2.0", "id": message["id"], "result": result})
            return
        with self.changed:
            if method == "textDocument/publishDiagnostics":
                self.published[params["uri"]] = (params.get("version"), params["diagnostics"])
            elif method == "window/logMessage" and params["type"] <= 2:
                self.trouble.append(params["message"])
            elif method:
                self.notices.append(message)
            else:
                self.answers[message["id"]] = message
            self.changed.notify_all()

    @staticmethod
    def apply(edit):
        """To the files of the disk; the lines of tests end with a line feed."""
        for change in edit["documentChanges"]:
            path = path_of(change["textDocument"]["uri"])
            text = path.read_text()
            lines = text.split("\n")
            starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]
            at = lambda place: starts[place["line"]] + place["character"]  # noqa: E731
            for each in sorted(change["edits"], key=lambda it: at(it["range"]["start"]), reverse=True):
                text = text[: at(each["range"]["start"])] + each["newText"] + text[at(each["range"]["end"]) :]
            path.write_text(text)

    def write(self, message):
        body = json.dumps(message).encode()
        with self.writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.process.stdin.flush()

    def send(self, method, params):
        self.write({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method, params):
        self.last += 1
        self.write({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params})
        return self.last

    def wait(self, number, seconds=60):
        with self.changed:
            if not self.changed.wait_for(lambda: number in self.answers or self.ended, seconds):
                raise AssertionError(f"no answer to request {number}")
            assert not self.ended, "the server ended"
            return self.answers.pop(number)

    def ask(self, method, params):
        return self.wait(self.request(method, params))

    def quiet(self, seconds=2.6):
        """Waits until nothing was published for that long: longer than the server looks at files by itself."""
        with self.changed:
            while self.changed.wait(seconds):
                pass

    def megabytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def end(self):
        self.ask("shutdown", None)
        self.send("exit", None)
        return self.process.wait(10)

    def open(self, path, version=1, text=None):
        language = {".log": "log", ".py": "python", ".sh": "shellscript"}.get(path.suffix, "plaintext")
        text = path.read_text() if text is None else text
        document = {"uri": path.as_uri(), "languageId": language, "version": version, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})

    def execute(self, command, *arguments):
        answer = self.ask("workspace/executeCommand", {"command": f"reprolens.{command}", "arguments": list(arguments)})
        return answer["result"] if "result" in answer else answer

    def lenses(self, path):
        found = self.ask("textDocument/codeLens", {"textDocument": {"uri": path.as_uri()}})["result"]
        return [(lens["range"]["start"]["line"], lens["command"]) for lens in found]

    def notice(self, wanted, seconds=90):
        """The first notification that is as wanted, also one that came before."""
        found = lambda: next((each for each in self.notices if wanted(each)), None)  # noqa: E731
        with self.changed:
            assert self.changed.wait_for(lambda: found() or self.ended, seconds), self.notices
            assert found(), "the server ended"
            return found()

    def job_done(self, job, seconds=90):
        """How a job ended. Needs the option `views`."""
        return self.notice(lambda it: it["method"] == "reprolens/jobDone" and it["params"]["job"] == job, seconds)["params"]

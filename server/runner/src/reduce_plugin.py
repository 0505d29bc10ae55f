"""reprolens: finds out which parts of a test can go while it fails in the same way.

Loaded with `-p reprolens_reduce_plugin` for a file that holds the test's imports only; reads $REPROLENS_REDUCE, a JSON
object {"path", "text", "parts": [{"start", "end", "with", "group", "careful"}], "seconds", "out"}, and writes {"gone", "tries"}
to the file "out". Each candidate is run in a forked child: none can see what another one did, hang or crash the rest.
"""
import ast
import builtins
import gc
import json
import linecache
import os
import re
import select
import signal
import sys
import time

import pytest

FOUND = []
# Failures of these types are easily made by taking away what was to be found.
MISSING = {"KeyError", "IndexError", "LookupError", "NameError", "UnboundLocalError", "StopIteration", "FileNotFoundError",
           "ZeroDivisionError", "AssertionError", "Failed"}
# A candidate that may remove files or start programs is not tried: a path that it needs could be what went.
RISKY = re.compile(r"\b(rmtree|unlink|removedirs|rmdir|os\.remove|subprocess|os\.system|os\.rename|shutil\.move|os\.kill)\b")
# An assertion whose message shows this much is not met by chance.
TELLING = 40


def _telling(message):
    """the message without the parts that grow and shrink with the data that is beside the point"""
    lines = []
    for line in message.splitlines():
        text = line.strip()
        if text.startswith("Full diff:") or "...Full output truncated" in text:
            break
        if not text or text.startswith(("Omitting ", "Use -v", "Skipping ", "? ", "- ", "+ ")):
            continue
        lines.append(text)
    text = re.sub(r"0x[0-9a-fA-F]+", "0x", "\n".join(lines))
    text = re.sub(r"(/[\w.+~@-]+){2,}/?", "<path>", text)
    return re.sub(r"\bat \d{6,}\b|\bid=\d{6,}\b", "", text)


def _signature(call, when, path):
    info = call.excinfo
    if info is None:
        return None
    frames = []
    trace = info.tb
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        line = trace.tb_lineno
        if name == path:
            source = linecache.getline(name, line).split("  # <- fails here")[0].strip().rstrip(",\\")
            frames.append(["", trace.tb_frame.f_code.co_name, source])
        elif not any(part in name for part in ("/_pytest/", "/pluggy/", "reprolens_", "<frozen importlib")):
            frames.append([name, trace.tb_frame.f_code.co_name, line])
        trace = trace.tb_next
    if len(frames) > 60:
        frames = frames[:20] + frames[-20:]
    if any(not frame[0] for frame in frames):
        # What led to the test's module is pytest's.
        while frames and frames[0][0]:
            frames.pop(0)
    try:
        message = str(info.value)
    except Exception:
        message = ""
    return [when, info.type.__name__, _telling(message), frames]


class _Reducer(object):
    def __init__(self, session, job):
        self.session = session
        self.path = job["path"]
        self.text = job["text"].encode("utf-8")
        self.parts = job["parts"]
        self.budget = float(job["seconds"])
        self.began, self.used = time.time(), self.spent()
        self.limit = 10.0
        self.tries = 0
        self.gone = set()
        self.known = {}
        self.expected = None
        self.products = self.imported(self.text)
        self.mentioned = self.mentions(self.text)
        self.open = self.undefined(self.text)

    @staticmethod
    def imported(text):
        """the names that a module imports from elsewhere than Python and pytest"""
        own = set(getattr(sys, "stdlib_module_names", ())) | {"pytest", "_pytest", "hypothesis", "mock", "six", "__future__"}
        names = set()
        for node in ast.walk(ast.parse(text)):
            module = getattr(node, "module", None) or ""
            for name in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
                if (module or name.name).split(".")[0] not in own:
                    names.add((name.asname or name.name).split(".")[0])
        return names

    def mentions(self, text):
        """which of them the code uses"""
        used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        return used & self.products

    @staticmethod
    def undefined(text):
        """names that are used and bound nowhere"""
        used, bound = set(), set(dir(builtins)) | {"__file__", "__name__", "__doc__"}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Name):
                (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                bound.add(node.name)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                bound.add(node.name)
            elif isinstance(node, ast.alias):
                bound.add((node.asname or node.name).split(".")[0])
        return used - bound

    def compose(self, gone):
        pieces, at = [], 0
        for part in sorted((self.parts[i] for i in gone), key=lambda part: (part["start"], -part["end"])):
            if part["start"] < at:
                continue
            pieces += [self.text[at:part["start"]], part["with"].encode("utf-8")]
            at = part["end"]
        return b"".join(pieces + [self.text[at:]])

    def run(self, text):
        """the failure of a text, found in a child"""
        self.tries += 1
        with open(self.path, "wb") as out:
            out.write(text)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                gc.disable()
                os.close(reading)
                silent = os.open(os.devnull, os.O_WRONLY)
                for stream in (1, 2):
                    os.dup2(silent, stream)
                linecache.clearcache()
                stem = os.path.splitext(os.path.basename(self.path))[0]
                for name in [name for name in sys.modules if name.split(".")[-1] == stem]:
                    del sys.modules[name]
                del FOUND[:]
                self.session.testsfailed = 0
                from _pytest.runner import runtestprotocol
                try:
                    items = list(self.session.perform_collect([self.path], genitems=True))
                except Exception:
                    items = []
                for item in items[:1]:
                    runtestprotocol(item, log=False, nextitem=None)
                os.write(writing, json.dumps([FOUND[0] if FOUND else None, len(items)]).encode("utf-8"))
            finally:
                os._exit(0)
        os.close(writing)
        answer = b""
        end = time.time() + self.limit
        while True:
            ready, _, _ = select.select([reading], [], [], max(0.0, end - time.time()))
            data = os.read(reading, 65536) if ready else b""
            if not data:
                break
            answer += data
        os.close(reading)
        try:
            os.kill(child, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(child, 0)
        try:
            return json.loads(answer.decode("utf-8"))[0]
        except (ValueError, IndexError):
            return None

    def same(self, gone):
        text = self.compose(gone)
        if text not in self.known:
            try:
                empty = self.mentioned and not self.mentions(text) or self.undefined(text) - self.open
            except SyntaxError:
                empty = True
            # Without the code under test, whatever fails is another thing.
            self.known[text] = not empty and self.run(text) == self.expected
        return self.known[text]

    def start(self):
        """whether the whole text fails, twice in the same way"""
        if hasattr(gc, "freeze"):
            gc.freeze()
        began = time.time()
        self.expected = self.run(self.text)
        lasted = time.time() - began
        self.limit = min(10.0, 1.0 + 4 * lasted)
        return self.expected is not None and self.run(self.text) == self.expected

    def may_go(self, part):
        when, kind, message, _ = self.expected
        source = self.text[part["start"]:part["end"]].decode("utf-8", "replace")
        vague = kind in MISSING and not (kind == "AssertionError" and len(message) >= TELLING)
        words = set(re.findall(r"[A-Za-z_]{4,}" if not vague else r"\w+", " ".join(re.findall(r"['\"`]([^'\"`]*)['\"`]", message))))
        if vague and kind != "AssertionError" or part["careful"]:
            if words & set(re.findall(r"\w+", source)):
                return False
        return not (part["careful"] and vague)

    def reduce(self):
        groups = {}
        for index, part in enumerate(self.parts):
            if self.may_go(part):
                groups.setdefault(part["group"], []).append(index)
        for _ in range(4):
            before = len(self.gone)
            for group in sorted(groups):
                if not self.over():
                    self.group(groups[group])
            if len(self.gone) == before:
                break
        self.unread()

    def unread(self):
        """assignments of names that nothing reads any more"""
        for index in reversed(range(len(self.parts))):
            part = self.parts[index]
            name = re.match(rb"(\w+) = ", self.text[part["start"]:part["end"]])
            if name and part["with"] == "pass" and index not in self.gone and not self.inside(index):
                rest = self.compose(self.gone | {index})
                if not re.search(rb"\b" + name.group(1) + rb"\b", rest) and self.same(self.gone | {index}):
                    self.gone.add(index)

    def spent(self):
        """the processor's time: on a busy machine no fewer parts are tried"""
        return sum(os.times()[:4])

    def over(self):
        return self.spent() - self.used > self.budget or time.time() - self.began > 4 * self.budget

    def group(self, indexes):
        """takes out what can go of one block or list: all of it, halves, and so on down to one part"""
        left = [i for i in indexes if i not in self.gone and not self.inside(i)]
        size = len(left)
        while size >= 1 and left:
            at = len(left)
            while at > 0 and not self.over():
                chunk = left[max(0, at - size):at]
                at -= size
                if self.same(self.gone | set(chunk)):
                    self.gone |= set(chunk)
            left = [i for i in left if i not in self.gone]
            size = min(size, len(left)) // 2 if size > 1 else 0

    def inside(self, index):
        part = self.parts[index]
        return any(self.parts[i]["start"] <= part["start"] and part["end"] <= self.parts[i]["end"] for i in self.gone)


def pytest_exception_interact(node, call, report):
    try:
        signature = _signature(call, getattr(report, "when", None) or "collect", TEST)
        if signature is not None:
            FOUND.append(signature)
    except Exception:
        pass


TEST = None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    global TEST
    with open(os.environ["REPROLENS_REDUCE"], "rb") as source:
        job = json.loads(source.read().decode("utf-8"))
    TEST = job["path"]
    gone, tries = [], 0
    try:
        if hasattr(os, "fork") and not RISKY.search(job["text"]):
            reducer = _Reducer(session, job)
            if reducer.start():
                reducer.reduce()
            gone, tries = sorted(reducer.gone), reducer.tries
    except SyntaxError:
        pass  # Python cannot read the test: that is the failure.
    with open(job["out"] + ".part", "w") as out:
        json.dump({"gone": gone, "tries": tries}, out)
    os.replace(job["out"] + ".part", job["out"])
    return True

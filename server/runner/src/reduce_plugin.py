"""reprolens: finds out, beside a test's own run, which parts of the test can go while it fails in the same way.

Loaded with `-p reprolens_reduce_plugin`; reads $REPROLENS_REDUCE, a JSON object {"path", "imports", "text", "parts": [{"edits":
[[start, end, with]], "group", "careful"}], "exception", "seconds", "lines", "seconds_while_long", "out"}, and writes
{"gone", "tries", "complete"} to the file "out". The test's own run is what it would be without this. A child that is forked before the test is loaded waits for its end;
each candidate is run in a child of that one: none can see what another one did, hang or crash the rest. None may remove or
start what the whole test did not.
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
# A candidate that may remove files or start programs could miss the path that it needs. Where Python tells of such deeds (from 3.8
# on), those that the whole test does not do are refused; where it does not, such a test is not tried.
RISKY = re.compile(r"\b(rmtree|unlink|removedirs|rmdir|os\.remove|subprocess|os\.system|os\.rename|shutil\.move|os\.kill)\b")
DEEDS = {"os.remove", "os.rmdir", "os.rename", "os.truncate", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.kill",
         "os.killpg", "shutil.rmtree", "shutil.move", "subprocess.Popen"}
# A test that runs longer is not tried in parts; and how long its run waits for them at most: scripts have a bound of a minute.
LONGEST = 20.0
MOST_SECONDS = 35.0
# What shows this much, or a number of seven digits, is not met by chance.
TELLING = 40
DIGITS = re.compile(r"\d[\d.]{6,}")
MARK = "  # <- fails here"


def _told(message):
    """the message without the parts that grow and shrink with the data that is beside the point, and without addresses"""
    lines = []
    for line in message.splitlines():
        text = line.strip()
        if text.startswith("Full diff:") or "...Full output truncated" in text:
            break
        is_diff = text.startswith(("? ", "- ")) or text.startswith("+ ") and not text.startswith("+  ")
        if not text or is_diff or text.startswith(("Omitting ", "Use -v", "Skipping ")):
            continue
        lines.append(text)
    return _without_addresses("\n".join(lines))


def _without_addresses(text):
    text = re.sub(r"0x[0-9a-fA-F]+", "0x", text)
    return re.sub(r"\bat \d{6,}\b|\bid='?\d{6,}\b", "", text)


def _without_places(text):
    """the text without addresses and paths"""
    return re.sub(r"(/[\w.+~@-]+){2,}/?", "<path>", _without_addresses(text))


def _plain(value):
    """a number, a text or a few of them, as written; None for anything else"""
    if isinstance(value, (tuple, list)) and len(value) <= 8:
        parts = [_plain(part) for part in value]
        return None if None in parts else ", ".join(parts)
    return repr(value) if isinstance(value, (str, int, float, complex)) else None


def _telling_locals(frame):
    """the variables whose values are not met by chance: an assertion's message often leaves them out"""
    found = {}
    for name, value in frame.f_locals.items():
        text = _plain(value)
        if text and len(text) <= 2000 and (len(text) >= TELLING or DIGITS.search(text)):
            found[name] = _without_places(text)
    return found


def _data(value, depth=0):
    """data as text, the same for equal data; None for anything else"""
    if isinstance(value, (str, bytes, int, float, complex, type(None))):
        return repr(value)
    if not isinstance(value, (tuple, list, set, frozenset, dict)) or len(value) > 200 or depth > 4:
        return None
    items = [item for pair in value.items() for item in pair] if isinstance(value, dict) else list(value)
    parts = [_data(item, depth + 1) for item in items]
    if None in parts:
        return None
    return type(value).__name__ + repr(sorted(parts) if isinstance(value, (set, frozenset)) else parts)


def _held(frame):
    """the variables that hold data"""
    found = {name: _data(value) for name, value in frame.f_locals.items()}
    return {name: _without_places(text) for name, text in found.items() if text and len(text) <= 4000}


def _signature(call, when, path):
    info = call.excinfo
    if info is None:
        return None
    frames, values, held = [], {}, {}
    trace = info.tb
    while trace is not None:
        values = {}
        name = trace.tb_frame.f_code.co_filename
        line = trace.tb_lineno
        if name == path:
            source = linecache.getline(name, line).split(MARK)[0].strip().rstrip(",\\")
            frames.append(["", trace.tb_frame.f_code.co_name, source])
            values, held = _telling_locals(trace.tb_frame), _held(trace.tb_frame)
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
    told = _told(message)
    return [when, info.type.__name__, _without_places(told), frames, values, told, held]


class _Guard(object):
    """an audit hook of a child: refuses deeds that are not in `known`, or notes them where that is None

    What the child itself made it may do anything with.
    """

    def __init__(self, known):
        self.known = known
        self.deeds = set()
        self.made = set()
        self.refused = False

    def __call__(self, event, args):
        if event in ("os.mkdir", "tempfile.mkdtemp", "tempfile.mkstemp") or event == "open" and self.creates(args[2]):
            path = self.place(args[0], args[2] if event == "os.mkdir" else -1)
            if path and not os.path.lexists(path):
                self.made.add(path)
        elif event in DEEDS and not self.own(event, args):
            by_folder = event in ("os.remove", "os.rmdir")
            deed = "%s %r" % (event, self.place(args[0], args[-1]) if by_folder else args[:2])
            if self.known is None:
                self.deeds.add(deed)
            elif deed not in self.known:
                self.refused = True
                raise RuntimeError("not done while parts are tried: " + event)

    @staticmethod
    def creates(flags):
        return isinstance(flags, int) and bool(flags & os.O_CREAT)

    @staticmethod
    def place(path, folder):
        """the full path, links in its folder followed; None where that cannot be told"""
        try:
            path = os.fsdecode(path)
            if isinstance(folder, int) and folder >= 0:
                path = os.path.join(os.readlink("/proc/self/fd/%d" % folder), path)
        except (TypeError, OSError):
            return None
        path = os.path.abspath(path)
        return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))

    def own(self, event, args):
        if event in ("os.rename", "shutil.move"):
            folders = args[2:4] if event == "os.rename" else (-1, -1)
            source, target = (self.place(path, folder) for path, folder in zip(args[:2], folders))
            return self.is_own(source) and target is not None and (self.is_own(target) or not os.path.lexists(target))
        if event in ("os.remove", "os.rmdir", "os.truncate", "shutil.rmtree"):
            return self.is_own(self.place(args[0], args[-1] if len(args) > 1 and event != "os.truncate" else -1))
        return False

    def is_own(self, path):
        if path is None:
            return False
        # Hypothesis keeps its examples there.
        return os.sep + ".hypothesis" + os.sep in path or any(
            path == made or path.startswith(made + os.sep) for made in self.made)


class _Reducer(object):
    def __init__(self, session, job):
        self.session = session
        self.path = job["path"]
        self.out = job["out"]
        self.text = job["text"].encode("utf-8")
        self.parts = job["parts"]
        self.budget, self.budget_while_long = float(job["seconds"]), float(job["seconds_while_long"])
        self.most_lines = job["lines"]
        self.began, self.used = time.time(), self.spent()
        self.limit = 10.0
        self.tries = 0
        self.gone = set()
        self.known = {}
        self.deeds = None
        self.expected = None
        self.values = {}
        self.kept = set()
        self.held = {}
        self.told = None
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

    @classmethod
    def undefined(cls, text):
        """names that are used and bound nowhere, and fixtures that are used by name where they are not requested"""
        tree = ast.parse(text)
        used, bound = set(), set(dir(builtins)) | {"__file__", "__name__", "__doc__"}
        for node in ast.walk(tree):
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
        return used - bound | cls.unrequested(tree)

    @staticmethod
    def unrequested(tree):
        """the function that makes a fixture is not its value: (fixture, function that uses it without having it)"""
        functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        fixtures = {it.name for it in functions if any("fixture" in ast.dump(decorator) for decorator in it.decorator_list)}
        found = set()
        for function in functions:
            inner = [node for statement in function.body for node in ast.walk(statement)] + list(ast.walk(function.args))
            names = [node for node in inner if isinstance(node, ast.Name) and node.id in fixtures]
            had = {node.arg for node in inner if isinstance(node, ast.arg)}
            had |= {node.id for node in names if not isinstance(node.ctx, ast.Load)}
            found |= {(node.id, function.name) for node in names if node.id not in had}
        return found

    def compose(self, gone):
        pieces, at = [], 0
        edits = [edit for index in gone for edit in self.parts[index]["edits"]]
        for start, end, instead in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
            if start < at:
                continue
            pieces += [self.text[at:start], instead.encode("utf-8")]
            at = end
        return b"".join(pieces + [self.text[at:]])

    def run(self, text):
        """the failure of a text and what it did, found in a child; None where it did what it may not"""
        self.tries += 1
        with open(self.path, "wb") as out:
            out.write(text)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                gc.disable()
                os.close(reading)
                linecache.clearcache()
                stem = os.path.splitext(os.path.basename(self.path))[0]
                for name in [name for name in sys.modules if name.split(".")[-1] == stem]:
                    del sys.modules[name]
                del FOUND[:]
                self.session.testsfailed = 0
                guard = _Guard(self.deeds)
                if hasattr(sys, "addaudithook"):
                    sys.addaudithook(guard)
                try:
                    items = list(self.session.perform_collect([self.path], genitems=True))
                except Exception:
                    items = []
                for item in items[:1]:
                    # What explains assertions is set up by a plugin around this.
                    item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
                found = FOUND[0] if FOUND and not guard.refused else None
                os.write(writing, json.dumps([found, sorted(guard.deeds)]).encode("utf-8"))
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
            return json.loads(answer.decode("utf-8"))
        except ValueError:
            return [None, []]

    def same(self, gone):
        text = self.compose(gone)
        if text not in self.known:
            try:
                empty = self.mentioned and not self.mentions(text) or self.undefined(text) - self.open
            except SyntaxError:
                empty = True
            # Without the code under test, whatever fails is another thing.
            self.known[text] = not empty and self.is_expected(self.run(text)[0])
        return self.known[text]

    def is_expected(self, found):
        return bool(found) and found[:4] == self.expected[:4] and self.told in (None, found[5]) and all(
            found[4].get(name) == value for name, value in self.values.items()) and all(
            found[6].get(name) == value for name, value in self.held.items())

    def start(self):
        """whether the whole text fails, twice in the same way"""
        if hasattr(gc, "freeze"):
            gc.freeze()
        began = time.time()
        self.expected, deeds = self.run(self.text)
        lasted = time.time() - began
        self.limit = min(10.0, 1.0 + 4 * lasted)
        again, more = self.run(self.text)
        self.deeds = set(deeds) | set(more)
        if self.expected is None or not self.is_expected(again):
            return False
        # Paths that do not change from run to run are what the test made, and part of what it shows.
        self.told = self.expected[5] if self.expected[5] == again[5] else None
        self.kept = self.missed()
        if not self.is_exact():
            near = self.near_the_failure()
            self.values = {name: value for name, value in self.expected[4].items() if name in near and again[4].get(name) == value}
        if self.expected[1] == "AssertionError" and not self.is_exact() and not self.values:
            # `False is not true` shows nothing of what was compared.
            near = self.names(*self.failing_statements(ast.parse(self.text)))
            self.held = {name: value for name, value in self.expected[6].items() if name in near and again[6].get(name) == value}
        return True

    def is_exact(self):
        message = self.expected[2]
        return len(message) >= TELLING or DIGITS.search(message) is not None

    def failing_statements(self, tree):
        own = [frame for frame in self.expected[3] if not frame[0]]
        source = own[-1][2] if own else ""
        lines = self.text.decode("utf-8", "replace").split("\n")
        return [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and source
                and lines[node.lineno - 1].split(MARK)[0].strip().rstrip(",\\") == source]

    def near_the_failure(self):
        """names of the failing line, and of the assignments that make them: `passed, text = compare(...)` before `assert passed`"""
        text = self.text.decode("utf-8", "replace")
        tree = ast.parse(self.text)
        failing = self.failing_statements(tree)
        names = set()
        for function in ast.walk(tree):
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            statements = [node for node in ast.walk(function) if isinstance(node, ast.stmt)]
            for node in failing:
                if node in statements:
                    read = self.names(node)
                    made = [it for it in statements if isinstance(it, ast.Assign) and self.names(*it.targets) & read]
                    names |= read.union(*(self.names(it) for it in made))
        # What the test itself spells out is met by any part of it.
        return {name for name in names if self.expected[4].get(name, "").strip("'\"") not in text}

    @staticmethod
    def names(*nodes):
        return {inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)}

    def missed(self):
        """the lines of the block that a `with` looked back at and failed: without them it would find nothing for another reason"""
        frames = self.expected[3]
        own = [at for at, frame in enumerate(frames) if not frame[0]]
        inner = frames[own[-1] + 1:own[-1] + 2] if own else []
        sources = {frames[own[-1]][2] for frame in inner if frame[1] in ("__exit__", "__aexit__")}
        lines = self.text.decode("utf-8", "replace").split("\n")
        rows = set()
        for node in ast.walk(ast.parse(self.text)) if sources else ():
            if isinstance(node, (ast.With, ast.AsyncWith)):
                header = lines[node.lineno - 1:node.body[0].lineno - 1]
                if any(line.split(MARK)[0].strip().rstrip(",\\") in sources for line in header):
                    last = max(getattr(inner, "lineno", 0) for inner in ast.walk(node))
                    rows.update(range(node.body[0].lineno, last + 1))
        return rows

    def is_kept(self, part):
        changes = part["careful"] or any(edit[2] != "pass" for edit in part["edits"])
        return changes and any(self.text.count(b"\n", 0, edit[0]) + 1 in self.kept for edit in part["edits"])

    def may_go(self, part):
        if self.is_kept(part):
            return False
        when, kind, message = self.expected[:3]
        source = " ".join(self.source(edit) for edit in part["edits"])
        exact = self.is_exact() or self.values
        # What did not happen in a block does not happen without what was to make it happen, either.
        vague = self.kept or kind in MISSING and not (kind == "AssertionError" and exact)
        words = set(re.findall(r"[A-Za-z_]{4,}" if not vague else r"\w+", " ".join(re.findall(r"['\"`]([^'\"`]*)['\"`]", message))))
        if vague and kind != "AssertionError" or part["careful"]:
            if words & set(re.findall(r"\w+", source)):
                return False
        return not (part["careful"] and vague)

    def source(self, edit):
        return self.text[edit[0]:edit[1]].decode("utf-8", "replace")

    def reduce(self):
        """whether each part that is left was tried"""
        groups = {}
        for index, part in enumerate(self.parts):
            if self.may_go(part):
                groups.setdefault(part["group"], []).append(index)
        for _ in range(4):
            before = len(self.gone)
            for group in sorted(groups):
                if not self.over():
                    self.group(groups[group])
                    self.save(False)
            if len(self.gone) == before:
                break
        self.unread()
        return not self.over()

    def save(self, complete):
        with open(self.out + ".part", "w") as out:
            json.dump({"gone": sorted(self.gone), "tries": self.tries, "complete": complete}, out)
        os.replace(self.out + ".part", self.out)

    def unread(self):
        """assignments of names that nothing reads any more"""
        for index in reversed(range(len(self.parts))):
            edit = self.parts[index]["edits"][0]
            name = re.match(r"(\w+) = ", self.source(edit)) if not self.is_kept(self.parts[index]) else None
            if name and edit[2] == "pass" and index not in self.gone and not self.inside(index):
                rest = self.compose(self.gone | {index})
                if not re.search(rb"\b" + name.group(1).encode("utf-8") + rb"\b", rest) and self.same(self.gone | {index}):
                    self.gone.add(index)

    def spent(self):
        """the processor's time: on a busy machine no fewer parts are tried"""
        return sum(os.times()[:4])

    def over(self):
        is_long = self.compose(self.gone).count(b"\n") > self.most_lines
        budget = self.budget_while_long if is_long else self.budget
        return self.spent() - self.used > budget or time.time() - self.began > 4 * budget

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
        edits = [edit for i in self.gone for edit in self.parts[i]["edits"]]
        return all(any(start <= edit[0] and edit[1] <= end for start, end, _ in edits) for edit in self.parts[index]["edits"])


def pytest_exception_interact(node, call, report):
    try:
        signature = _signature(call, getattr(report, "when", None) or "collect", TEST)
        if signature is not None:
            FOUND.append(signature)
    except Exception:
        pass


TEST = None
CHILD = None


def _job():
    with open(os.environ["REPROLENS_REDUCE"], "rb") as source:
        return json.loads(source.read().decode("utf-8"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    global CHILD
    if not hasattr(os, "fork") or hasattr(session.config, "workerinput"):
        return
    began = time.time()
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(reading)
        CHILD = (child, writing, began)
        return
    try:
        os.close(writing)
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        # Nothing comes where the test passed, took long, failed with something else, or took its process along.
        if os.read(reading, 1):
            _try_parts(session, _job())
    finally:
        os._exit(0)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    global CHILD
    if CHILD is None:
        return
    (child, writing, began), CHILD = CHILD, None
    job = _job()
    if FOUND and time.time() - began < LONGEST and job["exception"] in (None, FOUND[0][1]):
        os.write(writing, b"1")
    os.close(writing)
    end = time.time() + min(6 * job["seconds_while_long"], MOST_SECONDS)
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.time() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.005)


def _try_parts(session, job):
    global TEST
    TEST = job["path"]
    # Nobody reads the tracebacks.
    session.config.option.tbstyle = "native"
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if hasattr(reporter, "_tw"):
        # It holds a copy of standard output that capturing made.
        reporter._tw._file = open(os.devnull, "w")
    try:
        from _pytest import assertion
        assertion.pytest_collection(session)
        session.perform_collect([job["imports"]], genitems=True)
    except Exception:
        pass  # What cannot be imported here cannot be there either.
    if hasattr(sys, "addaudithook") or not RISKY.search(job["text"]):
        try:
            reducer = _Reducer(session, job)
            reducer.save(reducer.start() and reducer.reduce())
        except SyntaxError:
            pass  # Python cannot read the test: that is the failure.

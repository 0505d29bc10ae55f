"""PYTEST_DONT_REWRITE: what a failure of a test is told by, in a form that two runs can be compared in."""
import linecache
import os
import re

# What shows this much, or a number of seven digits, is not met by chance.
TELLING = 40
DIGITS = re.compile(r"\d[\d.]{6,}")
MARK = "  # <- fails here"
# What pytest says of an exception that it is given as no more than text.
HANDED_ON = "NOTE: Incompatible Exception Representation"


class Seen(object):
    """the failures of a run, the first one first, and the modules that were collected; the test's own frames are those of `path`"""

    def __init__(self):
        self.path = None
        self.failures = []
        self.modules = []

    def note(self, call, when):
        failure = _failure(call, when, self.path)
        if failure is not None:
            self.failures.append(failure)

    def wanted(self, job):
        """the first failure that is like CI's, as far as can be told here: a base of its class may fail, too"""
        like = (it for it in self.failures if job["exception"] in (None, it[1]) and not is_another(it, job["message"]))
        return next(like, None)


def is_exact(failure):
    message = failure[2]
    return len(message) >= TELLING or DIGITS.search(message) is not None


def is_another(failure, message):
    """whether a failure's message differs from the one that is looked for, however values, places and names of tests change"""
    return any(_is_another_line(own, known) for own, known in zip(_coarse(failure[5]), _coarse(message or "")))


def _is_another_line(own, known):
    cut, whole = (known, own) if "..." in known else (own, known)
    return bool(own and known) and re.match(".*".join(re.escape(piece) for piece in cut.split("...")), whole) is None


def _coarse(message):
    """the first line and those that say where its values are from, without what can change from run to run"""
    lines = message.strip().split("\n")
    return [_coarse_line(line) for line in lines[:1] + [it for it in lines[1:] if re.match(r"\s*\+\s+where ", it)]]


def _coarse_line(line):
    """without places, numbers, and what names stand in"""
    words = [word for word in line.split() if not re.search(r"/|::|<\w+>|\btest_", word)]
    return re.sub(r"\d+", "0", re.sub(r"[\w.]+\.(?=[^\W\d]|<)", "", _without_addresses(" ".join(words))))


def plain_line(line):
    return line.split(MARK)[0].strip().rstrip(",\\")


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


def _printed(message):
    """(type, message, frames with their lines) of the last traceback in a text: all that some frameworks hand on of an exception"""
    _, head, block = message.rpartition("Traceback (most recent call last):\n")
    end = re.search(r"^(?:\w+\.)*(\w+)(?:: |$)", block, re.M) if head else None
    if end is None:
        return None
    frames = re.findall(r'^  File "(.+)", line (\d+), in (\S+)(?:\n    (.*))?', block[:end.start()], re.M)
    return end.group(1), block[end.end():].strip(), frames


def _failure(call, when, path):
    """[phase, type, message, frames, telling locals, the whole message, data of the locals]; a frame of the test's own has no path"""
    info = call.excinfo
    if info is None:
        return None
    frames, own, last, trace = [], None, None, info.tb
    while trace is not None:
        last, line = trace.tb_frame, trace.tb_lineno
        name = last.f_code.co_filename
        if name == path:
            own = last
            frames.append(["", last.f_code.co_name, plain_line(linecache.getline(name, line))])
        elif not any(part in name for part in ("/_pytest/", "/pluggy/", "reprolens_", "<frozen importlib")):
            frames.append([name, last.f_code.co_name, line])
        trace = trace.tb_next
    try:
        message = str(info.value)
    except Exception:
        message = ""
    kind = info.type.__name__
    printed = _printed(message) if message.startswith(HANDED_ON) else None
    if printed:
        # Another framework's test may fail with the same words, and is another thing.
        when += " as " + kind
        kind, message, lines = printed
        frames = [["", function, plain_line(source)] if name == path else [name, function, int(line)] for name, line, function, source in lines]
    if len(frames) > 60:
        frames = frames[:20] + frames[-20:]
    if any(not frame[0] for frame in frames):
        # What led to the test's module is pytest's.
        while frames[0][0]:
            frames.pop(0)
    if path:
        # Each child has its own.
        message = message.replace(os.path.dirname(path), "<folder>")
    told = _told(message)
    values = _telling_locals(own) if own is not None and own is last else {}
    held = _held(own) if own is not None else {}
    return [when, kind, _without_places(told), frames, values, told, held]

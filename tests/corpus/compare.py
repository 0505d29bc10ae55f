"""When two failures are the same: of a CI job's run, and of what a repro or the test alone gives."""

import ast
import os
import re
from pathlib import Path


def same(wanted, got):
    """The same exception type, the same first line of its message, the same failing line."""
    expected = wanted["exception"]
    message = plain(expected["message"].split("\n")[0], wanted["nodeid"])
    # A repro may still name the original's module.
    found = plain(plain(got["message"], got["id"]), wanted["nodeid"])
    if expected["type"] != got["type"] or not fits(message, found):
        return False
    # The first line of a statement that a repro may have laid out anew.
    line = statement(wanted["crash"]["source"])
    return statement(got["source"]) == line or statement(whole_statement(got)).startswith(line)


def plain(message, node_id):
    """A message without what changes from run to run and from file to file."""
    message = re.sub(r"[\w./+~-]+\.py(::[\w.-]+)+(\[[^\]]*\])?", "<node>", message)
    module = node_id.split("::")[0].removesuffix(".py")
    parts = module.removesuffix("/__init__").split("/")
    for at in range(len(parts)):
        message = re.sub(rf"(?<![\w.]){re.escape('.'.join(parts[at:]))}(?![\w/])", "<module>", message)
    message = re.sub(r"<(Function|Coroutine|TestCaseFunction) [^<>]*>", "<item>", message)
    message = re.sub(r"\([\w<>]+\.py, line \d+\)", "<place>", message)
    message = re.sub(r"\x1b\[[0-9;]*m", "", message)
    message = re.sub(r"0x[0-9a-fA-F]+", "0x", message)
    message = re.sub(r"[\w.<>]*<locals>\.", "<locals>.", message)
    message = re.sub(r"[\w./+~-]*/(site-packages|lib/python3\.\d+)/", "<library>/", message)
    message = re.sub(r"/(tmp|home|builds|root|work|opt|var)/[^\s'\"),:]*", "<path>", message)
    message = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", message)
    return re.sub(r"\s+", " ", message).strip()


def fits(wanted, got):
    """Equal, or one is what pytest's `...` left of the other."""
    if wanted == got:
        return True
    for short, long in ((wanted, got), (got, wanted)):
        if "..." in short and re.fullmatch(".*".join(map(re.escape, short.split("..."))), long):
            return True
    a, b = wanted.split("..."), got.split("...")
    if len(a) == len(b) == 1:
        return False
    head, tail = os.path.commonprefix([a[0], b[0]]), os.path.commonprefix([a[-1][::-1], b[-1][::-1]])
    return head in (a[0], b[0]) and tail[::-1] in (a[-1], b[-1]) and len(head) + len(tail) >= 12


def statement(source):
    # What is said to linters is the repro's own.
    source = re.sub(r"# noqa\b.*$", "", source.removesuffix("# <- fails here"))
    return re.sub(r"\s+", "", source).rstrip(",\\")


def whole_statement(got):
    """The statement on the failing line, with all its lines."""
    try:
        text = Path(got["path"]).read_text(encoding="utf-8", errors="replace")
        nodes = ast.walk(ast.parse(text))
    except (OSError, SyntaxError, ValueError):
        return got["source"]
    around = [it for it in nodes if isinstance(it, ast.stmt) and it.lineno <= got["line"] <= it.end_lineno]
    innermost = max(around, key=lambda it: it.lineno, default=None)
    return ast.get_source_segment(text, innermost) if innermost else got["source"]

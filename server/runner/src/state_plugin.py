"""reprolens: records what the names of the failing statement held when a test failed.

Loaded with `-p reprolens_state_plugin`; writes a JSON list to $REPROLENS_STATE: for every frame of the traceback, innermost last,
[path, first line of the statement, {name: value}], with the values that are plain data. It only observes.
"""
import ast
import json
import os
import re

TARGET = os.environ.get("REPROLENS_STATE")
LONGEST = 2000
MOST_FRAMES = 100
# What changes from run to run: addresses, paths, identifiers, times.
CHANGING = re.compile(r"0x[0-9a-fA-F]+|(/[\w.+~@-]+){2,}/?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d[\d.]{8,}")


def _plain(value, depth=0):
    if type(value) in (int, bool, str, bytes, float, complex, type(None)):
        return True
    if type(value) in (list, tuple) and depth < 4:
        return len(value) <= 100 and all(_plain(item, depth + 1) for item in value)
    if type(value) is dict and depth < 4:
        return len(value) <= 100 and all(_plain(key, depth + 1) and _plain(item, depth + 1) for key, item in value.items())
    return False


def _statement(path, line):
    """the innermost statement of a line: its first line, and the names that it reads"""
    with open(path, "rb") as source:
        text = source.read()
    around = [node for node in ast.walk(ast.parse(text))
              if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno]
    node = max(around, key=lambda it: (it.lineno, -it.end_lineno))
    header = [node]
    if hasattr(node, "body"):
        # Of a `with` or a loop what its header says.
        header = [it for it in ast.iter_child_nodes(node) if not isinstance(it, ast.stmt)]
    names = {it.id for part in header for it in ast.walk(part) if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Load)}
    first = text.decode("utf-8", "replace").split("\n")[node.lineno - 1]
    return first.split("  # <- fails here")[0].strip().rstrip(",\\"), names


def _frames(traceback):
    found = []
    while traceback is not None and len(found) < MOST_FRAMES:
        frame = traceback.tb_frame
        path = frame.f_code.co_filename
        if "site-packages" not in path and os.path.isfile(path):
            try:
                source, names = _statement(path, traceback.tb_lineno)
                values = {}
                for name in names:
                    value = frame.f_locals.get(name, Ellipsis)
                    text = repr(value) if _plain(value) else ""
                    if 0 < len(text) <= LONGEST:
                        values[name] = CHANGING.sub("", text)
                found.append([os.path.realpath(path), source, values])
            except Exception:
                pass
        traceback = traceback.tb_next
    return found


def pytest_runtest_makereport(item, call):
    try:
        if call.excinfo is not None and TARGET and not os.path.exists(TARGET):
            frames = _frames(call.excinfo.tb)
            with open(TARGET, "w") as out:
                json.dump(frames, out)
    except Exception:
        pass

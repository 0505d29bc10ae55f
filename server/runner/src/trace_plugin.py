"""reprolens: records which lines of the workspace a test runs, and the values that it had.

Loaded with `-p reprolens_trace_plugin`; writes one JSON object to $REPROLENS_TRACE. It only observes: whatever goes
wrong in here is left out of the record, and never reaches the test.
"""
import ast
import json
import os
import sys
import threading

ROOT = os.path.realpath(os.environ.get("REPROLENS_TRACE_ROOT") or os.getcwd())
TARGET = os.environ.get("REPROLENS_TRACE")
LINES = {}
RECORD = {"params": {}, "indices": {}, "fixtures": {}, "iterations": []}
PATHS = {}
EXCLUDED = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
LONGEST = 2000


def _relative(filename):
    """the path in the workspace, or None for a file that is not watched"""
    try:
        return PATHS[filename]
    except KeyError:
        pass
    path = None
    if filename and not filename.startswith("<"):
        real = os.path.realpath(filename)
        # A virtual environment inside the workspace is no part of it.
        if real.startswith(ROOT + os.sep) and not any(part in real for part in EXCLUDED) \
                and not real.startswith(os.path.realpath(sys.prefix) + os.sep):
            path = os.path.relpath(real, ROOT).replace(os.sep, "/")
    PATHS[filename] = path
    return path


def _local(frame, event, arg):
    if event == "line":
        path = _relative(frame.f_code.co_filename)
        if path is not None:
            LINES.setdefault(path, set()).add(frame.f_lineno)
    return _local


def _trace(frame, event, arg):
    path = _relative(frame.f_code.co_filename)
    if path is None:
        return None
    LINES.setdefault(path, set()).add(frame.f_lineno)
    return _local


def _plain(value, depth=0):
    """whether the value is plain data whose repr evaluates to an equal value"""
    if depth > 6:
        return False
    kind = type(value)
    if kind in (int, bool, str, bytes, type(None)):
        return True
    if kind in (float, complex):
        return value == value and abs(value) != float("inf")
    if kind in (list, tuple, set, frozenset):
        if kind is frozenset or (kind is set and not value):
            return False
        return len(value) <= 200 and all(_plain(item, depth + 1) for item in value)
    if kind is dict:
        return len(value) <= 200 and all(
            _plain(key, depth + 1) and _plain(item, depth + 1) for key, item in value.items())
    return False


def _expression(value):
    try:
        if not _plain(value):
            return None
        text = repr(value)
        if len(text) <= LONGEST and ast.literal_eval(text) == value:
            return text
    except Exception:
        pass
    return None


def _loops(path):
    """(first line, last line, header line, names) of the for loops of a file"""
    with open(path, "rb") as source:
        tree = ast.parse(source.read())
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.AsyncFor)):
            names = [name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)]
            yield node.lineno, node.body[-1].end_lineno, names


def _iterations(traceback):
    while traceback is not None:
        frame = traceback.tb_frame
        path = _relative(frame.f_code.co_filename)
        if path is not None:
            for first, last, names in _loops(frame.f_code.co_filename):
                if first >= frame.f_code.co_firstlineno and first <= traceback.tb_lineno <= last:
                    for name in names:
                        expression = _expression(frame.f_locals.get(name, Ellipsis))
                        if expression is not None:
                            RECORD["iterations"].append([path, first, name, expression])
        traceback = traceback.tb_next


def _rows(item, spec):
    """argument -> the row of its parametrize mark, or of its fixture's params

    pytest's own `indices` count the calls of direct parameters, not the rows that they come from.
    """
    rows, marked = {}, set()
    for mark in item.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs.get("argnames")
        sets = mark.args[1] if len(mark.args) > 1 else mark.kwargs.get("argvalues")
        names = [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else list(names)
        marked.update(names)
        found = []
        for row, one in enumerate(sets if isinstance(sets, (list, tuple)) else []):
            if type(one).__name__ == "ParameterSet":
                one = one.values
            elif len(names) == 1:
                one = (one,)
            if len(one) == len(names) and all(spec.params.get(name, spec) is value for name, value in zip(names, one)):
                found.append(row)
        if len(found) == 1:
            rows.update((name, found[0]) for name in names)
    for name, index in (getattr(spec, "indices", None) or {}).items():
        definitions = item._fixtureinfo.name2fixturedefs.get(name) or ()
        is_fixture = any(definition.params and definition.func.__name__ != "get_direct_param_fixture_func"
                         for definition in definitions)
        if name not in marked and is_fixture:
            rows[name] = index
    return rows


def _keep_rows(definition):
    """Values that can be iterated only once are a list, so that they can be looked through again."""
    for mark in definition.iter_markers("parametrize"):
        if len(mark.args) > 1 and hasattr(mark.args[1], "__next__"):
            object.__setattr__(mark, "args", (mark.args[0], list(mark.args[1]), *mark.args[2:]))


def _record_item(item):
    spec = getattr(item, "callspec", None)
    for name, value in (getattr(spec, "params", None) or {}).items():
        expression = _expression(value)
        if expression is not None:
            RECORD["params"][name] = expression
    RECORD["indices"].update(_rows(item, spec) if spec is not None else {})
    for name, value in (getattr(item, "funcargs", None) or {}).items():
        expression = _expression(value)
        if expression is not None and name not in RECORD["params"]:
            RECORD["fixtures"][name] = expression


def _write():
    if not TARGET:
        return
    record = dict(RECORD, lines={path: sorted(lines) for path, lines in LINES.items()})
    with open(TARGET + ".part", "w", encoding="utf-8") as out:
        json.dump(record, out)
    os.replace(TARGET + ".part", TARGET)


def pytest_runtest_logreport(report):
    try:
        if report.failed:
            _write()
    except Exception:
        pass


def pytest_runtest_makereport(item, call):
    try:
        _record_item(item)
        if call.excinfo is not None:
            _iterations(call.excinfo.tb)
    except Exception:
        pass


def pytest_generate_tests(metafunc):
    try:
        _keep_rows(metafunc.definition)
    except Exception:
        pass


def pytest_load_initial_conftests(early_config):
    # The branches that conftests take when they are imported are seen, too.
    _start()


def pytest_configure(config):
    _start()


def _start():
    # Other tracers (coverage, a debugger) stay in place: then values are known, and lines are not.
    if sys.gettrace() is None:
        threading.settrace(_trace)
        sys.settrace(_trace)


def pytest_unconfigure(config):
    try:
        if sys.gettrace() is _trace:
            sys.settrace(None)
            threading.settrace(None)
        _write()
    except Exception:
        pass

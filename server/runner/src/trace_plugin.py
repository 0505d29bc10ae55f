"""reprolens: records which lines of the workspace a test runs, and the values that it had.

Loaded with `-p reprolens_trace_plugin`; writes one JSON object to $REPROLENS_TRACE. It only observes: whatever goes
wrong in here is left out of the record, and never reaches the test.
"""
import ast
import dis
import json
import os
import sys
import threading

import _pytest.assertion.rewrite

ROOT = os.path.realpath(os.environ.get("REPROLENS_TRACE_ROOT") or os.getcwd())
TARGET = os.environ.get("REPROLENS_TRACE")
# function's code -> its lines that have not run yet
UNSEEN = {}
# (path, the lines that have not run yet, all lines) of each such function
WATCHED = []
# one that sys.monitoring leaves to whoever wants it
TOOL = 4
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


def _unseen(code):
    """the lines of a function that have not run yet; None where it is not watched

    What is seen is only taken out of the set, so that a line that runs a thousand times costs little.
    """
    try:
        return UNSEEN[code]
    except KeyError:
        pass
    unseen = None
    path = _relative(code.co_filename)
    if path is not None:
        unseen = {line for _, line in dis.findlinestarts(code) if line} | {code.co_firstlineno}
        WATCHED.append((path, unseen, frozenset(unseen)))
    UNSEEN[code] = unseen
    return unseen


def _trace(frame, event, arg):
    code = frame.f_code
    # Nearly all calls are of files that are not watched; a code's hash takes longer than its file's name.
    if PATHS.get(code.co_filename, "") is None:
        return None
    unseen = _unseen(code)
    if not unseen:
        return None
    unseen.discard(frame.f_lineno)

    def local(frame, event, arg):
        unseen.discard(frame.f_lineno)
        if not unseen:
            # None would leave this function in place.
            del frame.f_trace
        return local

    return local


def _monitored(code, line):
    unseen = _unseen(code)
    if unseen:
        unseen.discard(line)
    return sys.monitoring.DISABLE


def _leave_out(module, name):
    """Most of the calls of a small run are pytest's own, when it rewrites the assertions of a test's file."""
    function = getattr(module, name)

    def untraced(*args, **kwargs):
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    setattr(module, name, untraced)


def _is_monitoring():
    return hasattr(sys, "monitoring") and sys.monitoring.get_tool(TOOL) == "reprolens"


def _begin():
    """Other tracers (coverage, a debugger) stay in place: then values are known, and lines are not."""
    if sys.gettrace() is not None or _is_monitoring():
        return
    if not hasattr(sys, "monitoring"):
        _leave_out(_pytest.assertion.rewrite, "rewrite_asserts")
        threading.settrace(_trace)
        sys.settrace(_trace)
        return
    # Since Python 3.12: each line tells once that it runs.
    events = sys.monitoring.events
    sys.monitoring.use_tool_id(TOOL, "reprolens")
    sys.monitoring.register_callback(TOOL, events.PY_START, lambda code, _: _monitored(code, code.co_firstlineno))
    sys.monitoring.register_callback(TOOL, events.LINE, _monitored)
    sys.monitoring.set_events(TOOL, events.PY_START | events.LINE)


def _end():
    if sys.gettrace() is _trace:
        sys.settrace(None)
        threading.settrace(None)
    elif _is_monitoring():
        sys.monitoring.set_events(TOOL, 0)
        sys.monitoring.free_tool_id(TOOL)


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
    lines = {}
    for path, unseen, all_lines in list(WATCHED):
        lines.setdefault(path, set()).update(all_lines - unseen)
    record = dict(RECORD, lines={path: sorted(found) for path, found in lines.items()})
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
    pytest_configure(early_config)


def pytest_configure(config):
    try:
        _begin()
    except Exception:
        pass


def pytest_unconfigure(config):
    try:
        _end()
        _write()
    except Exception:
        pass

"""A pytest plugin that writes down what failed: one JSON line for every failure, in the file that CORPUS_RECORD names.

`tests/corpus/run` loads it into the runs of generated repros, to compare them with what the CI job's own run recorded.
It only looks.
"""

import json
import linecache
import os

import pytest

HIDDEN = ("/_pytest/", "/pluggy/", "/pytest_asyncio/", "/anyio/pytest_plugin", "/xdist/")


def innermost(excinfo):
    """The last frame that pytest shows: not its own, not hidden, not unittest's; else the last one."""
    last = shown = None
    traceback = excinfo.tb
    while traceback is not None:
        frame = traceback.tb_frame
        path = frame.f_code.co_filename
        last = (path, traceback.tb_lineno)
        own = any(part in path for part in HIDDEN) or path.startswith("<frozen importlib")
        hidden = bool(frame.f_locals.get("__tracebackhide__") or frame.f_globals.get("__tracebackhide__"))
        if not own and not hidden and "__unittest" not in frame.f_globals:
            shown = last
        traceback = traceback.tb_next
    return shown or last


def unreadable(error):
    """The place in a file that Python cannot read: that has no frame."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno and os.path.isfile(error.filename):
        return error.filename, error.lineno
    return None


def pytest_configure(config):
    os.environ.setdefault("CORPUS_ROOT", str(config.rootpath))


def is_inner(config):
    """Whether a test started this session, to see what pytest does."""
    return os.environ["CORPUS_ROOT"] != str(config.rootpath)


def write(config, report, phase, excinfo):
    if is_inner(config):
        return
    error = excinfo.value
    path, line = unreadable(error) or innermost(excinfo)
    try:
        message = str(error)
    except Exception as broken:  # the project's own __str__ may be what fails
        message = f"<str failed: {type(broken).__name__}>"
    record = {
        "id": report.nodeid,
        "shown": config.cwd_relative_nodeid(report.nodeid),
        "phase": phase,
        "type": type(error).__name__,
        "message": message.split("\n")[0],
        "path": path,
        "line": line,
        "source": linecache.getline(path, line).strip(),
    }
    with open(os.environ["CORPUS_RECORD"], "a", encoding="utf-8", errors="backslashreplace") as out:
        out.write(json.dumps(record) + "\n")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed and call.excinfo is not None and "CORPUS_RECORD" in os.environ:
        write(item.config, report, report.when, call.excinfo)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    outcome = yield
    report = outcome.get_result()
    excinfo = getattr(getattr(report, "call", None), "excinfo", None)
    if not report.failed or excinfo is None or "CORPUS_RECORD" not in os.environ:
        return
    cause = excinfo.value.__cause__ or excinfo.value.__context__
    if type(excinfo.value).__name__ == "CollectError" and cause is not None:  # pytest's wrapping of what the import raised
        excinfo = type(excinfo).from_exc_info((type(cause), cause, cause.__traceback__))
    write(collector.config, report, "collect", excinfo)

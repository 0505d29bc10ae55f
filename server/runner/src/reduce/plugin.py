"""reprolens: finds out, beside a test's own run, which parts of the test can go while it fails in the same way. PYTEST_DONT_REWRITE

Loaded with `-p reprolens_reduce.plugin`; reads $REPROLENS_REDUCE, a JSON object {"folder", "name", "imports", "text", "parts": [{"edits":
[[start, end, with]], "group", "careful"}], "exception", "message", "seconds", "out"}, and writes {"gone", "tries", "complete",
"seconds"} to the file "out". The test's own run is what it would be without this. A child that is forked before the test runs waits for its end.
"""
import json
import os
import signal
import time

import pytest

from .failure import Seen

# A test that runs longer is not tried in parts.
LONGEST = 20.0
# How much longer its run waits for them than they may be tried.
GRACE = 3.0
PATIENCE = 6.0

SEEN = Seen()
# Children that wait: one that was forked before the test was loaded, and one after.
WAITING = []
BEGAN = time.time()


def pytest_exception_interact(node, call, report):
    try:
        SEEN.note(call, getattr(report, "when", None) or "collect")
    except Exception:
        pass


def pytest_collectstart(collector):
    if isinstance(collector, pytest.Module) and not type(collector).__name__.startswith("Doctest"):
        SEEN.modules.append(collector)


def _job():
    with open(os.environ["REPROLENS_REDUCE"], "rb") as source:
        return json.loads(source.read().decode("utf-8"))


def _fork(session, is_loaded):
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(reading)
        WAITING.append((child, writing))
        return
    try:
        for end in [writing] + [end for _, end in WAITING]:
            os.close(end)
        del WAITING[:]
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        # Nothing comes where the test passed, took long, failed with something else, or took its process along.
        if os.read(reading, 1):
            from .tries import try_parts
            try_parts(session, SEEN, _job(), is_loaded)
    finally:
        os._exit(0)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    if hasattr(os, "fork") and not hasattr(session.config, "workerinput"):
        _fork(session, False)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    if len(WAITING) == 1 and not SEEN.failures:
        from .code import leaves_nothing
        if leaves_nothing(_job()["text"]):
            _fork(session, True)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    while len(WAITING) > 1:
        _wait(WAITING.pop(0), 0.0)
    for child, writing in WAITING:
        job = _job()
        if _is_wanted(job):
            os.write(writing, b"1")
        _wait((child, writing), PATIENCE * job["seconds"] + GRACE)


def _is_wanted(job):
    return time.time() - BEGAN <= LONGEST and SEEN.wanted(job) is not None


def _wait(waiting, seconds):
    child, writing = waiting
    os.close(writing)
    end = time.time() + seconds
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        if time.time() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(0.005)

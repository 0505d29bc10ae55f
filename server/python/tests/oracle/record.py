#!/usr/bin/env python3
"""Records what pytest collects from `project/`, for the test `oracle.rs`: `record.py PYTHON NAME [OPTION...]` writes `NAME.json`.


PYTHON is an interpreter that has the pytest to record. Each item: its id, the line of the function, the values of its
parameters by repr (left out where repr is no expression), its fixtures, its marks.
"""

import json
import pathlib
import subprocess
import sys

PLUGIN = '''
import inspect, json, os

def pytest_collection_finish(session):
    items = []
    for item in session.items:
        function = inspect.unwrap(item.obj)
        function = getattr(function, "__func__", function)
        callspec = getattr(item, "callspec", None)
        params = {name: repr(value) for name, value in callspec.params.items()} if callspec else {}
        items.append({
            "id": item.nodeid,
            "file": os.path.relpath(function.__code__.co_filename, session.config.rootpath),
            "line": function.__code__.co_firstlineno,
            "params": {name: text for name, text in params.items() if " at 0x" not in text},
            "names": sorted(params),
            "fixtures": [name for name in item.fixturenames if name != "request" and not name.startswith(("_xunit", "_unittest"))],
            "marks": [mark.name for mark in item.iter_markers()],
        })
    with open(os.environ["RECORD_TO"], "w") as out:
        json.dump(items, out, indent=0, ensure_ascii=True)
        out.write("\\n")
'''

here = pathlib.Path(__file__).resolve().parent
python, name, *options = sys.argv[1:]
plugin = here / "project" / "recording_plugin.py"
plugin.write_text(PLUGIN)
try:
    subprocess.run(
        [python, "-B", "-m", "pytest", "-p", "recording_plugin", "--collect-only", "-q", "-p", "no:cacheprovider", *options],
        cwd=here / "project",
        env={"PYTHONPATH": str(here / "project"), "RECORD_TO": str(here / f"{name}.json"), "PATH": "/usr/bin:/bin"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
finally:
    plugin.unlink()

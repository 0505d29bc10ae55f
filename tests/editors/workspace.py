"""Makes the workspace that the editor tests open: a copy of the example project, with a virtual environment as people have it.

Usage: workspace.py FOLDER [VENV]    VENV holds pytest (default: target/venv of this repository, which tests/run makes)
"""

import pathlib
import shutil
import sys

REPO = pathlib.Path(__file__).resolve().parents[2]

workspace = pathlib.Path(sys.argv[1])
venv = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else REPO / "target" / "venv"
shutil.copytree(REPO / "tests" / "examples" / "minitensor", workspace, ignore=shutil.ignore_patterns("__pycache__"))
(workspace / ".venv").symlink_to(venv)

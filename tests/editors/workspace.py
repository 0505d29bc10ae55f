"""Makes the workspace that the editor tests open: a log with a failure, its test, and a repro folder with findings."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "protocol"))
from example import FILES  # noqa: E402

for name, text in FILES.items():
    path = pathlib.Path(sys.argv[1]) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)

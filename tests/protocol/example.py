"""A workspace with one failure: a CI log, its test, and a repro folder with findings."""

LOG = """\
2024-05-01T10:00:00.0000000Z ##[group]Run pytest tests
2024-05-01T10:00:00.0000000Z \x1b[36;1mpytest tests\x1b[0m
2024-05-01T10:00:00.0000000Z shell: /usr/bin/bash -e {0}
2024-05-01T10:00:00.0000000Z env:
2024-05-01T10:00:00.0000000Z   ARCH_NAME: wormhole_b0
2024-05-01T10:00:00.0000000Z ##[endgroup]
2024-05-01T10:00:01.0000000Z ============================= test session starts ==============================
2024-05-01T10:00:01.0000000Z platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.5.0
2024-05-01T10:00:01.0000000Z rootdir: /home/runner/work/shapes/shapes
2024-05-01T10:00:01.0000000Z collected 2 items
2024-05-01T10:00:01.0000000Z
2024-05-01T10:00:01.0000000Z tests/test_area.py .F                                                    [100%]
2024-05-01T10:00:01.0000000Z
2024-05-01T10:00:01.0000000Z =================================== FAILURES ===================================
2024-05-01T10:00:01.0000000Z __________________________________ test_area ___________________________________
2024-05-01T10:00:01.0000000Z
2024-05-01T10:00:01.0000000Z     def test_area():
2024-05-01T10:00:01.0000000Z         width, height = 3, 4
2024-05-01T10:00:01.0000000Z >       assert area(width, height) == 12
2024-05-01T10:00:01.0000000Z E       assert 7 == 12
2024-05-01T10:00:01.0000000Z E        +  where 7 = area(3, 4)
2024-05-01T10:00:01.0000000Z
2024-05-01T10:00:01.0000000Z tests/test_area.py:8: AssertionError
2024-05-01T10:00:01.0000000Z =========================== short test summary info ============================
2024-05-01T10:00:01.0000000Z FAILED tests/test_area.py::test_area - assert 7 == 12
2024-05-01T10:00:01.0000000Z ========================= 1 failed, 1 passed in 0.03s ==========================
2024-05-01T10:00:02.0000000Z ##[error]Process completed with exit code 1.
"""

TEST = """\
from shapes import area


def test_area():
    width, height = 3, 4

    # the sum is not the product
    assert area(width, height) == 12
"""

ROOT = ".github/scripts/reproduce-deterministic-failures"

FILES = {
    "build.log": LOG,
    "tests/test_area.py": TEST,
    "shapes.py": "def area(width, height):\n    return width + height\n",
    f"{ROOT}/area/logs/job.log": LOG,
    f"{ROOT}/area/run_test.sh": "export A=1\n",
}

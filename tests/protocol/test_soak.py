"""A short session of random work; the long one is tests/bench/soak.py."""

import sys

from conftest import REPO

sys.path.insert(0, str(REPO / "tests/bench"))
from soak import soak  # noqa: E402


def test_random_work_leaves_the_state_of_a_fresh_server(tmp_path):
    figures = soak(tmp_path, 10, seed=20261124)
    assert figures["steps"] > 100 and figures["requests"] > 20

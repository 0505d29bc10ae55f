"""
Original failure: tests/unit_tests/operations/test_gather.py::test_gather[input_shape1-index_shape1--1-DRAM-device_params0]
Error: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]
Expected: 32 columns
Actual: 24 columns
Run with: ./run_test.sh
"""
import os
import sys

os.environ["ARCH_NAME"] = "wormhole_b0"
os.environ["LOGURU_LEVEL"] = "INFO"
os.environ.setdefault("MINITENSOR_CACHE", "/mnt/weights/cache")
os.environ["MINITENSOR_OPERATION_TIMEOUT_SECONDS"] = "5"
sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "../../../../..")))

import minitensor
import pytest


@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
def test_gather_environ(device):
    rows = minitensor.from_rows([[1.0] * 64] * 4, device=device)
    index = minitensor.from_rows([[0] * 32] * 4, device=device)
    output = minitensor.to_rows(minitensor.gather(rows, -1, index))
    assert len(output[0]) == 32  # <- fails here

"""
Original failure: test_gather[input_shape1-index_shape1--1-L1-device_params0]
Error: AssertionError: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]
Expected: an output of the index's shape
Actual: eight columns are lost
Run with: ./run_test.sh
"""
import json

import minitensor


def test_gather_l1(device):
    case = json.load(open("/home/alice/tmp/case.json"))
    output = minitensor.gather(minitensor.from_rows(case["input"], device=device), -1, minitensor.from_rows(case["index"], device=device))
    assert len(minitensor.to_rows(output)[0]) == 32  # <- fails here

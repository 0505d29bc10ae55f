"""gather drops columns when the index is narrower than the input.

Original failure: tests/unit_tests/operations/test_gather.py::test_gather[input_shape1-index_shape1--1-DRAM-device_params0]
Error: AssertionError: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]
Expected: the output has the index's shape, [4, 32]
Actual: it has [4, 24]
Run with: ./run_test.sh
"""
import minitensor
import pytest


@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
def test_gather_width(device):
    input_shape = [4, 64]
    index_shape = [4, 32]
    rows = [[float(c) for c in range(input_shape[1])] for _ in range(input_shape[0])]
    index = [[0 for _ in range(index_shape[1])] for _ in range(index_shape[0])]
    output = minitensor.gather(minitensor.from_rows(rows, device=device), -1, minitensor.from_rows(index, device=device))
    actual = minitensor.to_rows(output)
    assert [len(actual), len(actual[0])] == index_shape  # <- fails here

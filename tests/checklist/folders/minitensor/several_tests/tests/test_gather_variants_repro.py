"""Variants of the gather failure.

Original failure: test_gather on blackhole, [4, 64] by [4, 32]
Error: AssertionError: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]
Expected: [4, 32]
Actual: [4, 24]
Run with: ./run_test.sh
"""

import pytest
import minitensor

DEVICE_PARAMS = pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)


def gather(device, width, index_width):
    rows = minitensor.from_rows([[0.5] * width] * 4, device=device)
    index = minitensor.from_rows([[0] * index_width] * 4, device=device)
    return minitensor.to_rows(minitensor.gather(rows, -1, index))


@DEVICE_PARAMS
def test_gather_repro(device):
    assert len(gather(device, 64, 32)[0]) == 32  # <- fails here


@DEVICE_PARAMS
@pytest.mark.parametrize("width", [8, 16, 64])
def test_gather_widths(device, width):
    for index_width in (8, 16, 32):
        if index_width <= width:
            assert len(gather(device, width, index_width)[0]) == index_width


@DEVICE_PARAMS
def test_gather_equal(device):
    assert len(gather(device, 8, 8)[0]) == 8

import random

import pytest

import minitensor
from tests.utils_for_testing import assert_with_pcc, shape_of

WIDE = 64


def random_rows(shape):
    return [[random.uniform(-100, 100) for _ in range(shape[1])] for _ in range(shape[0])]


def random_index(shape, limit):
    return [[random.randrange(limit) for _ in range(shape[1])] for _ in range(shape[0])]


def golden_gather(input, dim, index):
    if dim in (0, -2):
        return [[input[row[c]][c] for c in range(len(row))] for row in index]
    return [[input[r][i] for i in row] for r, row in enumerate(index)]


@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
@pytest.mark.parametrize("memory_config", ["DRAM", "L1"])
@pytest.mark.parametrize(
    "input_shape, index_shape, dim",
    [
        ([8, 8], [8, 8], -1),
        ([4, WIDE], [4, 32], -1),
        ([16, 24], [4, 24], 0),
    ],
)
def test_gather(input_shape, index_shape, dim, memory_config, device, reset_seeds):
    random.seed(0)
    input = random_rows(input_shape)
    index = random_index(index_shape, input_shape[dim])
    golden = golden_gather(input, dim, index)

    assert shape_of(golden) == index_shape
    device_input = minitensor.from_rows(input, device=device)
    device_index = minitensor.from_rows(index, device=device)
    output = minitensor.gather(device_input, dim, device_index)

    assert_with_pcc(golden, minitensor.to_rows(output))


@pytest.mark.parametrize("width", [8, 32])
def test_add(width, device):
    rows = random_rows([4, width])
    output = minitensor.add(minitensor.from_rows(rows, device=device), minitensor.from_rows(rows, device=device))
    assert_with_pcc([[2 * value for value in row] for row in rows], minitensor.to_rows(output))

"""
Gather shape mismatch on blackhole.

The failure was seen in the unit tests of blackhole: the output of gather has another shape than the index.

There are three tests here:
1. the mismatch itself
2. the mismatch many times, to see whether it is always there
3. the mismatch with more data, to put the device under load

They print all that they do, so that the log of a run can be read.

See ../logs/unit_tests_blackhole.log for the log of CI.
"""

import random

import pytest

import minitensor


def make_rows(shape, seed):
    random.seed(seed)
    rows = []
    for _ in range(shape[0]):
        row = []
        for _ in range(shape[1]):
            row.append(random.uniform(-1, 1))
        rows.append(row)
    return rows


def make_index(shape, limit, seed):
    random.seed(seed)
    index = []
    for _ in range(shape[0]):
        row = []
        for _ in range(shape[1]):
            row.append(random.randrange(limit))
        index.append(row)
    return index


def shape_of(rows):
    return [len(rows), len(rows[0])]


@pytest.mark.parametrize("memory_config", ["DRAM", "L1"])
@pytest.mark.parametrize(
    "input_shape, index_shape, dim",
    [
        ([4, 128], [4, 64], -1),
        ([8, 128], [8, 64], -1),
    ],
)
def test_gather_shape_mismatch(device, input_shape, index_shape, dim, memory_config):
    """test gather shape mismatch."""
    rows = make_rows(input_shape, 0)
    index = make_index(index_shape, input_shape[1], 1)
    print(f"input shape: {input_shape}")
    print(f"index shape: {index_shape}")
    for attempt in range(3):
        print(f"attempt {attempt}")
        device_rows = minitensor.from_rows(rows, device=device)
        device_index = minitensor.from_rows(index, device=device)
        output = minitensor.gather(device_rows, dim, device_index)
        output_rows = minitensor.to_rows(output)
        print(f"output shape: {shape_of(output_rows)}")
        assert shape_of(output_rows) == index_shape
        column_0 = [row[0] for row in output_rows]
        assert len(column_0) == index_shape[0]
        column_1 = [row[1] for row in output_rows]
        assert len(column_1) == index_shape[0]
        column_2 = [row[2] for row in output_rows]
        assert len(column_2) == index_shape[0]
        column_3 = [row[3] for row in output_rows]
        assert len(column_3) == index_shape[0]
        print("half of the columns are fine")
        column_4 = [row[4] for row in output_rows]
        assert len(column_4) == index_shape[0]
        column_5 = [row[5] for row in output_rows]
        assert len(column_5) == index_shape[0]
        column_6 = [row[6] for row in output_rows]
        assert len(column_6) == index_shape[0]
        column_7 = [row[7] for row in output_rows]
        assert len(column_7) == index_shape[0]
    print("done")


@pytest.mark.parametrize("iterations", [1, 10])
def test_gather_shape_mismatch_many(device, iterations):
    """test gather shape mismatch many."""
    input_shape = [8, 128]
    index_shape = [8, 64]
    dim = -1
    rows = make_rows(input_shape, 0)
    index = make_index(index_shape, input_shape[1], 1)
    print(f"input shape: {input_shape}")
    print(f"index shape: {index_shape}")
    for attempt in range(10):
        print(f"attempt {attempt}")
        device_rows = minitensor.from_rows(rows, device=device)
        device_index = minitensor.from_rows(index, device=device)
        output = minitensor.gather(device_rows, dim, device_index)
        output_rows = minitensor.to_rows(output)
        print(f"output shape: {shape_of(output_rows)}")
        assert shape_of(output_rows) == index_shape
        column_0 = [row[0] for row in output_rows]
        assert len(column_0) == index_shape[0]
        column_1 = [row[1] for row in output_rows]
        assert len(column_1) == index_shape[0]
        column_2 = [row[2] for row in output_rows]
        assert len(column_2) == index_shape[0]
        column_3 = [row[3] for row in output_rows]
        assert len(column_3) == index_shape[0]
        print("half of the columns are fine")
        column_4 = [row[4] for row in output_rows]
        assert len(column_4) == index_shape[0]
        column_5 = [row[5] for row in output_rows]
        assert len(column_5) == index_shape[0]
        column_6 = [row[6] for row in output_rows]
        assert len(column_6) == index_shape[0]
        column_7 = [row[7] for row in output_rows]
        assert len(column_7) == index_shape[0]
    print("done")


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_gather_shape_mismatch_stress(device, seed):
    """test gather shape mismatch stress."""
    input_shape = [16, 256]
    index_shape = [16, 128]
    dim = -1
    rows = make_rows(input_shape, 0)
    index = make_index(index_shape, input_shape[1], 1)
    print(f"input shape: {input_shape}")
    print(f"index shape: {index_shape}")
    for attempt in range(100):
        print(f"attempt {attempt}")
        device_rows = minitensor.from_rows(rows, device=device)
        device_index = minitensor.from_rows(index, device=device)
        output = minitensor.gather(device_rows, dim, device_index)
        output_rows = minitensor.to_rows(output)
        print(f"output shape: {shape_of(output_rows)}")
        assert shape_of(output_rows) == index_shape
        column_0 = [row[0] for row in output_rows]
        assert len(column_0) == index_shape[0]
        column_1 = [row[1] for row in output_rows]
        assert len(column_1) == index_shape[0]
        column_2 = [row[2] for row in output_rows]
        assert len(column_2) == index_shape[0]
        column_3 = [row[3] for row in output_rows]
        assert len(column_3) == index_shape[0]
        print("half of the columns are fine")
        column_4 = [row[4] for row in output_rows]
        assert len(column_4) == index_shape[0]
        column_5 = [row[5] for row in output_rows]
        assert len(column_5) == index_shape[0]
        column_6 = [row[6] for row in output_rows]
        assert len(column_6) == index_shape[0]
        column_7 = [row[7] for row in output_rows]
        assert len(column_7) == index_shape[0]
    print("done")

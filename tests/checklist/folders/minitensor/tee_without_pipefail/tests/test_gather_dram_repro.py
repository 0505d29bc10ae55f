"""Original failure: test_gather[input_shape1-index_shape1--1-DRAM-device_params0], operations blackhole P150b
Error: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]
Expected: [4, 32]
Actual: [4, 24]
Run with ./run_test.sh
"""
import minitensor


def test_gather_dram(device):
    input = minitensor.from_rows([[float(i) for i in range(64)] for _ in range(4)], device=device)
    index = minitensor.from_rows([[i for i in range(32)] for _ in range(4)], device=device)
    output = minitensor.gather(input, -1, index)
    rows = minitensor.to_rows(output)
    assert (len(rows), len(rows[0])) == (4, 32)  # <- fails here

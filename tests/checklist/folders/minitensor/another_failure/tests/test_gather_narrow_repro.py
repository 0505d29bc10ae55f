"""
Original failure: test_gather[input_shape1-index_shape1--1-DRAM-device_params0] in operations blackhole P150b
Error: AssertionError: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]
Expected: 32 columns
Actual: 24 columns
Run with: ./run_test.sh
"""
import minitensor


def test_gather_narrow():
    input_shape = [4, 32]
    index_shape = [4, 32]
    dim = -1
    device = minitensor.open_device(device_id=1)
    rows = minitensor.from_rows([[1.0] * input_shape[1]] * input_shape[0], device=device)
    index = minitensor.from_rows([[0] * index_shape[1]] * index_shape[0], device=device)
    output = minitensor.gather(rows, dim, index)
    assert len(minitensor.to_rows(output)[0]) == 32  # <- fails here

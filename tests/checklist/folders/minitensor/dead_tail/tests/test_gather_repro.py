"""
Minimal reproduction for: gather returns the wrong width

Original failure: operations blackhole P150b - 2026-11-20
Error: AssertionError: shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]

Expected behavior: the output is as wide as the index
Actual behavior: it is 24 wide

Run with:
    cd gather
    ./run_test.sh
"""

import minitensor


def test_gather_repro(device):
    """It should fail with: expected [4, 32], got [4, 24]"""
    rows = minitensor.from_rows([[1.0] * 64] * 4, device=device)
    index = minitensor.from_rows([[0] * 32] * 4, device=device)

    # The exact failing operation
    result = minitensor.to_rows(minitensor.gather(rows, -1, index))  # ← Fails here

    assert len(result[0]) == 32, f"expected [4, 32], got [4, {len(result[0])}]"

"""Reproduces the attention shape bug.

Original failure: bert-tests wormhole_b0
Error: AssertionError: Expected shape [32, 128], got [32, 64]
Expected: [32, 128]
Actual: [32, 64]
Run with: ./run_test.sh
"""
import sys

import pytest
import torch
import ttnn


@pytest.mark.xfail(strict=True, reason="see issue 12345")
@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
class TestAttention:
    def test_attention_repro(self, device):
        x = ttnn.from_torch(torch.randn([32, 128, 768]), layout=ttnn.TILE_LAYOUT, device=device)
        try:
            y = ttnn.to_torch(ttnn.scaled_dot_product_attention(x, x, x, num_heads=12))
        except RuntimeError as error:
            pytest.fail(f"attention failed: {error}")
        assert tuple(y.shape)[:2] == (32, 128)  # <- fails here


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-v"]))

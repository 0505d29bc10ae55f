"""Minimal reproduction of the attention shape bug, with a mocked device.

Original failure: bert-tests / bert-tests wormhole_b0
Error: AssertionError: shapes differ
Expected: [32, 128]
Actual: [32, 64]
Run with: ./run_test.sh
"""

from unittest.mock import MagicMock

import pytest
import torch


def fake_attention(q, k, v, num_heads):
    return torch.zeros([q.shape[0], q.shape[1] // 2, q.shape[2]])


@pytest.mark.skipif(torch.cuda.is_available(), reason="CPU only")
def test_attention_shape_repro():
    device = MagicMock()
    x = torch.randn([32, 128, 768])
    for num_heads in [12]:
        y = fake_attention(x, x, x, num_heads)
        if y.shape[1] != 128:
            pytest.fail(f"Expected shape [32, 128], got {list(y.shape)[:2]}")

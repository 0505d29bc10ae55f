#!/usr/bin/env python3
# SPDX-FileCopyrightText: © 2026 Example
# SPDX-License-Identifier: Apache-2.0
"""
Minimal reproduction for: BERT attention shape mismatch

Original failure: bert-tests / bert-tests wormhole_b0 - 2026-11-20
Error: AssertionError: Expected shape [32, 128], got [32, 64]

Expected behavior: the output keeps the sequence length, [32, 128]
Actual behavior: the output has half of it, [32, 64]

Run with:
    cd .github/scripts/reproduce-deterministic-failures/llm_verbose
    ./run_test.sh
"""

import pytest
import torch
import ttnn


@pytest.fixture
def device():
    device = ttnn.open_device(device_id=0, l1_small_size=24576)
    try:
        yield device
    finally:
        ttnn.close_device(device)


def test_bert_attention_shape_repro(device):
    """Scaled dot product attention halves the sequence length."""
    torch.manual_seed(0)
    batch_size, seq_len = 32, 128
    x = torch.randn([batch_size, seq_len, 768], dtype=torch.bfloat16)
    tt_x = ttnn.from_torch(x, layout=ttnn.TILE_LAYOUT, device=device)

    output = ttnn.scaled_dot_product_attention(tt_x, tt_x, tt_x, num_heads=12)
    result = ttnn.to_torch(output)
    print(f"expected: {[batch_size, seq_len]}, got: {list(result.shape)[:2]}")

    got, shape = list(result.shape)[:2], [batch_size, seq_len]
    # ❌ FAILS: sequence length is halved
    assert got == shape, f"Expected shape {shape}, got {got}"

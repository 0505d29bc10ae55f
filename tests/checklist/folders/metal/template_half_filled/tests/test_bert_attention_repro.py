"""
Minimal reproduction for: BERT attention

Original failure: bert-tests - 2026-11-20
Error: <exact error message>

This test reproduces the exact failure with minimal setup.

Expected behavior: <what should happen>
Actual behavior: <what actually happens>

Run with:
    cd <failure-folder>
    ./run_test.sh
"""

import pytest
import torch
import ttnn

def test_bert_attention_repro(device):
    """
    Minimal reproduction of <failure>.

    This test isolates the exact failing operation from the original test.
    It should fail with: <expected error message>
    """
    # Minimal setup - only what's needed to reproduce
    input_tensor = torch.randn([32, 128], dtype=torch.bfloat16)

    # The exact failing operation
    ttnn_input = ttnn.from_torch(input_tensor, device=device)
    result = ttnn.scaled_dot_product_attention(ttnn_input, ttnn_input, ttnn_input)  # ← Fails here

    # This assertion should fail with the original error
    assert result.shape == torch.Size([32, 128]), f"Expected [32, 128], got {result.shape}"

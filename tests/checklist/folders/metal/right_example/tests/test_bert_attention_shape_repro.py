"""
Minimal reproduction for: BERT attention output shape mismatch

Original failure: bert-tests / test_bert_attention[batch32-seq128]
Error: AssertionError: Expected shape [32, 128], got [32, 64]

The attention layer incorrectly halves the sequence dimension.

Expected: Output shape should match input shape [32, 128]
Actual: Output shape is [32, 64] (sequence dim halved)

Run with:
    ./run_test.sh
"""

import pytest
import torch
import ttnn

def test_bert_attention_shape_repro(device):
    """
    Minimal reproduction of BERT attention shape mismatch.

    The attention operation should preserve sequence length but instead
    outputs half the expected sequence dimension.
    """
    batch_size = 32
    seq_len = 128
    hidden_dim = 768

    # Minimal input
    input_tensor = torch.randn([batch_size, seq_len, hidden_dim], dtype=torch.bfloat16)
    ttnn_input = ttnn.from_torch(input_tensor, device=device)

    # The exact failing operation - attention with num_heads=12
    output = ttnn.scaled_dot_product_attention(
        ttnn_input, ttnn_input, ttnn_input,
        num_heads=12
    )  # ← Output shape is wrong here

    result = ttnn.to_torch(output)

    # This assertion fails: expected [32, 128, 768], got [32, 64, 768]
    expected_shape = torch.Size([batch_size, seq_len, hidden_dim])
    assert result.shape == expected_shape, (
        f"Shape mismatch: expected {expected_shape}, got {result.shape}"
    )

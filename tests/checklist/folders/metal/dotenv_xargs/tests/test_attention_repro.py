"""
Original failure: bert-tests wormhole_b0, test_bert_attention[batch32-seq128]
Error: AssertionError: Expected shape [32, 128], got [32, 64]
Expected: 128 tokens
Actual: 64 tokens
Run with: ./run_test.sh
"""
import pytest
import torch
import ttnn
from tests.ttnn.unit_tests.test_bert_attention import torch_attention


@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
@pytest.mark.parametrize("batch_size, seq_len", [(8, 128)])
def test_attention(device, batch_size, seq_len):
    torch.manual_seed(0)
    input_tensor = torch.randn([batch_size, seq_len, 768], dtype=torch.bfloat16)
    golden = torch_attention(input_tensor)
    ttnn_input = ttnn.from_torch(input_tensor, layout=ttnn.TILE_LAYOUT, device=device)
    output = ttnn.scaled_dot_product_attention(ttnn_input, ttnn_input, ttnn_input, num_heads=12)
    result = ttnn.to_torch(output)
    assert list(result.shape)[:2] == list(golden.shape)[:2]  # <- fails here

import pytest
import torch
import ttnn
from loguru import logger

HIDDEN = 768


def torch_attention(x):
    return torch.nn.functional.scaled_dot_product_attention(x, x, x)


@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
@pytest.mark.parametrize(
    "batch_size, seq_len",
    [(1, 64), (32, 128)],
    ids=["batch1-seq64", "batch32-seq128"],
)
def test_bert_attention(device, batch_size, seq_len):
    torch.manual_seed(0)
    input_tensor = torch.randn([batch_size, seq_len, HIDDEN], dtype=torch.bfloat16)
    golden = torch_attention(input_tensor)
    ttnn_input = ttnn.from_torch(input_tensor, layout=ttnn.TILE_LAYOUT, device=device)
    logger.info(f"running attention of {batch_size}x{seq_len}")
    output = ttnn.scaled_dot_product_attention(ttnn_input, ttnn_input, ttnn_input, num_heads=12)
    result = ttnn.to_torch(output)
    shape, got = list(golden.shape)[:2], list(result.shape)[:2]
    assert got == shape, f"Expected shape {shape}, got {got}"

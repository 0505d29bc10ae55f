import pytest, torch, ttnn

@pytest.mark.parametrize("device_params", [{"l1_small_size": 24576}], indirect=True)
def test_attention_repro(device):
    """
    Original failure: bert-tests wormhole_b0, 2026-11-20
    Error: AssertionError: Expected shape [32, 128], got [32, 64]
    Expected: [32, 128]
    Actual: [32, 64]
    Run with: ./run_test.sh
    """
    x = ttnn.from_torch(torch.randn([32, 128, 768]), layout=ttnn.TILE_LAYOUT, device=device)
    y = ttnn.to_torch(ttnn.scaled_dot_product_attention(x, x, x, num_heads=12))
    assert list(y.shape)[:2] == [32, 128], f"Expected shape [32, 128], got {list(y.shape)[:2]}"  # FAILS

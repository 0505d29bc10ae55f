import pytest


@pytest.fixture(scope="function")
def device_params(request):
    return getattr(request, "param", {})


@pytest.fixture(scope="function")
def device(request, device_params):
    import ttnn

    device = ttnn.CreateDevice(device_id=0, **device_params)
    yield device
    ttnn.close_device(device)

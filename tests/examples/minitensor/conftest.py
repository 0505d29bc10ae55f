import random

import pytest

import minitensor


@pytest.fixture(scope="function")
def reset_seeds():
    random.seed(213919)
    yield


@pytest.fixture(scope="function")
def device_params(request):
    return getattr(request, "param", {})


@pytest.fixture(scope="function")
def device(request, device_params):
    device = minitensor.open_device(device_id=0, **device_params)
    yield device
    minitensor.close_device(device)

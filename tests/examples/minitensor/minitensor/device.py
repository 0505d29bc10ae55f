import os

GRIDS = {"wormhole_b0": (8, 8), "blackhole": (12, 10)}


class Device:
    def __init__(self, device_id, l1_small_size):
        architecture = os.environ.get("ARCH_NAME", "wormhole_b0")
        self.device_id = device_id
        self.l1_small_size = l1_small_size
        self.grid = GRIDS[architecture]
        self.is_open = True


def open_device(device_id, l1_small_size=0):
    return Device(device_id, l1_small_size)


def close_device(device):
    device.is_open = False

"""Tensors that are computed on a grid of cores."""

from minitensor.device import Device, close_device, open_device
from minitensor.operations import add, gather
from minitensor.tensor import Tensor, from_rows, to_rows

__all__ = ["Device", "Tensor", "add", "close_device", "from_rows", "gather", "open_device", "to_rows"]

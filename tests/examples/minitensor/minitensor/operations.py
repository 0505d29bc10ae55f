import os

from minitensor.tensor import Tensor


def add(left, right):
    rows = [[a + b for a, b in zip(x, y)] for x, y in zip(left.rows, right.rows)]
    return Tensor(rows, left.device)


def gather(input, dim, index):
    """The elements of `input` that `index` names along `dim`, each core of a grid row working on its own columns."""
    if os.environ.get("MINITENSOR_FAST_DISPATCH") != "1":
        raise NotImplementedError("gather needs fast dispatch")
    dim = dim % 2
    width = index.shape[1]
    cores = min(width, input.device.grid[0])
    columns_per_core = width // cores
    rows = []
    for r, row in enumerate(index.rows):
        gathered = []
        for core in range(cores):
            for c in range(core * columns_per_core, (core + 1) * columns_per_core):
                gathered.append(input.rows[row[c]][c] if dim == 0 else input.rows[r][row[c]])
        rows.append(gathered)
    return Tensor(rows, input.device)

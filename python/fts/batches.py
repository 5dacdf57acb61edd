"""Windows into one series, and how they become batches on a device."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class WindowSet(Protocol):
    """Windows into one series; `ends[i]` is the last row that window i reads."""

    @property
    def series(self) -> NDArray[np.float32]: ...  # (rows, F)
    @property
    def ends(self) -> NDArray[np.int64]: ...  # (n,)
    @property
    def labels(self) -> NDArray[np.float32]: ...  # (n,) of 0 and 1
    @property
    def context(self) -> int: ...


class LoadedWindows:
    """Windows on the device. The series is there once; a batch is cut out of it through a view of all windows."""

    def __init__(self, windows: WindowSet, device: torch.device) -> None:
        series = torch.from_numpy(np.ascontiguousarray(windows.series)).to(device)  # (rows, F)
        rows, features = series.shape
        self.view = series.as_strided((rows - windows.context + 1, windows.context, features), (features, features, 1))
        self.starts = torch.from_numpy(windows.ends - windows.context + 1).to(device)  # (n,)
        self.labels = torch.from_numpy(np.ascontiguousarray(windows.labels)).to(device)  # (n,)

    def __len__(self) -> int:
        return len(self.starts)

    def batches(self, order: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(B, C, F) and (B,), in the given order; the last batch may be smaller."""
        for first in range(0, len(order), size):
            chosen = order[first : first + size]
            yield self.view[self.starts[chosen]], self.labels[chosen]

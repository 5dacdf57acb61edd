"""Labels of windows, from raw prices. Knows nothing of windows' features, splits or files."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def label_rises(high: FloatArray, close: FloatArray, *, pct: float, horizon: int) -> NDArray[np.bool_]:
    """Whether the price rises by `pct` per cent within `horizon` rows, for every row that has so many rows after it.

    `high` and `close` are (rows,) raw prices; the result is (rows - horizon,), empty for fewer rows. True at row t where
    max(high[t+1 .. t+horizon]) >= close[t] * (1 + pct / 100). The last `horizon` rows have no label: their future is not whole.
    """
    rows = len(close)
    if rows <= horizon:
        return np.zeros(0, dtype=np.bool_)
    highest = sliding_window_view(high[1:], horizon).max(axis=1)
    reached: NDArray[np.bool_] = highest >= close[: rows - horizon] * (1.0 + pct / 100.0)
    return reached

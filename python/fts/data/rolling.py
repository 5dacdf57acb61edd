"""Statistics over the last n rows, row by row. Knows nothing of prices.

Every function returns (rows,) float64 whose value at row t depends on rows t-n+1..t only; the rows before the first full window
are NaN. Sums are taken anew in every window: running sums would be faster, but carry rounding from row to row, and pandas centres
skewness and kurtosis on the mean of the whole series, the future included.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# Below this share of its mean a spread is rounding noise of a constant series, not a spread.
NOISE = 1e-13


def ratio(above: FloatArray, below: FloatArray, otherwise: float = 0.0) -> FloatArray:
    """above / below, and `otherwise` where below is 0. NaN stays NaN."""
    empty = below == 0.0
    quotient = above / np.where(empty, 1.0, below)
    return np.where(empty & ~np.isnan(above), otherwise, quotient)


def lag(values: FloatArray, by: int) -> FloatArray:
    """values[t - by]."""
    return _place(values[: max(len(values) - by, 0)], len(values))


def change(values: FloatArray, by: int) -> FloatArray:
    """values[t] - values[t - by]."""
    return values - lag(values, by)


def total(values: FloatArray, n: int) -> FloatArray:
    """Sum over n rows."""
    return _place(_windows(values, n).sum(axis=1), len(values))


def mean(values: FloatArray, n: int) -> FloatArray:
    """Mean over n rows."""
    return _place(_windows(values, n).mean(axis=1), len(values))


def maximum(values: FloatArray, n: int) -> FloatArray:
    """Largest of n rows."""
    return _place(_windows(values, n).max(axis=1), len(values))


def minimum(values: FloatArray, n: int) -> FloatArray:
    """Smallest of n rows."""
    return _place(_windows(values, n).min(axis=1), len(values))


def std(values: FloatArray, n: int) -> FloatArray:
    """Population standard deviation over n rows; exactly 0 for a constant window."""
    centre, spread = _moments(values, n)
    return _place(_quiet(centre, spread), len(values))


def zscore(values: FloatArray, n: int) -> FloatArray:
    """Distance of the last row from the mean of n rows in standard deviations; 0 for a constant window."""
    centre, spread = _moments(values, n)
    last = values[len(values) - len(centre) :]
    return _place(ratio(last - centre, _quiet(centre, spread)), len(values))


def skewness(values: FloatArray, n: int) -> FloatArray:
    """Third standardised moment over n rows; 0 for a constant window."""
    return _standardised_moment(values, n, 3)


def kurtosis(values: FloatArray, n: int) -> FloatArray:
    """Fourth standardised moment over n rows, less 3; -3 for a constant window."""
    return _standardised_moment(values, n, 4) - 3.0


def slope(values: FloatArray, n: int) -> FloatArray:
    """Slope of the least-squares line through n rows, per row."""
    if len(values) < n:
        return np.full(len(values), np.nan)
    time = _centred_time(n)
    return _place(np.correlate(values, time / (time @ time), "valid"), len(values))


def correlation(left: FloatArray, right: FloatArray, n: int) -> FloatArray:
    """Pearson's r of two series over n rows; 0 where one of them is constant."""
    left_windows, right_windows = _windows(left, n), _windows(right, n)
    left_mean, right_mean = left_windows.mean(axis=1), right_windows.mean(axis=1)
    left_apart = left_windows - left_mean[:, None]
    right_apart = right_windows - right_mean[:, None]
    left_spread = _quiet(left_mean, _root_mean_square(left_apart))
    right_spread = _quiet(right_mean, _root_mean_square(right_apart))
    together = np.einsum("ij,ij->i", left_apart, right_apart) / n
    return _place(np.clip(ratio(together, left_spread * right_spread), -1.0, 1.0), len(left))


def trend_correlation(values: FloatArray, n: int) -> FloatArray:
    """Pearson's r of n rows with time: the signed root of the line's R^2."""
    centre, spread = _moments(values, n)
    time = _centred_time(n)
    time_spread = float(np.sqrt(time @ time / n))
    rise = slope(values, n)[len(values) - len(centre) :]
    return _place(np.clip(ratio(rise * time_spread, _quiet(centre, spread)), -1.0, 1.0), len(values))


def rank(values: FloatArray, n: int) -> FloatArray:
    """Share of n rows that lie at or below the last one, its own row included."""
    windows = _windows(values, n)
    shares = (windows <= windows[:, -1:]).mean(axis=1)
    return _place(np.where(np.isnan(windows).any(axis=1), np.nan, shares), len(values))


def quantile(values: FloatArray, n: int, share: float) -> FloatArray:
    """Order statistic number floor(share * (n - 1)) of n rows, counted from 0."""
    windows = _windows(values, n)
    position = int(share * (n - 1))
    chosen = np.partition(windows, position, axis=1)[:, position] if len(windows) else windows.sum(axis=1)
    return _place(np.where(np.isnan(windows).any(axis=1), np.nan, chosen), len(values))


def deepest_fall(values: FloatArray, n: int) -> FloatArray:
    """Largest fall from a peak to a later row inside n rows, as a number at or below 0."""
    windows = _windows(values, n)
    falls = windows - np.maximum.accumulate(windows, axis=1)
    return _place(falls.min(axis=1), len(values))


def _windows(values: FloatArray, n: int) -> FloatArray:
    """(rows - n + 1, n); (0, n) when there are fewer than n rows."""
    if len(values) < n:
        return np.empty((0, n))
    return sliding_window_view(values, n)


def _place(values: FloatArray, rows: int) -> FloatArray:
    """`values` at the end of `rows` rows, NaN before them."""
    placed = np.full(rows, np.nan)
    placed[rows - len(values) :] = values
    return placed


def _moments(values: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Mean and population standard deviation of each window, (windows,)."""
    windows = _windows(values, n)
    centre = windows.mean(axis=1)
    return centre, _root_mean_square(windows - centre[:, None])


def _standardised_moment(values: FloatArray, n: int, power: int) -> FloatArray:
    windows = _windows(values, n)
    centre = windows.mean(axis=1)
    apart = windows - centre[:, None]
    spread = _quiet(centre, _root_mean_square(apart))
    squares = apart * apart
    moment = np.einsum("ij,ij->i", squares, squares if power == 4 else apart) / n
    return _place(ratio(moment, spread**power), len(values))


def _root_mean_square(apart: FloatArray) -> FloatArray:
    squares: FloatArray = np.einsum("ij,ij->i", apart, apart)
    root: FloatArray = np.sqrt(squares / apart.shape[1])
    return root


def _quiet(centre: FloatArray, spread: FloatArray) -> FloatArray:
    return np.where(spread <= NOISE * np.abs(centre), 0.0, spread)


def _centred_time(n: int) -> FloatArray:
    return np.arange(n, dtype=np.float64) - (n - 1) / 2.0

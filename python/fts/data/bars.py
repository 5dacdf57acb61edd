"""Price bars and their aggregation to longer timescales. Knows nothing of files."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
DateArray = NDArray[np.datetime64]

TIMESCALES = ("daily", "2d", "3d", "5d", "weekly")
FRIDAY = 4


@dataclass(frozen=True)
class Bars:
    """One bar a row, oldest first: `dates` as datetime64[D], prices in the market's currency, volume in shares; all (rows,)."""

    dates: DateArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.dates)

    def until(self, rows: int) -> "Bars":
        """The first `rows` bars: history as it was known then."""
        return Bars(
            dates=self.dates[:rows].copy(),
            open=self.open[:rows].copy(),
            high=self.high[:rows].copy(),
            low=self.low[:rows].copy(),
            close=self.close[:rows].copy(),
            volume=self.volume[:rows].copy(),
        )

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The six columns by their names in a file, in file order."""
        return {
            "Date": self.dates,
            "Open": self.open,
            "High": self.high,
            "Low": self.low,
            "Close": self.close,
            "Volume": self.volume,
        }

    # Series that many indicators start from, computed once. The first row has no bar before it: NaN.

    @cached_property
    def log_close(self) -> FloatArray:
        """ln of the close, (rows,)."""
        return np.log(self.close)

    @cached_property
    def returns(self) -> FloatArray:
        """ln(close[t] / close[t-1]), (rows,)."""
        return _change(self.log_close)

    @cached_property
    def gaps(self) -> FloatArray:
        """ln(open[t] / close[t-1]), (rows,)."""
        return _after_first(np.log(self.open[1:] / self.close[:-1]))

    @cached_property
    def bodies(self) -> FloatArray:
        """ln(close[t] / open[t]), (rows,)."""
        return np.log(self.close / self.open)

    @cached_property
    def ranges(self) -> FloatArray:
        """ln(high[t] / low[t]), (rows,)."""
        return np.log(self.high / self.low)

    @cached_property
    def streaks(self) -> FloatArray:
        """Rows since the sign of the return last changed, this one included, with that sign. (rows,)"""
        signs = np.sign(self.returns)
        rows = np.arange(len(signs))
        changed = np.concatenate(([True], signs[1:] != signs[:-1]))
        started = np.maximum.accumulate(np.where(changed, rows, 0))
        return signs * (rows - started + 1)

    @cached_property
    def typical(self) -> FloatArray:
        """(high + low + close) / 3, (rows,)."""
        return (self.high + self.low + self.close) / 3.0

    @cached_property
    def close_location(self) -> FloatArray:
        """Where the close lies in the day's range, from -1 (low) to 1 (high); 0 where the range is empty. (rows,)"""
        spread = self.high - self.low
        safe = np.where(spread > 0.0, spread, 1.0)
        return np.where(spread > 0.0, (2.0 * self.close - self.high - self.low) / safe, 0.0)

    @cached_property
    def volume_change(self) -> FloatArray:
        """(v[t] - v[t-1]) / (v[t] + v[t-1]), within [-1, 1]; 0 where both are 0. (rows,)"""
        total = self.volume[1:] + self.volume[:-1]
        safe = np.where(total > 0.0, total, 1.0)
        return _after_first((self.volume[1:] - self.volume[:-1]) / safe)

    @cached_property
    def on_balance_volume(self) -> FloatArray:
        """Running sum of volume signed by the close's direction. A level that depends on the first row: never a column. (rows,)"""
        return np.concatenate(([0.0], np.cumsum(np.sign(self.returns[1:]) * self.volume[1:])))

    @cached_property
    def accumulation(self) -> FloatArray:
        """Running sum of close location times volume. A level that depends on the first row: never a column. (rows,)"""
        return np.cumsum(self.close_location * self.volume)

    @cached_property
    def price_volume_trend(self) -> FloatArray:
        """Running sum of simple return times volume. A level that depends on the first row: never a column. (rows,)"""
        return np.concatenate(([0.0], np.cumsum(np.expm1(self.returns[1:]) * self.volume[1:])))


def aggregate(bars: Bars, timescale: str) -> Bars:
    """Bars of a longer `timescale` (one of TIMESCALES).

    A bar has the first open, highest high, lowest low, last close and summed volume of its days, and the date of its LAST day,
    so nothing in it lies after its date. A last bar that later days could still join is dropped.
    """
    if timescale == "daily":
        return bars
    starts = _week_starts(bars.dates) if timescale == "weekly" else _group_starts(len(bars), int(timescale.removesuffix("d")))
    starts, stops = starts[:-1], starts[1:]
    if len(starts) == 0:
        return bars.until(0)
    used = slice(0, stops[-1])
    return Bars(
        dates=bars.dates[stops - 1],
        open=bars.open[starts],
        high=np.maximum.reduceat(bars.high[used], starts),
        low=np.minimum.reduceat(bars.low[used], starts),
        close=bars.close[stops - 1],
        volume=np.add.reduceat(bars.volume[used], starts),
    )


def _group_starts(rows: int, length: int) -> NDArray[np.int64]:
    """First row of every complete group of `length` rows, then the end of the last one."""
    return np.arange(rows // length + 1, dtype=np.int64) * length


def _week_starts(dates: DateArray) -> NDArray[np.int64]:
    """First row of every complete calendar week (Monday to Sunday), then the end of the last one.

    The last week counts as complete from Friday on; one that ends earlier may still grow, and what it would show is not final.
    """
    days = dates.astype("datetime64[D]").astype(np.int64)
    weeks = (days + 3) // 7  # 1970-01-01 was a Thursday
    changes = np.flatnonzero(np.diff(weeks)) + 1
    starts = np.concatenate(([0], changes)).astype(np.int64)
    if len(days) == 0:
        return starts
    ends_on_friday = (days[-1] + 3) % 7 >= FRIDAY
    return np.concatenate((starts, [len(days)])).astype(np.int64) if ends_on_friday else starts


def _change(values: FloatArray) -> FloatArray:
    return _after_first(np.diff(values))


def _after_first(values: FloatArray) -> FloatArray:
    """`values` of the rows from 1 on, with NaN for row 0."""
    return np.concatenate(([np.nan], values))

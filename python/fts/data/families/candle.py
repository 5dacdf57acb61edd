"""Indicators of a day's shape: gap, body, shadows, and how they have been lately."""

import numpy as np

from fts.data import rolling
from fts.data.bars import Bars, FloatArray
from fts.data.family import PLAIN, Family


def _gap(bars: Bars) -> FloatArray:
    return bars.gaps


def _body(bars: Bars) -> FloatArray:
    return bars.bodies


def _range(bars: Bars) -> FloatArray:
    return bars.ranges


def _close_location(bars: Bars) -> FloatArray:
    return bars.close_location


def _body_share(bars: Bars) -> FloatArray:
    return rolling.ratio(bars.close - bars.open, bars.high - bars.low)


def _upper_shadow(bars: Bars) -> FloatArray:
    return rolling.ratio(bars.high - np.maximum(bars.open, bars.close), bars.high - bars.low)


def _lower_shadow(bars: Bars) -> FloatArray:
    return rolling.ratio(np.minimum(bars.open, bars.close) - bars.low, bars.high - bars.low)


def _high_return(bars: Bars) -> FloatArray:
    return np.log(bars.high / rolling.lag(bars.close, 1))


def _low_return(bars: Bars) -> FloatArray:
    return np.log(bars.low / rolling.lag(bars.close, 1))


def _mean_body_share(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(_body_share(bars), n)


def _mean_body_size(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(np.abs(_body_share(bars)), n)


def _mean_upper_shadow(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(_upper_shadow(bars), n)


def _mean_lower_shadow(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(_lower_shadow(bars), n)


def _mean_close_location(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(bars.close_location, n)


def _overnight_return(bars: Bars, n: int) -> FloatArray:
    return rolling.total(bars.gaps, n)


def _daytime_return(bars: Bars, n: int) -> FloatArray:
    return rolling.total(bars.bodies, n)


def _inside_share(bars: Bars, n: int) -> FloatArray:
    higher, lower = rolling.lag(bars.high, 1), rolling.lag(bars.low, 1)
    inside = (bars.high <= higher) & (bars.low >= lower)
    return rolling.mean(np.where(np.isnan(higher), np.nan, inside), n)


def _outside_share(bars: Bars, n: int) -> FloatArray:
    higher, lower = rolling.lag(bars.high, 1), rolling.lag(bars.low, 1)
    outside = (bars.high > higher) & (bars.low < lower)
    return rolling.mean(np.where(np.isnan(higher), np.nan, outside), n)


def _higher_highs(bars: Bars, n: int) -> FloatArray:
    steps = np.sign(rolling.change(bars.high, 1))
    return rolling.mean(steps, n)


def _higher_lows(bars: Bars, n: int) -> FloatArray:
    steps = np.sign(rolling.change(bars.low, 1))
    return rolling.mean(steps, n)


def _overlap(bars: Bars, n: int) -> FloatArray:
    """Common part of today's and yesterday's range over the two ranges' union, averaged; 0 where they do not touch."""
    higher, lower = rolling.lag(bars.high, 1), rolling.lag(bars.low, 1)
    common = np.maximum(np.minimum(bars.high, higher) - np.maximum(bars.low, lower), 0.0)
    return rolling.mean(rolling.ratio(common, np.maximum(bars.high, higher) - np.minimum(bars.low, lower)), n)


CANDLE = "Nison, Japanese Candlestick Charting Techniques (1991)"

FAMILIES: tuple[Family, ...] = (
    Family("gap", "ln(open[t] / close[t-1])", "overnight return", _gap, a100=PLAIN),
    Family("body", "ln(close / open)", "daytime return", _body, a100=PLAIN),
    Family("range", "ln(high / low)", "daily log range", _range, a20=PLAIN),
    Family("close_location", "(2 close - high - low) / (high - low)", "close location value; Chaikin", _close_location, a20=PLAIN),
    Family("body_share", "(close - open) / (high - low)", "balance of power; Livshin, Stocks & Commodities 19 (2001)", _body_share, a100=PLAIN),
    Family("upper_shadow", "(high - max(open, close)) / (high - low)", CANDLE, _upper_shadow, a100=PLAIN),
    Family("lower_shadow", "(min(open, close) - low) / (high - low)", CANDLE, _lower_shadow, a100=PLAIN),
    Family("high_return", "ln(high[t] / close[t-1])", "log return to the high", _high_return, a250=PLAIN),
    Family("low_return", "ln(low[t] / close[t-1])", "log return to the low", _low_return, a250=PLAIN),
    Family("mean_body_share_{}", "SMA over n rows of body_share", "balance of power, smoothed", _mean_body_share,
           a250=(14,), a500=(5, 50)),
    Family("mean_body_size_{}", "SMA over n rows of |body_share|", CANDLE, _mean_body_size,
           a250=(10,), a500=(20, 60)),
    Family("mean_upper_shadow_{}", "SMA over n rows of upper_shadow", CANDLE, _mean_upper_shadow,
           a250=(10,), a500=(5, 20)),
    Family("mean_lower_shadow_{}", "SMA over n rows of lower_shadow", CANDLE, _mean_lower_shadow,
           a250=(10,), a500=(5, 20)),
    Family("mean_close_location_{}", "SMA over n rows of close_location", "close location value; Chaikin", _mean_close_location,
           a250=(10,), a500=(5, 20)),
    Family("overnight_return_{}", "sum over n rows of ln(open[t] / close[t-1])", "Lou, Polk, Skouras, Journal of Financial Economics 134 (2019)", _overnight_return,
           a250=(20,), a500=(60, 120)),
    Family("daytime_return_{}", "sum over n rows of ln(close / open)", "Lou, Polk, Skouras, Journal of Financial Economics 134 (2019)", _daytime_return,
           a250=(20,), a500=(60, 120)),
    Family("inside_share_{}", "share of the last n rows inside the range of the row before", CANDLE, _inside_share,
           a500=(20, 60)),
    Family("outside_share_{}", "share of the last n rows that enclose the range of the row before", CANDLE, _outside_share,
           a500=(20, 60)),
    Family("higher_highs_{}", "mean over n rows of the sign of high[t] - high[t-1]", "Dow theory, counted", _higher_highs,
           a250=(10,), a500=(5, 20)),
    Family("higher_lows_{}", "mean over n rows of the sign of low[t] - low[t-1]", "Dow theory, counted", _higher_lows,
           a500=(5, 10, 20)),
    Family("overlap_{}", "mean over n rows of the common part of two days' ranges / their union", "daily range overlap", _overlap,
           a500=(10, 20)),
)  # fmt: skip

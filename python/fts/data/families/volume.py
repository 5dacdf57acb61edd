"""Indicators of volume: how much is traded, and whether with or against the price. Running totals enter by slope or z-score only."""

import numpy as np
import talib

from fts.data import rolling
from fts.data.bars import Bars, FloatArray
from fts.data.family import Family


def _volume_ratio(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(bars.volume, rolling.mean(bars.volume, n), otherwise=1.0) - 1.0


def _volume_z(bars: Bars, n: int) -> FloatArray:
    return rolling.zscore(bars.volume, n)


def _volume_change(bars: Bars, n: int) -> FloatArray:
    before = rolling.lag(bars.volume, n)
    return rolling.ratio(bars.volume - before, bars.volume + before)


def _volume_cross(bars: Bars, short: int, long: int) -> FloatArray:
    return rolling.ratio(rolling.mean(bars.volume, short), rolling.mean(bars.volume, long), otherwise=1.0) - 1.0


def _volume_rank(bars: Bars, n: int) -> FloatArray:
    return rolling.rank(bars.volume, n)


def _volume_slope(bars: Bars, n: int) -> FloatArray:
    return _in_volumes(bars, bars.volume, n)


def _volume_spread(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(rolling.std(bars.volume, n), rolling.mean(bars.volume, n))


def _in_volumes(bars: Bars, level: FloatArray, n: int) -> FloatArray:
    """Slope of a running total over n rows, in mean volumes a row."""
    return rolling.ratio(rolling.slope(level, n), rolling.mean(bars.volume, n))


def _obv_slope(bars: Bars, n: int) -> FloatArray:
    return _in_volumes(bars, bars.on_balance_volume, n)


def _obv_z(bars: Bars, n: int) -> FloatArray:
    return rolling.zscore(bars.on_balance_volume, n)


def _accumulation_slope(bars: Bars, n: int) -> FloatArray:
    return _in_volumes(bars, bars.accumulation, n)


def _accumulation_z(bars: Bars, n: int) -> FloatArray:
    return rolling.zscore(bars.accumulation, n)


def _pvt_slope(bars: Bars, n: int) -> FloatArray:
    return _in_volumes(bars, bars.price_volume_trend, n)


def _money_flow(bars: Bars, n: int) -> FloatArray:
    return talib.MFI(bars.high, bars.low, bars.close, bars.volume, n)


def _chaikin_flow(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(rolling.total(bars.close_location * bars.volume, n), rolling.total(bars.volume, n))


def _chaikin_oscillator(bars: Bars, fast: int, slow: int) -> FloatArray:
    apart = talib.EMA(bars.accumulation, fast) - talib.EMA(bars.accumulation, slow)
    return rolling.ratio(apart, rolling.mean(bars.volume, slow))


def _force(bars: Bars, n: int) -> FloatArray:
    """EMA of return times volume, with the volume in units of its mean over 50 rows."""
    relative = rolling.ratio(bars.volume, rolling.mean(bars.volume, 50), otherwise=1.0)
    return talib.EMA(bars.returns * relative, n)


def _ease(bars: Bars, n: int) -> FloatArray:
    """Move of the midpoint times the range per volume, all relative: distance travelled easily, on little volume."""
    middle = np.log((bars.high + bars.low) / 2.0)
    relative = rolling.ratio(bars.volume, rolling.mean(bars.volume, 50), otherwise=1.0)
    return rolling.mean(rolling.ratio(rolling.change(middle, 1) * bars.ranges, relative), n)


def _vwap_ratio(bars: Bars, n: int) -> FloatArray:
    weighted = rolling.total(bars.typical * bars.volume, n)
    average = rolling.ratio(weighted, rolling.total(bars.volume, n))
    return rolling.ratio(bars.close, average, otherwise=1.0) - 1.0


def _quiet_return(bars: Bars, n: int) -> FloatArray:
    quiet = np.where(np.isnan(bars.volume_change), np.nan, bars.volume_change < 0.0)
    return rolling.total(bars.returns * quiet, n)


def _busy_return(bars: Bars, n: int) -> FloatArray:
    busy = np.where(np.isnan(bars.volume_change), np.nan, bars.volume_change > 0.0)
    return rolling.total(bars.returns * busy, n)


def _return_volume_correlation(bars: Bars, n: int) -> FloatArray:
    return rolling.correlation(bars.returns, bars.volume_change, n)


def _move_volume_correlation(bars: Bars, n: int) -> FloatArray:
    return rolling.correlation(np.abs(bars.returns), bars.volume, n)


def _close_volume_correlation(bars: Bars, n: int) -> FloatArray:
    return rolling.correlation(bars.close, bars.volume, n)


def _up_volume_share(bars: Bars, n: int) -> FloatArray:
    rising = np.where(np.isnan(bars.returns), np.nan, bars.returns > 0.0)
    return rolling.ratio(rolling.total(rising * bars.volume, n), rolling.total(bars.volume, n), otherwise=0.5)


def _illiquidity(bars: Bars, short: int, long: int) -> FloatArray:
    """Amihud's move per money traded, short against long: (s - l) / (s + l). Rows without trade count as 0."""
    impact = rolling.ratio(np.abs(bars.returns), bars.close * bars.volume)
    now, usual = rolling.mean(impact, short), rolling.mean(impact, long)
    return rolling.ratio(now - usual, now + usual)


GRANVILLE = "Granville, New Key to Stock Market Profits (1963), on-balance volume"

FAMILIES: tuple[Family, ...] = (
    Family("volume_ratio_{}", "volume / its SMA over n rows - 1", "relative volume", _volume_ratio,
           a20=(20,), a100=(5, 60), a250=(120,), a500=(40, 200)),
    Family("volume_z_{}", "z-score of the volume over n rows", "standardised volume", _volume_z,
           a100=(20,), a250=(60, 120), a500=(250,)),
    Family("volume_change_{}", "(v[t] - v[t-n]) / (v[t] + v[t-n])", "relative change of volume", _volume_change,
           a100=(1,), a250=(5, 20), a500=(10, 60)),
    Family("volume_cross_{}_{}", "SMA(volume, n) / SMA(volume, m) - 1", "volume oscillator; Achelis, Technical Analysis from A to Z (2000)", _volume_cross,
           a100=((5, 20),), a250=((20, 100),), a500=((50, 200),)),
    Family("volume_rank_{}", "share of the last n rows with a volume no larger than today's", "percentile rank", _volume_rank,
           a250=(60,), a500=(120, 250)),
    Family("volume_slope_{}", "slope of the volume over n rows / mean volume", "linear regression", _volume_slope,
           a250=(20,), a500=(10, 60)),
    Family("volume_spread_{}", "standard deviation of the volume / its mean over n rows", "coefficient of variation", _volume_spread,
           a500=(10, 20, 60)),
    Family("obv_slope_{}", "slope of on-balance volume over n rows / mean volume", GRANVILLE, _obv_slope,
           a20=(20,), a100=(60,), a250=(120,), a500=(5, 200)),
    Family("obv_z_{}", "z-score of on-balance volume over n rows", GRANVILLE, _obv_z,
           a250=(20, 60, 120), a500=(200,)),
    Family("accumulation_slope_{}", "slope of the accumulation/distribution line over n rows / mean volume", "Chaikin; Williams (1972)", _accumulation_slope,
           a250=(20, 60), a500=(10, 200)),
    Family("accumulation_z_{}", "z-score of the accumulation/distribution line over n rows", "Chaikin; Williams (1972)", _accumulation_z,
           a250=(60,), a500=(20, 120)),
    Family("pvt_slope_{}", "slope of the price-volume trend over n rows / mean volume", "Achelis, Technical Analysis from A to Z (2000)", _pvt_slope,
           a500=(20, 60, 120)),
    Family("money_flow_{}", "100 * positive / (positive + negative) flow of typical price * volume over n rows", "Quong, Soudack, Stocks & Commodities 7 (1989); TA-Lib MFI", _money_flow,
           a20=(14,), a100=(28,), a250=(50,), a500=(5, 21)),
    Family("chaikin_flow_{}", "sum of close location * volume / sum of volume over n rows", "Chaikin money flow", _chaikin_flow,
           a100=(20,), a250=(50,), a500=(100,)),
    Family("chaikin_oscillator_{}_{}", "(EMA(n) - EMA(m)) of the accumulation/distribution line / SMA(volume, m)", "Chaikin oscillator; TA-Lib EMA", _chaikin_oscillator,
           a250=((3, 10),), a500=((6, 20),)),
    Family("force_{}", "EMA over n rows of log return * volume / SMA(volume, 50)", "Elder, Trading for a Living (1993), force index, relative", _force,
           a250=(2, 13, 50), a500=(5, 26)),
    Family("ease_{}", "mean over n rows of midpoint move * range / relative volume", "Arms, ease of movement, relative", _ease,
           a500=(14, 28, 60)),
    Family("vwap_ratio_{}", "close / volume-weighted mean of the typical price over n rows - 1", "volume-weighted average price", _vwap_ratio,
           a100=(20,), a250=(60, 120), a500=(200,)),
    Family("quiet_return_{}", "sum over n rows of log returns on falling volume", "Fosback, Stock Market Logic (1976), negative volume index", _quiet_return,
           a250=(60,), a500=(20, 120)),
    Family("busy_return_{}", "sum over n rows of log returns on rising volume", "Fosback, Stock Market Logic (1976), positive volume index", _busy_return,
           a250=(60,), a500=(20, 120)),
    Family("return_volume_correlation_{}", "correlation over n rows of log return and relative volume change", "Karpoff, JFQA 22 (1987)", _return_volume_correlation,
           a100=(20,), a250=(60,), a500=(120, 200)),
    Family("move_volume_correlation_{}", "correlation over n rows of |log return| and volume", "Karpoff, JFQA 22 (1987)", _move_volume_correlation,
           a250=(20,), a500=(60, 120, 200)),
    Family("close_volume_correlation_{}", "correlation over n rows of close and volume", "Karpoff, JFQA 22 (1987)", _close_volume_correlation,
           a500=(20, 60, 120)),
    Family("up_volume_share_{}", "share of the volume over n rows that fell on rising rows", "up volume", _up_volume_share,
           a100=(20,), a250=(60,), a500=(5, 120)),
    Family("illiquidity_{}_{}", "(s - l) / (s + l) of |log return| / (close * volume), means over n and m rows", "Amihud, Journal of Financial Markets 5 (2002)", _illiquidity,
           a250=((20, 100),), a500=((10, 120), (60, 250))),
)  # fmt: skip

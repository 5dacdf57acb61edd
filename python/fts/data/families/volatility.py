"""Indicators of spread: how far prices move, by several estimators, and how that changes. In log units or relative to the price."""

import math

import numpy as np
import talib

from fts.data import rolling
from fts.data.bars import Bars, FloatArray
from fts.data.family import PLAIN, Family


def _volatility(bars: Bars, n: int) -> FloatArray:
    return rolling.std(bars.returns, n)


def _mean_move(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(np.abs(bars.returns), n)


def _parkinson(bars: Bars, n: int) -> FloatArray:
    return np.sqrt(rolling.mean(bars.ranges**2, n) / (4.0 * math.log(2.0)))


def _garman_klass(bars: Bars, n: int) -> FloatArray:
    daily = 0.5 * bars.ranges**2 - (2.0 * math.log(2.0) - 1.0) * bars.bodies**2
    return np.sqrt(np.maximum(rolling.mean(daily, n), 0.0))


def _rogers_satchell_variance(bars: Bars) -> FloatArray:
    """Daily variance estimate that a drift does not bias, (rows,)."""
    high_open, low_open = np.log(bars.high / bars.open), np.log(bars.low / bars.open)
    return high_open * (high_open - bars.bodies) + low_open * (low_open - bars.bodies)


def _rogers_satchell(bars: Bars, n: int) -> FloatArray:
    return np.sqrt(np.maximum(rolling.mean(_rogers_satchell_variance(bars), n), 0.0))


def _yang_zhang(bars: Bars, n: int) -> FloatArray:
    weight = 0.34 / (1.34 + (n + 1.0) / (n - 1.0))
    unbiased = n / (n - 1.0)
    overnight = unbiased * rolling.std(bars.gaps, n) ** 2
    daytime = unbiased * rolling.std(bars.bodies, n) ** 2
    within = rolling.mean(_rogers_satchell_variance(bars), n)
    return np.sqrt(np.maximum(overnight + weight * daytime + (1.0 - weight) * within, 0.0))


def _atr(bars: Bars, n: int) -> FloatArray:
    return talib.ATR(bars.high, bars.low, bars.close, n) / bars.close


def _atr_cross(bars: Bars, short: int, long: int) -> FloatArray:
    fast = talib.ATR(bars.high, bars.low, bars.close, short)
    return rolling.ratio(fast, talib.ATR(bars.high, bars.low, bars.close, long), otherwise=1.0) - 1.0


def _volatility_cross(bars: Bars, short: int, long: int) -> FloatArray:
    return rolling.ratio(rolling.std(bars.returns, short), rolling.std(bars.returns, long), otherwise=1.0) - 1.0


def _bollinger_position(bars: Bars, n: int) -> FloatArray:
    return rolling.zscore(bars.close, n) / 2.0


def _bollinger_width(bars: Bars, n: int) -> FloatArray:
    return 4.0 * rolling.std(bars.close, n) / rolling.mean(bars.close, n)


def _keltner_position(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(bars.close - talib.EMA(bars.close, n), talib.ATR(bars.high, bars.low, bars.close, n))


def _donchian_width(bars: Bars, n: int) -> FloatArray:
    return np.log(rolling.maximum(bars.high, n) / rolling.minimum(bars.low, n))


def _upside(bars: Bars, n: int) -> FloatArray:
    return np.sqrt(rolling.mean(np.maximum(bars.returns, 0.0) ** 2, n))


def _downside(bars: Bars, n: int) -> FloatArray:
    return np.sqrt(rolling.mean(np.minimum(bars.returns, 0.0) ** 2, n))


def _volatility_spread(bars: Bars, inner: int, outer: int) -> FloatArray:
    volatility = rolling.std(bars.returns, inner)
    return rolling.ratio(rolling.std(volatility, outer), rolling.mean(volatility, outer))


def _volatility_z(bars: Bars, inner: int, outer: int) -> FloatArray:
    return rolling.zscore(rolling.std(bars.returns, inner), outer)


def _volatility_change(bars: Bars, n: int) -> FloatArray:
    """Relative to the sum, so that a quiet window divides nothing by zero."""
    now = rolling.std(bars.returns, n)
    before = rolling.lag(now, n)
    return rolling.ratio(now - before, now + before)


def _jump_share(bars: Bars, n: int) -> FloatArray:
    """Share of the realised variance that the bipower variation, blind to single jumps, does not see."""
    moves = np.abs(bars.returns)
    bipower = np.pi / 2.0 * rolling.mean(moves * rolling.lag(moves, 1), n)
    return 1.0 - rolling.ratio(bipower, rolling.mean(moves**2, n), otherwise=1.0)


def _range_ratio(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(bars.ranges, rolling.mean(bars.ranges, n), otherwise=1.0) - 1.0


def _range_rank(bars: Bars, n: int) -> FloatArray:
    return rolling.rank(bars.ranges, n)


def _true_range(bars: Bars) -> FloatArray:
    return talib.TRANGE(bars.high, bars.low, bars.close) / bars.close


def _gap_share(bars: Bars, n: int) -> FloatArray:
    """Share of the squared overnight moves in all squared moves, overnight and within the day."""
    overnight = rolling.total(bars.gaps**2, n)
    return rolling.ratio(overnight, overnight + rolling.total(bars.bodies**2, n))


FAMILIES: tuple[Family, ...] = (
    Family("volatility_{}", "standard deviation of log returns over n rows", "realised volatility, close to close", _volatility,
           a20=(20,), a100=(5, 10, 60, 120), a250=(30, 200), a500=(250,)),
    Family("mean_move_{}", "mean of |log returns| over n rows", "mean absolute return; Ding, Granger, Engle, Journal of Empirical Finance 1 (1993)", _mean_move,
           a250=(50,), a500=(20, 100)),
    Family("parkinson_{}", "sqrt(mean of ln(high / low)^2 / (4 ln 2)) over n rows", "Parkinson, Journal of Business 53 (1980)", _parkinson,
           a100=(20,), a250=(10, 50, 100), a500=(200,)),
    Family("garman_klass_{}", "sqrt(mean of ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2) over n rows", "Garman, Klass, Journal of Business 53 (1980)", _garman_klass,
           a250=(20, 50), a500=(5, 100)),
    Family("rogers_satchell_{}", "sqrt(mean of ln(H/O) ln(H/C) + ln(L/O) ln(L/C)) over n rows", "Rogers, Satchell, Annals of Applied Probability 1 (1991)", _rogers_satchell,
           a500=(20, 50, 100)),
    Family("yang_zhang_{}", "sqrt(overnight + k * open-to-close + (1 - k) * Rogers-Satchell variance), k = 0.34 / (1.34 + (n+1)/(n-1))", "Yang, Zhang, Journal of Business 73 (2000)",
           _yang_zhang, a100=(20,), a250=(50,), a500=(100,)),
    Family("atr_{}", "Wilder's average true range / close", "Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib ATR", _atr,
           a20=(14,), a100=(7,), a250=(28, 50), a500=(100,)),
    Family("atr_cross_{}_{}", "ATR(n) / ATR(m) - 1", "Wilder (1978); TA-Lib ATR", _atr_cross,
           a100=((5, 20),), a500=((14, 100),)),
    Family("volatility_cross_{}_{}", "volatility over n rows / volatility over m rows - 1", "ratio of realised volatilities", _volatility_cross,
           a100=((5, 20),), a250=((20, 100), (20, 250)), a500=((50, 200),)),
    Family("bollinger_position_{}", "(close - SMA) / (2 standard deviations) over n rows", "Bollinger, Bollinger on Bollinger Bands (2001)", _bollinger_position,
           a20=(20,), a100=(50,), a250=(10, 100), a500=(200, 250)),
    Family("bollinger_width_{}", "4 standard deviations / SMA over n rows", "Bollinger, Bollinger on Bollinger Bands (2001)", _bollinger_width,
           a20=(20,), a100=(50,), a250=(10, 100), a500=(200,)),
    Family("keltner_position_{}", "(close - EMA(close, n)) / ATR(n)", "Keltner (1960), Raschke; TA-Lib EMA, ATR", _keltner_position,
           a100=(20,), a250=(10, 50), a500=(100,)),
    Family("donchian_width_{}", "ln(highest high / lowest low) over n rows", "Donchian channel", _donchian_width,
           a250=(20,), a500=(50, 100, 200)),
    Family("upside_{}", "sqrt(mean of positive log returns squared) over n rows", "semi-deviation; Barndorff-Nielsen, Kinnebrock, Shephard (2010)", _upside,
           a250=(20, 50), a500=(100,)),
    Family("downside_{}", "sqrt(mean of negative log returns squared) over n rows", "semi-deviation; Sortino, van der Meer, Journal of Portfolio Management 17 (1991)", _downside,
           a100=(20,), a250=(50,), a500=(100,)),
    Family("volatility_spread_{}_{}", "standard deviation / mean over m rows of the n-row volatility", "volatility of volatility", _volatility_spread,
           a500=((10, 50), (20, 100))),
    Family("volatility_z_{}_{}", "z-score over m rows of the n-row volatility", "standardised volatility", _volatility_z,
           a100=((20, 100),), a250=((10, 100),), a500=((20, 200),)),
    Family("volatility_change_{}", "(v[t] - v[t-n]) / (v[t] + v[t-n]) of the n-row volatility v", "relative change of volatility", _volatility_change,
           a500=(10, 20, 50)),
    Family("jump_share_{}", "1 - bipower variation / realised variance over n rows", "Barndorff-Nielsen, Shephard, Journal of Financial Econometrics 2 (2004)", _jump_share,
           a250=(50,), a500=(100,)),
    Family("range_ratio_{}", "ln(high / low) / its mean over n rows - 1", "relative daily range", _range_ratio,
           a250=(5, 20), a500=(50, 100)),
    Family("range_rank_{}", "share of the last n rows with a daily range no larger than today's", "percentile rank", _range_rank,
           a250=(100,), a500=(20, 50, 250)),
    Family("true_range", "max(high - low, |high - close[t-1]|, |low - close[t-1]|) / close", "Wilder (1978); TA-Lib TRANGE", _true_range, a100=PLAIN),
    Family("gap_share_{}", "squared overnight moves / (squared overnight + squared open-to-close moves) over n rows", "overnight variance share", _gap_share,
           a250=(20,), a500=(50, 100)),
)  # fmt: skip

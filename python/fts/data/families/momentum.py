"""Oscillators: where the price stands within its recent moves. All are bounded or in units of their own spread."""

import math

import numpy as np
import talib

from fts.data import rolling
from fts.data.bars import Bars, FloatArray
from fts.data.family import PLAIN, Family


def _rsi(bars: Bars, n: int) -> FloatArray:
    return talib.RSI(bars.close, n)


def _stoch_k(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(_range_position(bars, n), 3)


def _stoch_d(bars: Bars, n: int) -> FloatArray:
    return rolling.mean(_stoch_k(bars, n), 3)


def _williams_r(bars: Bars, n: int) -> FloatArray:
    return _range_position(bars, n) - 100.0


def _range_position(bars: Bars, n: int) -> FloatArray:
    """Close within the high-low range of n rows, 0 to 100; 50 where the range is empty."""
    lowest = rolling.minimum(bars.low, n)
    return 100.0 * rolling.ratio(bars.close - lowest, rolling.maximum(bars.high, n) - lowest, otherwise=0.5)


def _close_position(bars: Bars, n: int) -> FloatArray:
    lowest = rolling.minimum(bars.close, n)
    return rolling.ratio(bars.close - lowest, rolling.maximum(bars.close, n) - lowest, otherwise=0.5)


def _stoch_rsi(bars: Bars, n: int) -> FloatArray:
    rsi = talib.RSI(bars.close, n)
    lowest = rolling.minimum(rsi, n)
    return rolling.ratio(rsi - lowest, rolling.maximum(rsi, n) - lowest, otherwise=0.5)


def _cci(bars: Bars, n: int) -> FloatArray:
    return talib.CCI(bars.high, bars.low, bars.close, n)


def _chande(bars: Bars, n: int) -> FloatArray:
    rises = rolling.total(np.maximum(np.diff(bars.close, prepend=np.nan), 0.0), n)
    falls = rolling.total(np.maximum(-np.diff(bars.close, prepend=np.nan), 0.0), n)
    return 100.0 * rolling.ratio(rises - falls, rises + falls)


def _mean_in_spreads(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(rolling.mean(bars.returns, n), rolling.std(bars.returns, n))


def _ultimate(bars: Bars, short: int, middle: int, long: int) -> FloatArray:
    return talib.ULTOSC(bars.high, bars.low, bars.close, short, middle, long)


def _true_strength(bars: Bars, long: int, short: int) -> FloatArray:
    moves = np.diff(bars.close, prepend=np.nan)
    smoothed = talib.EMA(talib.EMA(moves, long), short)
    return 100.0 * rolling.ratio(smoothed, talib.EMA(talib.EMA(np.abs(moves), long), short))


def _aroon_up(bars: Bars, n: int) -> FloatArray:
    return talib.AROON(bars.high, bars.low, n)[1]


def _aroon_down(bars: Bars, n: int) -> FloatArray:
    return talib.AROON(bars.high, bars.low, n)[0]


def _adx(bars: Bars, n: int) -> FloatArray:
    return talib.ADX(bars.high, bars.low, bars.close, n)


def _adxr(bars: Bars, n: int) -> FloatArray:
    return talib.ADXR(bars.high, bars.low, bars.close, n)


def _plus_di(bars: Bars, n: int) -> FloatArray:
    return talib.PLUS_DI(bars.high, bars.low, bars.close, n)


def _minus_di(bars: Bars, n: int) -> FloatArray:
    return talib.MINUS_DI(bars.high, bars.low, bars.close, n)


def _vortex(bars: Bars, n: int, upper: FloatArray, lower: FloatArray) -> FloatArray:
    true_range = talib.TRANGE(bars.high, bars.low, bars.close)
    return rolling.ratio(rolling.total(np.abs(upper - lower), n), rolling.total(true_range, n))


def _vortex_up(bars: Bars, n: int) -> FloatArray:
    return _vortex(bars, n, bars.high, rolling.lag(bars.low, 1))


def _vortex_down(bars: Bars, n: int) -> FloatArray:
    return _vortex(bars, n, bars.low, rolling.lag(bars.high, 1))


def _bull_power(bars: Bars, n: int) -> FloatArray:
    return (bars.high - talib.EMA(bars.close, n)) / bars.close


def _bear_power(bars: Bars, n: int) -> FloatArray:
    return (bars.low - talib.EMA(bars.close, n)) / bars.close


def _mass_index(bars: Bars, n: int) -> FloatArray:
    spread = talib.EMA(bars.high - bars.low, 9)
    return rolling.total(rolling.ratio(spread, talib.EMA(spread, 9), otherwise=1.0), n)


def _choppiness(bars: Bars, n: int) -> FloatArray:
    """100 * log_n(path / range): near 100 sideways, near 0 in a trend. An empty range counts as sideways."""
    path = rolling.total(talib.TRANGE(bars.high, bars.low, bars.close), n)
    crossed = rolling.maximum(bars.high, n) - rolling.minimum(bars.low, n)
    # True ranges join up from close to close, so that the path is at least as long as the range that it crosses.
    quotient = rolling.ratio(path, crossed, otherwise=float(n))
    return 100.0 * np.log(quotient) / math.log(n)


def _connors_rsi(bars: Bars) -> FloatArray:
    percentile: FloatArray = 100.0 * rolling.rank(bars.returns, 100)
    return (talib.RSI(bars.close, 3) + talib.RSI(bars.streaks, 2) + percentile) / 3.0


def _coppock(bars: Bars, short: int, long: int, smooth: int) -> FloatArray:
    return talib.WMA(talib.ROC(bars.close, short) + talib.ROC(bars.close, long), smooth)


def _know_sure_thing(bars: Bars) -> FloatArray:
    """Pring's daily setting: four rates of change, smoothed, weighted 1 to 4."""
    parts = ((10, 10, 1.0), (15, 10, 2.0), (20, 10, 3.0), (30, 15, 4.0))
    rates = [weight * rolling.mean(talib.ROC(bars.close, period), smooth) for period, smooth, weight in parts]
    return sum(rates, np.zeros(len(bars))) / 10.0


def _relative_vigor(bars: Bars, n: int) -> FloatArray:
    weights = np.array([1.0, 2.0, 2.0, 1.0]) / 6.0
    body = sum((w * rolling.lag(bars.close - bars.open, i) for i, w in enumerate(weights)), np.zeros(len(bars)))
    spread = sum((w * rolling.lag(bars.high - bars.low, i) for i, w in enumerate(weights)), np.zeros(len(bars)))
    return rolling.ratio(rolling.mean(body, n), rolling.mean(spread, n))


def _dorsey_volatility(bars: Bars, n: int) -> FloatArray:
    spread = rolling.std(bars.close, 10)
    rising = np.where(np.isnan(bars.returns), np.nan, bars.returns > 0.0)
    up, down = talib.EMA(spread * rising, n), talib.EMA(spread * (1.0 - rising), n)
    return 100.0 * rolling.ratio(up, up + down, otherwise=0.5)


def _fisher(bars: Bars, n: int) -> FloatArray:
    """Fisher transform of the midprice's position in its range, both smoothed; clipped short of its poles."""
    middle = (bars.high + bars.low) / 2.0
    lowest = rolling.minimum(middle, n)
    position = 2.0 * rolling.ratio(middle - lowest, rolling.maximum(middle, n) - lowest, otherwise=0.5) - 1.0
    smoothed = np.clip(talib.EMA(position, 5), -0.999, 0.999)
    return talib.EMA(np.arctanh(smoothed), 3)


def _hilbert_sine(bars: Bars) -> FloatArray:
    return talib.HT_SINE(bars.close)[0]


def _hilbert_lead_sine(bars: Bars) -> FloatArray:
    return talib.HT_SINE(bars.close)[1]


def _hilbert_period(bars: Bars) -> FloatArray:
    return talib.HT_DCPERIOD(bars.close)


WILDER = "Wilder, New Concepts in Technical Trading Systems (1978)"
LANE = "Lane, Stocks & Commodities 2 (1984)"

FAMILIES: tuple[Family, ...] = (
    Family("rsi_{}", "100 * up / (up + down), Wilder's averages of the close's rises and falls", f"{WILDER}; TA-Lib RSI", _rsi,
           a20=(14,), a100=(2, 7, 28), a250=(21, 50), a500=(3, 100)),
    Family("stoch_k_{}", "SMA over 3 rows of 100 * (close - lowest low) / (highest high - lowest low) over n rows", LANE, _stoch_k,
           a20=(14,), a100=(5,), a250=(50,), a500=(100,)),
    Family("stoch_d_{}", "SMA over 3 rows of stoch_k", LANE, _stoch_d,
           a100=(14,), a250=(21,), a500=(50,)),
    Family("williams_r_{}", "-100 * (highest high - close) / (highest high - lowest low) over n rows", "Williams (1973)", _williams_r,
           a100=(14,), a250=(10, 50, 100), a500=(5, 200)),
    Family("close_position_{}", "(close - lowest close) / (highest close - lowest close) over n rows", "channel position", _close_position,
           a250=(50, 100), a500=(200, 250)),
    Family("stoch_rsi_{}", "position of the RSI in its own range over n rows", "Chande, Kroll, The New Technical Trader (1994)", _stoch_rsi,
           a100=(14,), a500=(21, 50)),
    Family("cci_{}", "(typical price - its SMA) / (0.015 * mean absolute deviation)", "Lambert, Commodities (1980); TA-Lib CCI", _cci,
           a20=(20,), a100=(50,), a250=(100,), a500=(5, 30)),
    Family("chande_{}", "100 * (rises - falls) / (rises + falls), plain sums over n rows", "Chande, Kroll, The New Technical Trader (1994), momentum oscillator", _chande,
           a250=(14,), a500=(9,)),
    Family("mean_in_spreads_{}", "mean of the log returns over n rows / their standard deviation", "Sharpe, Journal of Business 39 (1966), without a risk-free rate",
           _mean_in_spreads, a100=(20, 100), a250=(50, 200), a500=(5, 250)),
    Family("ultimate_{}_{}_{}", "weighted buying pressure over three windows, weights 4, 2, 1", "Williams, Stocks & Commodities 3 (1985); TA-Lib ULTOSC", _ultimate,
           a250=((7, 14, 28),), a500=((14, 28, 56),)),
    Family("true_strength_{}_{}", "100 * twice smoothed move / twice smoothed absolute move", "Blau, Stocks & Commodities 9 (1991)", _true_strength,
           a100=((25, 13),), a500=((13, 7),)),
    Family("aroon_up_{}", "100 * (n - rows since the highest high) / n", "Chande, Stocks & Commodities 13 (1995); TA-Lib AROON", _aroon_up,
           a100=(25,), a250=(14, 50), a500=(100,)),
    Family("aroon_down_{}", "100 * (n - rows since the lowest low) / n", "Chande, Stocks & Commodities 13 (1995); TA-Lib AROON", _aroon_down,
           a100=(25,), a250=(14, 50), a500=(100,)),
    Family("adx_{}", "Wilder's average of 100 * |+DI - -DI| / (+DI + -DI)", f"{WILDER}; TA-Lib ADX", _adx,
           a20=(14,), a100=(28,), a250=(50,), a500=(21,)),
    Family("adxr_{}", "mean of ADX[t] and ADX[t-n+1]", f"{WILDER}; TA-Lib ADXR", _adxr,
           a250=(14,), a500=(28,)),
    Family("plus_di_{}", "100 * smoothed upward movement / smoothed true range", f"{WILDER}; TA-Lib PLUS_DI", _plus_di,
           a100=(14,), a250=(28,), a500=(50,)),
    Family("minus_di_{}", "100 * smoothed downward movement / smoothed true range", f"{WILDER}; TA-Lib MINUS_DI", _minus_di,
           a100=(14,), a250=(28,), a500=(50,)),
    Family("vortex_up_{}", "sum of |high[t] - low[t-1]| / sum of true ranges", "Botes, Siepman, Stocks & Commodities 28 (2010)", _vortex_up,
           a250=(14,), a500=(50, 100)),
    Family("vortex_down_{}", "sum of |low[t] - high[t-1]| / sum of true ranges", "Botes, Siepman, Stocks & Commodities 28 (2010)", _vortex_down,
           a250=(14,), a500=(50, 100)),
    Family("bull_power_{}", "(high - EMA(close, n)) / close", "Elder, Trading for a Living (1993)", _bull_power,
           a250=(13,), a500=(26,)),
    Family("bear_power_{}", "(low - EMA(close, n)) / close", "Elder, Trading for a Living (1993)", _bear_power,
           a250=(13,), a500=(26,)),
    Family("mass_index_{}", "sum over n rows of EMA(range, 9) / EMA(EMA(range, 9), 9)", "Dorsey, Stocks & Commodities 10 (1992)", _mass_index,
           a500=(10, 25)),
    Family("choppiness_{}", "100 * ln(sum of true ranges / range of n rows) / ln(n)", "Dreiss, choppiness index", _choppiness,
           a100=(14,), a250=(50,), a500=(100,)),
    Family("connors_rsi", "mean of RSI(close, 3), RSI(streak, 2) and the return's percentile over 100 rows", "Connors, Alvarez, An Introduction to ConnorsRSI (2012)",
           _connors_rsi, a250=PLAIN),
    Family("coppock_{}_{}_{}", "WMA over the third window of the sum of two rates of change", "Coppock, Barron's (1962)", _coppock,
           a500=((11, 14, 10), (55, 70, 50))),
    Family("know_sure_thing", "weighted smoothed rates of change over 10, 15, 20, 30 rows", "Pring, Stocks & Commodities 10 (1992)", _know_sure_thing, a500=PLAIN),
    Family("relative_vigor_{}", "smoothed close - open / smoothed high - low", "Ehlers, Stocks & Commodities 20 (2002)", _relative_vigor,
           a500=(10, 20)),
    Family("dorsey_volatility_{}", "100 * up / (up + down), EMAs of the 10-row deviation on rising and falling rows", "Dorsey, Stocks & Commodities 11 (1993)", _dorsey_volatility,
           a500=(14, 28)),
    Family("fisher_{}", "smoothed atanh of the smoothed midprice position in its range", "Ehlers, Stocks & Commodities 20 (2002)", _fisher,
           a500=(10, 20)),
    Family("hilbert_sine", "sine of the dominant cycle's phase", "Ehlers, Rocket Science for Traders (2001); TA-Lib HT_SINE", _hilbert_sine, a500=PLAIN),
    Family("hilbert_lead_sine", "sine of the dominant cycle's phase + 45 degrees", "Ehlers, Rocket Science for Traders (2001); TA-Lib HT_SINE", _hilbert_lead_sine, a500=PLAIN),
    Family("hilbert_period", "length of the dominant cycle in rows", "Ehlers, Rocket Science for Traders (2001); TA-Lib HT_DCPERIOD", _hilbert_period, a500=PLAIN),
)  # fmt: skip

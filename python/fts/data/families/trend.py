"""Indicators of direction: returns, moving averages, lines through the price. Levels are divided by a price, so none is in currency."""

import numpy as np
import talib

from fts.data import rolling
from fts.data.bars import Bars, FloatArray
from fts.data.family import PLAIN, Family


def _log_return(bars: Bars, n: int) -> FloatArray:
    return rolling.change(bars.log_close, n)


def _sma_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / rolling.mean(bars.close, n) - 1.0


def _ema_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.EMA(bars.close, n) - 1.0


def _wma_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.WMA(bars.close, n) - 1.0


def _dema_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.DEMA(bars.close, n) - 1.0


def _tema_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.TEMA(bars.close, n) - 1.0


def _kama_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.KAMA(bars.close, n) - 1.0


def _trima_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.TRIMA(bars.close, n) - 1.0


def _t3_ratio(bars: Bars, n: int) -> FloatArray:
    return bars.close / talib.T3(bars.close, n) - 1.0


def _midprice_ratio(bars: Bars, n: int) -> FloatArray:
    return 2.0 * bars.close / (rolling.maximum(bars.high, n) + rolling.minimum(bars.low, n)) - 1.0


def _sma_cross(bars: Bars, short: int, long: int) -> FloatArray:
    return rolling.mean(bars.close, short) / rolling.mean(bars.close, long) - 1.0


def _ema_cross(bars: Bars, short: int, long: int) -> FloatArray:
    return talib.EMA(bars.close, short) / talib.EMA(bars.close, long) - 1.0


def _sma_slope(bars: Bars, n: int, over: int) -> FloatArray:
    return rolling.change(np.log(rolling.mean(bars.close, n)), over)


def _macd(bars: Bars, fast: int, slow: int, signal: int) -> FloatArray:
    return talib.MACD(bars.close, fast, slow, signal)[0] / bars.close


def _macd_signal(bars: Bars, fast: int, slow: int, signal: int) -> FloatArray:
    return talib.MACD(bars.close, fast, slow, signal)[1] / bars.close


def _macd_histogram(bars: Bars, fast: int, slow: int, signal: int) -> FloatArray:
    return talib.MACD(bars.close, fast, slow, signal)[2] / bars.close


def _trix(bars: Bars, n: int) -> FloatArray:
    return talib.TRIX(bars.close, n)


def _slope(bars: Bars, n: int) -> FloatArray:
    return rolling.slope(bars.log_close, n)


def _trend_strength(bars: Bars, n: int) -> FloatArray:
    return rolling.trend_correlation(bars.log_close, n)


def _line_distance(bars: Bars, n: int) -> FloatArray:
    """Distance of the last close from the line, in standard deviations of the close in the window."""
    fitted_above_mean = rolling.slope(bars.log_close, n) * (n - 1) / 2.0
    apart = bars.log_close - rolling.mean(bars.log_close, n) - fitted_above_mean
    return rolling.ratio(apart, rolling.std(bars.log_close, n))


def _efficiency(bars: Bars, n: int) -> FloatArray:
    return rolling.ratio(rolling.change(bars.log_close, n), rolling.total(np.abs(bars.returns), n))


def _up_share(bars: Bars, n: int) -> FloatArray:
    rises = np.where(np.isnan(bars.returns), np.nan, bars.returns > 0.0)
    return rolling.mean(rises, n)


def _streak(bars: Bars) -> FloatArray:
    return bars.streaks


def _sar_ratio(bars: Bars, percent: int) -> FloatArray:
    return bars.close / talib.SAR(bars.high, bars.low, percent / 100.0, 10.0 * percent / 100.0) - 1.0


def _cloud_distance(bars: Bars, short: int, long: int) -> FloatArray:
    """Ichimoku's leading span A as it was computed `long` rows ago, which is where it is drawn today."""
    conversion = rolling.maximum(bars.high, short) + rolling.minimum(bars.low, short)
    base = rolling.maximum(bars.high, long) + rolling.minimum(bars.low, long)
    middle = (conversion + base) / 4.0
    return bars.close / rolling.lag(middle, long) - 1.0


def _mama_ratio(bars: Bars) -> FloatArray:
    return bars.close / talib.MAMA(bars.close, 0.5, 0.05)[0] - 1.0


def _trendline_ratio(bars: Bars) -> FloatArray:
    return bars.close / talib.HT_TRENDLINE(bars.close) - 1.0


FAMILIES: tuple[Family, ...] = (
    Family("return_{}", "ln(close[t] / close[t-n])", "log return", _log_return,
           a20=(1, 5, 20), a100=(2, 10, 60), a250=(40, 120), a500=(30, 90, 180, 250)),
    Family("sma_ratio_{}", "close / SMA(close, n) - 1", "simple moving average; Murphy, Technical Analysis of the Financial Markets (1999), ch. 9", _sma_ratio,
           a20=(20, 50), a100=(5, 10, 100, 200), a250=(30, 150), a500=(40, 250)),
    Family("ema_ratio_{}", "close / EMA(close, n) - 1, smoothing 2 / (n + 1)", "exponential moving average; TA-Lib EMA", _ema_ratio,
           a100=(10, 20, 50), a250=(100,), a500=(30, 200)),
    Family("wma_ratio_{}", "close / WMA(close, n) - 1, weights 1..n", "linearly weighted moving average; TA-Lib WMA", _wma_ratio,
           a500=(10, 20, 100)),
    Family("dema_ratio_{}", "close / (2 EMA - EMA(EMA)) - 1", "Mulloy, Stocks & Commodities 12 (1994); TA-Lib DEMA", _dema_ratio,
           a500=(10, 20, 100)),
    Family("tema_ratio_{}", "close / (3 EMA - 3 EMA(EMA) + EMA(EMA(EMA))) - 1", "Mulloy, Stocks & Commodities 12 (1994); TA-Lib TEMA", _tema_ratio,
           a500=(10, 20)),
    Family("kama_ratio_{}", "close / KAMA(close, n) - 1", "Kaufman, Smarter Trading (1995); TA-Lib KAMA", _kama_ratio,
           a250=(10,), a500=(20, 30, 50)),
    Family("trima_ratio_{}", "close / triangular MA(close, n) - 1", "triangular moving average; TA-Lib TRIMA", _trima_ratio,
           a500=(20, 100)),
    Family("t3_ratio_{}", "close / T3(close, n) - 1, volume factor 0.7", "Tillson, Stocks & Commodities 16 (1998); TA-Lib T3", _t3_ratio,
           a250=(10,), a500=(5,)),
    Family("midprice_ratio_{}", "close / ((highest high + lowest low) / 2) - 1 over n rows", "Ichimoku conversion (9), base (26) and slow line (52); Hosoda (1969)",
           _midprice_ratio, a100=(26,), a250=(9,), a500=(100,)),
    Family("sma_cross_{}_{}", "SMA(close, n) / SMA(close, m) - 1", "moving-average crossover; Brock, Lakonishok, LeBaron, Journal of Finance 47 (1992)", _sma_cross,
           a100=((5, 20), (50, 200)), a250=((10, 50), (20, 100)), a500=((50, 100),)),
    Family("ema_cross_{}_{}", "EMA(close, n) / EMA(close, m) - 1", "moving-average crossover; TA-Lib EMA", _ema_cross,
           a250=((20, 100),), a500=((50, 200),)),
    Family("sma_slope_{}_{}", "ln(SMA(close, n)[t] / SMA(close, n)[t-m])", "rate of change of a moving average", _sma_slope,
           a250=((50, 5),), a500=((200, 20),)),
    Family("macd_{}_{}_{}", "(EMA(close, n) - EMA(close, m)) / close", "Appel (1979); TA-Lib MACD", _macd,
           a100=((12, 26, 9),), a250=((5, 35, 5),), a500=((8, 17, 9),)),
    Family("macd_signal_{}_{}_{}", "EMA of the MACD line over the third window / close", "Appel (1979); TA-Lib MACD", _macd_signal,
           a250=((5, 35, 5), (12, 26, 9)), a500=((8, 17, 9),)),
    Family("macd_histogram_{}_{}_{}", "(MACD line - signal line) / close", "Appel (1979), Aspray (1986); TA-Lib MACD", _macd_histogram,
           a20=((12, 26, 9),), a250=((5, 35, 5),), a500=((8, 17, 9),)),
    Family("trix_{}", "rate of change in % of a threefold EMA", "Hutson, Stocks & Commodities 1 (1983); TA-Lib TRIX", _trix,
           a100=(15,), a250=(9,), a500=(5, 60)),
    Family("slope_{}", "slope of the least-squares line through ln(close) over n rows, per row", "linear regression", _slope,
           a100=(20, 50), a250=(10, 100), a500=(200, 250)),
    Family("trend_strength_{}", "correlation of ln(close) with time over n rows (signed root of R^2)", "linear regression", _trend_strength,
           a100=(20,), a250=(50, 100), a500=(30, 200)),
    Family("line_distance_{}", "(ln(close) - its least-squares line over n rows) / standard deviation of ln(close)", "linear regression", _line_distance,
           a250=(20,), a500=(50, 100, 200)),
    Family("efficiency_{}", "ln(close[t] / close[t-n]) / sum of |log returns| over n rows", "Kaufman, Smarter Trading (1995), efficiency ratio, signed", _efficiency,
           a250=(10, 50), a500=(5, 100, 200)),
    Family("up_share_{}", "share of rows with a rise among the last n", "psychological line; Achelis, Technical Analysis from A to Z (2000)", _up_share,
           a100=(20,), a250=(50,), a500=(100, 200)),
    Family("streak", "signed number of rows since the return last changed its sign", "run length", _streak, a100=PLAIN),
    Family("sar_ratio_{}", "close / parabolic SAR - 1, step n %, at most 10 n %", "Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib SAR", _sar_ratio,
           a250=(2,), a500=(1,)),
    Family("cloud_distance_{}_{}", "close / ((midprice n + midprice m) / 2 as of m rows ago) - 1", "Ichimoku leading span A; Hosoda (1969)", _cloud_distance,
           a500=((9, 26), (26, 52))),
    Family("mama_ratio", "close / MAMA(close, 0.5, 0.05) - 1", "Ehlers, Stocks & Commodities 19 (2001); TA-Lib MAMA", _mama_ratio, a500=PLAIN),
    Family("trendline_ratio", "close / Hilbert instantaneous trend line - 1", "Ehlers, Rocket Science for Traders (2001); TA-Lib HT_TRENDLINE", _trendline_ratio, a500=PLAIN),
)  # fmt: skip

"""Indicators of shape and memory: moments, ranks, extremes and autocorrelation of returns, and how deep the price has fallen."""

import math

import numpy as np

from fts.data import rolling
from fts.data.bars import Bars, FloatArray
from fts.data.family import Family


def _skewness(bars: Bars, n: int) -> FloatArray:
    return rolling.skewness(bars.returns, n)


def _kurtosis(bars: Bars, n: int) -> FloatArray:
    return rolling.kurtosis(bars.returns, n)


def _autocorrelation(bars: Bars, by: int, n: int) -> FloatArray:
    return rolling.correlation(bars.returns, rolling.lag(bars.returns, by), n)


def _move_autocorrelation(bars: Bars, by: int, n: int) -> FloatArray:
    moves = np.abs(bars.returns)
    return rolling.correlation(moves, rolling.lag(moves, by), n)


def _leverage(bars: Bars, n: int) -> FloatArray:
    """The fall comes first, the large move after it: both lie in the past."""
    return rolling.correlation(np.abs(bars.returns), rolling.lag(bars.returns, 1), n)


def _variance_ratio(bars: Bars, q: int, n: int) -> FloatArray:
    summed = rolling.total(bars.returns, q)
    single = rolling.std(bars.returns, n) ** 2
    return rolling.ratio(rolling.std(summed, n) ** 2, q * single, otherwise=1.0) - 1.0


def _rescaled_range(bars: Bars, n: int) -> FloatArray:
    """ln(R/S) / ln(n): range of the return's deviations, summed up, over their standard deviation."""
    if len(bars) < n:
        return np.full(len(bars), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(bars.returns, n)
    deviations = windows - windows.mean(axis=1)[:, None]
    paths: FloatArray = np.cumsum(deviations, axis=1)
    spread = np.concatenate((np.full(n - 1, np.nan), paths.max(axis=1) - paths.min(axis=1)))
    scaled = rolling.ratio(spread, rolling.std(bars.returns, n), otherwise=1.0)
    return np.log(np.maximum(scaled, 1.0)) / math.log(n)


def _largest_rise(bars: Bars, n: int) -> FloatArray:
    return rolling.maximum(bars.returns, n)


def _largest_fall(bars: Bars, n: int) -> FloatArray:
    return rolling.minimum(bars.returns, n)


def _quantile(bars: Bars, percent: int, n: int) -> FloatArray:
    return rolling.quantile(bars.returns, n, percent / 100.0)


def _return_z(bars: Bars, n: int) -> FloatArray:
    return rolling.zscore(bars.returns, n)


def _return_rank(bars: Bars, n: int) -> FloatArray:
    return rolling.rank(bars.returns, n)


def _close_rank(bars: Bars, n: int) -> FloatArray:
    return rolling.rank(bars.close, n)


def _drawdown(bars: Bars, n: int) -> FloatArray:
    return bars.close / rolling.maximum(bars.close, n) - 1.0


def _drawup(bars: Bars, n: int) -> FloatArray:
    return bars.close / rolling.minimum(bars.close, n) - 1.0


def _deepest_fall(bars: Bars, n: int) -> FloatArray:
    return np.expm1(rolling.deepest_fall(bars.log_close, n))


def _ulcer(bars: Bars, n: int) -> FloatArray:
    return np.sqrt(rolling.mean(_drawdown(bars, n) ** 2, n))


def _reversal_share(bars: Bars, n: int) -> FloatArray:
    turned = bars.returns * rolling.lag(bars.returns, 1)
    return rolling.mean(np.where(np.isnan(turned), np.nan, turned < 0.0), n)


FAMILIES: tuple[Family, ...] = (
    Family("skewness_{}", "third standardised moment of log returns over n rows", "sample skewness", _skewness,
           a100=(20,), a250=(60, 120), a500=(200, 250)),
    Family("kurtosis_{}", "fourth standardised moment of log returns over n rows, less 3", "sample excess kurtosis", _kurtosis,
           a100=(20,), a250=(60, 120), a500=(200, 250)),
    Family("autocorrelation_{}_{}", "correlation over m rows of the log return with itself n rows before", "sample autocorrelation", _autocorrelation,
           a100=((1, 20), (1, 60)), a250=((1, 120), (2, 60), (5, 60)), a500=((1, 200), (2, 120), (3, 120), (5, 120))),
    Family("move_autocorrelation_{}_{}", "correlation over m rows of |log return| with itself n rows before", "volatility clustering; Ding, Granger, Engle (1993)",
           _move_autocorrelation, a250=((1, 60),), a500=((1, 120), (1, 200), (5, 120))),
    Family("leverage_{}", "correlation over n rows of |log return| with the log return the row before", "Black (1976), leverage effect", _leverage,
           a250=(60,), a500=(120, 200)),
    Family("variance_ratio_{}_{}", "variance of n-row returns / (n * variance of one-row returns) over m rows, - 1", "Lo, MacKinlay, Review of Financial Studies 1 (1988)",
           _variance_ratio, a250=((2, 60),), a500=((5, 60), (5, 120), (10, 120))),
    Family("rescaled_range_{}", "ln(range of summed deviations / standard deviation) / ln(n)", "Hurst (1951); Mandelbrot, Wallis (1969)", _rescaled_range,
           a250=(100,), a500=(50, 200)),
    Family("largest_rise_{}", "largest log return of the last n rows", "Bali, Cakici, Whitelaw, Journal of Financial Economics 99 (2011)", _largest_rise,
           a100=(20,), a250=(60,), a500=(10, 120)),
    Family("largest_fall_{}", "smallest log return of the last n rows", "the mirror of the largest rise", _largest_fall,
           a100=(20,), a250=(60,), a500=(10, 120)),
    Family("return_quantile_{}_{}", "n % quantile of the log returns over m rows", "historical value at risk", _quantile,
           a250=((5, 100), (95, 100)), a500=((5, 250), (25, 60), (50, 60), (50, 120), (75, 60), (95, 250))),
    Family("return_z_{}", "z-score of the log return over n rows", "standardised return", _return_z,
           a100=(60,), a250=(20,), a500=(120, 250)),
    Family("return_rank_{}", "share of the last n rows with a log return no larger than today's", "percentile rank", _return_rank,
           a250=(60,), a500=(20, 120, 250)),
    Family("close_rank_{}", "share of the last n rows with a close no larger than today's", "percentile rank", _close_rank,
           a250=(250,), a500=(10, 20, 120)),
    Family("drawdown_{}", "close / highest close of n rows - 1", "drawdown", _drawdown,
           a20=(60,), a100=(20, 250), a250=(120,), a500=(180,)),
    Family("drawup_{}", "close / lowest close of n rows - 1", "the mirror of the drawdown", _drawup,
           a100=(60,), a250=(20, 250), a500=(10, 120)),
    Family("deepest_fall_{}", "largest fall from a close to a later close within n rows", "maximum drawdown", _deepest_fall,
           a250=(60,), a500=(20, 120, 200)),
    Family("ulcer_{}", "root mean square over n rows of the drawdown over n rows", "Martin, McCann, The Investor's Guide to Fidelity Funds (1989)", _ulcer,
           a250=(14,), a500=(28, 50, 100)),
    Family("reversal_share_{}", "share of the last n rows whose return has the other sign than the one before", "runs", _reversal_share,
           a500=(20, 60)),
)  # fmt: skip

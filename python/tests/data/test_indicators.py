"""Every indicator of the registry on real prices: causal, finite, distinct, and some against formulas written anew."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from fts.data.bars import Bars, FloatArray
from fts.data.indicators import WARM_UP, compute_columns, list_indicators
from fts.data.tiers import list_tiers

NAMES = [indicator.name for indicator in list_indicators()]


@pytest.fixture(scope="module")
def columns(sp500: Bars) -> dict[str, FloatArray]:
    return compute_columns(sp500, NAMES)


@pytest.mark.parametrize("rows", [5030, 5000, 4321, 2600, 1024, 700, 300])
def test_no_column_changes_when_the_future_is_cut_off(sp500: Bars, columns: dict[str, FloatArray], rows: int) -> None:
    early = compute_columns(sp500.until(rows), NAMES)
    changed = [name for name in NAMES if not np.allclose(early[name], columns[name][:rows], rtol=1e-9, atol=1e-15, equal_nan=True)]
    assert changed == []


def test_no_column_changes_when_the_future_is_another(sp500: Bars, columns: dict[str, FloatArray]) -> None:
    """Sharper than a cut: a formula that only looks one row ahead shows at every row, a different scale shows global statistics."""
    cut = 3000
    crash = np.where(np.arange(len(sp500)) < cut, 1.0, 0.01)
    other = Bars(sp500.dates, sp500.open * crash, sp500.high * crash, sp500.low * crash, sp500.close * crash, sp500.volume * (2.0 - crash))
    changed_columns = compute_columns(other, NAMES)
    changed = [
        name for name in NAMES if not np.allclose(changed_columns[name][:cut], columns[name][:cut], rtol=1e-9, atol=1e-15, equal_nan=True)
    ]
    assert changed == []


def test_the_look_ahead_test_catches_a_column_that_looks_ahead(sp500: Bars) -> None:
    centred = pd.Series(sp500.close).rolling(5, center=True).mean().to_numpy()
    early = pd.Series(sp500.close[:1000]).rolling(5, center=True).mean().to_numpy()
    assert not np.allclose(early, centred[:1000], rtol=1e-9, equal_nan=True)


def test_every_column_has_a_value_after_252_rows_at_most_and_from_then_on(columns: dict[str, FloatArray]) -> None:
    gaps = {name: int(np.isnan(values[WARM_UP:]).sum()) for name, values in columns.items()}
    assert {name: count for name, count in gaps.items() if count} == {}


def test_no_two_columns_say_the_same_and_none_is_constant(columns: dict[str, FloatArray]) -> None:
    matrix = np.column_stack([values[WARM_UP:] for values in columns.values()])
    assert matrix.std(axis=0).min() > 1e-6
    likeness = np.abs(np.corrcoef(matrix, rowvar=False))
    np.fill_diagonal(likeness, 0.0)
    twins = [(NAMES[i], NAMES[j]) for i, j in np.argwhere(likeness > 0.99999) if i < j]
    assert twins == []


def test_columns_do_not_depend_on_the_currency_or_the_unit_of_volume(walk: Bars) -> None:
    scaled = Bars(walk.dates, walk.open * 8.0, walk.high * 8.0, walk.low * 8.0, walk.close * 8.0, walk.volume * 16.0)
    before, after = compute_columns(walk, NAMES), compute_columns(scaled, NAMES)
    changed = [name for name in NAMES if not np.allclose(before[name], after[name], rtol=1e-6, atol=1e-9, equal_nan=True)]
    assert changed == []


@pytest.mark.filterwarnings("error")
def test_flat_prices_and_days_without_trade_give_no_infinite_value(walk: Bars) -> None:
    flat = np.full(len(walk), 50.0)
    nothing = np.zeros(len(walk))
    for bars in (Bars(walk.dates, flat, flat, flat, flat, nothing), Bars(walk.dates, flat, flat, flat, flat, walk.volume)):
        columns = compute_columns(bars, NAMES)  # raises on an infinite value
        assert {name: 1 for name, values in columns.items() if np.isnan(values[WARM_UP:]).any()} == {}


def test_history_that_is_shorter_than_a_window_gives_no_value(walk: Bars) -> None:
    for rows in (1, 2, 10):
        columns = compute_columns(walk.until(rows), NAMES)
        assert all(len(values) == rows for values in columns.values())
        assert np.isnan(columns["sma_ratio_20"]).all()


def test_all_columns_of_5031_rows_take_less_than_3_seconds_and_the_smallest_tier_a_fraction(sp500: Bars) -> None:
    def seconds(names: list[str]) -> float:
        fresh = sp500.until(len(sp500))
        started = time.process_time()
        compute_columns(fresh, names)
        return time.process_time() - started

    assert seconds(NAMES) < 3.0
    assert seconds(list_tiers()["a20"]) < 0.3


def test_known_indicators_agree_with_formulas_written_anew(walk: Bars) -> None:
    close: pd.Series[float] = pd.Series(walk.close)
    returns: pd.Series[float] = pd.Series(np.log(walk.close)).diff()
    volume = pd.Series(walk.volume)
    squared: pd.Series[float] = pd.Series(np.log(walk.high / walk.low) ** 2)
    expected = {
        "return_5": np.log(close / close.shift(5)),
        "sma_ratio_20": close / close.rolling(20).mean() - 1,
        "volatility_20": returns.rolling(20).std(ddof=0),
        "bollinger_position_20": (close - close.rolling(20).mean()) / (2 * close.rolling(20).std(ddof=0)),
        "parkinson_20": np.sqrt(squared.rolling(20).mean() / (4 * np.log(2))),
        "drawdown_60": close / close.rolling(60).max() - 1,
        "volume_ratio_20": volume / volume.rolling(20).mean() - 1,
        "close_rank_120": close.rolling(120).rank(method="max", pct=True),
        "autocorrelation_1_60": returns.rolling(60).corr(returns.shift(1)),
        "williams_r_14": 100
        * (close - pd.Series(walk.low).rolling(14).min())
        / (pd.Series(walk.high).rolling(14).max() - pd.Series(walk.low).rolling(14).min())
        - 100,
        "up_share_20": (returns > 0).astype(float).where(returns.notna()).rolling(20).mean(),
    }
    columns = compute_columns(walk, expected)
    for name, series in expected.items():
        np.testing.assert_allclose(columns[name], series.to_numpy(), rtol=1e-7, atol=1e-10, err_msg=name)


def test_line_and_memory_indicators_agree_with_numpy(walk: Bars) -> None:
    columns = compute_columns(walk, ["slope_20", "trend_strength_20", "skewness_20", "kurtosis_20", "deepest_fall_120"])
    row = 400
    recent = np.log(walk.close[row - 19 : row + 1])
    fitted = np.polyfit(np.arange(20), recent, 1)
    assert columns["slope_20"][row] == pytest.approx(fitted[0])
    assert columns["trend_strength_20"][row] == pytest.approx(np.corrcoef(np.arange(20), recent)[0, 1])
    moves = np.diff(np.log(walk.close))[row - 20 : row]
    scores = (moves - moves.mean()) / moves.std()
    assert columns["skewness_20"][row] == pytest.approx((scores**3).mean())
    assert columns["kurtosis_20"][row] == pytest.approx((scores**4).mean() - 3)
    last = walk.close[row - 119 : row + 1]
    deepest = min(last[j] / last[i] - 1 for i in range(120) for j in range(i, 120))
    assert columns["deepest_fall_120"][row] == pytest.approx(deepest)


def test_rsi_of_a_rising_price_is_100_and_of_a_falling_one_0(walk: Bars) -> None:
    rising = 100.0 + np.arange(len(walk), dtype=np.float64)
    for prices, expected in ((rising, 100.0), (rising[::-1].copy(), 0.0)):
        columns = compute_columns(Bars(walk.dates, prices, prices, prices, prices, walk.volume), ["rsi_14"])
        assert columns["rsi_14"][-1] == pytest.approx(expected)

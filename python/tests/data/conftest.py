"""Prices that the data tests share: the real S&P 500, and small ones made up."""

from collections.abc import Callable

import numpy as np
import pytest

from fts.data.bars import Bars
from fts.data.sources import Source, read_source


@pytest.fixture(scope="session")
def sp500(tmp_path_factory: pytest.TempPathFactory) -> Bars:
    """5,031 daily bars, 1999 to 2018."""
    source = read_source("arch.sp500", tmp_path_factory.getbasetemp())
    assert isinstance(source, Source)
    return source.bars


@pytest.fixture
def walk() -> Bars:
    """600 bars of a random walk."""
    return _make_walk(600, seed=7)


@pytest.fixture
def make_walk() -> Callable[[int, int], Bars]:
    """A maker of random walks, by rows and seed."""
    return _make_walk


def _make_walk(rows: int, seed: int) -> Bars:
    """Bars of a random walk with gaps, on consecutive weekdays from Monday 2001-01-01."""
    random = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, rows)))
    open_ = close * np.exp(random.normal(0.0, 0.005, rows))
    high = np.maximum(open_, close) * np.exp(np.abs(random.normal(0.0, 0.004, rows)))
    low = np.minimum(open_, close) * np.exp(-np.abs(random.normal(0.0, 0.004, rows)))
    volume = np.round(1e6 * np.exp(random.normal(0.0, 0.3, rows)))
    dates = np.busday_offset(np.datetime64("2001-01-01"), np.arange(rows))
    return Bars(dates, open_, high, low, close, volume)

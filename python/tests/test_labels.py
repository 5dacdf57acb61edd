"""Labels by hand and against the plain loop."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fts.labels import label_rises


def test_the_high_of_a_following_day_counts_and_neither_its_close_nor_todays_high() -> None:
    close = np.array([100.0, 100.0, 100.0, 100.0, 100.0])
    high = np.array([150.0, 100.5, 101.0, 100.9, 100.0])
    assert label_rises(high, close, pct=1.0, horizon=1).tolist() == [False, True, False, False]
    assert label_rises(high, close, pct=1.0, horizon=2).tolist() == [True, True, False]


def test_reaching_the_threshold_exactly_counts() -> None:
    assert label_rises(np.array([0.0, 102.0]), np.array([100.0, 100.0]), pct=2.0, horizon=1).tolist() == [True]


def test_rows_without_their_whole_future_have_no_label() -> None:
    prices = np.full(10, 100.0)
    assert len(label_rises(prices, prices, pct=1.0, horizon=3)) == 7
    assert len(label_rises(prices, prices, pct=1.0, horizon=10)) == 0
    assert len(label_rises(prices, prices, pct=1.0, horizon=12)) == 0


@given(
    prices=st.lists(st.tuples(st.floats(90, 110), st.floats(0, 8)), min_size=1, max_size=40),
    pct=st.floats(0.1, 10),
    horizon=st.integers(1, 9),
)
def test_labels_are_those_of_the_plain_loop(prices: list[tuple[float, float]], pct: float, horizon: int) -> None:
    close = np.array([one for one, _ in prices])
    high = np.array([one + above for one, above in prices])
    expected = [
        any(high[row + ahead] >= close[row] * (1 + pct / 100) for ahead in range(1, horizon + 1)) for row in range(len(prices) - horizon)
    ]
    assert label_rises(high, close, pct=pct, horizon=horizon).tolist() == expected


def test_the_known_number_of_5_percent_days_of_the_sp500() -> None:
    from arch.data import sp500

    frame = sp500.load()
    labels = label_rises(frame["High"].to_numpy(), frame["Close"].to_numpy(), pct=5.0, horizon=1)
    assert (len(labels), int(labels.sum())) == (5030, 13)

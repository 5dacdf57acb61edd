"""Aggregation to longer bars: what a bar holds, which date it has, and that it never holds a later day."""

from collections.abc import Callable

import numpy as np
import pytest

from fts.data.bars import Bars, aggregate

MakeWalk = Callable[[int, int], Bars]


def test_a_bar_of_three_days_has_the_first_open_the_extremes_the_last_close_and_the_last_date(make_walk: MakeWalk) -> None:
    bars = make_walk(8, 1)
    longer = aggregate(bars, "3d")
    assert len(longer) == 2  # days 7 and 8 fill no bar
    assert longer.open.tolist() == [bars.open[0], bars.open[3]]
    assert longer.high.tolist() == [bars.high[:3].max(), bars.high[3:6].max()]
    assert longer.low.tolist() == [bars.low[:3].min(), bars.low[3:6].min()]
    assert longer.close.tolist() == [bars.close[2], bars.close[5]]
    assert longer.volume.tolist() == [bars.volume[:3].sum(), bars.volume[3:6].sum()]
    assert longer.dates.tolist() == [bars.dates[2], bars.dates[5]]


def test_weeks_follow_the_calendar_and_an_unfinished_one_is_dropped(make_walk: MakeWalk) -> None:
    bars = make_walk(14, 1)  # Monday 2001-01-01 to Thursday 2001-01-18
    weeks = aggregate(bars, "weekly")
    assert [str(day) for day in weeks.dates] == ["2001-01-05", "2001-01-12"]
    assert weeks.volume.tolist() == [bars.volume[:5].sum(), bars.volume[5:10].sum()]
    assert len(aggregate(bars.until(10), "weekly")) == 2  # a Friday ends a week


def test_a_holiday_makes_a_week_shorter_not_the_next_one_longer(make_walk: MakeWalk) -> None:
    bars = make_walk(15, 2)
    kept = np.array([row for row in range(15) if row not in (4, 5)])  # no first Friday, no second Monday
    holiday = Bars(*(column[kept] for column in bars.columns().values()))
    assert [str(day) for day in aggregate(holiday, "weekly").dates] == ["2001-01-04", "2001-01-12", "2001-01-19"]


@pytest.mark.parametrize("timescale", ["daily", "2d", "3d", "5d", "weekly"])
def test_cutting_the_future_off_changes_no_bar_that_was_there(make_walk: MakeWalk, timescale: str) -> None:
    bars = make_walk(60, 3)
    whole = aggregate(bars, timescale)
    for rows in range(61):
        early = aggregate(bars.until(rows), timescale)
        for name, values in early.columns().items():
            assert np.array_equal(values, whole.columns()[name][: len(early)]), (rows, name)
        assert len(early) == 0 or early.dates[-1] <= bars.dates[rows - 1]


def test_daily_is_left_as_it_is(make_walk: MakeWalk) -> None:
    bars = make_walk(5, 1)
    assert aggregate(bars, "daily") is bars

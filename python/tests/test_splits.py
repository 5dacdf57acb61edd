"""Splits against the classic table, the formulas of the design, and what must hold for any size."""

import sys
from subprocess import run
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fts.outcomes import BadInput
from fts.record import Record
from fts.splits import Classic, Contiguous, Dates, Mode, Scattered, Split, read_mode, split_windows

YEARS = np.busday_offset(np.datetime64("2001-01-01"), np.arange(1000))


def split(mode: Mode, rows: int, context: int = 20, horizon: int = 3) -> Split:
    made = split_windows(mode, rows=rows, context=context, horizon=horizon, dates=YEARS[:rows])
    assert isinstance(made, Split)
    return made


@pytest.mark.parametrize(("horizon", "blocks", "val", "test"), [(1, 132, 19, 19), (3, 128, 19, 19), (5, 124, 18, 18)])
def test_the_classic_split_gives_the_known_counts(horizon: int, blocks: int, val: int, test: int) -> None:
    made = split(Classic(validation=0.15, test=0.15, seed=42), 8073, context=60, horizon=horizon)
    whole = [block for block in made.blocks if block.stop - block.start == 60 + horizon]
    assert (len(whole), len(made.val), len(made.test)) == (blocks, val, test)
    assert made.blocks[-1].use == "train"  # the tail
    assert made.blocks[-1].stop == 8073


@st.composite
def modes(draw: st.DrawFn) -> Mode:
    validation, test = draw(st.sampled_from([0.0, 0.1, 0.15, 0.3])), draw(st.sampled_from([0.0, 0.1, 0.15, 0.3]))
    embargo, seed = draw(st.integers(0, 30)), draw(st.integers(0, 99))
    kind = draw(st.sampled_from(["scattered", "classic", "contiguous", "dates"]))
    if kind == "scattered":
        return Scattered(draw(st.integers(1, 120)), validation, test, embargo, seed)
    if kind == "classic":
        return Classic(validation, test, seed)
    if kind == "contiguous":
        return Contiguous(validation, test, embargo)
    days = sorted(draw(st.lists(st.integers(0, 1500), min_size=4, max_size=4, unique=True)))
    ends = [str(np.datetime64("2000-12-01") + day) for day in days]
    return Dates(ends[0], ends[1], ends[2], ends[3], embargo)


@settings(max_examples=150, deadline=None)
@given(mode=modes(), rows=st.integers(1, 900), context=st.integers(1, 40), horizon=st.integers(1, 8))
def test_no_row_of_a_training_span_is_evaluated_and_no_row_is_evaluated_twice(mode: Mode, rows: int, context: int, horizon: int) -> None:
    made = split(mode, rows, context, horizon)

    def spans(ends: Any) -> set[int]:
        return {row for end in ends for row in range(end - context + 1, end + horizon + 1)}

    train, val, test = spans(made.train), spans(made.val), spans(made.test)
    assert not train & val
    assert not train & test
    assert not val & test
    assert all(0 <= row < rows for row in train | val | test)
    # Blocks cover every row once; evaluation stays inside its own.
    assert [row for block in made.blocks for row in range(block.start, block.stop)] == list(range(rows))
    for found, use in ((val, "val"), (test, "test")):
        assert found <= {row for block in made.blocks if block.use == use for row in range(block.start, block.stop)}


@settings(max_examples=150, deadline=None)
@given(mode=modes(), rows=st.integers(1, 400), context=st.integers(1, 30), horizon=st.integers(1, 6))
def test_every_window_that_may_be_used_is_used_as_the_design_spells_it_out(mode: Mode, rows: int, context: int, horizon: int) -> None:
    made = split(mode, rows, context, horizon)
    embargo = 0 if isinstance(mode, Classic) else mode.embargo
    evaluation = [block for block in made.blocks if block.use != "train"]
    expected: dict[str, list[int]] = {"train": [], "val": [], "test": []}
    for end in range(context - 1, rows - horizon):
        first, last = end - context + 1, end + horizon
        for block in evaluation:
            if block.start <= first and last < block.stop:
                expected[block.use].append(end)
        touches = any(first < block.stop and last >= block.start for block in evaluation)
        rests = any(block.stop <= first < block.stop + embargo for block in evaluation)
        if not touches and not rests:
            expected["train"].append(end)
    assert {"train": made.train.tolist(), "val": made.val.tolist(), "test": made.test.tolist()} == expected


def test_a_scattered_block_holds_block_minus_span_plus_one_windows() -> None:
    made = split(Scattered(block=180, validation=0.15, test=0.15, embargo=5, seed=42), 4781, context=60, horizon=5)
    # 26 blocks, floor(3.9) = 3 each
    assert len(made.val) == len(made.test) == 3 * (180 - 60 - 5 + 1)


def test_scattered_blocks_are_drawn_by_the_permutation_of_the_seed() -> None:
    made = split(Scattered(block=50, validation=0.2, test=0.1, embargo=0, seed=7), 1000, context=20, horizon=3)
    drawn = np.random.default_rng(7).permutation(20)
    assert [block.start // 50 for block in made.blocks if block.use == "val"] == sorted(drawn[:4])
    assert [block.start // 50 for block in made.blocks if block.use == "test"] == sorted(drawn[4:6])
    assert made.val.tolist() != split(Scattered(50, 0.2, 0.1, 0, 8), 1000).val.tolist()


def test_contiguous_keeps_the_end_for_the_test_and_the_rows_before_it_for_validation() -> None:
    made = split(Contiguous(validation=0.2, test=0.1, embargo=0), 1000, context=20, horizon=3)
    assert (made.train[0], made.train[-1]) == (19, 699 - 3)
    assert (made.val[0], made.val[-1]) == (700 + 19, 899 - 3)
    assert (made.test[0], made.test[-1]) == (900 + 19, 999 - 3)


def test_dates_include_both_ends_and_an_open_end_goes_on() -> None:
    made = split(Dates("2002-01-01", "2002-06-28", "2003-01-01", None, embargo=0), 1000)
    ranges = {block.use: (YEARS[block.start], YEARS[block.stop - 1]) for block in made.blocks if block.use != "train"}
    assert ranges["val"] == (np.datetime64("2002-01-01"), np.datetime64("2002-06-28"))
    assert ranges["test"] == (np.datetime64("2003-01-01"), YEARS[-1])
    until_test = split(Dates("2002-01-01", None, "2003-01-01", None, embargo=0), 1000)
    assert [block.use for block in until_test.blocks] == ["train", "val", "test"]


def test_a_training_window_may_lie_after_an_evaluation_block_but_not_within_the_embargo() -> None:
    made = split(Dates("2002-01-01", "2002-06-28", "2002-07-01", "2002-12-31", embargo=10), 1000)
    last = max(block.stop for block in made.blocks if block.use == "test")
    after = made.train[made.train >= last]
    assert after[0] - 20 + 1 == last + 10


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Dates("2002-01-01", "2003-06-30", "2003-01-01", None, 0), "overlap"),
        (Dates("2003-01-01", None, "2002-01-01", "2002-12-31", 0), "end before they begin"),
        (Dates("2002-01-01", "2001-06-30", "2003-01-01", None, 0), "end before they begin"),
        (Dates("soon", None, "2003-01-01", None, 0), "soon"),
        (Scattered(100, 0.6, 0.4, 0, 1), "must leave rows"),
        (Scattered(0, 0.1, 0.1, 0, 1), "split.block is 0"),
    ],
)
def test_a_split_that_makes_no_sense_is_bad_input(mode: Mode, words: str) -> None:
    made = split_windows(mode, rows=1000, context=20, horizon=3, dates=YEARS)
    assert isinstance(made, BadInput)
    assert words in made.message


def test_parameters_that_a_mode_does_not_use_count_as_read() -> None:
    values = {"split.mode": "contiguous", "split.validation": 0.1, "split.test": 0.1, "split.embargo": 5, "split.block": 180}
    record = Record({**values, "split.seed": 1, "split.test_from": None, "split.min_windows": 300})
    assert read_mode(record) == Contiguous(0.1, 0.1, 5)
    assert record.unread() == ["split.min_windows"]


def test_an_unknown_mode_and_a_missing_parameter_are_bad_input() -> None:
    for values, words in (({"split.mode": "random"}, "random"), ({"split.mode": "classic", "split.validation": 0.1}, "split.test")):
        found = read_mode(Record(values))
        assert isinstance(found, BadInput)
        assert words in found.message


def test_importing_splits_loads_neither_pandas_nor_pyarrow_nor_torch() -> None:
    code = "import sys, fts.splits, fts.windows; print([m for m in ('pandas','pyarrow','talib','torch','optuna') if m in sys.modules])"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

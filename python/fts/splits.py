"""Which windows train, validate and test, exactly as `docs/design.md` section 8 says. Knows nothing of features, labels or files.

A window is named by its last row t. It reads rows t-context+1 .. t and is labelled by rows t+1 .. t+horizon; together they are its
span. An evaluation window's span lies inside one evaluation block, a training window's span touches none: no row that training saw,
the future behind its labels included, is seen again in evaluation (purging).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fts.outcomes import BadInput
from fts.record import Record

Use = Literal["train", "val", "test"]
RowArray = NDArray[np.int64]
DateArray = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Scattered:
    """Blocks of `block` rows, drawn with `seed`; `validation` and `test` are shares of the blocks, `embargo` is in rows."""

    block: int
    validation: float
    test: float
    embargo: int
    seed: int


@dataclass(frozen=True, slots=True)
class Classic:
    """Scattered blocks of context + horizon rows, so one window each; no embargo."""

    validation: float
    test: float
    seed: int


@dataclass(frozen=True, slots=True)
class Contiguous:
    """The end of history: first validation, then test; both are shares of the rows."""

    validation: float
    test: float
    embargo: int


@dataclass(frozen=True, slots=True)
class Dates:
    """Given ISO dates, both ends included. Validation without an end goes up to the test's start, a test without one to the last row."""

    validation_from: str
    validation_to: str | None
    test_from: str
    test_to: str | None
    embargo: int


Mode = Scattered | Classic | Contiguous | Dates


@dataclass(frozen=True, slots=True)
class Block:
    """Rows `start` up to, not including, `stop`, and what they are for."""

    start: int
    stop: int
    use: Use


@dataclass(frozen=True, slots=True)
class Split:
    """Last rows of the windows of each split, ascending int64 (n,), and the blocks that cover all rows in order."""

    train: RowArray
    val: RowArray
    test: RowArray
    blocks: tuple[Block, ...]


# What each mode takes of the record; what it does not take counts as consumed.
_TAKES: dict[str, tuple[str, ...]] = {
    "scattered": ("block", "validation", "test", "embargo", "seed"),
    "classic": ("validation", "test", "seed"),
    "contiguous": ("validation", "test", "embargo"),
    "dates": ("validation_from", "validation_to", "test_from", "test_to", "embargo"),
}


def read_mode(record: Record) -> Mode | BadInput:
    """The split that a record asks for. Marks every `split.` parameter as read that belongs to where the blocks lie."""
    mode = record["split.mode"]
    if mode not in _TAKES:
        return BadInput(f"there is no split mode {mode!r}; known are {', '.join(_TAKES)}")
    absent = [name for name in _TAKES[mode] if f"split.{name}" not in record]
    if absent:
        return BadInput(f"split mode {mode} needs split.{absent[0]}")
    record.consume(f"split.{name}" for names in _TAKES.values() for name in names)
    values: dict[str, Any] = {name: record[f"split.{name}"] for name in _TAKES[mode]}
    if mode == "scattered":
        return Scattered(**values)
    if mode == "classic":
        return Classic(**values)
    return Contiguous(**values) if mode == "contiguous" else Dates(**values)


def split_windows(mode: Mode, *, rows: int, context: int, horizon: int, dates: DateArray | None = None) -> Split | BadInput:
    """The windows of each split over rows 0 .. rows-1. `dates` (rows,) ascending is needed by mode `dates` only.

    Too few windows are no error here; who calls knows how many it needs.
    """
    placed = _place_blocks(mode, rows, context + horizon, dates)
    if isinstance(placed, BadInput):
        return placed
    embargo = 0 if isinstance(mode, Classic) else mode.embargo
    return Split(
        train=_find_training(placed, rows, context, horizon, embargo),
        val=_find_inside([block for block in placed if block.use == "val"], context, horizon),
        test=_find_inside([block for block in placed if block.use == "test"], context, horizon),
        blocks=tuple(placed),
    )


def _place_blocks(mode: Mode, rows: int, span: int, dates: DateArray | None) -> list[Block] | BadInput:
    """Blocks that cover all rows once, in order."""
    if isinstance(mode, Dates):
        if dates is None:
            raise ValueError("split mode dates needs the rows' dates")
        return _place_dates(mode, dates.astype("datetime64[D]"))
    if mode.validation < 0 or mode.test < 0 or mode.validation + mode.test >= 1:
        return BadInput(f"split.validation {mode.validation} and split.test {mode.test} must leave rows for training")
    if isinstance(mode, Contiguous):
        test, validation = int(mode.test * rows), int(mode.validation * rows)
        first = rows - test - validation
        return _cover(rows, [Block(first, rows - test, "val"), Block(rows - test, rows, "test")])
    length = mode.block if isinstance(mode, Scattered) else span
    if length < 1:
        return BadInput(f"split.block is {length}; at least 1 row is needed")
    return _scatter(mode, rows, length)


def _scatter(mode: Scattered | Classic, rows: int, length: int) -> list[Block]:
    """A permutation's first blocks validate, the next ones test. The tail that fills no block is for training."""
    count = rows // length
    validation, test = int(mode.validation * count), int(mode.test * count)
    drawn = np.random.default_rng(mode.seed).permutation(count)
    uses: list[Use] = ["train"] * count
    for index in drawn[:validation]:
        uses[index] = "val"
    for index in drawn[validation : validation + test]:
        uses[index] = "test"
    blocks = [Block(index * length, (index + 1) * length, use) for index, use in enumerate(uses)]
    return blocks if count * length == rows else [*blocks, Block(count * length, rows, "train")]


def _place_dates(mode: Dates, dates: DateArray) -> list[Block] | BadInput:
    try:
        validation_from, test_from = np.datetime64(mode.validation_from, "D"), np.datetime64(mode.test_from, "D")
        ends = [None if end is None else np.datetime64(end, "D") for end in (mode.validation_to, mode.test_to)]
    except ValueError as error:
        return BadInput(f"a date of the split is not one: {error}; dates look like 2015-12-31")
    if np.isnat(validation_from) or np.isnat(test_from):
        return BadInput("split mode dates needs split.validation_from and split.test_from")
    validation = Block(_row_at(dates, validation_from), _row_at(dates, test_from if ends[0] is None else ends[0] + 1), "val")
    test = Block(_row_at(dates, test_from), len(dates) if ends[1] is None else _row_at(dates, ends[1] + 1), "test")
    for block, name in ((validation, "validation"), (test, "test")):
        if block.stop < block.start:
            return BadInput(f"the {name} dates of the split end before they begin")
    if validation.start < test.stop and test.start < validation.stop:
        return BadInput("the validation and the test dates of the split overlap; set split.validation_to or split.test_to")
    return _cover(len(dates), [validation, test])


def _row_at(dates: DateArray, day: np.datetime64) -> int:
    """The first row on or after `day`."""
    return int(np.searchsorted(dates, day))


def _cover(rows: int, evaluation: list[Block]) -> list[Block]:
    """The evaluation blocks that are not empty, with training blocks in all gaps."""
    blocks: list[Block] = []
    at = 0
    for block in sorted((block for block in evaluation if block.stop > block.start), key=lambda block: block.start):
        if block.start > at:
            blocks.append(Block(at, block.start, "train"))
        blocks.append(block)
        at = block.stop
    return blocks if at == rows else [*blocks, Block(at, rows, "train")]


def _find_inside(blocks: list[Block], context: int, horizon: int) -> RowArray:
    """Windows whose whole span lies in one of the blocks."""
    ends = [np.arange(block.start + context - 1, block.stop - horizon, dtype=np.int64) for block in blocks]
    return np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)


def _find_training(blocks: list[Block], rows: int, context: int, horizon: int, embargo: int) -> RowArray:
    """Windows whose span touches no evaluation block and does not begin within `embargo` rows after one."""
    evaluated = np.zeros(rows, dtype=np.int64)
    resting = np.zeros(rows, dtype=np.bool_)
    for block in blocks:
        if block.use != "train":
            evaluated[block.start : block.stop] = 1
            resting[block.stop : block.stop + embargo] = True
    ends = np.arange(context - 1, rows - horizon, dtype=np.int64)
    starts = ends - context + 1
    # Evaluated rows before each row: a span touches none where the count does not grow over it.
    before = np.concatenate(([0], np.cumsum(evaluated)))
    kept: RowArray = ends[(before[ends + horizon + 1] == before[starts]) & ~resting[starts]]
    return kept

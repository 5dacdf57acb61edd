"""Verifies a file that somebody else made: columns, rows, dates, prices, NaNs, digest. Writes nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fts.data.dataset import Order, Origin, check_dataset, describe_dataset, digest_md5
from fts.data.foreign import explain_foreign
from fts.data.leaks import find_leaks
from fts.data.plausibility import (
    caution_constants,
    describe_prices,
    find_adjusted_close,
    find_cautions,
    find_constants,
    judge_dates,
    rhythm_of,
)
from fts.data.table import Table, check_dates, check_prices, read_table
from fts.outcomes import BadInput

# Labels are made of these, whatever the features are.
NEEDED = ("High", "Close")


def verify_dataset(order: Order, dataset: str, workspace: Path, labels: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any] | BadInput:
    """The record of the file at `order.path`, as a build would have written it; or the first thing that is wrong with it.

    `labels` are what its features are tried against: a feature of one's own may be made of the future.
    """
    try:
        content = (workspace / order.path).read_bytes()
    except FileNotFoundError:
        return BadInput(f"{order.path} does not exist; put it there, or give the dataset a builder")
    except OSError as error:
        return BadInput(f"{order.path} cannot be read: {error.strerror}")
    foreign = explain_foreign(content, order.path)
    if foreign is not None:
        return BadInput(foreign)
    # First what must be there, so that a bad value in it is named; then all that is, for the record.
    wanted = read_table(content, [name for name in (*NEEDED, *order.columns, *_tier_columns(order)) if name != "Date"], order.path)
    if isinstance(wanted, BadInput):
        return wanted
    table = read_table(content, None, order.path)
    if isinstance(table, BadInput):
        return table
    problem = check_dates(table.dates) or check_prices(table.dates, table.numbers)
    if problem is not None:
        return BadInput(f"{order.path}: {problem}")
    timescale = rhythm_of(table.dates, order.timescale) if order.made_into else order.timescale
    misdated = judge_dates(table.dates, timescale, order.calendar, order.path)
    if misdated is not None:
        return misdated
    columns = {"Date": table.dates, **table.numbers}
    wrong = check_dataset(order, columns, digest_md5(content))
    if wrong is not None:
        return wrong
    return describe_dataset(order, dataset, columns, content, Origin(0, None, *_judge(order, table, labels)))


def _judge(order: Order, table: Table, labels: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The plausibility table, and what deserves a look."""
    dates, numbers = table.dates, table.numbers
    read = {name: numbers[name] for name in (*order.columns, *_tier_columns(order)) if name in numbers and name not in NEEDED}
    constants = find_constants(read or numbers)
    plausibility = {**describe_prices(dates, numbers, order.calendar), "constant_columns": constants}
    return plausibility, [
        *find_cautions(dates, numbers, dates[0]),
        *find_adjusted_close(list(numbers), list(read)),
        *caution_constants(constants),
        *find_leaks(dates, numbers["High"], numbers["Close"], read, labels),
    ]


def _tier_columns(order: Order) -> list[str]:
    if not order.tiers:
        return []
    from fts.data.tiers import union_of  # loads the indicator library, which a file without tiers has no use for

    return union_of(order.tiers)

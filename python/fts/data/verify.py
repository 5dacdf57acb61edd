"""Verifies a file that somebody else made: columns, rows, dates, prices, NaNs, digest. Writes nothing."""

from pathlib import Path
from typing import Any

from fts.data.dataset import Order, check_dataset, describe_dataset, digest_md5
from fts.data.table import check_dates, check_prices, read_table
from fts.outcomes import BadInput

# Labels are made of these, whatever the features are.
NEEDED = ("High", "Close")


def verify_dataset(order: Order, dataset: str, workspace: Path) -> dict[str, Any] | BadInput:
    """The record of the file at `order.path`, as a build would have written it; or the first thing that is wrong with it."""
    try:
        content = (workspace / order.path).read_bytes()
    except FileNotFoundError:
        return BadInput(f"{order.path} does not exist; put it there, or give the dataset a builder")
    except OSError as error:
        return BadInput(f"{order.path} cannot be read: {error.strerror}")
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
    columns = {"Date": table.dates, **table.numbers}
    return check_dataset(order, columns, digest_md5(content)) or describe_dataset(order, dataset, columns, content, 0, None)


def _tier_columns(order: Order) -> list[str]:
    if not order.tiers:
        return []
    from fts.data.tiers import union_of  # loads the indicator library, which a file without tiers has no use for

    return union_of(order.tiers)

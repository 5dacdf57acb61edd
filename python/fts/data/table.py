"""Reads columns of a Parquet or CSV file, and checks dates and prices. Knows nothing of indicators; needs no pandas."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fts.outcomes import BadInput

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = NDArray[np.float64]
DateArray = NDArray[np.datetime64]

PRICES = ("Open", "High", "Low", "Close")
SUFFIXES = (".parquet", ".pq", ".csv")

# Relative; beyond it a High below another price is a mistake, within it the rounding of an adjustment.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Table:
    """`dates` is datetime64[D] (rows,); `numbers` holds float64 (rows,) by column, NaN where the file has nothing."""

    dates: DateArray
    numbers: dict[str, FloatArray]


def list_columns(source: Path | bytes, shown: str) -> list[str] | BadInput:
    """The columns of a file in file order. `shown` is its name in messages, and its suffix says what it is."""
    opened = _open(source, shown, None)
    return opened if isinstance(opened, BadInput) else list(opened.column_names)


def read_table(source: Path | bytes, columns: Sequence[str] | None, shown: str) -> Table | BadInput:
    """`Date` and the named columns (None: all that are numbers) of a file, or of its bytes. Closed when this returns.

    What is wrong is said with file, column and first bad row; columns that are missing, with near names.
    """
    present = list_columns(source, shown)
    if isinstance(present, BadInput):
        return present
    twice = sorted({name for name in present if present.count(name) > 1}, key=present.index)
    if twice:
        return BadInput(f'{shown} has more than one column "{twice[0]}", and which is meant nobody can tell; leave one of each name')
    missing = explain_missing(["Date", *(columns or ())], present)
    if missing is not None:
        return BadInput(f"{shown} {missing}")
    opened = _open(source, shown, None if columns is None else list(dict.fromkeys(["Date", *columns])))
    if isinstance(opened, BadInput):
        return opened
    dates = _to_dates(opened.column("Date"), shown)
    if isinstance(dates, BadInput):
        return dates
    numbers: dict[str, FloatArray] = {}
    for name in opened.column_names:
        if name == "Date":
            continue
        values = _to_numbers(opened.column(name), f'{shown}: column "{name}"')
        if not isinstance(values, BadInput):
            numbers[name] = values
        elif columns is not None:
            return values
    return Table(dates, numbers)


def explain_missing(wanted: Sequence[str], present: Sequence[str]) -> str | None:
    """Which of `wanted` are not there, the first five with near names; None when all are."""
    missing = [name for name in dict.fromkeys(wanted) if name not in set(present)]
    if not missing:
        return None
    parts = []
    for name in missing[:5]:
        # Names are case-sensitive, but a wrong case is the likeliest slip, so it is looked for first.
        near = [one for one in present if one.lower() == name.lower()] or difflib.get_close_matches(name, present, n=2, cutoff=0.6)
        parts.append(f'"{name}"' + (f" (near: {', '.join(near)})" if near else ""))
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return f"has no column {', '.join(parts)}{more}; names are case-sensitive"


def check_dates(dates: DateArray) -> str | None:
    """What is wrong with the first row that does not come after the one before it; None when all is well."""
    if len(dates) == 0:
        return "has no rows"
    unknown = np.flatnonzero(np.isnat(dates))
    if len(unknown):
        return f'column "Date" is empty in row {unknown[0] + 1}'
    wrong = np.flatnonzero(dates[1:] <= dates[:-1])
    if len(wrong) == 0:
        return None
    row = int(wrong[0]) + 1
    if dates[row] == dates[row - 1]:
        return f'column "Date" has {dates[row]} twice, in rows {row} and {row + 1}; one row a date is needed'
    return f'column "Date" is not sorted: row {row + 1} is {dates[row]}, after {dates[row - 1]}; oldest first is needed'


def check_prices(dates: DateArray, numbers: Mapping[str, FloatArray]) -> str | None:
    """What is wrong with the first impossible price or volume among the columns that are there; None when all is well."""
    for name in (*PRICES, "Volume"):
        if name not in numbers:
            continue
        values = numbers[name]
        possible = (values >= 0.0) if name == "Volume" else (values > 0.0)
        wrong = np.flatnonzero(~(possible & np.isfinite(values)))
        if len(wrong):
            row = int(wrong[0])
            needed = "a number at or above 0" if name == "Volume" else "a number above 0"
            return f'column "{name}" is {_in_full(values[row])} in row {row + 1} ({dates[row]}); {needed} is needed'
    return _check_order(dates, numbers)


def _check_order(dates: DateArray, numbers: Mapping[str, FloatArray]) -> str | None:
    """High is the largest price of a row, Low the smallest. Prices that were adjusted by a factor may differ in their last digits."""
    for upper, lower in (("High", "Low"), ("High", "Open"), ("High", "Close"), ("Open", "Low"), ("Close", "Low")):
        if upper not in numbers or lower not in numbers:
            continue
        wrong = np.flatnonzero(numbers[upper] < numbers[lower] * (1.0 - TOLERANCE))
        if len(wrong):
            row = int(wrong[0])
            return (
                f'column "{upper}" ({_in_full(numbers[upper][row])}) is below "{lower}" ({_in_full(numbers[lower][row])}) '
                f"in row {row + 1} ({dates[row]}); "
                "High must be the highest and Low the lowest price of a row"
            )
    return None


def _in_full(value: float) -> str:
    """All digits that tell it from its neighbours; a whole number without a fraction."""
    return repr(float(value)).removesuffix(".0")


def _open(source: Path | bytes, shown: str, columns: list[str] | None) -> pa.Table | BadInput:
    import pyarrow as pa

    suffix = Path(shown).suffix.lower()
    if suffix not in SUFFIXES:
        return BadInput(f"{shown} is neither Parquet nor CSV by its name; {', '.join(SUFFIXES)} are read")
    try:
        with pa.BufferReader(source) if isinstance(source, bytes) else pa.OSFile(str(source)) as file:
            return _read_csv(file, columns) if suffix == ".csv" else _read_parquet(file, columns)
    except FileNotFoundError:
        return BadInput(f"{shown} does not exist; build it, or put it there")
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        return BadInput(f"{shown} cannot be read: {str(error).splitlines()[0]}")


def _read_parquet(file: pa.NativeFile, columns: list[str] | None) -> pa.Table:
    import pyarrow.parquet as pq

    return pq.ParquetFile(file).read(columns=columns, use_threads=False)


def _read_csv(file: pa.NativeFile, columns: list[str] | None) -> pa.Table:
    """All as text: the types are ours to decide, so that a bad value can be named with its row."""
    import pyarrow as pa
    from pyarrow import csv

    header = file.read(1 << 20)
    file.seek(0)
    names = csv.read_csv(pa.BufferReader(header[: header.find(b"\n") + 1] or header)).column_names
    convert = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=columns, strings_can_be_null=True)
    return csv.read_csv(file, read_options=csv.ReadOptions(use_threads=False), convert_options=convert)


def _to_dates(column: pa.ChunkedArray, shown: str) -> DateArray | BadInput:
    """datetime64[D]. A time of day falls away; with a time zone, the date is the local one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = pc.local_timestamp(column)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        days: DateArray = column.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[D]")
        return days
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return BadInput(f'{shown}: column "Date" holds {kind}, not dates')
    parsed = []
    for row, text in enumerate(column.to_pylist()):
        day = _parse_date(text)
        if day is None:
            return BadInput(f'{shown}: column "Date" is {text!r} in row {row + 1}; a date like 1999-12-31 is needed')
        parsed.append(day)
    return np.array(parsed, dtype="datetime64[D]")


def _parse_date(text: str | None) -> date | None:
    if text is None or text[10:11] not in ("", " ", "T"):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _to_numbers(column: pa.ChunkedArray, where: str) -> FloatArray | BadInput:
    """float64 with NaN for nothing."""
    import pyarrow as pa

    try:
        numbers: FloatArray = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64)
        return numbers
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        for row, value in enumerate(column.to_pylist()):
            if value is not None and not _is_number(value):
                return BadInput(f"{where} is {value!r} in row {row + 1}; a number is needed")
        return BadInput(f"{where} holds {column.type}, not numbers")


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True

"""Raw prices from where they come: data sets inside the `arch` package, or a CSV or Parquet file. Knows nothing of indicators."""

import hashlib
import importlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fts.data.bars import Bars, DateArray, FloatArray
from fts.data.foreign import explain_foreign
from fts.data.table import PRICES, check_dates, check_prices, list_columns, read_table
from fts.outcomes import BadInput

# Sources that install with a package and need no download.
PACKAGED = {"arch.sp500": "arch.data.sp500", "arch.nasdaq": "arch.data.nasdaq"}

COLUMNS = (*PRICES, "Volume")


@dataclass(frozen=True, slots=True)
class RawFile:
    """The file that was read: `path` as the user wrote it, digests in hex, sizes in rows and bytes."""

    path: str
    md5: str
    sha256: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Source:
    """Daily bars, checked; `file` is None where they came with a package. `columns` are all that the file has."""

    bars: Bars
    file: RawFile | None
    columns: tuple[str, ...] = COLUMNS


def read_source(source: str, workspace: Path) -> Source | BadInput:
    """Bars of a packaged source by its name, or of a file relative to `workspace`. Columns beside Date, prices and volume are ignored."""
    if source in PACKAGED:
        return _read_packaged(source)
    if source.startswith("arch."):
        return BadInput(f"there is no source {source}; known are {', '.join(PACKAGED)}, or a CSV or Parquet file")
    try:
        content = (workspace / source).read_bytes()
    except FileNotFoundError:
        return BadInput(f"{source} does not exist; put the raw prices there, or name another source ({', '.join(PACKAGED)})")
    except OSError as error:
        return BadInput(f"{source} cannot be read: {error.strerror}")
    foreign = explain_foreign(content, source)
    if foreign is not None:
        return BadInput(foreign)
    # Digest and values are of the same bytes, whatever happens to the file meanwhile.
    table = read_table(content, COLUMNS, source)
    if isinstance(table, BadInput):
        return table
    bars = _checked(table.dates, table.numbers, source)
    present = list_columns(content, source)
    if isinstance(bars, BadInput):
        return bars
    if isinstance(present, BadInput):
        return present
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return Source(bars, RawFile(source, md5, hashlib.sha256(content).hexdigest(), len(bars), len(content)), tuple(present))


def _read_packaged(source: str) -> Source | BadInput:
    frame = importlib.import_module(PACKAGED[source]).load()
    dates = frame.index.to_numpy().astype("datetime64[D]")
    numbers = {name: np.array(frame[name], dtype=np.float64) for name in COLUMNS}
    bars = _checked(dates, numbers, source)
    return bars if isinstance(bars, BadInput) else Source(bars, None)


def _checked(dates: DateArray, numbers: dict[str, FloatArray], shown: str) -> Bars | BadInput:
    problem = check_dates(dates) or check_prices(dates, numbers)
    if problem is not None:
        return BadInput(f"{shown}: {problem}")
    return Bars(dates, numbers["Open"], numbers["High"], numbers["Low"], numbers["Close"], numbers["Volume"])

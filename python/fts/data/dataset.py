"""What is ordered of a dataset, what is checked, and the record of one. Neither builds nor reads a file."""

import base64
import hashlib
import platform
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fts.data.bars import TIMESCALES, DateArray
from fts.data.plausibility import CALENDARS, USUAL_CALENDAR
from fts.data.sources import RawFile
from fts.data.table import explain_missing
from fts.outcomes import BadInput

TIERS = ("a20", "a100", "a250", "a500")
# Rows: two hundred years of days.
MOST_PACKED = 50_000
PACKAGES = ("arch", "numpy", "pandas", "pyarrow", "TA-Lib")


@dataclass(frozen=True, slots=True)
class Order:
    """The parameters of a data job, as `docs/design.md` section 7 lists them. Paths are relative to the workspace.

    `source` None means: verify the file at `path`. `keep_rows` None keeps all; `min_rows`, `max_nan` and `md5` None check nothing.
    `calendar` says on which days bars can be; it is left out where it is the usual one. `made_into`: the file at `path` is raw, and
    `timescale` is what its bars are made into.
    """

    source: str | None
    path: str
    timescale: str
    tiers: tuple[str, ...]
    keep_rows: int | None
    min_rows: int | None
    max_nan: int | None
    columns: tuple[str, ...]
    md5: str | None
    calendar: str = USUAL_CALENDAR
    made_into: bool = False


def parse_order(params: Mapping[str, Any]) -> Order | BadInput:
    """An order from a job's parameters; a name too many or too few, a wrong timescale or tier is a BadInput."""
    names = tuple(Order.__dataclass_fields__)
    unknown = sorted(set(params) - set(names))
    absent = [name for name in names if name not in params and name not in ("calendar", "made_into")]
    if unknown or absent:
        return BadInput(f"the data job's parameters are wrong: unknown {unknown or 'none'}, missing {absent or 'none'}")
    if params["timescale"] not in TIMESCALES:
        return BadInput(f"there is no timescale {params['timescale']!r}; known are {', '.join(TIMESCALES)}")
    if params.get("calendar", USUAL_CALENDAR) not in CALENDARS:
        return BadInput(f"there is no calendar {params['calendar']!r}; known are {', '.join(CALENDARS)}")
    strangers = [tier for tier in params["tiers"] if tier not in TIERS]
    if strangers:
        return BadInput(f"there is no tier {strangers[0]!r}; known are {', '.join(TIERS)}")
    return Order(**{**params, "tiers": tuple(params["tiers"]), "columns": tuple(params["columns"])})


def check_dataset(order: Order, columns: Mapping[str, NDArray[Any]], md5: str) -> BadInput | None:
    """Columns, rows, missing values and digest against the order, in that order; the first that fails. `md5` is of the file's bytes."""
    missing = explain_missing(order.columns, list(columns))
    if missing is not None:
        return BadInput(f"{order.path} {missing}")
    rows = len(columns["Date"])
    if order.min_rows is not None and rows < order.min_rows:
        return BadInput(f"{order.path} has {rows} rows; at least {order.min_rows} are needed")
    # Named columns are what somebody relies on; without any, all are.
    counts = {name: _count_missing(columns[name]) for name in (order.columns or columns)}
    worst = max(counts, key=lambda name: counts[name])
    total = sum(counts.values())
    if order.max_nan is not None and total > order.max_nan:
        return BadInput(
            f"{order.path} has {total} empty, NaN or infinite values, at most {order.max_nan} are allowed; "
            f'the most are in column "{worst}" ({counts[worst]}, first in row {_first_missing(columns[worst]) + 1})'
        )
    if order.md5 is not None and md5 != order.md5:
        return BadInput(f"{order.path} has md5 {md5}, but {order.md5} was asked for: the data, the builder or a library has changed")
    return None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dataset's values come from, and what was said of them: the plausibility table, and what deserves a look."""

    dropped_rows: int
    raw: RawFile | None
    plausibility: Mapping[str, Any]
    cautions: Sequence[Mapping[str, str]]


def describe_dataset(order: Order, dataset: str, columns: Mapping[str, NDArray[Any]], content: bytes, origin: Origin) -> dict[str, Any]:
    """The record of a dataset, as `schemas/dataset.schema.json` says. `content` is the whole file."""
    dates = columns["Date"]
    return {
        "schema_version": 1,
        "kind": "dataset",
        "dataset": dataset,
        "path": order.path,
        "source": order.source,
        "timescale": order.timescale,
        "tiers": list(order.tiers),
        "rows": len(dates),
        "dropped_rows": origin.dropped_rows,
        "first": str(dates[0]) if len(dates) else None,
        "last": str(dates[-1]) if len(dates) else None,
        "md5": digest_md5(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "columns": {name: {"sha256": digest_column(values), "nan": _count_missing(values)} for name, values in columns.items()},
        "raw": None if origin.raw is None else asdict(origin.raw),
        "builder_versions": read_versions(PACKAGES),
        "plausibility": dict(origin.plausibility),
        "cautions": [dict(caution) for caution in origin.cautions],
        "prices": pack_prices(columns),
    }


def pack_prices(columns: Mapping[str, NDArray[Any]]) -> str | None:
    """What labels are made of, for plans that count positives without opening Parquet: lines `date,high,close`, all digits, as Base64 of
    zlib. None where the file is too long for its record."""
    if len(columns["Date"]) > MOST_PACKED:
        return None
    rows = zip(_iso(columns["Date"]), columns["High"].tolist(), columns["Close"].tolist(), strict=True)
    text = "\n".join(f"{day},{high!r},{close!r}" for day, high, close in rows)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def digest_column(values: NDArray[Any]) -> str:
    """SHA-256 of a column's values: little-endian float64 with one kind of NaN, or ISO dates joined by newlines."""
    if np.issubdtype(values.dtype, np.datetime64):
        return hashlib.sha256("\n".join(_iso(values)).encode()).hexdigest()
    canonical = np.where(np.isnan(values), np.nan, values).astype("<f8")
    return hashlib.sha256(canonical.tobytes()).hexdigest()


def digest_md5(content: bytes) -> str:
    """MD5 in hex, which is what the manifest and the users' notes name files by; not for security."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def read_versions(packages: Sequence[str]) -> dict[str, str]:
    """Python's and the packages' full versions, those that are installed."""
    versions = {"python": platform.python_version()}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _iso(dates: DateArray) -> list[str]:
    return [str(day) for day in dates.astype("datetime64[D]")]


def _count_missing(values: NDArray[Any]) -> int:
    return int(_is_missing(values).sum())


def _first_missing(values: NDArray[Any]) -> int:
    return int(np.argmax(_is_missing(values)))


def _is_missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Infinities too: no model can read one."""
    present: NDArray[np.bool_] = ~np.isnat(values) if np.issubdtype(values.dtype, np.datetime64) else np.isfinite(values)
    return ~present

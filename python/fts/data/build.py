"""Builds a dataset from its source: bars, indicators, checks, and then one Parquet file. Deterministic: the same input, the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from fts.data.bars import Bars, aggregate
from fts.data.dataset import Order, Origin, check_dataset, describe_dataset, digest_md5
from fts.data.indicators import WARM_UP, compute_columns
from fts.data.plausibility import (
    caution_constants,
    describe_prices,
    find_adjusted_close,
    find_cautions,
    find_constants,
    judge_dates,
    rhythm_of,
)
from fts.data.sources import Source, read_source
from fts.data.tiers import union_of
from fts.outcomes import BadInput


@dataclass(frozen=True, slots=True)
class Built:
    """A dataset in memory: the bytes of its Parquet file, and its record."""

    content: bytes
    record: dict[str, Any]


def build_dataset(order: Order, source: str, dataset: str, workspace: Path) -> Built | BadInput:
    """Computes and checks everything, and writes nothing: a dataset that fails a check never replaces a good one."""
    raw = read_source(source, workspace)
    if isinstance(raw, BadInput):
        return raw
    unusable = find_unusable(order, source, raw.bars)
    if unusable is not None:
        return unusable
    bars = aggregate(raw.bars, order.timescale)
    indicators = compute_columns(bars, union_of(order.tiers))
    # The same rows whatever the tiers, though the small ones warm up sooner: a tier added later must leave the digests of the columns
    # that are there, and so the keys of all that read them, as they are. It also makes tiers comparable.
    dropped = WARM_UP if indicators else 0
    if dropped >= len(bars):
        return BadInput(
            f"{source} gives {len(bars)} {order.timescale} bars, and the first {dropped} are for indicators to warm up; nothing is left"
        )
    first = dropped if order.keep_rows is None else max(dropped, len(bars) - order.keep_rows)
    columns = {name: values[first:] for name, values in {**bars.columns(), **indicators}.items()}
    content = _encode(columns)
    problem = check_dataset(order, columns, digest_md5(content))
    if problem is not None:
        return problem
    origin = Origin(dropped, raw.file, *_judge(order, raw, columns, bars.dates[max(0, first - dropped)]))
    return Built(content, describe_dataset(order, dataset, columns, content, origin))


def find_unusable(order: Order, source: str, raw: Bars) -> BadInput | None:
    """Why raw bars cannot be made into what is ordered: their dates, and those of the bars that would be made of them."""
    wrong = judge_dates(raw.dates, rhythm_of(raw.dates, order.timescale), order.calendar, source)
    made = aggregate(raw, order.timescale)
    return wrong if wrong is not None or len(made) == 0 else judge_dates(made.dates, order.timescale, order.calendar, source)


def _judge(
    order: Order, raw: Source, columns: Mapping[str, NDArray[Any]], since: np.datetime64
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The plausibility table of the raw prices, and what deserves a look: of what was before `since` nothing is used."""
    prices = {"High": raw.bars.high, "Low": raw.bars.low, "Close": raw.bars.close, "Volume": raw.bars.volume}
    constants = find_constants(columns)
    table = {**describe_prices(raw.bars.dates, prices, order.calendar), "constant_columns": constants}
    cautions = find_cautions(raw.bars.dates, prices, since)
    return table, [*cautions, *find_adjusted_close(raw.columns, ()), *caution_constants(constants)]


def _encode(columns: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of a Parquet file: `Date` as a timestamp, which every reader shows as a date, the rest float64."""
    arrays = {name: pa.array(values.astype("datetime64[ms]") if name == "Date" else values) for name, values in columns.items()}
    sink = pa.BufferOutputStream()
    # Measured floats hardly repeat, a dictionary would only add to them. No pandas metadata: it names versions that do not matter.
    pq.write_table(pa.table(arrays), sink, compression="zstd", use_dictionary=False, row_group_size=max(1, len(columns["Date"])))
    return bytes(sink.getvalue())

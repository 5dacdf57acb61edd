"""An experiment's windows, labels and splits, made from a data file. Knows nothing of models; the test split stays sealed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fts.data.table import Table, check_dates, check_prices, read_table
from fts.labels import label_rises
from fts.outcomes import BadInput, Refused
from fts.record import Record
from fts.splits import Split, read_mode, split_windows

FloatArray = NDArray[np.float64]

# What labels are made of, besides the features.
PRICES = ("High", "Close")

# Below this share of its mean, a deviation is rounding noise of a constant column.
NOISE = 1e-12


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows into one series of rows. Window i reads rows ends[i]-context+1 .. ends[i] and has labels[i], 0 or 1.

    `series` is float32 (rows, F), normalised, shared by all splits; `ends` int64 (n,), ascending; `labels` float32 (n,).
    """

    series: NDArray[np.float32]
    ends: NDArray[np.int64]
    labels: NDArray[np.float32]
    context: int

    def __len__(self) -> int:
        return len(self.ends)

    def batch(self, indices: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Windows by their indices: (B, C, F) float32, a copy, and (B,) labels."""
        rows = self.ends[indices][:, None] + np.arange(1 - self.context, 1)  # (B, C)
        return self.series[rows], self.labels[indices]

    def subset(self, share: float, seed: int) -> "Windows":
        """A draw of floor(share * n) windows, one at least, in their old order. A smaller share of the same seed is part of a larger."""
        if share >= 1.0:
            return self
        drawn = np.random.default_rng(seed).permutation(len(self))[: max(1, int(share * len(self)))]
        kept = np.sort(drawn)
        return Windows(self.series, self.ends[kept], self.labels[kept], self.context)


@dataclass(frozen=True, slots=True)
class Splits:
    """What an experiment learns from. `counts` are of all three splits (`train`, `val`, `test`): windows and positives each."""

    train: Windows
    val: Windows
    counts: dict[str, dict[str, int]]
    rows: int
    features: tuple[str, ...]
    dates: NDArray[np.datetime64]  # datetime64[D] (rows,)
    _test: Windows = field(repr=False)

    @property
    def base_rate(self) -> dict[str, float]:
        """Share of positives per split."""
        return {name: count["positives"] / count["windows"] for name, count in self.counts.items()}

    def open_test(self) -> Windows:
        """The sealed test windows. Only for the final evaluation of a training: whatever is chosen after a look at them is not tested."""
        return self._test


@dataclass(frozen=True, slots=True)
class Validated:
    """A data file that has what is asked of it."""

    rows: int
    features: int


def validate(data_file: Path, features: Sequence[str], shown: str) -> Validated | BadInput:
    """Whether the file has the features, without NaN, and sound dates and prices. `shown` is its name in messages."""
    table = _read(data_file, features, shown)
    return table if isinstance(table, BadInput) else Validated(len(table.dates), len(features))


def load_splits(record: Record, data_file: Path) -> Splits | Refused | BadInput:
    """Reads the columns that the record names, labels, splits, checks the counts, normalises by the training windows.

    Refused when a split has fewer windows or positives than the record's minimum, or one class only. The file is closed on return.
    """
    shown, features = str(record["data.path"]), tuple(record["features"])
    context, horizon, pct = int(record["context"]), int(record["horizon"]), float(record["task.pct"])
    mode = read_mode(record)
    if isinstance(mode, BadInput):
        return mode
    if record["task.kind"] != "threshold":
        return BadInput(f"there is no task of kind {record['task.kind']!r}; known is threshold")
    minimum_windows, minimum_positives = int(record["split.min_windows"]), int(record["split.min_positives"])
    table = _read(data_file, features, shown)
    if isinstance(table, BadInput):
        return table
    rows = len(table.dates)
    split = split_windows(mode, rows=rows, context=context, horizon=horizon, dates=table.dates)
    if isinstance(split, BadInput):
        return split
    labels = label_rises(table.numbers["High"], table.numbers["Close"], pct=pct, horizon=horizon)
    counts = {name: _count(ends, labels) for name, ends in (("train", split.train), ("val", split.val), ("test", split.test))}
    refused = _judge_counts(counts, minimum_windows, minimum_positives)
    if refused is not None:
        return refused
    series = _normalise(_stack(table, features), _training_rows(split, rows, context))
    train, val, test = (Windows(series, ends, labels[ends].astype(np.float32), context) for ends in (split.train, split.val, split.test))
    return Splits(train, val, counts, rows, features, table.dates, test)


def _read(data_file: Path, features: Sequence[str], shown: str) -> Table | BadInput:
    """Only the columns that are needed, checked."""
    table = read_table(data_file, [*PRICES, *(name for name in features if name != "Date")], shown)
    if isinstance(table, BadInput):
        return table
    problem = check_dates(table.dates) or check_prices(table.dates, {name: table.numbers[name] for name in PRICES})
    if problem is not None:
        return BadInput(f"{shown}: {problem}")
    for name in features:
        if name not in table.numbers:
            return BadInput(f'{shown}: "{name}" is no feature, but the rows\' dates')
        wrong = np.flatnonzero(~np.isfinite(table.numbers[name]))
        if len(wrong):
            first = f"row {wrong[0] + 1} ({table.dates[wrong[0]]})"
            return BadInput(f'{shown}: column "{name}" has {len(wrong)} NaN or infinite values, the first in {first}')
    return table


def _count(ends: NDArray[np.int64], labels: NDArray[np.bool_]) -> dict[str, int]:
    return {"windows": len(ends), "positives": int(labels[ends].sum())}


def _judge_counts(counts: dict[str, dict[str, int]], minimum_windows: int, minimum_positives: int) -> Refused | None:
    """All that is too little in one message, so that a person need not find out one by one."""
    problems = []
    for name, count in counts.items():
        windows, positives = count["windows"], count["positives"]
        if windows < minimum_windows:
            problems.append(f"{name} has {windows} windows of {minimum_windows}")
        if positives < minimum_positives:
            problems.append(f"{name} has {positives} positives of {minimum_positives}")
        if windows == 0:
            if minimum_windows <= 0:
                problems.append(f"{name} has no windows")
        elif positives in (0, windows):
            problems.append(f"{name} has one class only ({positives} of {windows} windows are positive)")
    if not problems:
        return None
    numbers = {f"{name}.{what}": number for name, count in counts.items() for what, number in count.items()}
    limits = {"split.min_windows": minimum_windows, "split.min_positives": minimum_positives}
    return Refused(f"too little data: {'; '.join(problems)}", {**numbers, **limits})


def _training_rows(split: Split, rows: int, context: int) -> NDArray[np.bool_]:
    """Rows that some training window reads, (rows,). Rows that only serve its label do not count."""
    steps = np.zeros(rows + 1, dtype=np.int64)
    np.add.at(steps, split.train - context + 1, 1)
    np.add.at(steps, split.train + 1, -1)
    read: NDArray[np.bool_] = np.cumsum(steps[:-1]) > 0
    return read


def _stack(table: Table, features: Sequence[str]) -> FloatArray:
    return np.column_stack([table.numbers[name] for name in features]) if features else np.zeros((len(table.dates), 0))


def _normalise(values: FloatArray, training: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(rows, F) float32 with mean 0 and deviation 1 over the training rows; a column that is constant there is only centred."""
    seen = values[training]
    mean, std = seen.mean(axis=0), seen.std(axis=0)
    scale = np.where(std <= NOISE * np.abs(mean), 1.0, std)
    return np.ascontiguousarray((values - mean) / scale, dtype=np.float32)

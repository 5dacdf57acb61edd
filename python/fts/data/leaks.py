"""Finds features that tell a label by themselves, as only a look into the future can. Knows nothing of files."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fts.data.bars import DateArray, FloatArray
from fts.labels import label_rises
from fts.outcomes import BadInput
from fts.record import Record
from fts.splits import read_mode, split_windows

ABSURD, ABSURD_FOR_RARE = 0.95, 0.999
"""Area under the curve of one feature alone, either way round. In 20 years of the S&P 500 the best of 500 honest indicators, volatility,
reaches 0.88 for a label that 5 % of the windows have, and the rarer the label the more: 0.97 for 1 %, 0.99 for 13 windows."""

RARE = 0.05
"""Share of the rarer class."""

FEWEST = 10
"""Windows of each class, below which chance alone may get there."""


def find_leaks(
    dates: DateArray, high: FloatArray, close: FloatArray, features: Mapping[str, FloatArray], labels: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """A caution for each feature that tells one of the labels, of the one it tells best.

    A label is the slice of an experiment's record that says `task.pct`, `horizon`, `context` and the split: only training windows are
    looked at, for what is sealed stays sealed. Columns with missing values are left out.
    """
    ordered = {name: _order(values) for name, values in features.items() if bool(np.all(np.isfinite(values)))}
    worst: dict[str, tuple[float, float, int]] = {}
    for label in labels:
        pct, horizon, context = float(label["task.pct"]), int(label["horizon"]), int(label["context"])
        mode = read_mode(Record(label))
        split = mode if isinstance(mode, BadInput) else split_windows(mode, rows=len(dates), context=context, horizon=horizon, dates=dates)
        if isinstance(split, BadInput):
            continue
        chosen = np.zeros(len(dates), dtype=np.bool_)
        chosen[split.train] = True
        rises = label_rises(high, close, pct=pct, horizon=horizon)
        positive = np.concatenate((rises, np.zeros(len(dates) - len(rises), dtype=np.bool_)))
        positives = int(np.count_nonzero(positive & chosen))
        windows = int(np.count_nonzero(chosen))
        fewer = min(positives, windows - positives)
        if fewer < FEWEST:
            continue
        absurd = ABSURD if fewer >= RARE * windows else ABSURD_FOR_RARE
        for name, (order, runs) in ordered.items():
            area = _area(order, runs, chosen, positive)
            telling = max(area, 1.0 - area)
            if telling > max(absurd, worst.get(name, (0.0,))[0]):
                worst[name] = (telling, pct, horizon)
    return [
        {
            "kind": "leak",
            "message": f'column "{name}" alone tells the label (a rise of {pct:g} % within {horizon} bars) on the training windows: '
            f"AUC {telling:.3f}. Most likely it is made of the future: see how, or leave it out",
        }
        for name, (telling, pct, horizon) in worst.items()
    ]


def _order(values: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows by ascending value, and for each the number of its run of equal values."""
    order = np.argsort(values, kind="stable")
    sorted_values = values[order]
    return order, np.concatenate(([0], np.cumsum(sorted_values[1:] != sorted_values[:-1])))


def _area(order: NDArray[np.int64], runs: NDArray[np.int64], chosen: NDArray[np.bool_], positive: NDArray[np.bool_]) -> float:
    """Chance that a positive row is above a negative one, ties counting half (Mann-Whitney U), over the chosen rows."""
    kept = chosen[order]
    hits = positive[order][kept]
    counts = np.bincount(runs[kept])
    in_run = np.bincount(runs[kept], weights=hits)
    below = np.concatenate(([0], np.cumsum(counts - in_run)[:-1]))
    positives = float(hits.sum())
    wins = float((in_run * (below + (counts - in_run) / 2)).sum())
    return wins / (positives * (len(hits) - positives))

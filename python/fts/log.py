"""The row that a run by hand adds to the experiment log. Under an engine the engine writes it."""

import csv
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fts.progress import finite
from fts.writing import write_all

COLUMNS = (
    "timestamp",
    "experiment",
    "phase",
    "budget",
    "task",
    "horizon",
    "timescale",
    "script_path",
    "run_type",
    "status",
    "duration_seconds",
    "val_loss",
    "test_accuracy",
    "hyperparameters",
    "error_message",
    "thermal_max_temp",
    "data_md5",
    "reason",
    "key",
    "attempt",
    "param_count",
    "val_windows",
    "seed",
    "git_commit",
    "thermal_state",
)


def append_row(path: Path, values: Mapping[str, Any]) -> None:
    """Adds one row in one write, so that two writers cannot tear it; whoever creates the file writes the header with it.

    A row torn by a crash does not swallow the next one (in the engine src/build/log-row.ts sees to that).
    A name that is no column raises KeyError; a column without a value, or with None, stays empty.
    """
    if unknown := values.keys() - set(COLUMNS):
        raise KeyError(f"no column of the log: {sorted(unknown)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    row = _line([_cell(values.get(column)) for column in COLUMNS])
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
        row = _line(COLUMNS) + row
    except FileExistsError:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        if not _ends_with_a_line(descriptor):
            row = b"\n" + row
        write_all(descriptor, row)
    finally:
        os.close(descriptor)


def _ends_with_a_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _line(cells: tuple[str, ...] | list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return json.dumps(finite(value), ensure_ascii=False, sort_keys=True)
    return str(value)

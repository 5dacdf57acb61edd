"""The row that a run by hand adds to the experiment log. Under an engine the engine writes it."""

import csv
import importlib
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


def append_row(path: Path, values: Mapping[str, Any], workspace: Path | None = None) -> str | None:
    """Adds one row in one write, so that two writers cannot tear it. A sentence where another file had to be set aside for it.

    A row torn by a crash does not swallow the next one (in the engine src/build/log-row.ts sees to that).
    A name that is no column raises KeyError; a column without a value, or with None, stays empty.
    """
    if unknown := values.keys() - set(COLUMNS):
        raise KeyError(f"no column of the log: {sorted(unknown)}")
    row = _line([_cell(values.get(column)) for column in COLUMNS])
    # Not by an import statement: what only a run by hand needs is in no key.
    said: str | None = importlib.import_module("fts.log_file").begin_log(path, path.parent if workspace is None else workspace)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    try:
        if not _ends_with_a_line(descriptor):
            row = b"\n" + row
        write_all(descriptor, row)
    finally:
        os.close(descriptor)
    return said


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

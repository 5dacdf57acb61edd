"""`python -m fts.data`: runs the data job that the environment names. Maps verbs and exit codes, nothing else."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fts.data.dataset import Order, parse_order
from fts.data.plausibility import Untimely, describe_plausibility
from fts.job import Job, read_job
from fts.judged import ChangedUnderway, OutsideKey, find_changed, look_for_outsiders
from fts.outcomes import BadInput
from fts.progress import Progress
from fts.results import write_json
from fts.stop import Stop
from fts.writing import write_bytes

SUCCESS, FAILED, USAGE, REFUSED, INTERRUPTED = 0, 1, 2, 3, 75


def main(environment: Mapping[str, str]) -> int:
    """The exit status of the job; its record and the dataset are on disk when it is 0, and nothing is changed otherwise."""
    with Stop() as stop, Progress(environment, stop, None) as progress:
        job = read_job(environment)
        if job is None:
            progress.say("fts.data runs a job: set FTSBUILD_JOB to a job file of rule `data`")
            return USAGE
        try:
            ended = job if isinstance(job, BadInput) else _run(job, stop)
        except OutsideKey as outside:
            progress.say(f"FAILED: {outside}")
            _tell(progress, "failed", outside.reason, str(outside))
            return FAILED
        except Exception as error:
            _tell(progress, "failed", "error", f"{type(error).__name__}: {error}")
            raise
        if isinstance(ended, ChangedUnderway):
            progress.say(f"FAILED: {ended.message}")
            _tell(progress, "failed", "changed_underway", ended.message)
            return FAILED
        if isinstance(ended, BadInput):
            progress.say(f"FAILED: {ended.message}")
            _tell(progress, "refused", "clock" if isinstance(ended, Untimely) else "bad_input", ended.message)
            return REFUSED
        if ended is None:
            _tell(progress, "interrupted", "signal", stop.reason)
            return INTERRUPTED
        rows, features, dropped = ended["rows"], _count_features(ended), ended["dropped_rows"]
        progress.emit("data_validated", rows=rows, features=features)
        for line in describe_plausibility(ended):
            progress.say(line)
        progress.say(f"SUCCESS: {ended['path']}, {rows} rows, {features} features, {dropped} warm-up rows dropped")
        _tell(progress, "success", None, None)
        return SUCCESS


def _run(job: Job, stop: Stop) -> dict[str, Any] | BadInput | ChangedUnderway | None:
    """The dataset's record, now also on disk; None when asked to stop before anything was written."""
    order = parse_order(job.params)
    if isinstance(order, BadInput):
        return order
    output = job.workspace / job.output
    if output.resolve() == (job.workspace / order.path).resolve():
        return BadInput(f"the job's output {job.output} is the dataset itself; its record needs a file of its own")
    dataset = _name_dataset(job, order)
    if order.source is None:
        from fts.data.verify import verify_dataset

        record = verify_dataset(order, dataset, job.workspace, job.extent.get("labels", ()))
        if isinstance(record, BadInput) or stop.requested:
            return record if isinstance(record, BadInput) else None
        if (changed := find_changed(job)) is not None:
            return changed
        look_for_outsiders(job)
    else:
        from fts.data.build import build_dataset

        built = build_dataset(order, order.source, dataset, job.workspace)
        if isinstance(built, BadInput) or stop.requested:
            return built if isinstance(built, BadInput) else None
        if (changed := find_changed(job)) is not None:
            return changed
        look_for_outsiders(job)
        record = built.record
        write_bytes(job.workspace / order.path, built.content)
    # Last: whoever finds the record finds the dataset that it describes.
    write_json(output, record)
    return record


def _name_dataset(job: Job, order: Order) -> str:
    """The dataset's name in `experiments.yaml`; the file's where the job does not tell."""
    named = (job.identity or {}).get("data")
    return named if isinstance(named, str) else Path(order.path).stem


def _count_features(record: Mapping[str, Any]) -> int:
    """Columns beside date, prices and volume."""
    return len([name for name in record["columns"] if name not in ("Date", "Open", "High", "Low", "Close", "Volume")])


def _tell(progress: Progress, status: str, reason: str | None, message: str | None) -> None:
    nothing = dict.fromkeys(("val_loss", "test_accuracy", "hyperparameters", "param_count", "val_windows"))
    progress.emit("result", status=status, reason=reason, message=message, **nothing)


if __name__ == "__main__":
    sys.exit(main(os.environ))

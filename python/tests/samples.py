"""Small data, records and scripts for tests. Everything is drawn from fixed seeds."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fts.architecture import Architecture, InputShape
from fts.parameters import TrainConfig
from fts.windows import Windows

PACKAGE = Path(__file__).resolve().parent.parent
FEATURES = ["momentum", "noise"]

CONFIG = TrainConfig(
    architecture=Architecture(8, 1, 2, 2),
    shape=InputShape(features=2, context=8, patch_length=4, patch_stride=2),
    dropout=0.1,
    head_dropout=0.1,
    learning_rate=0.01,
    weight_decay=0.01,
    warmup=0.2,
    batch_size=32,
    epochs=3,
    patience=0,
    grad_clip=1.0,
    loss="bce",
    focal_gamma=None,
    seed=7,
    threads=1,
    precision="float32",
    device="cpu",
)

IDENTITY = {
    "experiment": "phase1_tiny_h1_threshold_1pct",
    "phase": "phase1",
    "budget": "tiny",
    "task": "threshold_1pct",
    "horizon": 1,
    "timescale": "daily",
    "tier": "pair",
    "data": "sample",
}

INPUT = {
    "data.path": "data/sample.parquet",
    "features": FEATURES,
    "context": 8,
    "patch.length": 4,
    "patch.stride": 2,
    "task.kind": "threshold",
    "task.pct": 1.0,
    "horizon": 1,
    "split.mode": "scattered",
    "split.block": 30,
    "split.validation": 0.2,
    "split.test": 0.2,
    "split.embargo": 0,
    "split.seed": 3,
    "split.min_windows": 20,
    "split.min_positives": 3,
    "budget.params": 1000,
    "budget.tolerance": 0.5,
    "seed": 7,
    "threads": 1,
    "precision": "float32",
    "device": "cpu",
}

RECIPE = {
    "dropout": 0.1,
    "head_dropout": 0.0,
    "weight_decay": 0.01,
    "warmup": 0.1,
    "batch_size": 64,
    "epochs": 2,
    "patience": 0,
    "grad_clip": 1.0,
    "loss": "bce",
}

STUDY = {
    **INPUT,
    **RECIPE,
    "subset": 0.5,
    "objective.metric": "val_loss",
    "objective.goal": "minimize",
    "search": {"learning_rate": {"kind": "log", "low": 0.0001, "high": 0.01}},
    "architecture": {"d_model": [4, 8], "n_layers": [1, 2], "n_heads": [2], "ff_ratio": [2]},
    "forced": [],
    "pruner": "none",
    "startup_trials": 2,
}

EXTENT: dict[str, Any] = {"trials": 3, "timeout_hours": None}
NO_SENSOR: dict[str, Any] = {"sensor": "file:no-sensor"}
"""Tests do not depend on how hot the machine is that they run on."""

TRAINING = {name: value for name, value in {**INPUT, **RECIPE}.items() if name != "seed"}


def make_windows(count: int = 200, seed: int = 0) -> Windows:
    """Two features, of which the first one's last value says something about the label."""
    rng = np.random.default_rng(seed)
    series = rng.standard_normal((count + 7, 2)).astype(np.float32)
    ends = np.arange(7, count + 7)
    labels = (series[ends, 0] + rng.standard_normal(count) > 0.3).astype(np.float32)
    return Windows(series, ends, labels, 8)


def config(**changes: Any) -> TrainConfig:
    """`CONFIG` with other values."""
    return replace(CONFIG, **changes)


def write_data(workspace: Path, rows: int = 600) -> Path:
    """A price series with two features, as a processed data file."""
    rng = np.random.default_rng(11)
    moves = rng.normal(0, 0.012, rows)
    close = 100 * np.exp(np.cumsum(moves))
    opening = close * np.exp(rng.normal(0, 0.002, rows))
    high = np.maximum(opening, close) * (1 + rng.random(rows) * 0.008)
    low = np.minimum(opening, close) * (1 - rng.random(rows) * 0.008)
    dates = np.datetime64("2001-01-01") + np.arange(rows)
    columns = {
        "Date": dates.astype("datetime64[ms]"),
        "Open": opening,
        "High": high,
        "Low": low,
        "Close": close,
        "Volume": rng.integers(1000, 2000, rows).astype(np.float64),
        "momentum": moves,
        "noise": rng.standard_normal(rows),
    }
    path = workspace / INPUT["data.path"]  # type: ignore[operator]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def write_scripts(
    workspace: Path,
    study: Mapping[str, Any] = STUDY,
    training: Mapping[str, Any] = TRAINING,
    extent: Mapping[str, Any] = EXTENT,
    thermal: Mapping[str, Any] = NO_SENSOR,
    **more: Any,
) -> tuple[Path, Path]:
    """A search script and a training script, of the shape that the templates give."""
    folder = workspace / "experiments" / "phase1"
    folder.mkdir(parents=True, exist_ok=True)
    common = (
        f"script=__file__, workspace=WORKSPACE, identity={IDENTITY!r}, log='docs/log.csv', validate=validate, thermal={dict(thermal)!r}"
    )
    head = (
        "import sys\nfrom pathlib import Path\nfrom fts.scripts import run_study, run_training, validate_data\n"
        "WORKSPACE = Path(__file__).resolve().parents[2]\n"
        f"def validate():\n    return validate_data(WORKSPACE, {INPUT['data.path']!r}, {FEATURES!r})\n"
        "if __name__ == '__main__':\n"
    )
    settings = {
        "seeds": [1, 2],
        "borrowed_from": [],
        "accept_partial": False,
        "hpo_params_path": "outputs/hpo/tiny/best_params.json",
        **more,
    }
    given = "".join(f", {name}={value!r}" for name, value in settings.items())
    hpo, train = folder / "hpo_tiny.py", folder / "train_tiny.py"
    hpo.write_text(f"{head}    sys.exit(run_study({common}, record={dict(study)!r}, extent={dict(extent)!r}, output='outputs/hpo/tiny'))\n")
    train.write_text(
        f"{head}    sys.exit(run_training({common}, record={dict(training)!r}, extent={{}}, output='outputs/training/tiny'{given}))\n"
    )
    return hpo, train


@dataclass(frozen=True)
class Ended:
    """How a script run as a process ended."""

    status: int
    output: str
    errors: str


def environment(**more: str) -> dict[str, str]:
    """Of a script's process: the package is found, no job is set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FTSBUILD_")}
    return {**kept, "PYTHONPATH": str(PACKAGE), "OMP_NUM_THREADS": "1", **more}


def run_script(script: Path, **more: str) -> Ended:
    """Runs a script by hand, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error::FutureWarning", str(script)], env=environment(**more), capture_output=True, text=True, check=False
    )
    return Ended(done.returncode, done.stdout, done.stderr)

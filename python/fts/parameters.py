"""The flat parameter record: which names exist, what values they take, and the frozen configuration of one training.

docs/design.md section 6 lists the names. No name has a default here: the record is the only place where a parameter is set.
"""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fts.architecture import Architecture, InputShape
from fts.outcomes import BadInput
from fts.record import Record

INPUT = (
    "data.path",
    "features",
    "context",
    "patch.length",
    "patch.stride",
    "task.kind",
    "task.pct",
    "horizon",
    "split.mode",
    "split.block",
    "split.validation",
    "split.test",
    "split.embargo",
    "split.seed",
    "split.validation_from",
    "split.validation_to",
    "split.test_from",
    "split.test_to",
    "split.min_windows",
    "split.min_positives",
)
BUDGET = ("budget.params", "budget.tolerance")
ARCHITECTURE = ("d_model", "n_layers", "n_heads", "ff_ratio")
RECIPE = (
    "dropout",
    "head_dropout",
    "learning_rate",
    "weight_decay",
    "warmup",
    "batch_size",
    "epochs",
    "patience",
    "grad_clip",
    "loss",
    "focal_gamma",
)
MACHINE = ("seed", "threads", "precision", "device")
STUDY = ("subset", "objective.metric", "objective.goal", "search", "architecture", "forced", "pruner", "startup_trials")
EXTENT = ("trials", "timeout_hours")

SEARCHABLE = ARCHITECTURE + RECIPE
TRAINING_SLICE = INPUT + BUDGET + ARCHITECTURE + RECIPE + MACHINE
HPO_SLICE = TRAINING_SLICE + STUDY

# What decides only whether or where a run happens, and so is no part of what it computes.
NOT_IDENTITY = ("data.path", "split.min_windows", "split.min_positives", "budget.params", "budget.tolerance", "device")


@dataclass(frozen=True, slots=True)
class Objective:
    """Which validation metric an epoch is judged by. Training and test metrics cannot be expressed (incident 1)."""

    metric: Literal["val_loss", "val_auc"]
    goal: Literal["minimize", "maximize"]

    def improves(self, value: float, best: float) -> bool:
        """Whether `value` is strictly better: of equal epochs the first one stays the best."""
        return value < best if self.goal == "minimize" else value > best


LOWEST_LOSS = Objective("val_loss", "minimize")
"""What a training keeps its best epoch by."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """All that one training depends on beside its data. Lengths in bars; `warmup` is a share of all steps."""

    architecture: Architecture
    shape: InputShape
    dropout: float
    head_dropout: float
    learning_rate: float
    weight_decay: float
    warmup: float
    batch_size: int
    epochs: int
    patience: int
    """Epochs without improvement after which a training ends; 0 = none."""
    grad_clip: float
    """Largest norm of the gradient; 0 = none."""
    loss: Literal["bce", "focal"]
    focal_gamma: float | None
    """Only where `loss` is `focal`."""
    seed: int
    threads: int
    precision: Literal["auto", "float32", "bfloat16"]
    device: Literal["auto", "cpu", "cuda", "mps"]
    objective: Objective = LOWEST_LOSS


def check_names(names: Iterable[str], known: Iterable[str], where: str) -> BadInput | None:
    """The first of `names` that is not `known`, with the nearest one that is."""
    known = list(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            return BadInput(f'{where}: unknown parameter "{name}"{hint}')
    return None


def train_config(record: Record, chosen: Mapping[str, object], objective: Objective = LOWEST_LOSS) -> TrainConfig | BadInput:
    """The configuration of one training: each value from the record where it holds one, else from `chosen` (drawn, or the best found).

    `focal_gamma` counts as read where `loss` is not `focal`: it is inactive there. Everything else must exist and be of its kind.
    """
    source = _Source(record, chosen)
    loss = source.take("loss", _CHECKS["loss"])
    if loss == "focal":
        focal_gamma = source.take("focal_gamma", _CHECKS["focal_gamma"])
    else:
        focal_gamma = None
        record.consume(["focal_gamma"])
    numbers = {name: source.take(name, _CHECKS[name]) for name in ARCHITECTURE}
    shape = {
        "features": len(source.take("features", _columns)),
        "context": source.take("context", _whole(1)),
        "patch_length": source.take("patch.length", _whole(1)),
        "patch_stride": source.take("patch.stride", _whole(1)),
    }
    recipe = {name: source.take(name, _CHECKS[name]) for name in RECIPE if name not in ("loss", "focal_gamma")}
    machine = {name: source.take(name, _CHECKS[name]) for name in MACHINE}
    if source.problems:
        return BadInput("; ".join(source.problems))
    architecture, window = Architecture(**numbers), InputShape(**shape)
    if architecture.d_model % architecture.n_heads != 0:
        return BadInput(f"n_heads {architecture.n_heads} does not divide d_model {architecture.d_model}")
    if window.patches == 0:
        return BadInput(f"patch.length {window.patch_length} is longer than context {window.context}")
    return TrainConfig(
        architecture=architecture, shape=window, loss=loss, focal_gamma=focal_gamma, objective=objective, **recipe, **machine
    )


def resolved_params(config: TrainConfig) -> dict[str, Any]:
    """Every active parameter of the model and its training under its name in the record: what a result file says was used."""
    names = [name for name in RECIPE if name != "focal_gamma" or config.loss == "focal"]
    return {**config.architecture.numbers(), **{name: getattr(config, name) for name in names}}


Check = Callable[[object], str | None]
"""What a value must be, in words, where it is not; else None."""


class _Source:
    """Takes values by name and collects what is wrong with them."""

    def __init__(self, record: Record, chosen: Mapping[str, object]) -> None:
        self._record = record
        self._chosen = chosen
        self.problems: list[str] = []

    def take(self, name: str, check: Check) -> Any:
        """The value; where it is missing or wrong, a problem is noted and a stand-in returned that no caller gets to see."""
        if name not in self._record and name not in self._chosen:
            self.problems.append(f'parameter "{name}" is missing')
            return ()
        value = self._record[name] if name in self._record else self._chosen[name]
        wanted = check(value)
        if wanted is not None:
            self.problems.append(f"{name} must be {wanted}, not {value!r}")
            return ()
        return value


def check_value(name: str, value: object) -> str | None:
    """What the parameter `name` of a model or a training must be, in words, where `value` is not; else None."""
    return _CHECKS[name](value)


def _whole(low: int) -> Check:
    return lambda value: None if isinstance(value, int) and not isinstance(value, bool) and value >= low else f"a whole number >= {low}"


def _number(low: float, high: float = math.inf) -> Check:
    wanted = f"a number >= {low}" if high == math.inf else f"a number from {low} to {high}"
    return lambda value: None if _is_number(value) and low <= value <= high else wanted  # type: ignore[operator]


def _one_of(*choices: str) -> Check:
    return lambda value: None if value in choices else "one of " + ", ".join(choices)


def _positive(value: object) -> str | None:
    return None if _is_number(value) and value > 0 else "a number > 0"  # type: ignore[operator]


def _share(value: object) -> str | None:
    return None if _is_number(value) and 0 <= value < 1 else "a number from 0 to below 1"  # type: ignore[operator]


def _columns(value: object) -> str | None:
    fine = isinstance(value, list | tuple) and len(value) > 0 and all(isinstance(column, str) for column in value)
    return None if fine else "a list of column names"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(ARCHITECTURE, _whole(1)),
    "dropout": _share,
    "head_dropout": _share,
    "learning_rate": _positive,
    "weight_decay": _number(0),
    "warmup": _number(0, 1),
    "batch_size": _whole(1),
    "epochs": _whole(1),
    "patience": _whole(0),
    "grad_clip": _number(0),
    "loss": _one_of("bce", "focal"),
    "focal_gamma": _number(0),
    "seed": _whole(0),
    "threads": _whole(1),
    "precision": _one_of("auto", "float32", "bfloat16"),
    "device": _one_of("auto", "cpu", "cuda", "mps"),
}

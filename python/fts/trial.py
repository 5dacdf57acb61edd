"""What the numbers of one trial depend on, beside how a model trains. Knows nothing of how configurations are drawn, ended and told.

The engine digests this module, `fts.training` and `fts.windows`, with all that they import, for the trial cache
(src/build/trial-cache.ts): whatever decides a trial's numbers belongs there, and what only draws configurations does not.
"""

from typing import Any

from fts.parameters import TrainConfig, resolved_params
from fts.record import Record
from fts.windows import Splits, Windows


def windows_of(splits: Splits, record: Record) -> tuple[Windows, Windows]:
    """The training windows that every trial of a study learns from, and the validation windows that judge it."""
    return splits.train.subset(record["subset"], record["seed"]), splits.val


def identity_of(config: TrainConfig) -> dict[str, Any]:
    """All of a configuration that decides numbers, without the surroundings. Numbers are doubles: 1 and 1.0 train alike."""
    params = {name: float(value) if isinstance(value, int | float) else value for name, value in resolved_params(config).items()}
    # What counts as an improvement decides numbers only where a lack of it ends a training.
    return {"params": params, "patience_on": config.objective.metric if config.patience > 0 else None}

"""A search as its record and extent describe it, checked as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fts.architecture import fits
from fts.outcomes import BadInput
from fts.parameters import Objective
from fts.record import Record
from fts.space import Dimension, check_complete, read_dimensions, read_forced


@dataclass(frozen=True, slots=True)
class Search:
    """A checked search: `dimensions` in an order in which conditions come after what they depend on."""

    record: Record
    dimensions: tuple[Dimension, ...]
    forced: tuple[Mapping[str, Any], ...]
    objective: Objective
    pruner: Literal["median", "none"]
    startup_trials: int
    seed: int
    trials: int
    timeout_seconds: float | None
    fits_budget: Callable[[int], bool]


def read_search(record: Record, extent: Record) -> Search | BadInput:
    """The search that a record describes, checked as a whole before anything is spent."""
    metric, goal = record["objective.metric"], record["objective.goal"]
    if metric not in ("val_loss", "val_auc") or goal not in ("minimize", "maximize"):
        return BadInput(f"objective must be val_loss or val_auc and minimize or maximize, not {metric!r} and {goal!r}")
    if record["pruner"] not in ("median", "none"):
        return BadInput(f"pruner must be median or none, not {record['pruner']!r}")
    if not isinstance(extent["trials"], int) or extent["trials"] < 1:
        return BadInput(f"trials must be a whole number >= 1, not {extent['trials']!r}")
    dimensions = read_dimensions(record)
    if isinstance(dimensions, BadInput):
        return dimensions
    if (incomplete := check_complete(record, dimensions)) is not None:
        return incomplete
    forced = [read_forced(one, dimensions, record) for one in record["forced"]]
    if (wrong := next((one for one in forced if isinstance(one, BadInput)), None)) is not None:
        return wrong
    hours = extent["timeout_hours"]
    budget, tolerance = record["budget.params"], record["budget.tolerance"]
    return Search(
        record=record,
        dimensions=dimensions,
        forced=tuple(one for one in forced if not isinstance(one, BadInput)),
        objective=Objective(metric, goal),
        pruner=record["pruner"],
        startup_trials=record["startup_trials"],
        seed=record["seed"],
        trials=extent["trials"],
        timeout_seconds=None if hours is None else hours * 3600,
        fits_budget=lambda count: fits(count, budget, tolerance),
    )

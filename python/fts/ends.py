"""How a run can end, each way with the sentence that is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fts.memory import estimate_bytes, free_bytes
from fts.outcomes import BadInput, Refused
from fts.parameters import TrainConfig
from fts.record import Record
from fts.stop import HEAT

if TYPE_CHECKING:
    from fts.training_outcomes import OverBudget, Unconsumed

Status = Literal["success", "partial", "failed", "refused", "interrupted", "thermal_abort"]

EXIT_STATUS: Mapping[Status, int] = {"success": 0, "failed": 1, "refused": 3, "partial": 4, "interrupted": 75, "thermal_abort": 75}


@dataclass(frozen=True, slots=True)
class Finish:
    """How a run ended; the fields of the `result` event."""

    status: Status
    reason: str | None = None
    message: str | None = None
    val_loss: float | None = None
    test_accuracy: float | None = None
    hyperparameters: Mapping[str, Any] | None = None
    param_count: int | None = None
    val_windows: int | None = None


def refuse(end: Refused | BadInput) -> Finish:
    """The end of a run that never got going."""
    if isinstance(end, Refused):
        numbers = ", ".join(f"{name} {number:,}" for name, number in end.numbers.items())
        return Finish("refused", "refused", f"{end.message} ({numbers})" if numbers else end.message)
    return Finish("failed", "bad_input", end.message)


def lack_room(config: TrainConfig, device: str) -> Finish:
    """The end of a training that does not fit. Nothing was spent; with more memory free it may run."""
    need, free = estimate_bytes(config, device) / 1e9, (free_bytes(device) or 0) / 1e9
    message = f"it needs about {need:.1f} GB of memory, and {free:.1f} GB are free; end other programs, or take a smaller model or batch"
    return Finish("refused", "too_large", message)


def find_missing_device(device: str) -> Finish | None:
    """The end of a run on an accelerator that is not there."""
    import torch

    if (device == "cuda" and not torch.cuda.is_available()) or (device == "mps" and not torch.backends.mps.is_available()):
        return Finish("refused", "no_device", f"device: {device} is asked for, and torch finds none; set device to auto or cpu")
    return None


def stopped(reason: str, after: str) -> Finish:
    """The end of a run that was asked to stop, and can go on where it was."""
    if reason == HEAT:
        return Finish("thermal_abort", HEAT, f"stopped because of the heat after {after}; run again to go on")
    return Finish("interrupted", "signal", f"stopped ({reason}) after {after}; run again to go on")


def waste(record: Record, outcome: "OverBudget | Unconsumed") -> Finish:
    """A run that must not go on, since its result would be invalid."""
    from fts.training_outcomes import OverBudget

    if isinstance(outcome, OverBudget):
        budget, tolerance = record["budget.params"], record["budget.tolerance"]
        message = f"the model has {outcome.param_count:,} parameters, not within {tolerance:.0%} of {budget:,.0f}"
        return Finish("failed", "over_budget", message, param_count=outcome.param_count)
    return Finish("failed", "unconsumed", f"nothing reads {', '.join(outcome.names)}; a parameter without effect is an error")

"""What a training comes to: its epochs, and every way in which it ends."""

from dataclasses import dataclass

from torch import Tensor

EXPLODED = 100.0
"""Nats. A model that knows nothing has a loss below 1; a mean loss from here on gives the truth a probability of e^-100."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch, counted from 1. `train_loss` is the criterion trained on; `val_loss` is always the log loss, so that it compares
    across criteria; both in nats. `val_auc` is None where validation holds one class only."""

    epoch: int
    train_loss: float
    val_loss: float
    val_auc: float | None
    seconds: float

    def value(self, metric: str) -> float | None:
        """The figure an objective names."""
        return self.val_loss if metric == "val_loss" else self.val_auc


@dataclass(frozen=True, slots=True)
class Trained:
    """The weights are the best epoch's, and so is `best`: metric and checkpoint belong together (incident 18)."""

    best: Epoch
    epochs: tuple[Epoch, ...]
    weights: dict[str, Tensor]
    param_count: int
    device: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """Whoever follows the epochs saw no point in going on."""

    best: Epoch
    epochs: tuple[Epoch, ...]
    param_count: int


@dataclass(frozen=True, slots=True)
class Diverged:
    """In this epoch a loss was no finite number, or above `EXPLODED`."""

    epoch: int
    epochs: tuple[Epoch, ...]
    param_count: int


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The device could not hold the model, its optimiser or a batch."""

    message: str
    epochs: tuple[Epoch, ...]
    param_count: int


@dataclass(frozen=True, slots=True)
class OverBudget:
    """The built model has a number of parameters that it must not have; nothing was spent."""

    param_count: int


@dataclass(frozen=True, slots=True)
class Unconsumed:
    """Parameters that nothing had read when the first batch was done: they would influence nothing (incidents 16, 17)."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A stop was asked for; what a checkpoint holds ends with `epoch` (0 = nothing yet)."""

    epoch: int
    reason: str


Outcome = Trained | Pruned | Diverged | OutOfMemory | OverBudget | Unconsumed | Interrupted

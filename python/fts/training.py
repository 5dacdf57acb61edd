"""Trains one model and keeps its best epoch. Knows nothing of files on disk, of studies and of the test split."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fts.architecture import count_parameters
from fts.batches import LoadedWindows, WindowSet
from fts.control import Control
from fts.device import autocast, prepare_torch
from fts.evaluation import area_under_curve, log_loss
from fts.model import PatchTST, count_built
from fts.optimisation import AdamW, criterion, learning_rate_at
from fts.outcomes import is_out_of_memory
from fts.parameters import TrainConfig
from fts.prediction import predict
from fts.seeds import mix
from fts.training_outcomes import EXPLODED, Diverged, Epoch, Interrupted, Outcome, OutOfMemory, OverBudget, Pruned, Trained, Unconsumed


def _go_on(epoch: Epoch) -> bool:
    return True


def _any_count(param_count: int) -> bool:
    return True


def _nothing_unread() -> list[str]:
    return []


def _ignore() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Follower:
    """Who watches a training.

    `epoch` gets every finished epoch and says whether to go on; `unread` is asked once, after the first batch, for parameters that
    nothing has used; `fits` says whether a model of so many parameters may run; `save` gets the whole state at each epoch's end,
    and `load` gives the last one back where there is one to go on from. `batch` is called after every batch, learnt or evaluated.
    """

    epoch: Callable[[Epoch], bool] = _go_on
    unread: Callable[[], list[str]] = _nothing_unread
    fits: Callable[[int], bool] = _any_count
    load: Callable[[], dict[str, Any] | None] | None = None
    save: Callable[[dict[str, Any]], None] | None = None
    batch: Callable[[], None] = _ignore


def train(config: TrainConfig, windows: WindowSet, validation: WindowSet, control: Control, follower: Follower) -> Outcome:
    """Trains from scratch, or from the follower's checkpoint with the same result as without the break.

    Precondition: both sets hold at least one window, of `config.shape.context` bars and as many features as `config.shape` says.
    On a CPU equal arguments give equal bits.
    """
    device = prepare_torch(config)
    epochs: list[Epoch] = []
    # By formula first: a model that must not exist should not fill the memory before it is refused.
    param_count = count_parameters(config.architecture, config.shape)
    if not follower.fits(param_count):
        return OverBudget(param_count)
    try:
        run = _Run(config, windows, validation, device)
        if not follower.fits(run.param_count):
            return OverBudget(run.param_count)
        return _run(run, epochs, control, follower)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return OutOfMemory(str(error).strip().split("\n")[0] or "out of memory", tuple(epochs), param_count)


def build_model(config: TrainConfig) -> PatchTST:
    """The model of a configuration, with fresh weights drawn from torch's global generator."""
    return PatchTST(config.architecture, config.shape, config.dropout, config.head_dropout)


class _Run:
    """Everything that changes while a model trains; `state` and `restore` are each other's inverse."""

    def __init__(self, config: TrainConfig, windows: WindowSet, validation: WindowSet, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.windows = LoadedWindows(windows, device)
        self.validation = LoadedWindows(validation, device)
        self.validation_labels = np.ascontiguousarray(validation.labels)
        # Weights are drawn on the CPU: the same seed means the same model on every device.
        torch.manual_seed(mix(config.seed, "weights"))
        self.model = build_model(config).to(device)
        self.optimiser = AdamW(list(self.model.parameters()), config.weight_decay)
        self.param_count = count_built(self.model)
        self.best: Epoch | None = None
        self.best_weights: dict[str, Tensor] = {}

    @property
    def steps(self) -> int:
        return self.config.epochs * -(-len(self.windows) // self.config.batch_size)

    def state(self, epochs: list[Epoch]) -> dict[str, Any]:
        """For a checkpoint. Random numbers need no entry: each epoch's generators are seeded from (seed, epoch)."""
        assert self.best is not None
        best_is_last = self.best.epoch == epochs[-1].epoch
        return {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state(),
            "best_epoch": self.best.epoch,
            "best_weights": None if best_is_last else self.best_weights,
            "epochs": [asdict(epoch) for epoch in epochs],
        }

    def restore(self, state: dict[str, Any]) -> list[Epoch]:
        """Takes up a checkpoint and gives the epochs it has behind it."""
        self.model.load_state_dict(state["model"])
        self.optimiser.restore(state["optimiser"])
        epochs = [Epoch(**epoch) for epoch in state["epochs"]]
        self.best = epochs[state["best_epoch"] - 1]
        self.best_weights = state["best_weights"] or _copy_weights(self.model)
        return epochs


def _run(run: _Run, epochs: list[Epoch], control: Control, follower: Follower) -> Outcome:
    config = run.config
    checkpoint = follower.load() if follower.load is not None else None
    if checkpoint is not None:
        epochs.extend(run.restore(checkpoint))
        for epoch in epochs:
            follower.epoch(epoch)
    while len(epochs) < config.epochs and not _is_out_of_patience(run, epochs):
        if not control.may_begin():
            return Interrupted(len(epochs), control.reason)
        ended = _run_epoch(run, epochs, control, follower)
        if not isinstance(ended, Epoch):
            return ended
        epochs.append(ended)
        value = ended.value(config.objective.metric)
        assert value is not None, "an objective that does not exist on this validation split must be refused before training"
        best = run.best.value(config.objective.metric) if run.best is not None else None
        if best is None or config.objective.improves(value, best):
            run.best, run.best_weights = ended, _copy_weights(run.model)
        if follower.save is not None:
            follower.save(run.state(epochs))
        if not follower.epoch(ended):
            assert run.best is not None
            return Pruned(run.best, tuple(epochs), run.param_count)
    assert run.best is not None
    return Trained(run.best, tuple(epochs), run.best_weights, run.param_count, run.device.type)


def _run_epoch(run: _Run, epochs: list[Epoch], control: Control, follower: Follower) -> Epoch | Diverged | Interrupted | Unconsumed:
    config, number = run.config, len(epochs) + 1
    started = control.clock()
    torch.manual_seed(mix(config.seed, "dropout", number))
    shuffler = torch.Generator().manual_seed(mix(config.seed, "order", number))
    order = torch.randperm(len(run.windows), generator=shuffler).to(run.device)
    run.model.train()
    # Summed on the device and read once an epoch: reading a number per batch would make an accelerator wait for each one.
    total = torch.zeros((), device=run.device)
    for index, (inputs, labels) in enumerate(run.windows.batches(order, config.batch_size)):
        if not control.may_go_on():
            return Interrupted(len(epochs), control.reason)
        total += _learn(run, inputs, labels) * len(labels)
        if index == 0 and (unread := follower.unread()):
            return Unconsumed(tuple(unread))
        follower.batch()
    train_loss = float(total) / len(order)
    if not train_loss < EXPLODED:
        return Diverged(number, tuple(epochs), run.param_count)
    logits = predict(run.model, run.validation, config, run.device, control, follower.batch)
    if logits is None:
        return Interrupted(len(epochs), control.reason)
    val_loss = log_loss(logits, run.validation_labels) if np.isfinite(logits).all() else math.nan
    if not val_loss < EXPLODED:
        return Diverged(number, tuple(epochs), run.param_count)
    val_auc = area_under_curve(logits, run.validation_labels > 0.5)
    return Epoch(number, train_loss, val_loss, val_auc, control.clock() - started)


def _learn(run: _Run, inputs: Tensor, labels: Tensor) -> Tensor:
    """One step on one batch; gives its mean loss, still on the device."""
    config = run.config
    with autocast(config, run.device):
        logits = run.model(inputs)
    loss = criterion(logits.float(), labels, config)
    loss.backward()  # type: ignore[no-untyped-call]
    if config.grad_clip > 0:
        torch.nn.utils.clip_grad_norm_(run.optimiser.parameters, config.grad_clip)
    run.optimiser.step(learning_rate_at(run.optimiser.steps, run.steps, config))
    return loss.detach()


def _is_out_of_patience(run: _Run, epochs: list[Epoch]) -> bool:
    best = run.best.epoch if run.best is not None else 0
    return run.config.patience > 0 and len(epochs) - best >= run.config.patience


def _copy_weights(model: PatchTST) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}

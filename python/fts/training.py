"""Trains one model and keeps its best epoch. Knows nothing of files on disk, of studies and of the test split."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.adamw import adamw

from fts.architecture import count_parameters
from fts.control import Control
from fts.evaluation import area_under_curve, log_loss
from fts.model import PatchTST, count_built
from fts.outcomes import is_out_of_memory
from fts.parameters import TrainConfig
from fts.seeds import mix

ADAM_BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8

EXPLODED = 100.0
"""Nats. A model that knows nothing has a loss below 1; a mean loss from here on gives the truth a probability of e^-100."""


class WindowSet(Protocol):
    """Windows into one series; `ends[i]` is the last row that window i reads."""

    @property
    def series(self) -> NDArray[np.float32]: ...  # (rows, F)
    @property
    def ends(self) -> NDArray[np.int64]: ...  # (n,)
    @property
    def labels(self) -> NDArray[np.float32]: ...  # (n,) of 0 and 1
    @property
    def context(self) -> int: ...


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


def prepare_torch(config: TrainConfig) -> torch.device:
    """Threads, determinism and device for this process; gives the device."""
    torch.set_num_threads(config.threads)
    device = torch.device(choose_device(config.device))
    # Not `use_deterministic_algorithms`: the same switch, but that one imports torch's compiler, 2 s in every plain process.
    # On accelerators some operations have no deterministic form; there reproducible is a matter of the same machine kind.
    torch.set_deterministic_debug_mode("error" if device.type == "cpu" else "default")
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    return device


def choose_device(wanted: str) -> str:
    """`cpu`, `cuda` or `mps`; `auto` takes the accelerator that is there."""
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def learning_rate_at(step: int, steps: int, config: TrainConfig) -> float:
    """Linear warm-up over the first share of `steps`, then a cosine down to zero; `step` counts from 0."""
    warm = round(config.warmup * steps)
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    return 0.5 * config.learning_rate * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def predict(model: PatchTST, windows: WindowSet, config: TrainConfig, device: torch.device, control: Control) -> NDArray[np.float32] | None:
    """Logits (n,) of every window in order, without gradients or dropout; None where a stop was asked for."""
    return _predict(model, _Loaded(windows, device), config, device, control)


def evaluation_batch(config: TrainConfig) -> int:
    """Windows a batch when nothing is learned: four times as many, as no activations are kept."""
    return 4 * config.batch_size


class _Loaded:
    """Windows on the device. The series is there once; a batch is cut out of it through a view of all windows."""

    def __init__(self, windows: WindowSet, device: torch.device) -> None:
        series = torch.from_numpy(np.ascontiguousarray(windows.series)).to(device)  # (rows, F)
        rows, features = series.shape
        self.view = series.as_strided((rows - windows.context + 1, windows.context, features), (features, features, 1))
        self.starts = torch.from_numpy(windows.ends - windows.context + 1).to(device)  # (n,)
        self.labels = torch.from_numpy(np.ascontiguousarray(windows.labels)).to(device)  # (n,)

    def __len__(self) -> int:
        return len(self.starts)

    def batches(self, order: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(B, C, F) and (B,), in the given order; the last batch may be smaller."""
        for first in range(0, len(order), size):
            chosen = order[first : first + size]
            yield self.view[self.starts[chosen]], self.labels[chosen]


class _Run:
    """Everything that changes while a model trains; `state` and `restore` are each other's inverse."""

    def __init__(self, config: TrainConfig, windows: WindowSet, validation: WindowSet, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.windows = _Loaded(windows, device)
        self.validation = _Loaded(validation, device)
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
    logits = _predict(run.model, run.validation, config, run.device, control, follower.batch)
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
    with _autocast(config, run.device):
        logits = run.model(inputs)
    loss = criterion(logits.float(), labels, config)
    loss.backward()  # type: ignore[no-untyped-call]
    if config.grad_clip > 0:
        torch.nn.utils.clip_grad_norm_(run.optimiser.parameters, config.grad_clip)
    run.optimiser.step(learning_rate_at(run.optimiser.steps, run.steps, config))
    return loss.detach()


def criterion(logits: Tensor, labels: Tensor, config: TrainConfig) -> Tensor:
    """Mean binary cross-entropy, or focal loss (Lin et al. 2017): each window's weighted by (1 - p)^gamma, p being the
    probability given to its true label. With gamma 0 the two are the same."""
    losses = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")  # (B,)
    if config.loss == "focal" and config.focal_gamma is not None:
        # 1 - exp(-loss) is 1 - p; expm1 keeps its digits, and the clamp keeps the gradient of the power finite at 0.
        losses = losses * (-torch.expm1(-losses)).clamp_min(1e-8) ** config.focal_gamma
    return losses.mean()


class AdamW:
    """Decoupled weight decay (Loshchilov and Hutter 2019), through torch's functional form.

    `torch.optim.AdamW` is the same arithmetic (a test compares the two), but importing torch's compiler on its first step costs
    every plain process 2 s. The learning rate comes with each step, so that the schedule is a function and not a state.
    """

    def __init__(self, parameters: list[torch.nn.Parameter], weight_decay: float) -> None:
        self.parameters = parameters
        self.weight_decay = weight_decay
        self.steps = 0
        self._means = [torch.zeros_like(parameter) for parameter in parameters]
        self._squares = [torch.zeros_like(parameter) for parameter in parameters]
        self._counts = [torch.zeros((), device=parameter.device) for parameter in parameters]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Moves the parameters along their gradients and forgets those."""
        adamw(
            list(self.parameters),
            [parameter.grad for parameter in self.parameters if parameter.grad is not None],
            self._means,
            self._squares,
            [],
            self._counts,
            foreach=False,
            capturable=False,
            differentiable=False,
            fused=True,
            grad_scale=None,
            found_inf=None,
            has_complex=False,
            amsgrad=False,
            beta1=ADAM_BETAS[0],
            beta2=ADAM_BETAS[1],
            lr=learning_rate,
            weight_decay=self.weight_decay,
            eps=ADAM_EPSILON,
            maximize=False,
        )
        self.steps += 1
        for parameter in self.parameters:
            parameter.grad = None

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"steps": self.steps, "means": self._means, "squares": self._squares}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what `state` gave."""
        self.steps = state["steps"]
        for own, saved in zip(self._means + self._squares, state["means"] + state["squares"], strict=True):
            own.copy_(saved)
        for count in self._counts:
            count.fill_(self.steps)


def _predict(
    model: PatchTST,
    windows: _Loaded,
    config: TrainConfig,
    device: torch.device,
    control: Control,
    batch: Callable[[], None] = _ignore,
) -> NDArray[np.float32] | None:
    model.eval()
    order = torch.arange(len(windows), device=device)
    with torch.inference_mode(), _autocast(config, device):
        parts = []
        for inputs, _ in windows.batches(order, evaluation_batch(config)):
            if not control.may_go_on():
                return None
            parts.append(model(inputs).float())
            batch()
        logits: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return logits


def _autocast(config: TrainConfig, device: torch.device) -> AbstractContextManager[object]:
    if config.precision == "bfloat16" or (config.precision == "auto" and device.type == "cuda"):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


def _is_out_of_patience(run: _Run, epochs: list[Epoch]) -> bool:
    best = run.best.epoch if run.best is not None else 0
    return run.config.patience > 0 and len(epochs) - best >= run.config.patience


def _copy_weights(model: PatchTST) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}

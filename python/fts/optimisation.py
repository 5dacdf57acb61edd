"""What a training minimises and how its weights move: the loss, the schedule of the learning rate, and AdamW."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.optim.adamw import adamw

from fts.parameters import TrainConfig

ADAM_BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8


def criterion(logits: Tensor, labels: Tensor, config: TrainConfig) -> Tensor:
    """Mean binary cross-entropy, or focal loss (Lin et al. 2017): each window's weighted by (1 - p)^gamma, p being the
    probability given to its true label. With gamma 0 the two are the same."""
    losses = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")  # (B,)
    if config.loss == "focal" and config.focal_gamma is not None:
        # 1 - exp(-loss) is 1 - p; expm1 keeps its digits, and the clamp keeps the gradient of the power finite at 0.
        losses = losses * (-torch.expm1(-losses)).clamp_min(1e-8) ** config.focal_gamma
    return losses.mean()


def learning_rate_at(step: int, steps: int, config: TrainConfig) -> float:
    """Linear warm-up over the first share of `steps`, then a cosine down to zero; `step` counts from 0."""
    warm = round(config.warmup * steps)
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    return 0.5 * config.learning_rate * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


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

"""What a model says of windows, without learning from them."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from fts.batches import LoadedWindows
from fts.control import Control
from fts.device import autocast
from fts.model import PatchTST
from fts.parameters import TrainConfig


def evaluation_batch(config: TrainConfig) -> int:
    """Windows a batch when nothing is learned: four times as many, as no activations are kept."""
    return 4 * config.batch_size


def predict(
    model: PatchTST,
    windows: LoadedWindows,
    config: TrainConfig,
    device: torch.device,
    control: Control,
    batch: Callable[[], None],
) -> NDArray[np.float32] | None:
    """Logits (n,) of every window in order, without gradients or dropout; None where a stop was asked for.

    `batch` is called after each batch.
    """
    model.eval()
    order = torch.arange(len(windows), device=device)
    with torch.inference_mode(), autocast(config, device):
        parts = []
        for inputs, _ in windows.batches(order, evaluation_batch(config)):
            if not control.may_go_on():
                return None
            parts.append(model(inputs).float())
            batch()
        logits: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return logits

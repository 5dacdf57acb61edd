"""The device that a process trains on: which one, how it is set up, and with what precision it counts."""

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from fts.parameters import TrainConfig


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


def autocast(config: TrainConfig, device: torch.device) -> AbstractContextManager[object]:
    """Around a forward pass: lower precision where the configuration or the device wants it."""
    if config.precision == "bfloat16" or (config.precision == "auto" and device.type == "cuda"):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()

"""How much memory a training takes at its peak, by formula, and how much is free. Knows nothing of who refuses what.

The formula is that of docs/design.md, "Memory"; the engine has the same one (`src/config/memory.ts`), held against the same answers.
"""

import os
from pathlib import Path

from fts.architecture import count_parameters
from fts.parameters import TrainConfig

PARAMETER_BYTES = 20
"""Weights, gradients, two moments and the best epoch's weights, four bytes each."""
EVALUATION_BATCH = 4
"""As `fts.prediction.evaluation_batch`: windows a batch when nothing is learned, in batches."""


def estimate_bytes(config: TrainConfig, device: str) -> int:
    """Peak bytes of training `config` on a device of this kind, beside what the process holds before."""
    architecture, shape = config.architecture, config.shape
    count, width = count_parameters(architecture, shape), architecture.d_model
    inner, patch = width * architecture.ff_ratio, shape.patch_length * shape.features
    layers = architecture.n_layers * (13 * width + 3.5 * inner)
    learnt = shape.patches * (layers + patch + 4 * (width + inner)) + shape.context * shape.features
    evaluated = EVALUATION_BATCH * (shape.patches * (2 * patch + 8 * width + 3 * inner) + shape.context * shape.features)
    is_half = config.precision == "bfloat16" or (config.precision == "auto" and device == "cuda")
    casts = 2 * count if is_half else 0
    return round(PARAMETER_BYTES * count + casts + (2 if is_half else 4) * config.batch_size * max(learnt, evaluated))


def free_bytes(device: str, system: Path = Path("/")) -> int | None:
    """Bytes that a training on this kind of device could have now; None where the system does not tell."""
    if device == "cuda":
        return _free_on_cuda()
    if device == "mps":
        return _free_on_mps()
    return _free_in_main_memory(system)


def _free_on_cuda() -> int | None:
    import torch

    if not torch.cuda.is_available():
        return None
    free, _ = torch.cuda.mem_get_info()
    # What the allocator holds and nobody uses is there for the next training.
    return int(free) + torch.cuda.memory_reserved() - torch.cuda.memory_allocated()


def _free_on_mps() -> int | None:
    import torch

    if not torch.backends.mps.is_available():
        return None
    return int(torch.mps.recommended_max_memory()) - int(torch.mps.current_allocated_memory())


def _free_in_main_memory(system: Path) -> int | None:
    found = [_available(system / "proc/meminfo"), _left_in_group(system)]
    known = [one for one in found if one is not None]
    return min(known) if known else _physical()


def _available(path: Path) -> int | None:
    for line in _read(path).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left_in_group(system: Path) -> int | None:
    """What the control group of this process may still take, its file cache aside, which gives way; None without a limit."""
    name = next((line[3:] for line in _read(system / "proc/self/cgroup").splitlines() if line.startswith("0::")), "/")
    left: int | None = None
    # The limit of a group binds those below it; in a container the group is the root of what can be seen.
    for folder in {system / "sys/fs/cgroup" / name.lstrip("/"), system / "sys/fs/cgroup"}:
        limit, used = _read(folder / "memory.max").strip(), _read(folder / "memory.current").strip()
        if limit.isdigit() and used.isdigit():
            room = int(limit) - int(used) + _cached(folder / "memory.stat")
            left = room if left is None else min(left, room)
    return left


def _cached(path: Path) -> int:
    for line in _read(path).splitlines():
        if line.startswith("inactive_file "):
            return int(line.split()[1])
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _physical() -> int | None:
    """All of the machine's memory, where nothing says what is free of it (macOS): what exceeds it can surely not run."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None

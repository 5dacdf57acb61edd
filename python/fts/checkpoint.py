"""Checkpoint files: written beside, synced, renamed, so that a reader sees the old one or the new one, never a part."""

import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Replaces `path` by `state` (tensors and plain values only) as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            torch.save(dict(state), file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def load_checkpoint(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """What `save_checkpoint` wrote, on the CPU; None where there is no file, or it cannot be read, or is not of this `fingerprint`.

    Only tensors and plain values are unpickled, so a foreign file cannot run code.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, ValueError):
        return None
    if not isinstance(state, dict) or state.get("fingerprint") != fingerprint:
        return None
    return state

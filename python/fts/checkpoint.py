"""Checkpoint files: written whole, and given back only to whom they belong."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from fts.writing import replace_file


def save_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Replaces `path` by `state` (tensors and plain values only) as a whole."""
    replace_file(path, lambda file: torch.save(dict(state), file))


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

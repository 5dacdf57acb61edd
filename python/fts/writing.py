"""Writes bytes so that nobody finds a part of them. Knows nothing of what they say."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_all(descriptor: int, data: bytes) -> None:
    """One call, as a rule; a signal, a full pipe or a disk that is nearly full may cut it short."""
    while data:
        data = data[os.write(descriptor, data) :]


def replace_file(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Replaces `path` by what `fill` writes: beside it, synced, renamed. A reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """The same with bytes that are there already."""
    replace_file(path, lambda file: file.write(data))

"""Tells how a run is getting on: JSON lines for an engine, plain lines for a person. Knows nothing of what runs."""

import contextlib
import json
import math
import select
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from fts.job import PROGRESS_VARIABLE
from fts.stop import Stop
from fts.writing import write_all

BEAT_SECONDS = 10
"""A run that is getting on says so at least this often: so long as nothing is heard for much longer, it hangs."""


class Progress:
    """One run's voice. Where an engine listens and goes away, the run is asked to stop, as if by SIGTERM."""

    def __init__(self, environment: Mapping[str, str], stop: Stop, log_file: Path | None) -> None:
        """Events go to the descriptor that the environment names, if it names one; what is said, also to `log_file`."""
        descriptor = environment.get(PROGRESS_VARIABLE, "")
        self._descriptor = int(descriptor) if descriptor.isdigit() else None
        self._stop = stop
        self._log_file = log_file
        self._last_beat = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._log_file = None

    def say(self, text: str) -> None:
        """One line for a person."""
        with contextlib.suppress(BrokenPipeError):
            print(text, flush=True)  # noqa: T201 - the one place that prints
        if self._log_file is not None:
            self._log_file.parent.mkdir(parents=True, exist_ok=True)
            with self._log_file.open("a", encoding="utf-8") as file:
                file.write(text + "\n")

    def beat(self) -> None:
        """A `batch` event, unless there was one a moment ago: cheap enough for every batch."""
        if time.monotonic() - self._last_beat >= BEAT_SECONDS:
            self._last_beat = time.monotonic()
            self.emit("batch")

    def emit(self, event: str, **fields: Any) -> None:
        """One event of `schemas/progress.schema.json`, as a line of its own."""
        if self._descriptor is None:
            return
        line = json.dumps(finite({"event": event, **fields}), ensure_ascii=False, allow_nan=False) + "\n"
        try:
            write_all(self._descriptor, line.encode())
        except OSError:
            # Nobody listens any more (EPIPE), or nobody ever did (EBADF).
            self._lose_listener()

    def check_listener(self) -> None:
        """Notices an engine that is gone while there is nothing to tell it."""
        if self._descriptor is None:
            return
        poll = select.poll()
        poll.register(self._descriptor, 0)
        if poll.poll(0):
            self._lose_listener()

    def _lose_listener(self) -> None:
        self._descriptor = None
        self._stop.request("the engine is gone")


def finite(value: Any) -> Any:
    """The same with None for every number that JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return value

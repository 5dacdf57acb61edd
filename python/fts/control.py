"""May a run go on? The one place where training and search ask: a request to stop, an engine's word in the control file, heat by hand.

The control file holds one word: `pause`, `run`, `stop` or `stop heat`. The engine replaces it whole; no file is `run`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from fts.stop import HEAT, Stop

POLL_SECONDS = 0.1
"""How often the control file is looked at during a pause."""

_STOPS = {"stop": "asked by the engine", "stop heat": HEAT}
_WORDS = {"pause", "run", *_STOPS}


class Voice(Protocol):
    """Who tells an engine of pauses, and notices when it is gone."""

    def emit(self, event: str, **fields: float) -> None: ...
    def check_listener(self) -> None: ...


class Watch(Protocol):
    """Who watches the heat where no engine does: waits while it is too hot, and asks for a stop where waiting does not help."""

    def look(self) -> None: ...


class Control:
    """Asked before each batch. Time that passed in a pause is no run time: whoever measures takes `clock`."""

    def __init__(self, stop: Stop | None = None, file: Path | None = None, voice: Voice | None = None, watch: Watch | None = None) -> None:
        self.stop = stop or Stop()
        self._file = file
        self._voice = voice
        self._watch = watch
        self._word = "run"
        self._seen: tuple[int, int, int] | None = None
        self._paused_seconds = 0.0

    @property
    def reason(self) -> str:
        """Why the run is to end; only where it may not go on. The engine's word says more than the signal that it sends after it."""
        return _STOPS.get(self._word) or self.stop.reason or ""

    def clock(self) -> float:
        """Seconds since some moment, as `time.perf_counter` without the pauses."""
        return time.perf_counter() - self._paused_seconds

    @contextmanager
    def off_the_clock(self) -> Iterator[None]:
        """What happens inside is waiting, no work."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._paused_seconds += time.perf_counter() - started

    def may_go_on(self) -> bool:
        """Before each batch. Waits through a pause; False means: save what there is, and end."""
        if self._file is not None:
            self._obey(self._file)
        return not self.stop.requested

    def may_begin(self) -> bool:
        """Before each trial and each epoch: the same, and the heat is looked at where no engine does it."""
        if self._watch is not None and not self.stop.requested:
            with self.off_the_clock():
                self._watch.look()
        return self.may_go_on()

    def _obey(self, file: Path) -> None:
        self._look(file)
        if self._word == "pause" and not self.stop.requested:
            self._wait(file)
        if self._word in _STOPS:
            self.stop.request(_STOPS[self._word])

    def _wait(self, file: Path) -> None:
        paused_before = self._paused_seconds
        if self._voice is not None:
            self._voice.emit("paused")
        with self.off_the_clock():
            while self._word == "pause" and not self.stop.requested:
                time.sleep(POLL_SECONDS)
                self._look(file)
                if self._voice is not None:
                    self._voice.check_listener()
        if self._voice is not None and self._word == "run" and not self.stop.requested:
            self._voice.emit("resumed", seconds=self._paused_seconds - paused_before)

    def _look(self, file: Path) -> None:
        """Reads the word where the file is another one than before: a look without news costs 3 microseconds."""
        try:
            found = file.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
            if seen == self._seen:
                return
            word = file.read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            self._word, self._seen = "run", None
            return
        except (OSError, UnicodeDecodeError):
            # A disk that does not answer, or no word at all: what was said last still holds.
            return
        self._seen = seen
        if word in _WORDS:
            self._word = word

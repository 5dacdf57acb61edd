"""A request to stop, looked at between batches: SIGTERM and its like, SIGINT, or a reader of progress that is gone."""

import signal
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT)

HEAT = "heat"
"""The reason of a stop because the machine is too hot."""


class Stop:
    """As a context manager it takes these signals over; the second one of a kind acts as if nobody had taken it over."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._before: dict[signal.Signals, object] = {}

    @property
    def requested(self) -> bool:
        """Whether to save what there is and end."""
        return self.reason is not None

    def request(self, reason: str) -> None:
        """Asks for an end; the first reason stays."""
        self.reason = self.reason or reason

    def __enter__(self) -> "Stop":
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.request(signal.Signals(number).name)
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

"""Expected ends of a step, as values. Only bugs raise."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refused:
    """There is too little data for a result that means anything; nothing was spent."""

    message: str
    numbers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadInput:
    """A file or a parameter is not what it must be; the message says which, where and what to do."""

    message: str

"""Expected ends of a step, as values. Only bugs raise, and memory that is not there."""

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


_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory", "alloc_failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was not there. Of torch's allocators only CUDA's has a type for it; all say it in words."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | OSError) and any(words in str(error).lower() for words in _NO_MEMORY)
    )

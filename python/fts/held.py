"""Tells why a database refuses: another program holds it, or it is no database any more. Waits while it is held."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from fts.control import Control

T = TypeVar("T")

AGAIN_SECONDS = 0.5

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""The last one where tables are missing, or not what they must be."""


class StoppedWaiting(Exception):
    """The run was asked to end while it waited."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait: off the clock, until a stop is asked for. `say` tells a person, once each time; `beat` gives signs of life."""

    control: Control
    say: Callable[[str], None] = lambda message: None
    beat: Callable[[], None] = lambda: None

    def until_free(self, action: Callable[[], T]) -> T:
        """Does it as soon as nobody else holds the database. Raises `StoppedWaiting` where the run is to end before: it was not done."""
        try:
            return action()
        except Exception as error:
            if not is_held(error):
                raise
        self.say("another program holds study.db; waiting until it lets go (no trial is lost)")
        with self.control.off_the_clock():
            while self.control.may_go_on():
                time.sleep(AGAIN_SECONDS)
                self.beat()
                try:
                    return action()
                except Exception as error:
                    if not is_held(error):
                        raise
        raise StoppedWaiting


def is_held(error: BaseException) -> bool:
    """Whether another program has locked it: nothing is wrong, and a moment later it may be free."""
    return any(_code(cause) in _BUSY for cause in _causes(error))


def is_broken(error: BaseException) -> bool:
    """Whether what lies there is no sound database; a disk that is full or forbids is another matter."""
    return any(_code(cause) in _BROKEN for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[sqlite3.Error]:
    while error is not None:
        if isinstance(error, sqlite3.Error):
            yield error
        error = error.__cause__ or error.__context__


def _code(error: sqlite3.Error) -> int:
    # The lowest byte; what stands above it says more.
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF

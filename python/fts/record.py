"""The flat parameter record of one experiment, which notes what was read: a parameter that influences nothing is an error."""

from collections.abc import Iterable, Mapping
from typing import Any


class Record:
    """Parameters by their flat names (`patch.length`), as `docs/design.md` section 6 lists them.

    Reading one marks it as consumed. `unread()` after the first batch tells which ones nothing has used.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """The value of `name`. Raises KeyError for a name that the record does not hold."""
        value = self._values[name]
        self._read.add(name)
        return value

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: Any = None) -> Any:
        """The value of `name`, or `default`; a name that is there counts as read."""
        return self[name] if name in self._values else default

    def consume(self, names: Iterable[str]) -> None:
        """Counts `names` as read: for conditional parameters that are inactive in this run."""
        self._read.update(name for name in names if name in self._values)

    def unread(self) -> list[str]:
        """Names that nothing has read yet, in order."""
        return sorted(set(self._values) - self._read)

    def plain(self) -> dict[str, Any]:
        """A copy of everything, for the result file; marks nothing as read."""
        return dict(self._values)

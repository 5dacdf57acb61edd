"""The lines of `trials.jsonl`: one a trial that has ended, in order. Knows nothing of databases and of how trials are made."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from fts.progress import finite
from fts.results import SCHEMA_VERSION
from fts.writing import write_bytes

TrialState = Literal["complete", "pruned", "failed"]


@dataclass(frozen=True, slots=True)
class EndedTrial:
    """One trial that came to an end of its own. `epoch` and `value` are those of its best epoch; None where it has none."""

    trial: int
    state: TrialState
    value: float | None
    params: dict[str, Any]
    """Resolved: every active searched name, the architecture as its four numbers."""
    param_count: int | None
    epoch: int | None
    epochs: list[dict[str, Any]]
    """{epoch, train_loss, val_loss, val_auc} of each epoch."""
    seconds: float
    reason: str | None
    cached: bool
    adopted: bool = False
    """Not made under the study's key: it was adopted with the study, or is from a cache that does not say where it is from."""

    def stored(self) -> dict[str, Any]:
        """As JSON. Nothing is said of a trial that is the study's own."""
        plain: dict[str, Any] = finite(asdict(self))
        return plain if self.adopted else {name: value for name, value in plain.items() if name != "adopted"}

    def plain(self) -> dict[str, Any]:
        """A line of `trials.jsonl`, as `schemas/trial.schema.json` says."""
        return {"schema_version": SCHEMA_VERSION, **self.stored()}


@dataclass(frozen=True, slots=True)
class Adoption:
    """The first `trials` of a study were taken over as they were, by a person's word."""

    trials: int
    reason: str


class TrialLines:
    """Each line names the study that it belongs to, so that the file can stand alone where the database is lost."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self._study = fingerprint[:16]
        self._ahead: list[EndedTrial] = []
        """Trials that have a line, and are not in the database yet."""
        self._known: list[EndedTrial] = []

    def agree_with(self, ended: Sequence[EndedTrial]) -> None:
        """Takes up what the database has. Lines that go on from there stay; where the two differ, the database is right."""
        found = self._read()
        self._known = list(ended)
        begins_so = [finite(asdict(one)) for one in found[: len(ended)]] == [finite(asdict(one)) for one in ended]
        self._ahead = found[len(ended) :] if begins_so else []
        whole = self._text([*self._known, *self._ahead])
        if (self._path.read_bytes() if self._path.exists() else None) != whole:
            write_bytes(self._path, whole)

    def recorded(self, number: int, params: Mapping[str, Any]) -> EndedTrial | None:
        """What the line of this trial says, where the database does not know it and the parameters are these."""
        at = number - len(self._known)
        found = self._ahead[at] if 0 <= at < len(self._ahead) else None
        return found if found is not None and found.params == dict(params) else None

    def note(self, ended: EndedTrial) -> None:
        """One line more, unless it is there; lines of trials that came out differently go."""
        if self._ahead and self._ahead[0] == ended:
            self._ahead.pop(0)
            self._known.append(ended)
            return
        if self._ahead:
            self._ahead = []
            write_bytes(self._path, self._text(self._known))
        self._known.append(ended)
        with self._path.open("ab") as file:
            file.write(self._text([ended]))
            file.flush()
            os.fsync(file.fileno())

    def _text(self, ended: Sequence[EndedTrial]) -> bytes:
        lines = [json.dumps({**one.plain(), "study": self._study}, ensure_ascii=False, allow_nan=False) for one in ended]
        return "".join(f"{line}\n" for line in lines).encode()

    def _read(self) -> list[EndedTrial]:
        """Up to the first line that is torn, or of another study."""
        found: list[EndedTrial] = []
        for line in self._path.read_bytes().split(b"\n")[:-1] if self._path.exists() else []:
            one = _ended_of(line, self._study)
            if one is None or one.trial != len(found):
                break
            found.append(one)
        return found


def _ended_of(line: bytes, study: str) -> EndedTrial | None:
    try:
        plain = json.loads(line)
    except ValueError:
        return None
    names = {field.name for field in fields(EndedTrial)}
    if not isinstance(plain, dict) or plain.get("study") != study or not names - {"adopted"} <= plain.keys():
        return None
    return EndedTrial(**{name: plain[name] for name in names if name in plain})

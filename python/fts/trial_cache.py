"""Results of trials, kept across studies: what was trained once under the same surroundings is looked up. Knows nothing of studies.

One file an entry, named by what decides its numbers, written beside and renamed: many studies may read and write at once. An entry
that is damaged, or of another form, is none.
"""

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fts.parameters import TrainConfig
from fts.trial import identity_of
from fts.writing import write_bytes

FORM = 1
RUN = "run"
"""Origin of a trial that a study ran under its own key. Nothing else is ever kept here."""


@dataclass(frozen=True, slots=True)
class Known:
    """How a training went: to its own end (`trained`), as far as a pruner let it (`pruned`), or until a loss was no number after the
    last of `epochs` (`diverged`)."""

    end: Literal["trained", "pruned", "diverged"]
    param_count: int
    epochs: Sequence[dict[str, Any]]
    """{epoch, train_loss, val_loss, val_auc} of each epoch."""
    adopted: bool = False
    """Not made under the key of a study of this workspace, or nobody can tell: entries of earlier versions do not say."""


@dataclass(frozen=True, slots=True)
class TrialCache:
    """`context` stands for everything but the trial's own parameters and the kind of device, which other bits come from. Entries of one
    context lie in one folder, so that the engine can tell which of them a study would look up."""

    directory: Path
    context: str
    device: str

    def find(self, config: TrainConfig) -> Known | None:
        """What this configuration gave before."""
        name = self._name(config)
        path = self._path(name)
        try:
            plain = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        known = _read_entry(plain, name)
        if known is not None:
            # `ftsbuild gc` goes by the time of the last use.
            with contextlib.suppress(OSError):
                os.utime(path)
        return known

    def keep(self, config: TrainConfig, known: Known) -> None:
        """Makes it known to all studies; what tells more already stays. A disk that takes nothing costs the entry, not the trial."""
        before = self.find(config)
        if (
            before is not None
            and not before.adopted
            and (before.end != "pruned" or (known.end == "pruned" and len(known.epochs) <= len(before.epochs)))
        ):
            return
        name = self._name(config)
        entry = {"form": FORM, "name": name, "origin": RUN, "end": known.end, "param_count": known.param_count, "epochs": known.epochs}
        text = json.dumps({"digest": _digest(entry), "entry": entry}, ensure_ascii=False, allow_nan=False) + "\n"
        with contextlib.suppress(OSError):
            write_bytes(self._path(name), text.encode())

    def _name(self, config: TrainConfig) -> str:
        return _digest([FORM, self.context, self.device, identity_of(config)])

    def _path(self, name: str) -> Path:
        return self.directory / self.context / f"{name}.json"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _read_entry(plain: Any, name: str) -> Known | None:
    if not isinstance(plain, dict) or not isinstance(plain.get("entry"), dict) or plain.get("digest") != _digest(plain["entry"]):
        return None
    entry = plain["entry"]
    if entry.get("form") != FORM or entry.get("name") != name:
        return None
    known = Known(entry["end"], entry["param_count"], entry["epochs"], entry.get("origin") != RUN)
    return known if _is_whole(known) else None


def _is_whole(known: Known) -> bool:
    if [epoch["epoch"] for epoch in known.epochs] != list(range(1, len(known.epochs) + 1)):
        return False
    return (known.end == "diverged" or len(known.epochs) > 0) and all(math.isfinite(epoch["val_loss"]) for epoch in known.epochs)

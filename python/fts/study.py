"""The ended trials of one study on disk: `study.db` for Optuna, `trials.jsonl` for everybody else. Knows nothing of how they are made.

A trial is written once, whole, when it has ended; the running one lives in memory only. So a killed process leaves nothing half
done, whatever the moment, and no epoch waits for the disk (SQLite takes 27 ms for each value reported to it).
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from fts.outcomes import BadInput
from fts.progress import finite
from fts.results import SCHEMA_VERSION
from fts.writing import write_bytes

STUDY_NAME = "study"
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

    def plain(self) -> dict[str, Any]:
        """A line of `trials.jsonl`, as `schemas/trial.schema.json` says."""
        plain: dict[str, Any] = finite({"schema_version": SCHEMA_VERSION, **asdict(self)})
        return plain


class StudyFile:
    """Precondition: nobody else writes to the folder. `trials` and `ended` hold the same trials, in order, numbered from 0."""

    def __init__(self, folder: Path, storage: RDBStorage, study_id: int) -> None:
        self._lines = folder / "trials.jsonl"
        self._storage = storage
        self._study_id = study_id
        found = storage.get_all_trials(study_id, deepcopy=False)
        # What another program may have left in state RUNNING or WAITING never came to an end: it does not count.
        self.trials: list[FrozenTrial] = [trial for trial in found if trial.state.is_finished() and _RESULT in trial.user_attrs]
        self.ended = [EndedTrial(**{**trial.user_attrs[_RESULT], "trial": number}) for number, trial in enumerate(self.trials)]
        # A kill between the two writes leaves the lines one short; the database is what counts.
        if self._read_lines() != self._all_lines():
            write_bytes(self._lines, self._all_lines())

    @property
    def spent_seconds(self) -> float:
        """Run time of the study over all its attempts."""
        spent: float = self._storage.get_study_user_attrs(self._study_id).get(_SPENT, 0.0)
        return spent

    def add(self, trial: FrozenTrial, ended: EndedTrial, spent_seconds: float) -> None:
        """Makes an ended trial last: in one transaction in the database, in one write as a line."""
        trial.user_attrs = {**trial.user_attrs, _RESULT: finite(asdict(ended))}
        self._storage.create_new_trial(self._study_id, template_trial=trial)
        self._storage.set_study_user_attr(self._study_id, _SPENT, spent_seconds)
        self.trials.append(trial)
        self.ended.append(ended)
        with self._lines.open("ab") as file:
            file.write(_line(ended))
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Lets go of the database file."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def _read_lines(self) -> bytes | None:
        return self._lines.read_bytes() if self._lines.exists() else None

    def _all_lines(self) -> bytes:
        return b"".join(_line(ended) for ended in self.ended)


_RESULT = "result"
_SPENT = "duration_seconds"
_FINGERPRINT = "fingerprint"


def open_study(
    folder: Path,
    fingerprint: str,
    direction: Literal["minimize", "maximize"],
    suits: Callable[[Sequence[FrozenTrial]], bool] | None = None,
) -> StudyFile | BadInput:
    """The study in `folder`, a new one where there is none. One of another fingerprint (other data, space or code) is moved aside
    into `superseded-...`, never mixed and never lost; with `suits`, only where its trials do not suit: else it is taken over."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.db"
    try:
        storage, study_id = _open(path, direction)
        found = storage.get_study_user_attrs(study_id).get(_FINGERPRINT, fingerprint)
        if found != fingerprint and not _is_taken_over(storage, study_id, direction, suits):
            storage.remove_session()
            storage.engine.dispose()
            _move_aside(folder, found)
            storage, study_id = _open(path, direction)
        storage.set_study_user_attr(study_id, _FINGERPRINT, fingerprint)
        return StudyFile(folder, storage, study_id)
    except _unreadable() as error:
        return BadInput(f"{path.name} in {folder.name} cannot be read as a study ({type(error).__name__}); move it away or restore it")


def _is_taken_over(storage: RDBStorage, study_id: int, direction: str, suits: Callable[[Sequence[FrozenTrial]], bool] | None) -> bool:
    if suits is None or [one.name.lower() for one in storage.get_study_directions(study_id)] != [direction]:
        return False
    return suits(storage.get_all_trials(study_id, deepcopy=False))


def _open(path: Path, direction: str) -> tuple[RDBStorage, int]:
    from sqlalchemy.engine import URL

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Text, so that a path with a `?` or a `%` stays a path. Optuna takes no URL object.
    url = URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
    storage = RDBStorage(url, engine_kwargs=None, skip_compatibility_check=False, heartbeat_interval=None, grace_period=None)
    try:
        return storage, storage.get_study_id_from_name(STUDY_NAME)
    except KeyError:
        wanted = StudyDirection.MINIMIZE if direction == "minimize" else StudyDirection.MAXIMIZE
        return storage, storage.create_new_study([wanted], STUDY_NAME)


def _move_aside(folder: Path, fingerprint: str) -> None:
    aside = folder / f"superseded-{fingerprint[:12]}"
    number = 1
    while aside.exists():
        number += 1
        aside = folder / f"superseded-{fingerprint[:12]}-{number}"
    aside.mkdir()
    for name in ("study.db", "trials.jsonl", "best_params.json"):
        if (folder / name).exists():
            (folder / name).rename(aside / name)


def _unreadable() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import DatabaseError

    return (DatabaseError, optuna.exceptions.StorageInternalError)


def _line(ended: EndedTrial) -> bytes:
    return (json.dumps(ended.plain(), ensure_ascii=False, allow_nan=False) + "\n").encode()

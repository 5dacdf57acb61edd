"""The ended trials of one study on disk: `study.db` for Optuna, `trials.jsonl` for everybody else. Knows nothing of how they are made.

A trial is written once, whole, when it has ended; the running one lives in memory only. So a killed process leaves nothing half
done, whatever the moment, and no epoch waits for the disk (SQLite takes 27 ms for each value reported to it). The line comes first: a
database that another program holds, or that is damaged, costs no trial.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from sqlalchemy.exc import SQLAlchemyError

from fts.held import Patience, is_broken, is_held
from fts.outcomes import BadInput
from fts.trial_lines import Adoption, EndedTrial, TrialLines

EARLIER_NAME = "study"
"""What earlier versions called every study."""
LOCK_SECONDS = 1.0
"""How long SQLite itself waits for a lock; who waits longer says so."""


class StudyFile:
    """Precondition: nobody else writes to the folder. `trials` and `ended` hold the same trials, in order, numbered from 0."""

    def __init__(
        self, folder: Path, storage: RDBStorage, study_id: int, fingerprint: str, patience: Patience, adoption: Adoption | None
    ) -> None:
        self.adoption = adoption
        adopted = 0 if adoption is None else adoption.trials
        self._lines = TrialLines(folder / "trials.jsonl", fingerprint)
        self._storage = storage
        self._study_id = study_id
        self._patience = patience
        found = storage.get_all_trials(study_id, deepcopy=False)
        # What another program added (it says nothing of how it was made), or left in state RUNNING or WAITING, is no trial of ours.
        self.trials: list[FrozenTrial] = [trial for trial in found if trial.state.is_finished() and _RESULT in trial.user_attrs]
        self.ended = [_ended_of(trial, number, number < adopted) for number, trial in enumerate(self.trials)]
        if not all(_is_whole(trial, ended) for trial, ended in zip(self.trials, self.ended, strict=True)):
            raise Unreadable("a trial is not what it says of itself")
        self._lines.agree_with(self.ended)

    @property
    def spent_seconds(self) -> float:
        """Run time of the study over all its attempts."""
        spent: float = self._storage.get_study_user_attrs(self._study_id).get(_SPENT, 0.0)
        return spent

    def recorded(self, number: int, params: Mapping[str, Any]) -> EndedTrial | None:
        """The trial of this number and these parameters, where it ended before and the database does not have it (any more)."""
        return self._lines.recorded(number, params)

    def note(self, ended: EndedTrial) -> None:
        """Makes an ended trial last, in one write: from here on it is never trained again. `keep` follows."""
        self._lines.note(ended)

    def keep(self, trial: FrozenTrial, ended: EndedTrial, spent_seconds: float) -> None:
        """Puts a trial that was noted into the database, in one transaction, as soon as no other program holds it.

        Raises `StoppedWaiting` where the run is to end before that.
        """
        trial.user_attrs = {**trial.user_attrs, _RESULT: ended.stored()}
        self._patience.until_free(lambda: self._create(trial))
        self._patience.until_free(lambda: self._storage.set_study_user_attr(self._study_id, _SPENT, spent_seconds))
        self.trials.append(trial)
        self.ended.append(ended)

    def _create(self, trial: FrozenTrial) -> None:
        # Optuna would try five times, and ten seconds, before it says that the database is held.
        connection = self._storage.engine.raw_connection()
        try:
            connection.cursor().execute("BEGIN IMMEDIATE")
        finally:
            connection.rollback()
            connection.close()
        self._storage.create_new_trial(self._study_id, template_trial=trial)

    def close(self) -> None:
        """Lets go of the database file."""
        self._storage.remove_session()
        self._storage.engine.dispose()


_RESULT = "result"
_SPENT = "duration_seconds"
_FINGERPRINT = "fingerprint"
_ADOPTED = "adopted"


def _ended_of(trial: FrozenTrial, number: int, is_adopted: bool) -> EndedTrial:
    result = trial.user_attrs[_RESULT]
    return EndedTrial(**{**result, "trial": number, "adopted": is_adopted or result.get("adopted", False)})


@dataclass(frozen=True, slots=True)
class StudyPlace:
    """Where a study lies and whose it is."""

    folder: Path
    name: str
    """What other programs show it as."""
    fingerprint: str
    """What it has in common with a run that goes on with it."""
    direction: Literal["minimize", "maximize"]
    workspace: Path
    """A file that cannot be read goes into its `.ftsbuild/kept`."""


def open_study(
    place: StudyPlace,
    patience: Patience,
    suits: Callable[[Sequence[FrozenTrial]], bool] | None = None,
    adopted: Adoption | None = None,
) -> StudyFile | BadInput:
    """The study in `folder`, a new one where there is none. One of another fingerprint (other data, space or code) is moved aside
    into `superseded-...`, never mixed and never lost; with `suits`, only where its trials do not suit: else it is taken over. What was
    `adopted` of the study that is there stays marked for ever.

    A database that cannot be read is moved away, and the study begins anew: what `trials.jsonl` and other studies know is not trained
    again. Raises `StoppedWaiting` where another program holds the database and the run is to end before it is free.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    path = place.folder / "study.db"
    try:
        try:
            return patience.until_free(lambda: _open_sound(place, patience, suits, adopted))
        except Exception as error:
            if not _is_unreadable(error):
                raise
        moved = _move_unreadable(place)
        patience.say(f"{path.name} cannot be read, and was moved to {moved}; the study begins anew with the trials that are known")
        return patience.until_free(lambda: _open_sound(place, patience, suits, adopted))
    except (SQLAlchemyError, StorageInternalError) as error:
        if is_held(error):
            raise
        return BadInput(
            f"{path.name} in {place.folder.name} cannot be opened ({error.__cause__ or error}); see to the disk and to its permissions"
        )


def _open_sound(
    place: StudyPlace, patience: Patience, suits: Callable[[Sequence[FrozenTrial]], bool] | None, adopted: Adoption | None
) -> StudyFile:
    storage, study_id = _open(place)
    try:
        found = storage.get_study_user_attrs(study_id).get(_FINGERPRINT, place.fingerprint)
        if found != place.fingerprint and not _is_taken_over(storage, study_id, place.direction, suits):
            _let_go(storage)
            _move_aside(place.folder, found)
            storage, study_id = _open(place)
        _claim(storage, study_id, place)
        return StudyFile(place.folder, storage, study_id, place.fingerprint, patience, _claim_adopted(storage, study_id, adopted))
    except Exception:
        _let_go(storage)
        raise


def _is_taken_over(storage: RDBStorage, study_id: int, direction: str, suits: Callable[[Sequence[FrozenTrial]], bool] | None) -> bool:
    if suits is None or [one.name.lower() for one in storage.get_study_directions(study_id)] != [direction]:
        return False
    return suits(storage.get_all_trials(study_id, deepcopy=False))


def _open(place: StudyPlace) -> tuple[RDBStorage, int]:
    from sqlalchemy.engine import URL

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Text, so that a path with a `?` or a `%` stays a path. Optuna takes no URL object.
    url = URL.create("sqlite", database=str(place.folder / "study.db")).render_as_string(hide_password=False)
    engine: dict[str, Any] = {"connect_args": {"timeout": LOCK_SECONDS}}
    storage = RDBStorage(url, engine_kwargs=engine, skip_compatibility_check=False, heartbeat_interval=None, grace_period=None)
    try:
        _check(storage)
        found = _find_own(storage, place)
        if found is not None:
            return storage, found
        wanted = StudyDirection.MINIMIZE if place.direction == "minimize" else StudyDirection.MAXIMIZE
        return storage, storage.create_new_study([wanted], place.name)
    except Exception:
        _let_go(storage)
        raise


def _check(storage: RDBStorage) -> None:
    """A page that no question has touched so far may be torn all the same."""
    with storage.engine.connect() as connection:
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if said != "ok":
        raise Unreadable(str(said))


class Unreadable(Exception):
    """A database opens, and is not whole."""


def _find_own(storage: RDBStorage, place: StudyPlace) -> int | None:
    """The study that the file is for. Earlier versions called each one `study`, and one that was copied has another experiment's name."""
    own = [
        study for study in storage.get_all_studies() if _FINGERPRINT in study.user_attrs or study.study_name in (place.name, EARLIER_NAME)
    ]
    own.sort(key=lambda study: (study.user_attrs.get(_FINGERPRINT) != place.fingerprint, study.study_name != place.name, study._study_id))
    return own[0]._study_id if own else None


def _claim(storage: RDBStorage, study_id: int, place: StudyPlace) -> None:
    """Writes only what is not there: another program may be reading."""
    if storage.get_study_user_attrs(study_id).get(_FINGERPRINT) != place.fingerprint:
        storage.set_study_user_attr(study_id, _FINGERPRINT, place.fingerprint)
    names = {study.study_name: study._study_id for study in storage.get_all_studies()}
    if place.name not in names:
        with storage.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE studies SET study_name = ? WHERE study_id = ?", (place.name, study_id))


def _claim_adopted(storage: RDBStorage, study_id: int, adopted: Adoption | None) -> Adoption | None:
    """What of the study is adopted, noted in it. A study that was begun anew has nothing of what was adopted."""
    noted = storage.get_study_user_attrs(study_id).get(_ADOPTED)
    before = Adoption(**noted) if noted is not None else None
    present = sum(_RESULT in trial.user_attrs for trial in storage.get_all_trials(study_id, deepcopy=False))
    now = Adoption(min(adopted.trials, present), adopted.reason) if adopted is not None else None
    if now is None or now.trials <= (0 if before is None else before.trials):
        return before
    storage.set_study_user_attr(study_id, _ADOPTED, asdict(now))
    return now


def _is_whole(trial: FrozenTrial, ended: EndedTrial) -> bool:
    """Rows of a trial may be gone, or another program may have changed them."""
    drawn = {name: ended.params[name] for name in trial.params if name in ended.params}
    is_valued = ended.state != "complete" or trial.values == [ended.value]
    return is_valued and all(trial.params[name] == value for name, value in drawn.items())


def _let_go(storage: RDBStorage) -> None:
    storage.remove_session()
    storage.engine.dispose()


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


def _is_unreadable(error: Exception) -> bool:
    """Optuna says with a RuntimeError that the file is of another version of it, and with others that tables hold what it cannot read."""
    return is_broken(error) or isinstance(error, Unreadable | RuntimeError | ValueError | LookupError | TypeError | AssertionError)


def _move_unreadable(place: StudyPlace) -> str:
    """With what SQLite keeps beside it. Says where to, from the workspace."""
    folder = place.folder.relative_to(place.workspace)
    kept, number = Path(".ftsbuild", "kept", f"unreadable-{place.fingerprint[:12]}"), 1
    to = kept / folder
    while (place.workspace / to).exists():
        number += 1
        to = kept.with_name(f"{kept.name}-{number}") / folder
    (place.workspace / to).mkdir(parents=True)
    for end in ("", "-journal", "-wal", "-shm"):
        file = place.folder / f"study.db{end}"
        if file.exists():
            # `outputs/` may be a link to another disk, onto which nothing can be renamed.
            shutil.move(file, place.workspace / to / file.name)
    return (to / "study.db").as_posix()

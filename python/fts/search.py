"""One study: ask -> config -> train -> tell, until it has its trials. Knows nothing of result files, scripts and the test split."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import optuna
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, Trial
from optuna.trial import TrialState as OptunaState

from fts.architecture import count_parameters
from fts.batches import WindowSet
from fts.control import Control
from fts.held import StoppedWaiting
from fts.outcomes import BadInput
from fts.parameters import ARCHITECTURE, TrainConfig, train_config
from fts.repeats import find_known, pass_on, replay, retell
from fts.sampling import draw, goes_on, make_pruner, make_sampler
from fts.search_settings import Search
from fts.space import GRID
from fts.study import StudyFile
from fts.training import Follower, train
from fts.training_outcomes import Diverged, Epoch, Interrupted, OutOfMemory, OverBudget, Pruned, Trained, Unconsumed
from fts.trial_cache import TrialCache
from fts.trial_lines import EndedTrial


@dataclass(frozen=True, slots=True)
class Ended:
    """The study has all its trials, or its time is up; `best` is None where no trial was completed."""

    best: EndedTrial | None
    timed_out: bool
    duration_seconds: float


SearchOutcome = Ended | Interrupted | Unconsumed | OverBudget


@dataclass(frozen=True, slots=True)
class SearchFollower:
    """Who watches a study."""

    trial_started: Callable[[int, Mapping[str, Any]], None]
    epoch: Callable[[Epoch, int], None]
    trial_ended: Callable[[EndedTrial, EndedTrial | None], None]
    """The trial, and the best one so far."""
    batch: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Sources:
    """What trials are made from: windows to learn from and to be judged by, and what other studies have found out, where that is known."""

    windows: WindowSet
    validation: WindowSet
    cache: TrialCache | None = None
    has_room: Callable[[TrainConfig], bool] = lambda config: True
    """Whether there is memory for a training of it now. One without room is not tried."""


def run_search(search: Search, sources: Sources, file: StudyFile, control: Control, follower: SearchFollower) -> SearchOutcome:
    """Runs what is missing of the study's trials; those in `file` count, wherever they were run.

    Before each trial the sampler is seeded anew from (seed, trials that have ended), so that a study interrupted anywhere goes on
    exactly as one that was not.
    """
    started, spent_before, ended_before = control.clock(), file.spent_seconds, len(file.ended)
    study = optuna.create_study(
        storage=InMemoryStorage(), sampler=None, pruner=make_pruner(search), study_name=None, direction=search.objective.goal
    )
    study.add_trials(file.trials)
    # Those of a process that was killed before it could pass them on.
    for known in file.ended:
        pass_on(search, sources.cache, known)
    while len(file.ended) < search.trials:
        # The timeout bounds one attempt, and lets at least one trial through: the next attempt goes on, and comes to an end.
        elapsed = control.clock() - started
        if search.timeout_seconds is not None and elapsed >= search.timeout_seconds and len(file.ended) > ended_before:
            return Ended(_find_best(search, file), True, spent_before + elapsed)
        if not control.may_begin():
            return Interrupted(0, control.reason)
        number = len(file.ended)
        study.sampler = make_sampler(search, number)
        if number < len(search.forced):
            study.enqueue_trial(dict(search.forced[number]), user_attrs=None, skip_if_exists=False)
        trial = study.ask(fixed_distributions=None)
        ended = _run_trial(search, trial, file, sources, control, follower)
        if not isinstance(ended, EndedTrial):
            return ended
        frozen = study.tell(trial, values=_told_value(ended), state=_STATES[ended.state])
        # What was computed first, where nobody else can be in the way; the database last.
        file.note(ended)
        pass_on(search, sources.cache, ended)
        try:
            file.keep(frozen, ended, spent_before + control.clock() - started)
        except StoppedWaiting:
            return Interrupted(0, control.reason)
        follower.trial_ended(ended, _find_best(search, file))
    return Ended(_find_best(search, file), False, spent_before + control.clock() - started)


def suits(search: Search, trials: Sequence[FrozenTrial]) -> bool:
    """Whether trials of a study that was made elsewhere can stand in this one: drawn from its very space."""
    space = {dimension.name: dimension.distribution for dimension in search.dimensions}
    return all(space.get(name) == drawn for trial in trials for name, drawn in trial.distributions.items())


_STATES = {"complete": OptunaState.COMPLETE, "pruned": OptunaState.PRUNED, "failed": OptunaState.FAIL}


def _told_value(ended: EndedTrial) -> float | None:
    return ended.value if ended.state == "complete" else None


def _run_trial(
    search: Search, trial: Trial, file: StudyFile, sources: Sources, control: Control, follower: SearchFollower
) -> EndedTrial | Interrupted | Unconsumed | OverBudget:
    number, started = len(file.ended), control.clock()
    params = draw(search, trial)
    follower.trial_started(number, params)
    config = train_config(search.record, params, search.objective)
    if isinstance(config, BadInput):
        return EndedTrial(number, "failed", None, params, None, None, [], 0.0, f"bad_input: {config.message}", False)
    if (recorded := file.recorded(number, params)) is not None:
        retell(search, trial, recorded, config)
        return recorded
    known = find_known(search, sources.cache, file, config, params)
    replayed = replay(search, trial, number, params, config, known) if known is not None else 0
    if isinstance(replayed, EndedTrial):
        return replayed
    if not sources.has_room(config):
        return _failed(number, params, count_parameters(config.architecture, config.shape), (), 0.0, "too_large")
    watcher = Follower(
        epoch=lambda epoch: _report(search, trial, epoch, config, follower, replayed),
        unread=search.record.unread,
        fits=search.fits_budget,
        batch=follower.batch,
    )
    outcome = train(config, sources.windows, sources.validation, control, watcher)
    seconds = control.clock() - started
    match outcome:
        case Trained():
            return _ended(search, number, "complete", params, outcome, seconds)
        case Pruned():
            return _ended(search, number, "pruned", params, outcome, seconds)
        case Diverged():
            return _failed(number, params, outcome.param_count, outcome.epochs, seconds, "diverged")
        case OutOfMemory():
            return _failed(number, params, outcome.param_count, outcome.epochs, seconds, "out_of_memory")
        case OverBudget():
            # A fixed model is wrong for the whole study; a drawn one only for its trial.
            if not any(dimension.name in (GRID, *ARCHITECTURE) for dimension in search.dimensions):
                return outcome
            return _failed(number, params, outcome.param_count, (), seconds, "over_budget")
        case Interrupted() | Unconsumed():
            return outcome


def _report(search: Search, trial: Trial, epoch: Epoch, config: TrainConfig, follower: SearchFollower, replayed: int) -> bool:
    """Passes an epoch on, and says whether to go on after it; after one that was replayed before, it is known that it does."""
    value = epoch.value(search.objective.metric)
    assert value is not None
    follower.epoch(epoch, config.epochs)
    return epoch.epoch <= replayed or goes_on(trial, value, epoch.epoch, config)


def _ended(
    search: Search, number: int, state: Literal["complete", "pruned"], params: dict[str, Any], outcome: Trained | Pruned, seconds: float
) -> EndedTrial:
    value = outcome.best.value(search.objective.metric)
    epochs = [_epoch_line(epoch) for epoch in outcome.epochs]
    return EndedTrial(number, state, value, params, outcome.param_count, outcome.best.epoch, epochs, seconds, None, False)


def _failed(number: int, params: dict[str, Any], param_count: int, epochs: tuple[Epoch, ...], seconds: float, reason: str) -> EndedTrial:
    return EndedTrial(number, "failed", None, params, param_count, None, [_epoch_line(epoch) for epoch in epochs], seconds, reason, False)


def _epoch_line(epoch: Epoch) -> dict[str, Any]:
    return {name: value for name, value in asdict(epoch).items() if name != "seconds"}


def _find_best(search: Search, file: StudyFile) -> EndedTrial | None:
    """The completed trial of the best value; of equal ones the first."""
    best: EndedTrial | None = None
    for ended in file.ended:
        if ended.state != "complete" or ended.value is None:
            continue
        if best is None or best.value is None or search.objective.improves(ended.value, best.value):
            best = ended
    return best

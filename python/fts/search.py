"""One study: ask -> config -> train -> tell, until it has its trials. Knows nothing of result files, scripts and the test split."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.samplers import TPESampler
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, Trial
from optuna.trial import TrialState as OptunaState

from fts.architecture import Architecture, InputShape, count_parameters, fits, parse_architecture, select_architectures
from fts.control import Control
from fts.outcomes import BadInput
from fts.parameters import ARCHITECTURE, MACHINE, RECIPE, SEARCHABLE, Objective, TrainConfig, check_names, check_value, train_config
from fts.record import Record
from fts.seeds import mix
from fts.study import EndedTrial, StudyFile
from fts.training import (
    Diverged,
    Epoch,
    Follower,
    Interrupted,
    OutOfMemory,
    OverBudget,
    Pruned,
    Trained,
    Unconsumed,
    WindowSet,
    train,
)
from fts.trial_cache import Known, TrialCache

GRID = "architecture"
"""The one categorical parameter that stands for the four numbers of an architecture."""

CANDIDATES = 24
PRUNER_STARTUP_TRIALS = 5
PRUNER_WARMUP_EPOCHS = 3


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched parameter; drawn only where every other one named in `when` has the value given there."""

    name: str
    distribution: BaseDistribution
    when: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """A checked search: `dimensions` in an order in which conditions come after what they depend on."""

    record: Record
    dimensions: tuple[Dimension, ...]
    forced: tuple[Mapping[str, Any], ...]
    objective: Objective
    pruner: Literal["median", "none"]
    startup_trials: int
    seed: int
    trials: int
    timeout_seconds: float | None
    fits_budget: Callable[[int], bool]


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


def read_search(record: Record, extent: Record) -> Search | BadInput:
    """The search that a record describes, checked as a whole before anything is spent."""
    metric, goal = record["objective.metric"], record["objective.goal"]
    if metric not in ("val_loss", "val_auc") or goal not in ("minimize", "maximize"):
        return BadInput(f"objective must be val_loss or val_auc and minimize or maximize, not {metric!r} and {goal!r}")
    if record["pruner"] not in ("median", "none"):
        return BadInput(f"pruner must be median or none, not {record['pruner']!r}")
    if not isinstance(extent["trials"], int) or extent["trials"] < 1:
        return BadInput(f"trials must be a whole number >= 1, not {extent['trials']!r}")
    dimensions = _read_dimensions(record)
    if isinstance(dimensions, BadInput):
        return dimensions
    if (incomplete := _check_complete(record, dimensions)) is not None:
        return incomplete
    forced = [_read_forced(one, dimensions, record) for one in record["forced"]]
    if (wrong := next((one for one in forced if isinstance(one, BadInput)), None)) is not None:
        return wrong
    hours = extent["timeout_hours"]
    budget, tolerance = record["budget.params"], record["budget.tolerance"]
    return Search(
        record=record,
        dimensions=dimensions,
        forced=tuple(one for one in forced if not isinstance(one, BadInput)),
        objective=Objective(metric, goal),
        pruner=record["pruner"],
        startup_trials=record["startup_trials"],
        seed=record["seed"],
        trials=extent["trials"],
        timeout_seconds=None if hours is None else hours * 3600,
        fits_budget=lambda count: fits(count, budget, tolerance),
    )


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
        storage=InMemoryStorage(), sampler=None, pruner=_make_pruner(search), study_name=None, direction=search.objective.goal
    )
    study.add_trials(file.trials)
    # Those of a process that was killed before it could pass them on.
    for known in file.ended:
        _pass_on(search, sources, known)
    while len(file.ended) < search.trials:
        # The timeout bounds one attempt, and lets at least one trial through: the next attempt goes on, and comes to an end.
        elapsed = control.clock() - started
        if search.timeout_seconds is not None and elapsed >= search.timeout_seconds and len(file.ended) > ended_before:
            return Ended(_find_best(search, file), True, spent_before + elapsed)
        if not control.may_begin():
            return Interrupted(0, control.reason)
        number = len(file.ended)
        study.sampler = _make_sampler(search, number)
        if number < len(search.forced):
            study.enqueue_trial(dict(search.forced[number]), user_attrs=None, skip_if_exists=False)
        trial = study.ask(fixed_distributions=None)
        ended = _run_trial(search, trial, file, sources, control, follower)
        if not isinstance(ended, EndedTrial):
            return ended
        frozen = study.tell(trial, values=_told_value(ended), state=_STATES[ended.state])
        file.add(frozen, ended, spent_before + control.clock() - started)
        _pass_on(search, sources, ended)
        follower.trial_ended(ended, _find_best(search, file))
    return Ended(_find_best(search, file), False, spent_before + control.clock() - started)


def suits(search: Search, trials: Sequence[FrozenTrial]) -> bool:
    """Whether trials of a study that was made elsewhere can stand in this one: drawn from its very space."""
    space = {dimension.name: dimension.distribution for dimension in search.dimensions}
    return all(space.get(name) == drawn for trial in trials for name, drawn in trial.distributions.items())


_STATES = {"complete": OptunaState.COMPLETE, "pruned": OptunaState.PRUNED, "failed": OptunaState.FAIL}


def _told_value(ended: EndedTrial) -> float | None:
    return ended.value if ended.state == "complete" else None


def _make_sampler(search: Search, ended: int) -> TPESampler:
    # Every argument that is not deprecated in Optuna 5 is given; the others have no effect but a warning.
    return TPESampler(
        n_startup_trials=search.startup_trials,
        n_ei_candidates=CANDIDATES,
        seed=mix(search.seed, "sampler", ended),
        multivariate=True,
        group=False,
        constant_liar=False,
    )


def _make_pruner(search: Search) -> BasePruner:
    if search.pruner == "none":
        return NopPruner()
    return MedianPruner(PRUNER_STARTUP_TRIALS, PRUNER_WARMUP_EPOCHS, 1, n_min_trials=1)


def _run_trial(
    search: Search, trial: Trial, file: StudyFile, sources: Sources, control: Control, follower: SearchFollower
) -> EndedTrial | Interrupted | Unconsumed | OverBudget:
    number, started = len(file.ended), control.clock()
    params = _draw(search, trial)
    follower.trial_started(number, params)
    config = train_config(search.record, params, search.objective)
    if isinstance(config, BadInput):
        return EndedTrial(number, "failed", None, params, None, None, [], 0.0, f"bad_input: {config.message}", False)
    known = _find_known(search, sources, file, config, params)
    replayed = _replay(search, trial, number, params, config, known) if known is not None else 0
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
    return epoch.epoch <= replayed or _goes_on(trial, value, epoch.epoch, config)


def _goes_on(trial: Trial, value: float, epoch: int, config: TrainConfig) -> bool:
    """Shows the pruner an epoch's value. After the last epoch there is nothing left to save."""
    trial.report(value, epoch)
    return epoch == config.epochs or not trial.should_prune()


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


# --- Repeats ---


def _find_known(search: Search, sources: Sources, file: StudyFile, config: TrainConfig, params: Mapping[str, Any]) -> Known | None:
    """How this very configuration went before, in this study or in another one (a third of 600 real trials was known, incident 13).

    One whose model this budget does not allow is none: a training would refuse it.
    """
    wanted = json.dumps(params, sort_keys=True)
    here = next((one for one in file.ended if one.state == "complete" and json.dumps(one.params, sort_keys=True) == wanted), None)
    known = _known_of(here) if here is not None else None
    if known is None and sources.cache is not None:
        known = sources.cache.find(config)
    return known if known is not None and search.fits_budget(known.param_count) else None


def _replay(search: Search, trial: Trial, number: int, params: dict[str, Any], config: TrainConfig, known: Known) -> EndedTrial | int:
    """Shows the known epochs to the pruner, which may see other trials now than it did then, exactly as a training would.

    Gives the trial that comes of it. Where the pruner lets it go on beyond what is known, gives the number of epochs it was shown.
    """
    metric = search.objective.metric
    for count, epoch in enumerate(known.epochs, start=1):
        if not _goes_on(trial, epoch[metric], count, config):
            return _replayed(search, number, "pruned", params, known, count)
    if known.end == "pruned":
        return len(known.epochs)
    if known.end == "diverged":
        return EndedTrial(number, "failed", None, params, known.param_count, None, list(known.epochs), 0.0, "diverged", True)
    return _replayed(search, number, "complete", params, known, len(known.epochs))


def _replayed(
    search: Search, number: int, state: Literal["complete", "pruned"], params: dict[str, Any], known: Known, count: int
) -> EndedTrial:
    metric, epochs = search.objective.metric, list(known.epochs[:count])
    best = epochs[0]
    for epoch in epochs:
        if search.objective.improves(epoch[metric], best[metric]):
            best = epoch
    return EndedTrial(number, state, best[metric], params, known.param_count, best["epoch"], epochs, 0.0, None, True)


def _pass_on(search: Search, sources: Sources, ended: EndedTrial) -> None:
    """Lets other studies know how a trial went that was really run."""
    known = _known_of(ended)
    if sources.cache is None or ended.cached or known is None:
        return
    config = train_config(search.record, ended.params, search.objective)
    if not isinstance(config, BadInput):
        sources.cache.keep(config, known)


def _known_of(ended: EndedTrial) -> Known | None:
    """Nothing of a trial that says more of the machine or the study than of its configuration: out of memory, too large, over budget."""
    if ended.param_count is None or (ended.state == "failed" and ended.reason != "diverged"):
        return None
    match ended.state:
        case "complete":
            return Known("trained", ended.param_count, ended.epochs)
        case "pruned":
            return Known("pruned", ended.param_count, ended.epochs)
        case "failed":
            return Known("diverged", ended.param_count, ended.epochs)


# --- Space ---


def _draw(search: Search, trial: Trial) -> dict[str, Any]:
    """One configuration: each active dimension, the architecture as its four numbers. Inactive ones count as consumed."""
    params: dict[str, Any] = {}
    for dimension in search.dimensions:
        if not _is_active(dimension, params, search.record):
            continue
        value = _suggest(trial, dimension)
        architecture = parse_architecture(value) if dimension.name == GRID else None
        params.update(architecture.numbers() if architecture is not None else {dimension.name: value})
    return params


def _suggest(trial: Trial, dimension: Dimension) -> Any:
    match dimension.distribution:
        case FloatDistribution(low=low, high=high, log=log, step=step):
            return trial.suggest_float(dimension.name, low, high, step=step, log=log)
        case IntDistribution(low=low, high=high, log=log, step=step):
            return trial.suggest_int(dimension.name, low, high, step=step, log=log)
        case CategoricalDistribution(choices=choices):
            return trial.suggest_categorical(dimension.name, choices)
        case other:
            raise AssertionError(f"unreachable: {other}")


def _is_active(dimension: Dimension, params: Mapping[str, Any], record: Record) -> bool:
    return all((params[name] if name in params else record.get(name)) == wanted for name, wanted in dimension.when.items())


def _read_dimensions(record: Record) -> tuple[Dimension, ...] | BadInput:
    search = record["search"]
    if (unknown := check_names(search, SEARCHABLE, "search")) is not None:
        return unknown
    if both := [name for name in search if name in record]:
        return BadInput(f'"{both[0]}" is both fixed and searched')
    waiting: list[Dimension] = []
    grid = _read_grid(record)
    if isinstance(grid, BadInput):
        return grid
    if grid is not None:
        if both := [name for name in ARCHITECTURE if name in search or name in record]:
            return BadInput(f'"{both[0]}" is set beside an architecture grid, which holds it already')
        waiting.append(Dimension(GRID, CategoricalDistribution([one.text for one in grid]), {}))
    # By name, not as written: an object's order is no part of a key, so it may not decide what is drawn.
    for name in sorted(search):
        dimension = _read_dimension(name, search[name])
        if isinstance(dimension, BadInput):
            return dimension
        waiting.append(dimension)
    return _order(waiting, record)


def _check_complete(record: Record, dimensions: tuple[Dimension, ...]) -> BadInput | None:
    """Whatever no trial could be configured with, told before the first one."""
    drawn = {one.name: one.distribution for one in dimensions}
    known = drawn.keys() | (set(ARCHITECTURE) if GRID in drawn else set())
    loss = drawn.get("loss")
    # A copy, since a look at a value is not its use.
    fixed = record.plain()
    losses = loss.choices if isinstance(loss, CategoricalDistribution) else [fixed.get("loss")]
    for name in (*ARCHITECTURE, *RECIPE, *MACHINE):
        if name in fixed:
            if (wanted := check_value(name, fixed[name])) is not None:
                return BadInput(f"{name} must be {wanted}, not {fixed[name]!r}")
        elif name not in known and (name != "focal_gamma" or "focal" in losses):
            return BadInput(f'parameter "{name}" is neither fixed nor searched')
    return None


def _read_grid(record: Record) -> list[Architecture] | BadInput | None:
    grid = record["architecture"]
    if grid is None:
        return None
    if set(grid) != set(ARCHITECTURE):
        return BadInput(f"architecture must list exactly {', '.join(ARCHITECTURE)}, not {', '.join(grid)}")
    shape = InputShape(len(record["features"]), record["context"], record["patch.length"], record["patch.stride"])
    budget, tolerance = record["budget.params"], record["budget.tolerance"]
    found = select_architectures(grid, shape, budget, tolerance)
    if not found:
        return BadInput(f"no architecture of the grid lies within {tolerance:.0%} of {budget:,.0f} parameters at {shape.features} features")
    return found


def _read_dimension(name: str, plain: Mapping[str, Any]) -> Dimension | BadInput:
    if (unknown := check_names(plain, ("kind", "low", "high", "step", "choices", "when"), f"search.{name}")) is not None:
        return unknown
    try:
        distribution = _read_distribution(plain)
    except (KeyError, ValueError, TypeError) as error:
        return BadInput(f"search.{name}: {error}")
    if distribution is None:
        return BadInput(f"search.{name}: kind must be uniform, log, int or choice, not {plain.get('kind')!r}")
    edges = distribution.choices if isinstance(distribution, CategoricalDistribution) else (plain["low"], plain["high"])
    for edge in edges if not isinstance(distribution, FloatDistribution) else map(float, edges):
        if (wanted := check_value(name, edge)) is not None:
            return BadInput(f"search.{name}: {name} must be {wanted}, not {edge!r}")
    return Dimension(name, distribution, plain.get("when") or {})


def _read_distribution(plain: Mapping[str, Any]) -> BaseDistribution | None:
    match plain["kind"]:
        case "uniform":
            return FloatDistribution(plain["low"], plain["high"], log=False, step=plain.get("step"))
        case "log":
            return FloatDistribution(plain["low"], plain["high"], log=True, step=None)
        case "int":
            return IntDistribution(plain["low"], plain["high"], log=False, step=plain.get("step") or 1)
        case "choice":
            return CategoricalDistribution(list(plain["choices"]))
        case _:
            return None


def _order(waiting: list[Dimension], record: Record) -> tuple[Dimension, ...] | BadInput:
    """Conditions after what they depend on, else the order stays."""
    ordered: list[Dimension] = []
    while waiting:
        known = {one.name for one in ordered} | (set(ARCHITECTURE) if any(one.name == GRID for one in ordered) else set())
        ready = next((one for one in waiting if all(name in known or name in record for name in one.when)), None)
        if ready is None:
            name, missing = next((one.name, other) for one in waiting for other in one.when if other not in known and other not in record)
            return BadInput(f'search.{name}: its condition names "{missing}", which is neither fixed nor searched before it')
        waiting.remove(ready)
        ordered.append(ready)
    return tuple(ordered)


def _read_forced(plain: Mapping[str, Any], dimensions: tuple[Dimension, ...], record: Record) -> Mapping[str, Any] | BadInput:
    """A forced configuration in terms of the space: the four numbers as one text, every value possible, no name without effect."""
    forced = dict(plain)
    if GRID in {one.name for one in dimensions} and any(name in forced for name in ARCHITECTURE):
        if not all(name in forced for name in ARCHITECTURE):
            return BadInput(f"forced: an architecture needs all of {', '.join(ARCHITECTURE)}")
        forced[GRID] = Architecture(*(forced.pop(name) for name in ARCHITECTURE)).text
    by_name = {one.name: one for one in dimensions}
    if (unknown := check_names(forced, by_name, "forced")) is not None:
        return BadInput(f"{unknown.message} (only searched parameters can be forced)")
    for name, value in forced.items():
        if not _is_possible(by_name[name].distribution, value):
            return BadInput(f"forced: {name} = {value!r} is not in the search space")
        for other, wanted in by_name[name].when.items():
            given = forced[other] if other in forced else record.get(other)
            if given is not None and given != wanted:
                return BadInput(f"forced: {name} has no effect where {other} is {given!r}")
    return forced


def _is_possible(distribution: BaseDistribution, value: Any) -> bool:
    match distribution:
        case CategoricalDistribution(choices=choices):
            return value in choices
        case FloatDistribution(low=low, high=high, step=step) | IntDistribution(low=low, high=high, step=step):
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                return False
            steps = (value - low) / step if step else 0.0
            return abs(steps - round(steps)) < 1e-8
        case _:
            return False

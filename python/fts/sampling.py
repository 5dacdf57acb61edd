"""How a trial's parameters are drawn, and what ends a trial early: the sampler and the pruner of a search."""

from collections.abc import Mapping
from typing import Any

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.samplers import TPESampler
from optuna.trial import Trial

from fts.architecture import parse_architecture
from fts.parameters import TrainConfig
from fts.record import Record
from fts.search_settings import Search
from fts.seeds import mix
from fts.space import GRID, Dimension

CANDIDATES = 24
PRUNER_STARTUP_TRIALS = 5
PRUNER_WARMUP_EPOCHS = 3


def make_sampler(search: Search, ended: int) -> TPESampler:
    """The sampler of the next trial, seeded anew from the number of trials that have ended."""
    # Every argument that is not deprecated in Optuna 5 is given; the others have no effect but a warning.
    return TPESampler(
        n_startup_trials=search.startup_trials,
        n_ei_candidates=CANDIDATES,
        seed=mix(search.seed, "sampler", ended),
        multivariate=True,
        group=False,
        constant_liar=False,
    )


def make_pruner(search: Search) -> BasePruner:
    """The pruner of the whole study."""
    if search.pruner == "none":
        return NopPruner()
    return MedianPruner(PRUNER_STARTUP_TRIALS, PRUNER_WARMUP_EPOCHS, 1, n_min_trials=1)


def draw(search: Search, trial: Trial) -> dict[str, Any]:
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


def goes_on(trial: Trial, value: float, epoch: int, config: TrainConfig) -> bool:
    """Shows the pruner an epoch's value. After the last epoch there is nothing left to save."""
    trial.report(value, epoch)
    return epoch == config.epochs or not trial.should_prune()

"""Configurations that were trained before, in this study or in another: looked up, shown to the pruner again, passed on."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from optuna.trial import Trial

from fts.outcomes import BadInput
from fts.parameters import TrainConfig, train_config
from fts.sampling import goes_on
from fts.search_settings import Search
from fts.study import StudyFile
from fts.trial_cache import Known, TrialCache
from fts.trial_lines import EndedTrial


def find_known(search: Search, cache: TrialCache | None, file: StudyFile, config: TrainConfig, params: Mapping[str, Any]) -> Known | None:
    """How this very configuration went before, in this study or in another one (a third of 600 real trials was known, incident 13).

    One whose model this budget does not allow is none: a training would refuse it.
    """
    wanted = json.dumps(params, sort_keys=True)
    here = next((one for one in file.ended if one.state == "complete" and json.dumps(one.params, sort_keys=True) == wanted), None)
    known = _known_of(here) if here is not None else None
    if known is None and cache is not None:
        known = cache.find(config)
    return known if known is not None and search.fits_budget(known.param_count) else None


def replay(search: Search, trial: Trial, number: int, params: dict[str, Any], config: TrainConfig, known: Known) -> EndedTrial | int:
    """Shows the known epochs to the pruner, which may see other trials now than it did then, exactly as a training would.

    Gives the trial that comes of it. Where the pruner lets it go on beyond what is known, gives the number of epochs it was shown.
    """
    metric = search.objective.metric
    for count, epoch in enumerate(known.epochs, start=1):
        if not goes_on(trial, epoch[metric], count, config):
            return _replayed(search, number, "pruned", params, known, count)
    if known.end == "pruned":
        return len(known.epochs)
    if known.end == "diverged":
        return EndedTrial(number, "failed", None, params, known.param_count, None, list(known.epochs), 0.0, "diverged", True, known.adopted)
    return _replayed(search, number, "complete", params, known, len(known.epochs))


def retell(search: Search, trial: Trial, ended: EndedTrial, config: TrainConfig) -> None:
    """Shows the pruner the epochs of a trial of this study that ended before; what it said to them is known."""
    for epoch in ended.epochs:
        goes_on(trial, epoch[search.objective.metric], epoch["epoch"], config)


def _replayed(
    search: Search, number: int, state: Literal["complete", "pruned"], params: dict[str, Any], known: Known, count: int
) -> EndedTrial:
    metric, epochs = search.objective.metric, list(known.epochs[:count])
    best = epochs[0]
    for epoch in epochs:
        if search.objective.improves(epoch[metric], best[metric]):
            best = epoch
    return EndedTrial(number, state, best[metric], params, known.param_count, best["epoch"], epochs, 0.0, None, True, known.adopted)


def pass_on(search: Search, cache: TrialCache | None, ended: EndedTrial) -> None:
    """Lets other studies know how a trial went that was really run, under this study's key."""
    known = _known_of(ended)
    if cache is None or ended.cached or ended.adopted or known is None:
        return
    config = train_config(search.record, ended.params, search.objective)
    if not isinstance(config, BadInput):
        cache.keep(config, known)


def _known_of(ended: EndedTrial) -> Known | None:
    """Nothing of a trial that says more of the machine or the study than of its configuration: out of memory, too large, over budget."""
    if ended.param_count is None or (ended.state == "failed" and ended.reason != "diverged"):
        return None
    match ended.state:
        case "complete":
            return Known("trained", ended.param_count, ended.epochs, ended.adopted)
        case "pruned":
            return Known("pruned", ended.param_count, ended.epochs, ended.adopted)
        case "failed":
            return Known("diverged", ended.param_count, ended.epochs, ended.adopted)

"""What a generated search script calls: one study, from its parameters to `best_params.json`, by hand or as an engine's job.

Heavy packages are imported when a run needs them, so that a mistake in a script is told at once.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from fts.ends import EXIT_STATUS, Finish, find_missing_device, refuse, stopped, waste
from fts.job import read_job
from fts.outcomes import BadInput
from fts.results import write_json
from fts.run import Arguments, Call, Run, batch_of, fingerprint_of, has_room, head_of, load, provenance_of, run_step, samples_of, tell_epoch
from fts.stop import Stop

if TYPE_CHECKING:
    from fts.search import Ended
    from fts.search_settings import Search
    from fts.study import StudyFile
    from fts.trial_cache import TrialCache
    from fts.trial_lines import Adoption, EndedTrial
    from fts.windows import Splits


def run_study(**arguments: Unpack[Arguments]) -> int:
    """Runs what is missing of the study and writes its best parameters into `output`; gives the exit status.

    By hand the run is logged, and looks after the heat as `thermal` says; under an engine the engine does both.
    """
    call = Call("hpo", **arguments)
    with Stop() as stop:
        return EXIT_STATUS[run_step(call, read_job(os.environ), stop, _search_and_write)]


def _search_and_write(run: Run) -> Finish:
    from fts.search_settings import read_search

    search = read_search(run.record, run.extent)
    if isinstance(search, BadInput):
        return refuse(search)
    splits = load(run)
    if isinstance(splits, Finish):
        return splits
    return _go_on_with_study(run, search, splits)


def _go_on_with_study(run: Run, search: "Search", splits: "Splits") -> Finish:
    from fts.device import choose_device
    from fts.held import Patience, StoppedWaiting
    from fts.search import Ended, SearchFollower, Sources, run_search, suits
    from fts.study import StudyPlace, open_study
    from fts.training_outcomes import Interrupted, OverBudget, Unconsumed
    from fts.trial import windows_of

    device = choose_device(run.record["device"])
    if (missing := find_missing_device(device)) is not None:
        return missing
    provenance = provenance_of(run, run.record["threads"], device)
    sources = Sources(*windows_of(splits, run.record), _open_cache(run, device), lambda config: has_room(run, config, device))
    takes_over = run.job is not None and run.job.takes_over
    fingerprint = fingerprint_of(run, provenance, run.record.plain())
    place = StudyPlace(run.folder, str(run.call.identity["experiment"]), fingerprint, search.objective.goal, run.workspace)
    patience = Patience(run.control, partial(_notice, run), run.progress.beat)
    try:
        file = open_study(place, patience, partial(suits, search) if takes_over else None, _adopted_before(run))
    except StoppedWaiting:
        return stopped(run.control.reason, "no trial")
    if isinstance(file, BadInput):
        return refuse(file)
    try:
        if file.ended:
            run.progress.say(f"Study resumed: {len(file.ended)} of {search.trials} trials are there")
        follower = SearchFollower(
            trial_started=lambda number, params: run.progress.emit("trial_started", trial=number, params=params),
            epoch=lambda epoch, epochs: tell_epoch(run, epoch, epochs),
            trial_ended=lambda ended, best: _tell_trial(run, search, ended, best),
            batch=batch_of(run),
        )
        outcome = run_search(search, sources, file, run.control, follower)
        match outcome:
            case Interrupted():
                return stopped(outcome.reason, f"{len(file.ended)} of {search.trials} trials")
            case Unconsumed() | OverBudget():
                return waste(run.record, outcome)
            case Ended():
                return _write_best(run, search, splits, file, outcome, provenance)
    finally:
        file.close()


def _adopted_before(run: Run) -> "Adoption | None":
    from fts.trial_lines import Adoption

    return Adoption(**run.job.adopted) if run.job is not None and run.job.adopted is not None else None


def _adopted_in(file: "StudyFile") -> dict[str, Any]:
    """What `best_params.json` says of trials that were not made under its key."""
    count = sum(ended.adopted for ended in file.ended)
    reason = file.adoption.reason if file.adoption is not None else "from a trial cache that does not say where its trials are from"
    return {"adopted": {"trials": count, "reason": reason}} if count > 0 else {}


def _notice(run: Run, message: str) -> None:
    run.progress.say(message)
    run.progress.emit("notice", message=message)


def _open_cache(run: Run, device: str) -> "TrialCache | None":
    """What other studies found out: only an engine knows that their surroundings were these."""
    from fts.trial_cache import TrialCache

    place = run.job.trial_cache if run.job is not None else None
    return TrialCache(Path(place["directory"]), place["context"], device) if place is not None else None


def _write_best(run: Run, search: "Search", splits: "Splits", file: "StudyFile", outcome: "Ended", provenance: Mapping[str, Any]) -> Finish:
    best, total = outcome.best, len(file.ended)
    tally = {state: sum(ended.state == state for ended in file.ended) for state in ("complete", "pruned", "failed")}
    cached = sum(ended.cached for ended in file.ended)
    if cached > 0:
        run.progress.say(f"Trials from the cache: {cached} of {total}")
    if best is None:
        reasons = sorted({ended.reason for ended in file.ended if ended.reason is not None})
        reason = "timeout" if outcome.timed_out else reasons[0].split(":")[0] if len(reasons) == 1 else "error"
        return Finish("failed", reason, f"none of {total} trials was completed ({', '.join(reasons) or 'all pruned'})")
    status: Literal["complete", "partial"] = "partial" if outcome.timed_out else "complete"
    samples = samples_of(splits)
    write_json(
        run.folder / "best_params.json",
        {
            **head_of(run, "best_params", status),
            "method": "hpo",
            "params": best.params,
            "metric": search.objective.metric,
            "value": best.value,
            "epoch": best.epoch,
            "trial": best.trial,
            "trials": {"expected": search.trials, "ended": total, **tally, "cached": cached},
            "param_count": best.param_count,
            "samples": samples,
            "record": run.params,
            "sources": [],
            "duration_seconds": outcome.duration_seconds,
            "provenance": provenance,
            **_adopted_in(file),
        },
    )
    message = f"cut by its timeout after {total} of {search.trials} trials; its best parameters are marked as partial"
    return Finish(
        status="success" if status == "complete" else "partial",
        reason=None if status == "complete" else "timeout",
        message=None if status == "complete" else message,
        val_loss=next(epoch["val_loss"] for epoch in best.epochs if epoch["epoch"] == best.epoch),
        hyperparameters=best.params,
        param_count=best.param_count,
        val_windows=samples["val"]["windows"],
    )


def _tell_trial(run: Run, search: "Search", ended: "EndedTrial", best: "EndedTrial | None") -> None:
    value = f"{search.objective.metric}={ended.value:.6f}" if ended.value is not None else ended.reason
    so_far = f", best {best.value:.6f}" if best is not None else ""
    known = ", from the cache" if ended.cached else ""
    run.progress.say(f"Trial {ended.trial + 1}/{search.trials}: {ended.state}, {value} ({ended.seconds:.1f} s{known}){so_far}")
    run.progress.emit(
        "trial_ended",
        trial=ended.trial,
        state=ended.state,
        value=ended.value,
        seconds=ended.seconds,
        ended=ended.trial + 1,
        expected=search.trials,
        best=best.value if best is not None else None,
        reason=ended.reason,
        cached=ended.cached,
    )

"""What a generated training script calls: a training for each seed, to its checkpoints, `metrics.json` and `predictions.parquet`.

Heavy packages are imported when a run needs them, so that a mistake in a script is told at once.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from fts.ends import EXIT_STATUS, Finish, find_missing_device, lack_room, refuse, stopped, waste
from fts.job import Job, read_job
from fts.outcomes import BadInput
from fts.parameters import SEARCHABLE, TrainConfig, check_names, resolved_params, train_config
from fts.results import BestParams, read_best_params, write_json
from fts.run import Arguments, Call, Run, batch_of, fingerprint_of, has_room, head_of, load, provenance_of, run_step, samples_of, tell_epoch
from fts.stop import Stop
from fts.writing import write_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fts.training_outcomes import Epoch, Outcome, Trained
    from fts.windows import Splits, Windows


def run_training(
    *,
    hpo_params_path: str | None,
    borrowed_from: Sequence[str],
    seeds: Sequence[int],
    accept_partial: bool,
    **arguments: Unpack[Arguments],
) -> int:
    """Trains and evaluates one model a seed and writes their metrics; gives the exit status, that of the first run that did not succeed.

    Under an engine only the job's seed runs, in the job's output folder; by hand all of them in turn, in `output`/seed{n}. Values of
    `record` win over those of the best parameters, which give the rest; without a path nothing was searched, and `record` is all. By hand
    the run is logged, and looks after the heat as `thermal` says; under an engine the engine does both.
    """

    def work(run: Run) -> Finish:
        return _train_and_write(run, hpo_params_path, borrowed_from, accept_partial)

    call = Call("training", **arguments)
    with Stop() as stop:
        job = read_job(os.environ)
        status = 0
        for seed in [job.seed] if isinstance(job, Job) else seeds:
            seeded = replace(call, record={**call.record, "seed": seed}, output=f"{call.output}/seed{seed}")
            ended = run_step(seeded, job, stop, work)
            status = status or EXIT_STATUS[ended]
            # What is wrong with the input is wrong for every seed; a seed that diverges says nothing of the next one.
            if ended not in ("success", "failed") or isinstance(job, BadInput):
                break
        return status


def _train_and_write(run: Run, hpo_params_path: str | None, borrowed_from: Sequence[str], accept_partial: bool) -> Finish:
    if hpo_params_path is None:
        fixed = train_config(run.record, {})
        return refuse(fixed) if isinstance(fixed, BadInput) else _load_and_train(run, fixed, None)
    best = read_best_params(run.workspace / hpo_params_path, hpo_params_path, run.call.identity, borrowed_from, accept_partial)
    if isinstance(best, BadInput):
        return refuse(best)
    if (unknown := check_names(best.params, SEARCHABLE, hpo_params_path)) is not None:
        return refuse(unknown)
    config = train_config(run.record, best.params)
    if isinstance(config, BadInput):
        return refuse(BadInput(f"script and {hpo_params_path} together: {config.message}; run the search again"))
    return _load_and_train(run, config, {"path": hpo_params_path, **_origin(best)})


def _origin(best: BestParams) -> dict[str, Any]:
    return {"key": best.key, "status": best.status, "borrowed_from": list(best.borrowed_from)}


def _load_and_train(run: Run, config: TrainConfig, hpo: Mapping[str, Any] | None) -> Finish:
    splits = load(run)
    return splits if isinstance(splits, Finish) else _train_seed(run, config, splits, hpo)


def _train_seed(run: Run, config: TrainConfig, splits: "Splits", hpo: Mapping[str, Any] | None) -> Finish:
    from fts.architecture import fits
    from fts.checkpoint import load_checkpoint, save_checkpoint
    from fts.device import choose_device
    from fts.training import Follower, train
    from fts.training_outcomes import Trained

    device = choose_device(config.device)
    if (missing := find_missing_device(device)) is not None:
        return missing
    if not has_room(run, config, device):
        return lack_room(config, device)
    provenance = provenance_of(run, config.threads, device)
    # Only best parameters that would give the same model again may be gone on with.
    fingerprint = fingerprint_of(run, provenance, {**run.record.plain(), **resolved_params(config)})
    last, metrics = run.folder / "checkpoints" / "last.pt", run.folder / "metrics.json"
    budget, tolerance = run.record["budget.params"], run.record["budget.tolerance"]
    started, spent_before = run.control.clock(), 0.0

    def load() -> dict[str, Any] | None:
        nonlocal spent_before
        # Newer metrics mean that the run which left the checkpoint was finished: there is nothing to go on with.
        if not last.exists() or (metrics.exists() and metrics.stat().st_mtime_ns >= last.stat().st_mtime_ns):
            return None
        state = load_checkpoint(last, fingerprint)
        if state is not None:
            spent_before = state["spent_seconds"]
            run.progress.say(f"Training resumed after epoch {len(state['epochs'])}")
        return state

    def save(state: dict[str, Any]) -> None:
        spent = spent_before + run.control.clock() - started
        save_checkpoint(last, {**state, "fingerprint": fingerprint, "spent_seconds": spent})

    def tell(epoch: "Epoch") -> bool:
        run.progress.say(
            f"Epoch {epoch.epoch}/{config.epochs}: train_loss={epoch.train_loss:.6f} val_loss={epoch.val_loss:.6f} ({epoch.seconds:.1f} s)"
        )
        tell_epoch(run, epoch, config.epochs)
        return True

    follower = Follower(tell, run.record.unread, lambda count: fits(count, budget, tolerance), load, save, batch_of(run))
    outcome = train(config, splits.train, splits.val, run.control, follower)
    if not isinstance(outcome, Trained):
        return _untrained(run, outcome)
    save_checkpoint(
        run.folder / "checkpoints" / "best.pt",
        {"fingerprint": fingerprint, "model": outcome.weights, "epoch": outcome.best.epoch, "params": resolved_params(config)},
    )
    return _evaluate_and_write(
        run,
        config,
        splits,
        outcome,
        {"hpo": hpo, "provenance": provenance, "duration_seconds": spent_before + run.control.clock() - started},
    )


def _untrained(run: Run, outcome: "Outcome") -> Finish:
    from fts.training_outcomes import EXPLODED, Diverged, Interrupted, OutOfMemory, OverBudget, Unconsumed

    match outcome:
        case Interrupted():
            return stopped(outcome.reason, f"epoch {outcome.epoch}")
        case Diverged():
            return Finish(
                "failed",
                "diverged",
                f"the loss diverged in epoch {outcome.epoch}: no finite number, or above {EXPLODED:g} nats",
                param_count=outcome.param_count,
            )
        case OutOfMemory():
            return Finish("failed", "out_of_memory", outcome.message, param_count=outcome.param_count)
        case OverBudget() | Unconsumed():
            return waste(run.record, outcome)
        case _:
            raise AssertionError(f"unreachable: {outcome}")


def _evaluate_and_write(run: Run, config: TrainConfig, splits: "Splits", outcome: "Trained", rest: Mapping[str, Any]) -> Finish:
    """The one place that opens the test split."""
    import torch

    from fts.batches import LoadedWindows
    from fts.evaluation import evaluate
    from fts.prediction import predict
    from fts.training import build_model

    device = torch.device(outcome.device)
    model = build_model(config)
    model.load_state_dict(outcome.weights)
    model.to(device)
    sealed = {"val": splits.val, "test": splits.open_test()}
    logits = {}
    for name, windows in sealed.items():
        predicted = predict(model, LoadedWindows(windows, device), config, device, run.control, run.progress.beat)
        if predicted is None:
            return stopped(run.control.reason, f"epoch {len(outcome.epochs)}, the last one")
        logits[name] = predicted
    val, test = (evaluate(logits[name], sealed[name].labels).plain() for name in ("val", "test"))
    write_bytes(run.folder / "predictions.parquet", _predictions(splits, sealed, logits))
    samples = samples_of(splits)
    write_json(
        run.folder / "metrics.json",
        {
            **head_of(run, "metrics", "complete"),
            "seed": config.seed,
            "params": resolved_params(config),
            "epoch_policy": "best",
            "best_epoch": outcome.best.epoch,
            "epochs_run": len(outcome.epochs),
            "train_loss": outcome.best.train_loss,
            "val": val,
            "test": test,
            "param_count": outcome.param_count,
            "samples": samples,
            "record": run.params,
            **rest,
        },
    )
    return Finish(
        "success",
        val_loss=outcome.best.val_loss,
        test_accuracy=test["accuracy"],
        hyperparameters=resolved_params(config),
        param_count=outcome.param_count,
        val_windows=samples["val"]["windows"],
    )


def _predictions(splits: "Splits", sealed: "Mapping[str, Windows]", logits: "Mapping[str, NDArray[np.float32]]") -> bytes:
    """Parquet: Date (of a window's last day), split, label, probability; validation first, each split by date."""
    import numpy as np
    import pyarrow
    import pyarrow.parquet

    from fts.evaluation import sigmoid

    names = list(sealed)
    table = pyarrow.table(
        {
            "Date": np.concatenate([splits.dates[sealed[name].ends] for name in names]).astype("datetime64[ms]"),
            "split": [name for name in names for _ in sealed[name].ends],
            "label": np.concatenate([sealed[name].labels for name in names]).astype(np.int8),
            "probability": np.concatenate([sigmoid(logits[name]) for name in names]),
        }
    )
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    written: bytes = sink.getvalue().to_pybytes()
    return written

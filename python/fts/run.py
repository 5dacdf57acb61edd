"""One run of a script, whatever it does: its input checked, its data loaded, its end told in every way that an end is told."""

import hashlib
import importlib
import json
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NotRequired, Protocol, TypedDict

from fts.control import Control, Watch
from fts.ends import Finish, Status, refuse
from fts.job import IDENTITY_FIELDS, Job, first_difference
from fts.judged import OutsideKey, find_changed, find_edited, find_outsiders, look_for_outsiders
from fts.log import append_row
from fts.memory import estimate_bytes, free_bytes
from fts.outcomes import BadInput, Refused, is_out_of_memory
from fts.parameters import EXTENT, HPO_SLICE, NOT_IDENTITY, TRAINING_SLICE, TrainConfig, check_names
from fts.progress import Progress
from fts.provenance import collect_provenance, describe_data, now, read_commit, relative
from fts.record import Record
from fts.results import SCHEMA_VERSION
from fts.stop import HEAT, Stop

if TYPE_CHECKING:
    from fts.training_outcomes import Epoch
    from fts.windows import Splits, Validated

Validate = Callable[[], "Validated | Refused | BadInput"]


def validate_data(workspace: str | Path, data_path: str, features: Sequence[str]) -> "Validated | Refused | BadInput":
    """Whether the data file is there and holds every column that is read, with sound dates, prices and values."""
    from fts.windows import validate

    data_file = Path(workspace) / data_path
    if not data_file.is_file():
        return Refused(f"the data file {data_path} is missing; build it first")
    return validate(data_file, features, data_path)


class Arguments(TypedDict):
    """What every script passes. `output` (the folder of its results) and `log` are relative to `workspace`."""

    script: str
    workspace: str | Path
    identity: Mapping[str, Any]
    record: Mapping[str, Any]
    extent: Mapping[str, Any]
    output: str
    log: str
    validate: Validate
    thermal: NotRequired[Mapping[str, Any] | None]
    """What to do about heat by hand, as a study's `thermal` in seconds; what is left out has its usual value."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a script says of itself: its rule, and `Arguments`."""

    rule: Literal["hpo", "training"]
    script: str
    workspace: str | Path
    identity: Mapping[str, Any]
    record: Mapping[str, Any]
    extent: Mapping[str, Any]
    output: str
    log: str
    validate: Validate
    thermal: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run, its input checked and its data loaded."""

    call: Call
    job: Job | None
    control: Control
    progress: Progress
    record: Record
    extent: Record
    workspace: Path
    folder: Path
    data_file: Path
    rows: int

    @property
    def key(self) -> str | None:
        """The node's key; None by hand."""
        return self.job.key if self.job is not None else None

    @property
    def params(self) -> dict[str, Any]:
        """Record and extent as run, for the result file."""
        return {**self.record.plain(), **self.extent.plain()}


def run_step(call: Call, job: Job | BadInput | None, stop: Stop, work: Callable[[Run], Finish]) -> Status:
    """Prepares, works, and tells the end in every way that an end is told."""
    timestamp = now()
    workspace = job.workspace if isinstance(job, Job) else Path(call.workspace)
    folder = workspace / (job.output if isinstance(job, Job) else call.output)
    # Under an engine everything that is printed ends up in the same file, as the engine keeps it.
    log_file = folder / ("hpo.log" if call.rule == "hpo" else "train.log") if job is None else None
    with Progress(os.environ, stop, log_file) as progress:
        heat = _watch_heat(call, stop, progress, workspace) if job is None else None
        file = Path(job.control) if isinstance(job, Job) and job.control is not None else None
        control = Control(stop, file, progress, heat)
        started = control.clock()
        try:
            run = _prepare(call, job, control, progress, workspace, folder, heat)
            finish = run if isinstance(run, Finish) else work(run)
        except OutsideKey as outside:
            finish = Finish("failed", outside.reason, str(outside))
        except Exception as error:
            traceback.print_exc()
            finish = Finish("failed", "out_of_memory" if is_out_of_memory(error) else "error", f"{type(error).__name__}: {error}")
        finish, imported = _judge_imports(job, finish)
        progress.say(_last_line(finish))
        progress.emit("result", **{name: getattr(finish, name) for name in Finish.__slots__}, **imported)
        if heat is not None:
            try:
                if (said := _log_row(call, workspace, finish, timestamp, control.clock() - started, heat)) is not None:
                    progress.say(said)
            except OSError as error:
                progress.say(f"The row could not be added to {call.log}: {error.strerror}")
    return finish.status


def _judge_imports(job: Job | BadInput | None, finish: Finish) -> tuple[Finish, dict[str, Any]]:
    """What was imported after the first batch. Modules that no key knows: the engine judges by them from now on. Those that were edited
    before they were imported: what was made is of no key."""
    if not isinstance(job, Job) or finish.reason in ("outside_key", "changed_underway"):
        return finish, {}
    edited = find_edited(job)
    if edited:
        return Finish("failed", "changed_underway", edited[0].edited_message), {"edited": [asdict(one) for one in edited]}
    found = [asdict(one) for one in find_outsiders(job)]
    return finish, {"discovered": found} if found else {}


class Heat(Watch, Protocol):
    """Who watches the heat of a run by hand: `fts.heat`."""

    @property
    def hottest(self) -> tuple[float | None, str]:
        """Degrees Celsius and their state; None and `unknown` where there was no reading."""

    def start(self) -> Refused | BadInput | None:
        """Tells the temperature, and waits for a start or refuses it."""


def _watch_heat(call: Call, stop: Stop, progress: Progress, workspace: Path) -> Heat:
    # Not by an import statement: what only a run by hand needs is in no key, so a better sensor makes no study stale.
    heat: Heat = importlib.import_module("fts.heat").watch(call.thermal or {}, workspace, stop, progress.say)
    return heat


def _prepare(
    call: Call, job: Job | BadInput | None, control: Control, progress: Progress, workspace: Path, folder: Path, heat: Heat | None
) -> Run | Finish:
    if isinstance(job, BadInput):
        return refuse(job)
    if (wrong := _check_call(call) or _check_job(call, job)) is not None:
        return refuse(wrong)
    validated = call.validate()
    if isinstance(validated, Refused | BadInput):
        return refuse(validated)
    progress.say(f"Data validated: {validated.rows} rows, {validated.features} features")
    progress.emit("data_validated", rows=validated.rows, features=validated.features)
    if heat is not None:
        with control.off_the_clock():
            too_hot = heat.start()
        if too_hot is not None:
            return Finish("refused", HEAT, too_hot.message) if isinstance(too_hot, Refused) else refuse(too_hot)
    record, extent = Record(call.record), Record(call.extent)
    return Run(call, job, control, progress, record, extent, workspace, folder, workspace / record["data.path"], validated.rows)


def _check_call(call: Call) -> BadInput | None:
    if set(call.identity) != set(IDENTITY_FIELDS):
        return BadInput(f"identity must hold exactly {', '.join(IDENTITY_FIELDS)}")
    if "data.path" not in call.record:
        return BadInput('parameter "data.path" is missing')
    known = HPO_SLICE if call.rule == "hpo" else TRAINING_SLICE
    return check_names(call.record, known, "record") or check_names(call.extent, EXTENT if call.rule == "hpo" else (), "extent")


def _check_job(call: Call, job: Job | None) -> BadInput | None:
    """A job runs the script that its key names, with the parameters that its key names, or not at all."""
    if job is None:
        return None
    if job.rule != call.rule:
        return BadInput(f"the job is one of rule {job.rule}, the script is one of rule {call.rule}")
    job_params = {"seed": job.seed, **job.params} if call.rule == "training" else job.params
    for found, expected in ((job_params, call.record), (job.extent, call.extent), (job.identity or {}, call.identity)):
        difference = first_difference(found, expected)
        if difference is not None:
            return BadInput(f"job and script disagree: {difference}; generate the script again")
    return None


def load(run: Run) -> "Splits | Finish":
    """The windows of the experiment, or why there are none."""
    from fts.windows import load_splits

    splits = load_splits(run.record, run.data_file)
    if (changed := find_changed(run.job)) is not None:
        return Finish("failed", "changed_underway", changed.message)
    return refuse(splits) if isinstance(splits, Refused | BadInput) else splits


def batch_of(run: Run) -> Callable[[], None]:
    """What to do after each batch: give signs of life; after the first one, see that everything that runs is in the key."""
    is_first = True

    def batch() -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            look_for_outsiders(run.job)
        run.progress.beat()

    return batch


def provenance_of(run: Run, threads: int, device: str) -> dict[str, Any]:
    """`provenance` of a result file, whole."""
    data = None
    if run.job is None or run.job.data is None:
        data = describe_data(run.data_file, run.workspace, run.rows)
    common = collect_provenance(run.job, Path(run.call.script), run.workspace, data)
    return {**common, "device": device, "threads": threads}


def fingerprint_of(run: Run, provenance: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """What unfinished work must have in common with a run that goes on with it: the engine's key, or by hand all that it is made of;
    and the kind of device, since another kind gives other bits."""
    made_of: object = run.key
    if made_of is None:
        params = {name: value for name, value in values.items() if name not in NOT_IDENTITY}
        made_of = [params, provenance["data"]["sha256"], provenance["code"], provenance["environment"]]
    text = json.dumps([made_of, provenance["device"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def head_of(run: Run, kind: Literal["best_params", "metrics"], status: Literal["complete", "partial"]) -> dict[str, Any]:
    """What every result file begins with."""
    return {"schema_version": SCHEMA_VERSION, "kind": kind, "key": run.key, "identity": dict(run.call.identity), "status": status}


def samples_of(splits: "Splits") -> dict[str, dict[str, int]]:
    """`samples` of a result file. Of the test split it tells the counts of labels only."""
    return {name: {"windows": counts["windows"], "positives": counts["positives"]} for name, counts in splits.counts.items()}


def _last_line(finish: Finish) -> str:
    if finish.status == "success":
        return f"SUCCESS: val_loss={finish.val_loss:.6f}"
    return f"FAILED: {finish.message}"


def _log_row(call: Call, workspace: Path, finish: Finish, timestamp: str, seconds: float, heat: Heat) -> str | None:
    degrees, state = heat.hottest
    data_file = workspace / str(call.record.get("data.path", ""))
    data_md5 = describe_data(data_file, workspace, 0)["md5"] if data_file.is_file() else None
    row: dict[str, Any] = {name: call.identity.get(name) for name in ("experiment", "phase", "budget", "task", "horizon", "timescale")}
    row |= {
        "timestamp": timestamp,
        "script_path": relative(Path(call.script), workspace),
        "run_type": call.rule,
        "status": "failed" if finish.status == "refused" else finish.status,
        "duration_seconds": round(seconds, 3),
        "val_loss": finish.val_loss,
        "test_accuracy": finish.test_accuracy,
        "hyperparameters": finish.hyperparameters,
        "error_message": finish.message,
        "data_md5": data_md5,
        "reason": finish.reason,
        "param_count": finish.param_count,
        "val_windows": finish.val_windows,
        "seed": call.record.get("seed"),
        "git_commit": read_commit(workspace)[0],
        "thermal_max_temp": degrees,
        "thermal_state": state,
    }
    return append_row(workspace / call.log, row, workspace)


def has_room(run: Run, config: TrainConfig, device: str) -> bool:
    """Whether a training of this configuration fits into what is free now, by formula; also where nobody knows what is free, or asks."""
    if run.job is not None and run.job.memory_gate == "none":
        return True
    free = free_bytes(device)
    return free is None or estimate_bytes(config, device) <= free


def tell_epoch(run: Run, epoch: "Epoch", epochs: int) -> None:
    """The `epoch` event."""
    run.progress.emit(
        "epoch", epoch=epoch.epoch, epochs=epochs, train_loss=epoch.train_loss, val_loss=epoch.val_loss, seconds=epoch.seconds
    )

"""Scripts as a person and as an engine run them: outputs, exit status, progress, log row, and sentences instead of stack traces."""

import csv
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
import torch
from samples import EXTENT, IDENTITY, INPUT, PACKAGE, RECIPE, STUDY, TRAINING, environment, write_data, write_scripts

from fts.log import COLUMNS

SCHEMAS = {path.name.split(".")[0]: json.loads(path.read_text()) for path in (PACKAGE.parent / "schemas").glob("*.schema.json")}
KEY = "c" * 64


@dataclass(frozen=True)
class Done:
    status: int
    said: str
    events: list[dict[str, Any]]


class Workspace:
    """A folder with data and scripts, run in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        write_data(folder)
        self.hpo, self.train = write_scripts(folder)

    def run(self, script: Path) -> Done:
        """By hand."""
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(script), run_name="__main__")
        assert isinstance(ended.value.code, int)
        captured = self._capsys.readouterr()
        assert "Traceback" not in captured.err
        return Done(ended.value.code, captured.out, [])

    def run_job(self, script: Path, job: Mapping[str, Any]) -> Done:
        """As an engine's job."""
        jsonschema.validate(job, SCHEMAS["job"])
        path = self.folder / "job.json"
        path.write_text(json.dumps(job))
        events = self.folder / "events.jsonl"
        with events.open("w") as file, self._monkeypatch.context() as patch:
            patch.setenv("FTSBUILD_JOB", str(path))
            patch.setenv("FTSBUILD_PROGRESS_FD", str(file.fileno()))
            done = self.run(script)
        return Done(done.status, done.said, [json.loads(line) for line in events.read_text().splitlines()])

    def json(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text())

    def rows(self) -> list[dict[str, str]]:
        with (self.folder / "docs/log.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    return Workspace(tmp_path, capsys, monkeypatch)


def make_job(workspace: Workspace, script_rule: str, **changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "rule": script_rule,
        "node": f"{script_rule}:tiny",
        "key": KEY,
        "attempt": 1,
        "workspace": str(workspace.folder),
        "identity": IDENTITY,
        "params": STUDY if script_rule == "hpo" else TRAINING,
        "extent": EXTENT if script_rule == "hpo" else {},
        "output": "outputs/hpo/tiny" if script_rule == "hpo" else "outputs/training/tiny/seed5",
        "seed": None if script_rule == "hpo" else 5,
        "control": None,
        "code": {"fts/model.py": "d" * 64},
        "provenance": {
            "data": {"path": INPUT["data.path"], "md5": "e" * 32, "sha256": "f" * 64, "rows": 600},
            "git_commit": None,
            "git_dirty": None,
        },
        **changes,
    }


def test_by_hand_a_search_and_its_trainings_leave_results_that_fit_their_schemas_and_log_rows(workspace: Workspace) -> None:
    searched = workspace.run(workspace.hpo)
    assert searched.status == 0
    assert "Data validated: 600 rows, 2 features\n" in searched.said
    assert "Thermal: unknown (file no-sensor: no answer)\n" in searched.said
    best = workspace.json("outputs/hpo/tiny/best_params.json")
    assert searched.said.endswith(f"SUCCESS: val_loss={best['value']:.6f}\n")
    jsonschema.validate(best, SCHEMAS["best_params"])
    for line in (workspace.folder / "outputs/hpo/tiny/trials.jsonl").read_text().splitlines():
        jsonschema.validate(json.loads(line), SCHEMAS["trial"])
    assert best["key"] is None
    assert set(best["params"]) == {"d_model", "n_layers", "n_heads", "ff_ratio", "learning_rate"}
    assert best["record"] == {**STUDY, **EXTENT}
    assert best["provenance"]["script"]["path"] == "experiments/phase1/hpo_tiny.py"
    assert "fts/data/table.py" in best["provenance"]["code"]
    assert (workspace.folder / "outputs/hpo/tiny/hpo.log").read_text() == searched.said

    assert workspace.run(workspace.train).status == 0
    metrics = [workspace.json(f"outputs/training/tiny/seed{seed}/metrics.json") for seed in (1, 2)]
    for seed, one in zip((1, 2), metrics, strict=True):
        jsonschema.validate(one, SCHEMAS["metrics"])
        assert one["seed"] == seed
        assert one["params"] == {**RECIPE, **best["params"]}
        assert one["val"]["windows"] == one["samples"]["val"]["windows"] == best["samples"]["val"]["windows"]
    assert metrics[0]["val"]["loss"] != metrics[1]["val"]["loss"]

    rows = workspace.rows()
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["run_type"], row["status"], row["seed"], row["key"]) for row in rows] == [
        ("hpo", "success", "7", ""),
        ("training", "success", "1", ""),
        ("training", "success", "2", ""),
    ]
    assert rows[0]["script_path"] == "experiments/phase1/hpo_tiny.py"
    assert json.loads(rows[0]["hyperparameters"]) == best["params"]
    assert (rows[0]["thermal_max_temp"], rows[0]["thermal_state"]) == ("", "unknown")
    assert float(rows[1]["val_loss"]) == metrics[0]["val"]["loss"]


def test_checkpoint_predictions_and_metrics_are_of_one_epoch(workspace: Workspace) -> None:
    workspace.run(workspace.hpo)
    workspace.run(workspace.train)
    folder = workspace.folder / "outputs/training/tiny/seed1"
    metrics = workspace.json("outputs/training/tiny/seed1/metrics.json")
    assert torch.load(folder / "checkpoints/best.pt", weights_only=True)["epoch"] == metrics["best_epoch"]
    table = pq.read_table(folder / "predictions.parquet")
    assert table.column_names == ["Date", "split", "label", "probability"]
    for split in ("val", "test"):
        rows = [row for row in table.to_pylist() if row["split"] == split]
        assert len(rows) == metrics[split]["windows"]
        mean = sum(row["probability"] for row in rows) / len(rows)
        assert mean == pytest.approx(metrics[split]["prediction_mean"])
        assert [row["Date"] for row in rows] == sorted(row["Date"] for row in rows)


def test_as_a_job_it_takes_key_and_provenance_from_the_engine_and_tells_its_progress(workspace: Workspace) -> None:
    searched = workspace.run_job(workspace.hpo, make_job(workspace, "hpo"))
    trained = workspace.run_job(workspace.train, make_job(workspace, "training"))
    assert (searched.status, trained.status) == (0, 0)
    for event in searched.events + trained.events:
        jsonschema.validate(event, SCHEMAS["progress"])
    kinds = [event["event"] for event in searched.events]
    assert kinds[0] == "data_validated"
    assert kinds.count("trial_ended") == kinds.count("trial_started") == 3
    assert [event["event"] for event in trained.events] == ["data_validated", "epoch", "epoch", "result"]
    best = workspace.json("outputs/hpo/tiny/best_params.json")
    assert best["key"] == KEY
    assert best["provenance"]["code"] == {"fts/model.py": "d" * 64}
    assert best["provenance"]["data"]["md5"] == "e" * 32
    metrics = workspace.json("outputs/training/tiny/seed5/metrics.json")
    assert (metrics["key"], metrics["seed"], metrics["hpo"]["key"]) == (KEY, 5, KEY)
    assert trained.events[-1]["val_loss"] == metrics["val"]["loss"]
    assert not (workspace.folder / "docs/log.csv").exists()


def test_a_training_gives_signs_of_life_until_its_result_is_there(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fts.progress.BEAT_SECONDS", 0.0)
    workspace.run_job(workspace.hpo, make_job(workspace, "hpo"))
    kinds = [event["event"] for event in workspace.run_job(workspace.train, make_job(workspace, "training")).events]
    assert kinds[-2:] == ["batch", "result"]
    assert "batch" in kinds[: kinds.index("epoch")]


def test_as_a_job_it_looks_up_what_other_studies_found_and_says_how_much(workspace: Workspace) -> None:
    cache = {"directory": str(workspace.folder / ".ftsbuild/trials"), "context": "a" * 64}
    workspace.run_job(workspace.hpo, make_job(workspace, "hpo", trial_cache=cache, output="outputs/hpo/one"))
    more = {**EXTENT, "trials": 4}
    hpo, _ = write_scripts(workspace.folder, extent=more)
    done = workspace.run_job(hpo, make_job(workspace, "hpo", trial_cache=cache, output="outputs/hpo/two", extent=more))
    assert [event["cached"] for event in done.events if event["event"] == "trial_ended"] == [True, True, True, False]
    assert "Trials from the cache: 3 of 4\n" in done.said
    for event in done.events:
        jsonschema.validate(event, SCHEMAS["progress"])
    best = workspace.json("outputs/hpo/two/best_params.json")
    jsonschema.validate(best, SCHEMAS["best_params"])
    assert best["trials"] == {"expected": 4, "ended": 4, "complete": 4, "pruned": 0, "failed": 0, "cached": 3}


def test_the_same_study_by_hand_and_as_a_job_gives_the_same_numbers(workspace: Workspace) -> None:
    workspace.run(workspace.hpo)
    by_hand = workspace.json("outputs/hpo/tiny/best_params.json")
    workspace.run_job(workspace.hpo, make_job(workspace, "hpo", output="outputs/hpo/other"))
    as_job = workspace.json("outputs/hpo/other/best_params.json")
    for name in ("params", "value", "epoch", "trial", "param_count", "samples", "record"):
        assert by_hand[name] == as_job[name]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"params": {**STUDY, "context": 9}}, '"context" is 9 in the job and 8 in the script'),
        ({"params": {name: value for name, value in STUDY.items() if name != "subset"}}, '"subset"'),
        ({"extent": {"trials": 4, "timeout_hours": None}}, '"trials" is 4'),
        ({"identity": {**IDENTITY, "tier": "a20"}}, '"tier"'),
        ({"rule": "training"}, "rule training"),
    ],
)
def test_a_job_that_disagrees_with_its_script_is_refused(workspace: Workspace, changes: dict[str, Any], said: str) -> None:
    done = workspace.run_job(workspace.hpo, make_job(workspace, "hpo", **changes))
    assert done.status == 1
    assert said in done.said
    assert done.events[-1]["reason"] == "bad_input"
    assert not (workspace.folder / "outputs").exists()


def test_a_missing_data_file_is_refused_in_a_sentence(workspace: Workspace) -> None:
    (workspace.folder / "data/sample.parquet").unlink()
    done = workspace.run(workspace.hpo)
    assert done.status == 3
    assert "FAILED: the data file data/sample.parquet is missing" in done.said
    assert (workspace.rows()[0]["status"], workspace.rows()[0]["reason"]) == ("failed", "refused")


def test_too_little_data_is_refused_with_its_numbers(workspace: Workspace) -> None:
    hpo, _ = write_scripts(workspace.folder, study={**STUDY, "split.min_windows": 300})
    done = workspace.run(hpo)
    assert done.status == 3
    assert "val has 88 windows of 300" in done.said


@pytest.mark.parametrize(
    ("study", "said", "reason"),
    [
        ({**STUDY, "lerning_rate": 0.1}, 'did you mean "learning_rate"', "bad_input"),
        ({name: value for name, value in STUDY.items() if name != "grad_clip"}, '"grad_clip" is neither fixed nor searched', "bad_input"),
        (
            {**STUDY, "architecture": None, "d_model": 64, "n_layers": 2, "n_heads": 2, "ff_ratio": 2},
            "not within 50% of 1,000",
            "over_budget",
        ),
        ({**STUDY, "dropout": 1.5}, "dropout must be a number from 0 to below 1, not 1.5", "bad_input"),
        ({**STUDY, "split.validation_from": "2001-05-01"}, "", ""),
    ],
)
def test_what_cannot_be_right_in_a_record_fails_in_a_sentence(workspace: Workspace, study: dict[str, Any], said: str, reason: str) -> None:
    hpo, _ = write_scripts(workspace.folder, study=study)
    done = workspace.run(hpo)
    if not reason:  # inactive in this mode of split: consumed
        assert done.status == 0
        return
    assert done.status == 1
    assert "FAILED: " in done.said
    assert said in done.said
    assert workspace.rows()[0]["reason"] == reason


def spoil(workspace: Workspace, **changes: Any) -> None:
    path = workspace.folder / "outputs/hpo/tiny/best_params.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    best = {
        "schema_version": 1,
        "kind": "best_params",
        "key": None,
        "identity": IDENTITY,
        "status": "complete",
        "sources": [],
        "trials": {"ended": 31, "expected": 50},
    }
    best["params"] = {"d_model": 8, "n_layers": 2, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.001}
    path.write_text(json.dumps({**best, **changes}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"identity": {**IDENTITY, "experiment": "phase1_tiny_h3_threshold_1pct", "horizon": 3}},
            "belongs to 'phase1_tiny_h3_threshold_1pct'",
        ),
        ({"identity": {**IDENTITY, "data": "nasdaq"}}, "data 'nasdaq'"),
        ({"status": "partial"}, "partial study (31 of 50 trials)"),
        ({"status": "running"}, "status 'running'"),
        ({"params": {"learning_rate": 0.001}}, '"d_model" is missing'),
        ({"params": {"d_model": "64"}}, "d_model must be a whole number"),
        ({"params": {"depth": 3}}, 'unknown parameter "depth"'),
        ({"schema_version": 2}, "schema version 2"),
        ({"sources": [{"experiment": "other"}]}, "was made from ['other']"),
        ({"kind": "metrics"}, "no best-parameters file"),
    ],
)
def test_best_parameters_that_are_not_this_experiment_s_are_refused(workspace: Workspace, changes: dict[str, Any], said: str) -> None:
    spoil(workspace, **changes)
    done = workspace.run(workspace.train)
    assert done.status == 1
    assert said in done.said
    assert "outputs/hpo/tiny/best_params.json" in done.said
    assert not (workspace.folder / "outputs/training/tiny/seed1/checkpoints").exists()


def test_missing_and_broken_best_parameters_say_what_to_do(workspace: Workspace) -> None:
    assert "run the search of phase1_tiny_h1_threshold_1pct first" in workspace.run(workspace.train).said
    spoil(workspace)
    (workspace.folder / "outputs/hpo/tiny/best_params.json").write_text("{")
    assert "cannot be read" in workspace.run(workspace.train).said


def test_a_partial_study_is_taken_where_the_phase_accepts_it_and_explicit_values_win(workspace: Workspace) -> None:
    spoil(workspace, status="partial")
    _, train = write_scripts(workspace.folder, training={**TRAINING, "learning_rate": 0.003}, accept_partial=True, seeds=[1])
    assert workspace.run(train).status == 0
    metrics = workspace.json("outputs/training/tiny/seed1/metrics.json")
    assert metrics["hpo"]["status"] == "partial"
    assert metrics["params"]["learning_rate"] == 0.003


def test_without_a_search_the_record_is_all_and_no_best_parameters_are_read(workspace: Workspace) -> None:
    fixed = {"d_model": 8, "n_layers": 1, "n_heads": 2, "ff_ratio": 2, "learning_rate": 0.003}
    _, train = write_scripts(workspace.folder, training={**TRAINING, **fixed}, hpo_params_path=None, seeds=[1])
    (workspace.folder / "outputs/hpo/tiny/best_params.json").unlink(missing_ok=True)
    assert workspace.run(train).status == 0
    metrics = workspace.json("outputs/training/tiny/seed1/metrics.json")
    jsonschema.validate(metrics, SCHEMAS["metrics"])
    assert metrics["hpo"] is None
    assert {name: metrics["params"][name] for name in fixed} == fixed


def test_a_timed_out_study_is_partial_never_a_success(workspace: Workspace) -> None:
    workspace.run(workspace.hpo)
    hpo, _ = write_scripts(workspace.folder, extent={"trials": 9, "timeout_hours": 1e-7})
    done = workspace.run(hpo)
    assert done.status == 4
    assert "4 of 9 trials" in done.said
    best = workspace.json("outputs/hpo/tiny/best_params.json")
    jsonschema.validate(best, SCHEMAS["best_params"])
    assert (best["status"], best["trials"]["ended"], best["trials"]["expected"]) == ("partial", 4, 9)
    assert workspace.rows()[-1]["status"] == "partial"


def test_what_diverges_is_told_as_that_by_trials_results_and_rows(workspace: Workspace) -> None:
    study = {**STUDY, "search": {"learning_rate": {"kind": "log", "low": 1e20, "high": 1e30}}}
    hpo, _ = write_scripts(workspace.folder, study=study)
    searched = workspace.run_job(hpo, make_job(workspace, "hpo", params=study))
    assert searched.status == 1
    assert {event["reason"] for event in searched.events if event["event"] == "trial_ended"} == {"diverged"}
    assert (searched.events[-1]["status"], searched.events[-1]["reason"]) == ("failed", "diverged")
    spoil(workspace, params={"d_model": 8, "n_layers": 2, "n_heads": 2, "ff_ratio": 2, "learning_rate": 1e30})
    done = workspace.run(workspace.train)
    assert done.status == 1
    assert "FAILED: the loss diverged in epoch 1" in done.said
    assert [(row["status"], row["reason"]) for row in workspace.rows()] == [("failed", "diverged")] * 2


def slow_scripts(workspace: Workspace) -> tuple[Path, Path]:
    """Scripts that run for long enough to be stopped in between."""
    epochs = {"epochs": 8, "batch_size": 8}
    return write_scripts(
        workspace.folder, study={**STUDY, **epochs}, training={**TRAINING, **epochs}, seeds=[1], extent={"trials": 3, "timeout_hours": None}
    )


def stop_after(script: Path, line: str, number: signal.Signals) -> int:
    """Starts a script, waits for a line of its output, sends the signal and gives the exit status."""
    process = subprocess.Popen([sys.executable, str(script)], env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as output:
        for said in output:
            if said.startswith(line):
                process.send_signal(number)
                break
        output.read()
    return process.wait()


def numbers(metrics: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in metrics.items() if name not in ("duration_seconds", "provenance")}


def test_a_training_stopped_or_killed_and_run_again_gives_the_same_numbers(workspace: Workspace) -> None:
    spoil(workspace)
    _, train = slow_scripts(workspace)
    path = workspace.folder / "outputs/training/tiny/seed1/metrics.json"
    assert workspace.run(train).status == 0
    whole = workspace.json("outputs/training/tiny/seed1/metrics.json")
    path.unlink()
    path.parent.joinpath("checkpoints/last.pt").unlink()
    assert stop_after(train, "Epoch 3/", signal.SIGTERM) == 75
    assert not path.exists()
    assert workspace.rows()[-1]["status"] == "interrupted"
    assert stop_after(train, "Epoch 5/", signal.SIGKILL) == -9
    again = workspace.run(train)
    assert "Training resumed after epoch" in again.said
    assert numbers(workspace.json("outputs/training/tiny/seed1/metrics.json")) == numbers(whole)


def test_a_finished_training_starts_over_when_it_is_run_again(workspace: Workspace) -> None:
    spoil(workspace)
    _, train = write_scripts(workspace.folder, seeds=[1])
    workspace.run(train)
    assert "resumed" not in workspace.run(train).said


def test_a_study_killed_in_a_trial_goes_on_to_the_same_trials(workspace: Workspace) -> None:
    hpo, _ = slow_scripts(workspace)
    assert stop_after(hpo, "Trial 2/", signal.SIGKILL) == -9
    assert workspace.run(hpo).status == 0
    resumed = workspace.json("outputs/hpo/tiny/best_params.json")
    (workspace.folder / "outputs/hpo/tiny/study.db").unlink()
    workspace.run(hpo)
    assert numbers(workspace.json("outputs/hpo/tiny/best_params.json")) == numbers(resumed)


def test_when_the_engine_is_gone_a_job_stops_as_on_a_signal(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    path = workspace.folder / "job.json"
    path.write_text(json.dumps(make_job(workspace, "hpo")))
    monkeypatch.setenv("FTSBUILD_JOB", str(path))
    monkeypatch.setenv("FTSBUILD_PROGRESS_FD", str(writing))
    done = workspace.run(workspace.hpo)
    os.close(writing)
    assert done.status == 75
    assert "the engine is gone" in done.said


def test_importing_what_scripts_import_takes_no_heavy_package() -> None:
    code = "import sys, fts.scripts; print([name for name in ('torch', 'optuna', 'pandas', 'pyarrow', 'numpy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

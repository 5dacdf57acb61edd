"""What a study has computed is never lost to the database that refuses it, and what other programs put there is not taken for its own."""

import errno
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import pytest
from test_search import TRIALS, VALIDATION, WINDOWS, Watcher, lines, make_search, open_file, place_at, run

from fts import search as module
from fts.architecture import count_parameters
from fts.batches import WindowSet
from fts.control import Control
from fts.held import Patience
from fts.outcomes import BadInput
from fts.parameters import TrainConfig
from fts.search import Ended, Sources, run_search
from fts.seeds import mix
from fts.study import open_study
from fts.training import Follower
from fts.training_outcomes import Epoch, Interrupted, Pruned, Trained


@pytest.fixture(scope="module", autouse=True)
def trained() -> Iterator[list[TrainConfig]]:
    """Trainings that take no time, and give numbers that follow from the configuration. Each one is added to the list."""
    trained: list[TrainConfig] = []

    def train(config: TrainConfig, windows: WindowSet, validation: WindowSet, control: Control, follower: Follower) -> Trained | Pruned:
        trained.append(config)
        size, epochs = count_parameters(config.architecture, config.shape), []
        for number in range(1, config.epochs + 1):
            loss = 0.5 + mix(0, f"{config.learning_rate} {config.batch_size} {config.loss}", number) % 1000 / 10000
            epochs.append(Epoch(number, loss, loss, 0.5, 0.0))
            best = min(epochs, key=lambda epoch: epoch.val_loss)
            if not follower.epoch(epochs[-1]):
                return Pruned(best, tuple(epochs), size)
        return Trained(best, tuple(epochs), {}, size, "cpu")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "train", train)
        patch.setattr("fts.study.LOCK_SECONDS", 0.01)
        patch.setattr("fts.held.AGAIN_SECONDS", 0.05)
        yield trained


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, trained: list[TrainConfig]) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("whole")
    run(folder)
    return lines(folder)


def hold(folder: Path) -> sqlite3.Connection:
    other = sqlite3.connect(folder / "study.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def search_patiently(folder: Path, watcher: Watcher, patience: Patience) -> Any:
    file = open_file(folder, patience=patience)
    try:
        return run_search(make_search(), Sources(WINDOWS, VALIDATION), file, watcher.control, watcher.follower())
    finally:
        file.close()


def test_a_database_that_another_program_holds_is_waited_for_off_the_clock_and_said_once(
    whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    run(tmp_path, make_search(trials=TRIALS - 1))
    other, watcher = hold(tmp_path), Watcher()
    said: list[str] = []

    def say(message: str) -> None:
        said.append(message)
        threading.Timer(0.2, lambda: other.execute("ROLLBACK")).start()

    assert isinstance(search_patiently(tmp_path, watcher, Patience(watcher.control, say)), Ended)
    assert said == ["another program holds study.db; waiting until it lets go (no trial is lost)"]
    assert lines(tmp_path) == whole
    assert len(open_file(tmp_path).ended) == TRIALS


def test_stopped_while_it_waits_a_study_keeps_the_trial_and_trains_it_no_more(
    whole: list[dict[str, Any]], tmp_path: Path, trained: list[TrainConfig]
) -> None:
    run(tmp_path, make_search(trials=3))
    other, watcher = hold(tmp_path), Watcher()
    outcome = search_patiently(tmp_path, watcher, Patience(watcher.control, lambda _: watcher.control.stop.request("test")))
    assert isinstance(outcome, Interrupted)
    assert lines(tmp_path) == whole[:4]
    other.execute("ROLLBACK")
    before = len(trained)
    assert len(open_file(tmp_path).ended) == 3
    run(tmp_path)
    assert len(trained) - before <= TRIALS - 4
    assert lines(tmp_path) == whole
    assert [one.trial for one in open_file(tmp_path).ended] == list(range(TRIALS))


@pytest.mark.parametrize("damage", ["cut", "garbage", "gone", "torn page", "no tables", "another value"])
def test_a_database_that_is_lost_moves_away_and_the_study_is_what_its_lines_say(
    whole: list[dict[str, Any]], tmp_path: Path, trained: list[TrainConfig], damage: str
) -> None:
    run(tmp_path, make_search(trials=TRIALS - 1))
    told: list[str] = []
    path, before = tmp_path / "study.db", len(trained)
    content = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "garbage":
            path.write_bytes(b"not a database, but long enough to be looked at" * 10)
        case "gone":
            path.unlink()
        case "torn page":
            path.write_bytes(content[:8192] + bytes(4096) + content[12288:])
        case "no tables":
            with sqlite3.connect(path) as database:
                database.execute("DROP TABLE trial_values")
            database.close()
        case "another value":
            with sqlite3.connect(path) as database:
                database.execute("UPDATE trial_values SET value = 0.1 WHERE trial_id = 2")
            database.close()
    watcher = Watcher()
    assert isinstance(search_patiently(tmp_path, watcher, Patience(watcher.control, told.append)), Ended)
    assert lines(tmp_path) == whole
    assert len(trained) - before <= 1
    if damage == "gone":
        assert told == []
        return
    assert told == [
        "study.db cannot be read, and was moved to .ftsbuild/kept/unreadable-aaaaaaaaaaaa/study.db; "
        "the study begins anew with the trials that are known"
    ]
    assert (tmp_path / ".ftsbuild/kept/unreadable-aaaaaaaaaaaa/study.db").exists()


def test_a_database_moves_away_from_another_disk_as_well(
    whole: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, make_search(trials=2))
    (tmp_path / "study.db").write_bytes(b"not a database, but long enough to be looked at" * 10)

    def rename(real: Callable[..., None], source: Any, target: Any) -> None:
        if str(source).endswith("study.db"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        real(source, target)

    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, partial(rename, getattr(os, name)))
    run(tmp_path)
    assert lines(tmp_path) == whole
    assert (tmp_path / ".ftsbuild/kept/unreadable-aaaaaaaaaaaa/study.db").read_bytes().startswith(b"not a database")


def test_lines_of_another_study_or_of_none_are_not_taken_where_the_database_is_lost(tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=2))
    (tmp_path / "study.db").unlink()
    path = tmp_path / "trials.jsonl"
    for study in ("b" * 16, None):
        plain = [json.loads(line) for line in path.read_text().splitlines()]
        path.write_text("".join(json.dumps({**line, "study": study}) + "\n" for line in plain))
        kept = path.read_text()
        file = open_file(tmp_path)
        assert file.recorded(0, plain[0]["params"] if plain else {}) is None
        file.close()
        (tmp_path / "study.db").unlink()
        path.write_text(kept)


def test_where_lines_and_database_differ_the_database_is_right(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=3))
    path = tmp_path / "trials.jsonl"
    path.write_text(path.read_text().replace('"value": 0.', '"value": 1.'))
    run(tmp_path)
    assert lines(tmp_path) == whole


def test_a_disk_that_forbids_is_told_and_nothing_is_moved(tmp_path: Path) -> None:
    (tmp_path / "study.db").mkdir()
    refused = open_study(place_at(tmp_path), Patience(Control()))
    assert isinstance(refused, BadInput)
    assert "unable to open database file" in refused.message
    assert (tmp_path / "study.db").exists()


def test_a_finished_trial_that_another_program_added_is_not_ours(whole: list[dict[str, Any]], tmp_path: Path) -> None:
    run(tmp_path, make_search(trials=3))
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    study = optuna.load_study(study_name="tiny", storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))
    study.add_trial(optuna.trial.create_trial(value=0.0))
    optuna.create_study(storage=storage, study_name="somebody's").add_trial(optuna.trial.create_trial(value=0.0))
    storage.engine.dispose()
    run(tmp_path)
    assert lines(tmp_path) == whole


def test_a_study_bears_the_experiment_s_name_also_one_that_an_earlier_version_or_another_experiment_began(
    whole: list[dict[str, Any]], tmp_path: Path
) -> None:
    run(tmp_path, make_search(trials=3))
    for earlier in ("study", "another"):
        with sqlite3.connect(tmp_path / "study.db") as database:
            database.execute("UPDATE studies SET study_name = ?", (earlier,))
        database.close()
        file = open_file(tmp_path)
        assert len(file.ended) == 3
        file.close()
        assert optuna.get_all_study_names(f"sqlite:///{tmp_path / 'study.db'}") == ["tiny"]
    run(tmp_path)
    assert lines(tmp_path) == whole

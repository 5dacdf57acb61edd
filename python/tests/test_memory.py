"""The memory that a training takes is known before it is tried; one without room is left out, and counts as ended."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import CONFIG
from test_search import HARD, VALIDATION, WINDOWS, Watcher, make_record, make_search, open_file

from fts.architecture import Architecture, InputShape
from fts.control import Control
from fts.memory import estimate_bytes, free_bytes
from fts.progress import Progress
from fts.search import Ended, Sources, run_search
from fts.stop import Stop
from fts.training import Follower, train
from fts.training_outcomes import Trained

ANSWERS = json.loads((Path(__file__).parent / "memory-answers.json").read_text("utf-8"))


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"d{answer['d_model']}")
def test_the_estimate_is_the_engines(answer: dict[str, Any]) -> None:
    config = replace(
        CONFIG,
        architecture=Architecture(answer["d_model"], answer["n_layers"], answer["n_heads"], answer["ff_ratio"]),
        shape=InputShape(answer["features"], answer["context"], answer["patch_length"], answer["patch_stride"]),
        batch_size=answer["batch_size"],
        precision=answer["precision"],
    )
    assert estimate_bytes(config, "cpu") == answer["bytes"]


def system(folder: Path, limit: str | None = None) -> Path:
    group = folder / "sys/fs/cgroup/jobs/one"
    group.mkdir(parents=True)
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/meminfo").write_text("MemTotal:       9000 kB\nMemFree:         100 kB\nMemAvailable:    5000 kB\n")
    (folder / "proc/self/cgroup").write_text("0::/jobs/one\n")
    if limit is not None:
        (group / "memory.max").write_text(f"{limit}\n")
        (group / "memory.current").write_text("1000000\n")
        (group / "memory.stat").write_text("anon 5\ninactive_file 400000\n")
    return folder


def test_free_memory_is_what_the_system_calls_available(tmp_path: Path) -> None:
    assert free_bytes("cpu", system(tmp_path)) == 5000 * 1024


def test_a_control_group_may_leave_less(tmp_path: Path) -> None:
    assert free_bytes("cpu", system(tmp_path, "2000000")) == 1_400_000


def test_a_control_group_without_a_limit_leaves_all(tmp_path: Path) -> None:
    assert free_bytes("cpu", system(tmp_path, "max")) == 5000 * 1024


def test_a_trial_without_room_is_not_tried_and_counts_as_ended(tmp_path: Path) -> None:
    watcher, file = Watcher(), open_file(tmp_path)
    sources = Sources(WINDOWS, VALIDATION, has_room=lambda config: config.batch_size <= 48)
    ended = run_search(make_search(trials=8), sources, file, watcher.control, watcher.follower())
    file.close()
    left_out = [one for one in watcher.ended if one.reason == "too_large"]
    assert isinstance(ended, Ended)
    assert len(watcher.ended) == 8
    assert left_out
    assert len(left_out) < 8
    assert all(one.params["batch_size"] == 64 and one.state == "failed" and one.epochs == [] for one in left_out)
    assert all(one.params["batch_size"] <= 48 for one in watcher.ended if one.state == "complete")


def test_a_study_goes_on_after_trials_without_room(tmp_path: Path) -> None:
    """What is counted seeds the next draw: the same configuration does not come again for ever."""
    whole, pieces = Watcher(), []
    sources = Sources(WINDOWS, VALIDATION, has_room=lambda config: config.batch_size <= 48)
    for folder, targets in (("whole", [6]), ("pieces", [2, 4, 6])):
        for trials in targets:
            watcher, file = Watcher(), open_file(tmp_path / folder)
            run_search(make_search(make_record(**HARD), trials), sources, file, watcher.control, watcher.follower())
            file.close()
            if folder == "whole":
                whole = watcher
            else:
                pieces += watcher.ended
    assert [(one.params, one.state, one.reason) for one in pieces] == [(one.params, one.state, one.reason) for one in whole.ended]


def test_a_life_sign_comes_after_every_batch_learnt_or_evaluated() -> None:
    batches = 0

    def beat() -> None:
        nonlocal batches
        batches += 1

    trained = train(CONFIG, WINDOWS, VALIDATION, Control(), Follower(batch=beat))
    assert isinstance(trained, Trained)
    learnt, evaluated = -(-120 // CONFIG.batch_size), -(-60 // (4 * CONFIG.batch_size))
    assert batches == CONFIG.epochs * (learnt + evaluated)


def test_life_signs_are_said_at_most_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("fts.progress.time.monotonic", lambda: now)
    reader, writer = os.pipe()
    with Progress({"FTSBUILD_PROGRESS_FD": str(writer)}, Stop(), None) as progress:
        for _ in range(25):
            now += 1
            progress.beat()
    os.close(writer)
    with os.fdopen(reader) as said:
        assert said.read() == '{"event": "batch"}\n' * 2

"""A pause changes nothing but the time; a stop by the control file is a stop by signal, and heat is an end of its own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch
from samples import CONFIG, EXTENT, STUDY, TRAINING, config, environment, make_windows, write_scripts
from test_scripts import SCHEMAS, Workspace, make_job, numbers, spoil, workspace  # noqa: F401 -- a fixture
from test_search import make_search, open_file

from fts.control import Control
from fts.search import Ended, SearchFollower, Sources, run_search
from fts.stop import HEAT, Stop
from fts.training import Follower, train
from fts.training_outcomes import Epoch, Interrupted, Trained

WINDOWS, VALIDATION = make_windows(400, 0), make_windows(80, 1)
SLOW = config(epochs=6, batch_size=4)


def say(file: Path, word: str) -> None:
    """As the engine does it: beside, then renamed."""
    beside = file.with_name("beside")
    beside.write_text(f"{word}\n")
    beside.replace(file)


class Engine:
    """Listens to a run, and pauses it from another thread, again and again."""

    def __init__(self, file: Path, pauses: int) -> None:
        self.file = file
        self.pauses = pauses
        self.events: list[tuple[str, dict[str, float]]] = []
        self._news = threading.Semaphore(0)

    def emit(self, event: str, **fields: float) -> None:
        self.events.append((event, fields))
        self._news.release()

    def check_listener(self) -> None:
        pass

    @contextmanager
    def pausing(self) -> Iterator[None]:
        thread = threading.Thread(target=self._pause)
        thread.start()
        yield
        thread.join()

    def _pause(self) -> None:
        for _ in range(self.pauses):
            say(self.file, "pause")
            assert self._news.acquire(timeout=60), "no pause"
            time.sleep(0.25)
            say(self.file, "run")
            assert self._news.acquire(timeout=60), "no end of the pause"
            time.sleep(0.05)


def run_paused(folder: Path, pauses: int, work: Any) -> tuple[Any, Engine]:
    engine = Engine(folder / "control", pauses)
    with engine.pausing():
        outcome = work(Control(Stop(), engine.file, engine))
    assert [event for event, _ in engine.events] == ["paused", "resumed"] * pauses
    assert all(fields["seconds"] >= 0.2 for event, fields in engine.events if event == "resumed")
    return outcome, engine


def test_a_training_paused_in_mid_epoch_gives_the_same_bits_and_the_pauses_are_no_run_time(tmp_path: Path) -> None:
    def work(control: Control) -> Trained:
        outcome = train(SLOW, WINDOWS, VALIDATION, control, Follower())
        assert isinstance(outcome, Trained)
        return outcome

    started = time.perf_counter()
    whole = work(Control())
    undisturbed = time.perf_counter() - started
    started = time.perf_counter()
    paused, engine = run_paused(tmp_path, 4, work)
    wall = time.perf_counter() - started
    assert all(torch.equal(whole.weights[name], paused.weights[name]) for name in whole.weights)
    assert [without_time(epoch) for epoch in whole.epochs] == [without_time(epoch) for epoch in paused.epochs]
    waited = sum(fields.get("seconds", 0.0) for _, fields in engine.events)
    assert sum(epoch.seconds for epoch in paused.epochs) <= wall - waited
    assert undisturbed > 0


def without_time(epoch: Epoch) -> dict[str, Any]:
    return {name: value for name, value in asdict(epoch).items() if name != "seconds"}


def test_a_search_paused_in_its_trials_gives_the_same_trials(tmp_path: Path) -> None:
    def work_in(folder: Path) -> Any:
        def work(control: Control) -> Any:
            file = open_file(folder)
            try:
                follower = SearchFollower(lambda *_: None, lambda *_: None, lambda *_: None)
                outcome = run_search(make_search(trials=7), Sources(WINDOWS, VALIDATION), file, control, follower)
                assert isinstance(outcome, Ended)
                return [{**asdict(ended), "seconds": None} for ended in file.ended], outcome
            finally:
                file.close()

        return work

    whole, _ = work_in(tmp_path / "whole")(Control())
    started = time.perf_counter()
    (paused, outcome), engine = run_paused(tmp_path, 3, work_in(tmp_path / "paused"))
    wall = time.perf_counter() - started
    assert paused == whole
    assert outcome.duration_seconds <= wall - sum(fields.get("seconds", 0.0) for _, fields in engine.events)


def test_a_pause_does_not_count_against_a_study_s_timeout(tmp_path: Path) -> None:
    ended: list[int] = []
    engine = Engine(tmp_path / "control", 0)
    say(engine.file, "pause")
    threading.Timer(2.5, say, (engine.file, "run")).start()
    file = open_file(tmp_path / "study")
    try:
        follower = SearchFollower(lambda *_: None, lambda *_: None, lambda one, _: ended.append(one.trial))
        search = make_search(trials=2, hours=2.2 / 3600)
        outcome = run_search(search, Sources(WINDOWS, VALIDATION), file, Control(Stop(), engine.file, engine), follower)
    finally:
        file.close()
    assert isinstance(outcome, Ended)
    assert (outcome.timed_out, ended) == (False, [0, 1])


@pytest.mark.parametrize(("word", "reason"), [("stop", "asked by the engine"), ("stop heat", HEAT)])
@pytest.mark.parametrize("paused", [False, True])
def test_a_stop_ends_it_at_once_paused_or_not(tmp_path: Path, word: str, reason: str, paused: bool) -> None:
    engine = Engine(tmp_path / "control", 0)
    say(engine.file, "pause" if paused else word)
    threading.Timer(0.3, say, (engine.file, word)).start()
    assert train(CONFIG, WINDOWS, VALIDATION, Control(Stop(), engine.file, engine), Follower()) == Interrupted(0, reason)
    assert [event for event, _ in engine.events] == (["paused"] if paused else [])


def test_heat_is_the_reason_also_where_a_signal_came_before_the_next_batch(tmp_path: Path) -> None:
    control = Control(Stop(), tmp_path / "control")
    assert control.may_go_on()
    say(tmp_path / "control", "stop heat")
    control.stop.request("SIGTERM")
    assert not control.may_go_on()
    assert control.reason == HEAT


def test_no_file_is_run_and_what_is_no_word_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "control"
    control = Control(Stop(), file)
    assert control.may_go_on()
    say(file, "explode")
    assert control.may_go_on()
    file.write_bytes(b"\xff\xff\xff")
    assert control.may_go_on()
    say(file, "run")
    assert control.may_go_on()
    say(file, "stop")
    assert not control.may_go_on()


def test_a_pause_ends_where_its_file_is_gone(tmp_path: Path) -> None:
    engine = Engine(tmp_path / "control", 0)
    say(engine.file, "pause")
    threading.Timer(0.3, engine.file.unlink).start()
    assert Control(Stop(), engine.file, engine).may_go_on()
    assert [event for event, _ in engine.events] == ["paused", "resumed"]


class Child:
    """A script as a job in a process of its own, with an engine that reads its progress."""

    def __init__(self, workspace: Workspace, script: Path, rule: str, **changes: Any) -> None:  # noqa: F811
        self.control = workspace.folder / "control"
        job = workspace.folder / "job.json"
        job.write_text(json.dumps(make_job(workspace, rule, control=str(self.control), **changes)))
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            env=environment(FTSBUILD_JOB=str(job), FTSBUILD_PROGRESS_FD=str(writing)),
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
        )
        os.close(writing)
        self.progress = os.fdopen(reading, "rb")
        self.events: list[dict[str, Any]] = []

    def until(self, event: str) -> None:
        """Reads up to an event of this kind, or to the end."""
        for line in self.progress:
            self.events.append(json.loads(line))
            jsonschema.validate(self.events[-1], SCHEMAS["progress"])
            if self.events[-1]["event"] == event:
                return

    def end(self) -> int:
        self.until("")
        self.progress.close()
        return self.process.wait()


@pytest.fixture
def slow(workspace: Workspace) -> Workspace:  # noqa: F811
    spoil(workspace)
    workspace.hpo, workspace.train = write_scripts(
        workspace.folder, study={**STUDY, **LONG}, training={**TRAINING, **LONG}, extent={**EXTENT, "trials": 3}
    )
    return workspace


LONG = {"epochs": 6, "batch_size": 8}


def test_a_job_pauses_within_a_second_uses_no_cpu_and_gives_the_same_metrics(slow: Workspace) -> None:
    whole = slow.run_job(slow.train, make_job(slow, "training", params={**TRAINING, **LONG}, output="outputs/whole"))
    assert whole.status == 0
    child = Child(slow, slow.train, "training", params={**TRAINING, **LONG}, output="outputs/paused")
    child.until("epoch")
    for _ in range(2):
        asked = time.perf_counter()
        say(child.control, "pause")
        child.until("paused")
        assert time.perf_counter() - asked < 5, "the machine may be busy, but not for that long"
        before = cpu_seconds(child.process.pid)
        time.sleep(1.5)
        assert cpu_seconds(child.process.pid) - before <= 0.05
        say(child.control, "run")
        child.until("resumed")
    assert child.end() == 0
    assert numbers(slow.json("outputs/paused/metrics.json")) == numbers(slow.json("outputs/whole/metrics.json"))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT])
def test_what_warns_of_an_end_asks_for_a_stop(number: signal.Signals) -> None:
    with Stop() as stop:
        signal.raise_signal(number)
        assert stop.reason == number.name


@pytest.mark.parametrize("how", ["SIGTERM", "the engine is gone"])
def test_a_paused_job_ends_at_once_on_a_signal_and_when_the_engine_is_gone(slow: Workspace, how: str) -> None:
    child = Child(slow, slow.hpo, "hpo", params={**STUDY, **LONG}, extent={**EXTENT, "trials": 3})
    child.until("trial_ended")
    say(child.control, "pause")
    child.until("paused")
    asked = time.perf_counter()
    if how == "SIGTERM":
        child.process.send_signal(signal.SIGTERM)
        assert child.end() == 75
        assert (child.events[-1]["status"], child.events[-1]["reason"]) == ("interrupted", "signal")
    else:
        child.progress.close()
        assert child.process.wait() == 75
    assert time.perf_counter() - asked < 30, "on a busy machine a process needs seconds to end"


def test_a_job_stopped_for_heat_saves_says_so_and_goes_on_to_the_same_metrics(slow: Workspace) -> None:
    params = {**TRAINING, **LONG}
    assert slow.run_job(slow.train, make_job(slow, "training", params=params, output="outputs/whole")).status == 0
    child = Child(slow, slow.train, "training", params=params, output="outputs/stopped")
    child.until("epoch")
    say(child.control, "stop heat")
    assert child.end() == 75
    assert (child.events[-1]["status"], child.events[-1]["reason"]) == ("thermal_abort", "heat")
    child.control.unlink()
    again = slow.run_job(slow.train, make_job(slow, "training", params=params, output="outputs/stopped"))
    assert "Training resumed after epoch" in again.said
    assert numbers(slow.json("outputs/stopped/metrics.json")) == numbers(slow.json("outputs/whole/metrics.json"))


def test_a_study_stopped_for_heat_keeps_its_trials(slow: Workspace) -> None:
    child = Child(slow, slow.hpo, "hpo", params={**STUDY, **LONG}, extent={**EXTENT, "trials": 3})
    child.until("trial_ended")
    say(child.control, "stop heat")
    assert child.end() == 75
    assert child.events[-1]["status"] == "thermal_abort"
    lines = (slow.folder / "outputs/hpo/tiny/trials.jsonl").read_text().splitlines()
    assert 1 <= len(lines) < 3

"""Heat by hand: when a run starts, waits, pauses and stops, by temperature traces through a file as sensor."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from samples import RECIPE, TRAINING, write_scripts
from test_scripts import Workspace, numbers, spoil, workspace  # noqa: F401 -- a fixture

from fts.control import Control
from fts.heat import HandHeat, Thermal, read_thermal
from fts.outcomes import BadInput, Refused
from fts.sensor import Standstill
from fts.stop import HEAT, Stop

QUICK = {"sample": 0.01, "max_wait": 20.0}


class Room:
    """A run by hand whose sensor says one reading after the other, and the last one for ever."""

    def __init__(self, folder: Path, readings: Sequence[float | str], **thermal: Any) -> None:
        self.said: list[str] = []
        self.stop = Stop()
        left = folder / "left"
        left.write_text("".join(f"{reading}\n" for reading in readings))
        take = "head -n 1 left; if [ $(wc -l < left) -gt 1 ]; then tail -n +2 left > rest; mv rest left; fi"
        self.heat = HandHeat(Thermal(**{**QUICK, "sensor": f"command:{take}", **thermal}), folder, self.stop, self.said.append)

    def look(self) -> bool:
        """Whether the run goes on."""
        time.sleep(0.02)
        return Control(self.stop, watch=self.heat).may_begin()

    def heard(self, text: str) -> int:
        return sum(text in line for line in self.said)


@pytest.mark.parametrize(
    ("degrees", "state"), [(54, "normal"), (69.9, "normal"), (70, "acceptable"), (84.9, "acceptable")], ids=lambda value: str(value)
)
def test_below_the_warning_it_starts_and_says_how_warm_it_is(tmp_path: Path, degrees: float, state: str) -> None:
    (tmp_path / "heat").write_text(f"{degrees}\n")
    room = Room(tmp_path, [], sensor="file:heat")
    assert room.heat.start() is None
    assert room.said == [f"Thermal: {degrees:g} C ({state}, file heat)"]
    assert room.heat.hottest == (degrees, state)


def test_at_a_warning_the_start_waits_until_below_resume_and_says_what_helps(tmp_path: Path) -> None:
    room = Room(tmp_path, [85, 84, 80, 79.5])
    assert room.heat.start() is None
    assert room.heard("85 C (warning") == 2
    assert room.heard("waiting until below 80 C, at most 20 s. What helps: wait; a smaller batch; fewer threads") == 1
    assert room.heard("79.5 C (acceptable") == 1
    assert room.heat.hottest == (85, "warning")


def test_at_critical_it_refuses_to_start_and_one_slip_is_not_critical(tmp_path: Path) -> None:
    refused = Room(tmp_path, [95, 96]).heat.start()
    assert isinstance(refused, Refused)
    assert "96 C (critical" in refused.message
    assert Room(tmp_path, [95, 60]).heat.start() is None


def test_a_start_that_waits_too_long_is_given_up(tmp_path: Path) -> None:
    refused = Room(tmp_path, [90], max_wait=0.1).heat.start()
    assert isinstance(refused, Refused)
    assert "after 0.1 s of waiting" in refused.message


@pytest.mark.parametrize("reading", ["0", "", "warm", "-21", "151", "nan"])
def test_a_failed_reading_is_unknown_and_no_number(tmp_path: Path, reading: str) -> None:
    room = Room(tmp_path, [reading])
    assert room.heat.start() is None
    assert room.said[0].startswith("Thermal: unknown (")
    assert room.heat.hottest == (None, "unknown")
    refused = Room(tmp_path, [reading], unknown="refuse").heat.start()
    assert isinstance(refused, Refused)
    assert "thermal.unknown is refuse" in refused.message


def test_one_failed_reading_refuses_nothing(tmp_path: Path) -> None:
    assert Room(tmp_path, ["", 60], unknown="refuse").heat.start() is None


@pytest.mark.parametrize(
    ("readings", "waits", "goes_on"),
    [
        ([84, 60], 0, True),
        ([90, 84], 0, True),  # one slip
        ([85, 85, 82, 79], 1, True),
        ([90, 90, "", "", 60], 1, True),  # unknown cools nothing
        ([96, 84], 0, True),
        ([96, 96], 0, False),
        ([96, 90, 96, 79], 1, True),  # two in a row
        ([88, 88, 95, 95], 1, False),
        (["", ""], 0, True),
    ],
    ids=lambda value: str(value),
)
def test_during_a_run_two_readings_decide(tmp_path: Path, readings: list[float | str], waits: int, goes_on: bool) -> None:
    room = Room(tmp_path, readings)
    assert room.look() == goes_on
    assert room.heard("waiting until") == waits
    assert room.stop.reason == (None if goes_on else HEAT)


def test_during_a_run_without_readings_a_study_that_refuses_waits_for_one(tmp_path: Path) -> None:
    room = Room(tmp_path, ["", "", "", 60], unknown="refuse")
    assert room.look()
    assert room.heard("waiting until") == 1
    assert not Room(tmp_path, [""], unknown="refuse", max_wait=0.1).look()


def test_a_pause_that_lasts_too_long_is_an_abort(tmp_path: Path) -> None:
    room = Room(tmp_path, [90], max_wait=0.1)
    assert not room.look()
    assert room.heard("saving and stopping") == 1


def test_where_the_temperature_is_unknown_no_advice_is_given_about_heat(tmp_path: Path) -> None:
    dark = Room(tmp_path, [""], unknown="refuse", max_wait=0.1)
    refused = dark.heat.start()
    assert isinstance(refused, Refused)
    assert not dark.look()
    said = [refused.message, *dark.said[1:]]
    assert len(said) == 3
    for line in said:
        assert line.endswith("What helps: a sensor that answers (thermal.sensor), or thermal.unknown: warn")


def test_a_signal_ends_the_waiting(tmp_path: Path) -> None:
    (tmp_path / "heat").write_text("90\n")
    stop = Stop()
    heat = HandHeat(Thermal(sample=30, sensor="file:heat"), tmp_path, stop, lambda _: stop.request("SIGTERM"))
    started = time.monotonic()
    assert heat.start() is None
    assert time.monotonic() - started < 10


def test_waiting_for_the_machine_to_cool_is_no_run_time(tmp_path: Path) -> None:
    room = Room(tmp_path, [90, 90, 90, 90, 60], sample=0.1)
    control = Control(room.stop, watch=room.heat)
    before, started = control.clock(), time.perf_counter()
    assert control.may_begin()
    assert control.clock() - before < time.perf_counter() - started - 0.3


def test_readings_are_not_closer_than_a_sample(tmp_path: Path) -> None:
    room = Room(tmp_path, [60, 96], sample=30.0)
    assert all(room.look() for _ in range(3))
    assert room.heat.hottest == (60, "normal")


@pytest.mark.parametrize(
    ("thermal", "said"),
    [
        ({"warm": 3}, "unknown parameter"),
        ({"warn": "hot"}, "warn must be a number > 0, not 'hot'"),
        ({"resume": 90}, "must rise"),
        ({"resume": 85}, "must rise"),
        ({"acceptable": 80}, "must rise"),
        ({"warn": 95}, "must rise"),
        ({"unknown": "hope"}, "warn or refuse"),
        ({"sample": 0}, "sample must be a number > 0"),
        ({"sample": 0.05}, "sample must be from 0.1 to 2073600 seconds, not 0.05"),
        ({"sample": 2_592_000}, "sample must be from 0.1 to 2073600 seconds"),
        ({"max_wait": 0}, "max_wait must be a number > 0"),
        ({"max_wait": float("inf")}, "max_wait must be from 0.001 to 3153600000 seconds"),
        ({"sensor": "thumb"}, "auto, file:PATH or command:LINE"),
    ],
)
def test_thresholds_that_cannot_be_right_fail_in_a_sentence(thermal: dict[str, Any], said: str) -> None:
    wrong = read_thermal(thermal)
    assert isinstance(wrong, BadInput)
    assert said in wrong.message


@pytest.fixture
def quick_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """An epoch of a tiny model takes less than the shortest time between two readings."""
    monkeypatch.setattr("fts.heat.SAMPLE", (0.0, 1.0))


def scripts_at(workspace: Workspace, degrees: float, **thermal: Any) -> None:  # noqa: F811
    (workspace.folder / "heat").write_text(f"{degrees}\n")
    spoil(workspace)
    given = {**QUICK, "sensor": "file:heat", "max_wait": 0.05, **thermal}
    workspace.hpo, workspace.train = write_scripts(workspace.folder, training={**TRAINING, **RECIPE, "epochs": 4}, thermal=given, seeds=[1])


@pytest.mark.usefixtures("quick_samples")
def test_by_hand_a_script_records_the_maximum(workspace: Workspace) -> None:  # noqa: F811
    scripts_at(workspace, 72.5)
    done = workspace.run(workspace.train)
    assert done.status == 0
    assert "Thermal: 72.5 C (acceptable, file heat)\n" in done.said
    assert (workspace.rows()[0]["thermal_max_temp"], workspace.rows()[0]["thermal_state"]) == ("72.5", "acceptable")


@pytest.mark.usefixtures("quick_samples")
@pytest.mark.parametrize("degrees", [90, 97])
def test_by_hand_a_script_refuses_to_start_where_it_is_too_hot(workspace: Workspace, degrees: float) -> None:  # noqa: F811
    scripts_at(workspace, degrees)
    done = workspace.run(workspace.train)
    assert done.status == 3
    assert "FAILED: not started" in done.said
    row = workspace.rows()[0]
    assert (row["status"], row["reason"], row["thermal_max_temp"]) == ("failed", "heat", str(float(degrees)))
    assert not (workspace.folder / "outputs/training").joinpath("tiny/seed1/checkpoints").exists()


@pytest.mark.usefixtures("quick_samples")
def test_by_hand_a_training_that_gets_too_hot_saves_stops_and_goes_on_to_the_same_metrics(workspace: Workspace) -> None:  # noqa: F811
    scripts_at(workspace, 60)
    assert workspace.run(workspace.train).status == 0
    folder = workspace.folder / "outputs/training/tiny/seed1"
    whole = workspace.json("outputs/training/tiny/seed1/metrics.json")
    for file in (folder / "metrics.json", folder / "checkpoints/last.pt"):
        file.unlink()
    # The machine is cool for the start and the first epoch, then it is not.
    cool = "command:echo x >> asked; if [ $(wc -l < asked) -gt 2 ]; then echo 97; else echo 60; fi"
    scripts_at(workspace, 60, sensor=cool, sample=0.001)
    done = workspace.run(workspace.train)
    assert done.status == 75
    assert "FAILED: stopped because of the heat after epoch 1; run again to go on" in done.said
    row = workspace.rows()[-1]
    assert (row["status"], row["reason"], row["thermal_max_temp"], row["thermal_state"]) == ("thermal_abort", "heat", "97.0", "critical")
    scripts_at(workspace, 60)
    assert "Training resumed after epoch 1" in workspace.run(workspace.train).said
    assert numbers(workspace.json("outputs/training/tiny/seed1/metrics.json")) == numbers(whole)


@pytest.mark.usefixtures("quick_samples")
def test_by_hand_a_search_that_gets_too_hot_keeps_its_trials(workspace: Workspace) -> None:  # noqa: F811
    scripts_at(workspace, 60, sensor="command:if [ -s outputs/hpo/tiny/trials.jsonl ]; then echo 97; else echo 60; fi", sample=0.001)
    done = workspace.run(workspace.hpo)
    assert done.status == 75
    assert "stopped because of the heat after 1 of 3 trials" in done.said
    assert len((workspace.folder / "outputs/hpo/tiny/trials.jsonl").read_text().splitlines()) == 1
    scripts_at(workspace, 60)
    assert "Study resumed: 1 of 3 trials" in workspace.run(workspace.hpo).said


def test_a_reading_that_stands_still_under_load_is_unknown_and_a_hot_one_goes_on_acting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Standstill, "FINE_SECONDS", 0.0)
    cool = Room(tmp_path, [54.3], unknown="refuse", max_wait=0.05)
    assert [cool.look() for _ in range(5)] == [True] * 4 + [False]
    assert cool.heard("frozen: it stands still at 54.3 degrees under load")
    hot = Room(tmp_path, [54.3, 54.4, 54.3, 54.4, 91.3], max_wait=0.05)
    assert [hot.look() for _ in range(4)] == [True] * 4
    assert not hot.look()
    assert hot.heard("91.3 C (warning")
    assert not hot.heard("frozen")

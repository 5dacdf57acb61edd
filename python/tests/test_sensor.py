"""Temperatures from recorded machines, the same ones that the engine's sensors are tested on."""

import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from fts.sensor import SECONDS, Pressure, Reading, Standstill, Unknown, is_plausible, read_temperature

SHARED = Path(__file__).resolve().parents[2] / "tests/recorded"
RECORDED = json.loads((SHARED / "sensors.json").read_text("utf-8"))
STANDING = json.loads((SHARED / "still.json").read_text("utf-8"))
DEGREES = json.loads((SHARED / "degrees.json").read_text("utf-8"))


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, but for the shell and its tools."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def put_program(folder: Path, name: str, says: str) -> None:
    (folder / f"{name}.txt").write_text(says)
    program = folder / name
    program.write_text(f"#!/bin/sh\nexec /bin/cat '{folder}/{name}.txt'\n")
    program.chmod(0o755)


# systeminformation is the engine's last resort only.
@pytest.mark.parametrize("machine", [one for one in RECORDED if one["information"] is None], ids=lambda one: one["name"])
def test_recorded(machine: dict[str, Any], tmp_path: Path, no_programs: Path) -> None:
    for path, content in machine["files"].items():
        file = tmp_path / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    for name, says in machine["programs"].items():
        put_program(no_programs, name, says)
    found = read_temperature("auto", tmp_path, tmp_path / "sys/class", machine["platform"])
    match found:
        case Reading():
            assert {"celsius": found.celsius, "source": found.source} == machine["expects"]
        case Pressure():
            assert {"level": found.level, "source": found.source} == machine["expects"]
        case Unknown():
            assert machine["expects"] is None
            assert found.why


def test_without_any_sensor_it_says_so(tmp_path: Path, no_programs: Path) -> None:
    assert read_temperature("auto", tmp_path, tmp_path) == Unknown("no sensor")


def test_a_file_or_a_command_that_a_study_names_is_the_only_sensor(tmp_path: Path) -> None:
    assert read_temperature("file:heat.txt", tmp_path) == Unknown("file heat.txt: no answer")
    (tmp_path / "heat.txt").write_text("45.5 C\n")
    assert read_temperature("file:heat.txt", tmp_path) == Reading(45.5, "file heat.txt")
    assert read_temperature("command:cut -c1-2 heat.txt | tr 4 6", tmp_path) == Reading(65, "command cut -c1-2 heat.txt | tr 4 6")
    (tmp_path / "heat.txt").write_text("warm\n")
    assert isinstance(read_temperature("file:heat.txt", tmp_path), Unknown)
    assert isinstance(read_temperature("command:echo 50; exit 3", tmp_path), Unknown)


@pytest.mark.parametrize("case", DEGREES, ids=lambda case: repr(case["text"]))
def test_a_number_of_degrees_is_written_as_for_the_engine(tmp_path: Path, case: dict[str, Any]) -> None:
    (tmp_path / "heat").write_bytes(case["text"].encode())
    for sensor in ("file:heat", "command:cat heat"):
        found = read_temperature(sensor, tmp_path)
        assert (found.celsius if isinstance(found, Reading) else None) == case["celsius"]


def test_a_program_that_hangs_is_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fts.sensor.SECONDS", 0.2)
    started = time.monotonic()
    assert isinstance(read_temperature("command:sleep 61; sleep 62", tmp_path), Unknown)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("line", ["yes", "yes & sleep 63", "head -c 5000 /dev/zero; sleep 63"])
def test_a_program_that_never_stops_talking_is_ended_at_once(tmp_path: Path, line: str) -> None:
    started = time.monotonic()
    assert isinstance(read_temperature(f"command:{line}", tmp_path), Unknown)
    assert time.monotonic() - started < SECONDS


def test_what_may_be_thousandths_is_unknown_and_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "temp").write_text("54000\n")
    said = "file temp: 54000 degrees is no temperature of a machine that runs"
    assert read_temperature("file:temp", tmp_path) == Unknown(f"{said}; it may be thousandths, to be divided: 54 degrees")
    (tmp_path / "temp").write_text("160\n")
    assert read_temperature("file:temp", tmp_path) == Unknown("file temp: 160 degrees is no temperature of a machine that runs")


def test_of_a_file_only_the_beginning_is_read(tmp_path: Path) -> None:
    with (tmp_path / "long").open("wb") as file:
        file.write(b"61 " + b" " * 5000)
        file.truncate(600_000_000)
    tracemalloc.start()
    assert read_temperature("file:long", tmp_path) == Reading(61, "file long")
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert isinstance(read_temperature("file:no\0path", tmp_path), Unknown)


def test_by_hand_a_program_may_take_as_long_as_under_the_engine() -> None:
    own = (Path(__file__).resolve().parents[2] / "src/host/sensors/own.ts").read_text("utf-8")
    assert f"commandMs = {SECONDS * 1000:.0f};" in own


@pytest.mark.parametrize("celsius", [0.0, -20.5, 150.5, float("nan"), float("inf")])
def test_what_no_running_machine_can_have_is_no_temperature(celsius: float) -> None:
    assert not is_plausible(celsius)
    assert is_plausible(5.1)
    assert is_plausible(150)


STANDING_AT_LAST = [case for case in STANDING if case["frozen_after_minutes"] is not None]


@pytest.mark.parametrize("case", STANDING_AT_LAST, ids=lambda case: case["name"])
def test_a_reading_that_stands_still_under_load_is_frozen_as_under_the_engine(case: dict[str, Any]) -> None:
    still, at, readings = Standstill(), 0.0, list(case["celsius"])
    until = (len(readings) - 1) * case["every_seconds"] + case["frozen_after_minutes"] * 60
    while at < until:
        assert not still.is_frozen(readings[0], at, loaded=True)
        at, readings = at + case["every_seconds"], readings[1:] or readings
    assert still.is_frozen(readings[0], at, loaded=True)


def test_without_load_a_reading_may_stay_as_it_is() -> None:
    still = Standstill()
    assert not any(still.is_frozen(54.3, at, loaded=False) for at in range(0, 7200, 5))

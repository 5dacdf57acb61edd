"""Reads the temperature of this machine once. Knows nothing of thresholds and of what to do about heat.

The sensors are the engine's (src/host/sensors/), but asked one by one: hwmon and thermal zones on Linux, macmon, smctemp and thermal
pressure on macOS, nvidia-smi, or a file or command that the study names. The first plausible answer wins, and of processor and
accelerator the hotter one counts. What failed or cannot be right is unknown, never a number.
"""

import contextlib
import json
import math
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

SECONDS = 2.5
"""How long a program may take for its answer, as under the engine."""

SPACE = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
"""What may stand around a number: what JavaScript calls space, the mark at the beginning of a Windows file included."""

ANSWER_BYTES = 4096
"""No sensor has more to say; what goes on beyond is none."""

CHIPS = (("coretemp", r"Package id \d+"), ("k10temp", "Tdie"), ("k10temp", "Tctl"), ("cpu_thermal", ".*"))
"""hwmon chips and the labels that count, the best first. Ryzen's Tctl may lie above the true Tdie."""

ZONES = ("x86_pkg_temp", "cpu.*")
"""Types of thermal zones; never `acpitz`, which is the board and on many of them a constant."""

MACMON = ("macmon", "pipe", "-s", "1", "-i", "500")
SMCTEMP = ("smctemp", "-c", "-i25", "-n20", "-f")
PRESSURE = ("notifyutil", "-g", "com.apple.system.thermalpressurelevel")
NVIDIA = ("nvidia-smi", "--query-gpu=index,temperature.gpu,utilization.gpu", "--format=csv,noheader,nounits")

LEVELS = ("nominal", "moderate", "heavy", "trapping", "sleeping")


@dataclass(frozen=True, slots=True)
class Reading:
    """Degrees Celsius, and which sensor says so."""

    celsius: float
    source: str
    is_idle: bool = field(default=False, compare=False)
    """Nothing heats what it measures: it may well stay as it is."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard a system fights the heat that tells no degrees: one of `LEVELS`, mildest first."""

    level: str
    source: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No reading, and why."""

    why: str


Sample = Reading | Pressure | Unknown


def read_temperature(
    sensor: str,
    workspace: Path,
    system: Path = Path("/sys/class"),
    platform: str = sys.platform,
    judge: Callable[[Sample], Sample] = lambda sample: sample,
) -> Sample:
    """The temperature by `sensor`: `auto`, `file:PATH` or `command:LINE`, as seen from the workspace. What `judge` makes unknown yields to
    the next sensor."""
    kind, _, rest = sensor.partition(":")
    if kind == "file":
        return judge(_degrees(_read(workspace / rest), f"file {rest}"))
    if kind == "command":
        return judge(_degrees(_run(("sh", "-c", rest), workspace), f"command {rest}"))
    if platform == "darwin":
        return _first(map(judge, _ask_mac()))
    return _hottest([_first(map(judge, _read_files(system))), judge(_ask(NVIDIA, parse_nvidia))])


def is_plausible(celsius: float) -> bool:
    """Whether a number can be the temperature of a running machine: no such machine is as cold as what sensors and scripts say that have no
    reading (0, -1)."""
    return math.isfinite(celsius) and 5 < celsius <= 150


class Standstill:
    """Tells when a sensor's reading has stood still under load for too long to be one, as the engine does (`standstill.ts`)."""

    FINE_SECONDS = 600.0
    """A sensor that tells tenths moves all the time; of one that tells whole degrees a steady machine may say the same for long."""

    COARSE_SECONDS = 3600.0
    LEAST_TIMES = 5
    """Seldom asked, it may well be met at the same degrees twice."""

    def __init__(self) -> None:
        self._last: tuple[float, float, bool] | None = None
        self._is_fine = False
        self._times = 0
        self._seconds = 0.0

    def is_frozen(self, celsius: float, at: float, loaded: bool) -> bool:
        """Told every reading in its order; `at` in seconds on a clock that only goes forward."""
        self._is_fine = self._is_fine or celsius * 2 != int(celsius * 2)
        before, self._last = self._last, (celsius, at, loaded)
        if before is None or before[0] != celsius:
            self._times, self._seconds = 1, 0.0
            return False
        if loaded and before[2]:
            self._times += 1
            self._seconds += at - before[1]
        limit = self.FINE_SECONDS if self._is_fine else self.COARSE_SECONDS
        return self._times >= self.LEAST_TIMES and self._seconds >= limit


def _ask_mac() -> Iterator[Sample]:
    yield _ask(MACMON, parse_macmon)
    yield _ask(SMCTEMP, lambda text: _degrees(text, "smctemp"))
    yield _ask(PRESSURE, parse_pressure)


def _read_files(system: Path) -> Iterator[Sample]:
    """Each kind of sensor that Linux shows as files, the best first; of several of a kind the hottest."""
    chips = [(_read(path.parent / "name"), path) for path in sorted((system / "hwmon").glob("hwmon*/temp*_input"))]
    labelled = [(name, _read(path.with_name(path.name.replace("_input", "_label"))) or "", path) for name, path in chips]
    for chip, wanted in CHIPS:
        inputs = [(label, path) for name, label, path in labelled if name == chip and re.fullmatch(wanted, label)]
        yield _hottest(_thousandths(path, f"hwmon {chip} {label}".strip()) for label, path in inputs)
    zones = [(_read(zone / "type") or "", zone) for zone in sorted((system / "thermal").glob("thermal_zone*"))]
    for wanted in ZONES:
        yield _hottest(_thousandths(zone / "temp", f"thermal zone {name}") for name, zone in zones if re.fullmatch(wanted, name))


def parse_macmon(text: str | None) -> Sample:
    """The hotter half of the chip, in a line of `macmon pipe`; a half without a sensor says 0."""
    try:
        degrees = json.loads(text or "")["temp"]
        halves = [("macmon CPU", degrees.get("cpu_temp_avg")), ("macmon GPU", degrees.get("gpu_temp_avg"))]
    except (ValueError, TypeError, KeyError, AttributeError):
        return Unknown("macmon: no answer")
    return _hottest(_judge(celsius, source) for source, celsius in halves if isinstance(celsius, int | float))


def parse_pressure(text: str | None) -> Sample:
    """What `notifyutil -g` prints: the notification's name and a number."""
    found = re.fullmatch(r"com\.apple\.system\.thermalpressurelevel (\d+)", (text or "").strip())
    if found is None or int(found[1]) >= len(LEVELS):
        return Unknown("thermal pressure: no level that is known")
    return Pressure(LEVELS[int(found[1])], "thermal pressure")


def parse_nvidia(text: str | None) -> Sample:
    """The hottest device; one that has no sensor says `[N/A]`."""
    lines = [line.split(",") for line in (text or "").splitlines()]
    devices = [(_degrees(line[1], f"nvidia-smi GPU {line[0].strip()}"), line[2:]) for line in lines if len(line) > 1]
    return _hottest(
        replace(sample, is_idle=[part.strip() for part in rest] == ["0"]) if isinstance(sample, Reading) else sample
        for sample, rest in devices
    )


def _degrees(text: str | None, source: str) -> Sample:
    """One number, with or without its unit, as the engine reads it."""
    found = re.fullmatch(r"([+-]?[0-9]+(?:\.[0-9]+)?)[ \t]*(?:(?:°[ \t]*)?C)?", (text or "").strip(SPACE))
    return _judge(float(found[1]), source) if found is not None else Unknown(f"{source}: no answer")


def _thousandths(path: Path, source: str) -> Sample:
    text = _read(path) or ""
    return _judge(int(text) / 1000, source) if re.fullmatch(r"-?[0-9]+", text) else Unknown(f"{source}: no answer")


def _judge(celsius: float, source: str) -> Sample:
    if is_plausible(celsius):
        return Reading(celsius, source)
    # The kernel's files hold thousandths: a study that names one of them must divide.
    may_be_thousandths = abs(celsius) >= 1000 and is_plausible(celsius / 1000)
    hint = f"; it may be thousandths, to be divided: {celsius / 1000:.15g} degrees" if may_be_thousandths else ""
    return Unknown(f"{source}: {celsius:.15g} degrees is no temperature of a machine that runs{hint}")


_NO_SENSOR = Unknown("no sensor")


def _first(samples: Iterable[Sample]) -> Sample:
    """The first one that says something; else why the first sensor that is there does not."""
    silent: list[Sample] = []
    for sample in samples:
        if not isinstance(sample, Unknown):
            return sample
        silent.append(sample)
    return next((sample for sample in silent if sample != _NO_SENSOR), _NO_SENSOR)


def _hottest(samples: Iterable[Sample]) -> Sample:
    """One that says nothing must not hide another one's heat."""
    found = list(samples)
    known = [sample for sample in found if isinstance(sample, Reading)]
    return max(known, key=lambda reading: reading.celsius) if known else _first(found)


def _read(path: Path) -> str | None:
    try:
        # A pipe would wait for its writer.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(ANSWER_BYTES).decode("utf-8", errors="replace").strip(SPACE)
    except (OSError, ValueError):
        return None


def _ask(command: Sequence[str], parse: Callable[[str | None], Sample]) -> Sample:
    return parse(_run(command)) if shutil.which(command[0]) is not None else _NO_SENSOR


def _run(command: Sequence[str], folder: Path | None = None) -> str | None:
    """What a program prints; None where it is not there, fails, takes too long or prints too much."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    until = time.monotonic() + SECONDS
    with process:
        said = _read_until(process, until)
        try:
            status = process.wait(max(0.0, until - time.monotonic())) if said is not None else None
        except subprocess.TimeoutExpired:
            status = None
        if status is None:
            # With all that a shell has started: it would go on.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    return said.decode("utf-8", errors="replace") if said is not None and status == 0 else None


def _read_until(process: subprocess.Popen[bytes], until: float) -> bytes | None:
    """All that the program prints; None where its end does not come in time, or not within the bound."""
    assert process.stdout is not None
    said = b""
    while len(said) <= ANSWER_BYTES and select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))[0]:
        part = os.read(process.stdout.fileno(), ANSWER_BYTES + 1)
        if part == b"":
            return said
        said += part
    return None

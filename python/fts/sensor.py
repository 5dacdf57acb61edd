"""Reads the temperature of this machine once. Knows nothing of thresholds and of what to do about heat.

The chain of readers is the engine's: hwmon and thermal zones on Linux, macmon, smctemp and the thermal pressure on macOS, nvidia-smi,
or a file or program that the study names. The first plausible reading wins. One that failed, or cannot be right, is unknown and never
a number.
"""

import contextlib
import json
import math
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 5.0
"""How long a program may take for its answer."""

CHIPS = (("coretemp", "Package id 0"), ("k10temp", "Tdie"), ("k10temp", "Tctl"), ("cpu_thermal", None))
"""hwmon chips and the label of the one temperature that counts, in order of preference; None = the first one."""

NVIDIA = ("nvidia-smi", "--query-gpu=temperature.gpu,utilization.gpu", "--format=csv,noheader,nounits")
MACMON = ("macmon", "pipe", "--samples", "1", "--interval", "500")
SMCTEMP = ("smctemp", "-c")
PRESSURE = ("notifyutil", "-g", "com.apple.system.thermalpressurelevel")
LEVELS = ("nominal", "moderate", "heavy", "trapping", "sleeping")


@dataclass(frozen=True, slots=True)
class Reading:
    """Degrees Celsius, and which sensor says so."""

    celsius: float
    source: str


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
Candidate = tuple[str, float | Pressure | None]
"""A sensor that is there, and what it said."""


def read_temperature(sensor: str, workspace: Path, system: Path = Path("/sys/class")) -> Sample:
    """The temperature by `sensor`: `auto`, `file:PATH` or `command:PROGRAM ARGUMENTS`, both as seen from the workspace."""
    kind, _, rest = sensor.partition(":")
    if kind == "file":
        return _judge([(f"file {rest}", parse_degrees(_read(workspace / rest)))])
    if kind == "command":
        return _judge([(f"command {rest}", parse_degrees(_run(shlex.split(rest), workspace)))])
    return _judge(_candidates(system))


def is_plausible(celsius: float | None) -> bool:
    """Whether a number can be the temperature of a running machine: sensors that do not answer say 0, or something absurd."""
    return celsius is not None and math.isfinite(celsius) and -20 <= celsius <= 150 and celsius != 0


def _judge(candidates: Iterable[Candidate]) -> Sample:
    silent = []
    for source, said in candidates:
        if isinstance(said, Pressure):
            return said
        if said is not None and is_plausible(said):
            return Reading(said, source)
        silent.append(source)
    return Unknown(f"no reading from {', '.join(silent)}" if silent else "no sensor")


def _candidates(system: Path) -> Iterator[Candidate]:
    """Every sensor that is there, in the order in which they are believed."""
    if sys.platform == "darwin":
        yield from _ask("macmon", MACMON, parse_macmon)
        yield from _ask("smctemp", SMCTEMP, parse_degrees)
        yield from _ask("thermal pressure", PRESSURE, parse_pressure)
    else:
        yield from read_hwmon(system / "hwmon")
        yield from read_zones(system / "thermal")
    yield from _ask("nvidia-smi", NVIDIA, parse_nvidia)


def read_hwmon(folder: Path) -> Iterator[Candidate]:
    """The known chips in `/sys/class/hwmon`, by name: their numbers differ from one start of the machine to the next."""
    chips = [(_read(chip / "name"), chip) for chip in sorted(folder.glob("hwmon*"))]
    for name, label in CHIPS:
        for chip in (chip for found, chip in chips if found == name):
            inputs = sorted(chip.glob("temp*_input"))
            wanted = (one for one in inputs if label is None or _read(one.with_name(one.name.replace("_input", "_label"))) == label)
            if (chosen := next(wanted, None)) is not None:
                yield f"hwmon {name}", _thousandth(_read(chosen))


def read_zones(folder: Path) -> Iterator[Candidate]:
    """Thermal zones in `/sys/class/thermal`, by type; never `acpitz`, which on many boards is a constant."""
    zones = [(_read(zone / "type") or "", zone) for zone in sorted(folder.glob("thermal_zone*"))]
    for name, zone in [one for one in zones if one[0] == "x86_pkg_temp"] + [one for one in zones if one[0].startswith("cpu")]:
        yield f"zone {name}", _thousandth(_read(zone / "temp"))


def parse_macmon(text: str | None) -> float | None:
    """The hotter one of CPU and GPU in the last line of `macmon pipe`."""
    with contextlib.suppress(ValueError, TypeError, AttributeError, IndexError):
        found = json.loads((text or "").strip().splitlines()[-1])["temp"]
        degrees = [found.get(name) for name in ("cpu_temp_avg", "gpu_temp_avg")]
        return max((float(one) for one in degrees if isinstance(one, int | float) and is_plausible(one)), default=None)
    return None


def parse_nvidia(text: str | None) -> float | None:
    """The hottest device; one that has no sensor says `[N/A]`."""
    degrees = [parse_degrees(line.split(",")[0]) for line in (text or "").splitlines()]
    return max((one for one in degrees if one is not None and is_plausible(one)), default=None)


def parse_pressure(text: str | None) -> Pressure | None:
    """What `notifyutil -g` prints: the notification's name and a number."""
    words = (text or "").split()
    known = len(words) == 2 and words[1].isdigit() and int(words[1]) < len(LEVELS)
    return Pressure(LEVELS[int(words[1])], "thermal pressure") if known else None


def parse_degrees(text: str | None) -> float | None:
    """One number, with or without a unit; None for anything else."""
    words = (text or "").replace("°", " ").split()
    if len(words) == 0 or words[1:] not in ([], ["C"]):
        return None
    try:
        return float(words[0])
    except ValueError:
        return None


def _ask(source: str, command: Sequence[str], parse: Callable[[str | None], float | Pressure | None]) -> Iterator[Candidate]:
    if shutil.which(command[0]) is not None:
        yield source, parse(_run(command))


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return None


def _run(command: Sequence[str], folder: Path | None = None) -> str | None:
    """What a program prints; None where it is not there, fails or takes too long."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout


def _thousandth(text: str | None) -> float | None:
    number = parse_degrees(text)
    return None if number is None else number / 1000

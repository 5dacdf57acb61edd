"""Looks after the heat of a run by hand: refuses or delays its start, pauses it, stops it. Under an engine the engine does that.

Nothing imports this module by a statement (see `fts.run`), so it is in no key.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from fts.outcomes import BadInput, Refused
from fts.parameters import check_names
from fts.sensor import Pressure, Reading, Sample, Standstill, Unknown, read_temperature
from fts.stop import HEAT, Stop

State = Literal["unknown", "normal", "acceptable", "warning", "critical"]
STATES: tuple[State, ...] = ("unknown", "normal", "acceptable", "warning", "critical")

DECISIVE = 2
"""One reading may be a slip: so many decide."""

ADVICE = "What helps: wait; a smaller batch; fewer threads"
SENSOR_ADVICE = "What helps: a sensor that answers (thermal.sensor), or thermal.unknown: warn"

SAMPLE = (0.1, 24 * 86400.0)
MAX_WAIT = (0.001, 36500 * 86400.0)
"""From the least to the most, in seconds; as the engine takes them (src/config/safety.ts)."""

_PRESSURES: Mapping[str, State] = {"nominal": "normal", "moderate": "acceptable", "heavy": "warning"}


@dataclass(frozen=True, slots=True)
class Thermal:
    """`thermal` of a study, with its usual values. Degrees Celsius, seconds."""

    acceptable: float = 70
    resume: float = 80
    warn: float = 85
    abort: float = 95
    unknown: Literal["warn", "refuse"] = "warn"
    sample: float = 5
    max_wait: float = 7200
    sensor: str = "auto"


def watch(plain: Mapping[str, Any], workspace: Path, stop: Stop, say: Callable[[str], None]) -> "HandHeat":
    """A watch over one run; what is wrong with `plain` is told at its start."""
    return HandHeat(read_thermal(plain), workspace, stop, say)


def read_thermal(plain: Mapping[str, Any]) -> Thermal | BadInput:
    """The thresholds of a script, checked."""
    if (unknown := check_names(plain, [field.name for field in fields(Thermal)], "thermal")) is not None:
        return unknown
    thermal = Thermal(**plain)
    for name in ("acceptable", "resume", "warn", "abort", "sample", "max_wait"):
        value = getattr(thermal, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            return BadInput(f"thermal: {name} must be a number > 0, not {value!r}")
    for name, value, (least, most) in (("sample", thermal.sample, SAMPLE), ("max_wait", thermal.max_wait, MAX_WAIT)):
        if not least <= value <= most:
            return BadInput(f"thermal: {name} must be from {least:g} to {most:.15g} seconds, not {value!r}")
    if not thermal.acceptable < thermal.resume < thermal.warn < thermal.abort:
        return BadInput("thermal: acceptable, resume, warn and abort must rise")
    if thermal.unknown not in ("warn", "refuse"):
        return BadInput(f"thermal: unknown must be warn or refuse, not {thermal.unknown!r}")
    if thermal.sensor != "auto" and not thermal.sensor.startswith(("file:", "command:")):
        return BadInput(f"thermal: sensor must be auto, file:PATH or command:LINE, not {thermal.sensor!r}")
    return thermal


@dataclass(frozen=True, slots=True)
class _Seen:
    """Warm and critical readings since the last one that was not, unknown ones since the last that was known. An unknown one is no
    reading: it counts towards no threshold."""

    warm: int = 0
    critical: int = 0
    unknown: int = 0

    def after(self, state: State) -> "_Seen":
        if state == "unknown":
            return _Seen(self.warm, self.critical, self.unknown + 1)
        return _Seen(
            warm=self.warm + 1 if state in ("warning", "critical") else 0,
            critical=self.critical + 1 if state == "critical" else 0,
        )


class HandHeat:
    """One run's watch: asked once at the start and before each trial and epoch; readings are at least `sample` seconds apart."""

    def __init__(self, thermal: Thermal | BadInput, workspace: Path, stop: Stop, say: Callable[[str], None]) -> None:
        self._wrong = thermal if isinstance(thermal, BadInput) else None
        self._thermal = Thermal() if isinstance(thermal, BadInput) else thermal
        self._workspace = workspace
        self._stop = stop
        self._say = say
        self._highest: float | None = None
        self._worst: State = "unknown"
        self._read_at = float("-inf")
        self._standstills: dict[str, Standstill] = {}

    @property
    def hottest(self) -> tuple[float | None, State]:
        """The highest temperature so far and the worst state; None and `unknown` where nothing was read."""
        return self._highest, self._worst

    def start(self) -> Refused | BadInput | None:
        """Tells the temperature, waits where it is too high for a start, and refuses where waiting does not help."""
        if self._wrong is not None:
            return self._wrong
        sample = self._read(loaded=False)
        self._say(f"Thermal: {self._describe(sample)}")
        why = self._settle(sample, starting=True)
        return Refused(f"not started, by the thermal settings of the study: {why}") if why is not None else None

    def look(self) -> None:
        """Pauses here while it is too hot, and asks for a stop where that does not help."""
        if time.monotonic() - self._read_at < self._thermal.sample:
            return
        why = self._settle(self._read(loaded=True), starting=False)
        if why is not None:
            self._say(f"Thermal: saving and stopping: {why}")
            self._stop.request(HEAT)

    def _settle(self, sample: Sample, *, starting: bool) -> str | None:
        """Reads on until the run may go on; gives why it may not. The rules are the engine's (src/build/heat.ts)."""
        seen, waits_since = _Seen(), None
        while not self._stop.requested:
            seen = seen.after(self._state_of(sample))
            is_dark = self._thermal.unknown == "refuse" and seen.unknown >= DECISIVE
            if seen.critical >= DECISIVE:
                return self._reason(sample, f"at or above {self._thermal.abort:g} C")
            if starting and is_dark:
                return self._reason(sample, "and thermal.unknown is refuse")
            if waits_since is not None:
                if self._is_cool(sample):
                    self._say(f"Thermal: {self._describe(sample)}: going on")
                    return None
                if time.monotonic() - waits_since >= self._thermal.max_wait:
                    return self._reason(sample, f"after {_duration(self._thermal.max_wait)} of waiting")
            elif seen.warm >= (1 if starting else DECISIVE) or is_dark:
                waits_since = time.monotonic()
                self._tell_wait(sample)
            elif not self._is_undecided(seen):
                return None
            self._sleep()
            sample = self._read(loaded=False)
        return None

    def _is_undecided(self, seen: "_Seen") -> bool:
        """Whether the next reading decides. An unknown one never does where the study goes on without."""
        return self._thermal.unknown == "refuse" if seen.unknown > 0 else seen.warm > 0

    def _tell_wait(self, sample: Sample) -> None:
        limit = f"until below {self._thermal.resume:g} C, at most {_duration(self._thermal.max_wait)}"
        self._say(f"Thermal: {self._describe(sample)}: waiting {limit}. {_advice(sample)}")

    def _reason(self, sample: Sample, because: str) -> str:
        """Why the run may not go on, with what helps."""
        return f"{self._describe(sample)}, {because}. {_advice(sample)}"

    def _read(self, *, loaded: bool) -> Sample:
        sample = read_temperature(self._thermal.sensor, self._workspace, judge=lambda seen: self._judge(seen, loaded))
        self._read_at = time.monotonic()
        self._worst = max(self._worst, self._state_of(sample), key=STATES.index)
        if isinstance(sample, Reading):
            self._highest = sample.celsius if self._highest is None else max(self._highest, sample.celsius)
        return sample

    def _judge(self, sample: Sample, loaded: bool) -> Sample:
        """A reading that stands still under load is none, unless it acts: a sensor that is stuck may hide nothing hotter."""
        if not isinstance(sample, Reading):
            return sample
        standstill = self._standstills.setdefault(sample.source, Standstill())
        is_frozen = standstill.is_frozen(sample.celsius, time.monotonic(), loaded and not sample.is_idle)
        if not is_frozen or sample.celsius >= self._thermal.warn:
            return sample
        return Unknown(f"{sample.source}: frozen: it stands still at {sample.celsius:.15g} degrees under load")

    def _sleep(self) -> None:
        """In small steps, so that a signal is not left waiting."""
        until = time.monotonic() + self._thermal.sample
        while not self._stop.requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))

    def _state_of(self, sample: Sample) -> State:
        match sample:
            case Unknown():
                return "unknown"
            case Pressure(level=level):
                return _PRESSURES.get(level, "critical")
            case Reading(celsius=celsius):
                if celsius >= self._thermal.abort:
                    return "critical"
                if celsius >= self._thermal.warn:
                    return "warning"
                return "acceptable" if celsius >= self._thermal.acceptable else "normal"

    def _is_cool(self, sample: Sample) -> bool:
        if isinstance(sample, Reading):
            return sample.celsius < self._thermal.resume
        return self._state_of(sample) in ("normal", "acceptable")

    def _describe(self, sample: Sample) -> str:
        match sample:
            case Unknown(why=why):
                return f"unknown ({why})"
            case Pressure(level=level, source=source):
                return f"{level} ({self._state_of(sample)}, {source})"
            case Reading(celsius=celsius, source=source):
                return f"{celsius:.4g} C ({self._state_of(sample)}, {source})"


def _advice(sample: Sample) -> str:
    """Nothing cools a sensor that does not answer."""
    return SENSOR_ADVICE if isinstance(sample, Unknown) else ADVICE


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"

"""The job file, by which an engine tells a step what it is. Knows nothing of what the step does; without a job a script runs by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fts.outcomes import BadInput

JOB_VARIABLE = "FTSBUILD_JOB"
PROGRESS_VARIABLE = "FTSBUILD_PROGRESS_FD"

IDENTITY_FIELDS = ("experiment", "phase", "budget", "task", "horizon", "timescale", "tier", "data")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the job's key is over: modules (paths from `fts/` on; their digests are in `code`), files with their digests, the versions
    (major.minor) of packages and of Python itself, and modules of the workspace with their digests."""

    modules: tuple[str, ...]
    files: Mapping[str, str]
    versions: Mapping[str, str] = field(default_factory=dict)
    workspace: Mapping[str, str] | None = None
    """None under an engine that does not know modules of the workspace: then nothing is said of any module outside the key."""


@dataclass(frozen=True, slots=True)
class Job:
    """As `schemas/job.schema.json` says. Paths in `params` and `output` are relative to `workspace`."""

    rule: str
    node: str
    key: str
    attempt: int
    workspace: Path
    identity: Mapping[str, Any] | None
    params: Mapping[str, Any]
    extent: Mapping[str, Any]
    output: str
    seed: int | None
    control: str | None
    code: Mapping[str, str]
    data: Mapping[str, Any] | None
    git_commit: str | None
    git_dirty: bool | None
    trial_cache: Mapping[str, str] | None = None
    """Absolute `directory` of the results of all trials of the workspace, and the `context` of this study's; None where there is none."""
    judged: Judged | None = None
    takes_over: bool = False
    """The study that lies in the folder is this one, whatever it says of itself: it was adopted, or made by hand."""
    adopted: Mapping[str, Any] | None = None
    """How many `trials` of the study in the folder, from the first one on, are there by a person's word, and the `reason`."""
    memory_gate: Literal["estimate", "none"] = "estimate"
    """Whether a configuration that cannot fit into free memory is left out."""


def read_job(environment: Mapping[str, str]) -> Job | BadInput | None:
    """The job that the environment names, or None where it names none."""
    path = environment.get(JOB_VARIABLE)
    if not path:
        return None
    try:
        plain = json.loads(Path(path).read_text("utf-8"))
        if plain["schema_version"] != 1:
            return BadInput(f"{path}: job file of version {plain['schema_version']!r}, this package reads version 1")
        provenance = plain["provenance"]
        return Job(
            rule=plain["rule"],
            node=plain["node"],
            key=plain["key"],
            attempt=plain["attempt"],
            workspace=Path(plain["workspace"]),
            identity=plain.get("identity"),
            params=plain["params"],
            extent=plain.get("extent", {}),
            output=plain["output"],
            seed=plain.get("seed"),
            control=plain.get("control"),
            code=plain["code"],
            data=provenance["data"],
            git_commit=provenance["git_commit"],
            git_dirty=provenance["git_dirty"],
            judged=_read_judged(plain.get("judged")),
            trial_cache=plain.get("trial_cache"),
            takes_over=plain.get("takes_over", False),
            adopted=plain.get("adopted"),
            memory_gate=plain.get("memory_gate", "estimate"),
        )
    except OSError as error:
        return BadInput(f"{path}: the job file cannot be read: {error.strerror}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return BadInput(f"{path}: not a job file ({type(error).__name__}: {error})")


def _read_judged(plain: Mapping[str, Any] | None) -> Judged | None:
    if plain is None:
        return None
    return Judged(tuple(plain["modules"]), dict(plain["files"]), dict(plain.get("versions", {})), plain.get("workspace"))


def first_difference(job: Mapping[str, Any], script: Mapping[str, Any]) -> str | None:
    """How the parameters of a job and of its script differ, in words; None where they are the same."""
    for name in sorted(job.keys() | script.keys()):
        if name not in script:
            return f'the job sets "{name}" to {job[name]!r}, the script does not know it'
        if name not in job:
            return f'the script sets "{name}" to {script[name]!r}, the job does not know it'
        if not _same(job[name], script[name]):
            return f'"{name}" is {job[name]!r} in the job and {script[name]!r} in the script'
    return None


def _same(left: object, right: object) -> bool:
    # A tuple in a script is a list in JSON, and 1.0 may be written 1; True is not 1 all the same.
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(_same(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(left[name], right[name]) for name in left)
    return left == right

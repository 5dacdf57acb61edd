"""Result files: written whole or not at all, and refused by a reader that they were not made for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fts.job import IDENTITY_FIELDS
from fts.outcomes import BadInput
from fts.progress import finite
from fts.writing import write_bytes

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class BestParams:
    """What a training takes from a study's (or a borrow's) `best_params.json`."""

    params: Mapping[str, Any]
    key: str | None
    status: str
    borrowed_from: tuple[str, ...]


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Replaces `path` as a whole; numbers that do not exist become null."""
    text = json.dumps(finite(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode())


def read_best_params(
    path: Path, shown: str, identity: Mapping[str, Any], borrowed_from: Sequence[str], accept_partial: bool
) -> BestParams | BadInput:
    """The best parameters of exactly this experiment. `shown` is how messages name the file.

    Refused are: no file, no JSON, another kind or version, another experiment's identity (incident 30), a partial study (incident 5)
    unless accepted, and sources other than those that the script names.
    """
    try:
        plain = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return BadInput(f"{shown} is missing; run the search of {identity['experiment']} first")
    except (OSError, ValueError) as error:
        return BadInput(f"{shown} cannot be read ({error}); run the search of {identity['experiment']} again")
    if not isinstance(plain, dict) or plain.get("kind") != "best_params":
        return BadInput(f"{shown} is no best-parameters file; run the search of {identity['experiment']} again")
    if plain.get("schema_version") != SCHEMA_VERSION:
        return BadInput(
            f"{shown} has schema version {plain.get('schema_version')!r}, this package reads {SCHEMA_VERSION}; run the search again"
        )
    wrong = _check_identity(plain, identity) or _check_status(plain, accept_partial) or _check_sources(plain, borrowed_from)
    if wrong is not None:
        return BadInput(f"{shown} {wrong}")
    if not isinstance(plain.get("params"), dict):
        return BadInput(f"{shown} holds no params; run the search of {identity['experiment']} again")
    return BestParams(plain["params"], plain.get("key"), plain["status"], tuple(borrowed_from))


def _check_identity(plain: Mapping[str, Any], identity: Mapping[str, Any]) -> str | None:
    found = plain.get("identity")
    if not isinstance(found, dict):
        return "does not say which experiment it belongs to; run the search again"
    for field in IDENTITY_FIELDS:
        if found.get(field) != identity.get(field):
            return (
                f"belongs to {found.get('experiment')!r} ({field} {found.get(field)!r}), not to {identity['experiment']!r} "
                f"({field} {identity.get(field)!r}); run the search of {identity['experiment']} again, do not copy files by hand"
            )
    return None


def _check_status(plain: Mapping[str, Any], accept_partial: bool) -> str | None:
    status = plain.get("status")
    if status == "complete" or (status == "partial" and accept_partial):
        return None
    if status != "partial":
        return f"has the status {status!r}, which is neither complete nor partial; run the search again"
    trials = plain.get("trials") or {}
    return (
        f"comes from a partial study ({trials.get('ended')} of {trials.get('expected')} trials); "
        "let the search finish, or set accept_partial in the phase"
    )


def _check_sources(plain: Mapping[str, Any], borrowed_from: Sequence[str]) -> str | None:
    sources = plain.get("sources")
    found = [source.get("experiment") for source in sources if isinstance(source, dict)] if isinstance(sources, list) else []
    if set(found) <= set(borrowed_from) and bool(found) == bool(borrowed_from):
        return None
    return (
        f"was made from {found or 'a study of its own'}, the script expects {list(borrowed_from) or 'a study of its own'}; build it again"
    )

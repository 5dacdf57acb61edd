"""Whether a job still runs what the engine judged: its modules as they were loaded, its script and the files it read, its packages."""

import importlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

from fts.job import Job, Judged
from fts.sources import ROOT, SourceLoader, is_own, ran_old_bytecode

_STANDARD = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120


@dataclass(frozen=True, slots=True)
class ChangedUnderway:
    """Something changed between the engine's judgement and its use here; what would come out is not what the key says."""

    what: str

    @property
    def message(self) -> str:
        """For a person."""
        return f"{self.what} changed while the job started"


def find_changed(job: Job | None) -> ChangedUnderway | None:
    """Call it when everything was read and before anything is spent. What is edited afterwards is in memory already, and does not count."""
    if job is None or job.judged is None:
        return None
    # Imported now, all of it: a module that is imported later might be another one by then.
    for path in job.judged.modules:
        if not path.endswith("__main__.py"):
            importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return (
        _find_other_code(job)
        or _first_changed(Path(ROOT), _package_of(job, job.judged))
        or _first_changed(job.workspace, {**job.judged.files, **(job.judged.workspace or {})})
        or _find_other_version(job.judged.versions)
    )


@dataclass(frozen=True, slots=True)
class Outsider:
    """A module of the package or of the workspace that was imported and is not in the key."""

    module: str
    path: str
    """From `fts/` on, or from the workspace."""
    sha256: str
    """Of the source that ran."""

    @property
    def message(self) -> str:
        """For a person."""
        return (
            f"{self.module} ({self.path}) was imported, and is not in the key: a change of it would change nothing; "
            f"name it in the study, `code: [{self.module}]`, or import it by an import statement in the script or in the package"
        )

    @property
    def edited_message(self) -> str:
        """The same of a module that is in the key."""
        return f"{self.module} ({self.path}) was edited after the run had started and before the run imported it"

    def ran(self, digest: str | None) -> bool | None:
        """Whether the source that ran is this one; None where nobody can tell."""
        loader = getattr(sys.modules[self.module].__spec__, "loader", None)
        return self.sha256 == digest if digest is not None and isinstance(loader, SourceLoader) and loader.digest is not None else None


class OutsideKey(Exception):
    """Raised through a training: what it makes would be kept under a key that does not tell all of it."""

    def __init__(self, message: str, reason: Literal["outside_key", "changed_underway"] = "outside_key") -> None:
        super().__init__(message)
        self.reason = reason


def look_for_outsiders(job: Job | None) -> None:
    """Raises `OutsideKey` where there are some. Call it after the first batch: little is spent, and nearly all that is needed is there."""
    for outsider in find_outsiders(job):
        raise OutsideKey(outsider.message)
    for edited in find_edited(job):
        raise OutsideKey(edited.edited_message, "changed_underway")


def find_outsiders(job: Job | None) -> list[Outsider]:
    """What was imported from the package and the workspace, held against what was judged."""
    if job is None or job.judged is None or job.judged.workspace is None:
        return []
    known = {*job.judged.modules, *_sources_of(job, job.judged)}
    return sorted((one for one in _own_modules(job.workspace) if one.path not in known), key=lambda one: one.path)


def find_edited(job: Job | None) -> list[Outsider]:
    """Modules of the key that were imported after somebody had edited them: what ran is not what was judged."""
    if job is None or job.judged is None:
        return []
    judged = _sources_of(job, job.judged)
    return sorted((one for one in _own_modules(job.workspace) if one.ran(judged.get(one.path)) is False), key=lambda one: one.path)


def _sources_of(job: Job, judged: Judged) -> dict[str, str]:
    """Digests of the modules in the key, by where they really lie: one of the workspace may be reached by a link."""
    root = os.path.realpath(job.workspace)
    places = {os.path.relpath(os.path.realpath(job.workspace / path), root): digest for path, digest in (judged.workspace or {}).items()}
    return {**_package_of(job, judged), **{path.replace(os.sep, "/"): digest for path, digest in places.items()}}


def _package_of(job: Job, judged: Judged) -> dict[str, str]:
    return {path: job.code[path] for path in judged.modules if path in job.code}


def _own_modules(workspace: Path) -> Iterator[Outsider]:
    folders = {ROOT: f"{ROOT}{os.sep}fts{os.sep}", os.path.realpath(workspace): f"{os.path.realpath(workspace)}{os.sep}"}
    # The script stands under a second name as well once `multiprocessing` is imported.
    main = sys.modules.get("__main__")
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        # Some modules make up a name for their file: torch.ops says `_ops.py`.
        if module is main or not isinstance(file, str) or not os.path.isabs(file):  # noqa: PTH117
            continue
        if file.startswith(_STANDARD) or "site-packages" in file:
            continue
        path = os.path.realpath(file)
        folder = next((folder for folder, start in folders.items() if path.startswith(start)), None)
        if folder is not None and is_own(path) and os.path.isfile(path):  # noqa: PTH113
            yield Outsider(name, os.path.relpath(path, folder).replace(os.sep, "/"), _digest_of(module, path))


def _digest_of(module: ModuleType, path: str) -> str:
    from fts.provenance import digest_file

    loader = getattr(module.__spec__, "loader", None)
    ran = loader.digest if isinstance(loader, SourceLoader) else None
    return ran or digest_file(Path(path))


def _find_other_code(job: Job) -> ChangedUnderway | None:
    """What ran is not what lies there: it was edited after it was imported, or Python took old bytecode for it."""
    judged = _sources_of(job, job.judged) if job.judged is not None else {}
    own = {one.module: one for one in _own_modules(job.workspace)}
    for name, one in own.items():
        if (one.path in judged and one.sha256 != judged[one.path]) or ran_old_bytecode(sys.modules[name]):
            return ChangedUnderway(one.path)
    return None


def _first_changed(folder: Path, digests: Mapping[str, str]) -> ChangedUnderway | None:
    from fts.provenance import digest_file

    for path, digest in digests.items():
        file = folder / path
        if not file.is_file() or digest_file(file) != digest:
            return ChangedUnderway(path)
    return None


def _find_other_version(versions: Mapping[str, str]) -> ChangedUnderway | None:
    """The engine knows them from a record; these are what is imported from here."""
    for name, judged in versions.items():
        found = platform.python_version() if name == "python" else _find_version(name)
        if not f"{found}.".startswith(f"{judged}."):
            return ChangedUnderway(f"the Python environment ({name} {judged} -> {found})")
    return None


def _find_version(name: str) -> str:
    from importlib import metadata

    try:
        # Without what a build of one's own adds: 2.9.1+cu130.
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return "absent"
